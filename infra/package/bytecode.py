"""Compiles the sources below a folder in place; run by path, by the Python that is to load what comes of it.

    python -I -S infra/package/bytecode.py <folder>

The names in code objects are those under which SCF unpacks a package. An import does not compare the bytecode with the
source (PEP 552, unchecked): the zip's dates are all the same, and the package cannot be changed. This imports the
standard library alone; `pyc` makes the same bytes of what it leaves, whichever process left them.
"""

from __future__ import annotations

import py_compile
import sys
from pathlib import Path

UNPACKED = "/var/user"
"""Where SCF unpacks a package (SCF 583/14570, USER_CODE_ROOT)."""
OPTIMIZATION = 0
"""Assertions and docstrings stay: what runs is what was tested, and SCF's runtime looks for this level's name."""


def main(folder: Path) -> None:
    """Leave a `.pyc` in `__pycache__` beside each source."""
    for source in sorted(folder.rglob("*.py")):
        py_compile.compile(
            str(source),
            dfile=f"{UNPACKED}/{source.relative_to(folder).as_posix()}",
            doraise=True,
            optimize=OPTIMIZATION,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
