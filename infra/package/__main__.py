"""`make package`: builds the zip that is deployed, and the one that `make demo` runs, and says what they cost.

python -m infra.package [Python3.10 | local]
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator

from infra.package import budget, coldstart
from infra.package.builder import Package, build, compiled, tidy
from infra.package.contents import ROOT, TARGET, entries, shipping
from infra.package.pins import pinned
from infra.package.problem import Unpackable
from infra.package.runtime import PYTHON310, Runtime, interpreter, named

DEPLOYED = TARGET / "facestamp.zip"
"""Where a stack's settings look for the package, unless they name another."""


def main() -> None:
    """Build, measure, and exit with one sentence if there is no package or it costs too much."""
    name = sys.argv[1] if sys.argv[1:] else PYTHON310.name
    try:
        runtime = named(name)
        if runtime is not None:
            DEPLOYED.unlink(missing_ok=True)
            tidy(TARGET)
        package = build(runtime=runtime)
        local = build() if runtime else package
        timings = measured(package, local, runtime)
    except Unpackable as problem:
        sys.exit(str(problem))
    for line in _told(package, name, timings):
        print(line)
    over = "; ".join(budget.exceeded(package.bytes, timings))
    if over:
        sys.exit(f"The package is over its budget: {over}.")
    if runtime is not None:
        _put(package)
        print(f"{DEPLOYED.relative_to(ROOT)} is that package; `make demo` runs {local.path.relative_to(ROOT)}")


def measured(package: Package, local: Package, runtime: Runtime | None) -> list[coldstart.Timing]:
    """Time the package's imports; where the machine cannot load its native modules, those of the local one."""
    python = interpreter(runtime)
    if runtime is not None and not python.like_scf:
        package, runtime, python = local, None, interpreter(None)
    client = [
        pin for pin in pinned(ROOT / "requirements-dev.txt", runtime) if pin.name == "tencentcloud-sdk-python-iai"
    ]
    others = shipping(client, runtime)
    return coldstart.timings(package.path, entries(), python.path, {**others, **compiled(others, python)})


def _told(package: Package, name: str, timings: list[coldstart.Timing]) -> Iterator[str]:
    where = package.path.relative_to(ROOT)
    yield f"{where}  {package.bytes / 1e6:.2f} MB in {package.files} files, for {name}"
    for timing in timings:
        yield (
            f"  import {timing.entry}: {timing.seconds / timing.bare:.2f} times its SDKs alone ({budget.told(timing)},"
            f" median of {coldstart.ROUNDS} fresh processes)"
        )


def _put(package: Package) -> None:
    half = DEPLOYED.with_name(f".{os.getpid()}.zip")
    shutil.copyfile(package.path, half)
    half.replace(DEPLOYED)


if __name__ == "__main__":
    main()
