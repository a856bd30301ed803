"""A route, as its variables tell it; `tests/infra/test_function_variables.py` holds the other side to this one."""

from __future__ import annotations

import pytest

from facestamp.operations.analyze_face import AnalyzeFace
from facestamp.operations.create_face import CreateFace
from facestamp.operations.detect_face import DetectFace
from facestamp.operations.detect_face_attributes import DetectFaceAttributes
from facestamp.settings import Credentials, Settings, SettingsError

TOLD = {
    "FACESTAMP_ROUTE": "photos",
    "FACESTAMP_BUCKET": "photos-1250000000",
    "FACESTAMP_PREFIX": "photos/",
    "FACESTAMP_SUFFIXES": ".jpg,.PNG",
    "FACESTAMP_STATE_BUCKET": "state-1250000000",
    "FACESTAMP_OPERATIONS": "DetectFace",
    "FACESTAMP_FACE_REGION": "ap-guangzhou",
}


def route(**more: str) -> Settings:
    return Settings.from_environment({**TOLD, **{f"FACESTAMP_{name}": value for name, value in more.items()}})


def test_a_route() -> None:
    settings = route()
    assert (settings.route, settings.bucket, settings.state_bucket) == (
        "photos",
        "photos-1250000000",
        "state-1250000000",
    )
    assert settings.operations == (DetectFace(),)
    assert (settings.person_id, settings.endpoint) == ("", "")


def test_small_numbers_have_two_digits() -> None:
    """SCF takes no value of one byte."""
    assert route(DETECT_FACE_MAX_FACE_NUM="05").operations == (DetectFace(max_face_num=5),)
    told = route(OPERATIONS="CreateFace", CREATE_FACE_FACE_MATCH_THRESHOLD="70.5", CREATE_FACE_QUALITY_CONTROL="02")
    assert told.operations == (CreateFace(face_match_threshold=70.5, quality_control=2),)


def test_parameters_that_are_words() -> None:
    told = route(OPERATIONS="AnalyzeFace", ANALYZE_FACE_VERSION="2018-03-01", ANALYZE_FACE_FACE_MODEL_VERSION="2.0")
    assert told.operations == (AnalyzeFace(version="2018-03-01", face_model_version="2.0"),)


def test_a_long_value_goes_on() -> None:
    kinds = {
        "DETECT_FACE_ATTRIBUTES_FACE_ATTRIBUTES_TYPE": "Age,Beauty,",
        "DETECT_FACE_ATTRIBUTES_FACE_ATTRIBUTES_TYPE_2": "Emotion,Sm",
        "DETECT_FACE_ATTRIBUTES_FACE_ATTRIBUTES_TYPE_3": "ile",
    }
    told = route(OPERATIONS="DetectFaceAttributes", **kinds)
    assert told.operations == (DetectFaceAttributes(face_attributes_type="Age,Beauty,Emotion,Smile"),)
    assert route(PREFIX="photos/", PREFIX_2="of/", PREFIX_3="ada/").prefix == "photos/of/ada/"
    ten = {f"PREFIX_{n}": f"{n}/" for n in range(2, 12)}
    assert route(**ten).prefix == "photos/2/3/4/5/6/7/8/9/10/11/"


def test_parameters_of_one_operation_are_no_others() -> None:
    """DETECT_FACE_ is also how DETECT_FACE_ATTRIBUTES_ begins."""
    told = route(
        OPERATIONS="DetectFace,DetectFaceAttributes",
        DETECT_FACE_MAX_FACE_NUM="10",
        DETECT_FACE_ATTRIBUTES_MAX_FACE_NUM="02",
        DETECT_FACE_ATTRIBUTES_FACE_ATTRIBUTES_TYPE="Age",
    )
    assert told.operations == (
        DetectFace(max_face_num=10),
        DetectFaceAttributes(max_face_num=2, face_attributes_type="Age"),
    )


def test_which_keys_it_takes() -> None:
    settings = route()
    taken = {
        "photos/a.jpg": True,
        "photos/A.JPG": True,
        "photos/a.png": True,
        "photos/b/c/a.jpg": True,
        "photos/.jpg": True,
        "photos/": False,
        "photos/a.jpg/": False,
        "photos/a.gif": False,
        "photos/a.jpgx": False,
        "other/a.jpg": False,
        "Photos/a.jpg": False,
    }
    assert {key: settings.takes(key) for key in taken} == taken


def test_whom_a_key_names() -> None:
    settings = route(PERSON_ID="members/{person_id}/")
    named = {
        "members/ada/a.jpg": "ada",
        "members/ada/b/a.jpg": "ada",
        "members/宇/a.jpg": "宇",
        "members//a.jpg": "",
        "members/a.jpg": "",
        "members.ada/a.jpg": "",
        "x/members/ada/a.jpg": "",
    }
    assert {key: settings.person(key) for key in named} == named
    deeper = route(PERSON_ID="m/{person_id}/in/")
    assert (deeper.person("m/ada/in/a.jpg"), deeper.person("m/ada/out/a.jpg")) == ("ada", "")
    assert route().person("members/ada/a.jpg") == ""


def test_rules_are_no_patterns() -> None:
    assert route(PERSON_ID="m.+/{person_id}/").person("mmm/ada/a.jpg") == ""
    assert route(PERSON_ID="m.+/{person_id}/").person("m.+/ada/a.jpg") == "ada"


WRONG = {
    "no bucket": ({"FACESTAMP_BUCKET": None}, "FACESTAMP_BUCKET"),
    "an operation that nobody has": ({"FACESTAMP_OPERATIONS": "DetectFaces"}, "choose from AnalyzeFace, CreateFace"),
    "too many faces": ({"FACESTAMP_DETECT_FACE_MAX_FACE_NUM": "121"}, "MAX_?FACE_?NUM"),
}


@pytest.mark.parametrize(("changes", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_in_one_sentence(changes: dict[str, str | None], sentence: str) -> None:
    told = {name: value for name, value in {**TOLD, **changes}.items() if value is not None}
    with pytest.raises(SettingsError, match=sentence):
        Settings.from_environment(told)


def test_credentials_are_never_shown() -> None:
    variables = {
        "TENCENTCLOUD_SECRETID": "AKIDexample",
        "TENCENTCLOUD_SECRETKEY": "examplekey",
        "TENCENTCLOUD_SESSIONTOKEN": "exampletoken",
    }
    credentials = Credentials.from_environment(variables)
    assert "example" not in repr(credentials)
    for name in variables:
        with pytest.raises(SettingsError, match="execution role"):
            Credentials.from_environment({**variables, name: ""})
