"""Having a photo forgotten: its faces, its record, and what its stamp says."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
import requests
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from facestamp import stamp
from facestamp.state import photo_name
from infra.local.cloud import LocalCloud
from infra.local.events import ObjectEvent, cos_event
from infra.local.faults import Fault
from tests.http.conftest import Api
from tests.laws.scenes import Scene, portrait, put_event
from tests.uploads.owner import Owner, identity
from tests.uploads.test_bad_objects import SSE_C

FORGOTTEN = {"x-cos-meta-face-stamp", "x-cos-meta-face-status", "x-cos-meta-face-count"}


@pytest.fixture
def scene(cloud: LocalCloud) -> Scene:
    """The shared cloud, watched from the test's beginning."""
    return Scene(cloud)


@pytest.fixture
def member(scene: Scene, name: str) -> str:
    """A photo that became a second face of a person of this name."""
    scene.person(name)
    key = f"members/{name}/photo.jpg"
    scene.upload(key)
    scene.settle()
    assert len(scene.faces(name)) == 2
    return key


def forget(api: Api, key: str, **more: str) -> dict[str, Any]:
    """Have a photo forgotten."""
    response = api.delete("/v1/photo/faces", key=key, **more)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def problem(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].rpartition("#")[2]


def kept_answers(scene: Scene, key: str) -> list[str]:
    """The answers that an unfinished attempt left in the state bucket."""
    owner = Owner(scene.cloud)
    return scene.keys(f"answers/{photo_name('members', scene.cloud.bucket, key, identity(owner.head(key)))}/")


def is_forgotten(scene: Scene, key: str) -> bool:
    """Whether nothing about the photo is left anywhere, and its stamp says so."""
    there = {name for name in scene.head(key) if name in stamp.NAMES}
    told = scene.stamp(key)
    return there == FORGOTTEN and told is not None and (told.status, told.count) == ("forgotten", 0)


# -- what goes, and what stays ----------------------------------------------------------------------------------------


def test_a_members_face_leaves_the_library_and_the_person_stays(api: Api, scene: Scene, name: str, member: str) -> None:
    first, added = scene.faces(name)

    told = forget(api, member)

    assert scene.faces(name) == [first]
    assert told["people"] == [{"person_id": name, "face_ids": [added], "person_deleted": False}]
    assert (told["outcome"], told["person_deleted"]) == ("stamped", False)
    assert is_forgotten(scene, member)
    record = api.get("/v1/photo", key=member, record="true").json()
    assert record["record"] == {"forgotten": True, "answers": []}
    assert record["confirmed"] is True
    assert record["stamp"]["status"] == "forgotten"
    kept = [body for body in scene.state("records/members/").values() if body["photo"]["key"] == member]
    assert [(body["answers"], body["forgotten"]["pending"]) for body in kept] == [({}, [])]


def test_nothing_of_the_uploaders_is_lost(api: Api, scene: Scene, name: str) -> None:
    owner, key = Owner(scene.cloud), f"photos/{name}.jpg"
    owner.put(
        key,
        portrait(),
        ContentType="image/jpeg",
        CacheControl="max-age=60",
        ContentDisposition="inline",
        ContentLanguage="de",
        ACL="public-read",
        StorageClass="STANDARD_IA",
        Metadata={"x-cos-meta-mine": "kept", "x-cos-tagging": "a=b%20c"},
    )
    assert owner.stamped(key).status == "ok"
    before = owner.seen(key)

    forget(api, key)

    assert owner.seen(key) == before
    assert is_forgotten(scene, key)


