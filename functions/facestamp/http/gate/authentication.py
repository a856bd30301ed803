"""Who sent a request: one of those whom the deployment's keys name, or nobody that is known here.

There are three ways in, told apart by the Authorization header:

- `FACESTAMP-HMAC-SHA256 Key=<id>, Timestamp=<seconds>, Signature=<hex>`: the request is signed with a secret that is
  never sent (`signing`), and is good for 300 s either way.
- `Bearer <key>`: the key itself is sent, of which only the SHA-256 is known here.
- CAM: where the Function URL is of AuthType CAM, Tencent has checked the caller before we are asked (583/96100). A
  request that came through the old gateway has not been checked by the URL.

Comparisons take the same time whatever is wrong, and an unknown key id costs the same work as a known one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field

from facestamp.http.gate.signing import SCHEME, lines_of_request, signature, text_to_sign
from facestamp.http.keys import Caller, Keys
from facestamp.http.replies.problems import UNAUTHENTICATED, Problem

WINDOW = 300
"""Seconds for which a signature is good before its timestamp, and after."""

CAM = "CAM"
"""The name of a caller whom the Function URL has checked. No key has it, as their names are in small letters."""

_HMAC = re.compile(
    rf"(?i:{SCHEME}) Key=(?P<key>[A-Za-z0-9_-]{{1,64}}), ?"
    r"Timestamp=(?P<at>[0-9]{1,11}), ?Signature=(?P<hex>[0-9a-f]{64})"
)
_BEARER = re.compile(r"(?i:Bearer) (?P<key>[A-Za-z0-9._~+/-]+=*)")
_TC3 = re.compile(r"TC3-HMAC-SHA256 .*")


@dataclass(frozen=True)
class Signed:
    """What of a request is signed, or says who sent it."""

    method: str
    host: str
    path: str
    """Decoded."""
    query: tuple[tuple[str, str], ...]
    """Decoded."""
    body: bytes = field(repr=False)
    authorization: tuple[str, ...] = field(repr=False)
    """The Authorization headers, of which there should be one."""
    idempotency_key: str | None = None
    """None without the header."""
    by_url: bool = True
    """Whether it came through the Function URL."""


def caller(request: Signed, keys: Keys, now: float) -> Caller:
    """Who sent the request, at the time `now`; raises `Problem` for somebody who is not known here."""
    if len(request.authorization) > 1:
        raise unauthenticated("Send one Authorization header.")
    told = request.authorization[0] if request.authorization else ""
    if match := _HMAC.fullmatch(told):
        return _signer(request, keys, match["key"], match["at"], match["hex"], now)
    if match := _BEARER.fullmatch(told):
        digest = hashlib.sha256(match["key"].encode()).hexdigest().encode()
        found = [known for known in keys.api if hmac.compare_digest(known.sha256.lower().encode(), digest)]
        if not found:
            raise unauthenticated("Send a key that this deployment knows.")
        return Caller(found[0].name, found[0].scopes)
    # Whether the URL hands on the header that it has checked, no document says.
    if keys.cam and request.by_url and (not told or _TC3.fullmatch(told)):
        return Caller(CAM, keys.cam)
    raise unauthenticated(f"Send an Authorization header: a Bearer key, or a signature by {SCHEME}, as /docs has it.")


def unauthenticated(detail: str) -> Problem:
    """The problem of a request that nobody known here has sent."""
    return Problem(UNAUTHENTICATED, detail, headers={"www-authenticate": f"Bearer, {SCHEME}"})


def _signer(request: Signed, keys: Keys, key_id: str, timestamp: str, told: str, now: float) -> Caller:
    known = {key.id: key for key in keys.signing}.get(key_id)
    asked = (request.method, request.host, request.path, request.query, request.body)
    text = text_to_sign(timestamp, key_id, request.idempotency_key or "", lines_of_request(*asked))
    right = hmac.compare_digest(signature(known.secret if known else "", text), told)
    if not right or known is None:
        raise unauthenticated("Sign the request with a key that this deployment knows, as /docs has it.")
    if abs(now - int(timestamp)) > WINDOW:
        raise unauthenticated(f"Sign the request anew: its timestamp is more than {WINDOW} s from the time here.")
    return Caller(known.id, known.scopes, signed=True)
