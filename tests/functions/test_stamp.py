"""The stamp: what a photo's headers say, what stays when room is short, and what a stranger can do to it."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from facestamp import stamp
from facestamp.attributes import pruned
from facestamp.faces import FEATURES, Box, Enrolment, Face, Point, Size
from facestamp.stamp import LEAVING, LIMIT, NAMES, Stamp, foreign, read, room_beside, write

VECTORS = json.loads((Path(__file__).parent / "vectors" / "stamp-1.json").read_text())["vectors"]

words = st.text(max_size=20) | st.text(st.sampled_from("abc019-._@#&%=;,~/ "), max_size=64)
numbers = st.integers(-(10**6), 10**6)


def shape_of(bytes: bytes) -> dict[str, tuple[Point, ...]]:
    rest = iter(struct.unpack(">180h", bytes))
    return {feature: tuple(Point(next(rest), next(rest)) for _ in range(n)) for feature, n in FEATURES.items()}


shapes = st.binary(min_size=360, max_size=360).map(shape_of)
details = st.fixed_dictionaries(
    {},
    optional={
        "Age": st.integers(0, 65),
        "Gender": st.fixed_dictionaries({"Type": st.integers(0, 1), "Probability": st.floats(0, 1)}),
        "HeadPose": st.fixed_dictionaries({"Pitch": st.none() | numbers, "Yaw": st.none() | numbers}),
    },
)
boxes = st.builds(Box, numbers, numbers, numbers, numbers)
faces = st.builds(Face, st.none() | boxes, st.none() | shapes, st.none() | details)
stamps = st.builds(
    Stamp,
    identity=words,
    plan=words,
    status=st.sampled_from(["ok", "no-face", "rejected", "forgotten"]),
    count=st.integers(0, 120),
    size=st.none() | st.builds(Size, st.integers(0, 10**5), st.integers(0, 10**5)),
    faces=st.lists(faces, max_size=4).map(tuple),
    enrolment=st.none() | st.builds(Enrolment, words, st.lists(words, max_size=2).map(tuple)),
    errors=st.dictionaries(words, words, max_size=2),
    result=words,
)
header_names = (
    st.sampled_from(NAMES) | st.sampled_from(["x-cos-meta-title", "X-Cos-Meta-Face-Shape", "ETag"]) | st.text()
)
header_values = st.text() | st.text(st.sampled_from("019,;:=.~/-xAgeok_ "), max_size=60)


def as_kept(given: Stamp, left: Collection[str] = ()) -> Stamp:
    """What is expected back: attributes without null parts, and the faces up to the last that says something; less
    the lines that left for want of room."""
    kept = [
        Face(
            None if "boxes" in left else face.box,
            None if "landmarks" in left else face.points,
            None if "attributes" in left else pruned(face.attributes),
        )
        for face in given.faces
    ]
    while kept and kept[-1] == Face():
        kept.pop()
    return Stamp(**{**vars(given), "faces": tuple(kept)})


def taken(headers: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) for name, value in headers.items())


def lines_of(headers: Mapping[str, str]) -> set[str]:
    return {name.removeprefix("x-cos-meta-face-") for name in headers}


def from_json(told: Mapping[str, Any]) -> Stamp:
    """A vector's input, in the vocabulary of Python."""
    enrolment = told.get("enrolment")
    return Stamp(
        identity=told["identity"],
        plan=told["plan"],
        status=told["status"],
        count=told["count"],
        size=Size(*told["size"]) if "size" in told else None,
        faces=tuple(
            Face(
                Box(*face["box"]) if "box" in face else None,
                {name: tuple(Point(*p) for p in given) for name, given in face["points"].items()}
                if "points" in face
                else None,
                face.get("attributes"),
            )
            for face in told.get("faces", [])
        ),
        enrolment=Enrolment(enrolment[0], tuple(enrolment[1:])) if enrolment else None,
        errors=told.get("errors", {}),
        result=told.get("result", ""),
    )


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_every_vector_is_written_and_read_as_it_is_published(vector: dict[str, Any]) -> None:
    given = from_json(vector["stamp"])

    assert write(given, vector.get("room", LIMIT)) == vector["headers"]
    whole = write(given, LIMIT)
    assert whole is not None
    assert read(whole) == as_kept(given)


@given(stamps)
def test_whatever_is_written_is_read_again(given: Stamp) -> None:
    headers = write(given, LIMIT)
    assert headers is not None
    assert read(headers) == as_kept(given, left=set(LEAVING) - lines_of(headers))


