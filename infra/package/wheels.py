"""What the pinned distributions install, for a runtime that need not be this machine's.

Their wheels are kept in `build/wheels`; pip fetches what is missing from the index that it is set up for, checked
against the pinned hashes. What is there is checked again each time, so that a package needs no network once it has been
built, and no trust in what lies in a folder. Of several that fit the best is taken, by the order that pip has.

A distribution without a wheel comes as sources; what of them is taken is said here, since nothing of theirs is run.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from infra.package.pins import Pin
from infra.package.problem import Unpackable
from infra.package.runtime import Runtime

SOURCES: Final = {"crcmod": "python3/"}
"""Distributions that have no wheel -> the folder of their sources that is installed. crcmod does without its C."""
LOG: Final = "pip.log"


def files(pins: Sequence[Pin], runtime: Runtime, cache: Path) -> dict[str, bytes]:
    """What these distributions install, by name; raises `Unpackable` where a wheel cannot be had."""
    cache.mkdir(parents=True, exist_ok=True)
    missing = [pin for pin in pins if _kept(pin, runtime, cache) is None]
    if missing:
        _fetch(missing, runtime, cache)
    archives = {pin: _kept(pin, runtime, cache) for pin in pins}
    missing = [pin for pin, archive in archives.items() if archive is None]
    if missing:
        raise Unpackable(
            f"No wheel for {runtime.name} can be had of {_listed(missing)}: pip, whose words are in {cache / LOG}, must"
            " reach the package index once, and the index have what is pinned; RUNTIME=local needs neither."
        )
    return {
        name: content
        for pin, archive in archives.items()
        if archive is not None
        for name, content in _unpacked(pin, archive)
    }


def _kept(pin: Pin, runtime: Runtime, cache: Path) -> Path | None:
    """The best of a distribution's files that is there, pinned and whole."""
    ranks = {tag: rank for rank, tag in enumerate(runtime.tags)}
    found: list[tuple[int, str, Path]] = []
    for path in cache.iterdir():
        if path.suffix == ".whl":
            try:
                name, _, _, tags = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            fits = [ranks[tag] for tag in tags if tag in ranks] if name == canonicalize_name(pin.name) else []
            rank = min(fits, default=-1)
        else:
            rank = len(ranks) if pin.name in SOURCES and path.name == f"{pin.name}-{pin.version}.tar.gz" else -1
        if rank >= 0 and hashlib.sha256(path.read_bytes()).hexdigest() in pin.hashes:
            found.append((rank, path.name, path))
    return min(found)[2] if found else None


def _fetch(pins: Sequence[Pin], runtime: Runtime, cache: Path) -> None:
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        wanted = Path(folder, "requirements.txt")
        wanted.write_text("".join(f"{pin.line}\n" for pin in pins), encoding="utf-8")
        ran = subprocess.run(  # noqa: S603 -- our own interpreter's pip
            [
                *(sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"),
                *("--require-hashes", "--no-deps", "--only-binary=:all:", f"--no-binary={','.join(SOURCES)}"),
                *("--no-build-isolation", "--use-pep517", "--python-version", runtime.version),
                *("--implementation", "cp", "--abi", runtime.abi, "--abi", "abi3", "--abi", "none"),
                *(f"--platform={platform}" for platform in runtime.platforms),
                *("--dest", folder, "--requirement", str(wanted)),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        (cache / LOG).write_text(ran.stdout + ran.stderr, encoding="utf-8")
        for fetched in Path(folder).iterdir():
            if fetched != wanted:
                os.replace(fetched, cache / fetched.name)


def _listed(pins: Sequence[Pin]) -> str:
    names = [pin.name for pin in pins]
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:2])} and {len(names) - 2} more"


def _unpacked(pin: Pin, archive: Path) -> Iterator[tuple[str, bytes]]:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for entry in wheel.infolist():
                if not entry.is_dir():
                    yield _installed(entry.filename), wheel.read(entry)
        return
    inner = f"{pin.name}-{pin.version}/{SOURCES[pin.name]}"
    with tarfile.open(archive) as sources:
        for member in sources:
            content = sources.extractfile(member) if member.isfile() and member.name.startswith(inner) else None
            if content is not None:
                yield member.name.removeprefix(inner), content.read()


def _installed(name: str) -> str:
    """Where a wheel's file goes: what its data folder has for the path of modules goes there."""
    top, _, rest = name.partition("/")
    kind, _, within = rest.partition("/")
    return within if top.endswith(".data") and kind in ("purelib", "platlib") else name
