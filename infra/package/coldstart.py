"""How long a package takes to import, as a cold start sees it: each time in a fresh process that has nothing else.

An import that another has made is free, so nothing can be measured twice in one process. Beside the entry points stands
what any function pays that asks these services: the SDKs imported bare, from the same package. They take turns, so that
a machine that slows down slows all of them, and what counts is the processor's time, not what else the machine does.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROUNDS: Final = 15

BARE: Final = """
import qcloud_cos
from tencentcloud.iai.v20200303 import iai_client
from pydantic import BaseModel, Field
"""
"""The COS SDK, the face service's client, and pydantic, which loads nothing of itself until a name is asked of it."""

_MEASURE: Final = """
import sys, time
sys.path.insert(0, sys.argv[1])
code = compile(sys.argv[2], "measured", "exec")
began = time.process_time()
exec(code)
print(time.process_time() - began)
"""


@dataclass(frozen=True)
class Timing:
    """An entry point's import, in seconds of the processor's time; medians of `ROUNDS`."""

    entry: str
    seconds: float
    bare: float
    """What `BARE` takes."""


def timings(
    package: Path, entries: Iterable[str], python: Path, others: Mapping[str, bytes], bare: str = BARE
) -> list[Timing]:
    """Measure each entry point of a package with the Python that it is for.

    `others` are files that `bare` needs beside those of the package, with their bytecode.
    """
    statements = {"": bare, **{entry: f"import {entry}" for entry in entries}}
    taken: dict[str, list[float]] = {entry: [] for entry in statements}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(package) as content:
            content.extractall(folder)
        for file, content_ in others.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content_)
        for _ in range(ROUNDS):
            for entry, statement in statements.items():
                taken[entry].append(_measured(python, folder, statement))
    medians = {entry: statistics.median(seconds) for entry, seconds in taken.items()}
    return [Timing(entry, seconds, medians[""]) for entry, seconds in medians.items() if entry]


def _measured(python: Path, folder: Path, statement: str) -> float:
    ran = subprocess.run(  # noqa: S603 -- the interpreter that was found, and our own text
        [str(python), "-I", "-S", "-B", "-c", _MEASURE, str(folder), statement],
        check=True,
        capture_output=True,
        env={},
    )
    return float(ran.stdout)