@given(stamps)
def test_headers_are_ascii_that_nothing_on_the_way_alters(given: Stamp) -> None:
    headers = write(given, LIMIT)
    assert headers is not None
    for name, value in headers.items():
        assert re.fullmatch(r"x-cos-meta-[a-z-]+", name)
        assert re.fullmatch(r"[!-~]+", value)
        assert not set(value) & set("\"'\\%")


@given(stamps, st.integers(0, 3000))
def test_a_stamp_never_takes_more_room_than_there_is(given: Stamp, room: int) -> None:
    headers = write(given, room)
    assert headers is None or taken(headers) <= min(room, LIMIT)


@given(stamps)
def test_whole_lines_leave_in_their_order_as_room_shrinks(given: Stamp) -> None:
    left = write(given, LIMIT)
    assert left is not None
    for line in [line for line in LEAVING if line in lines_of(left)]:
        fewer = write(given, taken(left) - 1)
        assert fewer == {name: value for name, value in left.items() if name != f"x-cos-meta-face-{line}"}
        left = fewer
    assert write(given, taken(left) - 1) is None


def group_of(faces: int) -> Stamp:
    """A group photo as all analysing operations see it."""
    example = json.loads((Path(__file__).parent / "vectors" / "analyze-face-example.json").read_text())
    (shape,) = example["Response"]["FaceShapeSet"]

    def face(number: int) -> Face:
        moved = {
            name: tuple(Point(p["X"] // 2 + 90 * number, p["Y"] // 2) for p in line) for name, line in shape.items()
        }
        gender = {"Type": number % 2, "Probability": 0.9971}
        return Face(Box(31 + 90 * number, 120, 185, 198), moved, {"Age": 30 + number, "Beauty": 75, "Gender": gender})

    return Stamp(
        identity="12577829398441352218-348162",
        plan="9f2c41d0a7e15b36",
        status="ok",
        count=faces,
        size=Size(1920, 1080),
        faces=tuple(map(face, range(faces))),
        result="records/5d41402abc4b2a76b9719d911017c592",
    )


def test_ten_faces_with_all_their_points_fit_into_two_kilobytes() -> None:
    headers = write(group_of(10), LIMIT)

    assert headers is not None
    assert lines_of(headers) == {"stamp", "status", "count", "size", "boxes", "landmarks", "attributes", "result"}


def test_beside_an_uploader_who_left_a_kilobyte_the_points_leave_and_the_rest_stays() -> None:
    uploaded = {"x-cos-meta-story": "s" * 1008, "Content-Type": "image/jpeg"}
    room = room_beside(uploaded)
    headers = write(group_of(10), room)

    assert room == 1024
    assert headers is not None
    assert lines_of(headers) == {"stamp", "status", "count", "size", "boxes", "attributes", "result"}


def test_the_reader_learns_how_many_faces_there_were_even_when_their_lines_left() -> None:
    headers = write(group_of(3), 230)
    assert headers is not None
    found = read(headers)

    assert found is not None
    assert (found.count, found.faces) == (3, ())


def test_where_the_uploader_left_no_room_at_all_there_is_no_stamp() -> None:
    assert write(group_of(1), room_beside({"x-cos-meta-story": "s" * 2000})) is None


def test_an_old_stamp_takes_no_room_for_it_will_be_replaced() -> None:
    old = write(group_of(10), LIMIT)
    assert old is not None
    assert room_beside({**old, "x-cos-meta-a": "bc", "ETag": '"x"', "x-cos-storage-class": "STANDARD_IA"}) == 2048 - 14


@pytest.mark.parametrize(
    ("value", "size"),
    [("naïve".encode().decode("latin-1"), 6), ("照片", 6)],
    ids=["as a client decodes it", "as it was meant"],
)
def test_metadata_beyond_ascii_counts_with_its_bytes(value: str, size: int) -> None:
    assert room_beside({"x-cos-meta-a": value}) == LIMIT - len("x-cos-meta-a") - size


@given(st.dictionaries(header_names, st.text()))
def test_foreign_metadata_is_all_of_the_uploaders_and_nothing_else_unaltered(headers: dict[str, str]) -> None:
    theirs = foreign(headers)

    assert theirs.items() <= headers.items()
    for name in headers:
        is_metadata = name.lower().startswith("x-cos-meta-")
        assert (name in theirs) == (is_metadata and name.lower() not in NAMES)


def test_metadata_that_only_looks_like_ours_is_the_uploaders() -> None:
    assert foreign({"x-cos-meta-face-shape": "oval", "X-Cos-Meta-Face-Count": "1", "x-cos-meta-faces": "2"}) == {
        "x-cos-meta-face-shape": "oval",
        "x-cos-meta-faces": "2",
    }


def test_a_stamp_is_read_from_an_objects_response_whatever_the_case_and_whatever_else_is_there() -> None:
    given = group_of(2)
    written = write(given, LIMIT)
    assert written is not None
    titled = {name.title(): f" {value} " for name, value in written.items()}
    response = CaseInsensitiveDict(
        {"Content-Type": "image/jpeg", "ETag": '"abc"', "x-cos-meta-story": "ours", **titled}
    )

    assert read(response) == given


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "image/jpeg"},
        {"x-cos-meta-face-stamp": "1;a;b"},
        {"x-cos-meta-face-stamp": "1;a;b", "x-cos-meta-face-status": "fine"},
        {"x-cos-meta-face-stamp": "2;a;b", "x-cos-meta-face-status": "ok"},
        {"x-cos-meta-face-stamp": "1;a", "x-cos-meta-face-status": "ok"},
        {"x-cos-meta-face-stamp": "1;a;b;c", "x-cos-meta-face-status": "ok"},
        {"x-cos-meta-face-stamp": "1;a;~/", "x-cos-meta-face-status": "ok"},
        {"x-cos-meta-face-status": "ok", "x-cos-meta-face-count": "1"},
    ],
    ids=str,
)
def test_no_stamp_or_none_of_this_version_is_none(headers: dict[str, str]) -> None:
    assert read(headers) is None


