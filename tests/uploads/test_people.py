"""Enrolment by upload: whom a photo shows is told by its key, and a person has room for five faces."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from infra.local.faults import Fault
from infra.local.readings import Readings
from tests import pictures
from tests.conftest import Clouds
from tests.uploads.owner import Owner, new_person

PORTRAIT = pictures.jpeg(pictures.portrait())


def faces(owner: Owner, person: str) -> list[str]:
    told = owner.cloud.api("iai", "2020-03-03").call_json("GetPersonBaseInfo", {"PersonId": person})
    found: list[str] = told["Response"]["FaceIds"]
    return found


def shades(number: int) -> bytes:
    """The portrait in another light each time: another photo of the same person."""
    return pictures.jpeg(pictures.lit(pictures.portrait(), 0.8 + number / 20))


def test_a_photo_becomes_one_of_the_persons_faces(owner: Owner) -> None:
    person = new_person(owner.cloud)
    key, calls = f"members/{person}/a.jpg", owner.calls()

    owner.put(key, PORTRAIT)

    read = owner.stamped(key)
    assert (read.status, read.count, read.errors) == ("ok", 1, {})
    assert read.enrolment is not None
    assert read.enrolment.person_id == person
    assert set(read.enrolment.face_ids) < set(faces(owner, person))
    assert len(faces(owner, person)) == 2
    owner.again(key)
    assert calls.paid() == ["ci:DetectFace", "iai:CreateFace"]
    assert len(faces(owner, person)) == 2


ILLEGAL = {
    "no person at all": ("members/a.jpg", "MissingParameter.ErrorParameterEmpty"),
    "an empty person": ("members//a.jpg", "MissingParameter.ErrorParameterEmpty"),
    "a space": ("members/ada lovelace/a.jpg", "InvalidParameterValue.PersonIdIllegal"),
    "CJK": ("members/宇航员/a.jpg", "InvalidParameterValue.PersonIdIllegal"),
    "65 bytes": (f"members/{'p' * 65}/a.jpg", "InvalidParameterValue.PersonIdTooLong"),
    "nobody": ("members/nobody-of-this-name/a.jpg", "InvalidParameterValue.PersonIdNotExist"),
    "letters that ids may have": ("members/%@#&_-/a.jpg", "InvalidParameterValue.PersonIdNotExist"),
}


@pytest.mark.parametrize("readings", [Readings(), Readings(event_key="encoded")], ids=["verbatim", "encoded"])
def test_a_person_whom_nobody_knows_is_rejected(clouds: Clouds, readings: Readings) -> None:
    owner = Owner(clouds(readings))
    calls, runs = owner.calls(), owner.runs()
    for key, code in ILLEGAL.values():
        owner.put(key, PORTRAIT)
        read = owner.stamped(key)
        assert read.errors == {"CreateFace": code}, key
        assert (read.status, read.count, read.enrolment) == ("ok", 1, None)
        owner.again(key)
    assert set(calls.paid()) == {"ci:DetectFace"}
    assert len(calls.paid()) == len(ILLEGAL)
    assert set(runs()) == {200}


def test_alone_a_rejected_enrolment_is_a_rejected_photo(clouds: Clouds) -> None:
    route = {
        "name": "members",
        "prefix": "members/",
        "personId": "members/{person_id}/",
        "operations": {"CreateFace": {}},
    }
    owner = Owner(clouds(changes={"facestamp:routes": [route]}))
    for key, code in ILLEGAL.values():
        owner.put(key, PORTRAIT)
        read = owner.stamped(key)
        assert (read.status, read.count, read.errors) == ("rejected", 0, {"CreateFace": code})


def test_a_person_created_later_is_enrolled_by_a_new_upload(owner: Owner, name: str) -> None:
    key, calls = f"members/{name}/a.jpg", owner.calls()
    owner.put(key, PORTRAIT)
    assert owner.stamped(key).errors == {"CreateFace": "InvalidParameterValue.PersonIdNotExist"}
    create(owner, name)

    owner.put(key, PORTRAIT)

    read = owner.stamped(key)
    assert read.errors == {}
    assert read.enrolment is not None
    assert len(faces(owner, name)) == 2
    assert calls.paid().count("ci:DetectFace") == 1


def create(owner: Owner, person: str) -> None:
    image = base64.b64encode(pictures.jpeg(pictures.portrait(300))).decode()
    api = owner.cloud.api("iai", "2020-03-03")
    api.call_json("CreateGroup", {"GroupId": f"g-{person}", "GroupName": f"g-{person}"})
    asked: dict[str, Any] = {"GroupId": f"g-{person}", "PersonId": person, "PersonName": "Eileen", "Image": image}
    api.call_json("CreatePerson", asked)


def test_the_sixth_face_is_rejected(owner: Owner) -> None:
    person = new_person(owner.cloud)
    keys = [f"members/{person}/{n}.jpg" for n in range(5)]
    for number, key in enumerate(keys):
        owner.put(key, shades(number))

    errors = [owner.stamped(key).errors for key in keys]
    assert errors == [{}, {}, {}, {}, {"CreateFace": "InvalidParameterValue.PersonFaceNumExceed"}]
    assert len(faces(owner, person)) == 5
    owner.again(keys[-1])
    assert len(faces(owner, person)) == 5
    assert owner.letter(keys[-1]) is None


REFUSED = {
    "nobody in it": (pictures.jpeg(pictures.landscape()), "no-face", {}),
    "cut": (PORTRAIT[:20_000], "rejected", {"CreateFace": "FailedOperation.ImageDecodeFailed"}),
    "too small": (
        pictures.jpeg(pictures.portrait().resize((200, 63))),
        "rejected",
        {"CreateFace": "FailedOperation.ImageResolutionTooSmall"},
    ),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED.keys())
def test_a_photo_that_shows_nobody_enrols_nobody(owner: Owner, case: tuple[bytes, str, dict[str, str]]) -> None:
    body, status, errors = case
    person = new_person(owner.cloud)
    key, calls = f"members/{person}/a.jpg", owner.calls()

    owner.put(key, body)
    owner.again(key)

    read = owner.stamped(key)
    assert read.status == status
    assert {name: code for name, code in read.errors.items() if name == "CreateFace"} == errors
    assert read.enrolment is None
    assert len(faces(owner, person)) == 1
    assert len(calls(action="CreateFace")) <= 1


def test_a_photo_turned_by_exif_is_enrolled_upright(owner: Owner) -> None:
    person = new_person(owner.cloud)
    owner.put(f"members/{person}/a.jpg", pictures.jpeg(pictures.portrait(), orientation=6))
    assert owner.stamped(f"members/{person}/a.jpg").enrolment is not None
    assert len(faces(owner, person)) == 2


def test_a_photo_deleted_just_before_its_enrolment_is_enrolled_when_it_is_back(owner: Owner) -> None:
    person = new_person(owner.cloud)
    key = f"members/{person}/a.jpg"
    delete = lambda: owner.cloud.cos().delete_object(Bucket=owner.bucket, Key=key)  # noqa: E731 - a fault's errand
    owner.cloud.faults.add(Fault("run", service="iai", action="CreateFace", by_worker=True, action_run=delete))

    owner.put(key, PORTRAIT)
    assert not owner.exists(key)
    assert len(faces(owner, person)) == 1

    owner.put(key, PORTRAIT)
    assert owner.stamped(key).errors == {}
    assert len(faces(owner, person)) == 2
    assert owner.letter(key) is None


def test_a_lost_reply_to_an_enrolment_does_not_enrol_twice(owner: Owner) -> None:
    person = new_person(owner.cloud)
    key, calls = f"members/{person}/a.jpg", owner.calls()
    owner.cloud.faults.add(Fault("drop", "after", "iai", "CreateFace", by_worker=True))

    owner.put(key, PORTRAIT)

    read = owner.stamped(key)
    assert read.enrolment is not None
    assert set(read.enrolment.face_ids) < set(faces(owner, person))
    assert len(faces(owner, person)) == 2
    assert len(calls(action="CreateFace")) == 1
