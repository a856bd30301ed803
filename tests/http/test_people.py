"""The person library over HTTP: groups, people and their faces, each enrolled once, and who is in a picture."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from infra.local.journal import Call
from tests import pictures
from tests.http.conftest import Api

Calls = Callable[..., list[Call]]
VALUE = "InvalidParameterValue"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def shade(brightness: float) -> bytes:
    """The portrait, darker or lighter: the same face in another file."""
    return pictures.jpeg(pictures.lit(pictures.portrait(), brightness))


PORTRAIT = b64(pictures.jpeg(pictures.portrait()))
LANDSCAPE = b64(pictures.jpeg(pictures.landscape()))


def told(response: requests.Response, status: int = 200) -> dict[str, Any]:
    """The answer's body, of an answer with this status."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def problem(response: requests.Response) -> tuple[int, str]:
    """Status and code of a problem, which says what to do."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert (body["status"], bool(body["detail"])) == (response.status_code, True)
    return response.status_code, str(body.get("code", ""))


@pytest.fixture
def group(api: Api, name: str) -> str:
    """A group of the test's own."""
    told(api.post("/v1/groups", {"group_id": f"g-{name}", "group_name": f"g-{name}"}))
    return f"g-{name}"


@pytest.fixture
def ada(api: Api, name: str, group: str) -> str:
    """Somebody in it, with one face."""
    person = f"ada-{name}"
    told(api.post("/v1/persons", {"group_id": group, "person_id": person, "person_name": "Ada", "image": PORTRAIT}))
    return person


def faces_of(api: Api, person: str) -> list[str]:
    found: list[str] = told(api.get(f"/v1/persons/{person}"))["face_ids"]
    return found


def enrol(api: Api, person: str, *images: str, **more: Any) -> requests.Response:
    return api.post(f"/v1/persons/{person}/faces", {"images": list(images), **more})


def test_the_life_of_a_person(api: Api, calls: Calls, name: str) -> None:
    group = {"group_id": f"g-{name}", "group_name": f"员工库-{name}", "tag": "note", "group_ex_descriptions": ["学号"]}
    assert told(api.post("/v1/groups", group))["face_model_version"] == "3.0"
    person = {
        "group_id": f"g-{name}",
        "person_id": f"p-{name}",
        "person_name": "爱达",
        "gender": 2,
        "person_ex_description_infos": [{"person_ex_description_index": 0, "person_ex_description": "7"}],
    }
    first = told(api.post("/v1/persons", {**person, "image": PORTRAIT}))
    assert first["face_rect"]["width"] > 50
    second = told(enrol(api, f"p-{name}", b64(shade(0.9))))
    (second_id,) = second["suc_face_ids"]

    read = told(api.get(f"/v1/persons/p-{name}"))
    assert read["request_id"]
    assert {field: read[field] for field in read if field != "request_id"} == {
        "person_id": f"p-{name}",
        "person_name": "爱达",
        "gender": 2,
        "face_ids": [first["face_id"], second_id],
        "person_group_infos": [{"group_id": f"g-{name}", "person_ex_descriptions": ["7"]}],
        "group_num": 1,
        "face_model_version": "3.0",
    }
    (listed,) = told(api.get(f"/v1/groups/g-{name}/persons"))["person_infos"]
    assert (listed["person_id"], listed["face_ids"]) == (f"p-{name}", read["face_ids"])
    assert told(api.get(f"/v1/groups/g-{name}"))["group_name"] == f"员工库-{name}"
    assert f"g-{name}" in {each["group_id"] for each in told(api.get("/v1/groups", limit=1000))["group_infos"]}

    deleted = told(api.delete(f"/v1/persons/p-{name}/faces/{first['face_id']}"))
    assert deleted == {"suc_deleted_num": 1, "suc_face_ids": [first["face_id"]]}
    assert faces_of(api, f"p-{name}") == [second_id]
    assert told(api.delete(f"/v1/persons/p-{name}"))["suc_face_ids"] == [second_id]
    assert problem(api.get(f"/v1/persons/p-{name}")) == (404, f"{VALUE}.PersonIdNotExist")
    told(api.delete(f"/v1/groups/g-{name}"))
    assert problem(api.get(f"/v1/groups/g-{name}")) == (404, f"{VALUE}.GroupIdNotExist")
    assert [call.action for call in calls(service="iai", paid=True)] == ["CreatePerson", "CreateFace"]


def test_each_picture_has_its_own_result(api: Api, calls: Calls, ada: str) -> None:
    pictures_sent = [b64(shade(0.9)), LANDSCAPE, b64(shade(0.8)), b64(shade(0.7))]
    answer = told(enrol(api, ada, *pictures_sent))

    assert [result["ret_code"] for result in answer["results"]] == answer["ret_code"] == [0, -1101, 0, 0]
    assert [result["index"] for result in answer["results"]] == [0, 1, 2, 3]
    assert answer["results"][1] == {"index": 1, "ret_code": -1101, "code": f"{VALUE}.NoFaceInPhoto"}
    added = [result["face_id"] for result in answer["results"] if "face_id" in result]
    assert added == answer["suc_face_ids"] == faces_of(api, ada)[1:]
    assert (answer["suc_face_num"], answer["suc_indexes"]) == (3, [0, 2, 3])
    assert [result["face_rect"] for result in answer["results"] if "face_rect" in result] == answer["suc_face_rects"]
    assert len(calls(action="CreateFace")) == 1


def test_the_same_pictures_again_cost_nothing_and_new_ones_are_added(api: Api, calls: Calls, ada: str) -> None:
    first = told(enrol(api, ada, b64(shade(0.9)), LANDSCAPE))
    again = told(enrol(api, ada, LANDSCAPE, b64(shade(0.9)), b64(shade(0.8)), b64(shade(0.8))))

    assert again["ret_code"] == [-1101, 0, 0, 0]
    ids = [result.get("face_id") for result in again["results"]]
    assert ids[1] == first["suc_face_ids"][0]
    assert ids[2] == ids[3] not in first["suc_face_ids"]
    assert faces_of(api, ada)[1:] == [ids[1], ids[2]]
    assert len(calls(action="CreateFace")) == 2


def test_a_retry_after_a_lost_answer_enrols_once(api: Api, calls: Calls, cloud: LocalCloud, ada: str) -> None:
    cloud.faults.add(Fault("drop", "after", action="CreateFace"))
    assert problem(enrol(api, ada, b64(shade(0.9)))) == (504, "NoAnswer")
    cloud.clock.skip(60)
    answer = told(enrol(api, ada, b64(shade(0.9))))

    assert answer["suc_face_ids"] == faces_of(api, ada)[1:]
    assert answer["results"] == [{"index": 0, "ret_code": 0, "face_id": answer["suc_face_ids"][0]}]
    assert len(calls(action="CreateFace")) == 1
