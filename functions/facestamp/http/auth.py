"""Who calls, and what they may do.

A key has scopes: `read` what is known, `analyse` pictures, `enrol` people, and `admin`, which deletes. Keys are kept as
hashes where that is possible. With none configured, nobody may do anything.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Scope = Literal["read", "analyse", "enrol", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class Caller:
    """Who signed the request; its name stands in the log, and in the name of what is remembered for it."""

    name: str
    scopes: frozenset[str]


@dataclass(frozen=True)
class ApiKey:
    """A bearer key, of which only the hash is known here."""

    name: str
    scopes: frozenset[str]
    sha256: str = field(repr=False)


@dataclass(frozen=True)
class SigningKey:
    """A key that signs requests and is never sent."""

    id: str
    scopes: frozenset[str]
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Keys:
    """Every key that opens this deployment."""

    api: tuple[ApiKey, ...] = ()
    signing: tuple[SigningKey, ...] = ()
    cam: frozenset[str] = frozenset()
    """Scopes of a caller whom the Function URL itself has checked (AuthType CAM)."""


@dataclass(frozen=True)
class Signed:
    """What of a request is signed."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes
    headers: Mapping[str, str]


def caller(request: Signed, keys: Keys, now: float) -> Caller | None:
    """Who sent the request; None if nobody that is known here."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        digest = hashlib.sha256(key.strip().encode()).hexdigest()
        found = [known for known in keys.api if hmac.compare_digest(known.sha256, digest)]
        return Caller(found[0].name, found[0].scopes) if found else None
    return None
