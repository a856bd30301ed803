"""People: made with a first face, read, listed by group, and deleted."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated

from pydantic import AfterValidator, Field

from facestamp.desk import VERSION
from facestamp.enrolment import NOBODY, Wanted
from facestamp.errors import ServiceError
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.faces.responses import FaceRect
from facestamp.http.models import Many, Maybe, Model, Told, in_pascal_case, readable
from facestamp.http.people.groups import Page, page
from facestamp.http.people.limits import (
    GROUP,
    PERSON,
    Description,
    Flag,
    Gender,
    GroupId,
    PersonId,
    PersonName,
    QualityControl,
    UniquePersonControl,
    few,
)
from facestamp.http.pictures.bodies import Pictured
from facestamp.http.pictures.frame import placed

_MOST_GROUPS = 100
"""That somebody can be in."""


class PersonExDescriptionInfo(Model):
    """What one of the group's description fields says of somebody."""

    person_ex_description_index: Annotated[int, Field(ge=0, le=4)]
    """Which field, from 0."""
    person_ex_description: Description


class NewPerson(Pictured):
    """A person to make."""

    group_id: GroupId
    person_id: PersonId
    """Unique in the account, and not to be changed."""
    person_name: PersonName
    gender: Gender = 0
    """0: not told, 1: male, 2: female."""
    person_ex_description_infos: Annotated[
        tuple[PersonExDescriptionInfo, ...],
        AfterValidator(few(0, 5, "InvalidParameterValue.PersonExDescriptionInfosExceed")),
        Field(json_schema_extra={"maxItems": 5}),
    ] = ()
    unique_person_control: UniquePersonControl = 0
    """1 to 4: make nobody if the group seems to have this person already; 4 wants to be surest of it."""
    quality_control: QualityControl = 0
    """0: any picture will do, up to 4: the best only."""
    need_rotate_detection: Flag = 0
    """1: look for turned faces in a picture without EXIF, too; some hundred milliseconds slower."""


class NewPersonAnswer(Told):
    """The person was made, or is there already (CreatePerson, 867/45014)."""

    face_id: Maybe[str] = None
    """Of the first face; left out if nobody was made."""
    face_rect: Maybe[FaceRect] = None
    """Left out if the call's answer was lost, and it was found out by looking that it had made the person."""
    similar_person_id: Maybe[str] = None
    """Who it seems to be, with `unique_person_control`."""
    face_model_version: Maybe[str] = None
    request_id: str = ""


class PersonInfo(Told):
    """Somebody in a list."""

    person_name: str
    person_id: str
    gender: Maybe[int] = None
    person_ex_descriptions: Many[str] = ()
    """In the order of the group's description fields."""
    face_ids: Many[str] = ()
    creation_timestamp: Maybe[int] = None
    """Milliseconds since 1970."""


class PersonsAnswer(Told):
    """People of a group, the newest first (GetPersonList, 1059/36941). Past their end, none."""

    person_infos: Many[PersonInfo] = ()
    person_num: Maybe[int] = None
    """How many there are in all; left out past their end."""
    face_num: Maybe[int] = None
    face_model_version: Maybe[str] = None
    request_id: str = ""


class PersonGroupInfo(Told):
    """A group that somebody is in."""

    group_id: str
    person_ex_descriptions: Many[str] = ()
    """In the order of the group's description fields."""


class PersonAnswer(Told):
    """Somebody (GetPersonBaseInfo, 1059/36957, and GetPersonGroupInfo, 1059/36941)."""

    person_id: str
    person_name: str
    gender: Maybe[int] = None
    """0: not told, 1: male, 2: female."""
    face_ids: Many[str] = ()
    """A new face takes up to five seconds to show."""
    person_group_infos: Many[PersonGroupInfo] = ()
    group_num: Maybe[int] = None
    face_model_version: Maybe[str] = None
    request_id: str = ""


class DeletedAnswer(Told):
    """What was deleted."""

    suc_deleted_num: int = 0
    suc_face_ids: Many[str] = ()


