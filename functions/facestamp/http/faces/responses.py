"""What the face operations answer: the content of Tencent's `Response`, in pixels of the picture as one sees it."""

from __future__ import annotations

from typing import Literal

from facestamp.http.faces.attributes import FaceAttributesInfo, FaceDetailAttributesInfo, FaceQualityInfo
from facestamp.http.models import Many, Maybe, Told


class Point(Told):
    """A position in pixels of the picture as one sees it; it may lie outside."""

    x: int
    y: int


class FaceRect(Told):
    """A face frame in pixels of the picture as one sees it; x and y may be negative, as it is wider than the face."""

    x: int
    y: int
    width: int
    height: int


class Seen(Told):
    """What every operation tells of the picture."""

    image_width: Maybe[int] = None
    """In pixels, as one sees it: upright, and not the smaller rendering that may have been measured. Left out for a
    `url` without a face, whose picture nobody measured."""
    image_height: Maybe[int] = None
    face_model_version: Maybe[str] = None
    """Of the algorithm; left out where Tencent does not tell."""
    request_id: str = ""
    """Tencent's id of the call."""


class FaceInfo(FaceRect):
    """A face that was detected."""

    score: Maybe[int] = None
    """How sure, 0 to 100; Cloud Infinite tells it at times."""
    face_attributes_info: Maybe[FaceAttributesInfo] = None
    """For the five largest faces, if `need_face_attributes` is 1."""
    face_quality_info: Maybe[FaceQualityInfo] = None
    """For the thirty largest faces, if `need_quality_detection` is 1."""


class DetectAnswer(Seen):
    """Where the faces are: Cloud Infinite's DetectFace (460/63223), or the face service's (867/44989)."""

    status: Literal[0, 1] = 0
    """1: there is a face, 0: there is none."""
    face_infos: Many[FaceInfo] = ()


class FaceShape(Told):
    """The 90 points of a face."""

    face_profile: Many[Point] = ()
    """The contour: 21 points."""
    left_eye: Many[Point] = ()
    """8 points."""
    right_eye: Many[Point] = ()
    """8 points."""
    left_eye_brow: Many[Point] = ()
    """8 points."""
    right_eye_brow: Many[Point] = ()
    """8 points."""
    mouth: Many[Point] = ()
    """22 points."""
    nose: Many[Point] = ()
    """13 points."""
    left_pupil: Many[Point] = ()
    """1 point."""
    right_pupil: Many[Point] = ()
    """1 point."""


class AnalyzeAnswer(Seen):
    """The points of up to ten faces (AnalyzeFace, 867/45019; 2018-03-01: 867/32779)."""

    face_shape_set: Many[FaceShape] = ()


class FaceDetailInfo(Told):
    """A face, and what it looks like."""

    face_rect: FaceRect
    face_detail_attributes_info: FaceDetailAttributesInfo


class AttributesAnswer(Seen):
    """Where the faces are, and what they look like (DetectFaceAttributes, 867/47396)."""

    face_detail_infos: Many[FaceDetailInfo] = ()
