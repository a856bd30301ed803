"""Faces of people: up to four pictures at once become faces, each picture once; and faces are deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from facestamp.enrolment import LAST_FACE, NOBODY, Wanted
from facestamp.errors import ServiceError, retcode
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.faces.responses import FaceRect
from facestamp.http.models import Many, Maybe, Told, readable
from facestamp.http.people.limits import FACE, PERSON, Flag, QualityControl, Threshold
from facestamp.http.pictures.bodies import Pictures
from facestamp.http.pictures.frame import placed
from facestamp.http.pictures.source import Source
from facestamp.http.replies.problems import CONFLICT, UNKNOWN, Problem
from facestamp.operations import Answer
from facestamp.operations.create_face import CreateFace


class NewFaces(Pictures):
    """Pictures to enrol; of several faces in one, the largest is."""

    version: Literal["2020-03-03", "2018-03-01"] = "2020-03-03"
    """Of Tencent's CreateFace."""
    face_match_threshold: Threshold = 60.0
    """How alike a face must be to those that the person has, 0 to 100."""
    quality_control: QualityControl = 0
    """0: any picture will do, up to 4: the best only."""
    need_rotate_detection: Flag = 0
    """1: look for turned faces in a picture without EXIF, too; some hundred milliseconds slower."""


class FaceResult(Told):
    """What became of one picture."""

    index: int
    """Its place among those sent, from 0."""
    ret_code: Maybe[int] = None
    """0: it is one of the person's faces; else why not. Left out where that is not known."""
    code: Maybe[str] = None
    """Why it is none, as an error code; one that has no name is the number itself."""
    face_id: Maybe[str] = None
    """Left out, too, if the call's answer was lost and several faces were found: which is whose, nobody can tell."""
    face_rect: Maybe[FaceRect] = None
    """Left out if the call's answer was lost."""


class NewFacesAnswer(Told):
    """What became of the pictures (CreateFace, 867/32795; 2018-03-01: 867/32793)."""

    suc_face_num: int
    suc_face_ids: Many[str]
    ret_code: Many[int | None]
    """In the order of the pictures; null where it is not known whether one was enrolled."""
    suc_indexes: Many[int]
    suc_face_rects: Many[FaceRect]
    results: Many[FaceResult]
    """The same, picture by picture."""
    face_model_version: Maybe[str] = None
    request_id: str = ""


class DeletedFacesAnswer(Told):
    """Which faces were deleted (DeleteFace, 1059/36941)."""

    suc_deleted_num: int
    suc_face_ids: Many[str]


def _create(call: Call) -> NewFacesAnswer:
    """Each picture becomes a face once, for the same parameters: what was enrolled before, by this API or by an upload,
    is answered from what is known, and all others are sent in one call. A `url` stands for whatever is there. A person
    can have five faces. To have the photo of a `key` forgotten deletes the face, too."""
    body: NewFaces = call.body
    person_id = call.path["person_id"]
    asked = body.model_dump(include=set(CreateFace.model_fields))
    operation = CreateFace.model_validate(asked)
    sources = body.sources(call.services)
    claims = [operation.claim(source.identity, person_id) for source in sources]
    pictures = {claim: source.sent for claim, source in zip(claims, sources, strict=True)}
    for source in sources:
        source.keep_asked(person_id, call.services.state)
    answers = call.services.desk.enrol_all(person_id, pictures, operation.parameters(), operation.version)
    told = [answers[claim] for claim in claims]
    if all("Error" in answer for answer in told):
        raise ServiceError("iai", "CreateFace", told[0]["Error"], request_id=str(told[0].get("RequestId", "")))
    results = [_result(index, *each) for index, each in enumerate(zip(told, sources, strict=True))]
    added = [result for result in results if result["RetCode"] == 0]
    ids = [face for answer in told for face in (answer.get("SucFaceIds") or answer.get("OneOf") or ())]
    shared = {name: answer[name] for answer in told for name in ("FaceModelVersion", "RequestId") if name in answer}
    whole = {
        "SucFaceNum": len(added),
        "SucFaceIds": list(dict.fromkeys(ids)),
        "RetCode": [result["RetCode"] for result in results],
        "SucIndexes": [result["Index"] for result in added],
        "SucFaceRects": [result["FaceRect"] for result in added if result["FaceRect"]],
        "Results": results,
    }
    return readable(NewFacesAnswer, "CreateFace", {**shared, **whole})


def _result(index: int, answer: Answer, source: Source) -> dict[str, Any]:
    number = next(iter(answer.get("RetCode") or ()), None)
    ids, rects = answer.get("SucFaceIds") or (), answer.get("SucFaceRects") or ()
    code = answer.get("Error") or (retcode(number).code if number else None)
    rect: Mapping[str, Any] | None = placed(rects[0], source) if rects else None
    return {"Index": index, "RetCode": number, "Code": code, "FaceId": next(iter(ids), None), "FaceRect": rect}


def _delete(call: Call) -> DeletedFacesAnswer:
    """One face. The last face of a person cannot be deleted, by Tencent's rule; the person can. Its picture can be
    enrolled again here; a photo that its route enrolled keeps its stamp until it is forgotten or uploaded again, which
    enrols it anew."""
    person_id, face_id = call.path["person_id"], call.path["face_id"]
    try:
        gone = call.services.desk.withdraw(person_id, Wanted(faces=frozenset({face_id})))
    except ServiceError as error:
        if error.code != LAST_FACE:
            raise
        what = "Delete the person instead: this is the last face, and everybody keeps one."
        raise Problem(CONFLICT, what, error.code, error.request_id) from None
    if not gone.there:
        raise ServiceError("iai", "DeleteFace", NOBODY)
    if not gone.faces:
        raise Problem(UNKNOWN, "The person has no such face: read the person for those that there are.")
    return DeletedFacesAnswer(suc_deleted_num=len(gone.faces), suc_face_ids=gone.faces)


_HEADING = Heading("enrolling", __doc__)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/v1/persons/{person_id}/faces",
        name="enrolFaces",
        summary="Enrol up to four pictures for a person",
        heading=_HEADING,
        scope="enrol",
        parameters={"person_id": PERSON},
        body=NewFaces,
        gives=NewFacesAnswer,
        answer=_create,
        changing=True,
        permissions=CreateFace.permissions,
        reach=frozenset({"people", "photo"}),
        problems=(404, 409, 422),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/persons/{person_id}/faces/{face_id}",
        name="deleteFace",
        summary="Delete a face of a person",
        heading=_HEADING,
        scope="admin",
        parameters={"person_id": PERSON, "face_id": FACE},
        gives=DeletedFacesAnswer,
        answer=_delete,
        changing=True,
        permissions=("iai:DeleteFace", "iai:GetPersonBaseInfo"),
        reach=frozenset({"people"}),
        problems=(404, 409),
    ),
)
