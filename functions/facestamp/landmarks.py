"""The 90 points of a face, packed without loss into header-safe text.

A face is nearly symmetrical and its outlines are smooth, so most points can be foretold from those before them; only
what the foretelling misses is written.

1. The outer corners of the eyes are written first. The line through them is the face's own horizontal, whatever the
   head's roll, and its length the face's own measure.
2. Every other point is foretold, in whole numbers only, as

       anchor + a proportion of the eye line + a step that was already seen, turned

   where the step is the one just made along the same outline (second differences), that of the other lid or lip,
   flipped over the horizontal, or that of the other half of the face, mirrored over the vertical.
3. What is missed is written in Rice codes. Points foretold by proportion, along an outline and by their twin miss by
   different amounts, so each of these three has its own parameter, the best for this face.
4. The bits, padded with zeros to a multiple of six, become base64url characters (RFC 4648, without `=`): nothing in
   them can be trimmed, folded or escaped on its way through a header.

The bits of one face, in the codes of `facestamp.bits`, signed numbers zigzagged: `0` if each feature has as many points
as AnalyzeFace documents (867/45019), else `1` and nine counts in gamma code; the three Rice parameters, four bits each;
the two eye corners in gamma code, the second as a step from the first; the misses, x before y, in the order of the
table. A face with other counts has no known shape: its first point is in gamma code, and each other is foretold from
the two before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Literal, NamedTuple

from facestamp import bits
from facestamp.faces import FEATURES, Point, Points

_LAWS = _FAR, _ALONG, _TWIN = range(3)

Turn = Literal["same", "flipped", "mirrored"]


class Step(NamedTuple):
    """How one point is foretold; points are numbered through all features, in the documents' order."""

    point: int
    law: int
    """Which of the three Rice parameters its misses are written with."""
    anchor: int
    across: int = 0
    down: int = 0
    """Sixteenths of the eye line, along it and at a right angle to it."""
    model: tuple[int, int] | None = None
    """The points between which the step to repeat was made: from, to."""
    turn: Turn = "same"


def pack(points: Points) -> str:
    """One face's points as text; empty where no feature has a point. Raises ValueError for a feature of another name.

    Any integers are kept. A feature without points and a feature that is not there are the same.
    """
    if strange := set(points) - set(FEATURES):
        raise ValueError(f"no features of AnalyzeFace: {sorted(strange)}")
    counts = [len(points.get(feature, ())) for feature in FEATURES]
    flat = [point for feature in FEATURES for point in points.get(feature, ())]
    if not flat:
        return ""
    shaped = counts == list(FEATURES.values())
    openers, steps = _plan(shaped, len(flat))
    misses = [(step.law, _step(_foretell(step, flat), flat[step.point])) for step in steps]
    parameters = [
        bits.best_parameter([bits.zigzag(number) for law, miss in misses if law == which for number in miss])
        for which in _LAWS
    ]
    written = ["0" if shaped else "1" + "".join(map(bits.gamma, counts))]
    written += [f"{parameter:0{bits.PARAMETER_BITS}b}" for parameter in parameters]
    before = Point(0, 0)
    for opener in openers:
        written += [bits.gamma(bits.zigzag(number)) for number in _step(before, flat[opener])]
        before = flat[opener]
    written += [bits.rice(bits.zigzag(number), parameters[law]) for law, miss in misses for number in miss]
    return bits.letters("".join(written))


def unpack(text: str) -> dict[str, tuple[Point, ...]]:
    """The points that `pack` was given, less features without any. Raises ValueError for text that holds no face."""
    if not text:
        return {}
    reader = bits.Reader(text)
    shaped = reader.take(1) == 0
    counts = list(FEATURES.values()) if shaped else [reader.gamma() for _ in FEATURES]
    total = sum(counts)
    if not 0 < total <= reader.left:
        raise ValueError("more points than bits")
    parameters = [reader.take(bits.PARAMETER_BITS) for _ in _LAWS]
    openers, steps = _plan(shaped, total)
    flat = [Point(0, 0)] * total
    before = Point(0, 0)
    for opener in openers:
        x, y = (bits.unzigzag(reader.gamma()) for _ in "xy")
        before = flat[opener] = Point(before.x + x, before.y + y)
    for step in steps:
        foretold = _foretell(step, flat)
        x, y = (bits.unzigzag(reader.rice(parameters[step.law])) for _ in "xy")
        flat[step.point] = Point(foretold.x + x, foretold.y + y)
    reader.end()
    rest = iter(flat)
    return {feature: tuple(islice(rest, count)) for feature, count in zip(FEATURES, counts, strict=True) if count}


