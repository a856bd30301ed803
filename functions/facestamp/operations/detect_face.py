"""DetectFace: where the faces are.

Cloud Infinite measures the stored object in place (CI 460/63223). A photo that must be sent as a rendering (too large,
or turned by its EXIF orientation) cannot be measured in place; its boxes then come from the face service's own
DetectFace (IAI 867/44989), which answers in the same terms.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, field_validator

from facestamp.faces import Box, Size
from facestamp.operations.base import Answer, Desk, Findings, Operation, Photo, TencentModel


class FaceInfo(TencentModel):
    """One face frame in pixels; X and Y may be negative, for the frame is wider than the face."""

    x: int
    y: int
    width: int
    height: int
    score: int | None = None
    """Confidence, 0 to 100; only sometimes there."""

    @property
    def box(self) -> Box:
        """The frame."""
        return Box(self.x, self.y, self.width, self.height)


class DetectFaceResponse(TencentModel):
    """Cloud Infinite's `Response`, or the face service's, which has the same names."""

    image_width: int | None = None
    image_height: int | None = None
    face_model_version: str = ""
    request_id: str = ""
    status: int | None = None
    """1: a face was detected, 0: none; only sometimes there."""
    face_infos: tuple[FaceInfo, ...] = ()

    @field_validator("face_infos", mode="before")
    @classmethod
    def _one_or_many(cls, infos: Any) -> Any:
        """XML has one FaceInfos element per face: a parser gives a dict for one, a list for many, nothing for none."""
        if infos is None or infos == "":
            return ()
        return (infos,) if isinstance(infos, dict) else infos


class DetectFace(Operation):
    """Face frames, the largest first."""

    permissions: ClassVar[tuple[str, ...]] = ("ci:CreateDetectFaceJob", "ci:CreateFaceEffectJob", "iai:DetectFace")

    max_face_num: Annotated[int, Field(ge=1, le=120)] = 1
    """How many faces at most, the largest first."""

    def ask(self, photo: Photo, desk: Desk) -> Answer:
        """In place where that is possible, else through the face service."""
        if photo.as_stored:
            return desk.detect(photo, self.max_face_num)
        return desk.ask_about(photo, self.name, "2020-03-03", self.parameters())

    def findings(self, answer: Answer) -> Findings:
        """The boxes."""
        told = DetectFaceResponse.model_validate(answer)
        boxes = () if told.status == 0 else tuple(info.box for info in told.face_infos)
        size = Size(told.image_width, told.image_height) if told.image_width and told.image_height else None
        return Findings(size=size, boxes=boxes)
