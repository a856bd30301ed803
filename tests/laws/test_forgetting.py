"""Forgetting that breaks at any moment: asked again, it ends with nothing left and nobody enrolled."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from facestamp.state import person_prefix, photo_name
from infra.local.readings import Readings
from tests.conftest import Clouds
from tests.http.conftest import Api
from tests.laws.scenes import Scene, put_event
from tests.laws.test_crashes import KILLED, LOST
from tests.uploads.owner import Owner, identity

OVER = 60.0
"""Seconds after which a dead worker's lease is over."""


def ask(scene: Scene, key: str) -> int:
    """Have the photo forgotten; the status."""
    api = Api(scene.cloud, scene.cloud.keyring.api["all"])
    return api.delete("/v1/photo/faces", key=key).status_code


def see_forgotten(scene: Scene, key: str) -> None:
    """See that nothing is left, and that a late event changes nothing."""
    told = scene.stamp(key)
    assert told is not None
    assert (told.status, told.count, told.faces, told.enrolment) == ("forgotten", 0, (), None), key
    photo = photo_name("members", scene.cloud.bucket, key, identity(Owner(scene.cloud).head(key)))
    assert scene.keys(f"answers/{photo}/") == []
    [record] = scene.state(f"records/{photo}.json").values()
    assert (record["answers"], record["forgotten"]["pending"]) == ({}, []), key
    assert scene.letter(key) is None
    late = Scene(scene.cloud)
    late.send(put_event(scene.cloud, key), "members")
    late.settle()
    assert late.paid() == {}


def sweep(scene: Scene, name: str, effect: str, when: str, before: Callable[[str], None] = lambda person: None) -> int:
    """Forget one enrolled photo after another, each with another request broken; how many requests there are."""
    for k in count(1):
        person, key = f"{name}-{k}", f"members/{name}-{k}/photo.jpg"
        scene.person(person)
        scene.upload(key)
        scene.settle()
        before(person)
        had = scene.faces(person)
        with scene.fault(effect, when, nth=k) as fault:
            ask(scene, key)
        scene.cloud.clock.skip(OVER)
        assert ask(scene, key) == 200, k
        see_forgotten(scene, key)
        told = str(scene.state(f"{person_prefix(person)}/"))
        assert [face for face in had[-1:] if face in told] == [], k
        assert scene.paid()["CreateFace"] == k
        if fault.seen < k:
            return k - 1
    raise AssertionError


@pytest.mark.parametrize(("effect", "when"), KILLED + LOST)
def test_whatever_breaks_while_a_photo_is_forgotten_asking_again_finishes_it(
    scene: Scene, name: str, effect: str, when: str
) -> None:
    requests = sweep(scene, name, effect, when)
    assert requests >= 15
    assert {len(scene.faces(f"{name}-{k}")) for k in range(1, requests + 2)} == {1}


@pytest.mark.parametrize(("effect", "when"), [("kill", "after"), ("drop", "after")])
def test_whatever_breaks_a_person_without_another_face_is_deleted(
    scene: Scene, name: str, effect: str, when: str
) -> None:
    def leave_one(person: str) -> None:
        first, _ = scene.faces(person)
        scene.cloud.api("iai", "2020-03-03").call_json("DeleteFace", {"PersonId": person, "FaceIds": [first]})

    requests = sweep(scene, name, effect, when, leave_one)
    assert requests >= 15
    for k in range(1, requests + 2):
        with pytest.raises(TencentCloudSDKException, match="PersonIdNotExist"):
            scene.faces(f"{name}-{k}")


def test_where_if_match_alone_decides_a_photo_is_forgotten_all_the_same(clouds: Clouds, name: str) -> None:
    scene = Scene(clouds(Readings(copy_conditions="if-match-wins")))
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    scene.upload(key)
    scene.settle()
    with scene.fault(
        "run", action="PutObjectCopy", action_run=lambda: scene.send(put_event(scene.cloud, key), "members")
    ):
        assert ask(scene, key) == 200
    see_forgotten(scene, key)
    assert len(scene.faces(name)) == 1


BOTH = pytest.mark.parametrize("conditions", ["all", "if-match-wins"])


@BOTH
def test_while_an_event_that_came_twice_is_about_to_put_the_stamp_on_nothing_is_forgotten(
    clouds: Clouds, name: str, conditions: Any
) -> None:
    scene = Scene(clouds(Readings(copy_conditions=conditions)))
    key, found = f"members/{name}/photo.jpg", list[int]()
    scene.person(name)
    scene.upload(key)
    scene.settle()
    scene.cloud.clock.skip(OVER)
    Owner(scene.cloud).strip(key)
    with scene.fault("run", action="PutObjectCopy", action_run=lambda: found.append(ask(scene, key))):
        scene.send(put_event(scene.cloud, key), "members")
    assert found == [409]
    assert told_of(scene, key) == "ok"

    scene.cloud.clock.skip(OVER)
    assert ask(scene, key) == 200
    see_forgotten(scene, key)
    assert len(scene.faces(name)) == 1


@BOTH
def test_nor_while_the_first_one_is_though_the_second_has_put_the_stamp_on(
    clouds: Clouds, name: str, conditions: Any
) -> None:
    scene = Scene(clouds(Readings(copy_conditions=conditions)))
    key, found = f"members/{name}/photo.jpg", list[int]()
    api = Api(scene.cloud, scene.cloud.keyring.api["all"])
    scene.person(name)

    def meanwhile() -> None:
        found.append(api.post("/v1/photo:stamp", key=key).status_code)
        found.append(ask(scene, key))

    with scene.fault("run", action="PutObjectCopy", action_run=meanwhile):
        scene.upload(key)
    assert found == [200, 409]
    assert told_of(scene, key) == "ok"

    scene.cloud.clock.skip(OVER)
    assert ask(scene, key) == 200
    see_forgotten(scene, key)
    assert len(scene.faces(name)) == 1


def test_right_after_its_upload_a_photo_is_forgotten_at_once_and_again(scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    for _ in range(3):
        scene.upload(key)
        scene.settle()
        assert told_of(scene, key) == "ok"
        assert ask(scene, key) == 200
        see_forgotten(scene, key)
        scene.cloud.clock.skip(2)
    assert len(scene.faces(name)) == 1


def told_of(scene: Scene, key: str) -> str:
    """What the stamp says became of the photo."""
    told = scene.stamp(key)
    return told.status if told else ""
