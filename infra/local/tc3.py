"""How every API 3.0 host knows its caller: TC3-HMAC-SHA256, and the one envelope of answers and errors.

A request names its action, version and time in `X-TC-*` headers, and signs a canonical form of itself with its key:

1. canonical request: method, path, query, the signed headers (at least content-type and host), the body's SHA-256;
2. string to sign: the time, the scope `<UTC date>/<service>/tc3_request`, and that request's SHA-256;
3. the signing key is derived from the secret by date, service and `tc3_request` in turn.

The token of a temporary key travels beside the signature, not in it. The caller's clock is checked against real
time, since callers live in it; a key's lifetime against the cloud's. Whatever goes wrong is answered with HTTP 200:
the body says what it was. Documents: signature v3 (IAI 867/44978), common parameters (IAI 867/32773), common error
codes (CVM 213/30435).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from werkzeug import Request, Response

from infra.local.gateway import Refused

if TYPE_CHECKING:
    from infra.local.cam import Cam, Denied, Identity

SKEW_SECONDS = 300
"""How far a request's timestamp may lie from real time."""
BODY_LIMIT = 10_000_000
"""A signed POST carries at most 10 MB; read as decimal, the stricter of the two."""

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256\s+Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<service>[a-z0-9-]+)/tc3_request\s*,"
    r"\s*SignedHeaders=(?P<headers>[A-Za-z0-9;-]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{64})"
)


class Authorization(NamedTuple):
    """What the Authorization header claims."""

    secret_id: str
    date: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


def read_authorization(header: str) -> Authorization | None:
    """The header's parts, or None where it is not of the documented form."""
    match = _AUTHORIZATION.fullmatch(header.strip())
    if match is None:
        return None
    headers = tuple(name.lower() for name in match["headers"].split(";"))
    return Authorization(match["id"], match["date"], match["service"], headers, match["signature"])


def wanted_secret_id(request: Request) -> str:
    """Whose key the request says it is signed with; empty where it says nothing legible."""
    claimed = read_authorization(request.headers.get("Authorization", ""))
    return claimed.secret_id if claimed else ""


def wanted_action(request: Request) -> str:
    """`X-TC-Action` as sent."""
    return request.headers.get("X-TC-Action", "")


def signature(
    secret_key: str, service: str, timestamp: int, headers: Mapping[str, str], body: bytes, query: str = ""
) -> str:
    """The signature of a POST of `body` to `/`, hexadecimal; `headers` are those signed, under lower-case names.

    `timestamp` is in seconds since the epoch; its UTC date is the scope's.
    """
    return _signature("POST", "/", query, secret_key, service, timestamp, headers, hashlib.sha256(body).hexdigest())


def authenticate(request: Request, service: str, cam: Cam) -> Identity:
    """Whose request this is, once its signature has been found to be right.

    Raises `Refused` with AuthFailure.InvalidAuthorization (header illegible, wrong scope, or content-type and host
    not both signed), SecretIdNotFound, SignatureExpire (more than five minutes from real time), SignatureFailure, or
    TokenFailure (a temporary key without its token, with another's, or past its time); MissingParameter without a
    timestamp; RequestSizeLimitExceeded above 10 MB.
    """
    if len(request.get_data(cache=True)) > BODY_LIMIT:
        raise Refused("RequestSizeLimitExceeded", "The request exceeds the limit of 10 MB.")
    claimed = read_authorization(request.headers.get("Authorization", ""))
    if claimed is None:
        raise Refused("AuthFailure.InvalidAuthorization", "The Authorization header does not comply with the standard.")
    if claimed.service != service or not {"content-type", "host"} <= set(claimed.signed_headers):
        raise Refused(
            "AuthFailure.InvalidAuthorization",
            f"The credential must be scoped to {service}, and content-type and host must be signed.",
        )
    timestamp = request.headers.get("X-TC-Timestamp", "")
    if not re.fullmatch(r"\d{1,11}", timestamp):
        raise Refused("MissingParameter", "The request is missing a required parameter `Timestamp`.")
    identity = cam.identity(claimed.secret_id)
    if identity is None:
        raise Refused("AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that it is correct.")
    if abs(time.time() - int(timestamp)) > SKEW_SECONDS:
        raise Refused("AuthFailure.SignatureExpire", "The provided credentials have expired. Check the local time.")
    target = urlsplit(str(request.environ.get("REQUEST_URI", "")))
    expected = _signature(
        request.method,
        target.path or "/",
        target.query,
        identity.secret_key,
        service,
        int(timestamp),
        {name: _header(request, name) for name in claimed.signed_headers},
        _payload_hash(request),
    )
    if claimed.date != _utc_date(int(timestamp)) or not hmac.compare_digest(expected, claimed.signature):
        raise Refused(
            "AuthFailure.SignatureFailure",
            "The provided credentials could not be validated. Please check your signature is correct.",
        )
    token = request.headers.get("X-TC-Token", "")
    if not hmac.compare_digest(token.encode(), identity.token.encode()) or identity.expires <= cam.clock.now():
        raise Refused("AuthFailure.TokenFailure", "The token is missing, wrong, or has expired.")
    return identity


