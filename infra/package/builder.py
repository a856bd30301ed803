"""From sources and libraries to the zip: compiled, inspected, compressed, named by its digest, kept for next time."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from infra.package import archive, bytecode, inspection, pyc
from infra.package.contents import FUNCTIONS, ROOT, TARGET, WHEELS, libraries, own
from infra.package.problem import Unpackable
from infra.package.runtime import LOCAL, Interpreter, Runtime, interpreter

KEPT: Final = 5
"""How many packages stay in a folder, the newest: some to go back to, and what another process is just reading."""


@dataclass(frozen=True)
class Package:
    """A built package."""

    path: Path
    sha256: str
    """Of the zip; the first 16 hex digits are in its name."""
    files: int
    bytes: int
    """Of the zip."""


def build(
    target: Path | None = None, source: Path = FUNCTIONS, runtime: Runtime | None = None, cache: Path = WHEELS
) -> Package:
    """Package the folder `source` for a runtime of SCF's, or for this machine, unless that has been done.

    `source` has the entry points, packages, and `requirements.txt` (optional). The zip goes into `target`, which is
    `build/<runtime>/` or `build/local/` if you do not say; wheels for a runtime are kept in `cache`.

    What a deployment uploads is `build(runtime=named(settings.runtime))`, under the name that its path has: the same
    sources have the same name wherever they are packaged, so what has not changed is not deployed again. The local
    cloud deploys `build()`. Raises `Unpackable`.
    """
    folder = target or TARGET / (runtime.name if runtime else LOCAL)
    folder.mkdir(parents=True, exist_ok=True)
    files = {**libraries(source / "requirements.txt", runtime, cache), **own(source)}
    note, key = folder / "package.json", _key(files, runtime)
    known = _noted(note, key)
    if known is not None:
        os.utime(known.path)
        return known
    contents = {**files, **compiled(files, interpreter(runtime))}
    entries = [path.stem for path in source.glob("*.py")]
    faults = inspection.faults(contents, entries, runtime, (ROOT, source.resolve(), Path.home()))
    if faults:
        more = f" (and {len(faults) - 1} more such)" if faults[1:] else ""
        raise Unpackable(f"The package is not what may be deployed: {faults[0]}{more}.")
    unnamed = folder / f".{os.getpid()}.zip"
    archive.write(contents, unnamed)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()
    path = folder / f"facestamp-{digest[:16]}.zip"
    unnamed.replace(path)
    package = Package(path, digest, len(contents), path.stat().st_size)
    note.write_text(json.dumps({"key": key, **asdict(package), "path": path.name}, indent=2) + "\n", encoding="utf-8")
    tidy(folder)
    return package


def compiled(files: Mapping[str, bytes], python: Interpreter) -> dict[str, bytes]:
    """The bytecode of those files that are sources, by its name beside them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            if file.endswith(".py"):
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(content)
        subprocess.run(  # noqa: S603 -- the interpreter that was found, and our own file
            [str(python.path), "-I", "-S", "-W", "ignore", bytecode.__file__, str(folder)], env={}, check=True
        )
        return {
            path.relative_to(folder).as_posix(): pyc.canonical(path.read_bytes(), python.version[:2])
            for path in folder.rglob("*.pyc")
        }


def tidy(folder: Path) -> None:
    """Delete the packages in a folder, but for the newest few."""
    packages = sorted(folder.glob("facestamp-*.zip"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for old in packages[KEPT:]:
        old.unlink(missing_ok=True)


def _key(files: Mapping[str, bytes], runtime: Runtime | None) -> str:
    """Stands for everything that the package's bytes depend on."""
    made_by = (runtime.name if runtime else sys.version, importlib.metadata.version("deflate"))
    digest = hashlib.sha256(" ".join(made_by).encode())
    for program in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(program.read_bytes())
    for name in sorted(files):
        digest.update(f"\0{name}\0{hashlib.sha256(files[name]).hexdigest()}".encode())
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
