"""How much time is left, and what is worth starting in it.

SCF ends an invocation at its time limit without warning. Every wait and every call asks the deadline first, and a
reserve is kept for writing down what went wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable

RESERVE = 3.0
"""Seconds kept for the dead letter."""


class Deadline:
    """A moment of the monotonic clock."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Seconds until the invocation is ended."""
        return self._end - self._clock()

    def allows(self, seconds: float) -> bool:
        """Whether something that may take `seconds` can be started and still leave the reserve."""
        return self.left() - RESERVE >= seconds