def parameters(request: Request) -> dict[str, Any]:
    """The action's parameters: the JSON object that is the body. An empty body is an empty object.

    Raises `Refused` with UnsupportedProtocol for another method, InvalidParameter for another content type or a body
    that is no JSON object.
    """
    if request.method != "POST":
        raise Refused("UnsupportedProtocol", "The local cloud takes API 3.0 requests as POST only.")
    if request.mimetype != "application/json":
        raise Refused("InvalidParameter", "The Content-Type must be application/json.")
    try:
        body = json.loads(request.get_data(cache=True) or b"{}")
    except ValueError:
        raise Refused("InvalidParameter", "The request body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise Refused("InvalidParameter", "The request body is not a JSON object.")
    return body


def unauthorized(denied: Denied) -> Refused:
    """What CAM's refusal becomes here: AuthFailure.UnauthorizedOperation, naming action and resource."""
    return Refused(
        "AuthFailure.UnauthorizedOperation",
        f"You are not authorized to perform operation ({denied.action})\n"
        f"resource ({denied.resource}) has no permission\n",
    )


def respond(answer: Mapping[str, Any], request_id: str = "") -> Response:
    """HTTP 200 with `answer` and a RequestId in the envelope. The SDKs want exactly this Content-Type."""
    body = {"Response": {**answer, "RequestId": request_id or str(uuid.uuid4())}}
    return Response(json.dumps(body, ensure_ascii=False), status=200, content_type="application/json")


def refuse(code: str, message: str, status: int = 200, request_id: str = "") -> Response:
    """An error in the envelope, with HTTP 200 as Tencent answers it.

    Without a code it is no answer of the service at all but of something in between: `status` and no envelope.
    """
    if not code:
        return Response("The server is temporarily unable to answer.\n", status=status)
    return respond({"Error": {"Code": code, "Message": message}}, request_id)


def _signature(
    method: str,
    path: str,
    query: str,
    secret_key: str,
    service: str,
    timestamp: int,
    headers: Mapping[str, str],
    payload_hash: str,
) -> str:
    canonical_headers = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in sorted(headers))
    canonical = "\n".join((method, path, query, canonical_headers, ";".join(sorted(headers)), payload_hash))
    scope = f"{_utc_date(timestamp)}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in (_utc_date(timestamp), service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()


def _payload_hash(request: Request) -> str:
    if request.headers.get("X-TC-Content-SHA256") == "UNSIGNED-PAYLOAD":
        return hashlib.sha256(b"UNSIGNED-PAYLOAD").hexdigest()
    return hashlib.sha256(request.get_data(cache=True)).hexdigest()


def _header(request: Request, name: str) -> str:
    # werkzeug's own `host` drops a default port, which the caller may have signed.
    return str(request.environ.get("HTTP_HOST", "")) if name == "host" else request.headers.get(name, "")


def _utc_date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d")
