"""How a request is signed: what goes into a signature, for whoever makes one, and for whoever checks it.

    headers = sign("POST", url, body, key_id="shop", secret=secret, now=time.time(), idempotency_key=uuid.uuid4().hex)
    requests.post(url, data=body, headers={"Content-Type": "application/json", **headers})

This module needs nothing but Python, so that a client may carry it away as it is. The secret is never sent.

What is signed is nine lines: the scheme, the timestamp, the key's id, the Idempotency-Key (or nothing), the method, the
host, the path, the query, and the SHA-256 of the body in hex. Path and query are not signed as they were sent, for an
SCF event does not tell how that was: it holds the path and a dictionary, and no document says whether they are decoded
(583/96099). So both sides decode them, and encode them again by RFC 3986: everything but letters, digits, `-._~`, and
the slash in a path; a space is `%20`; pairs are sorted. That loses nothing, as the API works on the decoded ones too.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote, unquote, urlsplit

SCHEME = "FACESTAMP-HMAC-SHA256"
"""The name of the scheme, with which the Authorization header begins."""


def sign(
    method: str, url: str, body: bytes, key_id: str, secret: str, now: float, idempotency_key: str = ""
) -> dict[str, str]:
    """The headers that sign a request to this address: Authorization, and Idempotency-Key where one is given.

    `body` is what will be sent, to the byte; `now` is in seconds since the epoch, and holds for 300 s either way.
    """
    address = urlsplit(url)
    path, query = unquote(address.path) or "/", parse_qsl(address.query, keep_blank_values=True)
    host = address.netloc.rpartition("@")[2]
    timestamp = str(int(now))
    text = text_to_sign(timestamp, key_id, idempotency_key, lines_of_request(method, host, path, query, body))
    told = f"{SCHEME} Key={key_id}, Timestamp={timestamp}, Signature={signature(secret, text)}"
    return {"Authorization": told, **({"Idempotency-Key": idempotency_key} if idempotency_key else {})}


def signature(secret: str, text: str) -> str:
    """HMAC-SHA256 in 64 hex digits."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def text_to_sign(timestamp: str, key_id: str, idempotency_key: str, request: Iterable[str]) -> str:
    """The nine lines, the last five of which are `lines_of_request`; none of them can hold the end of a line."""
    return "\n".join((SCHEME, timestamp, key_id, _encoded(idempotency_key), *request))


def lines_of_request(
    method: str, host: str, path: str, query: Iterable[tuple[str, str]], body: bytes
) -> tuple[str, ...]:
    """The five lines that say what is asked for, of a path and of pairs that are decoded."""
    pairs = sorted(f"{_encoded(name)}={_encoded(value)}" for name, value in query)
    digest = hashlib.sha256(body).hexdigest()
    return (method.upper(), _host(host), _encoded(path, "/"), "&".join(pairs), digest)


def _host(host: str) -> str:
    """In lower case and without the port that goes without saying, as some clients send it and some do not."""
    return _encoded(host.lower().removesuffix(":443").removesuffix(":80"), ":[]")


def _encoded(text: str, safe: str = "") -> str:
    return quote(text, safe=f"{safe}~", errors="replace")
