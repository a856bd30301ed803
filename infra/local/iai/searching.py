"""Whose face it is: SearchFaces, by the real distance between faces."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from infra.local.faces import Found, similarity
from infra.local.gateway import Refused
from infra.local.iai import attributes
from infra.local.iai import parameters as typed
from infra.local.iai.actions import MODEL_VERSION, Answer, Desk, action, no_face
from infra.local.iai.analysis import rect
from infra.local.iai.enrolment import LOW_QUALITY
from infra.local.iai.library import Person
from infra.local.iai.parameters import OnePicture, missing

GROUPS_PER_CALL = 100


class SearchFaces(OnePicture):
    """IAI 867/44994; 2018-03-01: 867/32798."""

    GroupIds: list[typed.GroupId]
    MaxFaceNum: typed.MaxFaceNumSearched = 1
    MinFaceSize: Annotated[int, Field(ge=1)] = 34
    MaxPersonNum: typed.MaxPersonNum = 5
    NeedPersonInfo: int = 0
    QualityControl: typed.QualityControl = 0
    FaceMatchThreshold: typed.Threshold = 0.0


@action(SearchFaces, paid=True, on_group=True)
def search_faces(asked: SearchFaces, desk: Desk) -> Answer:
    """The people in these groups who are most like each of the picture's largest faces, best first."""
    if not asked.GroupIds:
        raise missing("GroupIds")
    if len(asked.GroupIds) > GROUPS_PER_CALL:
        raise Refused("InvalidParameterValue.GroupIdsExceed", "The list of groups exceeds the limit.")
    people = [person for group in dict.fromkeys(asked.GroupIds) for person in desk.library.people(group)]
    enrolled = sum(len(desk.library.visible(person)) for person in people)
    if not enrolled:
        raise Refused("InvalidParameterValue.NoFaceInGroups", "There are no faces in the specified groups.")
    look = desk.look(asked.picture(desk.download), asked.NeedRotateDetection)
    faces = [face for face in look.faces if min(face.box.width, face.box.height) >= asked.MinFaceSize]
    if not faces:
        raise no_face()
    return {
        "Results": [_result(face, people, asked, desk) for face in faces[: asked.MaxFaceNum]],
        "FaceNum": enrolled,
        "FaceModelVersion": MODEL_VERSION,
    }


def _result(face: Found, people: list[Person], asked: SearchFaces, desk: Desk) -> dict[str, Any]:
    if not attributes.good_enough(face, asked.QualityControl):
        return {"Candidates": [], "FaceRect": rect(face.box), "RetCode": LOW_QUALITY}
    candidates: list[dict[str, Any]] = []
    for person in people:
        scores = {known.id: similarity(face.descriptor, known.descriptor) for known in desk.library.visible(person)}
        nearest = max(scores, key=lambda id: scores[id], default="")
        if nearest and scores[nearest] >= asked.FaceMatchThreshold:
            told = asked.NeedPersonInfo == 1
            candidates.append(
                {
                    "PersonId": person.id,
                    "FaceId": nearest,
                    "Score": round(scores[nearest], 4),
                    "PersonName": person.name if told else None,
                    "Gender": person.gender if told else None,
                    "PersonGroupInfos": [{"GroupId": person.group, "PersonExDescriptions": person.descriptions}]
                    if told
                    else None,
                }
            )
    candidates.sort(key=lambda candidate: -candidate["Score"])
    return {"Candidates": candidates[: asked.MaxPersonNum], "FaceRect": rect(face.box), "RetCode": 0}
