"""The package that is deployed: all that a function needs, nothing else, and the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.local.cloud import LocalCloud
from infra.package import FUNCTIONS, ROOT, Package, Unpackable, build, entries, libraries, own, pinned
from infra.package.builder import KEPT

TINY = {
    "index.py": "import helper\nKINDS = frozenset({'face', 'eye', 'nose', 'mouth'})\n"
    "def main_handler(event, context):\n    return event in {'a', 'b', 'c', 'd'} or helper.again(event)\n",
    "helper/__init__.py": "def again(event):\n    return event in {'x', 'y', 'z'}\n",
    "helper/deep/__init__.py": "",
    "helper/py.typed": "",
    "helper/README.md": "# No code",
    "helper/deep/page.html": "<!doctype html>",
    "helper/deep/page.js": "'use strict';",
    "notes/readme.txt": "not a package",
}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """What the local cloud runs: the package for this machine."""
    return build(tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def unpacked(shipped: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where SCF would unpack it."""
    folder = tmp_path_factory.mktemp("user")
    with zipfile.ZipFile(shipped.path) as content:
        content.extractall(folder)
    return folder


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A source folder of a few lines."""
    for name, text in TINY.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "source"


def names(package: Path) -> list[str]:
    """The files in a package."""
    with zipfile.ZipFile(package) as content:
        return content.namelist()


def run(unpacked: Path, text: str) -> str:
    """What a process prints that can import the package and the standard library alone."""
    ran = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-I", "-S", "-B", "-c", f"import sys; sys.path.insert(0, {str(unpacked)!r})\n{text}"],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def elsewhere(source: Path, target: Path, cwd: Path, umask: int, **environment: str) -> bytes:
    """The package as it is built by another process, under other circumstances."""
    text = f"import os; os.umask({umask}); from pathlib import Path; from infra.package import build;"
    text += f" print(build(Path({str(target)!r}), Path({str(source)!r})).path)"
    ran = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-c", text],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(ran.stdout.strip()).read_bytes()


def test_every_entry_point_imports_from_the_package_alone(unpacked: Path) -> None:
    found = entries()
    assert {"on_http", "on_upload"} <= set(found)
    for entry in found:
        assert run(unpacked, f"import {entry}; print(callable({entry}.main_handler))") == "True\n"


def test_an_entry_point_leaves_garbage_collection_on(unpacked: Path) -> None:
    for entry in entries():
        assert run(unpacked, f"import gc, {entry}; print(gc.isenabled())") == "True\n"


def test_an_import_compiles_nothing(unpacked: Path) -> None:
    told = run(
        unpacked,
        "compiled = []\n"
        "def hook(event, arguments):\n"
        # anyio parses the texts of its own packages, in half a millisecond, to know what to import later.
        "    if event == 'compile' and str(arguments[1]).endswith('.py') and '/anyio/' not in str(arguments[1]):\n"
        "        compiled.append(str(arguments[1]))\n"
        "sys.addaudithook(hook)\n"
        "import on_http, on_upload\n"
        "print(compiled, on_upload.__cached__)",
    )
    assert told.startswith(f"[] {unpacked}/__pycache__/on_upload.")


def test_the_audit_would_notice_a_source_without_bytecode(tiny: Path) -> None:
    told = run(
        tiny,
        "compiled = []\n"
        "sys.addaudithook(lambda event, arguments: event == 'compile' and compiled.append(str(arguments[1])))\n"
        "import index\n"
        "print(len([name for name in compiled if name.endswith('.py')]))",
    )
    assert told == "2\n"


def test_bytecode_is_not_compared_with_its_source(shipped: Package) -> None:
    with zipfile.ZipFile(shipped.path) as content:
        bytecode = {name: content.read(name) for name in content.namelist() if name.endswith(".pyc")}
        sources = [name for name in content.namelist() if name.endswith(".py")]
    assert len(bytecode) == len(sources) > 100
    # PEP 552: bit 0 says that there is a hash in place of a date, bit 1 that it is to be checked.
    assert {int.from_bytes(code[4:8], "little") for code in bytecode.values()} == {0b01}


def test_a_stack_trace_has_its_lines(unpacked: Path) -> None:
    told = run(
        unpacked,
        "import traceback, on_upload\n"
        "from facestamp import stamp\n"
        "try:\n    stamp.read(None)\nexcept Exception:\n    print(traceback.format_exc())",
    )
    assert f'File "{unpacked}/facestamp/stamp.py"' in told
    frame = next(line for line in told.splitlines() if "facestamp/stamp.py" in line)
    assert told.splitlines()[told.splitlines().index(frame) + 1].strip()


def test_nothing_ships_that_no_function_needs(shipped: Package) -> None:
    shipping = names(shipped.path)
    roots = {name.split("/")[0] for name in shipping}
    assert not {"Crypto", "infra", "tests", "dlib", "pytest", "moto"} & roots
    assert not [name for name in shipping if name.endswith((".pyi", ".typed", ".c", ".md", ".txt"))]
    assert not [name for name in shipping if ".dist-info" in name or "/tests/" in name or "__main__" in name]
    assert not [name for name in shipping if name.endswith(("/cli.py", "/test.py", "/testclient.py"))]
    modules = {name for name in shipping if name.startswith("tencentcloud/")}
    assert {name.split("/")[1] for name in modules} == {"__init__.py", "__pycache__", "common"}


def test_the_library_and_the_certificates_are_in_it(shipped: Package) -> None:
    shipping = set(names(shipped.path))
    assert {"on_http.py", "on_upload.py", "facestamp/__init__.py", "certifi/cacert.pem"} <= shipping
    ours = {path.relative_to(FUNCTIONS).as_posix() for path in FUNCTIONS.rglob("*.py")}
    assert ours <= shipping


def test_the_page_ships_with_the_modules_that_serve_it(tiny: Path, tmp_path: Path) -> None:
    shipping = names(build(tmp_path / "build", tiny).path)
    assert {"helper/deep/page.html", "helper/deep/page.js"} <= set(shipping)
    assert not [name for name in shipping if name.endswith((".md", ".typed", ".txt"))]


def test_the_handler_of_uploads_imports_nothing_of_the_api(unpacked: Path) -> None:
    of_the_api = "{name for name in sys.modules if name.split('.')[0] in ('anyio', 'mangum', 'starlette')"
    of_the_api += " or name.startswith('facestamp.http')}"
    assert run(unpacked, f"import on_upload; print({of_the_api})") == "set()\n"
    assert "starlette.routing" in run(unpacked, f"import on_http; print({of_the_api})")


def test_it_can_be_sent_inline(shipped: Package) -> None:
    """API 3.0 takes no request above 10 MB, and base64 makes four bytes of three."""
    assert shipped.bytes * 4 / 3 < 9_500_000


def test_built_twice_it_is_the_same(shipped: Package, tmp_path: Path) -> None:
    again = elsewhere(FUNCTIONS, tmp_path / "again", tmp_path, umask=0o027, TZ="Asia/Shanghai", PYTHONHASHSEED="7")
    assert again == shipped.path.read_bytes()
    assert hashlib.sha256(again).hexdigest() == shipped.sha256
    assert shipped.path.name == f"facestamp-{shipped.sha256[:16]}.zip"


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_built_elsewhere_it_is_the_same(tiny: Path, tmp_path: Path, seed: str) -> None:
    here = build(tmp_path / "here", tiny).path.read_bytes()
    (tmp_path / "other").mkdir()
    there = elsewhere(
        *(tiny, tmp_path / f"there{seed}", tmp_path / "other"),
        umask=0o077,
        TZ="Pacific/Kiritimati",
        LC_ALL="C",
        PYTHONHASHSEED=seed,
    )
    assert there == here


def test_built_from_a_copy_it_is_the_same(tiny: Path, tmp_path: Path) -> None:
    here = build(tmp_path / "here", tiny)
    for path in tiny.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    copied = tiny.rename(tmp_path / "another name")
    assert build(tmp_path / "there", copied).sha256 == here.sha256


def test_a_zip_entry_says_nothing_of_its_making(tiny: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(build(tmp_path / "build", tiny).path) as content:
        entries_ = content.infolist()
    assert [entry.filename for entry in entries_] == sorted(entry.filename for entry in entries_)
    assert {(e.date_time, e.external_attr, e.extra, e.comment) for e in entries_} == {
        ((1980, 1, 1, 0, 0, 0), 0o100644 << 16, b"", b""),
    }


def test_only_code_of_packages_is_taken(tiny: Path) -> None:
    modules = [name for name in sorted(own(tiny)) if name.endswith(".py")]
    assert modules == ["helper/__init__.py", "helper/deep/__init__.py", "index.py"]


def test_a_folder_keeps_the_last_few_packages(tiny: Path, tmp_path: Path) -> None:
    built = []
    for number in range(KEPT + 3):
        (tiny / "index.py").write_text(f"def main_handler(event, context):\n    return {number}\n")
        built.append(build(tmp_path / "build", tiny))
        # A file system may count in seconds.
        os.utime(built[-1].path, (number, number))
    assert [package.path.exists() for package in built] == [False] * 3 + [True] * KEPT


def test_the_local_cloud_runs_what_was_packaged(cloud: LocalCloud) -> None:
    deployed = {function.code_sha256 for function in cloud.scf.functions()}
    assert deployed == {build().sha256}


def test_a_change_makes_another_package(tiny: Path, tmp_path: Path) -> None:
    before = build(tmp_path / "build", tiny)
    (tiny / "index.py").write_text("def main_handler(event, context):\n    return 'changed'\n")
    after = build(tmp_path / "build", tiny)
    assert before.sha256 != after.sha256
    assert before.path.exists()
    assert after.path.exists()


def test_what_has_not_changed_is_not_built_again(tiny: Path, tmp_path: Path) -> None:
    target = tmp_path / "build"
    first = build(target, tiny)
    inode = first.path.stat().st_ino
    assert build(target, tiny) == first
    assert first.path.stat().st_ino == inode
    first.path.write_bytes(b"damaged")
    assert build(target, tiny) == first
    assert zipfile.is_zipfile(first.path)
    (target / "package.json").write_text("damaged")
    assert build(target, tiny) == first


def test_a_version_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("requests==0.0.1 \\\n    --hash=sha256:00\n    # via nothing\n")
    with pytest.raises(Unpackable, match=r"pins requests==0\.0\.1, and .* is installed: install it with `pip install"):
        libraries(requirements)
    requirements.write_text("no-such-distribution==1.0\n")
    with pytest.raises(Unpackable, match="none is installed"):
        libraries(requirements)


def test_a_distribution_that_an_old_pip_installed(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "old-1.0-py3.egg-info").mkdir(parents=True)
    (site / "old-1.0-py3.egg-info" / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: old\nVersion: 1.0\n")
    (site / "old-1.0-py3.egg-info" / "installed-files.txt").write_text("../old/__init__.py\nPKG-INFO\n")
    (site / "old").mkdir()
    (site / "old" / "__init__.py").write_text("AGE = 9")
    (tmp_path / "requirements.txt").write_text("old==1.0\n")
    text = "from pathlib import Path; from infra.package import libraries;"
    text += f" print(libraries(Path({str(tmp_path / 'requirements.txt')!r})))"
    ran = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "{'old/__init__.py': b'AGE = 9'}"


def test_markers_are_for_this_interpreter(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("six==1.17.0 ; python_version < '3'\nidna==3.20 ; python_version >= '3.10'\n\n# end\n")
    assert [pin.name for pin in pinned(requirements)] == ["idna"]


def test_the_whole_pinned_list_is_understood() -> None:
    listed = {pin.name for pin in pinned(FUNCTIONS / "requirements.txt")}
    assert {"cos-python-sdk-v5", "pydantic", "tencentcloud-sdk-python-common", "pycryptodome"} <= listed


def test_the_note_beside_the_package_is_readable(tiny: Path, tmp_path: Path) -> None:
    package = build(tmp_path / "build", tiny)
    note = json.loads((tmp_path / "build" / "package.json").read_text())
    assert (note["path"], note["sha256"], note["files"]) == (package.path.name, package.sha256, 8)
