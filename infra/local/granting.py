"""The actions of access management on policies and their attachments, as `management` has those on roles.

Document: CAM 2019-01-16 (product 598).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from infra.local import tags
from infra.local.cam import Cam, Identity
from infra.local.management import PAGE, Action, Answer, OfRole, date, role_of


class CreatePolicy(Action):
    """Make a custom policy."""

    policy_name: str
    policy_document: str
    description: str = ""
    tags: list[Any] = Field([])

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        given = tags.pairs(self.tags)
        policy_id = cam.create_policy(self.policy_name, self.policy_document, self.description)
        cam.tags.put("cam", "policy", str(policy_id), given)
        return {"PolicyId": policy_id}


class GetPolicy(Action):
    """Tell about a policy."""

    policy_id: int

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        policy = cam.policy(self.policy_id)
        return {
            "PolicyName": policy.name,
            "Description": policy.description,
            "Type": 1,
            "AddTime": date(policy.added),
            "UpdateTime": date(policy.updated),
            "PolicyDocument": policy.document.text,
            "PresetAlias": "",
            "IsServiceLinkedRolePolicy": 0,
            "Tags": tags.told(cam.tags.of("cam", "policy", str(policy.id))),
        }


class ListPolicies(Action):
    """List custom policies whose names have `keyword` in them, `rp` to a page; there are no others here."""

    page: int = Field(1, ge=1, le=PAGE)
    rp: int = Field(20, ge=1, le=PAGE)
    scope: Literal["All", "QCS", "Local"] = "All"
    keyword: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        own = [] if self.scope == "QCS" else [policy for policy in cam.policies() if self.keyword in policy.name]
        shown = own[(self.page - 1) * self.rp : self.page * self.rp]
        return {
            "TotalNum": len(own),
            "List": [
                {
                    "PolicyId": policy.id,
                    "PolicyName": policy.name,
                    "AddTime": date(policy.added),
                    "Type": 1,
                    "Description": policy.description,
                    "CreateMode": 2,
                    "Attachments": sum(policy.id in role.policies for role in cam.roles()),
                }
                for policy in shown
            ],
        }


class UpdatePolicy(Action):
    """Replace a policy's document, description or name; what is not given stays."""

    policy_id: int
    policy_document: str | None = None
    policy_name: str | None = None
    description: str | None = None

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_policy(self.policy_id, self.policy_document, name=self.policy_name, description=self.description)
        return {"PolicyId": self.policy_id}


class DeletePolicy(Action):
    """Drop policies."""

    policy_id: list[int]

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        for policy in [cam.policy(policy_id) for policy_id in self.policy_id]:
            cam.delete_policy(policy.id)
        return {}


class AttachRolePolicy(Action):
    """Attach a policy to a role."""

    policy_id: int
    attach_role_id: str = ""
    attach_role_name: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.attach(role_of(cam, self.attach_role_id, self.attach_role_name).name, self.policy_id)
        return {}


class DetachRolePolicy(Action):
    """Detach a policy from a role."""

    policy_id: int
    detach_role_id: str = ""
    detach_role_name: str = ""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.detach(role_of(cam, self.detach_role_id, self.detach_role_name).name, self.policy_id)
        return {}


class ListAttachedRolePolicies(OfRole):
    """List a role's policies, `rp` to a page."""

    page: int = Field(ge=1)
    rp: int = Field(ge=1, le=PAGE)
    policy_type: str = "User"

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        role = self.role(cam)
        attached = cam.attached(role.name)
        shown = attached[(self.page - 1) * self.rp : self.page * self.rp]
        return {
            "List": [
                {
                    "PolicyId": policy.id,
                    "PolicyName": policy.name,
                    "AddTime": date(role.policies[policy.id]),
                    "PolicyType": "User",
                    "CreateMode": 2,
                    "Deactived": 0,
                    "DeactivedDetail": [],
                    "Description": policy.description,
                }
                for policy in shown
            ],
            "TotalNum": len(attached),
        }


ACTIONS: tuple[type[Action], ...] = (
    *(CreatePolicy, GetPolicy, ListPolicies, UpdatePolicy, DeletePolicy),
    *(AttachRolePolicy, DetachRolePolicy, ListAttachedRolePolicies),
)
