"""The operations' findings, folded into the faces of one photo.

Each operation sees the photo for itself and lists faces in an order of its own. They are brought into one frame (a
rendering has fewer pixels than the photo), and what belongs together is joined: points to the box that holds their
centroid, attributes to the box that they overlap best. What matches no box makes a face of its own if nobody was asked
for boxes, and else stays in the record only. The largest face comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from facestamp.faces import Box, Face, Point, Points, Size
from facestamp.operations import Findings

_OVERLAP = 0.3
"""Intersection over union from which two boxes are of one face; IAI's and Cloud Infinite's frames differ a little."""


def fold(findings: Sequence[Findings], size: Size | None) -> tuple[Size | None, tuple[Face, ...]]:
    """The frame and the faces in it.

    `size` is the upright photo's where that is known; else the first answer that names one gives it.
    """
    frame = size or next((f.size for f in findings if f.size), None)
    scaled = [_into(frame, found) for found in findings]
    boxes = [box for found in scaled for box in found.boxes]
    faces = [Face(box=box) for box in boxes]
    for found in scaled:
        for shape in found.shapes:
            _join(faces, _holding(faces, shape), Face(points=shape), alone=not boxes)
        for box, attributes in found.attributes:
            part = Face(box=None if boxes else box, attributes=attributes or None)
            _join(faces, _overlapping(faces, box), part, alone=not boxes)
    return frame, tuple(sorted(faces, key=_extent, reverse=True))


def _join(faces: list[Face], place: int | None, part: Face, alone: bool) -> None:
    if place is not None:
        known = faces[place]
        faces[place] = known._replace(
            box=known.box or part.box,
            points=known.points or part.points,
            attributes=known.attributes or part.attributes,
        )
    elif alone:
        faces.append(part)


def _holding(faces: Sequence[Face], shape: Points) -> int | None:
    """The face without points whose box holds the centroid; the nearest of several."""
    x, y = _centroid(shape)
    held = {
        number: abs(face.box.x + face.box.width / 2 - x) + abs(face.box.y + face.box.height / 2 - y)
        for number, face in enumerate(faces)
        if face.box and not face.points and _inside(face.box, x, y)
    }
    return min(held, key=held.__getitem__, default=None)


def _overlapping(faces: Sequence[Face], box: Box) -> int | None:
    """The face without attributes that the box overlaps best; points stand in for a box that nobody asked for."""
    overlaps = {
        number: _overlap(face.box, box) if face.box else float(_inside(box, *_centroid(face.points or {})))
        for number, face in enumerate(faces)
        if not face.attributes
    }
    best = max(overlaps, key=overlaps.__getitem__, default=None)
    return best if best is not None and overlaps[best] >= _OVERLAP else None


def _into(frame: Size | None, found: Findings) -> Findings:
    if frame is None or found.size is None or found.size == frame:
        return found
    across, down = frame.width / found.size.width, frame.height / found.size.height

    def box(b: Box) -> Box:
        return Box(round(b.x * across), round(b.y * down), round(b.width * across), round(b.height * down))

    def shape(points: Points) -> Mapping[str, tuple[Point, ...]]:
        return {name: tuple(Point(round(p.x * across), round(p.y * down)) for p in ps) for name, ps in points.items()}

    return found._replace(
        size=frame,
        boxes=tuple(map(box, found.boxes)),
        shapes=tuple(map(shape, found.shapes)),
        attributes=tuple((box(b), attributes) for b, attributes in found.attributes),
    )


def _centroid(shape: Points) -> tuple[float, float]:
    points = [point for feature in shape.values() for point in feature]
    if not points:
        return (float("inf"), float("inf"))
    return sum(p.x for p in points) / len(points), sum(p.y for p in points) / len(points)


def _inside(box: Box, x: float, y: float) -> bool:
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def _overlap(one: Box, other: Box) -> float:
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(width, 0) * max(height, 0)
    union = one.width * one.height + other.width * other.height - shared
    return shared / union if union else 0.0


def _extent(face: Face) -> float:
    if face.box:
        return float(face.box.width * face.box.height)
    points = [point for feature in (face.points or {}).values() for point in feature]
    if not points:
        return 0
    xs, ys = [p.x for p in points], [p.y for p in points]
    return float((max(xs) - min(xs)) * (max(ys) - min(ys)))