def test_with_the_last_face_the_person_goes_and_the_answer_says_so(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    first, added = scene.faces(name)
    scene.cloud.api("iai", "2020-03-03").call_json("DeleteFace", {"PersonId": name, "FaceIds": [first]})

    told = forget(api, member)

    assert told["person_deleted"] is True
    assert told["people"] == [{"person_id": name, "face_ids": [added], "person_deleted": True}]
    with pytest.raises(TencentCloudSDKException, match="PersonIdNotExist"):
        scene.faces(name)


def test_of_two_photos_of_one_person_the_other_stays_enrolled(api: Api, scene: Scene, name: str, member: str) -> None:
    other = f"members/{name}/other.jpg"
    scene.upload(other, portrait(0.9))
    scene.settle()
    first, mine, others = scene.faces(name)
    before = scene.head(other)

    told = forget(api, member)

    assert told["people"][0]["face_ids"] == [mine]
    assert scene.faces(name) == [first, others]
    assert scene.head(other) == before


def test_the_same_bytes_under_two_keys_are_one_face_which_both_lose(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    other = f"members/{name}/again.jpg"
    scene.upload(other)
    scene.settle()
    assert len(scene.faces(name)) == 2

    forget(api, member)

    assert len(scene.faces(name)) == 1
    assert forget(api, other)["people"][0]["face_ids"] == []
    assert is_forgotten(scene, other)


def test_a_photo_without_faces_in_a_library_is_forgotten_too(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    told = forget(api, key)
    assert (told["people"], told["person_deleted"], told["outcome"]) == ([], False, "stamped")
    assert is_forgotten(scene, key)
    assert api.get("/v1/photo/overlay.svg", key=key).text.count("It is forgotten.") == 1


def test_forgetting_again_changes_nothing(api: Api, scene: Scene, name: str, member: str) -> None:
    forget(api, member)
    before, faces = scene.head(member), scene.faces(name)
    told = forget(api, member)
    assert (told["outcome"], told["people"][0]["face_ids"], told["person_deleted"]) == ("stamped", [], False)
    assert (scene.head(member), scene.faces(name)) == (before, faces)


def test_a_face_of_which_no_answer_was_ever_heard_goes_too(api: Api, scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.fault("kill", "after", action="CreateFace", times=0):
        scene.upload(key)
    assert len(scene.faces(name)) == 2
    assert kept_answers(scene, key)
    scene.cloud.clock.skip(60)

    told = forget(api, key)

    assert len(told["people"][0]["face_ids"]) == 1
    assert len(scene.faces(name)) == 1
    assert not kept_answers(scene, key)


def test_the_dead_letter_goes_too(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    with scene.fault("fail", action="AnalyzeFace", code="UnauthorizedOperation"):
        scene.upload(key)
    assert scene.letter(key) is not None
    forget(api, key)
    assert scene.letter(key) is None


# -- faces that requests have added -----------------------------------------------------------------------------------


def add(api: Api, person: str, key: str, **more: Any) -> requests.Response:
    """Enrol a photo of the bucket for somebody."""
    return api.post(f"/v1/persons/{person}/faces", {"keys": [key], **more})


def make(api: Api, person: str, key: str) -> requests.Response:
    """Make somebody whose first face is a photo of the bucket."""
    asked = {"group_id": "members", "person_id": person, "person_name": "Ada", "key": key}
    return api.post("/v1/persons", asked)


def nobody_is(scene: Scene, person: str) -> bool:
    with pytest.raises(TencentCloudSDKException, match="PersonIdNotExist"):
        scene.faces(person)
    return True


def test_a_face_that_a_request_added_with_other_parameters_goes_too(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    for threshold in (50, 40):
        assert add(api, name, member, face_match_threshold=threshold).status_code == 200
    first, *added = scene.faces(name)
    assert len(added) == 3

    told = forget(api, member)

    assert scene.faces(name) == [first]
    assert [sorted(person["face_ids"]) for person in told["people"]] == [sorted(added)]


@pytest.mark.parametrize("route", ["photos", "members"])
def test_a_photo_that_requests_enrolled_for_others_leaves_them_too(
    api: Api, scene: Scene, name: str, route: str
) -> None:
    key = f"{route}/{name}/photo.jpg"
    scene.person(name)
    scene.upload(key)
    scene.settle()
    scene.person(f"other-{name}", portrait(0.9))
    (first,) = scene.faces(f"other-{name}")
    assert add(api, f"other-{name}", key).status_code == 200
    assert make(api, f"third-{name}", key).status_code == 200

    told = forget(api, key)

    assert scene.faces(f"other-{name}") == [first]
    assert nobody_is(scene, f"third-{name}")
    assert len(scene.faces(name)) == 1
    gone = {person["person_id"]: person["person_deleted"] for person in told["people"] if person["face_ids"]}
    enrolled = {name: False} if route == "members" else {}
    assert gone == {**enrolled, f"other-{name}": False, f"third-{name}": True}
    again = forget(api, key)
    assert not any(person["face_ids"] for person in again["people"])
    assert is_forgotten(scene, key)


def test_a_deleted_photo_that_a_request_enrolled_is_forgotten_by_its_identity(
    api: Api, scene: Scene, name: str
) -> None:
    key = f"photos/{name}.jpg"
    scene.person(name, portrait(0.9))
    with scene.cloud.scf.hold():
        scene.upload(key)
        assert add(api, name, key).status_code == 200
        content = api.get("/v1/photo", key=key).json()["identity"]
        scene.delete(key)
    scene.settle()
    assert len(scene.faces(name)) == 2
    assert forget(api, key, identity=content)["outcome"] == "gone"
    assert len(scene.faces(name)) == 1


def test_another_photo_of_the_person_stays_and_so_does_a_picture_that_was_sent_itself(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    other = f"photos/{name}.jpg"
    scene.upload(other, portrait(0.8))
    scene.settle()
    assert add(api, name, other).status_code == 200
    sent = {"images": [base64.b64encode(portrait()).decode()]}
    assert api.post(f"/v1/persons/{name}/faces", sent).status_code == 200
    first, mine, *others = scene.faces(name)
    assert forget(api, member)["people"][0]["face_ids"] == [mine]
    assert scene.faces(name) == [first, *others]
    assert len(others) == 2


def test_a_forgotten_photo_is_enrolled_by_nobody_until_it_is_uploaded_again(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    forget(api, member)
    for refused in (add(api, name, member), make(api, f"other-{name}", member)):
        assert problem(refused) == (409, "conflict")
        assert refused.json()["code"] == "Facestamp.PhotoForgotten"
    assert nobody_is(scene, f"other-{name}")
    scene.cloud.clock.skip(2)
    scene.upload(member)
    scene.settle()
    assert add(api, name, member).status_code == 200
    assert make(api, f"other-{name}", member).status_code == 200
    assert len(scene.faces(name)) == 2


@pytest.mark.parametrize("nth", range(1, 11))
@pytest.mark.parametrize("ask", [add, make])
def test_forgotten_at_any_moment_of_a_request_that_enrols_the_photo_no_face_of_it_remains(
    api: Api, scene: Scene, name: str, nth: int, ask: Callable[[Api, str, str], requests.Response]
) -> None:
    key, other = f"photos/{name}.jpg", f"other-{name}"
    scene.upload(key)
    scene.settle()
    if ask is add:
        scene.person(other, portrait(0.9))
    begun: list[Future[requests.Response]] = []

    def meanwhile() -> None:
        begun.append(pool.submit(lambda: api.delete("/v1/photo/faces", key=key)))
        # It may have to wait for the request's turn to end.
        wait(begun, timeout=0.5)

    with ThreadPoolExecutor(1) as pool:
        scene.cloud.faults.add(Fault("run", by_worker=True, nth=nth, action_run=meanwhile))
        answer = ask(api, other, key)
    scene.cloud.faults.clear()

    assert [each.result().status_code for each in begun] == [200]
    assert answer.status_code in (200, 409)
    assert is_forgotten(scene, key)
    assert len(scene.faces(other)) == 1 if ask is add else nobody_is(scene, other)


# -- what comes later -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [0.0, 59.0, 7 * 3600.0])
def test_a_late_event_enrols_nobody_and_pays_nothing(
    api: Api, scene: Scene, name: str, member: str, age: float
) -> None:
    forget(api, member)
    before, watched = scene.head(member), Scene(scene.cloud)

    for _ in range(2):
        watched.send(put_event(scene.cloud, member, age=age), "members")
    watched.settle()

    assert watched.paid() == {}
    assert {call.action for call in watched.calls()} <= {"GetObject", "DeleteObject"}
    assert len(scene.faces(name)) == 1
    assert scene.head(member) == before
    assert {line["happened"] for line in watched.said()} == {"forgotten"}


@pytest.mark.parametrize("event", ["Post", "CompleteMultipartUpload"])
def test_an_event_that_tells_less_enrols_nobody_either(
    api: Api, scene: Scene, name: str, member: str, event: str
) -> None:
    forget(api, member)
    watched = Scene(scene.cloud)
    told = ObjectEvent(scene.cloud.bucket, member, f"cos:ObjectCreated:{event}")
    watched.send(cos_event([told], scene.cloud.readings), "members")
    watched.settle()
    assert watched.paid() == {}
    assert len(scene.faces(name)) == 1
    assert is_forgotten(scene, member)


def test_an_event_that_comes_only_after_forgetting_is_no_upload_any_more(api: Api, scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.cloud.scf.hold():
        scene.upload(key)
        assert forget(api, key)["outcome"] == "stamped"
    scene.settle()
    assert scene.paid() == {}
    assert len(scene.faces(name)) == 1
    assert is_forgotten(scene, key)


def test_the_same_photo_uploaded_again_is_a_new_one(api: Api, scene: Scene, name: str, member: str) -> None:
    _, old = scene.faces(name)
    forget(api, member)
    scene.cloud.clock.skip(2)
    watched = Scene(scene.cloud)

    scene.upload(member)
    scene.settle()

    first, new = scene.faces(name)
    assert new != old
    told = scene.stamp(member)
    assert told is not None
    assert told.enrolment is not None
    assert (told.status, told.enrolment.face_ids) == ("ok", (new,))
    assert watched.paid() == {"DetectFace": 1, "CreateFace": 1}

    assert forget(api, member)["people"][0]["face_ids"] == [new]
    assert scene.faces(name) == [first]


def test_the_same_photo_uploaded_again_at_once_is_a_new_one_too(api: Api, scene: Scene, name: str) -> None:
    """Within the second that COS's times have, the stamp tells the two apart."""
    key = f"photos/{name}.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        forget(api, key)
        scene.upload(key)
    scene.settle()
    told = scene.stamp(key)
    assert told is not None
    assert told.status == "ok"


def test_a_forgotten_photo_cannot_be_stamped_until_it_is_uploaded_again(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    forget(api, member)
    watched = Scene(scene.cloud)
    assert problem(api.post("/v1/photo:stamp", key=member)) == (409, "conflict")
    assert watched.paid() == {}
    scene.cloud.clock.skip(2)
    with scene.cloud.scf.hold():
        scene.upload(member)
        assert api.post("/v1/photo:stamp", key=member).json()["outcome"] == "stamped"
    assert len(scene.faces(name)) == 2


def test_a_stamp_that_claims_to_be_forgotten_is_not_believed(api: Api, scene: Scene, name: str) -> None:
    real, forged = f"photos/{name}.jpg", f"photos/{name}-2.jpg"
    scene.upload(real)
    scene.settle()
    forget(api, real)
    meta = {n: v for n, v in scene.head(real).items() if n in stamp.NAMES}

    scene.upload(forged, None, Metadata=meta)
    scene.settle()

    told = scene.stamp(forged)
    assert told is not None
    assert (told.status, told.count) == ("ok", 1)


# -- what happens at the same time ------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["CreateFace", "PutObjectCopy"])
def test_while_the_upload_is_worked_on_nothing_is_forgotten(api: Api, scene: Scene, name: str, action: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    found: list[requests.Response] = []
    scene.cloud.faults.add(
        Fault("run", action=action, action_run=lambda: found.append(api.delete("/v1/photo/faces", key=key)))
    )
    scene.upload(key)
    scene.settle()
    scene.cloud.faults.clear()

    assert [problem(response) for response in found] == [(409, "busy")]
    told = scene.stamp(key)
    assert told is not None
    assert told.status == "ok"
    assert len(forget(api, key)["people"][0]["face_ids"]) == 1
    assert len(scene.faces(name)) == 1


def test_a_photo_forgotten_between_an_events_look_and_its_lease_stays_so(api: Api, scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    told: list[dict[str, Any]] = []
    scene.cloud.faults.add(
        Fault("run", action="PutObject", by_worker=True, action_run=lambda: told.append(forget(api, key)))
    )
    scene.upload(key)
    scene.settle()
    assert [one["outcome"] for one in told] == ["stamped"]
    assert scene.paid() == {}
    assert len(scene.faces(name)) == 1
    assert is_forgotten(scene, key)
    assert scene.letter(key) is None


@pytest.mark.parametrize("action", ["DeleteFace", "PutObjectCopy", "PutObject"])
def test_an_event_that_comes_while_the_photo_is_forgotten_finds_it_so(
    api: Api, scene: Scene, name: str, member: str, action: str
) -> None:
    watched = Scene(scene.cloud)
    event = put_event(scene.cloud, member)
    scene.cloud.faults.add(
        Fault(
            "run", action=action, action_run=lambda: scene.send(event, "members"), nth=2 if action == "PutObject" else 1
        )
    )

    assert forget(api, member)["outcome"] == "stamped"
    scene.settle()
    scene.cloud.faults.clear()

    assert watched.paid() == {}
    assert len(scene.faces(name)) == 1
    assert is_forgotten(scene, member)
    assert scene.letter(member) is None


def test_an_upload_of_the_same_photo_meanwhile_is_forgotten_with_it(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    scene.cloud.faults.add(Fault("run", action="PutObjectCopy", action_run=lambda: scene.upload(member)))
    scene.cloud.clock.skip(2)
    assert forget(api, member)["outcome"] == "stamped"
    scene.settle()
    assert len(scene.faces(name)) == 1
    assert is_forgotten(scene, member)
    assert scene.letter(member) is None


def test_a_photo_replaced_while_it_is_forgotten_is_a_new_one(api: Api, scene: Scene, name: str, member: str) -> None:
    scene.cloud.faults.add(Fault("run", action="DeleteFace", action_run=lambda: scene.upload(member, portrait(0.8))))
    told = forget(api, member)
    scene.settle()

    assert told["outcome"] == "gone"
    now = scene.stamp(member)
    assert now is not None
    assert now.enrolment is not None
    assert list(now.enrolment.face_ids) == scene.faces(name)[1:]
    assert now.identity != told["identity"]
    assert len([b for b in scene.state("records/members/").values() if b["photo"]["key"] == member]) == 1


def test_metadata_written_while_the_photo_is_forgotten_stays(api: Api, scene: Scene, name: str, member: str) -> None:
    def describe() -> None:
        cloud, source = scene.cloud, {"Bucket": scene.cloud.bucket, "Key": member, "Region": "ap-guangzhou"}
        meta = {"x-cos-meta-caption": "mine"}
        cloud.cos().copy_object(
            Bucket=cloud.bucket, Key=member, CopySource=source, CopyStatus="Replaced", Metadata=meta
        )

    scene.cloud.clock.skip(2)
    scene.cloud.faults.add(Fault("run", action="PutObjectCopy", by_worker=True, action_run=describe))
    assert forget(api, member)["outcome"] == "stamped"
    assert scene.head(member)["x-cos-meta-caption"] == "mine"
    assert is_forgotten(scene, member)


# -- where no stamp can be, and photos that are gone ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["locked", "no room", "own key"])
def test_where_no_stamp_can_be_the_record_alone_tells_events(api: Api, scene: Scene, name: str, how: str) -> None:
    owner, key = Owner(scene.cloud), f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.cloud.scf.hold():
        if how == "own key":
            owner.put_raw(key, portrait(), SSE_C)
        else:
            scene.upload(key, None, Metadata={"x-cos-meta-mine": "m" * 2030} if how == "no room" else {})
        if how == "locked":
            scene.cloud.storage.lock(scene.cloud.bucket, key)
    scene.settle()
    enrolled = 1 if how == "own key" else 2
    assert len(scene.faces(name)) == enrolled
    scene.cloud.clock.skip(60)

    told = forget(api, key)

    assert told["outcome"] == "recorded"
    assert len(scene.faces(name)) == 1
    for age in (0.0, 59.0):
        watched = Scene(scene.cloud)
        watched.send(put_event(scene.cloud, key, age=age), "members")
        watched.settle()
        assert watched.paid() == {}
    assert len(scene.faces(name)) == 1
    assert problem(api.post("/v1/photo:stamp", key=key)) == (409, "conflict")
    assert forget(api, key)["outcome"] == "recorded"

    if how == "locked":
        scene.cloud.storage.unlock(scene.cloud.bucket, key)
    scene.cloud.clock.skip(2)
    scene.upload(key)
    scene.settle()
    assert len(scene.faces(name)) == 2
    again = scene.stamp(key)
    assert again is not None
    assert again.status == "ok"


def test_an_archived_photo_keeps_its_old_stamp_and_is_forgotten_all_the_same(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    cloud, source = scene.cloud, {"Bucket": scene.cloud.bucket, "Key": member, "Region": "ap-guangzhou"}
    meta = {n: v for n, v in scene.head(member).items() if n in stamp.NAMES} | {"x-cos-storage-class": "ARCHIVE"}
    cloud.cos().copy_object(Bucket=cloud.bucket, Key=member, CopySource=source, CopyStatus="Replaced", Metadata=meta)
    before = scene.head(member)
    assert before["x-cos-meta-face-status"] == "ok"

    told = forget(api, member)

    assert told["outcome"] == "recorded"
    assert len(scene.faces(name)) == 1
    assert scene.head(member) == before
    scene.send(put_event(cloud, member), "members")
    scene.settle()
    assert len(scene.faces(name)) == 1


def test_a_deleted_photo_is_forgotten_by_its_identity(api: Api, scene: Scene, name: str, member: str) -> None:
    content = api.get("/v1/photo", key=member).json()["identity"]
    scene.delete(member)

    assert problem(api.delete("/v1/photo/faces", key=member)) == (404, "unknown")
    told = forget(api, member, identity=content)

    assert (told["outcome"], told["identity"]) == ("gone", content)
    assert len(scene.faces(name)) == 1
    assert not [b for b in scene.state("records/members/").values() if b["photo"]["key"] == member]
    assert forget(api, member, identity=content)["outcome"] == "gone"


def test_what_a_replaced_photo_showed_is_forgotten_by_its_identity(
    api: Api, scene: Scene, name: str, member: str
) -> None:
    content = api.get("/v1/photo", key=member).json()["identity"]
    scene.upload(member, portrait(0.8))
    scene.settle()
    before = scene.head(member)
    first, old, new = scene.faces(name)

    assert forget(api, member, identity=content)["people"][0]["face_ids"] == [old]

    assert scene.faces(name) == [first, new]
    assert scene.head(member) == before


@pytest.mark.parametrize("content", ["123-456", "d41d8cd98f00b204e9800998ecf8427e-2-7"])
def test_of_a_content_that_nobody_ever_saw_there_is_nothing_to_forget(
    api: Api, scene: Scene, name: str, content: str
) -> None:
    response = api.delete("/v1/photo/faces", key=f"photos/{name}.jpg", identity=content)
    assert problem(response) == (404, "unknown")
    assert not [call for call in scene.calls() if call.action == "PutObject"]


@pytest.mark.parametrize("content", ["", "123", "../1-2", "1-" + "9" * 17])
def test_what_is_no_identity_is_400(api: Api, name: str, content: str) -> None:
    response = api.delete("/v1/photo/faces", key=f"photos/{name}.jpg", identity=content)
    assert response.status_code == 400
