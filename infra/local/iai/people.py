"""The library itself: groups and people are made, listed and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pydantic import Field

from infra.local.gateway import Refused
from infra.local.iai import parameters as typed
from infra.local.iai.actions import MODEL_VERSION, Answer, Desk, action
from infra.local.iai.library import Group
from infra.local.iai.parameters import Parameters

_Item = TypeVar("_Item")


class CreateGroup(Parameters):
    """IAI 867/45015; 2018-03-01: 867/32794."""

    GroupName: typed.GroupName
    GroupId: typed.GroupId
    GroupExDescriptions: list[str] = Field(default_factory=list)
    Tag: typed.Tag = ""
    FaceModelVersion: typed.FaceModelVersion = "3.0"


@action(CreateGroup)
def create_group(asked: CreateGroup, desk: Desk) -> Answer:
    """Make a person library with up to five description fields."""
    fields = asked.GroupExDescriptions
    if len(fields) > 5:
        raise Refused("InvalidParameterValue.GroupExDescriptionsExceed", "Up to 5 fields can be created.")
    if len(set(fields)) < len(fields):
        raise Refused("InvalidParameterValue.GroupExDescriptionsNameIdentical", "Description fields must be unique.")
    if any(not 1 <= len(field) <= 30 for field in fields):
        raise Refused("InvalidParameterValue.GroupExDescriptionsNameTooLong", "A field's name has 1 to 30 characters.")
    desk.library.create_group(asked.GroupId, asked.GroupName, asked.Tag, fields)
    return {"FaceModelVersion": MODEL_VERSION}


class GetGroupList(Parameters):
    """Listed in IAI 1059/36941."""

    Offset: typed.Offset = 0
    Limit: typed.Limit = 10


@action(GetGroupList, on_group=True)
def get_group_list(asked: GetGroupList, desk: Desk) -> Answer:
    """Some of the groups, newest first."""
    groups = desk.library.groups()
    return {
        "GroupInfos": [
            {**_described(group), "UpdateTimestamp": _milliseconds(group.created)} for group in _page(groups, asked)
        ],
        "GroupNum": len(groups),
    }


class GetGroupInfo(Parameters):
    """IAI 1059/36959."""

    GroupId: typed.GroupId


@action(GetGroupInfo, on_group=True)
def get_group_info(asked: GetGroupInfo, desk: Desk) -> Answer:
    """One group."""
    return _described(desk.library.group(asked.GroupId))


class DeleteGroup(Parameters):
    """Listed in IAI 1059/36941."""

    GroupId: typed.GroupId


@action(DeleteGroup, on_group=True)
def delete_group(asked: DeleteGroup, desk: Desk) -> Answer:
    """Delete a group with the people in it."""
    desk.library.delete_group(asked.GroupId)
    return {}


class GetPersonBaseInfo(Parameters):
    """IAI 1059/36957."""

    PersonId: typed.PersonId


@action(GetPersonBaseInfo)
def get_person_base_info(asked: GetPersonBaseInfo, desk: Desk) -> Answer:
    """Somebody's name and the ids of the faces that have taken effect."""
    person = desk.library.person(asked.PersonId)
    return {
        "PersonName": person.name,
        "Gender": person.gender,
        "FaceIds": [face.id for face in desk.library.visible(person)],
    }


class GetPersonGroupInfo(Parameters):
    """Listed in IAI 1059/36941."""

    PersonId: typed.PersonId
    Offset: typed.Offset = 0
    Limit: typed.LimitOfGroups = 10


@action(GetPersonGroupInfo)
def get_person_group_info(asked: GetPersonGroupInfo, desk: Desk) -> Answer:
    """The groups that somebody is in; here that is one, for nobody is copied."""
    person = desk.library.person(asked.PersonId)
    groups = [{"GroupId": person.group, "PersonExDescriptions": person.descriptions}]
    return {
        "PersonGroupInfos": list(_page(groups, asked)),
        "GroupNum": len(groups),
        "FaceModelVersion": MODEL_VERSION,
    }


class GetPersonList(Parameters):
    """Listed in IAI 1059/36941."""

    GroupId: typed.GroupId
    Offset: typed.Offset = 0
    Limit: typed.Limit = 10


@action(GetPersonList, on_group=True)
def get_person_list(asked: GetPersonList, desk: Desk) -> Answer:
    """Some of the people in a group, newest first."""
    people = desk.library.people(asked.GroupId)
    return {
        "PersonInfos": [
            {
                "PersonName": person.name,
                "PersonId": person.id,
                "Gender": person.gender,
                "PersonExDescriptions": person.descriptions,
                "FaceIds": [face.id for face in desk.library.visible(person)],
                "CreationTimestamp": _milliseconds(person.created),
            }
            for person in _page(people, asked)
        ],
        "PersonNum": len(people),
        "FaceNum": sum(len(desk.library.visible(person)) for person in people),
        "FaceModelVersion": MODEL_VERSION,
    }


class DeletePerson(Parameters):
    """Listed in IAI 1059/36941."""

    PersonId: typed.PersonId


@action(DeletePerson)
def delete_person(asked: DeletePerson, desk: Desk) -> Answer:
    """Delete somebody with all faces, from every group."""
    desk.library.delete_person(asked.PersonId)
    return {}


def _page(items: Sequence[_Item], asked: GetGroupList | GetPersonGroupInfo | GetPersonList) -> Sequence[_Item]:
    if asked.Offset > len(items):
        raise Refused("InvalidParameterValue.OffsetExceed", "The starting number is too large.")
    return items[asked.Offset : asked.Offset + asked.Limit]


def _described(group: Group) -> Answer:
    return {
        "GroupName": group.name,
        "GroupId": group.id,
        "GroupExDescriptions": group.descriptions,
        "Tag": group.tag,
        "FaceModelVersion": MODEL_VERSION,
        "CreationTimestamp": _milliseconds(group.created),
    }


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