def _create(call: Call) -> NewPersonAnswer:
    """Somebody with a first face, the largest in the picture. The same request again finds the person made; an id that
    is anybody else's is a conflict. To have the photo of a `key` forgotten deletes the face, too."""
    body: NewPerson = call.body
    source = body.source(call.services)
    asked = body.model_dump(exclude={"image", "key", "url", "person_id"}, exclude_defaults=True)
    told = json.dumps([source.identity, asked], sort_keys=True)
    claim = f"{source.identity}/person-{hashlib.sha256(told.encode()).hexdigest()[:40]}"
    source.keep_asked(body.person_id, call.services.state)
    answer = call.services.desk.begin(body.person_id, claim, in_pascal_case(asked), source.sent)
    ids = answer.get("SucFaceIds") or ()
    rect = answer.get("FaceRect")
    shown = {
        "FaceId": next(iter(ids), None),
        "FaceRect": placed(rect, source) if rect else None,
        "SimilarPersonId": answer.get("SimilarPersonId") or None,
    }
    return readable(NewPersonAnswer, "CreatePerson", {**answer, **shown})


def _read(call: Call) -> PersonAnswer:
    """What is known of somebody, and the groups that they are in."""
    person_id, faces = call.path["person_id"], call.services.faces
    asked = {"PersonId": person_id, "Limit": _MOST_GROUPS}
    groups_of = call.services.pool.submit(lambda: faces.call("GetPersonGroupInfo", VERSION, asked))
    base = faces.call("GetPersonBaseInfo", VERSION, {"PersonId": person_id})
    return readable(PersonAnswer, "GetPersonBaseInfo", {**groups_of.result(), **base, "PersonId": person_id})


def _list(call: Call) -> PersonsAnswer:
    """Who is in a group."""
    answer = page(call, "GetPersonList", {"GroupId": call.path["group_id"]})
    return readable(PersonsAnswer, "GetPersonList", answer)


def _delete(call: Call) -> DeletedAnswer:
    """Somebody, from every group and with all faces. Photos that a route enrolled for them keep their stamps, with this
    name, until each is forgotten or uploaded again."""
    gone = call.services.desk.withdraw(call.path["person_id"], Wanted(person="goes"))
    if not gone.there:
        raise ServiceError("iai", "DeletePerson", NOBODY)
    return DeletedAnswer(suc_deleted_num=len(gone.faces), suc_face_ids=gone.faces)


_HEADING = Heading("people", __doc__)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/v1/groups/{group_id}/persons",
        name="listPersons",
        summary="Who is in a group",
        heading=_HEADING,
        scope="read",
        parameters={"group_id": GROUP},
        query=Page,
        gives=PersonsAnswer,
        answer=_list,
        permissions=("iai:GetPersonList",),
        problems=(404,),
    ),
    Endpoint(
        method="POST",
        path="/v1/persons",
        name="createPerson",
        summary="Make a person, with a first face",
        heading=_HEADING,
        scope="enrol",
        body=NewPerson,
        gives=NewPersonAnswer,
        answer=_create,
        changing=True,
        permissions=("iai:CreatePerson", "iai:GetPersonBaseInfo"),
        reach=frozenset({"people", "photo"}),
        problems=(404, 409, 422),
    ),
    Endpoint(
        method="GET",
        path="/v1/persons/{person_id}",
        name="readPerson",
        summary="One person",
        heading=_HEADING,
        scope="read",
        parameters={"person_id": PERSON},
        gives=PersonAnswer,
        answer=_read,
        permissions=("iai:GetPersonBaseInfo", "iai:GetPersonGroupInfo"),
        problems=(404,),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/persons/{person_id}",
        name="deletePerson",
        summary="Delete a person",
        heading=_HEADING,
        scope="admin",
        parameters={"person_id": PERSON},
        gives=DeletedAnswer,
        answer=_delete,
        changing=True,
        permissions=("iai:DeletePerson", "iai:GetPersonBaseInfo"),
        reach=frozenset({"people"}),
        problems=(404, 409),
    ),
)
