"""What the API's role may do follows from the keys that are given out: enough for what they open, and no more."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import requests

from facestamp.http.keys import SCOPES
from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from tests import pictures
from tests.conftest import Clouds, ended
from tests.http.conftest import Api
from tests.laws.test_permissions import granted, told, without

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


Story = Callable[[Api, str], requests.Response]


def portrait_of(api: Api, name: str, **more: str) -> requests.Response:
    """Somebody made with a first face."""
    image = base64.b64encode(pictures.jpeg(pictures.portrait())).decode()
    person = {"group_id": "everybody", "person_id": name, "person_name": name, "image": image}
    return api.call("POST", "/v1/persons", json=person, headers=more)


def a_form(api: Api, name: str, prefix: str = "photos/") -> requests.Response:
    asked = {"content_type": "image/jpeg", "method": "POST", "max_content_length": 1_000_000, "overwrite": True}
    return sent(api.cloud, api.post("/v1/uploads", {**asked, "key": f"{prefix}{name}/a.jpg"}).json())


def a_form_of_a_member(api: Api, name: str) -> requests.Response:
    return a_form(api, name, "members/")


def a_group(api: Api, name: str) -> requests.Response:
    return api.post("/v1/groups", {"group_id": name, "group_name": name})


def a_group_deleted(api: Api, name: str) -> requests.Response:
    a_group(api, name)
    return api.delete(f"/v1/groups/{name}")


def a_person_deleted(api: Api, name: str) -> requests.Response:
    portrait_of(api, name)
    return api.delete(f"/v1/persons/{name}")


def a_face_deleted(api: Api, name: str) -> requests.Response:
    portrait_of(api, name)
    image = base64.b64encode(pictures.jpeg(pictures.portrait(400))).decode()
    [face] = api.post(f"/v1/persons/{name}/faces", {"images": [image]}).json()["suc_face_ids"]
    return api.delete(f"/v1/persons/{name}/faces/{face}")


def a_search(api: Api, name: str) -> requests.Response:
    image = base64.b64encode(pictures.jpeg(pictures.portrait(400))).decode()
    return api.post("/v1/persons:search", {"image": image, "group_ids": ["everybody"]})


def a_request_sent_once(api: Api, name: str) -> requests.Response:
    return portrait_of(api, name, **{"Idempotency-Key": name})


def a_request_sent_twice(api: Api, name: str) -> requests.Response:
    a_request_sent_once(api, name)
    return a_request_sent_once(api, name)


OWN: dict[str, Story] = {
    "cos:PostObject photos/*": a_form,
    "cos:PostObject members/*": a_form_of_a_member,
    "cos:PutObject requests/*": a_request_sent_once,
    "cos:GetObject requests/*": a_request_sent_twice,
    "iai:CreateGroup *": a_group,
    "iai:GetGroupInfo *": lambda api, name: api.get("/v1/groups/everybody"),
    "iai:GetGroupList *": lambda api, name: api.get("/v1/groups"),
    "iai:DeleteGroup *": a_group_deleted,
    "iai:CreatePerson *": portrait_of,
    "iai:GetPersonList *": lambda api, name: api.get("/v1/groups/everybody/persons"),
    "iai:GetPersonGroupInfo *": lambda api, name: portrait_of(api, name) and api.get(f"/v1/persons/{name}"),
    "iai:DeletePerson *": a_person_deleted,
    "iai:DeleteFace *": a_face_deleted,
    "iai:SearchFaces *": a_search,
}
"""What the API may do and no route's function may, and what it is needed for."""


@pytest.fixture(scope="module")
def complete(engine: Engine) -> Iterator[Api]:
    """The API of a cloud of its own, with a key of every scope and a group."""
    cloud = LocalCloud(engine=engine)
    cloud.deploy()
    api = Api(cloud, cloud.keyring.api["all"])
    assert a_group(api, "everybody").ok
    assert portrait_of(api, "first").ok
    yield api
    found = ended(cloud)
    assert found == []


def test_with_every_scope_it_may_do_what_the_routes_may_and_what_its_own_stories_need(complete: Api) -> None:
    cloud = complete.cloud
    of_routes = {
        told(*permission)
        for name in cloud.outputs["functions"].values()
        for policy in cloud.cam.attached(name)
        for permission in granted(policy.document)
    }
    assert {told(*permission) for permission in allowed(cloud)} == of_routes | OWN.keys()


@pytest.mark.parametrize("permission", OWN)
def test_without_a_permission_of_its_own_a_request_fails_and_with_it_succeeds(
    complete: Api, name: str, permission: str
) -> None:
    story, cloud = OWN[permission], complete.cloud
    role = cloud.outputs["apiFunction"]

    with without(cloud, role, permission):
        answer = story(complete, f"{name}-a")

    expected = 403 if permission.startswith("cos:PostObject") else 503
    assert answer.status_code == expected, answer.text
    assert story(complete, f"{name}-b").ok
    cloud.scf.settle()


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_fits_into_a_policy_and_all_of_them_too(clouds: Clouds, scope: str) -> None:
    assert opened(clouds, scope).get("/healthz").status_code == 200
