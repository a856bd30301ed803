"""The other signature that COS takes: AWS Signature V4, in a header, as tools made for S3 send it.

COS speaks S3's own interface on the same hosts (COS 436/37421), and deploying uses it: the Terraform provider signs
most calls about buckets in this way. What is to be signed is computed by botocore; here it is only decided what
a signature must cover: the host, every `x-amz-*` header, the body by its digest (or openly not at all), and a moment
no more than 15 minutes away. A body signed chunk by chunk is refused, since nothing here sends one. The region in its
scope is signed, and not compared with the bucket's. Document of the algorithm: AWS, Signature Version 4 for S3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final
from urllib.parse import quote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials

from infra.local.cos.signature import SKEW_SECONDS, same
from infra.local.gateway import Refused

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED: Final = "UNSIGNED-PAYLOAD"

_DATE, _DIGEST = "x-amz-date", "x-amz-content-sha256"


@dataclass(frozen=True)
class Signed:
    """What such a signature says of itself."""

    secret_id: str
    date: str
    """The day that it is made for, `20261121`."""
    region: str
    headers: tuple[str, ...]
    """Names of the signed headers, in lower case."""
    signature: str

    def __repr__(self) -> str:
        return f"Signed({self.secret_id})"


def is_signed(authorization: str) -> bool:
    """Whether a request is signed in this way, well or not."""
    return authorization.strip().startswith(ALGORITHM)


def secret_id(authorization: str) -> str:
    """Whose key it claims to be; empty if it does not say."""
    return _fields(authorization).get("Credential", "").partition("/")[0]


def read(authorization: str) -> Signed:
    """The signature in an Authorization header; raises `Refused` AccessDenied where it is not complete."""
    found = _fields(authorization)
    scope = found.get("Credential", "").split("/")
    if len(scope) != 5 or scope[3:] != ["s3", "aws4_request"] or not found.get("SignedHeaders"):
        raise Refused("AccessDenied", f"The Authorization header is not a complete {ALGORITHM} signature.", 403)
    names = tuple(found["SignedHeaders"].lower().split(";"))
    return Signed(scope[0], scope[1], scope[2], names, found.get("Signature", ""))


def verify(
    signed: Signed,
    secret_key: str,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    now: float,
) -> None:
    """Raise `Refused` unless the request is signed with `secret_key`, as it is and about `now` (real Unix seconds)."""
    digest = headers.get(_DIGEST, "")
    if digest.startswith("STREAMING-"):
        raise Refused("NotImplemented", "The local cloud takes no body that is signed in chunks.", 501)
    if not digest:
        raise Refused("InvalidRequest", f"Missing required header for this request: {_DIGEST}", 400)
    if not _covers(signed.headers, headers):
        raise Refused("AccessDenied", "There were headers present in the request which were not signed", 403)
    if not same(_signature(signed, secret_key, method, path, query, headers), signed.signature):
        raise Refused("SignatureDoesNotMatch", "The Signature you specified is invalid.", 403)
    if abs(_seconds(headers.get(_DATE, ""), signed.date) - now) > SKEW_SECONDS:
        raise Refused("RequestTimeTooSkewed", "The request's time and the server's differ by over 15 minutes.", 403)
    if digest not in (UNSIGNED, hashlib.sha256(body).hexdigest()):
        raise Refused("XAmzContentSHA256Mismatch", f"The provided {_DIGEST} header does not match the body.", 400)


class _Expected(S3SigV4Auth):  # type: ignore[misc]  # botocore has no types
    """botocore's signer, which signs the headers that it is given, all of them and no others."""

    def headers_to_sign(self, request: Any) -> Any:
        return request.headers


def _signature(
    signed: Signed, secret_key: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> str:
    listed = HTTPHeaders()
    for name in signed.headers:
        listed[name] = headers.get(name, "").encode("latin-1").decode("utf-8", "replace")
    address = f"http://{headers.get('Host', '')}{quote(path, safe='/-_.~', errors='surrogateescape')}"
    request = AWSRequest(method, address, listed, params=list(query.items()))
    request.context["timestamp"] = headers.get(_DATE, "")
    signer = _Expected(Credentials(signed.secret_id, secret_key), "s3", signed.region)
    return str(signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request))


def _covers(names: tuple[str, ...], headers: Mapping[str, str]) -> bool:
    needed = {"host"} | {name.lower() for name in headers if name.lower().startswith("x-amz-")}
    present = {name.lower() for name in headers}
    return needed <= set(names) <= present


def _fields(authorization: str) -> dict[str, str]:
    parts = authorization.strip().removeprefix(ALGORITHM).split(",")
    return dict(part.strip().partition("=")[::2] for part in parts)


def _seconds(moment: str, day: str) -> float:
    try:
        read = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Refused("AccessDenied", f"{_DATE} is no time like 20261121T120000Z.", 403) from None
    if not moment.startswith(day):
        raise Refused("SignatureDoesNotMatch", f"The scope's day is not that of {_DATE}.", 403)
    return read.timestamp()
