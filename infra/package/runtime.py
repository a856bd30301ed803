"""What a package is for: a runtime of SCF, or this machine.

SCF's newest Python is 3.10 and ours is no older (SCF 583/11061), so there is one of SCF's to choose. Its system is
CentOS 7, whose glibc is 2.17: `manylinux2014` wheels for x86-64 run there. The local cloud runs what is installed here.

Bytecode is loaded by the Python that it was compiled for, so a CPython 3.10 compiles it, whichever is on the machine.
3.10.11 is the last that changed anything but what security needs, so it and those after it compile alike.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.tags import Tag, compatible_tags, cpython_tags

from infra.package.problem import Unpackable

_ASK: Final = """
import json, platform, sys
told = [sys.implementation.name, sys.version_info[:3], sys.platform, platform.machine(), platform.libc_ver()[0]]
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Runtime:
    """One of SCF's Pythons."""

    name: str
    """As CreateFunction and `make package RUNTIME=` have it."""
    python: tuple[int, int]
    compiler: tuple[int, int, int]
    """The first release that compiles as all later ones of this Python do."""
    magic: int
    """What its bytecode begins with."""
    platforms: tuple[str, ...]
    """Of the wheels that run there, the best first."""

    @property
    def version(self) -> str:
        """Of its Python, such as `3.10`."""
        return ".".join(map(str, self.python))

    @property
    def abi(self) -> str:
        """Of native modules, such as `cp310`."""
        return f"cp{self.version.replace('.', '')}"

    @property
    def cached(self) -> str:
        """What the names of its bytecode have, such as `cpython-310`."""
        return f"cpython-{self.abi.removeprefix('cp')}"

    @property
    def environment(self) -> Mapping[str, str]:
        """What the markers of requirements are about, there."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.version}.0",
            "os_name": "posix",
            "platform_machine": "x86_64",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.version}.0",
            "python_version": self.version,
            "sys_platform": "linux",
        }

    @property
    def tags(self) -> list[Tag]:
        """Of wheels that run there, the best first."""
        return [
            *cpython_tags(self.python, [self.abi], self.platforms),
            *compatible_tags(self.python, self.abi, self.platforms),
        ]


@dataclass(frozen=True)
class Interpreter:
    """A Python on this machine."""

    path: Path
    version: tuple[int, int, int]
    like_scf: bool
    """Whether it runs what SCF runs: on Linux, x86-64, with glibc."""


LOCAL: Final = "local"
"""What stands for this machine in place of a runtime's name."""
PYTHON310: Final = Runtime("Python3.10", (3, 10), (3, 10, 11), 3439, ("manylinux2014_x86_64", "manylinux_2_17_x86_64"))
RUNTIMES: Final = {runtime.name: runtime for runtime in (PYTHON310,)}
HERE: Final = sys.version_info[:2]


def named(name: str) -> Runtime | None:
    """The runtime of that name, None for this machine; raises `Unpackable`."""
    if name != LOCAL and name not in RUNTIMES:
        raise Unpackable(
            f"There is no package for RUNTIME={name}: SCF's newest Python is 3.10 and facestamp needs no less, so say"
            f" {' or '.join(RUNTIMES)}, or nothing, or {LOCAL} for the local cloud."
        )
    return RUNTIMES.get(name)


def interpreter(runtime: Runtime | None, environment: Mapping[str, str] = os.environ) -> Interpreter:
    """The Python that compiles for a runtime; raises `Unpackable` where there is none.

    `PYTHON310=/path/to/python3.10` names one; else it is the first that is found.
    """
    if runtime is None:
        return _asked(Path(sys.executable)) or Interpreter(Path(sys.executable), sys.version_info[:3], False)
    variable = f"PYTHON{runtime.version.replace('.', '')}"
    for path in _candidates(runtime, environment.get(variable), environment):
        found = _asked(path)
        if found and found.version[:2] == runtime.python and found.version >= runtime.compiler:
            return found
    least = ".".join(map(str, runtime.compiler))
    version = runtime.version
    raise Unpackable(
        f"The package for {runtime.name} holds bytecode, which a CPython {version} must compile, {least} or later, and"
        f" none is found: install one (`uv python install {version}`, `pyenv install {version}` or your system's"
        f" python{version}), or name the one that you have with {variable}=/path/to/python{version}."
    )


def _candidates(runtime: Runtime, given: str | None, environment: Mapping[str, str]) -> Iterator[Path]:
    if given:
        yield Path(given)
        return
    yield Path(sys.executable)
    name = f"python{runtime.version}"
    found = shutil.which(name, path=environment.get("PATH"))
    if found:
        yield Path(found)
    home = Path(environment.get("HOME") or Path.home())
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    uv = Path(environment.get("UV_PYTHON_INSTALL_DIR") or home / ".local" / "share" / "uv" / "python")
    for folder, pattern in ((pyenv, f"{runtime.version}.*"), (uv, f"cpython-{runtime.version}.*")):
        for installed in sorted(folder.glob(pattern), reverse=True):
            yield installed / "bin" / name


def _asked(path: Path) -> Interpreter | None:
    """What an interpreter says of itself; None if it is no CPython, or does not run."""
    try:
        ran = subprocess.run(  # noqa: S603 -- an interpreter that was named, or is installed
            [str(path), "-I", "-S", "-c", _ASK], capture_output=True, text=True, check=True, timeout=60
        )
        implementation, version, system, machine, libc = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    if implementation != "cpython":
        return None
    major, minor, patch = version
    return Interpreter(path, (major, minor, patch), (system, machine, libc) == ("linux", "x86_64", "glibc"))
