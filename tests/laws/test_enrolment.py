"""CreateFace adds one face for one photo of one person, whatever happens to the call or beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from infra.local.faults import Fault
from tests.laws.scenes import Scene, portrait, put_event


@pytest.fixture
def slow_to_show(scene: Scene) -> Iterator[Scene]:
    """A face service on which a new face takes its documented five seconds to take effect."""
    scene.cloud.iai.settle = 5.0
    yield scene
    scene.cloud.iai.settle = 0.0


def enrolled(scene: Scene, key: str) -> tuple[str, ...]:
    told = scene.stamp(key)
    assert told is not None
    assert told.enrolment is not None, told.errors
    return told.enrolment.face_ids


def test_a_member_is_enrolled_and_the_stamp_names_the_face(scene: Scene, name: str) -> None:
    scene.person(name)
    scene.upload(f"members/{name}/photo.jpg")
    scene.settle()

    _, *added = scene.faces(name)
    assert list(enrolled(scene, f"members/{name}/photo.jpg")) == added
    assert len(added) == 1


@pytest.mark.parametrize("effect", ["drop", "kill"])
def test_a_face_that_shows_late_after_its_answer_was_lost_is_not_added_again(
    slow_to_show: Scene, name: str, effect: str
) -> None:
    scene, key = slow_to_show, f"members/{name}/photo.jpg"
    scene.person(name)
    scene.cloud.clock.skip(10)
    with scene.fault(effect, "after", action="CreateFace"):
        scene.upload(key)
    scene.cloud.clock.skip(10)

    _, *added = scene.faces(name)
    assert list(enrolled(scene, key)) == added
    assert len(added) == 1
    assert scene.paid()["CreateFace"] == 1
    assert scene.letter(key) is None


def test_ten_identical_events_at_once_enrol_once(scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.cloud.scf.hold():
        scene.upload(key)
        for _ in range(9):
            scene.send(put_event(scene.cloud, key), "members")
    scene.settle()

    assert len(scene.faces(name)) == 2
    assert scene.paid() == {"DetectFace": 1, "CreateFace": 1}
    assert scene.letter(key) is None


@pytest.mark.parametrize("photos", [2, 4])
def test_photos_of_one_person_uploaded_at_once_are_all_enrolled(scene: Scene, name: str, photos: int) -> None:
    keys = [f"members/{name}/{number}.jpg" for number in range(photos)]
    scene.person(name)
    with scene.fault("delay", action="CreateFace", times=0, seconds=0.5), scene.cloud.scf.hold():
        for number, key in enumerate(keys):
            scene.upload(key, portrait(1.0 - 0.05 * number))

    _, *added = scene.faces(name)
    assert sorted(face for key in keys for face in enrolled(scene, key)) == sorted(added)
    assert len(added) == photos
    assert scene.paid() == {"DetectFace": photos, "CreateFace": photos}
    assert scene.runs() == photos
    assert not any(scene.letter(key) for key in keys)


def test_the_same_bytes_under_two_keys_of_one_person_at_once_enrol_once(scene: Scene, name: str) -> None:
    keys = [f"members/{name}/one.jpg", f"members/{name}/two.jpg"]
    scene.person(name)
    with scene.cloud.scf.hold():
        for key in keys:
            scene.upload(key)
    scene.settle()

    _, *added = scene.faces(name)
    assert [list(enrolled(scene, key)) for key in keys] == [added, added]
    assert len(added) == 1
    assert not any(scene.letter(key) for key in keys)


def test_a_sixth_face_is_refused_in_tencents_words_and_the_photo_is_stamped(scene: Scene, name: str) -> None:
    scene.person(name)
    keys = [f"members/{name}/{number}.jpg" for number in range(5)]
    for number, key in enumerate(keys):
        scene.upload(key, portrait(1.0 - 0.05 * number))
        scene.settle()

    told = scene.stamp(keys[-1])
    assert told is not None
    assert told.errors == {"CreateFace": "InvalidParameterValue.PersonFaceNumExceed"}
    assert len(scene.faces(name)) == 5
    assert scene.paid() == {"DetectFace": 5, "CreateFace": 4}


@pytest.mark.parametrize("code", ["FailedOperation.CreateFaceConcurrent", "RequestLimitExceeded"])
def test_a_createface_that_was_refused_for_now_is_tried_again_and_enrols_once(
    scene: Scene, name: str, code: str
) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.fault("fail", action="CreateFace", code=code, times=2):
        scene.upload(key)

    _, *added = scene.faces(name)
    assert list(enrolled(scene, key)) == added
    assert len(added) == 1
    assert scene.letter(key) is None


def test_a_createface_that_ends_in_an_error_of_the_service_is_never_called_blindly_again(
    scene: Scene, name: str
) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.fault("fail", "after", action="CreateFace", code="InternalError"):
        scene.upload(key)

    _, *added = scene.faces(name)
    assert list(enrolled(scene, key)) == added
    assert len(added) == 1


def test_a_person_made_after_the_photo_is_enrolled_when_the_photo_comes_again(scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.upload(key)
    scene.settle()
    refused = scene.stamp(key)
    assert refused is not None
    assert refused.errors == {"CreateFace": "InvalidParameterValue.PersonIdNotExist"}

    scene.person(name)
    scene.upload(key)
    scene.settle()

    assert list(enrolled(scene, key)) == scene.faces(name)[1:]
    assert scene.paid() == {"DetectFace": 1, "CreateFace": 1}


def test_faces_that_nobody_here_added_stop_the_enrolment_and_call_for_a_person(scene: Scene, name: str) -> None:
    """Two new faces, one lost answer: which of them is ours, no one can tell."""
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    before = len(scene.cloud.scf.logs())

    def somebody_else() -> None:
        urls = {"PersonId": name, "Images": [_base64(0.7)]}
        scene.cloud.api("iai", "2020-03-03").call_json("CreateFace", urls)

    scene.cloud.faults.add(Fault("run", action="GetPersonBaseInfo", nth=2, action_run=somebody_else))
    with scene.fault("drop", "after", action="CreateFace"):
        scene.upload(key)

    told = scene.stamp(key)
    assert told is not None
    assert told.errors == {"CreateFace": "Facestamp.EnrolmentUnknown"}
    assert len(scene.faces(name)) == 3
    scene.send(put_event(scene.cloud, key), "members")
    scene.settle()
    letter = scene.letter(key)
    assert letter is not None
    assert [(error["action"], error["code"]) for error in letter["errors"]] == [
        ("iai:CreateFace", "Facestamp.EnrolmentUnknown")
    ]
    lines = [line.text for line in scene.cloud.scf.logs()[before:] if "Facestamp.EnrolmentUnknown" in line.text]
    assert len(lines) == 2
    assert all('"verdict": "operator"' in line for line in lines)
    assert scene.paid()["CreateFace"] == 1


def test_a_photo_that_is_replaced_before_its_turn_is_not_enrolled(scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    replaced = Fault("run", action="GetPersonBaseInfo", action_run=lambda: scene.upload(key, portrait(0.9)))
    scene.cloud.faults.add(replaced)
    scene.upload(key)
    scene.settle()

    _, *added = scene.faces(name)
    assert list(enrolled(scene, key)) == added
    assert len(added) == 1
    assert scene.paid()["CreateFace"] == 1


def _base64(brightness: float) -> str:
    return base64.b64encode(portrait(brightness)).decode()
