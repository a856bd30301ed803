"""Groups and people over HTTP: made once, read, listed, and deleted with all that was known of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from tests.http.conftest import Api
from tests.http.library import (
    DARKER,
    EMPTY,
    LANDSCAPE,
    PORTRAIT,
    VALUE,
    Calls,
    enrol,
    faces_of,
    make,
    problem,
    told,
)


@pytest.fixture
def ada(api: Api, name: str, group: str) -> str:
    """Somebody with one face."""
    told(make(api, group, f"ada-{name}"))
    return f"ada-{name}"


def test_the_life_of_a_person(api: Api, calls: Calls, name: str) -> None:
    group = {"group_id": f"g-{name}", "group_name": f"员工库-{name}", "tag": "note", "group_ex_descriptions": ["学号"]}
    assert told(api.post("/v1/groups", group))["face_model_version"] == "3.0"
    described = [{"person_ex_description_index": 0, "person_ex_description": "7"}]
    first = told(
        make(api, f"g-{name}", f"p-{name}", person_name="爱达", gender=2, person_ex_description_infos=described)
    )
    assert first["face_rect"]["width"] > 50
    (second,) = told(enrol(api, f"p-{name}", DARKER))["suc_face_ids"]

    read = told(api.get(f"/v1/persons/p-{name}"))
    assert read.pop("request_id")
    assert read == {
        "person_id": f"p-{name}",
        "person_name": "爱达",
        "gender": 2,
        "face_ids": [first["face_id"], second],
        "person_group_infos": [{"group_id": f"g-{name}", "person_ex_descriptions": ["7"]}],
        "group_num": 1,
        "face_model_version": "3.0",
    }
    (listed,) = told(api.get(f"/v1/groups/g-{name}/persons"))["person_infos"]
    assert (listed["person_id"], listed["face_ids"]) == (f"p-{name}", read["face_ids"])
    assert told(api.get(f"/v1/groups/g-{name}"))["group_ex_descriptions"] == ["学号"]
    assert f"g-{name}" in {each["group_id"] for each in told(api.get("/v1/groups", limit=1000))["group_infos"]}

    deleted = told(api.delete(f"/v1/persons/p-{name}/faces/{first['face_id']}"))
    assert deleted == {"suc_deleted_num": 1, "suc_face_ids": [first["face_id"]]}
    assert faces_of(api, f"p-{name}") == [second]
    assert told(api.delete(f"/v1/persons/p-{name}"))["suc_face_ids"] == [second]
    assert problem(api.get(f"/v1/persons/p-{name}")) == (404, f"{VALUE}.PersonIdNotExist")
    told(api.delete(f"/v1/groups/g-{name}"))
    assert problem(api.get(f"/v1/groups/g-{name}")) == (404, f"{VALUE}.GroupIdNotExist")
    assert [call.action for call in calls(service="iai", paid=True)] == ["CreatePerson", "CreateFace"]


def test_an_id_may_hold_every_character_that_tencent_takes(api: Api, group: str, name: str) -> None:
    person = f"A-%@#&_9{name}"
    told(make(api, group, person))
    address = f"/v1/persons/A-%25@%23%26_9{name}"
    assert told(api.get(address))["person_id"] == person
    assert told(api.delete(address))["suc_deleted_num"] == 1


def test_lists_come_in_pages_and_past_their_end_is_nothing(api: Api, group: str, name: str) -> None:
    for number in range(3):
        told(make(api, group, f"p{number}-{name}"))
    page = told(api.get(f"/v1/groups/{group}/persons", offset=1, limit=1))
    assert ([each["person_id"] for each in page["person_infos"]], page["person_num"]) == ([f"p1-{name}"], 3)
    assert told(api.get(f"/v1/groups/{group}/persons", offset=99))["person_infos"] == []
    assert told(api.get("/v1/groups", offset=2**31 - 1))["group_infos"] == []


def test_the_same_request_finds_the_person_it_made_and_another_one_is_a_conflict(
    api: Api, calls: Calls, group: str, name: str
) -> None:
    made = told(make(api, group, f"p-{name}"))
    assert told(make(api, group, f"p-{name}")) == made
    taken = (409, f"{VALUE}.PersonIdAlreadyExist")
    assert problem(make(api, group, f"p-{name}", DARKER)) == taken
    assert problem(make(api, group, f"p-{name}", gender=1)) == taken
    assert problem(api.post("/v1/groups", {"group_id": group, "group_name": name})) == (
        409,
        f"{VALUE}.GroupIdAlreadyExist",
    )
    assert problem(api.post("/v1/groups", {"group_id": name, "group_name": group})) == (
        409,
        f"{VALUE}.GroupNameAlreadyExist",
    )
    assert len(calls(service="iai", paid=True)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_person_whose_making_was_not_answered_is_made_once(
    api: Api, calls: Calls, cloud: LocalCloud, group: str, name: str, when: Any
) -> None:
    cloud.faults.add(Fault("drop", when, action="CreatePerson"))
    assert problem(make(api, group, f"p-{name}")) == (504, "NoAnswer")
    cloud.clock.skip(60)
    assert [told(make(api, group, f"p-{name}"))["face_id"]] == faces_of(api, f"p-{name}")
    assert len(calls(action="CreatePerson", paid=True)) == 1


def test_a_group_whose_making_or_deletion_was_not_answered_is_looked_for(
    api: Api, cloud: LocalCloud, name: str
) -> None:
    group = {"group_id": name, "group_name": name, "tag": "t", "group_ex_descriptions": ["a", "b"]}
    cloud.faults.add(Fault("drop", "before", action="CreateGroup"))
    assert problem(api.post("/v1/groups", group)) == (504, "NoAnswer")
    cloud.faults.add(Fault("drop", "after", action="CreateGroup"))
    told(api.post("/v1/groups", group))
    cloud.faults.add(Fault("drop", "before", action="DeleteGroup"))
    assert problem(api.delete(f"/v1/groups/{name}")) == (504, "NoAnswer")
    cloud.faults.add(Fault("drop", "after", action="DeleteGroup"))
    told(api.delete(f"/v1/groups/{name}"))
    assert problem(api.delete(f"/v1/groups/{name}")) == (404, f"{VALUE}.GroupIdNotExist")


def test_somebody_who_seems_to_be_there_already_is_named_and_not_made(api: Api, ada: str, group: str) -> None:
    told_again = told(make(api, group, f"twin-{ada}", DARKER, unique_person_control=1))
    assert told_again["similar_person_id"] == ada
    assert "face_id" not in told_again
    assert problem(api.get(f"/v1/persons/twin-{ada}")) == (404, f"{VALUE}.PersonIdNotExist")
    assert told(make(api, group, f"twin-{ada}", DARKER))["face_id"]


def test_a_picture_in_which_nobody_can_be_seen_makes_nobody(api: Api, group: str, name: str) -> None:
    assert problem(make(api, group, name, LANDSCAPE)) == (422, f"{VALUE}.NoFaceInPhoto")
    assert problem(api.get(f"/v1/persons/{name}")) == (404, f"{VALUE}.PersonIdNotExist")
    assert told(make(api, group, name))["face_id"]


@pytest.mark.parametrize("how", ["person", "group"])
def test_whoever_is_deleted_can_be_made_anew_and_enrolled_anew(
    api: Api, cloud: LocalCloud, group: str, ada: str, how: str
) -> None:
    before = told(enrol(api, ada, DARKER))["suc_face_ids"]
    if how == "person":
        told(api.delete(f"/v1/persons/{ada}"))
    else:
        told(api.delete(f"/v1/groups/{group}"))
        told(api.post("/v1/groups", {"group_id": group, "group_name": group}))
        cloud.clock.skip(15)
    assert problem(enrol(api, ada, DARKER)) == (404, f"{VALUE}.PersonIdNotExist")
    first = told(make(api, group, ada))["face_id"]
    again = told(enrol(api, ada, DARKER))["suc_face_ids"]

    assert faces_of(api, ada) == [first, *again]
    assert again != before


def test_a_face_deleted_by_somebody_else_does_not_keep_its_photo_out(api: Api, cloud: LocalCloud, ada: str) -> None:
    (face,) = told(enrol(api, ada, DARKER))["suc_face_ids"]
    cloud.api("iai", "2020-03-03").call_json("DeleteFace", {"PersonId": ada, "FaceIds": [face]})
    cloud.clock.skip(15)
    (again,) = told(enrol(api, ada, DARKER))["suc_face_ids"]
    assert faces_of(api, ada)[1:] == [again] != [face]


def test_a_person_whose_deletion_was_not_answered_is_gone_when_it_is_asked_again(
    api: Api, cloud: LocalCloud, group: str, ada: str
) -> None:
    cloud.faults.add(Fault("drop", "after", action="DeletePerson"))
    assert problem(api.delete(f"/v1/persons/{ada}")) == (504, "NoAnswer")
    cloud.clock.skip(60)
    assert problem(api.delete(f"/v1/persons/{ada}")) == (404, f"{VALUE}.PersonIdNotExist")
    assert told(make(api, group, ada))["face_id"]


def test_who_is_not_there_is_not_found(api: Api, calls: Calls, group: str, name: str) -> None:
    nobody, nowhere = (404, f"{VALUE}.PersonIdNotExist"), (404, f"{VALUE}.GroupIdNotExist")
    assert problem(api.get(f"/v1/persons/{name}")) == nobody
    assert problem(api.delete(f"/v1/persons/{name}")) == nobody
    assert problem(api.delete(f"/v1/persons/{name}/faces/123")) == nobody
    assert problem(enrol(api, name, PORTRAIT)) == nobody
    assert problem(api.get(f"/v1/groups/{name}")) == nowhere
    assert problem(api.get(f"/v1/groups/{name}/persons")) == nowhere
    assert problem(make(api, name, name)) == nowhere
    assert calls(service="iai", paid=True) == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("a" * 65, f"{VALUE}.PersonIdTooLong"),
        ("a.b", f"{VALUE}.PersonIdIllegal"),
        ("a b", f"{VALUE}.PersonIdIllegal"),
        ("员工", f"{VALUE}.PersonIdIllegal"),
        ("员" * 22, f"{VALUE}.PersonIdTooLong"),
    ],
)
def test_an_id_that_tencent_would_not_take_is_refused_in_its_words_and_asks_nobody(
    api: Api, calls: Calls, group: str, name: str, bad: str, code: str
) -> None:
    there = f"/v1/persons/{quote(bad)}"
    assert problem(api.get(there)) == problem(api.delete(there)) == (400, code)
    assert problem(enrol(api, quote(bad), PORTRAIT)) == problem(api.delete(f"{there}/faces/1")) == (400, code)
    assert problem(make(api, group, bad)) == (400, code)
    assert problem(api.get(f"/v1/groups/{quote(bad)}")) == (400, code.replace("Person", "Group"))
    assert problem(make(api, bad, name)) == (400, code.replace("Person", "Group"))
    assert {call.action for call in calls(service="iai")} == {"CreateGroup"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"person_id": ""}, EMPTY),
        ({"person_name": ""}, EMPTY),
        ({"person_name": "a" * 61}, f"{VALUE}.PersonNameTooLong"),
        ({"person_name": "Ada Lovelace"}, f"{VALUE}.PersonNameIllegal"),
        ({"group_id": "g" * 65}, f"{VALUE}.GroupIdTooLong"),
        ({"gender": 3}, f"{VALUE}.PersonGenderIllegal"),
        ({"quality_control": 5}, f"{VALUE}.QualityControlIllegal"),
        ({"unique_person_control": -1}, f"{VALUE}.UniquePersonControlIllegal"),
        (
            {"person_ex_description_infos": [{"person_ex_description_index": 0, "person_ex_description": ""}] * 6},
            f"{VALUE}.PersonExDescriptionInfosExceed",
        ),
        (
            {"person_ex_description_infos": [{"person_ex_description_index": 0, "person_ex_description": "d" * 61}]},
            f"{VALUE}.PersonExDescriptionsNameTooLong",
        ),
        ({"person_ex_description_infos": [{"person_ex_description_index": 5, "person_ex_description": ""}]}, VALUE),
        ({"need_rotate_detection": 2}, VALUE),
        ({"gender": "2"}, VALUE),
        ({"age": 36}, VALUE),
    ],
)
def test_a_person_that_tencent_would_not_make_is_refused_before_anything_is_asked(
    api: Api, calls: Calls, name: str, more: dict[str, Any], code: str
) -> None:
    assert problem(api.post("/v1/persons", {**_person(name), **more})) == (400, code)
    assert calls(service="iai") == []


def _person(name: str) -> dict[str, Any]:
    return {"group_id": name, "person_id": name, "person_name": "Ada", "image": PORTRAIT}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"group_id": ""}, EMPTY),
        ({"group_name": ""}, EMPTY),
        ({"group_name": "g" * 61}, f"{VALUE}.GroupNameTooLong"),
        ({"group_name": "a b"}, f"{VALUE}.GroupNameIllegal"),
        ({"tag": "t" * 41}, f"{VALUE}.GroupTagTooLong"),
        ({"tag": "t!"}, f"{VALUE}.GroupTagIllegal"),
        ({"group_ex_descriptions": list("abcdef")}, f"{VALUE}.GroupExDescriptionsExceed"),
        ({"group_ex_descriptions": ["a", "a"]}, f"{VALUE}.GroupExDescriptionsNameIdentical"),
        ({"group_ex_descriptions": ["a" * 31]}, f"{VALUE}.GroupExDescriptionsNameTooLong"),
        ({"group_ex_descriptions": ["a b"]}, f"{VALUE}.GroupExDescriptionsNameIllegal"),
        ({"face_model_version": "1.0"}, VALUE),
    ],
)
def test_a_group_that_tencent_would_not_make_is_refused_before_anything_is_asked(
    api: Api, calls: Calls, name: str, more: dict[str, Any], code: str
) -> None:
    assert problem(api.post("/v1/groups", {"group_id": name, "group_name": name, **more})) == (400, code)
    assert calls(service="iai") == []


@pytest.mark.parametrize(("limit", "code"), [(0, f"{VALUE}.LimitExceed"), (1001, f"{VALUE}.LimitExceed"), ("x", VALUE)])
def test_a_page_has_a_size(api: Api, limit: object, code: str) -> None:
    assert problem(api.get("/v1/groups", limit=limit)) == (400, code)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/groups", "read"),
        ("GET", "/v1/groups/g", "read"),
        ("GET", "/v1/groups/g/persons", "read"),
        ("GET", "/v1/persons/p", "read"),
        ("POST", "/v1/groups", "enrol"),
        ("POST", "/v1/persons", "enrol"),
        ("POST", "/v1/persons/p/faces", "enrol"),
        ("POST", "/v1/persons:search", "analyse"),
        ("DELETE", "/v1/groups/g", "admin"),
        ("DELETE", "/v1/persons/p", "admin"),
        ("DELETE", "/v1/persons/p/faces/1", "admin"),
    ],
)
def test_each_takes_a_key_of_its_own_scope(cloud: LocalCloud, calls: Calls, method: str, path: str, scope: str) -> None:
    for name in {"read", "analyse", "enrol", "admin"} - {scope}:
        assert Api(cloud, cloud.keyring.api[name]).call(method, path).status_code == 403
    assert Api(cloud, cloud.keyring.api[scope]).call(method, path).status_code != 403
    assert calls(service="iai", paid=True) == []
