"""What a function is woken with, and that the sample events in `events/` are just that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.events import KINDS, ObjectEvent, cos_event, matches, record
from infra.local.readings import Readings

EVENTS = Path(__file__).parents[3] / "events"
SIGNED = {
    "Authorization": "q-sign-algorithm=sha1&q-ak=xxxxxxxxxxxxxx&q-sign-time=1790000000;1790003600"
    "&q-key-time=1790000000;1790003600&q-header-list=host&q-url-param-list=&q-signature=xxxxxxxxxxxxxxx"
}


def upload(event: str = "cos:ObjectCreated:Put", key: str = "in/portrait.jpg", **known: Any) -> ObjectEvent:
    """An upload of the samples."""
    return ObjectEvent(
        **{
            "bucket": "photos-1250000000",
            "key": key,
            "event": event,
            "size": 61306,
            "meta": {"Content-Type": "image/jpeg", "x-cos-meta-album": "summer"},
            "request_id": "NjhjZTk4MDBfMjViMjU4NjRfMTUyMV8x",
            "source_ip": "203.0.113.9",
            "headers": SIGNED,
            "at": 1790000000.0,
            **known,
        }
    )


def removal(event: str, **known: Any) -> ObjectEvent:
    """A removal of the samples."""
    return upload(event, size=0, meta={}, **known)


SAMPLES: dict[str, tuple[list[ObjectEvent], Readings]] = {
    "cos-put": ([upload()], Readings()),
    "cos-post": ([upload("cos:ObjectCreated:Post")], Readings()),
    "cos-multipart": ([upload("cos:ObjectCreated:CompleteMultipartUpload", size=25_165_824)], Readings()),
    "cos-copy": ([upload("cos:ObjectCreated:Copy")], Readings()),
    "cos-delete": ([removal("cos:ObjectRemove:Delete")], Readings()),
    "cos-delete-marker": (
        [removal("cos:ObjectRemove:DeleteMarkerCreated", version_id="MTg0NDUxNTc1NjIzMTQ1MDAwODg")],
        Readings(),
    ),
    "cos-batch": (
        [upload(), upload(key="in/", size=0), upload("cos:ObjectCreated:Post", key="in/家族 写真+1%.png")],
        Readings(),
    ),
    "cos-put-key-encoded": ([upload(key="in/家族 写真+1%.png")], Readings(event_key="encoded")),
    "cos-put-region-long": ([upload()], Readings(event_region="long")),
    "cos-put-name-pattern": ([upload()], Readings(event_name="pattern")),
    "cos-put-versioned": ([upload(version_id="MTg0NDUxNTc1NjIzMTQ1MDAwODg")], Readings()),
}


def told(name: str) -> dict[str, Any]:
    """The event of a sample as the local cloud makes it."""
    events, readings = SAMPLES[name]
    return cos_event(events, readings, function="facestamp-people")


@pytest.mark.behaviour(
    service="scf",
    what="A COS event is a list of Records, each with the object (URL, key as /<appid>/<bucket>/<key>, size, version,"
    " metadata), the bucket, and the request with the uploader's Authorization header",
    standing="documented",
    source="SCF 583/9707",
)
@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_what_the_local_cloud_sends(name: str) -> None:
    assert json.loads((EVENTS / f"{name}.json").read_text("utf-8")) == told(name)


def test_every_sample_names_its_source() -> None:
    readme = (EVENTS / "README.md").read_text("utf-8")
    files = {path.name for path in EVENTS.glob("*.json")}
    assert files > {f"{name}.json" for name in SAMPLES}
    assert [name for name in sorted(files) if f"`{name}`" not in readme] == []


def test_the_documented_fields_in_their_places() -> None:
    made = record(upload())
    assert made["cos"] == {
        "cosSchemaVersion": "1.0",
        "cosObject": {
            "url": "http://photos-1250000000.cos.ap-guangzhou.myqcloud.com/in/portrait.jpg",
            "meta": {
                "x-cos-request-id": "NjhjZTk4MDBfMjViMjU4NjRfMTUyMV8x",
                "Content-Type": "image/jpeg",
                "x-cos-meta-album": "summer",
            },
            "vid": "",
            "key": "/1250000000/photos/in/portrait.jpg",
            "size": 61306,
        },
        "cosBucket": {"region": "gz", "name": "photos", "appid": "1250000000"},
        "cosNotificationId": "unkown",
    }
    request = made["event"]
    assert isinstance(request.pop("reqid"), int)
    assert request == {
        "eventName": "cos:ObjectCreated:Put",
        "eventVersion": "1.0",
        "eventTime": 1790000000,
        "eventSource": "qcs::cos",
        "requestParameters": {"requestSourceIP": "203.0.113.9", "requestHeaders": SIGNED},
        "eventQueue": "qcs:0:scf:gz:appid/1250000000:default.function.$LATEST",
        "reservedInfo": "",
    }


@pytest.mark.behaviour(
    service="scf",
    what="An event's key is verbatim or percent-encoded, as the readings say",
    standing="assumed",
    source="open: SCF 583/9707 does not say; Tencent's samples use it verbatim",
)
@given(key=st.text(min_size=1))
def test_the_key_can_be_had_back(key: str) -> None:
    verbatim = record(upload(key=key))["cos"]["cosObject"]
    encoded = record(upload(key=key), Readings(event_key="encoded"))["cos"]["cosObject"]
    assert verbatim["key"].split("/", 3)[3] == key
    assert unquote(encoded["key"].split("/", 3)[3]) == key
    assert encoded["key"].isascii()
    assert unquote(urlsplit(verbatim["url"]).path)[1:] == key


@pytest.mark.behaviour(
    service="scf",
    what="An event's region is the short code, or the long one with s3Region and cosRegion, as the readings say",
    standing="assumed",
    source="open: SCF 583/9707 shows the short code; Tencent's samples read s3Region",
)
def test_the_region_is_short_or_long() -> None:
    assert record(upload())["cos"]["cosBucket"]["region"] == "gz"
    long = record(upload(), Readings(event_region="long"))["cos"]["cosBucket"]
    assert (long["region"], long["s3Region"], long["cosRegion"]) == ("ap-guangzhou",) * 3


@pytest.mark.behaviour(
    service="scf",
    what="An event is named by what happened or by the pattern that the trigger subscribed to, as the readings say",
    standing="assumed",
    source="open: SCF 583/9707 shows the pattern, Tencent's event generator the concrete name",
)
def test_the_name_is_concrete_or_the_pattern() -> None:
    pattern = Readings(event_name="pattern")
    assert record(upload())["event"]["eventName"] == "cos:ObjectCreated:Put"
    assert record(upload(), pattern)["event"]["eventName"] == "cos:ObjectCreated:*"
    subscribed = record(upload(), pattern, subscribed="cos:ObjectCreated:Put")
    assert subscribed["event"]["eventName"] == "cos:ObjectCreated:Put"


def test_what_a_subscription_covers() -> None:
    created = {kind for kind in KINDS if matches("cos:ObjectCreated:*", kind)}
    assert created == {kind for kind in KINDS if kind.startswith("cos:ObjectCreated:")}
    assert {kind for kind in KINDS if matches("cos:ObjectCreated:Put", kind)} == {"cos:ObjectCreated:Put"}
