"""What the API's role may do follows from the keys that are given out: enough for what they open, and no more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
import requests

from facestamp.http.auth import SCOPES
from infra.local.cloud import LocalCloud
from tests import pictures
from tests.conftest import Clouds
from tests.http.conftest import Api

KEY = "a-key-that-is-told-to-nobody-else"
REFUSED = {"AccessDenied", "AuthFailure.UnauthorizedOperation"}
WRITES = ("cos:Put", "cos:Post", "cos:Delete", "iai:Create", "iai:Delete", "ci:")


def opened(clouds: Clouds, *scopes: str) -> Api:
    """The API of a cloud where one key opens these scopes and nothing else."""
    key = {"name": "only", "scopes": list(scopes), "sha256": hashlib.sha256(KEY.encode()).hexdigest()}
    return Api(clouds(changes={"facestamp:api": {"keys": [key]}}), KEY)


def allowed(cloud: LocalCloud) -> list[tuple[str, str]]:
    """Every action on every resource that the API's role may do."""
    documents = [policy.document for policy in cloud.cam.attached(cloud.outputs["apiFunction"])]
    return [
        (action, resource)
        for document in documents
        for stated in document.statements
        for action in stated.actions
        for resource in stated.resources
    ]


def refused(cloud: LocalCloud) -> Sequence[str]:
    """What the API's function was not allowed to do, though it tried."""
    role = cloud.outputs["apiFunction"]
    return [call.action for call in cloud.journal.calls(role=role) if call.code in REFUSED]


def stamped(cloud: LocalCloud, key: str) -> str:
    """A portrait in the bucket, with its stamp."""
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=pictures.jpeg(pictures.portrait()))
    cloud.scf.settle()
    return key


def test_with_a_key_to_read_all_can_be_read_and_nothing_written(clouds: Clouds) -> None:
    api = opened(clouds, "read")
    for key in (stamped(api.cloud, "photos/ada.jpg"), stamped(api.cloud, "members/ada/ada.jpg")):
        assert api.get("/v1/photo", key=key).json()["stamp"]["count"] == 1
        assert api.get("/v1/photo", key=key, record="true").json()["confirmed"] is True
        assert "<svg" in api.get("/v1/photo/overlay.svg", key=key).text
    assert api.get("/v1/photo", key="photos/nobody.jpg").status_code == 404
    assert api.get("/v1/routes").status_code == 200

    assert refused(api.cloud) == []
    assert [action for action, _ in allowed(api.cloud) if action.startswith(WRITES)] == []


def test_a_key_to_read_opens_nothing_else(clouds: Clouds) -> None:
    api = opened(clouds, "read")
    key = stamped(api.cloud, "photos/ada.jpg")
    before = len(api.cloud.journal)

    answers = [
        api.post("/v1/faces:detect", {"key": key}),
        api.post("/v1/uploads", {"key": key, "content_type": "image/jpeg", "content_length": 1}),
        api.post("/v1/photo:stamp", key=key),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert [
        call for call in api.cloud.journal.calls(role=api.cloud.outputs["apiFunction"]) if call.number > before
    ] == []


def test_without_keys_the_role_may_do_nothing_and_the_page_is_still_there(clouds: Clouds) -> None:
    cloud = clouds(changes={"facestamp:api": {}})
    api = Api(cloud, KEY)

    assert api.get("/v1/routes").status_code == 401
    assert api.get("/healthz").status_code == 200
    assert api.get("/openapi.json").status_code == 200
    assert allowed(cloud) == []


def test_to_analyse_alone_stops_where_people_are_enrolled(clouds: Clouds) -> None:
    api = opened(clouds, "analyse")
    cloud = api.cloud
    for key in ("photos/ada.jpg", "members/ada/ada.jpg"):
        # A copy wakes nobody.
        source = {"Bucket": cloud.bucket, "Key": "elsewhere/ada.jpg", "Region": "ap-guangzhou"}
        cloud.cos().put_object(Bucket=cloud.bucket, Key=source["Key"], Body=pictures.jpeg(pictures.portrait()))
        cloud.cos().copy_object(Bucket=cloud.bucket, Key=key, CopySource=source)
    sign = {"content_type": "image/jpeg", "method": "POST", "max_content_length": 1_000_000, "overwrite": True}

    assert api.post("/v1/photo:stamp", key="photos/ada.jpg").json()["outcome"] == "stamped"
    assert api.post("/v1/photo:stamp", key="members/ada/ada.jpg").status_code == 403
    assert sent(cloud, api.post("/v1/uploads", {**sign, "key": "photos/new.jpg"}).json()).status_code == 204
    assert api.post("/v1/uploads", {**sign, "key": "members/ada/new.jpg"}).status_code == 403

    assert refused(cloud) == []
    places = [(action, resource) for action, resource in allowed(cloud) if "members/" in resource]
    assert {action for action, _ in places} <= {"cos:GetObject", "cos:HeadObject", *DETECT}
    assert "iai:CreateFace" not in {action for action, _ in allowed(cloud)}


DETECT = ("ci:CreateDetectFaceJob", "ci:CreateFaceEffectJob")


def sent(cloud: LocalCloud, signed: dict[str, Any]) -> requests.Response:
    """A form as a browser sends it."""
    return requests.post(
        signed["url"],
        data=signed["fields"],
        files={"file": ("ada.jpg", pictures.jpeg(pictures.portrait()), "image/jpeg")},
        proxies={"http": cloud.endpoint},
        timeout=60,
    )


def test_a_form_is_refused_where_whoever_signed_it_may_not_upload(clouds: Clouds) -> None:
    api = opened(clouds, *SCOPES)
    cloud = api.cloud
    asked = {"content_type": "image/jpeg", "method": "POST", "max_content_length": 1_000_000, "overwrite": True}
    (policy,) = cloud.cam.attached(cloud.outputs["apiFunction"])
    stated = [
        {**allowed, "action": [action for action in allowed["action"] if action != "cos:PostObject"]}
        for allowed in json.loads(policy.document.text)["statement"]
    ]

    signed = api.post("/v1/uploads", {**asked, "key": "photos/new.jpg"}).json()
    cloud.cam.update_policy(policy.id, json.dumps({"version": "2.0", "statement": [s for s in stated if s["action"]]}))

    assert "AccessDenied" in sent(cloud, signed).text
    cloud.cam.update_policy(policy.id, policy.document.text)
    assert sent(cloud, signed).status_code == 204


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_fits_into_a_policy_and_all_of_them_too(clouds: Clouds, scope: str) -> None:
    assert opened(clouds, scope).get("/healthz").status_code == 200
