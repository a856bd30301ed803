"""How the person library is sent a picture, and where the faces that it tells of are in the picture itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.alias_generators import to_pascal

from facestamp.desk import Sent
from facestamp.faces import Box, Size
from facestamp.http.images import Source
from facestamp.http.upright import Frame

_RENDERED = 4000
"""Pixels that a side of a rendering has at most (`facestamp.subject.RENDERING`)."""


def sent(source: Source) -> Sent:
    """The picture for the desk, which sends it when its turn comes, if it is still the same."""
    photo = source.photo
    return Sent(source.address, source.inline, photo.unchanged) if photo else Sent(source.address, source.inline)


def placed(rect: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """A FaceRect in pixels of the picture as one sees it, where a smaller rendering was sent.

    CreatePerson, CreateFace and SearchFaces do not tell the size of what they saw. So a picture that EXIF turns, and
    that was sent as it is, has the frame as it comes.
    """
    upright = source.picture.upright if source.picture else None
    if source.photo is None or source.photo.as_stored or upright is None:
        return dict(rect)
    share = min(1.0, _RENDERED / max(upright.width, upright.height))
    frame = Frame(Size(round(upright.width * share), round(upright.height * share)), upright)
    box = frame.box(Box(*(int(rect[side]) for side in ("X", "Y", "Width", "Height"))))
    return {**rect, "X": box.x, "Y": box.y, "Width": box.width, "Height": box.height}


def in_pascal_case(value: Any) -> Any:
    """What is asked, under Tencent's names."""
    if isinstance(value, Mapping):
        return {to_pascal(name): in_pascal_case(part) for name, part in value.items()}
    return [in_pascal_case(part) for part in value] if isinstance(value, (list, tuple)) else value
