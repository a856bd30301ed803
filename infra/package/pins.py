"""The pinned list: which distributions, in which version, and which files of theirs (by hash) are the ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.package.runtime import Runtime


@dataclass(frozen=True)
class Pin:
    """A distribution in one version."""

    name: str
    version: str
    hashes: frozenset[str]
    """SHA-256 of each of its files, in hex; pip takes no other."""

    @property
    def line(self) -> str:
        """As a list of requirements has it."""
        return " ".join((f"{self.name}=={self.version}", *(f"--hash=sha256:{known}" for known in sorted(self.hashes))))


def pinned(requirements: Path, runtime: Runtime | None = None, but: Iterable[str] = ()) -> list[Pin]:
    """What the list asks for on a runtime (None: this interpreter); no list asks for nothing.

    Markers are judged for the runtime, whatever this machine is. `but` names those that do not matter.
    """
    if not requirements.exists():
        return []
    lines = requirements.read_text("utf-8").replace("\\\n", " ").splitlines()
    pins = [_pin(line, runtime) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return [pin for pin in pins if pin is not None and canonicalize_name(pin.name) not in but]


def _pin(line: str, runtime: Runtime | None) -> Pin | None:
    asked, *options = line.partition(" #")[0].split(" --hash=sha256:")
    requirement = Requirement(asked.strip())
    if not _wanted(requirement.marker, runtime):
        return None
    (version,) = requirement.specifier
    return Pin(requirement.name, version.version, frozenset(option.strip() for option in options))


def _wanted(marker: Marker | None, runtime: Runtime | None) -> bool:
    return marker is None or marker.evaluate(runtime.environment if runtime else None)
