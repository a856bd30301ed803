"""What was asked of the cloud, request by request.

Tests count calls here, `make bench` adds up bytes, and a person reads `GET /calls` on the local address. An entry
names actions, objects and codes; it never holds a credential, a signature, a body or a face.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any


@dataclass
class Call:
    """One request, from the moment that it is understood; `status` and `code` are filled in when it is answered."""

    number: int
    at: float
    service: str
    """cos, ci, iai, scf, cam, sts or url (Function URL)."""
    action: str
    """The name under which CAM knows it, without the service: GetObject, AnalyzeFace …"""
    resource: str = ""
    """`<bucket>/<key>` for COS and CI, else empty."""
    secret_id: str = ""
    role: str = ""
    worker: str = ""
    """The function instance that made it, if one did."""
    invocation: str = ""
    """The request id of the invocation that it was made in, if any."""
    by: str = ""
    """Who sent it, if not the key's holder: `iai`, fetching a photo by an address that was presigned with that key."""
    status: int = 0
    code: str = ""
    """Tencent's error code, empty on success."""
    paid: bool = False
    """Tencent would have billed a face call for it."""
    received: int = 0
    """Bytes of request body."""
    sent: int = 0
    """Bytes of response body."""
    seconds: float = 0.0


class Journal:
    """Calls in the order in which they came."""

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()

    def open(self, **known: Any) -> Call:
        """Enter a call, giving it the next number."""
        with self._lock:
            call = Call(number=len(self._calls) + 1, **known)
            self._calls.append(call)
            return call

    def calls(self, **like: object) -> list[Call]:
        """The calls whose fields equal all of `like`, such as `service="iai", action="AnalyzeFace"`."""
        with self._lock:
            return [c for c in self._calls if all(getattr(c, name) == value for name, value in like.items())]

    def since(self, number: int) -> list[Call]:
        """The calls after the one of this number."""
        with self._lock:
            return self._calls[number:]

    def paid(self, **like: object) -> list[Call]:
        """The calls that would have cost money."""
        return self.calls(paid=True, **like)

    def __len__(self) -> int:
        with self._lock:
            return len(self._calls)
