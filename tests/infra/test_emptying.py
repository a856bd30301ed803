"""What keeps a bucket from being deleted is taken out of it, and out of no other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, cast

import pytest
from qcloud_cos import CosServiceError

from infra.account import deployer, emptying
from infra.account.emptying import Held
from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from tests.infra.conftest import settings
from tests.infra.test_deployer import allowed

PHOTOS = "pictures-1250000000"
NAMES = {"photo": "pictures", "state": "records", "code": "code"}


@pytest.fixture
def cloud() -> Iterator[LocalCloud]:
    """A cloud with one bucket."""
    with LocalCloud(engine=cast("Any", object())) as cloud:
        cloud.cos().create_bucket(Bucket=PHOTOS, ACL="private")
        yield cloud


def begun(cloud: LocalCloud, *keys: str) -> None:
    """Begin uploads that are never finished."""
    for key in keys:
        upload = cloud.cos().create_multipart_upload(Bucket=PHOTOS, Key=key)["UploadId"]
        cloud.cos().upload_part(Bucket=PHOTOS, Key=key, Body=b"1", PartNumber=1, UploadId=upload)


def replaced(cloud: LocalCloud, *keys: str, then: str = "Enabled") -> None:
    """Keep versions: two of each key, and a marker over one of them."""
    cos = cloud.cos()
    cos.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
    for key in keys:
        cos.put_object(Bucket=PHOTOS, Key=key, Body=b"1")
        cos.put_object(Bucket=PHOTOS, Key=key, Body=b"2")
    cos.delete_object(Bucket=PHOTOS, Key=keys[0])
    cos.put_bucket_versioning(Bucket=PHOTOS, Status=then)
    cos.put_object(Bucket=PHOTOS, Key="after.jpg", Body=b"3")


def deletable(cloud: LocalCloud) -> bool:
    """Whether COS deletes the bucket."""
    try:
        cloud.cos().delete_bucket(Bucket=PHOTOS)
    except CosServiceError as error:
        if error.get_error_code() != "BucketNotEmpty":
            raise
        return False
    return True


def agreed(question: str) -> bool:
    """Somebody who agrees to what he is asked."""
    assert f"keep {PHOTOS} from being deleted" in question
    return True


def nobody(question: str) -> bool:
    """Nobody is asked anything."""
    raise AssertionError(question)


def test_unfinished_uploads_are_aborted(cloud: LocalCloud) -> None:
    begun(cloud, "one.jpg", "one.jpg", "照片/二 & <3>.jpg")
    assert not deletable(cloud)

    assert emptying.clear(cloud.cos(), [PHOTOS], agreed, print)

    assert deletable(cloud)


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_versions_and_markers_are_deleted_where_there_are_or_were_any(cloud: LocalCloud, status: str) -> None:
    replaced(cloud, "one.jpg", "照片/二 & <3>.jpg", then=status)
    begun(cloud, "other.jpg")
    assert not deletable(cloud)

    assert emptying.clear(cloud.cos(), [PHOTOS], agreed, print)

    assert deletable(cloud)


def test_many_pages_go(cloud: LocalCloud) -> None:
    replaced(cloud, *(f"{number}.jpg" for number in range(7)))
    begun(cloud, *(f"{number}.jpg" for number in range(3)))

    emptying.empty(cloud.cos(), PHOTOS, print, page=2)

    assert deletable(cloud)


def test_objects_of_a_bucket_without_versions_are_left_to_the_engine(cloud: LocalCloud) -> None:
    cloud.cos().put_object(Bucket=PHOTOS, Key="one.jpg", Body=b"1")
    before = len(cloud.journal)

    assert emptying.clear(cloud.cos(), [PHOTOS, "gone-1250000000"], nobody, print)

    asked = {call.action for call in cloud.journal.since(before)}
    assert asked == {"ListMultipartUploads", "GetBucketVersioning"}
    assert cloud.cos().head_object(Bucket=PHOTOS, Key="one.jpg")


def test_whoever_does_not_agree_keeps_all(cloud: LocalCloud) -> None:
    begun(cloud, "one.jpg")
    replaced(cloud, "one.jpg")
    before = len(cloud.journal)
    said: list[str] = []

    assert not emptying.clear(cloud.cos(), [PHOTOS], lambda question: False, said.append)

    assert said == ["Nothing was deleted."]
    assert all(call.action.startswith(("List", "Get")) for call in cloud.journal.since(before))


def test_what_takes_long_says_how_far_it_is(cloud: LocalCloud) -> None:
    begun(cloud, *(f"{number}.jpg" for number in range(6)))
    said: list[str] = []
    seconds = count(0.0, 0.75)

    emptying.empty(cloud.cos(), PHOTOS, said.append, lambda: next(seconds))

    assert said == [f"Emptying {PHOTOS}: {gone} unfinished uploads and versions are gone so far." for gone in (3, 6)]


def test_what_is_done_at_once_says_nothing(cloud: LocalCloud) -> None:
    begun(cloud, "one.jpg", "two.jpg")
    said: list[str] = []

    emptying.empty(cloud.cos(), PHOTOS, said.append, lambda: 0.0)

    assert said == []
    assert deletable(cloud)


def test_an_upload_that_is_finished_meanwhile_is_no_hindrance(cloud: LocalCloud) -> None:
    begun(cloud, "one.jpg", "two.jpg")
    cloud.faults.add(Fault("fail", service="cos", action="AbortMultipartUpload", code="NoSuchUpload", status=404))

    emptying.empty(cloud.cos(), PHOTOS, print)

    assert deletable(cloud)


def test_what_cos_keeps_is_named(cloud: LocalCloud) -> None:
    replaced(cloud, "one.jpg")
    cloud.storage.lock(PHOTOS, "one.jpg")
    with pytest.raises(Held, match=rf"{PHOTOS} keeps one\.jpg: ObjectLocked: "):
        emptying.empty(cloud.cos(), PHOTOS, print)

    begun(cloud, "two.jpg")
    cloud.faults.add(
        Fault("fail", service="cos", action="AbortMultipartUpload", code="NoSuchUpload", status=404, times=0)
    )
    with pytest.raises(Held, match=rf"{PHOTOS} keeps an unfinished upload of two\.jpg"):
        emptying.empty(cloud.cos(), PHOTOS, print)


def test_what_cos_keeps_without_a_word_is_named_too(cloud: LocalCloud) -> None:
    replaced(cloud, "one.jpg")
    cloud.faults.add(
        Fault("fail", service="cos", action="DeleteMultipleObjects", code="InternalError", status=200, times=0)
    )

    with pytest.raises(Held, match=rf"{PHOTOS} keeps a version of \S+\.jpg, though it was deleted"):
        emptying.empty(cloud.cos(), PHOTOS, print)


def test_whoever_may_deploy_a_disposable_stack_may_empty_its_buckets(cloud: LocalCloud) -> None:
    given = {
        "tencentcloud:region": "ap-guangzhou",
        "facestamp:appId": "1250000000",
        "facestamp:disposable": True,
        **{f"facestamp:{kind}Bucket": name for kind, name in NAMES.items()},
    }
    who = allowed(cloud, deployer.statements(given, settings().stack))
    replaced(cloud, "one.jpg")
    begun(cloud, "two.jpg")

    assert emptying.clear(cloud.cos(who), [PHOTOS], agreed, print)

    assert deletable(cloud)


def bucket(name: str, **changed: Any) -> dict[str, Any]:
    """A bucket in a stack's state."""
    kind = "tencentcloud:index/cosBucket:CosBucket"
    return {"type": kind, "id": name, "inputs": {"bucket": name, "forceClean": True}, **changed}


