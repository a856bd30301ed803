"""What was found in one photo, in the vocabulary that operations, stamp and record share.

A face has a box, 90 points by feature, and attributes; each part is there only if an operation that gives it was
asked and saw the face. Coordinates are pixels of one frame, whose size the stamp names; they may be negative or lie
outside, as Tencent's boxes are widened around the face.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

FEATURES: Mapping[str, int] = {
    "FaceProfile": 21,
    "LeftEye": 8,
    "RightEye": 8,
    "LeftEyeBrow": 8,
    "RightEyeBrow": 8,
    "Mouth": 22,
    "Nose": 13,
    "LeftPupil": 1,
    "RightPupil": 1,
}
"""AnalyzeFace's features and how many points each has, in the documents' order: 90 in all."""


class Point(NamedTuple):
    """A pixel position."""

    x: int
    y: int


class Box(NamedTuple):
    """Tencent's FaceRect: the top left corner, which may be negative, and the extent."""

    x: int
    y: int
    width: int
    height: int


class Size(NamedTuple):
    """Width and height of a picture in pixels."""

    width: int
    height: int


Points = Mapping[str, tuple[Point, ...]]
"""Points by feature, under the names and with the counts of `FEATURES`."""


class Face(NamedTuple):
    """One face; what was not asked for, or did not fit on the stamp, is None."""

    box: Box | None = None
    points: Points | None = None
    attributes: Mapping[str, Any] | None = None
    """DetectFaceAttributes' values for the kinds that were asked for, as Tencent structures them."""


class Enrolment(NamedTuple):
    """Whom the photo was enrolled for, and the face ids that it became."""

    person_id: str
    face_ids: tuple[str, ...] = ()
