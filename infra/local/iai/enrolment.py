"""Faces into the library and out of it: CreatePerson, CreateFace, DeleteFace.

CreateFace has no client token and is not idempotent: a second call with the same picture adds a second face. It
reports picture by picture, inside an answer that is a success.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from infra.local.faces import Found, similarity
from infra.local.gateway import Refused
from infra.local.iai import attributes
from infra.local.iai import parameters as typed
from infra.local.iai.actions import MODEL_VERSION, Answer, Desk, action, no_face
from infra.local.iai.analysis import rect
from infra.local.iai.library import Person
from infra.local.iai.parameters import OnePicture, Parameters, decoded, missing
from infra.local.pictures import check

PICTURES_PER_CALL = 4

NO_FACE, UNDECODABLE, WRONG_SIZE, LOW_QUALITY, UNLIKE = -1101, -1102, -1109, -1601, -1604
"""CreateFace's RetCode for a picture that was not taken."""

_RET_CODES = {
    "InvalidParameterValue.ImageEmpty": UNDECODABLE,
    "FailedOperation.ImageDecodeFailed": UNDECODABLE,
    "FailedOperation.ImageSizeExceed": WRONG_SIZE,
    "FailedOperation.ImageResolutionExceed": WRONG_SIZE,
    "FailedOperation.ImageResolutionTooSmall": WRONG_SIZE,
}

_SAME_PERSON = {1: 70.0, 2: 80.0, 3: 90.0, 4: 95.0}
"""UniquePersonControl's score from which two faces are one person's (867/45020 gives the first three)."""


class Description(BaseModel):
    """PersonExDescriptionInfo."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    PersonExDescriptionIndex: int
    PersonExDescription: str


class CreatePerson(OnePicture):
    """IAI 867/45014; 2018-03-01: 867/32793."""

    GroupId: typed.GroupId
    PersonName: typed.PersonName
    PersonId: typed.PersonId
    Gender: typed.Gender = 0
    PersonExDescriptionInfos: list[Description] = Field(default_factory=list)
    UniquePersonControl: typed.UniquePerson = 0
    QualityControl: typed.QualityControl = 0


@action(CreatePerson, paid=True, on_group=True)
def create_person(asked: CreatePerson, desk: Desk) -> Answer:
    """Enrol somebody by one picture's largest face, or name who it seems to be already."""
    group = desk.library.group(asked.GroupId)
    desk.library.require_new(asked.PersonId)
    if len(asked.PersonExDescriptionInfos) > 5:
        raise Refused("InvalidParameterValue.PersonExDescriptionInfosExceed", "Up to 5 descriptions are allowed.")
    look = desk.look(asked.picture(desk.download), asked.NeedRotateDetection)
    if not look.faces:
        raise no_face()
    face = look.faces[0]
    if not attributes.good_enough(face, asked.QualityControl):
        raise Refused("FailedOperation.FaceQualityNotQualified", "The quality of the face image is too low.")
    seems = _resembled(face, asked, desk)
    if seems:
        return {"FaceId": "", "FaceRect": None, "SimilarPersonId": seems, "FaceModelVersion": MODEL_VERSION}
    descriptions = [""] * len(group.descriptions)
    for info in asked.PersonExDescriptionInfos:
        if not 0 <= info.PersonExDescriptionIndex < len(descriptions):
            raise Refused("InvalidParameter.InvalidParameter", "PersonExDescriptionIndex names no description.")
        descriptions[info.PersonExDescriptionIndex] = info.PersonExDescription
    enrolled = desk.library.create_person(
        asked.PersonId, asked.PersonName, asked.Gender, asked.GroupId, descriptions, face
    )
    return {
        "FaceId": enrolled.id,
        "FaceRect": rect(enrolled.box),
        "SimilarPersonId": "",
        "FaceModelVersion": MODEL_VERSION,
    }


class CreateFace(Parameters):
    """IAI 867/32795 (2018-03-01)."""

    PersonId: typed.PersonId
    Images: list[str] | None = None
    Urls: list[str] | None = None
    FaceMatchThreshold: typed.Threshold = 60.0
    QualityControl: typed.QualityControl = 0
    NeedRotateDetection: typed.Flag = 0


@action(CreateFace, paid=True)
def create_face(asked: CreateFace, desk: Desk) -> Answer:
    """Add the largest face of each picture to somebody, if it is like those already there.

    Pictures that cannot be taken have a RetCode; one that cannot be downloaded fails the call, before any is added.
    """
    sources = asked.Urls or asked.Images
    if not sources:
        raise missing("Images")
    if len(sources) > PICTURES_PER_CALL:
        raise Refused("InvalidParameterValue.UploadFaceNumExceed", "Up to four faces can be uploaded at a time.")
    with desk.library.enrolling(asked.PersonId) as person:
        desk.library.require_room(person, len(sources))
        images = [desk.download(source) for source in sources] if asked.Urls else list(sources)
        found = [_usable(image, asked, person, desk) for image in images]
        added = {
            index: desk.library.add_face(person, face) for index, face in enumerate(found) if isinstance(face, Found)
        }
    return {
        "SucFaceNum": len(added),
        "SucFaceIds": [face.id for face in added.values()],
        "RetCode": [face if isinstance(face, int) else 0 for face in found],
        "SucIndexes": list(added),
        "SucFaceRects": [rect(face.box) for face in added.values()],
        "FaceModelVersion": MODEL_VERSION,
    }


class DeleteFace(Parameters):
    """Listed in IAI 1059/36941."""

    PersonId: typed.PersonId
    FaceIds: list[str]


@action(DeleteFace)
def delete_face(asked: DeleteFace, desk: Desk) -> Answer:
    """Take faces away from somebody, who keeps at least one."""
    if not asked.FaceIds:
        raise missing("FaceIds")
    gone = desk.library.delete_faces(asked.PersonId, asked.FaceIds)
    return {"SucDeletedNum": len(gone), "SucFaceIds": gone}


def _usable(image: bytes | str, asked: CreateFace, person: Person, desk: Desk) -> Found | int:
    """The picture's largest face, or the RetCode that says why not."""
    try:
        if isinstance(image, str):
            image = decoded(image)
        else:
            check(image)
        look = desk.look(image, asked.NeedRotateDetection)
    except Refused as refused:
        return _RET_CODES[refused.code]
    if not look.faces:
        return NO_FACE
    face = look.faces[0]
    if not attributes.good_enough(face, asked.QualityControl):
        return LOW_QUALITY
    likeness = max(similarity(face.descriptor, known.descriptor) for known in person.faces)
    return face if likeness > asked.FaceMatchThreshold else UNLIKE


def _resembled(face: Found, asked: CreatePerson, desk: Desk) -> str:
    if not asked.UniquePersonControl:
        return ""
    scores = {
        person.id: max((similarity(face.descriptor, known.descriptor) for known in person.faces), default=0.0)
        for person in desk.library.people(asked.GroupId)
    }
    nearest = max(scores, key=lambda id: scores[id], default="")
    return nearest if nearest and scores[nearest] >= _SAME_PERSON[asked.UniquePersonControl] else ""
