"""What functions and the platform wrote, line by line.

A line is what the log service would hold: the platform's own lines (START … Report, SCF 583/52637 and the log
structure page) and everything that a function's process wrote to stdout or stderr. Tests search these lines for what
must never be in them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from infra.local.scf.outcome import RUNNING

KEPT: Final = 200_000
"""Lines kept; the oldest go first."""


@dataclass(frozen=True)
class LogLine:
    """One line."""

    time: float
    """The cloud clock's seconds."""
    function: str
    request_id: str
    """The invocation that wrote it; for what is written between two, the one before."""
    type: Literal["Platform", "Custom"]
    """SCF_Type: the platform's own, or the function's."""
    text: str
    """SCF_Message."""
    retry: int = 0
    """SCF_RetryNum: 0 for the first attempt."""
    started: float = 0.0
    """SCF_StartTime, in the cloud clock's seconds: when the attempt began."""
    duration: float = 0.0
    """SCF_Duration, in seconds; 0 until the handler has ended."""
    memory: float = 0.0
    """SCF_MemUsage, in MB, as far as it is known."""
    status: int = RUNNING
    """SCF_StatusCode: how the attempt ended, once it has."""


class Logs:
    """The lines of all functions, in the order in which they came; `hear` is told of each as well."""

    def __init__(self, kept: int = KEPT, hear: Callable[[LogLine], None] = lambda line: None) -> None:
        self._lines: deque[LogLine] = deque(maxlen=kept)
        self._hear = hear
        self._lock = threading.Lock()

    def write(self, line: LogLine) -> None:
        """Keep a line."""
        with self._lock:
            self._lines.append(line)
        self._hear(line)

    def lines(self, function: str | None = None, invocation: str | None = None) -> list[LogLine]:
        """Those of one function or one invocation (its request id), or all."""
        with self._lock:
            return [
                line
                for line in self._lines
                if function in (None, line.function) and invocation in (None, line.request_id)
            ]
