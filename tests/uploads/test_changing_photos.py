"""Photos that change while we look at them, or that come with somebody else's stamp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from facestamp import stamp
from infra.local.cloud import LocalCloud
from infra.local.events import ObjectEvent
from infra.local.faults import Fault
from infra.local.readings import Readings
from tests import pictures
from tests.conftest import Clouds
from tests.uploads.owner import Owner, identity

PORTRAIT = pictures.jpeg(pictures.portrait())
PAIR = pictures.jpeg(pictures.group(2))
COFFEE = pictures.jpeg(pictures.landscape())


def delete(owner: Owner, key: str) -> None:
    owner.cloud.cos().delete_object(Bucket=owner.bucket, Key=key)


def overwrite(owner: Owner, key: str, body: bytes, **options: Any) -> None:
    owner.cloud.cos().put_object(Bucket=owner.bucket, Key=key, Body=body, **options)


@pytest.fixture(scope="module", params=["plain", "versioned"])
def versioning(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def keeper(clouds: Clouds, owner: Owner, versioning: str) -> Owner:
    """The owner of a bucket with or without versioning."""
    if versioning == "plain":
        return owner
    return Owner(clouds(changes={"facestamp:versioning": True}))


MOMENTS = {
    "before the lease": Fault("run", "before", action="PutObject"),
    "before the first face call": Fault("run", "before", service="iai", action="AnalyzeFace"),
    "after the last face call": Fault("run", "after", service="iai", action="DetectFaceAttributes"),
    "before the stamp": Fault("run", "before", action="PutObjectCopy"),
}


def at(owner: Owner, moment: Fault, act: Callable[[], None]) -> None:
    """Let something happen once at a moment of the work that comes."""
    owner.cloud.faults.add(Fault("run", moment.when, moment.service, moment.action, by_worker=True, action_run=act))


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_photo_deleted_while_working_stays_deleted(keeper: Owner, name: str, moment: Fault) -> None:
    key, runs, lines = f"photos/{name}.jpg", keeper.runs(), keeper.lines()
    at(keeper, moment, lambda: delete(keeper, key))

    keeper.put(key, PORTRAIT)

    assert not keeper.exists(key)
    assert runs() == [200]
    assert lines("ERROR") == []
    assert keeper.letter(key) is None
    assert records_of(keeper, key) == []

    keeper.cloud.faults.clear()
    keeper.put(key, PORTRAIT)
    read = keeper.stamped(key)
    assert (read.status, read.count, read.errors) == ("ok", 1, {})


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_photo_overwritten_while_working_gets_its_own_stamp(keeper: Owner, name: str, moment: Fault) -> None:
    key, runs, lines = f"photos/{name}.jpg", keeper.runs(), keeper.lines()
    at(keeper, moment, lambda: overwrite(keeper, key, PAIR))

    keeper.put(key, PORTRAIT)

    assert keeper.bytes(key) == PAIR
    assert keeper.stamped(key).count == 2
    assert runs() == [200, 200]
    assert lines("ERROR") == []
    assert keeper.letter(key) is None

    keeper.cloud.faults.clear()
    keeper.put(key, PORTRAIT)
    assert keeper.bytes(key) == PORTRAIT
    read = keeper.stamped(key)
    assert (read.status, read.count, read.errors, read.size) == ("ok", 1, {}, (512, 512))


def test_half_the_answers_of_a_photo_that_was_overwritten_are_not_kept_for_its_return(owner: Owner, name: str) -> None:
    """One operation answered about the new photo, another failed: neither says anything about the old one."""
    key = f"photos/{name}.jpg"
    at(owner, MOMENTS["before the first face call"], lambda: overwrite(owner, key, PAIR))
    owner.cloud.faults.add(Fault("fail", service="iai", action="DetectFaceAttributes", code="InternalError", times=10))
    lines = owner.lines()

    owner.put(key, PORTRAIT)

    assert {line["code"] for line in lines("ERROR")} == {"InternalError"}
    assert owner.stamped(key).count == 2
    owner.put(key, PORTRAIT)
    assert owner.stamped(key).count == 1
    assert owner.letter(key) is None


def test_no_version_of_an_old_photo_is_resurrected(clouds: Clouds) -> None:
    owner = Owner(clouds(changes={"facestamp:versioning": True}))
    key = "photos/again.jpg"
    at(owner, MOMENTS["before the stamp"], lambda: overwrite(owner, key, COFFEE))

    owner.put(key, PORTRAIT)

    answer = owner.cloud.cos().list_objects_versions(Bucket=owner.bucket, Prefix=key)
    versions = [version["VersionId"] for version in answer["Version"]]
    seen = [(identity(owner.head(key, v)), stamp.read(owner.head(key, v))) for v in versions]
    assert [(who == identity(owner.head(key)), read and read.status) for who, read in seen] == [
        (True, "no-face"),
        (True, None),
        (False, None),
    ]


def test_a_bucket_whose_versioning_was_suspended(clouds: Clouds) -> None:
    owner = Owner(clouds(changes={"facestamp:versioning": True}))
    owner.put("photos/a.jpg", COFFEE)
    owner.cloud.cos().put_bucket_versioning(Bucket=owner.bucket, Status="Suspended")
    at(owner, MOMENTS["before the stamp"], lambda: overwrite(owner, "photos/a.jpg", PAIR))

    owner.put("photos/a.jpg", PORTRAIT)

    assert owner.stamped("photos/a.jpg").count == 2
    delete(owner, "photos/a.jpg")
    owner.again("photos/a.jpg")
    assert not owner.exists("photos/a.jpg")


def test_an_event_that_comes_after_the_deletion(owner: Owner, name: str) -> None:
    runs, lines, calls = owner.runs(), owner.lines(), owner.calls()
    owner.again(f"photos/{name}.jpg")
    assert runs() == [200]
    assert lines("ERROR") == []
    assert calls.faces() == []


# -- metadata-only writers ---------------------------------------------------------------------------------------------


def describe(owner: Owner, key: str, **metadata: str) -> None:
    """The owner replaces the photo's metadata, as the console does: by a copy onto itself."""
    source = {"Bucket": owner.bucket, "Key": key, "Region": "ap-guangzhou"}
    headers = {f"x-cos-meta-{name}": value for name, value in metadata.items()}
    owner.cloud.cos().copy_object(
        Bucket=owner.bucket, Key=key, CopySource=source, CopyStatus="Replaced", Metadata=headers
    )


