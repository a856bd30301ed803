"""Builds one of the engine's tools from Go modules, as the module proxy and Go's checksum database know them.

1. A module of our own is written, in a folder that goes again: what it requires, and the replacements that the tool's
   own repository makes, for Go heeds only those of the module that is built.
2. Whether every module can be had is asked first, which takes a second; a build takes minutes.
3. Go builds; the result is put in its place whole.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

NEEDED: Final = (1, 25)
"""The Go that the tools' own go.mod ask for."""
ASKING_SECONDS: Final = 60
_GO_MOD: Final = """\
module facestamp/engine

go {go}

require {module} {version}
{more}"""


class Unbuildable(Exception):
    """The message is what Go said, or what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Module:
    """A package in a Go module, and how it is built."""

    path: str
    version: str
    package: str = ""
    """Below `path`."""
    requires: Mapping[str, str] = field(default_factory=dict)
    """Further modules, by their versions."""
    replaces: Mapping[str, str] = field(default_factory=dict)
    """Module -> `module version` to take in its place."""
    tags: str = ""
    stamps: Mapping[str, str] = field(default_factory=dict)
    """Variables of the program that the linker sets, such as its version."""

    def needs(self) -> list[str]:
        """Every module that it names, as `module@version`."""
        replacing = [replacement.replace(" ", "@") for replacement in self.replaces.values()]
        return [f"{path}@{version}" for path, version in {self.path: self.version, **self.requires}.items()] + replacing

    def described(self) -> str:
        """The go.mod to build it with."""
        more = [f"require {path} {version}" for path, version in self.requires.items()]
        more += [f"replace {path} => {replacement}" for path, replacement in self.replaces.items()]
        go = ".".join(map(str, NEEDED))
        return _GO_MOD.format(go=go, module=self.path, version=self.version, more="".join(f"\n{m}\n" for m in more))


def go(environment: Mapping[str, str]) -> str:
    """Where Go is; raises `Unbuildable` if there is none, or one too old."""
    found = shutil.which("go", path=environment.get("PATH", ""))
    wanted = ".".join(map(str, NEEDED))
    if not found:
        raise Unbuildable(f"There is no Go {wanted} or newer here either.")
    said = _run([found, "env", "GOVERSION"], environment, ASKING_SECONDS).strip()
    version = re.match(r"go(\d+)\.(\d+)", said)
    if not version or (int(version[1]), int(version[2])) < NEEDED:
        raise Unbuildable(f"{found} is {said or 'of no known version'}; {wanted} or newer is needed.")
    return found


def check(module: Module, environment: Mapping[str, str]) -> None:
    """See that the module can be had; raises `Unbuildable` with Go's own words."""
    _run([go(environment), "list", "-m", *module.needs()], environment, ASKING_SECONDS)


def build(module: Module, target: Path, environment: Mapping[str, str], seconds: float) -> None:
    """Build it as the file `target`; raises `Unbuildable`, if it takes longer than this too."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=target.parent) as folder:
        (Path(folder) / "go.mod").write_text(module.described(), encoding="ascii")
        stamps = "".join(f" -X {name}={value}" for name, value in module.stamps.items())
        package = "/".join(filter(None, (module.path, module.package)))
        # Go writes what it found out about other modules into go.mod and go.sum, after asking the checksum database.
        command = [go(environment), "build", "-mod=mod", "-trimpath", "-tags", module.tags]
        command += ["-ldflags", f"-s -w{stamps}", "-o", "built", package]
        _run(command, environment, seconds, folder)
        os.replace(Path(folder) / "built", target)


def _run(command: list[str], environment: Mapping[str, str], seconds: float, folder: str | None = None) -> str:
    # Outside any module, whatever folder this was started in; no prompt of git's can hang it.
    around = {**environment, "GOWORK": "off", "GIT_TERMINAL_PROMPT": "0"}
    with tempfile.TemporaryDirectory() as nowhere:
        try:
            ran = subprocess.run(  # noqa: S603 -- Go, as found above
                command,
                cwd=folder or nowhere,
                env=around,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unbuildable(f"`{' '.join(command[1:3])}` took more than {seconds:.0f} s.") from None
    if ran.returncode:
        said = [line.strip() for line in ran.stderr.splitlines() if not line.startswith("go: downloading ")]
        raise Unbuildable(" ".join(said[-12:]))
    return ran.stdout
