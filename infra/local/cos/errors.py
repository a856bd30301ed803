"""Refusals in COS's shape: an Error document, and the two ids that Tencent asks for when something went wrong.

Documents: error codes and their statuses, COS 436/7730; Cloud Infinite's X-ErrNo, COS 436/7730.
"""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Mapping
from typing import Final

from werkzeug import Request, Response

from infra.local.cos import markup
from infra.local.gateway import Refused

STATUSES: Final[Mapping[str, int]] = {
    "AccessDenied": 403,
    "AccessForbidden": 403,
    "InvalidAccessKeyId": 403,
    "InvalidObjectState": 403,
    "NoProcessAuthority": 403,
    "PathStyleDomainForbidden": 403,
    "SignatureDoesNotMatch": 403,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchCopySource": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NoSuchVersion": 404,
    "MethodNotAllowed": 405,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "FileAlreadyExists": 409,
    "ObjectLocked": 409,
    "PreconditionFailed": 412,
    "InvalidRange": 416,
    "NotImplemented": 501,
}
"""The HTTP status of each code that is not 400."""

_REQUEST_ID = "infra.local.cos.request_id"


class Unprocessed(Refused):
    """Cloud Infinite could not process a picture; `number` goes into X-ErrNo."""

    def __init__(self, code: str, message: str, number: int, status: int = 400) -> None:
        super().__init__(code, message, status)
        self.number = number


def refuse(code: str, message: str) -> Refused:
    """The refusal with the status that COS gives this code."""
    return Refused(code, message, STATUSES.get(code, 400))


def request_id(request: Request) -> str:
    """The id that COS gives this request; the same one each time it is asked for."""
    known = request.environ.get(_REQUEST_ID)
    if known is None:
        known = base64.b64encode(f"{int(time.time()):x}_{secrets.token_hex(8)}".encode()).decode()
        request.environ[_REQUEST_ID] = known
    return str(known)


def dress(refused: Refused, request: Request, resource: str) -> Response:
    """The Error document; HEAD has none, and a 304 is no error."""
    trace = base64.b64encode(secrets.token_bytes(24)).decode()
    content = {
        "Code": refused.code,
        "Message": refused.message,
        "Resource": resource,
        "RequestId": request_id(request),
        "TraceId": trace,
    }
    response = markup.answer("Error", None if request.method == "HEAD" else content, refused.status)
    if request.method == "HEAD" or refused.status == 304:
        response.set_data(b"")
    response.headers["x-cos-trace-id"] = trace
    if isinstance(refused, Unprocessed):
        response.headers["X-ErrNo"] = str(refused.number)
    return response
