"""What a function's role may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.cam import Cam, Denied
from infra.local.clock import Clock
from infra.settings.permissions import document, permissions, statements, trust
from infra.settings.stack import StackSettings
from tests.infra.conftest import MEMBERS, PHOTOS, settings

COS = "qcs::cos:ap-guangzhou:uid/1250000000"
CI = "qcs::ci:ap-guangzhou:uid/1250000000"


def stated(stack: StackSettings, number: int = 0) -> list[dict[str, Any]]:
    """The statements of one route."""
    route = stack.routes[number]
    return statements(stack, route, permissions(route.operations))


def granted(stack: StackSettings, number: int = 0) -> dict[str, set[str]]:
    """Action -> the resources that it is granted on."""
    found: dict[str, set[str]] = {}
    for statement in stated(stack, number):
        for action in statement["action"]:
            found.setdefault(action, set()).update(statement["resource"])
    return found


def route(**operations: dict[str, Any]) -> dict[str, Any]:
    """A route with these operations."""
    return {"name": "photos", "prefix": "photos/", "operations": operations}


def test_photos_are_read_and_restamped_under_the_prefix_only() -> None:
    of = granted(settings())
    photos = {f"{COS}:pictures-1250000000/photos/*"}
    for action in ("HeadObject", "PutObjectCopy", "GetObjectACL", "PutObjectACL", "GetObjectTagging"):
        assert of[f"cos:{action}"] == photos
    assert not {"cos:DeleteObject", "cos:GetBucket"} & {a for a, resources in of.items() if resources & photos}


def test_state_is_kept_in_its_own_places() -> None:
    of = granted(settings())
    state = f"{COS}:records-1250000000"
    assert of["cos:DeleteObject"] == {f"{state}/{place}/photos/*" for place in ("records", "answers", "dead")}
    assert of["cos:GetBucket"] == {f"{state}/*"}
    places = {f"{state}/{place}/photos/*" for place in ("records", "leases", "answers", "dead")}
    assert of["cos:PutObject"] == {f"{COS}:pictures-1250000000/photos/*"} | places


def test_only_enrolment_keeps_chains_of_persons() -> None:
    chains = f"{COS}:records-1250000000/enrolments/*"
    assert chains not in granted(settings(), 0)["cos:PutObject"]
    assert chains in granted(settings(), 1)["cos:PutObject"]


@pytest.mark.parametrize(
    ("operations", "actions"),
    [
        ({"AnalyzeFace": {}}, {"iai:AnalyzeFace"}),
        ({"DetectFaceAttributes": {}}, {"iai:DetectFaceAttributes"}),
        ({"DetectFace": {}}, {"iai:DetectFace", "ci:CreateDetectFaceJob", "ci:CreateFaceEffectJob"}),
    ],
)
def test_an_operation_brings_its_own_permissions(operations: dict[str, Any], actions: set[str]) -> None:
    of = granted(settings(routes=[route(**operations)]))
    assert {action for action in of if not action.startswith("cos:")} == actions


def test_enrolment_may_also_look_at_the_person() -> None:
    of = granted(settings(), 1)
    assert of["iai:CreateFace"] == of["iai:GetPersonBaseInfo"] == {"*"}


def test_face_calls_have_a_statement_of_their_own_on_everything() -> None:
    for statement in stated(settings()):
        services = {action.partition(":")[0] for action in statement["action"]}
        assert len(services) == 1
        assert (statement["resource"] == ["*"]) == (services == {"iai"})


def test_cloud_infinite_is_granted_under_both_names_on_the_prefix() -> None:
    of = granted(settings())
    photos = {f"{CI}:bucket/pictures-1250000000/photos/*"}
    assert of["ci:CreateDetectFaceJob"] == of["ci:CreateFaceEffectJob"] == photos


def test_the_operations_may_come_from_elsewhere() -> None:
    stack = settings(routes=[route(AnalyzeFace={})])
    made = statements(stack, stack.routes[0], {"AnalyzeFace": ("iai:AnalyzeFace", "iai:AnalyzeDenseLandmarks")})
    assert made[-1] == {
        "effect": "allow",
        "action": ["iai:AnalyzeFace", "iai:AnalyzeDenseLandmarks"],
        "resource": ["*"],
    }


def test_a_prefix_outside_ascii_is_written_as_it_is() -> None:
    made = document(stated(settings(routes=[{**route(AnalyzeFace={}), "prefix": "照片/"}])))
    assert f"{COS}:pictures-1250000000/照片/*" in made


def test_a_document_that_cam_would_not_take_is_refused() -> None:
    long = {**route(DetectFace={}), "prefix": "p" * 2000}
    with pytest.raises(ValueError, match="CAM takes 6144"):
        document(stated(settings(routes=[long])) * 2)


@pytest.mark.parametrize("number", [0, 1], ids=[PHOTOS["name"], MEMBERS["name"]])
def test_the_local_cloud_enforces_exactly_these(number: int) -> None:
    stack, cam = settings(), Cam(Clock())
    cam.create_role("stamper", trust())
    cam.attach("stamper", cam.create_policy("stamper", document(stated(stack, number))))
    key = cam.assume("stamper", "worker-1", "request-1")
    prefix = stack.routes[number].prefix
    cam.require(key, "cos:GetObject", f"{COS}:pictures-1250000000/{prefix}ann/a.jpg")
    cam.require(key, "iai:DetectFace", "*")
    for resource in (f"{COS}:pictures-1250000000/other/a.jpg", f"{COS}:pictures-1250000001/{prefix}a.jpg"):
        with pytest.raises(Denied):
            cam.require(key, "cos:GetObject", resource)
    with pytest.raises(Denied):
        cam.require(key, "iai:DeletePerson", "*")


def test_only_the_function_platform_is_trusted() -> None:
    assert json.loads(trust()) == {
        "version": "2.0",
        "statement": [
            {"effect": "allow", "action": ["name/sts:AssumeRole"], "principal": {"service": ["scf.qcloud.com"]}}
        ],
    }
