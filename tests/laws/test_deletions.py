"""A face or a person that the API has deleted: no stamp names it any more, and only a new upload enrols anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from facestamp.stamp import Stamp
from facestamp.state import person_prefix, photo_name, record_key
from infra.local.events import ObjectEvent, cos_event
from infra.local.faults import Fault
from tests.http.conftest import Api
from tests.laws.scenes import Scene, portrait, put_event
from tests.uploads.owner import Owner, identity


def stamped(scene: Scene, key: str) -> Stamp:
    told = scene.stamp(key)
    assert told is not None
    return told


def enrolled(scene: Scene, key: str) -> list[str]:
    """The faces that the stamp names."""
    told = stamped(scene, key).enrolment
    return list(told.face_ids) if told else []


def requested(scene: Scene, path: str) -> None:
    """Have something deleted over the API."""
    answer = Api(scene.cloud, scene.cloud.keyring.api["all"]).delete(path)
    assert answer.status_code == 200, answer.text


def delete_face(scene: Scene, name: str) -> None:
    """Delete the face that was enrolled."""
    _, added = scene.faces(name)
    requested(scene, f"/v1/persons/{name}/faces/{added}")


def replace_person(scene: Scene, name: str) -> None:
    """Delete the person, and make another one of that name."""
    requested(scene, f"/v1/persons/{name}")
    scene.person(name)


DELETIONS = pytest.mark.parametrize("delete", [delete_face, replace_person], ids=["a face", "a person"])
Deletion = Callable[[Scene, str], None]

GONE = {"CreateFace": "Facestamp.FaceDeleted"}


@pytest.fixture
def member(scene: Scene, name: str) -> str:
    """The key of a photo for a person of this name, who has one face."""
    scene.person(name)
    return f"members/{name}/photo.jpg"


@DELETIONS
def test_a_photo_uploaded_again_is_enrolled_anew_and_once(
    scene: Scene, name: str, member: str, delete: Deletion
) -> None:
    scene.upload(member)
    scene.settle()
    old = enrolled(scene, member)
    scene.cloud.clock.skip(2)
    delete(scene, name)
    scene.cloud.clock.skip(2)
    watched = Scene(scene.cloud)

    for _ in range(2):
        scene.upload(member)
        scene.settle()

    _, *added = scene.faces(name)
    assert enrolled(scene, member) == added
    assert len(added) == 1
    assert added != old
    assert watched.paid() == {"CreateFace": 1}
    assert scene.letter(member) is None


@DELETIONS
@pytest.mark.parametrize("event", ["Put", "Post", "CompleteMultipartUpload"])
def test_the_event_of_the_old_upload_enrols_nobody(
    scene: Scene, name: str, member: str, delete: Deletion, event: str
) -> None:
    scene.upload(member)
    scene.settle()
    delete(scene, name)
    watched = Scene(scene.cloud)

    for _ in range(2):
        meta = {"Content-Type": "image/jpeg"}
        told = ObjectEvent(scene.cloud.bucket, member, f"cos:ObjectCreated:{event}", meta=meta)
        scene.send(cos_event([told], scene.cloud.readings), "members")
        scene.settle()

    assert watched.paid() == {}
    assert len(scene.faces(name)) == 1
    assert scene.letter(member) is None


@DELETIONS
@pytest.mark.parametrize("unfinished", ["answer", "record", "stamp"])
def test_an_upload_that_broke_off_before_the_deletion_enrols_nobody_after_it(
    scene: Scene, name: str, member: str, delete: Deletion, unfinished: str
) -> None:
    with scene.cloud.scf.hold():
        scene.upload(member)
        photo = photo_name("members", scene.cloud.bucket, member, identity(Owner(scene.cloud).head(member)))
        record = f"{scene.cloud.state_bucket}/{record_key(photo)}"
        breaks: dict[str, dict[str, Any]] = {
            "answer": {"action": "CreateFace", "when": "after"},
            "record": {"action": "PutObject", "resource": record},
            "stamp": {"action": "PutObjectCopy"},
        }
        # The first try looks twice: before all, and before CreateFace. Those after it do not come far.
        look = {"action": "GetObject", "resource": f"{scene.cloud.bucket}/{member}", "direct": True}
        for broken in (breaks[unfinished], {**look, "nth": 3, "times": 0}):
            scene.cloud.faults.add(Fault("kill", by_worker=True, **broken))
    scene.settle()
    scene.cloud.faults.clear()
    assert scene.runs() == 3
    assert scene.stamp(member) is None
    scene.cloud.clock.skip(60)
    assert len(scene.faces(name)) == 2
    delete(scene, name)
    watched = Scene(scene.cloud)

    scene.send(put_event(scene.cloud, member), "members")
    scene.settle()

    assert watched.paid()["CreateFace"] == 0
    assert len(scene.faces(name)) == 1
    assert (enrolled(scene, member), stamped(scene, member).errors) == ([], GONE)
    scene.cloud.clock.skip(2)
    scene.upload(member)
    scene.settle()
    assert enrolled(scene, member) == scene.faces(name)[1:]
    assert stamped(scene, member).errors == {}


@DELETIONS
def test_where_no_stamp_can_be_the_event_of_the_old_upload_enrols_nobody_either(
    scene: Scene, name: str, member: str, delete: Deletion
) -> None:
    with scene.cloud.scf.hold():
        scene.upload(member)
        scene.cloud.storage.lock(scene.cloud.bucket, member)
    scene.settle()
    scene.cloud.clock.skip(2)
    delete(scene, name)
    watched = Scene(scene.cloud)

    for age in (0.0, 59.0):
        scene.send(put_event(scene.cloud, member, age=age), "members")
        scene.settle()

    assert watched.paid() == {}
    assert len(scene.faces(name)) == 1
    scene.cloud.storage.unlock(scene.cloud.bucket, member)
    scene.upload(member)
    scene.settle()
    assert enrolled(scene, member) == scene.faces(name)[1:]


@DELETIONS
def test_a_photo_that_is_stamped_on_demand_loses_the_deleted_face(
    scene: Scene, name: str, member: str, delete: Deletion
) -> None:
    scene.upload(member)
    scene.settle()
    before = stamped(scene, member)
    delete(scene, name)

    answer = Api(scene.cloud, scene.cloud.keyring.api["all"]).post("/v1/photo:stamp", key=member)

    assert answer.json()["outcome"] == "stamped"
    told = stamped(scene, member)
    assert (told.enrolment, told.errors) == (None, GONE)
    assert (told.status, told.faces) == (before.status, before.faces)
    assert len(scene.faces(name)) == 1


def test_whoever_went_with_the_group_is_not_named_by_a_photo_uploaded_again(
    scene: Scene, name: str, member: str
) -> None:
    scene.upload(member)
    scene.settle()
    requested(scene, "/v1/groups/members")
    scene.cloud.clock.skip(15)

    scene.upload(member)
    scene.settle()
    assert enrolled(scene, member) == []
    assert stamped(scene, member).errors == {"CreateFace": "InvalidParameterValue.PersonIdNotExist"}

    scene.person(name)
    scene.upload(member)
    scene.settle()
    assert enrolled(scene, member) == scene.faces(name)[1:]


def test_a_photo_uploaded_before_the_deletion_whose_event_comes_after_it_stays_out(
    scene: Scene, name: str, member: str
) -> None:
    scene.upload(member)
    scene.settle()
    scene.cloud.clock.skip(2)
    with scene.cloud.scf.hold():
        scene.upload(member)
        scene.cloud.clock.skip(2)
        delete_face(scene, name)
    scene.settle()
    assert len(scene.faces(name)) == 1
    assert (enrolled(scene, member), stamped(scene, member).errors) == ([], GONE)


def test_the_same_photo_under_another_key_is_enrolled_if_it_comes_after_the_deletion(
    scene: Scene, name: str, member: str
) -> None:
    other = f"members/{name}/other.jpg"
    scene.upload(member)
    scene.settle()
    scene.cloud.clock.skip(2)
    delete_face(scene, name)
    scene.cloud.clock.skip(2)
    scene.upload(other)
    scene.settle()
    assert enrolled(scene, other) == scene.faces(name)[1:]
    assert Owner(scene.cloud).head(member)["x-cos-meta-face-status"] == "ok"


@DELETIONS
def test_nothing_is_left_that_tells_of_the_face_but_for_the_photos_own_record(
    scene: Scene, name: str, member: str, delete: Deletion
) -> None:
    for _ in range(2):
        scene.upload(member)
        scene.settle()
        scene.cloud.clock.skip(2)
        _, face = scene.faces(name)
        assert face in str(scene.state(f"{person_prefix(name)}/"))
        delete(scene, name)
        scene.cloud.clock.skip(2)
        left = str(scene.state(f"{person_prefix(name)}/"))
        assert face not in left
        assert "FaceRect" not in left


def test_what_is_known_of_other_faces_is_kept(scene: Scene, name: str, member: str) -> None:
    other = f"members/{name}/other.jpg"
    for key, body in ((other, portrait(0.9)), (member, portrait())):
        scene.upload(key, body)
        scene.settle()
    _, kept, gone = scene.faces(name)
    requested(scene, f"/v1/persons/{name}/faces/{gone}")
    watched = Scene(scene.cloud)
    watched.upload(other, portrait(0.9))
    watched.settle()
    assert watched.paid() == {}
    assert enrolled(scene, other) == [kept] == scene.faces(name)[1:]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_deletion_that_breaks_off_while_it_cleans_up_is_finished_when_it_is_asked_again(
    scene: Scene, name: str, when: str
) -> None:
    broken = 0
    for k in range(1, 30):
        person, key = f"{name}-{k}", f"members/{name}-{k}/photo.jpg"
        scene.person(person)
        scene.upload(key)
        scene.settle()
        _, face = scene.faces(person)
        api = Api(scene.cloud, scene.cloud.keyring.api["all"])
        with scene.fault("kill", when, nth=k) as fault:
            api.delete(f"/v1/persons/{person}/faces/{face}")
        if fault.seen < k:
            break
        broken += 1
        scene.cloud.clock.skip(60)
        assert api.delete(f"/v1/persons/{person}/faces/{face}").status_code in (200, 404)
        assert face not in str(scene.state(f"{person_prefix(person)}/"))
        assert len(scene.faces(person)) == 1
    assert broken >= 10
