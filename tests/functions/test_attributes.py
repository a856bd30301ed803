"""Attributes as a header line: all that DetectFaceAttributes documents, and what it may document one day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.iai.v20200303 import models

from facestamp.attributes import KINDS, PARTS, pruned, read, write
from facestamp.words import wrapped

probabilities = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.95, 0.9999, 1e-07, 0, 1])
items = st.fixed_dictionaries(
    {}, optional={"Type": st.none() | st.integers(0, 6), "Probability": st.none() | probabilities}
)
degrees = st.integers(-180, 180)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=8,
)


def of_kind(kind: str) -> st.SearchStrategy[Any]:
    if kind in ("Age", "Beauty", "Smile"):
        return st.none() | st.integers(0, 100)
    part = degrees if kind == "HeadPose" else items
    if kind in PARTS:
        return st.none() | st.fixed_dictionaries({}, optional=dict.fromkeys(PARTS[kind], st.none() | part))
    return st.none() | items


documented = st.fixed_dictionaries({}, optional={kind: of_kind(kind) for kind in KINDS})
anything = st.dictionaries(st.sampled_from(KINDS) | st.text(), json_values)


def kept(faces: list[dict[str, Any] | None]) -> list[dict[str, Any] | None]:
    """The faces as they are expected back: without null parts, and up to the last that says something."""
    rows = [pruned(face) for face in faces]
    while rows and rows[-1] is None:
        rows.pop()
    return rows


def test_the_documents_example_is_readable_to_the_eye() -> None:
    face = {"Age": 30, "Beauty": 75, "Gender": {"Type": 0, "Probability": 0.95}}
    assert write([face]) == "Age,Beauty,Gender;30,75,0:.95"


def test_the_kinds_are_named_once_for_all_faces() -> None:
    faces: list[dict[str, Any] | None] = [
        {"Smile": 12, "HeadPose": {"Pitch": 1, "Yaw": -2, "Roll": 0}},
        None,
        {"HeadPose": {"Pitch": None, "Yaw": 3, "Roll": None}, "Mouth": {"MouthOpen": {"Type": 1, "Probability": 1.0}}},
        None,
    ]
    assert write(faces) == "HeadPose,Mouth,Smile;1/-2/0,,12;;/3,1:1."
    assert read(write(faces)) == kept(faces)


def test_all_sixteen_kinds_of_a_face_fit_in_few_hundred_characters() -> None:
    item = {"Type": 1, "Probability": 0.9876}
    face: dict[str, Any] = {kind: dict.fromkeys(PARTS[kind], item) if kind in PARTS else item for kind in KINDS}
    face |= {"Age": 30, "Beauty": 75, "Smile": 5, "HeadPose": {"Pitch": -12, "Yaw": 8, "Roll": -175}}

    assert len(write([face])) < 280
    assert len(write([face] * 5)) < 1010
    assert read(write([face] * 5)) == [face] * 5


def test_the_format_names_every_kind_and_part_of_the_sdk_in_its_order() -> None:
    def fields(structure: type) -> tuple[str, ...]:
        return tuple(name[1:] for name in vars(structure()))

    assert fields(models.FaceDetailAttributesInfo) == KINDS
    assert {kind: fields(getattr(models, kind)) for kind in PARTS} == dict(PARTS)
    assert fields(models.AttributeItem) == ("Type", "Probability")


@given(st.lists(st.none() | documented, max_size=6))
def test_whatever_is_documented_comes_back(faces: list[dict[str, Any] | None]) -> None:
    line = write(faces)
    assert (read(line) if line else []) == kept(faces)
    assert "~" not in line


@given(st.lists(st.none() | anything, max_size=6))
def test_whatever_may_be_documented_one_day_comes_back(faces: list[dict[str, Any] | None]) -> None:
    line = write(faces)
    assert (read(line) if line else []) == kept(faces)


def types(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: types(part) for name, part in value.items()}
    return type(value)


@given(documented)
def test_whole_numbers_stay_whole_and_others_stay_others(face: dict[str, Any]) -> None:
    line = write([face])
    assert [types(row) for row in (read(line) if line else [])] == [types(row) for row in kept([face])]


def test_a_part_that_is_new_costs_its_kind_the_short_form_and_nothing_else() -> None:
    face = {"Age": 30, "Hair": {"Length": {"Type": 1, "Probability": 0.5}, "Curl": {"Type": 2, "Probability": 0.25}}}
    line = write([face])

    assert line.startswith("Age,Hair;30,~")
    assert read(line) == [face]


@pytest.mark.parametrize(
    "empty", [[], [None], [{}], [{"Age": None}], [{"Eye": {"Glass": None}}, None], [{"Hat": {"Style": {"Type": None}}}]]
)
def test_what_says_nothing_takes_no_room(empty: list[dict[str, Any] | None]) -> None:
    assert write(empty) == ""


@given(st.lists(st.none() | anything, max_size=6))
def test_only_printable_ascii_that_no_header_alters_is_used(faces: list[dict[str, Any] | None]) -> None:
    line = write(faces)
    assert line.isascii()
    assert not set(line) & set(" \t\r\n\"'\\%")


@given(st.text() | st.text(st.sampled_from("Age,;:/.~-1eW10"), max_size=40))
def test_a_line_from_anybody_is_read_or_refused(line: str) -> None:
    try:
        faces = read(line)
    except ValueError:
        return
    assert isinstance(faces, list)


def test_json_too_deep_to_read_is_refused() -> None:
    with pytest.raises(ValueError, match="deep"):
        read("Age;" + wrapped("[" * 100_000))
