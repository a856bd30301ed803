"""From the 68 points that dlib places to what Tencent answers: 90 points, a box, and what can be measured on them.

dlib knows 17 points of the jaw, 5 of each brow, 9 of the nose, 6 of each eye and 20 of the mouth. Tencent's 90 come in
the order of AnalyzeFace's documented example (IAI 867/32779): left and right are the picture's, each eye and brow runs
from its outer corner along the lower edge to the inner one and back along the upper edge, the mouth round the outer
lips and then the inner ones, the nose from its tip to the bridge and down, along and up its sides. Each of the 90 is a
fixed weighted mean of a few of the 68, so mirroring or turning the one set does the same to the other. Which points
those are, and all measures here, are estimates of ours: Tencent does not say how it does it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from facestamp.faces import FEATURES, Box, Point, Points

Marks = npt.NDArray[np.float64]
"""68 rows of x and y."""

_Weights = dict[int, float]


def _along(path: tuple[int, ...], position: float) -> _Weights:
    """A place on the line through dlib's points `path`; 0 is the first point, 1 the second, and so on."""
    before = min(int(position), len(path) - 2)
    share = position - before
    return {path[before]: 1 - share, path[before + 1]: share}


def _run(path: tuple[int, ...], count: int, first: int = 0, last: int | None = None) -> list[_Weights]:
    """`count` places spread evenly from end to end of `path`, of which numbers `first` to `last` are wanted."""
    places = [_along(path, step * (len(path) - 1) / (count - 1)) for step in range(count)]
    return places[first:last]


def _dot(index: int) -> _Weights:
    return {index: 1.0}


def _towards(brow: int, lid: int, share: float) -> _Weights:
    return {brow: 1 - share, lid: share}


def _eye(outer: int, lower: tuple[int, int], inner: int, upper: tuple[int, int]) -> list[_Weights]:
    """`lower` from the outer to the inner corner, `upper` back again."""
    return _run((outer, *lower, inner), 5) + _run((inner, *upper, outer), 5, 1, 4)


def _brow(outer_to_inner: tuple[int, ...], lids: tuple[int, int, int]) -> list[_Weights]:
    """dlib's five lie on the upper edge; the lower edge is taken a fifth of the way to the lid beneath."""
    outer, *middle, inner = outer_to_inner
    lower = [_towards(brow, lid, 0.2) for brow, lid in zip(middle, lids, strict=True)]
    return [_dot(outer), *lower, _dot(inner), *(_dot(index) for index in reversed(middle))]


def _inner_lip(path: tuple[int, ...]) -> list[_Weights]:
    """Three points that dlib has, and one half-way to each corner."""
    return [_along(path, position) for position in (0.5, 1, 2, 3, 3.5)]


_RECIPE: dict[str, list[_Weights]] = {
    "FaceProfile": _run(tuple(range(17)), 21),
    "LeftEye": _eye(36, (41, 40), 39, (38, 37)),
    "RightEye": _eye(45, (46, 47), 42, (43, 44)),
    "LeftEyeBrow": _brow((17, 18, 19, 20, 21), (36, 37, 38)),
    "RightEyeBrow": _brow((26, 25, 24, 23, 22), (45, 44, 43)),
    "Mouth": [_dot(index) for index in (48, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49)]
    + _inner_lip((60, 67, 66, 65, 64))
    + _inner_lip((64, 63, 62, 61, 60)),
    "Nose": [_dot(30), *_run((27, 31), 5), _dot(32), _dot(33), _dot(34), *_run((35, 27), 5, 0, 4)],
    "LeftPupil": [dict.fromkeys((37, 38, 40, 41), 0.25)],
    "RightPupil": [dict.fromkeys((43, 44, 46, 47), 0.25)],
}


def ninety(marks: Marks) -> Points:
    """Tencent's points, rounded to pixels, under the names and in the order of `FEATURES`."""
    return {feature: tuple(_weigh(marks, weights) for weights in _RECIPE[feature]) for feature in FEATURES}


def box(marks: Marks) -> Box:
    """Tencent's FaceRect: round all points, with a little more at the sides and below, and the forehead above.

    It may reach beyond the picture. Widened so, a frontal face is about three quarters as wide as high, as in the
    documents' examples.
    """
    left, top = marks.min(axis=0)
    right, bottom = marks.max(axis=0)
    width, height = right - left, bottom - top
    x, y = math.floor(left - 0.04 * width), math.floor(top - 0.38 * height)
    return Box(x, y, math.ceil(right + 0.04 * width) - x, math.ceil(bottom + 0.04 * height) - y)


@dataclass(frozen=True)
class Measures:
    """What a face's geometry tells."""

    pitch: float
    """Degrees from -30 to 30; positive looks up."""
    yaw: float
    """Degrees from -30 to 30; positive looks to the picture's right."""
    roll: float
    """Degrees from -180 to 180; positive is turned clockwise, as seen."""
    smile: float
    """0 to 100: the mouth's width against the eyes' distance."""
    mouth_open: float
    """0 to 1, how likely: the gap between the lips against their width."""
    eyes_open: float
    """0 to 1, how likely: the less open eye's height against its width."""


def measure(marks: Marks) -> Measures:
    """Estimate pose and expression: ratios of distances, scaled so that ordinary faces span the range."""
    left_eye, right_eye = marks[36:42].mean(axis=0), marks[42:48].mean(axis=0)
    across = right_eye - left_eye
    apart = float(np.hypot(*across)) or 1.0
    axis = across / apart
    down = np.array([-axis[1], axis[0]])
    middle = (left_eye + right_eye) / 2
    nose, mouth = marks[30] - middle, marks[48:60].mean(axis=0) - middle
    from_left = float((marks[30] - marks[[0, 1, 2]].mean(axis=0)) @ axis)
    from_right = float((marks[[14, 15, 16]].mean(axis=0) - marks[30]) @ axis)
    turn = (from_left - from_right) / max(abs(from_left) + abs(from_right), 1.0)
    # On a level face the nose's tip lies six tenths of the way from the eyes to the mouth.
    dip = float(nose @ down) / max(float(mouth @ down), 1.0) - 0.6
    lips = _distance(marks, 60, 64) or 1.0
    return Measures(
        pitch=_clamp(-dip * 100, -30, 30),
        yaw=_clamp(math.degrees(math.asin(_clamp(turn, -1, 1))), -30, 30),
        roll=math.degrees(math.atan2(axis[1], axis[0])),
        smile=_clamp((_distance(marks, 48, 54) / apart - 0.7) * 250, 0, 100),
        mouth_open=_clamp(_distance(marks, 62, 66) / lips * 2.5, 0, 1),
        eyes_open=_clamp((min(_openness(marks, 36), _openness(marks, 42)) - 0.05) * 5, 0, 1),
    )


def _openness(marks: Marks, eye: int) -> float:
    """The eye aspect ratio of Soukupova and Cech (2016): about 0.3 open, under 0.15 closed."""
    heights = _distance(marks, eye + 1, eye + 5) + _distance(marks, eye + 2, eye + 4)
    return heights / (2 * (_distance(marks, eye, eye + 3) or 1.0))


def _distance(marks: Marks, one: int, other: int) -> float:
    return float(np.hypot(*(marks[one] - marks[other])))


def _weigh(marks: Marks, weights: _Weights) -> Point:
    x, y = sum(share * marks[index] for index, share in weights.items())
    return Point(round(float(x)), round(float(y)))


def _clamp(value: float, least: float, most: float) -> float:
    return float(min(max(value, least), most))
