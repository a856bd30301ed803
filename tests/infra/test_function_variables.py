"""What the Pulumi program tells a function, and that the function understands it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facestamp.settings import Settings
from infra.settings.routes import Route
from infra.settings.variables import environment, number
from tests.infra.conftest import MEMBERS, PHOTOS, settings

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=2, max_size=400)


def test_the_variables_of_a_route() -> None:
    stack = settings(endpoint="http://127.0.0.1:9000")
    assert stack.environment(stack.routes[0]) == {
        "FACESTAMP_ROUTE": "photos",
        "FACESTAMP_BUCKET": "pictures-1250000000",
        "FACESTAMP_PREFIX": "photos/",
        "FACESTAMP_SUFFIXES": ".jpg,.jpeg,.png,.bmp",
        "FACESTAMP_STATE_BUCKET": "records-1250000000",
        "FACESTAMP_OPERATIONS": "DetectFace,AnalyzeFace,DetectFaceAttributes",
        "FACESTAMP_FACE_REGION": "ap-guangzhou",
        "FACESTAMP_ENDPOINT": "http://127.0.0.1:9000",
        "FACESTAMP_DETECT_FACE_MAX_FACE_NUM": "10",
        "FACESTAMP_DETECT_FACE_ATTRIBUTES_MAX_FACE_NUM": "05",
        "FACESTAMP_DETECT_FACE_ATTRIBUTES_FACE_ATTRIBUTES_TYPE": "Headpose,Smile",
    }


def test_enrolment_and_what_differs_from_its_defaults() -> None:
    stack = settings()
    told = stack.environment(stack.routes[1])
    assert told["FACESTAMP_PERSON_ID"] == "members/{person_id}/"
    assert told["FACESTAMP_CREATE_FACE_FACE_MATCH_THRESHOLD"] == "70.5"
    assert told["FACESTAMP_CREATE_FACE_QUALITY_CONTROL"] == "01"
    assert "FACESTAMP_CREATE_FACE_VERSION" not in told
    assert "FACESTAMP_ENDPOINT" not in told


@pytest.mark.parametrize("route", [PHOTOS, MEMBERS], ids=["photos", "members"])
def test_the_function_reads_what_was_meant(route: dict[str, object]) -> None:
    stack = settings(routes=[route])
    meant = stack.routes[0]
    read = Settings.from_environment(stack.environment(meant))
    assert (read.route, read.bucket, read.prefix) == (meant.name, "pictures-1250000000", meant.prefix)
    assert (read.suffixes, read.person_id) == (meant.suffixes, meant.person_id)
    assert read.operations == meant.operations


@given(
    prefix=TEXT.filter(lambda text: text[0] not in "/\\" and "*" not in text),
    faces=st.integers(1, 120),
    version=st.sampled_from(["2018-03-01", "2020-03-03"]),
)
def test_the_function_reads_any_prefix_and_parameter(prefix: str, faces: int, version: str) -> None:
    stack = settings(
        routes=[
            {
                "name": "any",
                "prefix": prefix,
                "operations": {"DetectFace": {"MaxFaceNum": faces}, "AnalyzeFace": {"Version": version}},
            }
        ]
    )
    read = Settings.from_environment(stack.environment(stack.routes[0]))
    assert read.prefix == prefix
    assert read.operations == stack.routes[0].operations


@given(TEXT)
def test_a_long_value_goes_on_in_further_variables(text: str) -> None:
    flat = environment({"FACESTAMP_TEXT": text})
    assert "".join(flat.values()) == text
    assert list(flat) == [f"FACESTAMP_TEXT_{n}" if n > 1 else "FACESTAMP_TEXT" for n in range(1, len(flat) + 1)]
    assert all(2 <= len(value.encode()) <= 64 for value in flat.values())


def test_a_value_of_65_bytes_leaves_no_single_byte_over() -> None:
    assert [len(piece) for piece in environment({"NAME": "x" * 65}).values()] == [63, 2]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SCF_REGION": "xx"}, "begins with a prefix that SCF keeps for itself"),
        ({"TENCENTCLOUD_REGION": "xx"}, "begins with a prefix that SCF keeps for itself"),
        ({"9LIVES": "xx"}, "must be 2 to 64 letters, digits and _, beginning with a letter"),
        ({"A" * 65: "xx"}, "must be 2 to 64 letters"),
        ({"NAME": "x"}, "has the value 'x'; SCF wants at least 2 bytes"),
        ({"NAME": ""}, "has the value ''; SCF wants at least 2 bytes"),
        ({"NAME": "x" * 4000}, "bytes; SCF takes 4096"),
    ],
)
def test_what_the_platform_would_refuse_is_refused(values: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        environment(values)


def test_a_small_number_is_written_with_two_digits() -> None:
    assert [number(n) for n in (0, 5, 10, 120)] == ["00", "05", "10", "120"]


def test_a_route_keeps_its_operations_in_order() -> None:
    route = Route.model_validate({**PHOTOS, "operations": {"AnalyzeFace": {}, "DetectFace": {}}})
    assert [operation.name for operation in route.operations] == ["AnalyzeFace", "DetectFace"]
