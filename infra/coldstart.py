"""How long a package takes to import, as a cold start sees it: each time in a fresh process that has nothing else.

An import that another has made is free, so nothing can be measured twice in one process. Beside each entry point stand
its libraries alone: the same modules of theirs, imported in the same order, without ours.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROUNDS: Final = 5

_IMPORT: Final = """
import importlib, json, sys, time
package, ours, *modules = sys.argv[1:]
sys.path.insert(0, package)
began = time.perf_counter()
for module in modules:
    importlib.import_module(module)
seconds = time.perf_counter() - began
theirs = [
    name
    for name, module in sys.modules.items()
    if (getattr(module, "__file__", None) or "").startswith(package) and name.split(".")[0] not in ours.split(",")
]
print(json.dumps([seconds, theirs]))
"""


@dataclass(frozen=True)
class Timing:
    """An entry point's import, in seconds; medians."""

    entry: str
    seconds: float
    libraries: float
    """What the libraries that it imports take without it."""
    rounds: int = ROUNDS


def timings(package: Path, entries: Iterable[str]) -> Iterator[Timing]:
    """Measure each entry point of a package."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(package) as content:
            content.extractall(folder)
        for entry in entries:
            ours = f"{entry},facestamp"
            _, libraries = _imported(folder, ours, [entry])
            yield Timing(
                entry,
                statistics.median(_imported(folder, ours, [entry])[0] for _ in range(ROUNDS)),
                statistics.median(_imported(folder, ours, libraries)[0] for _ in range(ROUNDS)),
            )


def _imported(folder: str, ours: str, modules: list[str]) -> tuple[float, list[str]]:
    ran = subprocess.run(  # noqa: S603 -- our own interpreter and our own text
        [sys.executable, "-I", "-S", "-B", "-c", _IMPORT, folder, ours, *modules],
        check=True,
        capture_output=True,
        env={},
    )
    seconds, names = json.loads(ran.stdout)
    return float(seconds), [str(name) for name in names]
