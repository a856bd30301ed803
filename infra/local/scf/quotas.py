"""How much may run at the same moment, in MB of the functions' memory.

An account has a quota in each region. A function can be given a part of it for its own (its reserved quota): more than
that it never gets, and nobody else gets that. The last 12,800 MB are nobody's own. Whatever is beyond meets 432.
Documents: SCF 583/49313 (concurrency), 583/11637 (limits).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from infra.local.gateway import Refused

if TYPE_CHECKING:
    from infra.local.scf.function import Function

LARGE: Final = ("ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu", "ap-hongkong")
"""The regions whose quota is 128,000 MB; it is 64,000 MB in the others."""
SHARED: Final = 12_800
"""MB that always remain for the functions without a reserved quota."""


class Quotas:
    """The account's quota in one region, and what runs under it."""

    def __init__(self, region: str) -> None:
        self.total = 128_000 if region in LARGE else 64_000
        self._reserved: dict[str, int] = {}
        self._running: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def reserve(self, function: str, megabytes: int | None) -> None:
        """Give a function so much for its own, 0 to stop it; None takes the reserved quota back.

        Raises `Refused` with LimitExceeded.FunctionReservedConcurrencyMemory if the account has not so much left.
        """
        with self._lock:
            others = sum(size for name, size in self._reserved.items() if name != function)
            left = self.total - SHARED - others
            if megabytes is None:
                self._reserved.pop(function, None)
            elif megabytes > left:
                raise Refused(
                    "LimitExceeded.FunctionReservedConcurrencyMemory", f"There are {left} MB left to reserve."
                )
            else:
                self._reserved[function] = megabytes

    def reserved(self, function: str) -> int | None:
        """A function's reserved quota, if it has one."""
        with self._lock:
            return self._reserved.get(function)

    def enter(self, function: Function) -> str:
        """Let one more of a function run; why not, if it may not."""
        with self._lock:
            own = self._reserved.get(function.name)
            if own is not None:
                if sum(self._running.get(function.name, ())) + function.memory > own:
                    return f"Function [ {function.name} ] concurrency exceeded reserved quota {own} MB"
            else:
                shared = self.total - sum(self._reserved.values())
                others = sum(sum(sizes) for name, sizes in self._running.items() if name not in self._reserved)
                if others + function.memory > shared:
                    return f"Concurrency exceeded the account's quota of {shared} MB"
            self._running.setdefault(function.name, []).append(function.memory)
            return ""

    def leave(self, function: Function) -> None:
        """One that was let run has ended."""
        with self._lock:
            self._running[function.name].remove(function.memory)