def state(*resources: dict[str, Any]) -> dict[str, Any]:
    other = {"type": "tencentcloud:index/camRole:CamRole", "id": "4611", "inputs": {}}
    return {"version": 3, "deployment": {"resources": [{"type": "pulumi:pulumi:Stack"}, other, *resources]}}


def test_of_a_disposable_stack_all_that_it_made_is_emptied() -> None:
    assert emptying.doomed(state(bucket("photos-1"), bucket("state-1"), bucket("code-1"))) == [
        *("photos-1", "state-1", "code-1")
    ]


@pytest.mark.parametrize(
    "kept",
    [
        {"external": True},
        {"retainOnDelete": True},
        {"inputs": {"bucket": "photos-1"}},
        {"inputs": {"bucket": "photos-1", "forceClean": False}},
    ],
)
def test_what_is_adopted_or_does_not_go_with_what_is_in_it_is_left_alone(kept: dict[str, Any]) -> None:
    assert emptying.doomed(state(bucket("photos-1", **kept), bucket("code-1"))) == ["code-1"]


def test_of_a_stack_in_which_anything_is_protected_nothing_is_touched() -> None:
    assert emptying.doomed(state(bucket("photos-1", protect=True), bucket("state-1"), bucket("code-1"))) == []


def test_of_a_stack_that_was_never_deployed_there_is_nothing() -> None:
    assert emptying.doomed({"version": 3, "deployment": None}) == []
    assert emptying.doomed({"version": 3, "deployment": {"manifest": {}}}) == []