def a_second_later(cloud: LocalCloud) -> None:
    """Last-Modified has whole seconds."""
    cloud.clock.skip(2)


def test_what_the_owner_writes_meanwhile_stays_beside_the_stamp(owner: Owner, name: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()

    def caption() -> None:
        a_second_later(owner.cloud)
        describe(owner, key, caption="Eileen")

    at(owner, MOMENTS["before the stamp"], caption)
    owner.put(key, PORTRAIT, Metadata={"x-cos-meta-album": "space"})

    headers = owner.head(key)
    assert headers["x-cos-meta-caption"] == "Eileen"
    assert "x-cos-meta-album" not in headers
    assert owner.stamped(key).count == 1
    assert len(calls.paid()) == 3


def test_an_acl_that_the_owner_writes_meanwhile_stays(owner: Owner, name: str) -> None:
    """A copy without an ACL takes the old one off: a photo that was public then is not so any more."""
    key = f"photos/{name}.jpg"

    def hide() -> None:
        a_second_later(owner.cloud)
        describe(owner, key, caption="not for everybody")

    at(owner, MOMENTS["before the stamp"], hide)
    owner.put(key, PORTRAIT, ACL="public-read")

    assert owner.stamped(key).count == 1
    assert owner.ask("GET", key, query={"acl": ""}).headers["x-cos-acl"] == "default"


def test_where_if_match_alone_decides_the_named_window_is_all_that_is_lost(clouds: Clouds) -> None:
    """`facestamp.restamp` names it: what was written between our look and our copy loses to us."""
    owner = Owner(clouds(Readings(copy_conditions="if-match-wins")))
    key = "photos/window.jpg"

    def caption() -> None:
        a_second_later(owner.cloud)
        describe(owner, key, caption="Eileen")

    at(owner, MOMENTS["before the stamp"], caption)
    owner.put(key, PORTRAIT, Metadata={"x-cos-meta-album": "space"})
    assert owner.head(key)["x-cos-meta-album"] == "space"
    assert owner.stamped(key).count == 1

    describe(owner, key, caption="Eileen")
    owner.again(key)
    assert owner.head(key)["x-cos-meta-caption"] == "Eileen"
    assert owner.stamped(key).count == 1


def test_an_owner_who_never_stops_writing_is_given_way(owner: Owner, name: str) -> None:
    key, calls, count = f"photos/{name}.jpg", owner.calls(), iter(range(1000))

    def caption() -> None:
        a_second_later(owner.cloud)
        describe(owner, key, caption=f"number {next(count)}")

    busy = owner.cloud.faults.add(
        Fault("run", "before", action="PutObjectCopy", by_worker=True, times=0, action_run=caption)
    )
    owner.put(key, PORTRAIT)

    assert owner.stamp(key) is None
    assert owner.head(key)["x-cos-meta-caption"] == f"number {busy.seen - 1}"
    assert len(calls.paid()) == 3
    owner.cloud.faults.clear()
    owner.again(key)
    assert owner.stamped(key).count == 1
    assert len(calls.paid()) == 3


# -- stamps that came with an upload -----------------------------------------------------------------------------------


def lines_of(owner: Owner, key: str) -> dict[str, str]:
    return {name: value for name, value in owner.head(key).items() if name in stamp.NAMES}


WAYS: dict[str, Callable[[Owner, str, bytes, dict[str, str]], None]] = {
    "Put": lambda owner, key, body, lines: owner.put_raw(key, body, lines),
    "Post": lambda owner, key, body, lines: owner.post(key, body, lines),
    "multipart": lambda owner, key, body, lines: owner.put_in_parts(key, body + b"\0" * (2**20 - len(body) + 9), lines),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_made_up_stamp_is_replaced(
    owner: Owner, name: str, way: Callable[[Owner, str, bytes, dict[str, str]], None]
) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    forged = {
        "x-cos-meta-face-stamp": "1;123-456;abcdef",
        "x-cos-meta-face-status": "ok",
        "x-cos-meta-face-count": "99",
        "x-cos-meta-face-person": "1001;2875186538564559728",
        "x-cos-meta-face-error": "DetectFace=Nonsense",
    }

    way(owner, key, PORTRAIT, forged)
    owner.cloud.scf.settle()

    read = owner.stamped(key)
    assert (read.status, read.count, read.errors, read.enrolment) == ("ok", 1, {}, None)
    assert len(calls.paid()) == 3


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_stamp_with_the_right_identity_and_plan_but_wrong_faces_is_replaced(
    owner: Owner, name: str, way: Callable[[Owner, str, bytes, dict[str, str]], None]
) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    way(owner, key, PORTRAIT, {})
    owner.cloud.scf.settle()
    genuine = lines_of(owner, key)
    paid = len(calls.paid())

    way(owner, key, PORTRAIT, {**genuine, "x-cos-meta-face-count": "7", "x-cos-meta-face-boxes": "1,2,3,4"})
    owner.cloud.scf.settle()

    assert lines_of(owner, key) == genuine
    assert len(calls.paid()) == paid == 3


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_stamp_of_another_photo_of_the_same_content_is_not_believed(
    owner: Owner, name: str, way: Callable[[Owner, str, bytes, dict[str, str]], None]
) -> None:
    first, second, calls = f"photos/{name}-1.jpg", f"photos/{name}-2.jpg", owner.calls()
    way(owner, first, PORTRAIT, {})
    owner.cloud.scf.settle()

    way(owner, second, PORTRAIT, lines_of(owner, first))
    owner.cloud.scf.settle()

    read = owner.stamped(second)
    assert read.result != owner.stamped(first).result
    assert owner.kept(read.result) is not None
    assert len(calls.paid()) == 6


def test_a_stamp_that_came_where_there_is_no_room_for_ours_is_taken_off(owner: Owner, name: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    forged = {"x-cos-meta-face-stamp": "1;1-1;a", "x-cos-meta-face-status": "no-face"}
    full = {"x-cos-meta-story": "s" * 1900}

    owner.put(key, PORTRAIT, Metadata={**forged, **full})

    assert {n: v for n, v in owner.head(key).items() if n.startswith("x-cos-meta-")} == full
    assert owner.record(key) is not None
    owner.again(key)
    assert len(calls.paid()) == 3


def test_an_edited_photo_uploaded_again_with_its_old_metadata(owner: Owner, name: str) -> None:
    key = f"photos/{name}.jpg"
    owner.put(key, PORTRAIT, Metadata={"x-cos-meta-album": "space"})
    old = {n: v for n, v in owner.head(key).items() if n.startswith("x-cos-meta-")}

    owner.put(key, PAIR, Metadata=old)

    read = owner.stamped(key)
    assert read.count == 2
    assert owner.head(key)["x-cos-meta-album"] == "space"


def test_a_stamp_in_unusual_letters_is_replaced_too(owner: Owner, name: str) -> None:
    key = f"photos/{name}.jpg"
    owner.put_raw(key, PORTRAIT, {"X-COS-META-FACE-STAMP": "1;1-1;a", "X-Cos-Meta-Face-Status": "no-face"})
    owner.cloud.scf.settle()
    assert owner.stamped(key).count == 1


def test_a_stamp_whose_record_is_gone_is_made_again(owner: Owner, name: str) -> None:
    """The record was deleted, and the stamped photo is uploaded again as it was downloaded."""
    key = f"photos/{name}.jpg"
    owner.put(key, PORTRAIT)
    lines = lines_of(owner, key)
    owner.cloud.cos().delete_object(Bucket=owner.cloud.state_bucket, Key=lines["x-cos-meta-face-result"])
    owner.cloud.clock.skip(3600)

    owner.put(key, PORTRAIT, Metadata=lines)

    assert owner.kept(owner.stamped(key).result) is not None


# -- the same event again ----------------------------------------------------------------------------------------------


def test_a_multipart_upload_and_its_event_again(owner: Owner, name: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    body = PORTRAIT + b"\0" * (2**20)

    owner.put_in_parts(key, body, {"x-cos-meta-album": "space", "Content-Type": "image/jpeg"})
    owner.cloud.scf.settle()
    before = owner.stamped(key)
    done = len(calls())
    owner.again(key, "cos:ObjectCreated:CompleteMultipartUpload")

    assert owner.bytes(key) == body
    assert owner.head(key)["x-cos-meta-album"] == "space"
    assert owner.stamped(key) == before
    assert before.count == 1
    assert len(calls.paid()) == 3
    assert [call.action for call in calls()[done:]] == ["GetObject"]


def test_the_same_photo_uploaded_again_is_stamped_from_the_record(owner: Owner, name: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    owner.put(key, PORTRAIT)
    before, done = owner.stamped(key), len(calls())
    owner.put(key, PORTRAIT)
    assert owner.stamped(key) == before
    assert len(calls.paid()) == 3
    assert len(calls()[done:]) == 11


def test_several_records_of_which_one_is_bad(owner: Owner, name: str) -> None:
    calls = owner.calls()
    good, bad = [f"photos/{name}-{n}.jpg" for n in (1, 2)], f"photos/{name}-bad.jpg"
    owner.put(bad, pictures.gif(pictures.portrait(100)))
    owner.put(good[0], PORTRAIT)
    owner.put(good[1], PORTRAIT)
    events = [ObjectEvent(owner.bucket, key, "cos:ObjectCreated:Put") for key in (good[0], bad, good[1])]
    owner.send(events)
    assert [owner.stamped(key).status for key in (good[0], bad, good[1])] == ["ok", "rejected", "ok"]
    assert len(calls.paid()) == 6


def test_several_records_of_which_one_must_be_tried_again(owner: Owner, name: str) -> None:
    keys, calls, runs = [f"photos/{name}-{n}.jpg" for n in range(3)], owner.calls(), owner.runs()
    for key in keys:
        owner.put(key, PORTRAIT)
        owner.strip(key)
    trouble = Fault(
        "fail", service="cos", action="GetObject", resource=f"{owner.bucket}/{keys[1]}", by_worker=True, times=5
    )
    owner.cloud.faults.add(trouble)
    before = len(runs())

    owner.send([ObjectEvent(owner.bucket, key, "cos:ObjectCreated:Put") for key in keys])

    assert runs()[before:] == [430, 200]
    assert [owner.stamped(key).count for key in keys] == [1, 1, 1]
    assert [owner.letter(key) for key in keys] == [None, None, None]
    assert len(calls.paid()) == 9


def records_of(owner: Owner, key: str) -> list[str]:
    """The records that speak of a key."""
    answer = owner.cloud.cos().list_objects(Bucket=owner.cloud.state_bucket, Prefix="records/", MaxKeys=1000)
    found = [entry["Key"] for entry in answer.get("Contents", [])]
    return [record for record in found if (owner.kept(record) or {}).get("photo", {}).get("key") == key]
