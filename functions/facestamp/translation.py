"""What the COS SDK raises and returns, in our own terms.

Its exceptions hold addresses and keys, so nothing of them is passed on but the code and the request's id. Not every
answer has a code: HEAD's have no body, and a gateway in between may answer with a page of its own.

Where Cloud Infinite cannot get or process a picture, it tells why as a number in the header `X-ErrNo` (COS 436/7730),
and every answer of COS's tells its time. The SDK drops the headers of errors and of listings, so its clients are given
a `session` that remembers these for `translated` and `time_told`.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

from qcloud_cos import CosClientError, CosServiceError
from requests import RequestException, Response, Session
from urllib3.exceptions import HTTPError

from facestamp.errors import NoAnswer, Refusal, ServiceError, errno

Result = TypeVar("Result")


class _Latest(threading.local):
    """This thread's latest answer."""

    number = ""
    """Its `X-ErrNo`, as it came; empty if it had none."""
    told: tuple[str, float] | None = None
    """Its Date, and when by the monotonic clock it came; None if it was not from COS."""


_latest = _Latest()


@lru_cache(maxsize=1)
def session(process: int) -> Session:
    """The connections of the process with that id, which all clients and threads share: up to 10 kept open to a host.

    For `CosS3Client(session=…)`. A forked process has to ask for its own: the SDK makes them anew by itself only if
    they are its own too.
    """
    shared = Session()
    shared.hooks["response"].append(_remember)
    return shared


def _remember(response: Response, **_: Any) -> None:
    _latest.number = response.headers.get("X-ErrNo", "")
    # What a proxy in between answers has a Date, too, but no id of COS's.
    if "x-cos-request-id" in response.headers and "Date" in response.headers:
        _latest.told = response.headers["Date"], time.monotonic()


def time_told() -> float | None:
    """COS's time less the monotonic clock's, in seconds, by this thread's latest answer; None if that tells none."""
    if _latest.told is None:
        return None
    date, came = _latest.told
    try:
        return parsedate_to_datetime(date).timestamp() - came
    except (ValueError, TypeError):
        return None


def translated(action: str, call: Callable[[Any], Result], client: Any) -> Result:
    """Make the call; the SDK's errors as ours. They hold addresses, so their texts stay behind.

    A known `X-ErrNo` goes before the code in the body, which is coarser: -441 and -164 can both come as a bad request.
    """
    _latest.number, _latest.told = "", None
    service = "ci" if action == "DetectFace" else "cos"
    try:
        answer = call(client)
    except CosServiceError as error:
        # Not by the SDK's own methods, which take any JSON object for an error of COS's and fail on what it lacks.
        told = error.get_digest_msg() if isinstance(error.get_digest_msg(), dict) else {}
        code = told.get("code")
        if code in ("NoSuchResource", "", None):
            code = _code_of(error.get_status_code())
        raise _refused(service, action, str(code), str(told.get("requestid", "Unknown"))) from None
    except (CosClientError, RequestException, HTTPError):
        raise NoAnswer(service, action) from None
    except (ParseError, ExpatError, json.JSONDecodeError, UnicodeDecodeError):
        # A success that broke off, or that was no answer of COS's at all.
        raise NoAnswer(service, action) from None
    if isinstance(answer, dict) and "Code" in answer and "Message" in answer:
        raise _refused(service, action, str(answer["Code"]), str(answer.get("RequestId", "")))
    return answer


def _refused(service: str, action: str, code: str, request_id: str) -> ServiceError:
    told = _numbered()
    if told:
        return ServiceError(service, action, told.code, request_id=request_id, verdict=told.verdict)
    return ServiceError(service, action, code, request_id=request_id)


def _numbered() -> Refusal | None:
    try:
        return errno(int(_latest.number))
    except ValueError:
        return None


def _code_of(status: int) -> str:
    """A code for an answer that came without one, as HEAD's do."""
    if status >= 500:
        return "InternalError"
    return {403: "AccessDenied", 404: "NoSuchKey", 412: "PreconditionFailed"}.get(status, "InvalidRequest")