def test_two_lines_are_enough_of_a_stamp() -> None:
    headers = {"x-cos-meta-face-stamp": "1;7-9;ab12", "x-cos-meta-face-status": "no-face"}
    assert read(headers) == Stamp("7-9", "ab12", "no-face")


@pytest.mark.parametrize(
    ("line", "damage"),
    [
        ("count", "many"),
        ("count", "9" * 2049),
        ("size", "1920"),
        ("size", "1920x1080x3"),
        ("boxes", "1,2,3"),
        ("boxes", "1,2,3,4;x"),
        ("landmarks", "AAAA"),
        ("landmarks", "%%%"),
        ("attributes", "Age;30,31"),
        ("attributes", "Age;~bm8"),
        ("person", "~~"),
        ("error", "AnalyzeFace"),
        ("error", "A=B=C"),
        ("result", "no spaces"),
    ],
)
def test_a_damaged_line_reads_as_if_it_were_not_there(line: str, damage: str) -> None:
    given = Stamp(
        **{
            **vars(group_of(1)),
            "enrolment": Enrolment("1001", ("2875186538564559728",)),
            "errors": {"CreateFace": "-1604"},
        }
    )
    written = write(given, LIMIT)
    assert written is not None
    name = f"x-cos-meta-face-{line}"
    without = {key: value for key, value in written.items() if key != name}

    assert read({**written, name: damage}) == read(without) != None  # noqa: E711 - one comparison of three


@given(st.dictionaries(header_names, header_values), st.sampled_from(["1;7-9;ab12", "1;~;~"]))
def test_a_forged_stamp_crashes_no_reader(headers: dict[str, str], first: str) -> None:
    read(headers)
    found = read({**headers, "x-cos-meta-face-stamp": first, "x-cos-meta-face-status": "ok"})
    assert found is not None
    assert found.status == "ok"


def test_text_that_is_no_text_comes_back_too() -> None:
    given = Stamp("\ud800", "\0", "ok", enrolment=Enrolment("", ("",)), errors={"": ""}, result="\n")
    headers = write(given, LIMIT)
    assert headers is not None
    assert read(headers) == given


def test_a_stamp_is_the_same_however_its_parts_were_gathered() -> None:
    one = Stamp("7-9", "ab", "rejected", errors={"B": "2", "A": "1"})
    other = Stamp("7-9", "ab", "rejected", errors={"A": "1", "B": "2"})
    assert write(one, LIMIT) == write(other, LIMIT)


def test_a_point_of_a_feature_that_the_document_does_not_have_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="Ear"):
        write(Stamp("7-9", "ab", "ok", faces=(Face(points={"Ear": (Point(1, 2),)}),)), LIMIT)


def test_the_stamps_names_obey_the_rules_for_metadata() -> None:
    assert len(NAMES) == 10
    assert all("_" not in name and name == name.lower() for name in NAMES)
    assert all(f"{stamp.META}face-{line}" in NAMES for line in LEAVING)
