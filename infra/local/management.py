"""The actions of access management, each a frozen model of its request that knows its answer.

These are the ones that the Pulumi provider calls for roles, policies and attachments, and what it reads them back with,
in Tencent's own names. Document: CAM 2019-01-16 (product 598).
"""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_pascal

from infra.local import tags, tc3
from infra.local.cam import Cam, Denied, Identity, Role
from infra.local.gateway import Refused

Answer = dict[str, Any]


class Action(BaseModel):
    """One action: its request's parameters, and how it is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_pascal)
    host: ClassVar[str] = "cam"
    free: ClassVar[bool] = False
    """Whether it needs no permission."""

    def answer(self, cam: Cam, caller: Identity) -> Answer:
        """Do it if the caller may; raises `Refused` with CAM's code."""
        if not self.free:
            try:
                cam.require(caller, f"{self.host}:{type(self).__name__}")
            except Denied as denied:
                raise tc3.unauthorized(denied) from None
        return self._answer(cam, caller)

    @abstractmethod
    def _answer(self, cam: Cam, caller: Identity) -> Answer: ...


class OfRole(Action):
    """An action on one role, which is named by its id or by its name."""

    role_id: str = ""
    role_name: str = ""

    def role(self, cam: Cam) -> Role:
        """The role that is meant."""
        return _role(cam, self.role_id, self.role_name)


class CreateRole(Action):
    """Make a role that the trust document's services may take on."""

    role_name: str
    policy_document: str
    description: str = ""
    console_login: int = 0
    session_duration: int = 7200
    tags: list[Any] = []

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        given = tags.pairs(self.tags)
        role = cam.create_role(self.role_name, self.policy_document, self.description)
        cam.tags.put("cam", "role", role.id, given)
        return {"RoleId": role.id}


class GetRole(OfRole):
    """Tell about a role."""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        return {"RoleInfo": _described(cam, self.role(cam))}


class DescribeRoleList(Action):
    """List the roles, `rp` to a page."""

    page: int
    rp: int
    tags: list[Any] = []

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        roles = cam.roles()
        shown = roles[(self.page - 1) * self.rp : self.page * self.rp]
        return {"List": [_described(cam, role) for role in shown], "TotalNum": len(roles)}


class UpdateAssumeRolePolicy(OfRole):
    """Replace a role's trust document."""

    policy_document: str

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_trust(self.role(cam).name, self.policy_document)
        return {}


class DeleteRole(OfRole):
    """Drop a role."""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.delete_role(self.role(cam).name)
        return {}


class CreatePolicy(Action):
    """Make a custom policy."""

    policy_name: str
    policy_document: str
    description: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        return {"PolicyId": cam.create_policy(self.policy_name, self.policy_document, self.description)}


class GetPolicy(Action):
    """Tell about a policy."""

    policy_id: int

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        policy = cam.policy(self.policy_id)
        return {
            "PolicyName": policy.name,
            "Description": policy.description,
            "Type": 1,
            "AddTime": _date(cam),
            "UpdateTime": _date(cam),
            "PolicyDocument": policy.document.text,
            "PresetAlias": "",
            "IsServiceLinkedRolePolicy": 0,
            "Tags": [],
        }


class UpdatePolicy(Action):
    """Replace a policy's document."""

    policy_id: int
    policy_document: str
    policy_name: str = ""
    description: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_policy(self.policy_id, self.policy_document)
        return {"PolicyId": self.policy_id}


class DeletePolicy(Action):
    """Drop policies."""

    policy_id: list[int]

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        for policy_id in self.policy_id:
            cam.delete_policy(policy_id)
        return {}


class AttachRolePolicy(Action):
    """Attach a policy to a role."""

    policy_id: int
    attach_role_id: str = ""
    attach_role_name: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.attach(_role(cam, self.attach_role_id, self.attach_role_name).name, self.policy_id)
        return {}


class DetachRolePolicy(Action):
    """Detach a policy from a role."""

    policy_id: int
    detach_role_id: str = ""
    detach_role_name: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.detach(_role(cam, self.detach_role_id, self.detach_role_name).name, self.policy_id)
        return {}


class ListAttachedRolePolicies(OfRole):
    """List a role's policies, `rp` to a page."""

    page: int
    rp: int
    policy_type: str = "User"

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        attached = cam.attached(self.role(cam).name)
        shown = attached[(self.page - 1) * self.rp : self.page * self.rp]
        return {
            "List": [
                {"PolicyId": p.id, "PolicyName": p.name, "AddTime": _date(cam), "PolicyType": "User", "CreateMode": 2}
                for p in shown
            ],
            "TotalNum": len(attached),
        }


ACTIONS: tuple[type[Action], ...] = (
    *(CreateRole, GetRole, DescribeRoleList, UpdateAssumeRolePolicy, DeleteRole),
    *(CreatePolicy, GetPolicy, UpdatePolicy, DeletePolicy),
    *(AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies),
)


def _role(cam: Cam, role_id: str, name: str) -> Role:
    found = next((r for r in cam.roles() if r.id == role_id or r.name == name), None)
    if found is None:
        raise Refused("InvalidParameter.RoleNotExist", f"There is no role {role_id or name}.")
    return found


def _described(cam: Cam, role: Role) -> Answer:
    return {
        "RoleId": role.id,
        "RoleName": role.name,
        "RoleArn": cam.arn(role.name),
        "PolicyDocument": role.trust.text,
        "Description": role.description,
        "AddTime": _date(cam),
        "UpdateTime": _date(cam),
        "ConsoleLogin": 0,
        "RoleType": "user",
        "SessionDuration": 7200,
        "DeletionTaskId": "",
        "Tags": tags.told(cam.tags.of("cam", "role", role.id)),
    }


def _date(cam: Cam) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(cam.clock.now()))
