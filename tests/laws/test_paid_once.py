"""An answer is paid for once, however often and in whatever order the events come.

Two invocations may both put the stamp on, if the second reads the record just before the first one's copy: COS has no
condition that tells two metadata of one content in one second apart. Both write the same stamp.
"""

from __future__ import annotations

from infra.local.scf.delivery import Chaos
from tests.laws.scenes import Scene, put_event

ANALYSING = {"DetectFace": 1, "AnalyzeFace": 1, "DetectFaceAttributes": 1}


def test_a_second_identical_event_costs_one_request(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    before = scene.head(key)
    again = Scene(scene.cloud)

    again.send(put_event(scene.cloud, key))
    again.settle()

    assert [(call.action, call.paid) for call in again.calls()] == [("GetObject", False)]
    assert scene.head(key)["last-modified"] == before["last-modified"]
    assert scene.paid() == ANALYSING


def test_ten_identical_events_at_once_are_paid_for_once_and_stamp_once(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        for _ in range(9):
            scene.send(put_event(scene.cloud, key))
    scene.settle()

    assert scene.paid() == ANALYSING
    assert scene.stamp(key) is not None
    assert scene.runs() == 10
    assert scene.letter(key) is None


def test_ten_identical_events_one_after_the_other_are_paid_for_once(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    for _ in range(9):
        scene.send(put_event(scene.cloud, key))
        scene.settle()

    assert scene.paid() == ANALYSING
    assert scene.calls(action="PutObjectCopy", status=200)[1:] == []


def test_one_event_of_ten_identical_records_is_paid_for_once(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        scene.send(put_event(scene.cloud, *[key] * 10))
    scene.settle()

    assert scene.paid() == ANALYSING
    assert scene.stamp(key) is not None
    assert scene.letter(key) is None


def test_an_event_that_comes_again_after_five_hours_changes_nothing(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    before = scene.head(key)
    again = Scene(scene.cloud)

    again.send(put_event(scene.cloud, key, age=5 * 3600))
    again.settle()

    assert [call.action for call in again.calls()] == ["GetObject", "DeleteObject"]
    assert scene.head(key) == before


def test_the_same_bytes_uploaded_again_are_stamped_at_no_cost(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    first = scene.stamp(key)
    again = Scene(scene.cloud)

    again.upload(key)
    assert again.stamp(key) is None
    again.settle()

    assert again.stamp(key) == first
    assert not again.paid()


def test_every_event_doubled_late_and_out_of_order_is_paid_for_once(scene: Scene, name: str) -> None:
    keys = [f"photos/{name}-{number}.jpg" for number in range(6)]
    scene.cloud.scf.disturb(Chaos(seed=7, duplicate=1.0, delay=(0.0, 30.0), reorder=0.5))
    for key in keys:
        scene.upload(key)
    scene.cloud.scf.disturb(None)
    scene.settle()

    assert all(scene.stamp(key) for key in keys)
    assert scene.paid() == {operation: len(keys) for operation in ANALYSING}