def _table() -> Iterator[Step]:
    """How each point of a face in the documented layout is foretold, in the order of writing.

    The proportions are those of an upright adult face, rounded to sixteenths of the distance between the eyes' outer
    corners; a face that has others only costs a few bits more.
    """
    offsets = dict(zip(FEATURES, accumulate(FEATURES.values(), initial=0), strict=False))
    left_eye, right_eye, profile = offsets["LeftEye"], offsets["RightEye"], offsets["FaceProfile"]
    left_brow, right_brow = offsets["LeftEyeBrow"], offsets["RightEyeBrow"]
    mouth, nose = offsets["Mouth"], offsets["Nose"]

    def placed(point: int, anchor: int, across: int, down: int) -> Step:
        return Step(point, _FAR, anchor, across, down)

    def onward(first: int, last: int) -> Iterator[Step]:
        for point in range(first, last + 1):
            yield Step(point, _ALONG, point - 1, model=(point - 2, point - 1))

    def back(first: int, last: int, twin: int, turn: Turn, law: int) -> Iterator[Step]:
        """Along the outline while its twin is followed backwards, from the twin of `first`."""
        for count, point in enumerate(range(first, last + 1)):
            yield Step(point, law, point - 1, model=(twin - count + 1, twin - count), turn=turn)

    def arch(start: int, across: int, down: int) -> Iterator[Step]:
        """An eye or a brow: its lower edge inwards, then its upper edge back."""
        yield placed(start + 1, start, across, down)
        yield from onward(start + 2, start + 4)
        yield from back(start + 5, start + 7, start + 3, "flipped", _ALONG)

    def other_side(start: int, twin: int) -> Iterator[Step]:
        for count in range(1, 8):
            model = (twin + count - 1, twin + count)
            yield Step(start + count, _TWIN, start + count - 1, model=model, turn="mirrored")

    yield from arch(left_eye, 1, 1)
    yield from other_side(right_eye, left_eye)
    yield placed(left_brow, left_eye, -2, -3)
    yield from arch(left_brow, 2, 0)
    yield Step(right_brow, _TWIN, right_eye, model=(left_eye, left_brow), turn="mirrored")
    yield from other_side(right_brow, left_brow)
    yield placed(profile, left_eye, -3, 0)
    yield placed(profile + 1, profile, 0, 2)
    yield from onward(profile + 2, profile + 10)
    yield from back(profile + 11, profile + 20, profile + 9, "mirrored", _TWIN)
    yield placed(mouth, left_eye, 4, 12)
    yield placed(mouth + 1, mouth, 1, 1)
    yield from onward(mouth + 2, mouth + 3)
    yield from back(mouth + 4, mouth + 6, mouth + 2, "mirrored", _TWIN)
    yield from back(mouth + 7, mouth + 9, mouth + 5, "flipped", _ALONG)
    yield from back(mouth + 10, mouth + 11, mouth + 8, "mirrored", _TWIN)
    yield placed(mouth + 12, mouth + 11, 0, 1)
    yield from back(mouth + 13, mouth + 14, mouth + 10, "same", _ALONG)
    yield from back(mouth + 15, mouth + 16, mouth + 13, "mirrored", _TWIN)
    yield placed(mouth + 17, mouth + 16, 0, 0)
    yield from back(mouth + 18, mouth + 19, mouth + 15, "same", _ALONG)
    yield from back(mouth + 20, mouth + 21, mouth + 18, "mirrored", _TWIN)
    yield placed(nose, left_eye, 8, 6)
    yield placed(nose + 1, left_eye, 8, 0)
    yield placed(nose + 2, nose + 1, -1, 2)
    yield from onward(nose + 3, nose + 5)
    yield placed(nose + 6, nose + 5, 2, 1)
    yield from onward(nose + 7, nose + 7)
    yield from back(nose + 8, nose + 12, nose + 6, "mirrored", _TWIN)
    yield placed(offsets["LeftPupil"], left_eye, 2, 0)
    yield placed(offsets["RightPupil"], right_eye, -2, 0)


_EYE_CORNERS = (FEATURES["FaceProfile"], FEATURES["FaceProfile"] + FEATURES["LeftEye"])
_TABLE = tuple(_table())


def _plan(shaped: bool, total: int) -> tuple[Sequence[int], Sequence[Step]]:
    """The points that open, and how the others are foretold."""
    if shaped:
        return _EYE_CORNERS, _TABLE
    return (0,), [Step(i, _ALONG, i - 1, model=(max(i - 2, 0), i - 1)) for i in range(1, total)]


def _foretell(step: Step, flat: Sequence[Point]) -> Point:
    x, y = flat[step.anchor]
    if step.across or step.down:
        eyes = _eye_line(flat)
        x += _divide(step.across * eyes.x - step.down * eyes.y, 16)
        y += _divide(step.across * eyes.y + step.down * eyes.x, 16)
    if step.model:
        start, end = step.model
        move = _step(flat[start], flat[end])
        if step.turn != "same":
            move = _mirror(move, _eye_line(flat))
        sign = -1 if step.turn == "flipped" else 1
        x, y = x + sign * move.x, y + sign * move.y
    return Point(x, y)


def _step(start: Point, end: Point) -> Point:
    return Point(end.x - start.x, end.y - start.y)


def _eye_line(flat: Sequence[Point]) -> Point:
    left, right = _EYE_CORNERS
    return _step(flat[left], flat[right])


def _mirror(move: Point, eyes: Point) -> Point:
    """The step with its part along the eye line reversed; its opposite is the step flipped over that line."""
    square = eyes.x * eyes.x + eyes.y * eyes.y
    if not square:
        return move
    along = 2 * (move.x * eyes.x + move.y * eyes.y)
    return Point(move.x - _divide(along * eyes.x, square), move.y - _divide(along * eyes.y, square))


def _divide(numerator: int, denominator: int) -> int:
    """The nearest whole number; floats would differ between machines."""
    return (2 * numerator + denominator) // (2 * denominator)
