"""The 90 points of a face, packed: nothing is lost, and little room is taken."""

from __future__ import annotations

import json
import random
import re
import struct
from collections.abc import Callable, Iterable
from math import cos, radians, sin
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facestamp.faces import FEATURES, Point, Points
from facestamp.landmarks import pack, unpack

EXAMPLE = Path(__file__).parent / "vectors" / "analyze-face-example.json"


def face_of(numbers: Iterable[int]) -> dict[str, tuple[Point, ...]]:
    rest = iter(numbers)
    return {feature: tuple(Point(next(rest), next(rest)) for _ in range(n)) for feature, n in FEATURES.items()}


coordinates = st.integers() | st.integers(-5000, 5000)
features = st.lists(st.builds(Point, coordinates, coordinates), min_size=1, max_size=12).map(tuple)
faces_of_any_counts = st.dictionaries(st.sampled_from(list(FEATURES)), features, max_size=4)
near_faces = st.binary(min_size=180, max_size=180).map(face_of)
wide_faces = st.binary(min_size=720, max_size=720).map(lambda bytes: face_of(struct.unpack(">180i", bytes)))
faces_as_documented = near_faces | wide_faces


def documented_face() -> dict[str, tuple[Point, ...]]:
    (shape,) = json.loads(EXAMPLE.read_text())["Response"]["FaceShapeSet"]
    return {feature: tuple(Point(point["X"], point["Y"]) for point in points) for feature, points in shape.items()}


def width(face: Points) -> int:
    columns = [point.x for points in face.values() for point in points]
    return max(columns) - min(columns)


def scaled(face: Points, to: int, jitter: int = 0, roll: float = 0) -> dict[str, tuple[Point, ...]]:
    """The face enlarged to a width of `to` pixels, turned by `roll` degrees, each point then off by up to `jitter`
    pixels either way, evenly drawn: a real detector's points do not lie on the smooth outlines of an enlarged one's."""
    noise = random.Random(90)  # noqa: S311 - the same noise each time is what is wanted
    factor = to / width(face)
    along, across = cos(radians(roll)) * factor, sin(radians(roll)) * factor

    def moved(point: Point) -> Point:
        return Point(
            round(point.x * along - point.y * across) + noise.randint(-jitter, jitter),
            round(point.x * across + point.y * along) + noise.randint(-jitter, jitter),
        )

    return {feature: tuple(map(moved, points)) for feature, points in face.items()}


def test_the_documents_example_takes_117_characters_where_its_json_takes_1737() -> None:
    face = documented_face()
    as_json = [{feature: [{"X": p.x, "Y": p.y} for p in points] for feature, points in face.items()}]

    assert len(json.dumps(as_json[0], separators=(",", ":"))) == 1737
    assert unpack(pack(face)) == face
    assert len(pack(face)) == 117  # 215 is the promise


@pytest.mark.parametrize("roll", [0, 12, 90, 180])
@pytest.mark.parametrize("jitter", [0, 2, 5])
def test_a_face_3000_pixels_wide_takes_less_than_230_characters_however_the_head_is_turned(
    jitter: int, roll: int
) -> None:
    face = scaled(documented_face(), to=3000, jitter=jitter, roll=roll)

    assert unpack(pack(face)) == face
    assert len(pack(face)) < 230  # 300 is the promise


def test_a_small_face_in_a_group_takes_about_a_hundred_characters() -> None:
    assert len(pack(scaled(documented_face(), to=100, jitter=1))) < 115


def test_a_face_that_is_nothing_like_a_face_only_takes_more_room() -> None:
    dice = random.Random(1)  # noqa: S311 - the same face each time is what is wanted
    face = face_of(dice.randint(-4000, 4000) for _ in range(180))

    assert unpack(pack(face)) == face
    assert len(pack(face)) < 600


@given(faces_as_documented)
def test_any_face_in_the_documented_layout_comes_back_whole(face: Points) -> None:
    assert unpack(pack(face)) == face


@given(faces_of_any_counts)
def test_a_face_with_other_counts_or_without_some_features_comes_back_whole(face: Points) -> None:
    assert unpack(pack(face)) == face


def test_coordinates_of_any_size_come_back_whole() -> None:
    face = face_of((-1) ** number * 10 ** (number // 4) for number in range(180))
    assert unpack(pack(face)) == face


def test_all_points_on_one_spot_are_no_trouble() -> None:
    face = {feature: (Point(7, 7),) * count for feature, count in FEATURES.items()}
    assert unpack(pack(face)) == face


def test_a_face_without_points_is_empty() -> None:
    assert pack({}) == ""
    assert pack({"Nose": ()}) == ""
    assert unpack("") == {}


def test_a_feature_that_the_document_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="Ear"):
        pack({"Ear": (Point(1, 2),)})


@given(faces_as_documented)
def test_only_letters_that_no_header_can_harm_are_used(face: Points) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", pack(face))


@given(st.text(st.sampled_from("AB8_-zQ"), max_size=400) | st.text(max_size=50))
def test_text_that_holds_no_face_is_told_apart(text: str) -> None:
    try:
        face = unpack(text)
    except ValueError:
        return
    assert unpack(pack(face)) == face


@pytest.mark.parametrize("damage", [lambda text: text[:-1], lambda text: text + "A", lambda text: "%" + text[1:]])
def test_a_text_that_was_cut_lengthened_or_altered_is_no_face(damage: Callable[[str], str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each damage has its own sentence, and none is a promise
        unpack(damage(pack(documented_face())))
