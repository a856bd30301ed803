"""What a package may hold, looked at file by file before it is written: what is right is listed, the rest is a fault.

Native modules are for the runtime's CPython or its stable ABI, and need no more of the system than `manylinux2014`
promises (PEP 599): these versions of these libraries. Their bytes come from wheels that were checked against their
hash. Whatever else is in the zip, bytecode above all, must not tell where it was made.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import MAGIC_NUMBER
from pathlib import Path, PurePosixPath
from typing import Final

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from infra.package.runtime import Runtime

FOREIGN: Final = frozenset({"Crypto", "infra", "tests", "pip", "setuptools", "dlib", "moto", "pytest"})
"""Whose the package may hold nothing: the local cloud and all that only testing and building need."""
FORBIDDEN: Final = frozenset({"tests", "testing", "__main__", "cli", "conftest"})
"""Folders and modules that are no library's business in the cloud."""
ASSETS: Final = (".html", ".css", ".js", ".svg", ".pem")

VERSIONS: Final = {"GLIBC": (2, 17), "GLIBCXX": (3, 4, 19), "CXXABI": (1, 3, 7), "GCC": (4, 8, 0)}
"""The newest of the system's symbols that a native module may need."""
SYSTEM: Final = frozenset(
    {
        *("ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libnsl.so.1"),
        *("libpthread.so.0", "libresolv.so.2", "librt.so.1", "libstdc++.so.6", "libutil.so.1"),
    }
)
"""The libraries that it may need."""


def faults(
    contents: Mapping[str, bytes], entries: Iterable[str], runtime: Runtime | None, machine: Iterable[Path] = ()
) -> list[str]:
    """What is wrong with a package, a phrase each; nothing if it may be deployed.

    `machine` are folders of this machine that no byte may name. Those at the top (`/home`) do not count: many machines
    have them.
    """
    traces = [str(folder).encode() for folder in machine if len(folder.parts) > 2]
    return [
        *(f"{entry}.py is not at its root" for entry in sorted(entries) if f"{entry}.py" not in contents),
        *(fault for name in sorted(contents) for fault in _faults(name, contents, runtime, traces)),
    ]


def _faults(name: str, contents: Mapping[str, bytes], runtime: Runtime | None, traces: list[bytes]) -> Iterator[str]:
    file, content = PurePosixPath(name), contents[name]
    modules = {part.split(".")[0] for part in file.parts}
    if file.parts[0] in FOREIGN or modules & FORBIDDEN or ".dist-info" in name:
        yield f"{name} is not for the cloud"
    if file.suffix in (".so", ".pyd"):
        if runtime is not None:
            yield from (f"{name} {fault}" for fault in unfit(name, content, runtime))
        return
    if file.suffix == ".pyc":
        source = (file.parent.parent / f"{file.name.split('.')[0]}.py").as_posix()
        magic = runtime.magic.to_bytes(2, "little") + b"\r\n" if runtime else MAGIC_NUMBER
        if source not in contents or content[:4] != magic or content[4:8] != (1).to_bytes(4, "little"):
            yield f"{name} is not the unchecked bytecode of a source beside it, for the Python that is to load it"
    elif file.suffix == ".py":
        tag = runtime.cached if runtime else sys.implementation.cache_tag
        if (file.parent / "__pycache__" / f"{file.stem}.{tag}.pyc").as_posix() not in contents:
            yield f"{name} has no bytecode"
    elif file.suffix not in ASSETS:
        yield f"{name} is neither code nor a page's"
    if any(trace in content for trace in traces):
        yield f"{name} tells where it was made"


def unfit(name: str, content: bytes, runtime: Runtime) -> Iterator[str]:
    """What makes a native module one that the runtime cannot load, a phrase each."""
    ours = (f".{runtime.cached}-x86_64-linux-gnu.so", ".abi3.so")
    if not name.endswith(ours):
        yield f"is neither for {runtime.abi} nor for the stable ABI"
    try:
        elf = ELFFile(io.BytesIO(content))
        if elf.get_machine_arch() != "x64":
            yield f"is for {elf.get_machine_arch()}, not for x86-64"
        sections = list(elf.iter_sections())
        if not any(isinstance(section, DynamicSection) for section in sections):
            yield "does not tell what it needs"
        for section in sections:
            if isinstance(section, GNUVerNeedSection):
                for library, versions in section.iter_versions():
                    for version in versions:
                        if _newer(version.name):
                            yield f"needs {version.name} of {library.name}, which manylinux2014 has not"
            elif isinstance(section, DynamicSection):
                for tag in section.iter_tags("DT_NEEDED"):
                    needed = str(tag.needed)  # type: ignore[attr-defined]  # it has what its tag says
                    if needed not in SYSTEM:
                        yield f"needs {needed}, which manylinux2014 has not"
    except ELFError:
        yield "is no library of Linux"


def _newer(symbol: str) -> bool:
    """Whether a system of 2014 lacks this version of symbols, such as GLIBC_2.28."""
    library, _, version = symbol.partition("_")
    if library not in VERSIONS or not re.fullmatch(r"\d+(\.\d+)*", version):
        return True
    return tuple(map(int, version.split("."))) > VERSIONS[library]
