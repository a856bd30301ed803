"""A function that dies, or loses a request or its answer, at any moment: the photo is stamped all the same.

What holds, and why. A worker that dies loses what it was told and had not kept yet. Operations run side by side, so a
death while they do can repeat those that were under way, and each once; an answer that was kept is never bought again.
Where a route has one analysing operation, one call in all may be repeated. A lost answer repeats its own call alone.
CreateFace is never repeated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count

import pytest

from facestamp.stamp import Stamp
from infra.local.cloud import LocalCloud
from tests.conftest import Clouds
from tests.laws.scenes import Scene

KILLED = [("kill", "before"), ("kill", "after")]
LOST = [("drop", "before"), ("drop", "after")]

THREE = {"DetectFace", "AnalyzeFace", "DetectFaceAttributes"}


def sweep(
    cloud: LocalCloud,
    effect: str,
    when: str,
    upload: Callable[[Scene, int], None],
    check: Callable[[Scene, int], None],
) -> int:
    """Break every request in turn, each in an upload of its own, until there is none left; how many there are."""
    for k in count(1):
        scene = Scene(cloud)
        with scene.fault(effect, when, nth=k) as fault:
            upload(scene, k)
        check(scene, k)
        if fault.seen < k:
            return k - 1
    raise AssertionError


def kept_by_the_dead(scene: Scene) -> set[str]:
    """The operations whose answers the first worker knew to be kept."""
    first = scene.calls()[0].worker
    kept = [c.resource for c in scene.calls(worker=first, action="PutObject", status=200)]
    answers = [resource.partition("/")[2] for resource in kept if "/answers/" in resource or "/records/" in resource]
    told = [scene.state(key)[key] for key in answers]
    return {
        answer["Operation"] for body in told for answer in (body["answers"].values() if "answers" in body else [body])
    }


def like(one: Stamp | None, other: Stamp | None) -> bool:
    """Whether two stamps say the same of two objects of one content."""
    return one is not None and other is not None and told(one) == told(other)


def told(stamp: Stamp) -> tuple[object, ...]:
    return stamp.identity, stamp.status, stamp.count, stamp.size, stamp.faces, dict(stamp.errors)


def undisturbed(scene: Scene, key: str) -> Stamp | None:
    """The stamp of the portrait on a good day."""
    scene.upload(key)
    scene.settle()
    return scene.stamp(key)


def finished(scene: Scene, key: str, right: Stamp | None) -> Counter[str]:
    """See that the photo has the right stamp and no dead letter; how often each operation was paid for."""
    assert like(scene.stamp(key), right), key
    assert scene.letter(key) is None
    paid = scene.paid()
    assert set(paid) == THREE
    return paid


@pytest.mark.parametrize(("effect", "when"), KILLED)
def test_killed_at_any_request_the_photo_is_stamped_and_what_was_kept_is_not_bought_again(
    scene: Scene, name: str, effect: str, when: str
) -> None:
    right = undisturbed(scene, f"photos/{name}.jpg")

    def upload(scene: Scene, k: int) -> None:
        scene.upload(f"photos/{name}-{k}.jpg")

    def check(scene: Scene, k: int) -> None:
        paid = finished(scene, f"photos/{name}-{k}.jpg", right)
        assert max(paid.values()) <= 2, k
        first = scene.calls()[0].worker
        bought_again = {c.action for c in scene.calls(paid=True) if c.worker != first}
        assert not bought_again & kept_by_the_dead(scene), k
        assert scene.runs() <= 2

    assert sweep(scene.cloud, effect, when, upload, check) >= 10


@pytest.mark.parametrize(("effect", "when"), LOST)
def test_any_one_request_or_answer_lost_the_photo_is_stamped_and_one_call_repeated_at_most(
    scene: Scene, name: str, effect: str, when: str
) -> None:
    right = undisturbed(scene, f"photos/{name}.jpg")

    def upload(scene: Scene, k: int) -> None:
        scene.upload(f"photos/{name}-{k}.jpg")

    def check(scene: Scene, k: int) -> None:
        paid = finished(scene, f"photos/{name}-{k}.jpg", right)
        assert paid.total() <= (4 if when == "after" else 3), k
        assert scene.runs() == 1

    assert sweep(scene.cloud, effect, when, upload, check) >= 10


@pytest.mark.parametrize(("effect", "when"), KILLED + LOST)
def test_with_one_analysing_operation_one_call_at_most_is_repeated(
    single: LocalCloud, name: str, effect: str, when: str
) -> None:
    def upload(scene: Scene, k: int) -> None:
        scene.upload(f"photos/{name}-{k}.jpg")

    def check(scene: Scene, k: int) -> None:
        told = scene.stamp(f"photos/{name}-{k}.jpg")
        assert told is not None
        assert (told.status, told.count) == ("ok", 1)
        assert 1 <= scene.paid()["AnalyzeFace"] <= 2, k
        assert not scene.letters()

    assert sweep(single, effect, when, upload, check) >= 6


@pytest.mark.parametrize(("effect", "when"), KILLED + LOST)
def test_whatever_breaks_a_member_is_enrolled_once(scene: Scene, name: str, effect: str, when: str) -> None:
    def upload(scene: Scene, k: int) -> None:
        scene.person(f"{name}-{k}")
        scene.upload(f"members/{name}-{k}/photo.jpg")

    def check(scene: Scene, k: int) -> None:
        key, person = f"members/{name}-{k}/photo.jpg", f"{name}-{k}"
        _, *enrolled = scene.faces(person)
        assert len(enrolled) == 1, k
        told = scene.stamp(key)
        assert told is not None
        assert told.enrolment is not None
        assert (told.enrolment.person_id, list(told.enrolment.face_ids)) == (person, enrolled), k
        assert (told.status, told.count, told.errors) == ("ok", 1, {})
        assert scene.paid()["CreateFace"] == 1, k
        assert scene.paid()["DetectFace"] <= 2, k
        assert scene.letter(key) is None, k

    assert sweep(scene.cloud, effect, when, upload, check) >= 13


@pytest.fixture
def single(clouds: Clouds) -> LocalCloud:
    """A cloud whose route has one operation."""
    route = {"name": "photos", "prefix": "photos/", "operations": {"AnalyzeFace": {}}}
    return clouds(None, {"facestamp:routes": [route]})
