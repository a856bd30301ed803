"""The API's settings: what they may be, and that its function understands what it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from facestamp.http.keys import SCOPES
from facestamp.http.settings import ApiSettings as Told
from facestamp.settings import Settings
from infra.settings.api import ApiSettings
from infra.settings.stack import StackSettings, sentences
from tests.infra.conftest import API, MEMBERS, PHOTOS, settings

SECRET = "s" * 32
BEARER = {"name": "shop", "scopes": ["read"], "sha256": hashlib.sha256(b"key").hexdigest()}
SIGNING = {"id": "now", "scopes": ["admin"], "secret": SECRET}


def told(stack: StackSettings) -> Told:
    """The API's settings as its function reads them."""
    assert stack.api
    return Told.from_environment(stack.api_environment(stack.api))


def test_without_it_there_is_no_api() -> None:
    assert settings().api is None


def test_the_variables_of_a_small_one() -> None:
    stack = settings(routes=[PHOTOS, MEMBERS], api={"keys": [BEARER], "urlHosts": ["a.example.com"]})
    assert stack.api
    variables = stack.api_environment(stack.api)
    assert variables == {
        "FACESTAMP_ROUTES": "photos,members",
        "FACESTAMP_BUCKET": "pictures-1250000000",
        "FACESTAMP_STATE_BUCKET": "records-1250000000",
        "FACESTAMP_FACE_REGION": "ap-guangzhou",
        "FACESTAMP_SUFFIXES": ".jpg,.jpeg,.png,.bmp",
        "FACESTAMP_API_KEYS": f"shop:read:{BEARER['sha256']}"[:64],
        "FACESTAMP_API_KEYS_2": f"shop:read:{BEARER['sha256']}"[64:],
        "FACESTAMP_URL_HOSTS": "a.example.com",
        "FACESTAMP_R1__PREFIX": "photos/",
        "FACESTAMP_R1__OPERATIONS": "DetectFace,AnalyzeFace,DetectFaceAttributes",
        "FACESTAMP_R1__DETECT_FACE_MAX_FACE_NUM": "10",
        "FACESTAMP_R1__DETECT_FACE_ATTRIBUTES_MAX_FACE_NUM": "05",
        "FACESTAMP_R1__DETECT_FACE_ATTRIBUTES_FACE_ATTRIBUTES_TYPE": "Headpose,Smile",
        "FACESTAMP_R2__PREFIX": "members/",
        "FACESTAMP_R2__OPERATIONS": "DetectFace,CreateFace",
        "FACESTAMP_R2__PERSON_ID": "members/{person_id}/",
        "FACESTAMP_R2__CREATE_FACE_FACE_MATCH_THRESHOLD": "70.5",
        "FACESTAMP_R2__CREATE_FACE_QUALITY_CONTROL": "01",
    }


def test_with_no_keys_it_still_knows_its_routes() -> None:
    read = told(settings(api={}))
    assert list(read.routes) == ["photos", "members"]
    assert (read.keys.api, read.keys.signing, read.keys.cam) == ((), (), frozenset())


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,9}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=2, max_size=4).map(".".join)
ORIGIN = st.builds("{}://{}{}".format, st.sampled_from(["http", "https"]), HOST, st.sampled_from(["", ":8443"]))
HELD = st.lists(st.sampled_from(SCOPES), min_size=1, unique=True)
NAMES = st.lists(LABEL, min_size=6, max_size=6, unique=True)
SECRETS = st.from_regex(r"[!-+\--~]{32,90}", fullmatch=True)
PREFIX = st.from_regex(r"[a-z照片 _=,-]{1,80}/", fullmatch=True).filter(lambda text: not text.startswith("/"))
ROUTE_NAME = st.from_regex(r"[a-z][a-z0-9-]{0,18}[a-z0-9]", fullmatch=True).filter(lambda name: name != "api")


@st.composite
def apis(draw: st.DrawFn) -> dict[str, Any]:
    """Any API of up to four bearer keys, as it is configured."""
    names = draw(NAMES)
    keys = [
        {"name": name, "scopes": draw(HELD), "sha256": draw(st.binary(min_size=32, max_size=32)).hex()}
        for name in names[: draw(st.integers(0, 4))]
    ]
    signing = [
        {"id": name, "scopes": draw(HELD), "secret": draw(SECRETS)} for name in names[4 : 4 + draw(st.integers(0, 2))]
    ]
    cam = draw(st.booleans())
    return {
        "keys": keys,
        "signingKeys": signing,
        "auth": "CAM" if cam else "NONE",
        "camScopes": draw(HELD) if cam else [],
        "urlHosts": draw(st.lists(st.builds("{}{}".format, st.sampled_from(["", "http://"]), HOST), max_size=3)),
        "origins": draw(st.lists(ORIGIN, max_size=2)),
        "photoOrigin": draw(st.just("") | ORIGIN),
    }


@st.composite
def routes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """One to three routes, whose names may end in digits or begin alike."""
    names = draw(st.lists(ROUTE_NAME, min_size=1, max_size=3, unique=True))
    made = []
    for number, name in enumerate(names):
        prefix = f"{number}{draw(PREFIX)}"
        faces = {"MaxFaceNum": draw(st.integers(1, 120))}
        types = {"FaceAttributesType": draw(st.sampled_from(["Smile", "Headpose,Smile", "Eye,Mask,Mouth"]))}
        route: dict[str, Any] = {"name": name, "prefix": prefix, "operations": {"DetectFace": faces}}
        if draw(st.booleans()):
            route["operations"] |= {"DetectFaceAttributes": types, "AnalyzeFace": {}}
        if draw(st.booleans()):
            route |= {"person_id": f"{prefix}{{person_id}}/"}
            route["operations"] |= {"CreateFace": {"QualityControl": draw(st.integers(0, 4))}}
        if draw(st.booleans()):
            route["suffixes"] = [".png"]
        made.append(route)
    return made


