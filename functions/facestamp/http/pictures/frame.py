"""From pixels of the picture that a service measured to pixels of the photo as one sees it.

A photo in the bucket that is too large, or turned by EXIF, was measured as an upright, smaller rendering. An inline
photo that EXIF turns was measured as it came, and whether the services then heed the EXIF is not documented: the size
that they tell gives it away, unless the photo is square or merely mirrored or on its head; then it is taken for heeded,
which is what the documents' advice on NeedRotateDetection implies (867/45019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facestamp.faces import Box, Point, Size
from facestamp.http.pictures.source import Source
from facestamp.picture import Picture

_RENDERED = 4000
"""Pixels that a side of a rendering has at most (`facestamp.subject.RENDERING`)."""


@dataclass(frozen=True)
class Frame:
    """One picture as it was measured, and as one sees it."""

    measured: Size
    upright: Size
    orientation: int = 1
    """EXIF's, if the picture was measured without heeding it; only 5 to 8 can be told."""

    @classmethod
    def of(cls, picture: Picture, measured: Size) -> Frame | None:
        """The frame in which this answer is; None where the photo's own size is not known, or the same."""
        upright = picture.upright
        if upright is None or upright == measured:
            return None
        return cls(measured, upright, picture.orientation if picture.size == measured else 1)

    def box(self, box: Box) -> Box:
        """Where the box is in the upright photo."""
        if self.orientation > 1:
            x, y = self._turned(box.x, box.y, box.width, box.height)
            return Box(x, y, box.height, box.width)
        across, down = self._scale
        return Box(round(box.x * across), round(box.y * down), round(box.width * across), round(box.height * down))

    def point(self, point: Point) -> Point:
        """Where the point is in the upright photo."""
        if self.orientation > 1:
            return Point(*self._turned(point.x, point.y, 1, 1))
        across, down = self._scale
        return Point(round(point.x * across), round(point.y * down))

    @property
    def _scale(self) -> tuple[float, float]:
        return self.upright.width / self.measured.width, self.upright.height / self.measured.height

    def _turned(self, x: int, y: int, width: int, height: int) -> tuple[int, int]:
        """5 exchanges the axes, 6 and 7 count x from the other side besides, 7 and 8 y."""
        across = self.upright.width - y - height if self.orientation in (6, 7) else y
        down = self.upright.height - x - width if self.orientation in (7, 8) else x
        return across, down


def upright(answer: Mapping[str, Any], picture: Picture | None) -> dict[str, Any]:
    """Tencent's answer with all that is a position, and the size, as one sees the photo."""
    width, height = (int(answer.get(side) or 0) for side in ("ImageWidth", "ImageHeight"))
    if picture is None or picture.upright is None:
        return dict(answer)
    frame = Frame.of(picture, Size(width, height)) if width > 0 and height > 0 else None
    placed = {name: _placed(part, frame) for name, part in answer.items()} if frame else answer
    return {**placed, "ImageWidth": picture.upright.width, "ImageHeight": picture.upright.height}


def placed(rect: Mapping[str, Any], source: Source) -> Mapping[str, Any]:
    """A FaceRect in pixels of the picture as one sees it, where a smaller rendering was sent.

    CreatePerson, CreateFace and SearchFaces do not tell the size of what they saw. So a picture that EXIF turns, and
    that was sent as it is, has the frame as it comes. So has one in a form that no document has.
    """
    seen = source.picture.upright if source.picture else None
    if source.photo is None or source.photo.as_stored or seen is None:
        return rect
    share = min(1.0, _RENDERED / max(seen.width, seen.height))
    try:
        told: Mapping[str, Any] = _placed(
            rect, Frame(Size(round(seen.width * share), round(seen.height * share)), seen)
        )
    except (TypeError, ValueError):
        return rect
    return told


def _placed(value: Any, frame: Frame) -> Any:
    if isinstance(value, (list, tuple)):
        return [_placed(part, frame) for part in value]
    if not isinstance(value, Mapping):
        return value
    if {"X", "Y", "Width", "Height"} <= value.keys():
        box = frame.box(Box(*(int(value[side]) for side in ("X", "Y", "Width", "Height"))))
        return {**value, "X": box.x, "Y": box.y, "Width": box.width, "Height": box.height}
    if {"X", "Y"} <= value.keys():
        point = frame.point(Point(int(value["X"]), int(value["Y"])))
        return {**value, "X": point.x, "Y": point.y}
    return {name: _placed(part, frame) for name, part in value.items()}
