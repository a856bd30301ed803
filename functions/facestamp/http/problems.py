"""What goes wrong, as `application/problem+json` (RFC 9457), with Tencent's own code where Tencent refused.

A problem says what to do, and whether trying again helps. It never holds Tencent's message, which can quote a signed
address; Tencent's request id stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from facestamp.codes import NO_TIME
from facestamp.errors import NoAnswer, ServiceError, Verdict, sentence
from facestamp.lease import Busy
from facestamp.settings import SettingsError


@dataclass(frozen=True)
class Kind:
    """One type of problem; its address is its place in the documents."""

    slug: str
    status: int
    title: str
    retry: bool = False
    """Whether the same request can do better later."""


PARAMETER: Final = Kind("parameter", 400, "A parameter is missing or not as it should be")
UNAUTHENTICATED: Final = Kind("unauthenticated", 401, "The request is not signed, or not by anybody known here")
FORBIDDEN: Final = Kind("forbidden", 403, "The key does not have the scope that this takes")
UNKNOWN: Final = Kind("unknown", 404, "There is no such photo, person, group or page")
METHOD: Final = Kind("method", 405, "This address does not take this method")
CONFLICT: Final = Kind("conflict", 409, "What is there already does not agree with this")
BUSY: Final = Kind("busy", 409, "Somebody is working on this just now", retry=True)
TOO_LARGE: Final = Kind("too-large", 413, "The request is larger than SCF takes")
MEDIA_TYPE: Final = Kind("media-type", 415, "The body is not JSON")
UNUSABLE: Final = Kind("unusable", 422, "The picture, or what it shows, cannot be used")
THROTTLED: Final = Kind("throttled", 429, "Too many requests at once", retry=True)
FAULT: Final = Kind("fault", 500, "A mistake of facestamp's")
UPSTREAM: Final = Kind("upstream", 502, "A Tencent service failed", retry=True)
ACCOUNT: Final = Kind("account", 503, "The operator of this deployment has to act")
TIMEOUT: Final = Kind("timeout", 504, "There was no answer in time", retry=True)

KINDS: Final = (
    *(PARAMETER, UNAUTHENTICATED, FORBIDDEN, UNKNOWN, METHOD, CONFLICT, BUSY, TOO_LARGE, MEDIA_TYPE, UNUSABLE),
    *(THROTTLED, FAULT, UPSTREAM, ACCOUNT, TIMEOUT),
)


class Problem(Exception):
    """Ends a request."""

    def __init__(
        self, kind: Kind, detail: str, code: str = "", request_id: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{kind.slug} {code}")
        self.kind, self.detail, self.code, self.request_id = kind, detail, code, request_id
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON to send. `request_id` is Tencent's, of the call that was refused."""
        told = {
            "type": f"/docs#{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": self.request_id,
        }
        return {name: value for name, value in told.items() if value != ""} | {"retry": self.kind.retry}


def problem_of(error: Exception) -> Problem:
    """What an exception of the library's means to the caller of the API."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Busy):
        return Problem(BUSY, "Another request or an upload is being worked on; try again in a few seconds.")
    if isinstance(error, SettingsError):
        return Problem(ACCOUNT, "This deployment is not set up rightly; its log says what to change.")
    if isinstance(error, ServiceError):
        return Problem(_kind(error), sentence(error), error.code, error.request_id)
    return Problem(FAULT, "This should not have happened; please report it with the request id in the header.")


def _kind(error: ServiceError) -> Kind:
    if isinstance(error, NoAnswer) or error.code == NO_TIME:
        return TIMEOUT
    if error.code in ("NoSuchKey", "InvalidParameterValue.PersonIdNotExist"):
        return UNKNOWN
    return {
        Verdict.RETRY: UPSTREAM,
        Verdict.THROTTLE: THROTTLED,
        Verdict.REJECT: UNUSABLE,
        Verdict.OPERATOR: ACCOUNT,
        None: UPSTREAM,
    }[error.verdict]