@given(routes=routes(), api=apis())
def test_the_function_reads_what_was_meant(routes: list[dict[str, Any]], api: dict[str, Any]) -> None:
    stack = settings(routes=routes, api=api)
    meant, read = stack.api, told(stack)
    assert meant
    assert read.routes == {route.name: Settings.from_environment(stack.environment(route)) for route in stack.routes}
    assert (read.bucket, read.state_bucket) == (stack.photo_bucket_name, stack.state_bucket_name)
    assert (read.url_hosts, read.origins, read.photo_origin) == (meant.url_hosts, meant.origins, meant.photo_origin)
    assert {(key.name, key.scopes, key.sha256) for key in read.keys.api} == {
        (key.name, frozenset(key.scopes), key.sha256) for key in meant.keys
    }
    assert {(key.id, key.scopes, key.secret) for key in read.keys.signing} == {
        (key.id, frozenset(key.scopes), key.secret) for key in meant.signing_keys
    }
    assert read.keys.cam == frozenset(meant.cam_scopes)


@pytest.mark.parametrize(
    ("api", "sentence"),
    [
        ({"keys": [{**BEARER, "sha256": "ab"}]}, "api.keys.0.sha256: String should match pattern '^[0-9a-f]{64}$'"),
        ({"keys": [{**BEARER, "scopes": []}]}, "api.keys.0.scopes: Tuple should have at least 1 item"),
        ({"keys": [{**BEARER, "scopes": ["write"]}]}, "Input should be 'read', 'analyse', 'enrol' or 'admin'"),
        ({"keys": [{**BEARER, "name": "Shop"}]}, "api.keys.0.name: String should match pattern"),
        ({"keys": [{**BEARER, "key": "key"}]}, "api.keys.0.key: Extra inputs are not permitted"),
        ({"keys": [BEARER, BEARER]}, "Two keys are called shop."),
        ({"keys": [BEARER], "signingKeys": [{**SIGNING, "id": "shop"}]}, "Two keys are called shop."),
        ({"signingKeys": [{**SIGNING, "secret": "s" * 31}]}, "secret: String should have at least 32 characters"),
        ({"signingKeys": [{**SIGNING, "secret": "s, " * 20}]}, "api.signingKeys.0.secret: String should match pattern"),
        ({"signingKeys": [{**SIGNING, "id": str(n)} for n in range(3)]}, "Tuple should have at most 2 items"),
        ({"auth": "OPEN"}, "api.auth: Input should be 'NONE' or 'CAM'"),
        ({"auth": "CAM"}, "auth CAM and camScopes go together: give both or neither."),
        ({"camScopes": ["read"]}, "auth CAM and camScopes go together: give both or neither."),
        ({"urlHosts": ["https://a.com"]}, "'https://a.com' is not a host such as pictures.example.com, in small"),
        ({"urlHosts": ["A.com"]}, "'A.com' is not a host"),
        ({"urlHosts": ["*.a.com"]}, "'*.a.com' is not a host"),
        ({"urlHosts": ["localhost"]}, "'localhost' is not a host"),
        ({"origins": ["*"]}, "'*' is not an origin such as https://www.example.com, without a slash at the end."),
        ({"origins": ["https://a.com/"]}, "'https://a.com/' is not an origin"),
        ({"photoOrigin": "photos.example.com"}, "'photos.example.com' is not an origin"),
        ({"memory": 200}, "api.memory must be 64, or 128 to 3072 in steps of 128."),
        ({"timeout": 31}, "api.timeout: Input should be less than or equal to 30"),
        ({"colour": "red"}, "api.colour: Extra inputs are not permitted"),
        ({"keys": [{**BEARER, "name": f"key-{n}"} for n in range(60)]}, "bytes; SCF takes 4096."),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(api: Mapping[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(api=api)
    assert sentence in sentences(refused.value)


def test_a_refusal_does_not_repeat_a_secret() -> None:
    with pytest.raises(ValidationError) as refused:
        settings(api={"signingKeys": [{**SIGNING, "secret": SECRET + " and more"}]})
    assert SECRET not in str(refused.value) + sentences(refused.value)
    assert SECRET not in repr(settings(api={"signingKeys": [SIGNING]}))


def test_a_route_cannot_have_the_apis_name() -> None:
    called = [{**PHOTOS, "name": "api"}]
    assert settings(routes=called).api is None
    with pytest.raises(ValidationError, match="would be the API's"):
        settings(routes=called, api=API)


def test_a_long_name_leaves_no_room_for_the_apis_function() -> None:
    with pytest.raises(ValidationError, match="has 61 characters; SCF takes 60"):
        settings(project="x" * 52, routes=[{**PHOTOS, "name": "ph"}], api=API)


def test_a_scope_opens_what_one_caller_holds_it_for() -> None:
    given = {"keys": [BEARER], "signingKeys": [SIGNING], "auth": "CAM", "camScopes": ["enrol", "analyse"]}
    api = ApiSettings.model_validate(given)
    assert api.opens("read")
    assert api.opens("admin")
    assert api.opens("analyse", "enrol")
    assert not api.opens("read", "admin")
    assert not ApiSettings().opens("read")
