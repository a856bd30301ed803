"""What a stamp says, drawn over its photo: an SVG, which needs no imaging library and shows wherever a picture does.

The photo is inside as a `data:` address, or is named by its own; the coordinates are those of the stamp, as the viewBox
has its size. Each face has a number and a colour; everything is drawn twice, first wider and dark, so that it reads on
light and on dark. There is no script, no style sheet and no id in it, so that it can be put into any page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from facestamp.faces import FEATURES, Box, Face, Point, Size
from facestamp.stamp import Stamp

COLOURS = ("#ffd60a", "#00e5ff", "#ff6fb1", "#7cf56b", "#ff9f1c", "#c4a1ff", "#6db8ff", "#ff7b6b")
_DARK = "#10131a"

_CLOSED: Mapping[str, Sequence[tuple[int, int]]] = {
    "LeftEye": ((0, 8),),
    "RightEye": ((0, 8),),
    "LeftEyeBrow": ((0, 8),),
    "RightEyeBrow": ((0, 8),),
    "Mouth": ((0, 12), (12, 22)),
}
"""The features whose points go round, and from which to which; the mouth's lips and what they enclose."""

_OPEN: Mapping[str, Sequence[tuple[int, int]]] = {"FaceProfile": ((0, 21),), "Nose": ((1, 13),)}
"""The features whose points are a line: from ear to ear, and around the nose, whose tip stands alone."""

_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""


def drawn(name: str, picture: str, size: Size, width: int, stamp: Stamp | None, note: str) -> str:
    """The drawing.

    `picture` is the photo's address, `size` the frame of the stamp's coordinates, `width` how many pixels the longer
    side is to have where nobody scales it, and `note` what there is to say of the photo in words.
    """
    scale = min(1.0, width / max(size))
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {size.width} {size.height}",
            "width": _number(max(1, size.width * scale)),
            "height": _number(max(1, size.height * scale)),
            "role": "img",
        },
    )
    _text(root, "title", name)
    _text(root, "desc", note)
    whole = {"width": str(size.width), "height": str(size.height), "preserveAspectRatio": "none"}
    SubElement(root, "image", {"href": picture, **whole})
    for number, face in enumerate(stamp.faces if stamp else (), 1):
        if face.box or face.points:
            root.append(_face(number, face, size))
    return tostring(root, encoding="unicode")


def _face(number: int, face: Face, size: Size) -> Element:
    group = Element("g", {"color": COLOURS[(number - 1) % len(COLOURS)], "fill": "none", "stroke-linejoin": "round"})
    _text(group, "title", f"Face {number}")
    extent = face.box or _around(face.points or {})
    # As wide as the picture allows, but no wider than suits a small face.
    line = max(max(size) / 1200, min(max(size) / 400, extent.width / 60))
    if face.box:
        x, y, width, height = map(str, face.box)
        corner = _number(3 * line)
        for stroke in _strokes(2 * line):
            SubElement(group, "rect", {"x": x, "y": y, "width": width, "height": height, "rx": corner, **stroke})
    for feature, points in (face.points or {}).items():
        part = SubElement(group, "g")
        _text(part, "title", re.sub("(?<=[a-z])(?=[A-Z])", " ", feature).lower())
        outline = "".join(_outlines(feature, points))
        dots = "".join(f"M{point.x} {point.y}h0" for point in points)
        for thin, thick in zip(_strokes(0.6 * line), _strokes(1.6 * line), strict=True):
            if outline:
                SubElement(part, "path", {"d": outline, **thin})
            SubElement(part, "path", {"d": dots, "stroke-linecap": "round", **thick})
    group.append(_label(number, extent, size, line))
    return group


def _strokes(width: float) -> Iterator[dict[str, str]]:
    """Twice: what sets the line off from the photo, and the line."""
    yield {"stroke": _DARK, "stroke-opacity": ".55", "stroke-width": _number(1.8 * width)}
    yield {"stroke": "currentColor", "stroke-width": _number(width)}


def _outlines(feature: str, points: Sequence[Point]) -> Iterator[str]:
    """The lines through the points, where they are as many as the documents say, in that order."""
    if len(points) != FEATURES.get(feature):
        return
    for ranges, end in ((_CLOSED, "z"), (_OPEN, "")):
        for first, last in ranges.get(feature, ()):
            yield "M" + "L".join(f"{point.x} {point.y}" for point in points[first:last]) + end


def _label(number: int, extent: Box, size: Size, line: float) -> Element:
    """The number, at the upper left corner of the face, and within the picture."""
    height = max(9 * line, max(size) / 50)
    width = height * (0.45 + 0.6 * len(str(number)))
    x = max(0.0, min(float(extent.x), size.width - width))
    y = max(0.0, min(extent.y - height - 2 * line, size.height - height))
    label = Element("g", {"aria-hidden": "true"})
    place = {"x": _number(x), "y": _number(y), "width": _number(width), "height": _number(height)}
    SubElement(label, "rect", {**place, "rx": _number(height / 5), "fill": "currentColor", "stroke": _DARK})
    label[0].set("stroke-width", _number(line / 2))
    text = SubElement(label, "text", {"x": _number(x + width / 2), "y": _number(y + 0.76 * height), "fill": _DARK})
    text.attrib |= {"font-family": "sans-serif", "font-weight": "bold", "font-size": _number(0.75 * height)}
    text.attrib |= {"text-anchor": "middle"}
    text.text = str(number)
    return label


def _around(points: Mapping[str, Sequence[Point]]) -> Box:
    xs, ys = zip(*(point for feature in points.values() for point in feature), strict=True)
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NO_TEXT.sub("\ufffd", text)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
