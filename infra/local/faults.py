"""Things that go wrong on purpose.

A fault waits for the n-th call that it matches and then acts on it, before or after the service has done its work.
Tests use these instead of patches: the functions, the SDKs and the services stay as they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from infra.local.journal import Call

Effect = Literal["delay", "fail", "drop", "kill", "run"]


@dataclass
class Fault:
    """One fault; empty fields match everything.

    `delay` waits `seconds`; `fail` answers with `code` and `status` in the service's own error shape; `drop` closes the
    connection without an answer; `kill` ends the worker that made the call; `run` calls `action_run` (an overwrite
    in between, say). `when="after"` lets the service apply the call first: a lost reply is `drop` after.
    """

    effect: Effect
    when: Literal["before", "after"] = "before"
    service: str = ""
    action: str = ""
    resource: str = ""
    by_worker: bool = False
    """Only calls that a function's worker made."""
    direct: bool = False
    """Only calls that the key's holder sent, not the face service's downloads by a presigned address."""
    nth: int = 1
    """Which matching call, from 1, counted from the fault's installation."""
    times: int = 1
    """How many matching calls in a row, from the n-th; 0 means all."""
    seconds: float = 0.0
    code: str = "InternalError"
    status: int = 500
    action_run: Callable[[], None] | None = None
    seen: int = field(default=0, init=False)

    def matches(self, call: Call) -> bool:
        """Whether `call` is of the kind that this fault waits for."""
        return (
            self.service in ("", call.service)
            and self.action in ("", call.action)
            and self.resource in ("", call.resource)
            and (bool(call.worker) or not self.by_worker)
            and not (call.by and self.direct)
        )


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Install a fault; `clear` takes it out again."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take all faults out."""
        with self._lock:
            self._faults.clear()

    def due(self, call: Call) -> list[Fault]:
        """The faults that this call sets off; counts it for those that wait for a later one. Ask once a call."""
        with self._lock:
            due = []
            for fault in self._faults:
                if fault.matches(call):
                    fault.seen += 1
                    last = fault.nth + fault.times - 1 if fault.times else fault.seen
                    if fault.nth <= fault.seen <= last:
                        due.append(fault)
            return due
