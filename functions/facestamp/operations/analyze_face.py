"""AnalyzeFace: 90 points on each of up to ten faces (IAI 867/45019 for 2020-03-03, 867/32779 for 2018-03-01)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import field_validator, model_validator
from typing_extensions import Self

from facestamp.faces import FEATURES, Point, Points, Size
from facestamp.operations.base import Answer, Desk, Findings, Operation, Photo, TencentModel


class AnalyzeFaceResponse(TencentModel):
    """The content of `Response`: each face as its points by feature, under Tencent's names and in its order."""

    image_width: int
    image_height: int
    face_shape_set: tuple[dict[str, tuple[Point, ...]], ...] = ()
    face_model_version: str = ""
    request_id: str = ""

    @field_validator("face_shape_set", mode="before")
    @classmethod
    def _points_by_feature(cls, shapes: Any) -> Any:
        return [
            {feature: [(point["X"], point["Y"]) for point in shape[feature] or ()] for feature in FEATURES}
            for shape in shapes or ()
        ]

    @model_validator(mode="after")
    def _as_many_as_documented(self) -> Self:
        for shape in self.face_shape_set:
            counts = {feature: len(points) for feature, points in shape.items()}
            if counts != FEATURES:
                raise ValueError(f"AnalyzeFace gives {dict(FEATURES)} points a face, not {counts}")
        return self


class AnalyzeFace(Operation):
    """The contour of each face: 21 points of profile, 8 of each eye and brow, 22 of mouth, 13 of nose, 2 pupils."""

    permissions: ClassVar[tuple[str, ...]] = ("iai:AnalyzeFace",)

    version: Literal["2020-03-03", "2018-03-01"] = "2020-03-03"
    mode: Literal[0, 1] = 0
    """0: every face, up to ten; 1: the largest."""
    face_model_version: Literal["2.0", "3.0"] | None = None
    """Accounts opened after 2020-11-26 have 3.0 only; left out, the account's default holds."""
    need_rotate_detection: Literal[0, 1] = 0
    """Look for turned faces too; some hundred milliseconds slower."""

    def ask(self, photo: Photo, desk: Desk) -> Answer:
        """By presigned address."""
        return desk.ask_about(photo, self.name, self.version, self.parameters())

    def findings(self, answer: Answer) -> Findings:
        """The points."""
        told = AnalyzeFaceResponse.model_validate(answer)
        shapes: tuple[Points, ...] = told.face_shape_set
        return Findings(size=Size(told.image_width, told.image_height), shapes=shapes)
