"""CreateFace: the photo becomes one of a person's faces (IAI 867/32793 for 2018-03-01; 2020-03-03 alike).

The person must exist in a group; whom the photo shows is told by its key. CreateFace is not idempotent, so it is
never called twice for the same photo, person and parameters: `facestamp.enrolment` sees to that. A success may still
hold a refusal of the image, in `RetCode`.
"""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from facestamp.errors import NO_FACE, retcode
from facestamp.faces import Enrolment
from facestamp.operations.base import Answer, Desk, Findings, Operation, Photo, TencentModel
from facestamp.operations.detect_face import FaceInfo

PERSON_ID_BYTES = 64
_PERSON_ID = re.compile(r"[A-Za-z0-9\-%@#&_]+")


class CreateFaceResponse(TencentModel):
    """The content of `Response`; the lists follow the order of the images sent."""

    suc_face_num: int = 0
    suc_face_ids: tuple[str, ...] = ()
    ret_code: tuple[int, ...] = ()
    """Per image: 0, or why it was not added."""
    suc_indexes: tuple[int, ...] = ()
    suc_face_rects: tuple[FaceInfo, ...] = ()
    face_model_version: str = ""
    request_id: str = ""


def person_id_refusal(person_id: str) -> str:
    """Tencent's code for a PersonId that it would not take, or an empty string."""
    if not person_id:
        return "MissingParameter.ErrorParameterEmpty"
    if len(person_id.encode()) > PERSON_ID_BYTES:
        return "InvalidParameterValue.PersonIdTooLong"
    return "" if _PERSON_ID.fullmatch(person_id) else "InvalidParameterValue.PersonIdIllegal"


class CreateFace(Operation):
    """Enrols the photo's largest face for the person whom its key names."""

    permissions: ClassVar[tuple[str, ...]] = ("iai:CreateFace", "iai:GetPersonBaseInfo")
    keyed_by_person: ClassVar[bool] = True

    version: Literal["2020-03-03", "2018-03-01"] = "2020-03-03"
    face_match_threshold: Annotated[float, Field(ge=0, le=100)] = 60.0
    """How alike the face must be to those that the person already has."""
    quality_control: Literal[0, 1, 2, 3, 4] = 0
    """0: any photo, up to 4: the best only."""
    need_rotate_detection: Literal[0, 1] = 0

    def ask(self, photo: Photo, desk: Desk) -> Answer:
        """Refuse what Tencent would refuse, then enrol once."""
        refusal = person_id_refusal(photo.person_id)
        if refusal:
            return {"Error": refusal}
        claim = self.claim(photo.identity, photo.person_id)
        return desk.enrol(photo.person_id, claim, self.parameters(), photo, self.version)

    def claim(self, identity: str, person_id: str) -> str:
        """What is enrolled once: this content for this person with these parameters (`facestamp.enrolment`)."""
        return f"{identity}/{self.digest(person_id)}"

    def findings(self, answer: Answer) -> Findings:
        """The face ids, or why the image was refused."""
        told = CreateFaceResponse.model_validate(answer)
        refused = [code for code in told.ret_code if code]
        if refused:
            code = retcode(refused[0]).code
            return Findings() if code in NO_FACE else Findings(rejected=code)
        return Findings(enrolment=Enrolment(str(answer.get("PersonId", "")), told.suc_face_ids))
