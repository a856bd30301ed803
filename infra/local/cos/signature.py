"""COS's request signature, q-sign-algorithm=sha1: in a header, in a query, and on an upload form.

1. SignKey is HMAC-SHA1 of the secret key over KeyTime (`<start>;<end>`, Unix seconds), in hexadecimal.
2. HttpString is method, decoded path, the listed parameters and the listed headers, each name=value in UrlEncode.
3. The signature is HMAC-SHA1 of SignKey over `sha1\\n<time>\\n<SHA1(HttpString)>\\n`; on a form, over SHA1(policy).

What the caller did not list is not signed, and what it lists must be in the request. The caller's times are checked
against real time, since callers live in it. Documents: COS 436/7778, and 436/14690 for the form.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from infra.local.gateway import Refused

SKEW_SECONDS: Final = 900
"""How far the caller's clock may run ahead: 15 minutes (COS 436/7730)."""
FIELDS: Final = (
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
)

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Signed:
    """What a signature says of itself."""

    secret_id: str
    sign_time: str
    key_time: str
    headers: tuple[str, ...]
    """Names of the signed headers, in lower case and UrlEncode."""
    parameters: tuple[str, ...]
    """Names of the signed query parameters, likewise."""
    signature: str

    def __repr__(self) -> str:
        return f"Signed({self.secret_id})"


def encode(text: str) -> str:
    """UrlEncode: all but letters, digits and `-_.~` is percent-encoded, from UTF-8."""
    return quote(text, safe="-_.~", errors="surrogateescape")


def fields(authorization: str, query: Mapping[str, str]) -> Mapping[str, str]:
    """The q-* fields of the Authorization header, else of the query; empty where there are none."""
    if authorization.startswith("q-"):
        return dict(part.partition("=")[::2] for part in authorization.split("&"))
    if not authorization and any(name.startswith("q-") for name in query):
        return {name: value for name, value in query.items() if name in FIELDS}
    return {}


def read(authorization: str, query: Mapping[str, str]) -> Signed | None:
    """The signature that a request carries, or None for an anonymous one.

    Raises `Refused` AccessDenied where there is something that is not a signature of this kind.
    """
    found = fields(authorization.strip(), query)
    if not found:
        if authorization.strip():
            raise Refused("AccessDenied", "The Authorization header is not a q-sign-algorithm=sha1 signature.", 403)
        return None
    missing = [name for name in FIELDS if name not in found]
    if missing or found["q-sign-algorithm"] != "sha1":
        raise Refused("AccessDenied", f"The signature is not complete: {', '.join(missing) or 'algorithm'}.", 403)
    return Signed(
        found["q-ak"],
        unquote(found["q-sign-time"]),
        unquote(found["q-key-time"]),
        _names(found["q-header-list"]),
        _names(found["q-url-param-list"]),
        found["q-signature"],
    )


def sign(secret_key: str, signed: Signed, method: str, path: str, query: Pairs, headers: Pairs) -> str | None:
    """The signature that the request should carry; None where a listed header or parameter is not in it."""
    parameters = _canonical(signed.parameters, query)
    lines = _canonical(signed.headers, headers)
    if parameters is None or lines is None:
        return None
    http_string = f"{method.lower()}\n{path}\n{parameters}\n{lines}\n".encode("utf-8", "surrogateescape")
    to_sign = f"sha1\n{signed.sign_time}\n{_sha1(http_string)}\n"
    return _hmac(sign_key(secret_key, signed.key_time), to_sign)


def sign_policy(secret_key: str, key_time: str, policy: bytes) -> str:
    """The signature of an upload form's policy (COS 436/14690)."""
    return _hmac(sign_key(secret_key, key_time), _sha1(policy))


def sign_key(secret_key: str, key_time: str) -> str:
    """SignKey, which holds for the time span that it was made for."""
    return _hmac(secret_key, key_time)


def same(one: str | None, other: str) -> bool:
    """Compare two signatures."""
    return one is not None and hmac.compare_digest(one.encode(), other.encode())


def check_time(span: str, now: float) -> None:
    """Raise `Refused` unless `now`, real Unix seconds, lies in `<start>;<end>`."""
    start, _, end = span.partition(";")
    if not (start.isdigit() and end.isdigit()):
        raise Refused("AccessDenied", "q-sign-time and q-key-time are <start>;<end> in Unix seconds.", 403)
    if now > int(end):
        raise Refused("AccessDenied", "Request has expired", 403)
    if now < int(start) - SKEW_SECONDS:
        raise Refused("RequestTimeTooSkewed", "The request's time and the server's differ by over 15 minutes.", 403)


def _names(listed: str) -> tuple[str, ...]:
    return tuple(sorted(encode(unquote(name)).lower() for name in listed.split(";") if name))


def _canonical(names: tuple[str, ...], pairs: Pairs) -> str | None:
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(encode(name).lower(), []).append(value)
    if any(name not in given for name in names):
        return None
    return "&".join(f"{name}={encode(value)}" for name in dict.fromkeys(names) for value in sorted(given[name]))


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
