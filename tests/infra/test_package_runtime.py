"""The package for a runtime that need not be this machine's: from wheels, compiled by the Python that is to load it.

The runtime here is a made-up one of SCF's that has this interpreter's version, so that it can be compiled for anywhere.
Its wheels are made up too, and what stands for the package index is a folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from infra.package import FUNCTIONS, PYTHON310, ROOT, Unpackable, build, named, pinned
from infra.package.coldstart import timings
from infra.package.runtime import Runtime, interpreter
from tests.infra.native import native

MAJOR, MINOR = sys.version_info[:2]
TAG = f"cp{MAJOR}{MINOR}"
HERE = Runtime(
    *(f"Python{MAJOR}.{MINOR}", (MAJOR, MINOR), (MAJOR, MINOR, 0), int.from_bytes(MAGIC_NUMBER[:2], "little")),
    PYTHON310.platforms,
)
NEVER = Runtime("Python3.99", (3, 99), (3, 99, 4), 9999, PYTHON310.platforms)
NATIVE = f"fast/core.cpython-{MAJOR}{MINOR}-x86_64-linux-gnu.so"
LINUX = f"{TAG}-{TAG}-manylinux2014_x86_64.manylinux_2_17_x86_64"
GLIBC = {"libc.so.6": ["GLIBC_2.17"]}

Add = Callable[..., str]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What pip takes for the package index: a folder, and nothing else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A function that needs nothing."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "index.py").write_text("def main_handler(event, context):\n    return event in {None, 'a', 'b'}\n")
    return folder


@pytest.fixture
def need(index: Path, source: Path) -> Add:
    """Make a wheel, and have the function need it: `need("fast", {"fast.py": "…"}, marker="…")`."""

    def add(name: str, files: Mapping[str, str | bytes], tag: str = "py3-none-any", marker: str = "") -> str:
        path = index / f"{name}-1.0-{tag}.whl"
        about = {
            f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            f"{name}-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        }
        with zipfile.ZipFile(path, "w") as wheel:
            for file, content in {**files, **about}.items():
                wheel.writestr(file, content)
        return pin(source, f"{name}==1.0{marker}", path)

    return add


def pin(source: Path, requirement: str, *files: Path) -> str:
    """Add a line to the pinned list; the hash of the last file."""
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    options = "".join(f" \\\n    --hash=sha256:{digest}" for digest in hashes)
    with (source / "requirements.txt").open("a") as listed:
        listed.write(f"{requirement}{options}\n    # via something\n")
    return hashes[-1]


def contents(source: Path, target: Path, runtime: Runtime = HERE) -> dict[str, bytes]:
    """What is in the package that is built."""
    built = build(target, source, runtime, target.parent / "wheels")
    with zipfile.ZipFile(built.path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def test_it_holds_what_the_wheels_install(source: Path, need: Add, tmp_path: Path) -> None:
    need("slow", {"slow/__init__.py": "SLOW = 1", "slow/tests/test_it.py": "", "slow/notes.md": ""})
    need("fast", {"fast/__init__.py": "", NATIVE: native(GLIBC), "fast-1.0.data/purelib/beside.py": ""}, LINUX)
    found = contents(source, tmp_path / "build")
    sources = {"index.py", "slow/__init__.py", "fast/__init__.py", "beside.py"}
    assert {name for name in found if "__pycache__" not in name} == {*sources, NATIVE}
    assert len([name for name in found if name.endswith(f".cpython-{MAJOR}{MINOR}.pyc")]) == len(sources)
    assert found[NATIVE] == native(GLIBC)


def test_of_several_wheels_the_best_is_taken(source: Path, index: Path, need: Add, tmp_path: Path) -> None:
    need("any", {"any.py": ""})
    (source / "requirements.txt").unlink()
    native_ = {"any/__init__.py": "", "any/core.abi3.so": native(GLIBC)}
    need("any", native_, f"{TAG}-abi3-manylinux2014_x86_64")
    (source / "requirements.txt").unlink()
    pin(source, "any==1.0", *index.iterdir())
    assert "any/core.abi3.so" in contents(source, tmp_path / "build")


def test_markers_are_judged_for_the_runtime(source: Path, need: Add, tmp_path: Path) -> None:
    need("there", {"there.py": ""}, marker=" ; sys_platform == 'linux' and platform_machine == 'x86_64'")
    need("late", {"late.py": ""}, marker=" ; python_full_version >= '3.98'")
    need("elsewhere", {"elsewhere.py": ""}, marker=" ; sys_platform == 'win32' or platform_machine == 'arm64'")
    assert {"there.py"} < set(contents(source, tmp_path / "build"))
    assert not {"late.py", "elsewhere.py"} & set(contents(source, tmp_path / "build"))
    assert [pin.name for pin in pinned(source / "requirements.txt", NEVER)] == ["there", "late"]


def test_the_pinned_list_is_understood_for_scf() -> None:
    listed = {pin.name: pin for pin in pinned(FUNCTIONS / "requirements.txt", PYTHON310)}
    assert {"exceptiongroup", "starlette", "pydantic-core", "crcmod"} <= set(listed)
    assert all(pin.hashes for pin in listed.values())
    assert len(listed) == len(pinned(FUNCTIONS / "requirements.txt", PYTHON310))


def test_what_has_no_wheel_is_taken_from_its_sources(source: Path, index: Path, tmp_path: Path) -> None:
    path = index / "crcmod-1.7.tar.gz"
    setup = "from setuptools import setup\nsetup(name='crcmod', version='1.7')\n"
    files = {"setup.py": setup, "python2/crcmod/__init__.py": "print 2", "python3/crcmod/__init__.py": "AGE = 3"}
    with tarfile.open(path, "w:gz") as archive:
        for name, text in {**files, "python3/crcmod/test.py": "", "src/_crcfunext.c": ""}.items():
            member = tarfile.TarInfo(f"crcmod-1.7/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    pin(source, "crcmod==1.7", path)
    found = contents(source, tmp_path / "build")
    assert found["crcmod/__init__.py"] == b"AGE = 3"
    assert {name for name in found if name.endswith(".py")} == {"index.py", "crcmod/__init__.py"}


def test_it_needs_the_index_once(source: Path, index: Path, need: Add, tmp_path: Path) -> None:
    need("slow", {"slow.py": "SLOW = 1"})
    contents(source, tmp_path / "build")
    for path in index.iterdir():
        path.unlink()
    (source / "index.py").write_text("def main_handler(event, context):\n    return 2\n")
    assert contents(source, tmp_path / "build")["slow.py"] == b"SLOW = 1"


def test_what_cannot_be_had_is_said_in_a_sentence(source: Path, index: Path, need: Add, tmp_path: Path) -> None:
    for name in ("one", "two", "three", "four"):
        need(name, {f"{name}.py": ""})
    for path in index.iterdir():
        path.unlink()
    cache = tmp_path / "wheels"
    with pytest.raises(
        Unpackable, match=rf"^No wheel for {HERE.name} can be had of one, two and 2 more: .* neither\.$"
    ):
        contents(source, tmp_path / "build")
    assert "No matching distribution" in (cache / "pip.log").read_text()


def test_a_wheel_for_another_system_is_none(source: Path, need: Add, tmp_path: Path) -> None:
    need("fast", {"fast.py": ""}, f"{TAG}-{TAG}-manylinux_2_28_x86_64")
    need("mac", {"mac.py": ""}, f"{TAG}-{TAG}-macosx_11_0_arm64")
    with pytest.raises(Unpackable, match=r"can be had of fast, mac: pip"):
        contents(source, tmp_path / "build")


def test_a_file_of_another_hash_is_none(source: Path, index: Path, need: Add, tmp_path: Path) -> None:
    need("slow", {"slow.py": "SLOW = 1"})
    contents(source, tmp_path / "build")
    (path,) = (tmp_path / "wheels").glob("*.whl")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"!")
    assert contents(source, tmp_path / "build again")["slow.py"] == b"SLOW = 1"
    assert path.read_bytes() == whole
    for kept in (path, index / path.name):
        kept.write_bytes(whole[:-1] + b"!")
    with pytest.raises(Unpackable, match="can be had of slow: pip"):
        contents(source, tmp_path / "build")


def test_what_scf_cannot_load_is_not_packaged(source: Path, need: Add, tmp_path: Path) -> None:
    need("fast", {"fast/__init__.py": "", NATIVE: native({"libc.so.6": ["GLIBC_2.28"]})}, LINUX)
    with pytest.raises(Unpackable, match=r"not what may be deployed: fast/.* needs GLIBC_2\.28 of libc\.so\.6"):
        contents(source, tmp_path / "build")
    assert not list((tmp_path / "build").glob("*.zip"))


def test_a_source_that_tells_where_it_is(source: Path, tmp_path: Path) -> None:
    (source / "index.py").write_text(f"HERE = {str(source)!r}\n")
    with pytest.raises(Unpackable, match=r"index\..*pyc tells where it was made \(and 1 more such\)\.$"):
        build(tmp_path / "build", source)


@pytest.mark.parametrize(("seed", "umask", "zone"), [("0", 0o022, "UTC"), ("7", 0o077, "Pacific/Kiritimati")])
def test_built_elsewhere_it_is_the_same(
    source: Path, index: Path, need: Add, tmp_path: Path, seed: str, umask: int, zone: str
) -> None:
    need("slow", {f"slow/{name}.py": f"NAMES = frozenset({{None, {name!r}}})" for name in ("b", "a", "c", "__init__")})
    need("fast", {"fast/__init__.py": "", NATIVE: native(GLIBC)}, LINUX)
    here = build(tmp_path / "build", source, HERE, tmp_path / "wheels")
    copy = tmp_path / "of another name" / "copy"
    copy.mkdir(parents=True)
    for file in sorted(source.iterdir(), reverse=True):
        (copy / file.name).write_bytes(file.read_bytes())
    text = f"import os; os.umask({umask})\n"
    text += "from pathlib import Path\nfrom infra.package import build\nfrom infra.package.runtime import Runtime\n"
    text += f"copy = Path({str(copy)!r})\nprint(build(copy / 'build', copy, {HERE!r}, copy / 'wheels').path)"
    ran = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-c", text],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    there = Path(ran.stdout.strip())
    assert there.read_bytes() == here.path.read_bytes()
    assert there.name == here.path.name


def test_the_runtime_is_one_of_scfs_or_this_machine() -> None:
    assert named("Python3.10") == PYTHON310
    assert named("local") is None


@pytest.mark.parametrize("name", ["Python3.9", "Python3.13", "python3.10", "Nodejs18.15", ""])
def test_another_runtime_is_refused(name: str) -> None:
    with pytest.raises(Unpackable, match=rf"RUNTIME={name}: SCF's newest Python is 3\.10 .* say Python3\.10, or noth"):
        named(name)


def test_make_says_so_in_one_line() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "infra.package", "Python3.9"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("There is no package for RUNTIME=Python3.9:")
    assert ran.stderr.count("\n") == 1


Installed = Callable[..., Path]


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    """Have a Python on the machine that says it is this one: `installed("bin/python3.99", (3, 99, 4))`."""

    def install(
        path: str, version: tuple[int, int, int], implementation: str = "cpython", system: str = "linux"
    ) -> Path:
        python = tmp_path / "home" / path
        python.parent.mkdir(parents=True, exist_ok=True)
        told = json.dumps([implementation, version, system, "x86_64", "glibc"])
        python.write_text(f"#!/bin/sh\necho '{told}'\n")
        python.chmod(0o755)
        return python

    return install


def around(tmp_path: Path, **more: str) -> dict[str, str]:
    """The environment of somebody who has that home."""
    return {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "home" / "bin"), **more}


@pytest.mark.parametrize(
    "path",
    [
        "bin/python3.99",
        ".pyenv/versions/3.99.4/bin/python3.99",
        ".local/share/uv/python/cpython-3.99.12-linux-x86_64-gnu/bin/python3.99",
    ],
)
def test_the_python_that_compiles_is_found(installed: Installed, tmp_path: Path, path: str) -> None:
    python = installed(path, (3, 99, 4))
    assert interpreter(NEVER, around(tmp_path)).path == python


def test_the_python_that_compiles_is_the_one_that_is_named(installed: Installed, tmp_path: Path) -> None:
    installed("bin/python3.99", (3, 99, 5))
    python = installed("mine", (3, 99, 6))
    assert interpreter(NEVER, around(tmp_path, PYTHON399=str(python))).path == python


@pytest.mark.parametrize(
    ("version", "implementation"), [((3, 99, 3), "cpython"), ((3, 98, 9), "cpython"), ((3, 99, 4), "pypy")]
)
def test_a_python_that_compiles_otherwise_is_passed_over(
    installed: Installed, tmp_path: Path, version: tuple[int, int, int], implementation: str
) -> None:
    installed("bin/python3.99", version, implementation)
    python = installed(".pyenv/versions/3.99.7/bin/python3.99", (3, 99, 7))
    assert interpreter(NEVER, around(tmp_path)).path == python


def test_without_that_python_it_is_said_how_to_get_one(installed: Installed, tmp_path: Path) -> None:
    words = r"a CPython 3\.99 must compile, 3\.99\.4 or later, .* PYTHON399=/path/to/python3\.99\.$"
    with pytest.raises(Unpackable, match=words):
        interpreter(NEVER, around(tmp_path))
    installed("bin/python3.99", (3, 99, 4))
    with pytest.raises(Unpackable, match=words):
        interpreter(NEVER, around(tmp_path, PYTHON399="/no/such/python"))


@pytest.mark.parametrize(("system", "loads"), [("linux", True), ("darwin", False)])
def test_whether_a_python_loads_what_scf_loads(installed: Installed, tmp_path: Path, system: str, loads: bool) -> None:
    installed("bin/python3.99", (3, 99, 4), system=system)
    assert interpreter(NEVER, around(tmp_path)).like_scf is loads


def test_this_interpreter_compiles_for_this_machine() -> None:
    assert interpreter(None).path == Path(sys.executable)
    assert interpreter(None).version == sys.version_info[:3]


def test_imports_are_timed_beside_those_of_the_sdks(source: Path, tmp_path: Path) -> None:
    built = build(tmp_path / "build", source)
    (timing,) = timings(built.path, ["index"], Path(sys.executable), {"theirs.py": b"import json"}, "import theirs")
    assert timing.entry == "index"
    assert timing.seconds > 0
    assert timing.bare > 0
