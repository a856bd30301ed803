"""Who may do what: the account's own key, the roles with their policies, and the keys that roles hand out.

The account (the owner) has one key pair, made at random when the cloud starts, and may do everything. A function has
no key of its own: for each invocation the platform takes on the function's execution role (`assume`) and passes the
temporary key in. Every service asks `require` before it acts; what no policy attached to the role allows is denied.
"""

from __future__ import annotations

import math
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from infra.local import policies
from infra.local.clock import Clock
from infra.local.gateway import Holder, Refused
from infra.local.policies import Document, Trust
from infra.local.tags import Tags

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


@dataclass(frozen=True)
class Policy:
    """A custom policy."""

    id: int
    name: str
    document: Document
    description: str = ""


@dataclass(frozen=True)
class Role:
    """A role and the policies attached to it."""

    id: str
    name: str
    trust: Trust
    description: str = ""
    policies: tuple[int, ...] = ()


class Cam:
    """The account's access management; one lock around all of it. Management errors are CAM's own codes.

    `tags` are those of everything in the account.
    """

    def __init__(self, clock: Clock, appid: str = APPID, uin: str = UIN, owner: Identity | None = None) -> None:
        """`owner` is a key pair to go on with; by default a new one is made at random."""
        self.clock, self.appid, self.uin = clock, appid, uin
        self.owner = owner or Identity(secret_id=_secret_id(), secret_key=secrets.token_hex(16))
        self._identities = {self.owner.secret_id: self.owner}
        self._roles: dict[str, Role] = {}
        self._policies: dict[int, Policy] = {}
        self._next = 200_000_001
        self._lock = threading.RLock()
        self.tags = Tags(uin)
        self.tags.carry("cam", "role", lambda role: any(known.id == role for known in self.roles()))

    # -- keys ------------------------------------------------------------------------------------------------

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

    # -- roles -----------------------------------------------------------------------------------------------

    def arn(self, role: str) -> str:
        """The role's name in six segments."""
        return f"qcs::cam::uin/{self.uin}:roleName/{role}"

    def role(self, name: str) -> Role | None:
        """The role of this name."""
        with self._lock:
            return self._roles.get(name)

    def roles(self) -> list[Role]:
        """Every role, oldest first."""
        with self._lock:
            return list(self._roles.values())

    def create_role(self, name: str, trust_document: str, description: str = "") -> Role:
        """Make a role (CAM 598/36225); its name is unique in the account."""
        _name(name, "InvalidParameter.RoleNameError")
        _described(description)
        trust = policies.trust(trust_document)
        with self._lock:
            if name in self._roles:
                raise Refused("InvalidParameter.RoleNameInUse", f"There is a role {name} already.")
            role = self._roles[name] = Role(str(4_611_686_018_000_000_000 + self._number()), name, trust, description)
            return role

    def update_trust(self, name: str, trust_document: str) -> None:
        """Say anew who may take the role on."""
        trust = policies.trust(trust_document)
        with self._lock:
            self._roles[name] = replace(self._known_role(name), trust=trust)

    def delete_role(self, name: str) -> None:
        """Drop a role; its policies stay, and keys that it handed out allow nothing from now on."""
        with self._lock:
            role = self._roles.pop(self._known_role(name).name)
        self.tags.drop("cam", "role", role.id)

    def attach(self, role: str, policy_id: int) -> None:
        """Attach a policy to a role; again is no error."""
        with self._lock:
            known, policy = self._known_role(role), self.policy(policy_id)
            if policy.id not in known.policies:
                self._roles[role] = replace(known, policies=(*known.policies, policy.id))

    def detach(self, role: str, policy_id: int) -> None:
        """Detach a policy from a role."""
        with self._lock:
            known = self._known_role(role)
            self._roles[role] = replace(known, policies=tuple(p for p in known.policies if p != policy_id))

    def attached(self, role: str) -> Sequence[Policy]:
        """The policies attached to a role, in the order of attachment."""
        with self._lock:
            return [self._policies[p] for p in self._known_role(role).policies]

    # -- policies --------------------------------------------------------------------------------------------

    def policy(self, policy_id: int) -> Policy:
        """The policy of this id."""
        with self._lock:
            if policy_id not in self._policies:
                raise Refused("ResourceNotFound.PolicyIdNotFound", f"There is no policy {policy_id}.")
            return self._policies[policy_id]

    def create_policy(self, name: str, document: str, description: str = "") -> int:
        """Make a custom policy (CAM 598/34578) and return its id; its name is unique in the account."""
        _name(name, "InvalidParameter.PolicyNameError")
        _described(description)
        checked = policies.policy(document)
        with self._lock:
            if any(p.name == name for p in self._policies.values()):
                raise Refused("FailedOperation.PolicyNameInUse", f"There is a policy {name} already.")
            number = self._number()
            self._policies[number] = Policy(number, name, checked, description)
            return number

    def update_policy(self, policy_id: int, document: str) -> None:
        """Replace a policy's document; it holds from the next request on, also for keys already handed out."""
        checked = policies.policy(document)
        with self._lock:
            self._policies[policy_id] = replace(self.policy(policy_id), document=checked)

    def delete_policy(self, policy_id: int) -> None:
        """Drop a policy, also from the roles that it is attached to."""
        with self._lock:
            self.policy(policy_id)
            for role in self._roles:
                self.detach(role, policy_id)
            del self._policies[policy_id]

    def _known_role(self, name: str) -> Role:
        if name not in self._roles:
            raise Refused("InvalidParameter.RoleNotExist", f"There is no role {name}.")
        return self._roles[name]

    def _number(self) -> int:
        self._next += 1
        return self._next


def _secret_id() -> str:
    return "AKIDlocal" + secrets.token_hex(13)


def _name(name: str, code: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9+=,.@_-]{1,128}", name):
        raise Refused(code, f"{name!r} is not a name of 1 to 128 letters, digits and +=,.@_-.")


def _described(description: str) -> None:
    if len(description.encode()) > 300:
        raise Refused("InvalidParameter.DescriptionLengthOverlimit", "A description has at most 300 bytes.")
