"""Builds the zip that SCF runs: entry points, `facestamp`, and the libraries that they need, with bytecode.

- `runtime`, `pins`, `wheels`, `contents`: for whom, which distributions, from which files, what of them ships.
- `bytecode`, `pyc`: compiled by the Python that is to load it, in the one form that its values allow.
- `inspection`, `archive`, `builder`: looked through, compressed, named by its digest and kept.
- `coldstart`, `budget`: what it costs, and what it may cost.

`python -m infra.package` (that is `make package`) does all of it. The local cloud runs what `build()` gives, and a
deployment uploads `build(runtime=named("Python3.10"))`, which `make package` leaves as `build/facestamp.zip`, too.
"""

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
