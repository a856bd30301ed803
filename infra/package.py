"""Builds the zip that SCF runs: entry points, `facestamp`, and the libraries that they need, with bytecode.

1. The pinned list, `functions/requirements.txt`, says which distributions; what is installed here must be just those
   versions, and is taken from where it is installed. So neither a network nor a compiler is needed to package again.
2. What no function needs is left out: tests, types, scripts, metadata (nothing asks for it at run time but for
   packages that are not there: email-validator, h2), and pycryptodome, which the COS SDK needs for client-side
   encryption alone and which is half of the whole.
3. Sources go in with their bytecode: without it every cold start would compile, and without them a stack trace would
   have no lines.
4. Names, dates, permissions and compression are fixed, and the file is named by its digest: the same sources make the
   same bytes, and a changed byte another name. (Another library than zlib may compress otherwise.)

`python -m infra.package` (that is `make package`) builds it for this interpreter and tells how long it takes to import.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra import bytecode, coldstart

ROOT: Final = Path(__file__).parents[1]
FUNCTIONS: Final = ROOT / "functions"
TARGET: Final = ROOT / "build"

LEFT_OUT: Final = frozenset({"pycryptodome"})
"""Distributions that are pinned, as others ask for them, and never imported."""
UNUSED: Final = (
    *("qcloud_cos/crypto.py", "qcloud_cos/cos_encryption_client.py"),  # pycryptodome's only users
    *("pydantic/v1/", "pydantic/mypy.py", "urllib3/contrib/emscripten/", "charset_normalizer/cli/"),
    *("crcmod/test.py", "annotated_types/test_cases.py", "starlette/testclient.py", "anyio/pytest_plugin.py"),
    *("starlette/templating.py", "starlette/staticfiles.py", "starlette/schemas.py", "anyio/_backends/_trio.py"),
    "crcmod/_crcfunext",  # built from source, so there only where there was a compiler; the module does without
)
_CODE: Final = (".py", ".so", ".pyd", ".pem")
"""What is taken of a distribution: modules, and the certificates that HTTPS needs."""
_PAGE: Final = (".html", ".css", ".js", ".svg")
"""What is taken of our own packages beside modules: the page that the API serves."""


class Unpackable(Exception):
    """What is installed is not what is pinned; the message says what to do."""


@dataclass(frozen=True)
class Package:
    """A built package."""

    path: Path
    sha256: str
    files: int
    bytes: int
    """Of the zip."""


def build(target: Path = TARGET, source: Path = FUNCTIONS) -> Package:
    """Package the folder `source` for this interpreter into `target`, unless that has been done.

    `source` has the entry points, packages, and `requirements.txt` (optional). Raises `Unpackable`.
    """
    inputs = {**libraries(source / "requirements.txt"), **own(source)}
    key = _key(inputs)
    target.mkdir(parents=True, exist_ok=True)
    note = target / "package.json"
    known = _noted(note, key)
    if known is not None:
        return known
    with tempfile.TemporaryDirectory() as folder:
        contents = _compiled(inputs, Path(folder))
    unnamed = target / f".{os.getpid()}.zip"
    _zip(contents, unnamed)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()
    path = target / f"facestamp-{digest[:16]}.zip"
    unnamed.replace(path)
    package = Package(path, digest, len(contents), path.stat().st_size)
    note.write_text(json.dumps({"key": key, **asdict(package), "path": path.name}, indent=2) + "\n", encoding="utf-8")
    return package


def libraries(requirements: Path) -> dict[str, Path]:
    """The files of the pinned distributions that ship, by their names in the package."""
    files: dict[str, Path] = {}
    for requirement in pinned(requirements):
        if canonicalize_name(requirement.name) not in LEFT_OUT:
            distribution = _installed(requirement)
            for name in _files(distribution):
                if _ships(PurePosixPath(name)):
                    files[name] = Path(str(distribution.locate_file(name)))
    return files


def pinned(requirements: Path) -> list[Requirement]:
    """What the pinned list asks for on this interpreter."""
    if not requirements.exists():
        return []
    lines = requirements.read_text("utf-8").replace("\\\n", " ").splitlines()
    listed = [line.split(" --hash=")[0].partition("#")[0].strip() for line in lines]
    wanted = [Requirement(line) for line in listed if line]
    return [requirement for requirement in wanted if requirement.marker is None or requirement.marker.evaluate()]


def own(source: Path) -> dict[str, Path]:
    """Our own files: the entry points, which are at the root, and the modules and page of the packages beside them."""
    roots = [folder for folder in source.iterdir() if (folder / "__init__.py").exists()]
    packaged = [file for folder in roots for file in folder.rglob("*") if file.suffix in (".py", *_PAGE)]
    return {file.relative_to(source).as_posix(): file for file in (*source.glob("*.py"), *packaged)}


def entries(source: Path = FUNCTIONS) -> list[str]:
    """The modules that handlers are in."""
    return sorted(path.stem for path in source.glob("*.py"))


def _installed(requirement: Requirement) -> importlib.metadata.Distribution:
    try:
        distribution = importlib.metadata.distribution(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        installed = "none is installed"
    else:
        if requirement.specifier.contains(distribution.version, prereleases=True):
            return distribution
        installed = f"{distribution.version} is installed"
    raise Unpackable(
        f"functions/requirements.txt pins {requirement.name}{requirement.specifier}, and {installed}:"
        " install it with `pip install --require-hashes -r requirements-dev.txt`, then package again."
    )


def _files(distribution: importlib.metadata.Distribution) -> list[str]:
    """What a distribution has installed. An old pip leaves another list, which Python 3.10 does not read."""
    if distribution.read_text("RECORD") is not None:
        return [file.as_posix() for file in distribution.files or ()]
    return [line.removeprefix("../") for line in (distribution.read_text("installed-files.txt") or "").splitlines()]


def _ships(file: PurePosixPath) -> bool:
    parts = file.parts
    return (
        file.suffix in _CODE
        and ".." not in parts
        and not {"__pycache__", "tests", "__main__.py"} & set(parts)
        and not parts[0].endswith((".dist-info", ".egg-info", ".data"))
        and not file.as_posix().startswith(UNUSED)
    )


def _key(inputs: Mapping[str, Path]) -> str:
    """Stands for everything that the package's bytes depend on."""
    digest = hashlib.sha256(f"{sys.version} {zlib.ZLIB_RUNTIME_VERSION}".encode())
    for program in (__file__, bytecode.__file__):
        digest.update(Path(program).read_bytes())
    for name in sorted(inputs):
        digest.update(f"\0{name}\0{hashlib.sha256(inputs[name].read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()


def _noted(note: Path, key: str) -> Package | None:
    try:
        known = json.loads(note.read_text("utf-8"))
        content = (note.parent / known["path"]).read_bytes()
    except (OSError, ValueError, KeyError):
        return None
    if known.pop("key") != key or hashlib.sha256(content).hexdigest() != known["sha256"]:
        return None
    return Package(**{**known, "path": note.parent / known["path"]})


def _compiled(inputs: Mapping[str, Path], folder: Path) -> dict[str, bytes]:
    """The package's contents: the inputs, and the bytecode of those that are sources."""
    for name, path in inputs.items():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    subprocess.run(  # noqa: S603 -- our own interpreter and our own file
        [sys.executable, "-S", "-s", "-W", "ignore", bytecode.__file__, str(folder)],
        env={"PYTHONHASHSEED": "0"},
        check=True,
    )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _zip(contents: Mapping[str, bytes], path: Path) -> None:
    with zipfile.ZipFile(path, "w") as package:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            package.writestr(entry, contents[name], zipfile.ZIP_DEFLATED, 9)


def _told(package: Package) -> Iterator[str]:
    yield f"{package.path}  {package.bytes / 1e6:.1f} MB in {package.files} files"
    for timing in coldstart.timings(package.path, entries()):
        yield (
            f"  import {timing.entry}: {timing.seconds * 1000:.0f} ms, of which its libraries alone take"
            f" {timing.libraries * 1000:.0f} ms (median of {timing.rounds} fresh processes)"
        )


def main() -> None:
    """Build the package, and put it where the deployment looks for it: `build/facestamp.zip`."""
    try:
        package = build()
    except Unpackable as problem:
        sys.exit(str(problem))
    shutil.copyfile(package.path, TARGET / "facestamp.zip")
    for line in _told(package):
        print(line)


if __name__ == "__main__":
    main()
