"""Who may do what: the account's own key, the roles with their policies, and the keys that roles hand out.

The account (the owner) has one key pair, made at random when the cloud starts, and may do everything. A function has
no key of its own: for each invocation the platform takes on the function's execution role (`assume`) and passes the
temporary key in. Every service asks `require` before it acts; what no policy attached to the role allows is denied.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass

from infra.local import policies
from infra.local.clock import Clock
from infra.local.gateway import Holder
from infra.local.roles import Roles

APPID = "1250000000"
UIN = "100000000001"
FUNCTIONS = "scf.qcloud.com"
"""The name under which the function platform takes roles on."""
SESSION = 21_600.0
"""Seconds that a role's temporary key lives: six hours at most (SCF 583/32389)."""


@dataclass(frozen=True)
class Identity:
    """A key pair and whose it is: the owner's, or a role's inside one invocation."""

    secret_id: str
    secret_key: str
    token: str = ""
    role: str = ""
    worker: str = ""
    invocation: str = ""
    expires: float = math.inf
    """The cloud clock's time, in seconds, from which the key is no longer good; services check it."""

    def __repr__(self) -> str:
        return f"Identity({self.role or 'owner'})"


class Denied(Exception):
    """No policy allows it, or one denies it; each service turns this into its own documented code."""

    def __init__(self, who: str, action: str, resource: str) -> None:
        super().__init__(f"{who} is not allowed {action} on {resource}")
        self.who, self.action, self.resource = who, action, resource


class Cam(Roles):
    """The account's access management: the keys, on top of the roles and their policies."""

    def __init__(self, clock: Clock, appid: str = APPID, uin: str = UIN, owner: Identity | None = None) -> None:
        """`owner` is a key pair to go on with; by default a new one is made at random."""
        super().__init__(clock, uin)
        self.appid = appid
        self.owner = owner or Identity(secret_id=_secret_id(), secret_key=secrets.token_hex(16))
        self._identities = {self.owner.secret_id: self.owner}

    def identity(self, secret_id: str) -> Identity | None:
        """Whose key it is; expired ones too, for the service to say that they are."""
        with self._lock:
            return self._identities.get(secret_id)

    def holder(self, secret_id: str) -> Holder:
        """Whose key it is, as the journal enters it; a stranger's like the owner's."""
        identity = self.identity(secret_id)
        return Holder(identity.role, identity.worker, identity.invocation) if identity else Holder()

    def secrets(self) -> frozenset[str]:
        """Every secret key and token that was ever given out, for a test that looks for them where they must not be."""
        with self._lock:
            return frozenset(
                secret for known in self._identities.values() for secret in (known.secret_key, known.token) if secret
            )

    def assume(self, role: str, worker: str, invocation: str, seconds: float = SESSION) -> Identity:
        """Take on `role` for the function platform: a new temporary key, good for `seconds` of the cloud's clock.

        Raises `Denied` if there is no such role, or if its trust document does not name scf.qcloud.com.
        """
        with self._lock:
            known = self._roles.get(role)
            if known is None or not known.trust.allows(FUNCTIONS):
                raise Denied(FUNCTIONS, "sts:AssumeRole", self.arn(role))
            identity = Identity(
                secret_id=_secret_id(),
                secret_key=secrets.token_hex(16),
                token=secrets.token_urlsafe(48),
                role=role,
                worker=worker,
                invocation=invocation,
                expires=self.clock.now() + seconds,
            )
            self._identities[identity.secret_id] = identity
            return identity

    def require(self, identity: Identity, action: str, resource: str = "*") -> None:
        """Raise `Denied` unless `identity` may do `action` (`cos:GetObject`) on `resource` (six segments, or `*`)."""
        if identity.secret_id == self.owner.secret_id:
            return
        with self._lock:
            documents = [p.document for p in self.attached(identity.role)] if identity.role in self._roles else []
        if not policies.allowed(documents, action, resource):
            raise Denied(identity.role or "a stranger", action, resource)


def _secret_id() -> str:
    return "AKIDlocal" + secrets.token_hex(13)
