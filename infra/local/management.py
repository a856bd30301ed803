"""The actions of access management on roles, each a frozen model of its request that knows its answer.

These are the ones that the Pulumi provider calls, and what it reads them back with, in Tencent's own names; those on
policies are in `granting`. Document: CAM 2019-01-16 (product 598).
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from infra.local import tags, tc3
from infra.local.cam import Cam, Denied, Identity
from infra.local.gateway import Refused
from infra.local.roles import Role

Answer = dict[str, Any]
PAGE = 200
"""Lines of a page, at most."""


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
        return role_of(cam, self.role_id, self.role_name)


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
        role = cam.create_role(
            self.role_name,
            self.policy_document,
            self.description,
            console=self.console_login,
            session=self.session_duration,
        )
        cam.tags.put("cam", "role", role.id, given)
        return {"RoleId": role.id}


class GetRole(OfRole):
    """Tell about a role."""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        return {"RoleInfo": _described(cam, self.role(cam))}


class DescribeRoleList(Action):
    """List the roles, `rp` to a page."""

    page: int = Field(ge=1)
    rp: int = Field(ge=1, le=PAGE)

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        roles = cam.roles()
        shown = roles[(self.page - 1) * self.rp : self.page * self.rp]
        return {"List": [_described(cam, role) for role in shown], "TotalNum": len(roles)}


class UpdateAssumeRolePolicy(OfRole):
    """Replace a role's trust document."""

    policy_document: str

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_role(self.role(cam).name, trust_document=self.policy_document)
        return {}


class UpdateRoleDescription(OfRole):
    """Replace a role's description."""

    description: str

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_role(self.role(cam).name, description=self.description)
        return {}


class UpdateRoleConsoleLogin(Action):
    """Let a role into the console, or no longer; here a role's id is a number."""

    role_id: int = 0
    role_name: str = ""
    console_login: int

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_role(role_of(cam, str(self.role_id), self.role_name).name, console=self.console_login)
        return {}


class UpdateRoleSessionDuration(Action):
    """Say anew how many seconds a role's key may be asked for; here its id is a number."""

    role_id: int = 0
    role_name: str = ""
    session_duration: int

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.update_role(role_of(cam, str(self.role_id), self.role_name).name, session=self.session_duration)
        return {}


class DeleteRole(OfRole):
    """Drop a role."""

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        cam.delete_role(self.role(cam).name)
        return {}


ACTIONS: tuple[type[Action], ...] = (
    *(CreateRole, GetRole, DescribeRoleList, DeleteRole),
    *(UpdateAssumeRolePolicy, UpdateRoleDescription, UpdateRoleConsoleLogin, UpdateRoleSessionDuration),
)


def role_of(cam: Cam, role_id: str, name: str) -> Role:
    """The role of that id or name; raises `Refused` with InvalidParameter.RoleNotExist."""
    found = next((r for r in cam.roles() if r.id == role_id or r.name == name), None)
    if found is None:
        raise Refused("InvalidParameter.RoleNotExist", f"There is no role {role_id or name}.")
    return found


def date(seconds: float) -> str:
    """A time of the cloud's clock as CAM writes it: Beijing's."""
    return datetime.fromtimestamp(seconds, timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")


def _described(cam: Cam, role: Role) -> Answer:
    return {
        "RoleId": role.id,
        "RoleName": role.name,
        "RoleArn": cam.arn(role.name),
        "PolicyDocument": role.trust.text,
        "Description": role.description,
        "AddTime": date(role.added),
        "UpdateTime": date(role.updated),
        "ConsoleLogin": int(role.console),
        "RoleType": "user",
        "SessionDuration": role.session,
        "DeletionTaskId": "",
        "Tags": tags.told(cam.tags.of("cam", "role", role.id)),
    }
