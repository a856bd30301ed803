"""What goes wrong, as `application/problem+json` (RFC 9457), with Tencent's own code where Tencent refused.

A problem says what to do, and whether trying again helps. It never holds Tencent's message, which can quote a signed
address; Tencent's request id stands for it. `refusals` tells which of Tencent's codes is which kind of problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Kind:
    """One type of problem; its address is its place in the documents."""

    slug: str
    status: int
    title: str
    wait: int = 0
    """Seconds after which the same request can do better; 0 where it cannot."""

    @property
    def retry(self) -> bool:
        """Whether the same request can do better later."""
        return self.wait > 0


PARAMETER: Final = Kind("parameter", 400, "A parameter is missing or not as it should be")
UNAUTHENTICATED: Final = Kind("unauthenticated", 401, "The request is not signed, or not by anybody known here")
FORBIDDEN: Final = Kind("forbidden", 403, "The key does not have the scope that this takes")
UNKNOWN: Final = Kind("unknown", 404, "There is no such photo, person, group or page")
METHOD: Final = Kind("method", 405, "This address does not take this method")
CONFLICT: Final = Kind("conflict", 409, "What is there already does not agree with this")
BUSY: Final = Kind("busy", 409, "Somebody is working on this just now", wait=2)
TOO_LARGE: Final = Kind("too-large", 413, "The request is larger than can be taken")
MEDIA_TYPE: Final = Kind("media-type", 415, "The body is not JSON")
UNUSABLE: Final = Kind("unusable", 422, "The picture, or what it shows, cannot be used")
THROTTLED: Final = Kind("throttled", 429, "Too many requests at once", wait=2)
FAULT: Final = Kind("fault", 500, "A mistake of facestamp's")
UPSTREAM: Final = Kind("upstream", 502, "A Tencent service failed", wait=5)
ACCOUNT: Final = Kind("account", 503, "The operator of this deployment has to act")
TIMEOUT: Final = Kind("timeout", 504, "There was no answer in time", wait=5)

KINDS: Final = (
    *(PARAMETER, UNAUTHENTICATED, FORBIDDEN, UNKNOWN, METHOD, CONFLICT, BUSY, TOO_LARGE, MEDIA_TYPE, UNUSABLE),
    *(THROTTLED, FAULT, UPSTREAM, ACCOUNT, TIMEOUT),
)
MEDIA: Final = "application/problem+json"


class Problem(Exception):
    """Ends a request. `code` and `request_id` are Tencent's, of the call that was refused, where one was."""

    def __init__(
        self, kind: Kind, detail: str, code: str = "", request_id: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{kind.slug} {code}")
        self.kind, self.detail, self.code, self.request_id = kind, detail, code, request_id
        self.headers = {**({"retry-after": str(kind.wait)} if kind.retry else {}), **(headers or {})}

    def body(self) -> dict[str, Any]:
        """The JSON to send."""
        told = {
            "type": f"/docs#{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": self.request_id,
        }
        return {name: value for name, value in told.items() if value != ""} | {"retry": self.kind.retry}
