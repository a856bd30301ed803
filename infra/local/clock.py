"""The cloud's time.

COS, the face service and the platform's waits all read this clock; a function's own time stays real. A
wait of the platform, such as the minute before a retry, may be skipped by moving the clock on. Signatures are
checked against real time, since the callers that make them live in it; it can be moved on by itself.
"""

from __future__ import annotations

import threading
import time
from email.utils import formatdate


class Clock:
    """Real time plus whatever waits have been skipped."""

    def __init__(self) -> None:
        self._skipped = self._aged = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the epoch, as the cloud sees them."""
        with self._lock:
            return time.time() + self._skipped

    def skip(self, seconds: float) -> None:
        """Let `seconds` pass at once; never backwards."""
        if seconds > 0:
            with self._lock:
                self._skipped += seconds

    def callers(self) -> float:
        """Seconds since the epoch, as those see them who sign requests."""
        with self._lock:
            return time.time() + self._aged

    def age(self, seconds: float) -> None:
        """Let every signature made so far be `seconds` older; never younger."""
        if seconds > 0:
            with self._lock:
                self._aged += seconds

    def http_date(self) -> str:
        """The time as an HTTP Date header."""
        return formatdate(self.now(), usegmt=True)
