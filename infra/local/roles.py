"""The roles of an account, its custom policies, and which is attached to which.

A change holds from the next request on, also for keys that were handed out before. Names are unique in the account.
Management errors are CAM's own codes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from infra.local import policies as language
from infra.local.clock import Clock
from infra.local.gateway import Refused
from infra.local.policies import Document, Trust
from infra.local.tags import Tags

LONGEST: Final = 43_200
"""Seconds that a role's SessionDuration may be at most (598/36225)."""


@dataclass(frozen=True)
class Policy:
    """A custom policy. Times are the cloud clock's seconds."""

    id: int
    name: str
    document: Document
    description: str = ""
    added: float = 0.0
    updated: float = 0.0


@dataclass(frozen=True)
class Role:
    """A role and the policies attached to it."""

    id: str
    name: str
    trust: Trust
    description: str = ""
    console: bool = False
    """Whether one may log in to the console with it."""
    session: int = 7200
    """Seconds that a key may be asked for at most."""
    policies: dict[int, float] = field(default_factory=dict)
    """When each was attached, in that order."""
    added: float = 0.0
    updated: float = 0.0


class Roles:
    """Roles and policies; one lock around all of it."""

    def __init__(self, clock: Clock, uin: str) -> None:
        self.clock, self.uin = clock, uin
        self._roles: dict[str, Role] = {}
        self._policies: dict[int, Policy] = {}
        self._next = 200_000_001
        self._lock = threading.RLock()
        self.tags = Tags(uin)
        """The tags of everything in the account."""
        self.tags.carry("cam", "role", lambda id: any(role.id == id for role in self.roles()))
        self.tags.carry("cam", "policy", lambda id: id in map(str, list(self._policies)))

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

    def create_role(
        self, name: str, trust_document: str, description: str = "", *, console: int = 0, session: int = 7200
    ) -> Role:
        """Make a role (CAM 598/36225)."""
        _named(name, "InvalidParameter.RoleNameError")
        checked = _role_changes(trust_document, description, console, session)
        with self._lock:
            if name in self._roles:
                raise Refused("InvalidParameter.RoleNameInUse", f"There is a role {name} already.")
            now, number = self.clock.now(), str(4_611_686_018_000_000_000 + self._number())
            role = self._roles[name] = Role(number, name, **checked, added=now, updated=now)
            return role

    def update_role(
        self,
        name: str,
        *,
        trust_document: str | None = None,
        description: str | None = None,
        console: int | None = None,
        session: int | None = None,
    ) -> None:
        """Change what is given of a role."""
        checked = _role_changes(trust_document, description, console, session)
        with self._lock:
            self._roles[name] = replace(self._known_role(name), **checked, updated=self.clock.now())

    def delete_role(self, name: str) -> None:
        """Drop a role; its policies stay, and keys that it handed out allow nothing from now on."""
        with self._lock:
            role = self._roles.pop(self._known_role(name).name)
        self.tags.drop("cam", "role", role.id)

    def attach(self, role: str, policy_id: int) -> None:
        """Attach a policy to a role; again is no error."""
        with self._lock:
            known = self._known_role(role)
            self._known_policy(policy_id)
            at = known.policies.get(policy_id, self.clock.now())
            self._roles[role] = replace(known, policies={**known.policies, policy_id: at})

    def detach(self, role: str, policy_id: int) -> None:
        """Detach a policy from a role; one that is not attached is no error."""
        with self._lock:
            known = self._known_role(role)
            self._known_policy(policy_id)
            kept = {policy: at for policy, at in known.policies.items() if policy != policy_id}
            self._roles[role] = replace(known, policies=kept)

    def attached(self, role: str) -> Sequence[Policy]:
        """The policies attached to a role, in the order of attachment."""
        with self._lock:
            return [self._policies[policy] for policy in self._known_role(role).policies]

    # -- policies --------------------------------------------------------------------------------------------

    def policy(self, policy_id: int) -> Policy:
        """The policy of this id."""
        with self._lock:
            if policy_id not in self._policies:
                raise Refused("ResourceNotFound.PolicyIdNotFound", f"There is no policy {policy_id}.")
            return self._policies[policy_id]

    def policies(self) -> list[Policy]:
        """Every custom policy, oldest first."""
        with self._lock:
            return list(self._policies.values())

    def create_policy(self, name: str, document: str, description: str = "") -> int:
        """Make a custom policy (CAM 598/34578) and return its id."""
        _named(name, "InvalidParameter.PolicyNameError")
        _described(description)
        checked = language.policy(document)
        with self._lock:
            self._free(name)
            now, number = self.clock.now(), self._number()
            self._policies[number] = Policy(number, name, checked, description, now, now)
            return number

    def update_policy(
        self, policy_id: int, document: str | None = None, *, name: str | None = None, description: str | None = None
    ) -> None:
        """Change what is given of a policy."""
        changes: dict[str, Any] = {"updated": self.clock.now()}
        if document is not None:
            changes["document"] = language.policy(document)
        if description is not None:
            _described(description)
            changes["description"] = description
        with self._lock:
            policy = self.policy(policy_id)
            if name not in (None, policy.name):
                _named(str(name), "InvalidParameter.PolicyNameError")
                self._free(str(name))
                changes["name"] = name
            self._policies[policy_id] = replace(policy, **changes)

    def delete_policy(self, policy_id: int) -> None:
        """Drop a policy, also from the roles that it is attached to: no code says that it could not be."""
        with self._lock:
            self.policy(policy_id)
            for role in self._roles:
                self.detach(role, policy_id)
            del self._policies[policy_id]
        self.tags.drop("cam", "policy", str(policy_id))

    def _known_role(self, name: str) -> Role:
        if name not in self._roles:
            raise Refused("InvalidParameter.RoleNotExist", f"There is no role {name}.")
        return self._roles[name]

    def _known_policy(self, policy_id: int) -> None:
        if policy_id not in self._policies:
            raise Refused("InvalidParameter.PolicyIdNotExist", f"There is no policy {policy_id}.")

    def _free(self, name: str) -> None:
        if any(policy.name == name for policy in self._policies.values()):
            raise Refused("FailedOperation.PolicyNameInUse", f"There is a policy {name} already.")

    def _number(self) -> int:
        self._next += 1
        return self._next


def _role_changes(
    trust_document: str | None, description: str | None, console: int | None, session: int | None
) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if trust_document is not None:
        changes["trust"] = language.trust(trust_document)
    if description is not None:
        _described(description)
        changes["description"] = description
    if console is not None:
        if console not in (0, 1):
            raise Refused("InvalidParameter.ParamError", "ConsoleLogin is 0 or 1.")
        changes["console"] = bool(console)
    if session is not None:
        if not 0 <= session <= LONGEST:
            raise Refused("InvalidParameter.ParamError", f"SessionDuration is a number from 0 to {LONGEST}.")
        changes["session"] = session
    return changes


def _named(name: str, code: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9+=,.@_-]{1,128}", name):
        raise Refused(code, f"{name!r} is not a name of 1 to 128 letters, digits and +=,.@_-.")


def _described(description: str) -> None:
    if len(description.encode()) > 300:
        raise Refused("InvalidParameter.DescriptionLengthOverlimit", "A description has at most 300 bytes.")
