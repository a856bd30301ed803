"""Nothing that facestamp writes wakes it, and even where it is bound to wake itself, it stops at once."""

from __future__ import annotations

import json

import pytest

from infra.local.cloud import LocalCloud
from tests.conftest import Clouds
from tests.laws.scenes import Scene

ROUTES = [
    {"name": "photos", "prefix": "photos/", "operations": {"AnalyzeFace": {}}},
    {"name": "members", "prefix": "members/", "personId": "members/{person_id}/", "operations": {"CreateFace": {}}},
]


@pytest.fixture
def waking_itself(clouds: Clouds) -> Scene:
    """A stack whose functions somebody has bound to every kind of creation, copies too."""
    cloud = clouds(None, {"facestamp:routes": ROUTES})
    scf = cloud.api("scf", "2018-04-16")
    for route in ROUTES:
        function = cloud.outputs["functions"][route["name"]]
        for trigger in cloud.scf.triggers(function):
            cloud.scf.unbind(trigger)
        everything = {"event": "cos:ObjectCreated:*", "filter": {"Prefix": route["prefix"]}}
        host = f"{cloud.bucket}.cos.ap-guangzhou.myqcloud.com"
        bound = {"FunctionName": function, "TriggerName": host, "Type": "cos", "Enable": "OPEN"}
        scf.call_json("CreateTrigger", {**bound, "TriggerDesc": json.dumps(everything, separators=(",", ":"))})
    return Scene(cloud)


def test_a_stamp_wakes_no_function(scene: Scene, name: str) -> None:
    scene.person(name)
    scene.upload(f"photos/{name}.jpg")
    scene.upload(f"members/{name}/photo.jpg")
    scene.settle()

    assert scene.runs() == 2


def test_records_leases_and_dead_letters_wake_no_function(scene: Scene, name: str) -> None:
    with scene.fault("fail", service="iai", times=0, code="InternalError"):
        scene.upload(f"photos/{name}.jpg")

    assert scene.letter(f"photos/{name}.jpg") is not None
    assert scene.runs() == 3
    assert not [trigger for trigger in scene.cloud.scf.triggers() if trigger.bucket == scene.cloud.state_bucket]


def test_bound_to_its_own_copies_a_function_runs_once_more_and_writes_nothing(waking_itself: Scene, name: str) -> None:
    scene = waking_itself
    scene.upload(f"photos/{name}.jpg")
    scene.settle()

    assert scene.runs() == 2
    assert scene.paid() == {"AnalyzeFace": 1}
    worker_calls = scene.calls()
    last = worker_calls[-1].invocation
    assert [c.action for c in worker_calls if c.invocation == last] == ["GetObject", "GetObject"]
    assert len(scene.calls(action="PutObjectCopy")) == 1


def test_bound_to_its_own_copies_a_refused_member_is_no_loop_either(waking_itself: Scene, name: str) -> None:
    scene = waking_itself
    scene.upload(f"members/{name}/photo.jpg")
    scene.settle()

    told = scene.stamp(f"members/{name}/photo.jpg")
    assert told is not None
    assert told.errors == {"CreateFace": "InvalidParameterValue.PersonIdNotExist"}
    assert scene.runs() == 2
    assert len(scene.calls(action="PutObjectCopy")) == 1


def test_bound_to_its_own_copies_a_photo_that_cannot_be_stamped_is_no_loop(waking_itself: Scene, name: str) -> None:
    scene = waking_itself
    scene.upload(f"photos/{name}.jpg", StorageClass="ARCHIVE")
    scene.settle()

    assert scene.runs() == 1
    assert not scene.paid()


def test_a_user_who_copies_a_stamped_photo_elsewhere_gets_a_stamp_of_its_own(waking_itself: Scene, name: str) -> None:
    scene, one, two = waking_itself, f"photos/{name}-1.jpg", f"photos/{name}-2.jpg"
    scene.upload(one)
    scene.settle()
    cloud: LocalCloud = scene.cloud
    source = {"Bucket": cloud.bucket, "Key": one, "Region": "ap-guangzhou"}
    cloud.cos().copy_object(Bucket=cloud.bucket, Key=two, CopySource=source)
    scene.settle()

    first, second = scene.stamp(one), scene.stamp(two)
    assert first is not None
    assert second is not None
    assert first.result != second.result
    assert first.faces == second.faces
    assert scene.runs() == 4
