"""What is read from a COS event: the bucket, the key in either spelling, and the region in either form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facestamp.events import Unreadable, Upload, records
from infra.local.events import ObjectEvent, record
from infra.local.readings import Readings

SAMPLES = Path(__file__).parents[2] / "events"


def uploads(name: str) -> list[Upload]:
    found = records(json.loads((SAMPLES / name).read_text()))
    return [upload for upload in found if isinstance(upload, Upload)]


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("cos-*.json")))
def test_every_sample_of_a_cos_event_is_understood(name: str) -> None:
    found = uploads(name)
    assert len(found) == len(json.loads((SAMPLES / name).read_text())["Records"])
    for upload in found:
        assert upload.bucket.rsplit("-", 1)[1].isdigit()
        assert not any(key.startswith("/") for key in upload.keys)
        assert "-" in upload.region({"tencentcloud_region": "ap-guangzhou"}, {})


@pytest.mark.parametrize("name", ["timer.json", "function-url.json", "api-gateway.json"])
def test_other_kinds_of_event_are_told_from_it(name: str) -> None:
    with pytest.raises(Unreadable, match="COS triggers"):
        records(json.loads((SAMPLES / name).read_text()))


def upload(key: str = "/1250000000/photos/a.jpg", url: str = "", **bucket: Any) -> Upload:
    return Upload.model_validate(
        {
            "cos": {
                "cosObject": {"key": key, "url": url},
                "cosBucket": {"name": "photos", "appid": "1250000000", "region": "gz", **bucket},
            }
        }
    )


KEYS = {
    "plain": ("/1250000000/photos/a.jpg", ("a.jpg",)),
    "in folders": ("/1250000000/photos/b/c/a.jpg", ("b/c/a.jpg",)),
    "after a slash": ("/1250000000/photos//a.jpg", ("/a.jpg",)),
    "a folder": ("/1250000000/photos/b/", ("b/",)),
    "very old": ("/a.jpg", ("a.jpg",)),
    "very old, in folders": ("/b/c/a.jpg", ("b/c/a.jpg",)),
    "encoded": ("/1250000000/photos/a%20b.jpg", ("a%20b.jpg", "a b.jpg")),
    "a plus is no space": ("/1250000000/photos/a+b.jpg", ("a+b.jpg",)),
    "a broken code": ("/1250000000/photos/100%.jpg", ("100%.jpg",)),
    "CJK": ("/1250000000/photos/宇.jpg", ("宇.jpg",)),
}


@pytest.mark.parametrize(("raw", "keys"), KEYS.values(), ids=KEYS.keys())
def test_the_objects_key(raw: str, keys: tuple[str, ...]) -> None:
    assert upload(raw).keys == keys


def test_the_address_tells_which_spelling_to_try_first() -> None:
    host = "http://photos-1250000000.cos.ap-guangzhou.myqcloud.com"
    assert upload("/1250000000/photos/%2541", f"{host}/%2541").keys == ("%41", "%2541")
    assert upload("/1250000000/photos/%2541", f"{host}/%252541").keys == ("%2541", "%41")
    assert upload("/1250000000/photos/%2541", "http://[no address").keys == ("%2541", "%41")


@given(
    key=st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
        lambda key: key[0] not in "/\\"
    ),
    spelling=st.sampled_from(["verbatim", "encoded"]),
    region=st.sampled_from(["short", "long"]),
)
def test_any_key_is_the_first_to_be_tried(key: str, spelling: Any, region: Any) -> None:
    event = ObjectEvent("photos-1250000000", key, "cos:ObjectCreated:Put")
    (found,) = records({"Records": [record(event, Readings(event_key=spelling, event_region=region))]})
    assert isinstance(found, Upload)
    assert (found.bucket, found.keys[0]) == ("photos-1250000000", key)


HOSTS = {
    "photos-1250000000.cos.ap-chengdu.myqcloud.com": "ap-chengdu",
    "photos-1250000000.cos-internal.ap-chengdu.myqcloud.com": "ap-chengdu",
    "photos-1250000000.cos.ap-chengdu.tencentcos.cn": "ap-chengdu",
    "photos-1250000000.cos-internal.ap-chengdu.tencentcos.cn": "ap-chengdu",
    "photos-1250000000.cosbj.myqcloud.com": "gz",
    "cos-1250000000.cos.ap-chengdu.myqcloud.com": "ap-chengdu",
    "": "gz",
}


@pytest.mark.parametrize(("host", "region"), HOSTS.items())
def test_the_region_in_an_address(host: str, region: str) -> None:
    assert upload(url=f"http://{host}/a.jpg").region({}, {}) == region


def test_which_region_is_believed() -> None:
    """The function's own comes first, for a trigger's bucket is in the same region."""
    told = upload(
        url="http://photos-1250000000.cos.ap-chengdu.myqcloud.com/a.jpg", s3Region="ap-beijing", cosRegion="ap-nanjing"
    )
    variables = {"TENCENTCLOUD_REGION": "ap-singapore"}
    assert told.region({"tencentcloud_region": "ap-guangzhou"}, variables) == "ap-guangzhou"
    assert told.region({"tencentcloud_region": "gz"}, variables) == "ap-singapore"
    assert told.region({}, {}) == "ap-beijing"
    assert upload(cosRegion="ap-nanjing").region({}, {}) == "ap-nanjing"
    assert upload(region="ap-shanghai").region({}, {}) == "ap-shanghai"
    assert upload(region="gz").region({}, {}) == "gz"


def test_a_bad_record_is_told_by_the_place_that_is_wrong() -> None:
    good = record(ObjectEvent("photos-1250000000", "a.jpg", "cos:ObjectCreated:Put"))
    first, second, third = records({"Records": [good, {"cos": {"cosObject": {}}}, good]})
    assert isinstance(first, Upload)
    assert isinstance(second, Unreadable)
    assert "cos.cosObject.key" in str(second)
    assert isinstance(third, Upload)
