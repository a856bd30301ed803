"""DetectFaceAttributes: what a face looks like, of the kinds that were asked for (IAI 867/47396, 2020-03-03 only).

Tencent returns all sixteen kinds whatever was asked, with meaningless values for the others, and meaningless values
for the sixth face and on. Neither is kept: what is not known must not be on anybody's photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from facestamp.attributes import KINDS
from facestamp.codes import UNREADABLE
from facestamp.faces import Box, Size
from facestamp.operations.base import Answer, Desk, Findings, Operation, Photo, TencentModel
from facestamp.operations.detect_face import FaceInfo

_FIELDS: Mapping[str, str] = {kind.lower(): kind for kind in KINDS}
"""The kinds in any case -> the field that answers it (`Headpose` is asked for, `HeadPose` is answered)."""

_DESCRIBED = 5
"""Only the five largest faces carry attributes that mean something."""


class FaceDetailInfo(TencentModel):
    """One face: its frame, and its attributes by kind."""

    face_rect: FaceInfo
    face_detail_attributes_info: dict[str, Any] | None = None


class DetectFaceAttributesResponse(TencentModel):
    """The content of `Response`."""

    image_width: int
    image_height: int
    face_detail_infos: tuple[FaceDetailInfo, ...] = ()
    face_model_version: str = ""
    request_id: str = ""


class DetectFaceAttributes(Operation):
    """The attributes of the largest faces."""

    permissions: ClassVar[tuple[str, ...]] = ("iai:DetectFaceAttributes",)

    version: Literal["2020-03-03"] = "2020-03-03"
    max_face_num: Annotated[int, Field(ge=1, le=120)] = 1
    face_attributes_type: str = "None"
    """Kinds, comma-separated, in any case and order; `None` for none, `All` (ours) for all sixteen."""
    need_rotate_detection: Literal[0, 1] = 0
    face_model_version: Literal["3.0"] = "3.0"

    @field_validator("face_attributes_type")
    @classmethod
    def _known_kinds(cls, text: str) -> str:
        asked = [kind.strip().lower() for kind in text.split(",") if kind.strip()]
        if asked == ["all"]:
            return ",".join(_asked_as(kind) for kind in KINDS)
        unknown = [kind for kind in asked if kind not in _FIELDS and kind != "none"]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no such attribute; choose from {', '.join(KINDS)}")
        return ",".join(_asked_as(field) for kind, field in _FIELDS.items() if kind in asked) or "None"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The fields that were asked for, as the answer spells them."""
        return tuple(_FIELDS[kind] for kind in self.face_attributes_type.lower().split(",") if kind in _FIELDS)

    def ask(self, photo: Photo, desk: Desk) -> Answer:
        """By presigned address; what was not asked for is taken out before anybody sees it."""
        answer = desk.ask_about(photo, self.name, self.version, self.parameters())
        try:
            return self.without_meaningless(answer)
        except (LookupError, TypeError, AttributeError):
            return {"Error": UNREADABLE}

    def without_meaningless(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The answer with only the kinds that were asked for, on the five largest faces, and no nulls."""
        infos = [dict(info) for info in answer.get("FaceDetailInfos") or ()]
        largest = sorted(range(len(infos)), key=lambda n: -_area(infos[n]["FaceRect"]))[:_DESCRIBED]
        for number, info in enumerate(infos):
            told = _known(info.get("FaceDetailAttributesInfo") or {}) if number in largest else {}
            info["FaceDetailAttributesInfo"] = {kind: told[kind] for kind in self.kinds if kind in told}
        return {**answer, "FaceDetailInfos": infos}

    def findings(self, answer: Answer) -> Findings:
        """Each face's frame with its attributes."""
        told = DetectFaceAttributesResponse.model_validate(answer)
        return Findings(
            size=Size(told.image_width, told.image_height),
            attributes=tuple(_described(info) for info in told.face_detail_infos),
        )


def _described(info: FaceDetailInfo) -> tuple[Box, Mapping[str, Any]]:
    return info.face_rect.box, info.face_detail_attributes_info or {}


def _area(rect: Mapping[str, int]) -> int:
    return rect["Width"] * rect["Height"]


def _known(value: Mapping[str, Any]) -> dict[str, Any]:
    """The value without nulls, and without parts that hold nothing else."""
    known = {name: _known(part) if isinstance(part, Mapping) else part for name, part in value.items()}
    return {name: part for name, part in known.items() if part is not None and part != {}}


def _asked_as(kind: str) -> str:
    return "Headpose" if kind == "HeadPose" else kind
