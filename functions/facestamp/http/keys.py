"""The keys that open a deployment, what each of them opens, and who calls with one.

A key has scopes: `read` what is known, `analyse` pictures, `enrol` people, and `admin`, which deletes. With none
configured, nobody may do anything. Two signing keys can be known at once, so that one can follow another. Of a bearer
key only the SHA-256 is kept here: keys are random and have 128 bits at least, which nobody finds by trying, so that a
slow hash would guard nothing and cost every request its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from facestamp.http.replies.problems import FORBIDDEN, Problem

Scope = Literal["read", "analyse", "enrol", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True)
class Caller:
    """Who signed the request; its name stands in the log, and in the name of what is remembered for it."""

    name: str
    scopes: frozenset[str]
    signed: bool = False
    """Whether by HMAC: then the Idempotency-Key of a changing request is signed too, and must be there."""

    def demand(self, scope: Scope, otherwise: str = "") -> None:
        """Raise `Problem` unless the caller has the scope; `otherwise` says what else would do."""
        if scope not in self.scopes:
            raise Problem(FORBIDDEN, f"Use a key with the scope {scope}{otherwise and ', ' + otherwise}.")


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

    def __bool__(self) -> bool:
        return bool(self.api or self.signing or self.cam)
