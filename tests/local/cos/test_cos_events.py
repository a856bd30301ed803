"""What COS tells the function platform, and what it does not."""

from __future__ import annotations

import pytest

from infra.local.faults import Fault
from tests.local.cos.conftest import OTHERS, PHOTOS, LocalCos
from tests.local.cos.test_cos_forms import upload
from tests.local.cos.test_cos_multipart import LAST, add, begin, complete

SOURCE = f"{PHOTOS}.cos.ap-guangzhou.myqcloud.com/photo.jpg"


@pytest.mark.behaviour(
    service="cos",
    what="Put, Post, Copy, CompleteMultipartUpload, Delete and DeleteMarkerCreated are told after they were applied",
    standing="documented",
    source="SCF 583/9707, COS 436/35526",
)
def test_each_kind_of_change_has_its_event(cloud: LocalCos) -> None:
    cloud.put("photo.jpg", b"pixels")
    cloud.copy_onto_itself("photo.jpg")
    upload(cloud)
    started = begin(cloud)
    complete(cloud, started, add(cloud, started, 1, LAST))
    cloud.ask("DELETE", "photo.jpg")
    cloud.client().put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
    cloud.put("photo.jpg")
    cloud.client().delete_objects(Bucket=PHOTOS, Delete={"Object": [{"Key": "photo.jpg"}]})
    assert [event.event for event in cloud.events] == [
        "cos:ObjectCreated:Put",
        "cos:ObjectCreated:Copy",
        "cos:ObjectCreated:Post",
        "cos:ObjectCreated:CompleteMultipartUpload",
        "cos:ObjectRemove:Delete",
        "cos:ObjectCreated:Put",
        "cos:ObjectRemove:DeleteMarkerCreated",
    ]
    assert [event.size for event in cloud.events] == [6, 6, 6, 10, 0, 6, 0]


def test_an_event_says_what_was_uploaded(cloud: LocalCos) -> None:
    response = cloud.ask(
        "PUT",
        "照片/a b+%20.jpg",
        headers={"Content-Type": "image/jpeg", "x-cos-meta-camera": "Leica", "Cache-Control": "no-store"},
        body=b"pixels",
    )
    [event] = cloud.events
    assert (event.bucket, event.key, event.region) == (PHOTOS, "照片/a b+%20.jpg", "ap-guangzhou")
    assert event.meta == {"Content-Type": "image/jpeg", "x-cos-meta-camera": "Leica"}
    assert event.request_id == response.headers["x-cos-request-id"]
    assert event.source_ip == "127.0.0.1"
    assert event.headers["Authorization"].startswith("q-sign-algorithm=sha1&")
    assert event.version_id == ""
    assert abs(event.at - cloud.clock.now()) < 60


def test_an_event_names_the_version(cloud: LocalCos) -> None:
    cloud.client().put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
    response = cloud.put("photo.jpg")
    assert cloud.events[-1].version_id == response.headers["x-cos-version-id"]


def test_what_changes_no_object_makes_no_event(cloud: LocalCos) -> None:
    cloud.put("photo.jpg")
    cloud.events.clear()
    cloud.ask("GET", "photo.jpg")
    cloud.ask("HEAD", "photo.jpg")
    cloud.ask("PUT", "photo.jpg", {"acl": ""}, {"x-cos-acl": "private"})
    cloud.ask("PUT", "photo.jpg", {"tagging": ""}, body=b"<Tagging><TagSet/></Tagging>")
    cloud.ask("DELETE", "not there.jpg")
    cloud.ask("PUT", "photo.jpg", identity=cloud.role())
    cloud.put("photo.jpg", x_cos_forbid_overwrite="true")
    cloud.copy_onto_itself("photo.jpg", x_cos_copy_source_If_Match='"0"')
    begin(cloud)
    assert cloud.events == []


def test_a_reply_that_was_lost_is_an_event_all_the_same(cloud: LocalCos) -> None:
    cloud.faults.add(Fault("fail", when="after", action="PutObject"))
    assert cloud.put("photo.jpg").status_code == 500
    assert [event.key for event in cloud.events] == ["photo.jpg"]
    cloud.faults.add(Fault("fail", action="PutObject"))
    assert cloud.put("other.jpg", b"x").status_code == 500
    assert len(cloud.events) == 1


def test_a_copy_to_another_bucket_is_told_of_there(cloud: LocalCos) -> None:
    cloud.put("photo.jpg")
    cloud.ask("PUT", "copy.jpg", headers={"x-cos-copy-source": SOURCE}, bucket=OTHERS)
    assert (cloud.events[-1].bucket, cloud.events[-1].key) == (OTHERS, "copy.jpg")
