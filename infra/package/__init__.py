"""Builds the zip that SCF runs: entry points, `facestamp`, and the libraries that they need, with bytecode."""

from infra.package.builder import Package, build
from infra.package.contents import FUNCTIONS, ROOT, TARGET, WHEELS, entries, libraries, own
from infra.package.pins import pinned
from infra.package.problem import Unpackable
from infra.package.runtime import LOCAL, PYTHON310, named

__all__ = [
    "FUNCTIONS",
    "LOCAL",
    "PYTHON310",
    "ROOT",
    "TARGET",
    "WHEELS",
    "Package",
    "Unpackable",
    "build",
    "entries",
    "libraries",
    "named",
    "own",
    "pinned",
]
