"""Groups: the libraries that people are in, and among which somebody is searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from facestamp.desk import VERSION
from facestamp.errors import NoAnswer, ServiceError
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.models import Many, Maybe, Model, Query, Told, readable, undefaulted
from facestamp.http.people.limits import (
    GROUP,
    DescriptionName,
    GroupId,
    GroupName,
    Limit,
    Offset,
    Tag,
    few,
)
from facestamp.http.replies.problems import PARAMETER, Problem

NO_GROUP = frozenset({"InvalidParameterValue.GroupIdNotExist", "InvalidParameterValue.GroupIdNotExists"})
_PAST_THE_END = "InvalidParameterValue.OffsetExceed"


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        code = "InvalidParameterValue.GroupExDescriptionsNameIdentical"
        raise Problem(PARAMETER, "Send each description field once.", code)
    return names


Descriptions = Annotated[
    tuple[DescriptionName, ...],
    AfterValidator(few(0, 5, "InvalidParameterValue.GroupExDescriptionsExceed")),
    AfterValidator(_distinct),
    Field(json_schema_extra={"maxItems": 5, "uniqueItems": True}),
]


class NewGroup(Model):
    """A group to make."""

    group_id: GroupId
    """Unique in the account, and not to be changed."""
    group_name: GroupName
    """Unique in the account."""
    group_ex_descriptions: Descriptions = ()
    """The description fields that everybody in the group has, such as an employee number."""
    tag: Tag = ""
    """A note."""
    face_model_version: Annotated[Literal["2.0", "3.0"], Field(json_schema_extra=undefaulted)] = "3.0"
    """Of the algorithm; left out, the account's own default holds. Accounts opened after 2020-11-26 have 3.0 only."""


class NewGroupAnswer(Told):
    """The group was made (CreateGroup, 867/45015)."""

    face_model_version: Maybe[str] = None
    request_id: str = ""


class Page(Query):
    """Which part of a list."""

    offset: Offset = 0
    """How many to pass over."""
    limit: Limit = 10
    """How many at most."""


class _Group(Told):
    group_name: str
    group_id: str
    group_ex_descriptions: Many[str] = ()
    tag: Maybe[str] = None
    face_model_version: Maybe[str] = None
    creation_timestamp: Maybe[int] = None
    """Milliseconds since 1970."""


class GroupAnswer(_Group):
    """A group (GetGroupInfo, 1059/36959)."""

    request_id: Maybe[str] = None


class GroupInfo(_Group):
    """A group in a list."""

    update_timestamp: Maybe[int] = None
    """Milliseconds since 1970."""


class GroupsAnswer(Told):
    """Groups, the newest first (GetGroupList, 1059/36941). Past their end, none."""

    group_infos: Many[GroupInfo] = ()
    group_num: Maybe[int] = None
    """How many there are in all; left out past their end."""
    request_id: str = ""


class Done(Told):
    """It is done."""

    request_id: str = ""


def _create(call: Call) -> NewGroupAnswer:
    """An empty group. An account can have 100,000."""
    body: NewGroup = call.body
    asked = {
        "GroupId": body.group_id,
        "GroupName": body.group_name,
        "GroupExDescriptions": list(body.group_ex_descriptions),
        "Tag": body.tag,
    }
    if "face_model_version" in body.model_fields_set:
        asked["FaceModelVersion"] = body.face_model_version
    try:
        answer = call.services.faces.call_once("CreateGroup", VERSION, asked)
    except NoAnswer:
        answer = _made(call, asked)
        if not answer:
            raise
    return readable(NewGroupAnswer, "CreateGroup", answer)


def _made(call: Call, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The group, if it is there just as it was asked for: then it was made, though no answer came."""
    try:
        found = _group(call, asked["GroupId"])
    except ServiceError:
        return {}
    return found if all(found.get(name) == value for name, value in asked.items()) else {}


def _list(call: Call) -> GroupsAnswer:
    """The account's groups."""
    return readable(GroupsAnswer, "GetGroupList", page(call, "GetGroupList", {}))


def _read(call: Call) -> GroupAnswer:
    """What is known of one group."""
    return readable(GroupAnswer, "GetGroupInfo", _group(call, call.path["group_id"]))


def _delete(call: Call) -> Done:
    """The group, and everybody in it who is in no other group, with all faces."""
    group_id = call.path["group_id"]
    try:
        answer = call.services.faces.call_once("DeleteGroup", VERSION, {"GroupId": group_id})
    except NoAnswer:
        try:
            _group(call, group_id)
        except ServiceError as error:
            if error.code in NO_GROUP:
                return Done(request_id=error.request_id)
        raise
    return readable(Done, "DeleteGroup", answer)


def _group(call: Call, group_id: str) -> dict[str, Any]:
    return call.services.faces.call("GetGroupInfo", VERSION, {"GroupId": group_id})


def page(call: Call, action: str, asked: dict[str, Any]) -> dict[str, Any]:
    """One page of a list; past its end, nothing."""
    wanted: Page = call.query
    try:
        return call.services.faces.call(action, VERSION, {**asked, "Offset": wanted.offset, "Limit": wanted.limit})
    except ServiceError as error:
        if error.code != _PAST_THE_END:
            raise
        return {"RequestId": error.request_id}


_HEADING = Heading("groups", __doc__)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/v1/groups",
        name="createGroup",
        summary="Make a group",
        heading=_HEADING,
        scope="enrol",
        body=NewGroup,
        gives=NewGroupAnswer,
        answer=_create,
        changing=True,
        permissions=("iai:CreateGroup", "iai:GetGroupInfo"),
        problems=(409,),
    ),
    Endpoint(
        method="GET",
        path="/v1/groups",
        name="listGroups",
        summary="All groups",
        heading=_HEADING,
        scope="read",
        query=Page,
        gives=GroupsAnswer,
        answer=_list,
        permissions=("iai:GetGroupList",),
    ),
    Endpoint(
        method="GET",
        path="/v1/groups/{group_id}",
        name="readGroup",
        summary="One group",
        heading=_HEADING,
        scope="read",
        parameters={"group_id": GROUP},
        gives=GroupAnswer,
        answer=_read,
        permissions=("iai:GetGroupInfo",),
        problems=(404,),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/groups/{group_id}",
        name="deleteGroup",
        summary="Delete a group with the people in it",
        heading=_HEADING,
        scope="admin",
        parameters={"group_id": GROUP},
        gives=Done,
        answer=_delete,
        changing=True,
        permissions=("iai:DeleteGroup", "iai:GetGroupInfo"),
        problems=(404, 409),
    ),
)
