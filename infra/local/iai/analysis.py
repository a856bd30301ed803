"""What is in a picture: DetectFace, AnalyzeFace and DetectFaceAttributes.

All three name the picture's size as they saw it, give faces largest first, and answer NoFaceInPhoto where there
is none.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from facestamp.faces import FEATURES, Box
from infra.local.faces import Found, Look
from infra.local.gateway import Refused
from infra.local.iai import attributes
from infra.local.iai import parameters as typed
from infra.local.iai.actions import MODEL_VERSION, Answer, Desk, action, no_face
from infra.local.iai.parameters import OnePicture

WITH_ATTRIBUTES = 5
"""How many of the largest faces have attributes that mean something."""
WITH_QUALITY = 30
WITH_POINTS = 10
MIN_FACE_SIZES = (34, 20)
"""Pixels; all that 2020-03-03 takes."""


class DetectFace(OnePicture):
    """IAI 867/44989; 2018-03-01: 867/32800."""

    MaxFaceNum: typed.MaxFaceNum = 1
    MinFaceSize: Annotated[int, Field(ge=1)] = 34
    NeedFaceAttributes: int = 0
    NeedQualityDetection: int = 0
    FaceModelVersion: typed.FaceModelVersion = "3.0"


@action(DetectFace, paid=True)
def detect_face(asked: DetectFace, desk: Desk) -> Answer:
    """Where faces are; raises NoFaceInPhoto, or FaceSizeTooSmall if all are smaller than MinFaceSize."""
    if desk.version == "2020-03-03" and asked.MinFaceSize not in MIN_FACE_SIZES:
        raise Refused("InvalidParameter.InvalidParameter", "MinFaceSize must be 34 or 20.")
    look = _look(asked, desk)
    large = [face for face in look.faces if min(face.box.width, face.box.height) >= asked.MinFaceSize]
    if not large:
        raise Refused("FailedOperation.FaceSizeTooSmall", "The face frame is smaller than MinFaceSize.")
    return {
        **_frame(look),
        "FaceInfos": [
            {
                **rect(face.box),
                "FaceAttributesInfo": attributes.brief(face, asked.NeedFaceAttributes == 1 and rank < WITH_ATTRIBUTES),
                "FaceQualityInfo": attributes.quality(face)
                if asked.NeedQualityDetection == 1 and rank < WITH_QUALITY
                else None,
            }
            for rank, face in enumerate(large[: asked.MaxFaceNum])
        ],
    }


class AnalyzeFace(OnePicture):
    """IAI 867/45019; 2018-03-01: 867/32779."""

    Mode: typed.Flag = 0
    FaceModelVersion: typed.FaceModelVersion = "3.0"


@action(AnalyzeFace, paid=True)
def analyze_face(asked: AnalyzeFace, desk: Desk) -> Answer:
    """90 points for each face, of the ten largest or of the largest; raises NoFaceInPhoto."""
    look = _look(asked, desk)
    faces = look.faces[: 1 if asked.Mode == 1 else WITH_POINTS]
    return {**_frame(look), "FaceShapeSet": [_shape(face) for face in faces]}


class DetectFaceAttributes(OnePicture):
    """IAI 867/47396."""

    MaxFaceNum: typed.MaxFaceNum = 1
    FaceAttributesType: str = "None"
    FaceModelVersion: typed.FaceModelVersion = "3.0"


@action(DetectFaceAttributes, paid=True)
def detect_face_attributes(asked: DetectFaceAttributes, desk: Desk) -> Answer:
    """Where faces are, and what they look like; raises NoFaceInPhoto."""
    kinds = attributes.requested(asked.FaceAttributesType)
    look = _look(asked, desk)
    return {
        **_frame(look),
        "FaceDetailInfos": [
            {
                "FaceRect": rect(face.box),
                "FaceDetailAttributesInfo": attributes.detailed(face, kinds if rank < WITH_ATTRIBUTES else frozenset()),
            }
            for rank, face in enumerate(look.faces[: asked.MaxFaceNum])
        ],
    }


def rect(box: Box) -> dict[str, int]:
    """A FaceRect."""
    return {"X": box.x, "Y": box.y, "Width": box.width, "Height": box.height}


def _look(asked: OnePicture, desk: Desk) -> Look:
    look = desk.look(asked.picture(desk.download), asked.NeedRotateDetection)
    if not look.faces:
        raise no_face()
    return look


def _frame(look: Look) -> Answer:
    return {"ImageWidth": look.size.width, "ImageHeight": look.size.height, "FaceModelVersion": MODEL_VERSION}


def _shape(face: Found) -> dict[str, Any]:
    return {feature: [{"X": point.x, "Y": point.y} for point in face.points[feature]] for feature in FEATURES}
