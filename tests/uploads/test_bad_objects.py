"""Objects that COS does not let us read, or stamp: the record alone is kept, and recognises what comes twice."""

from __future__ import annotations

import base64
import hashlib

import pytest

from facestamp import stamp
from infra.local.readings import Readings
from tests import pictures
from tests.conftest import Clouds
from tests.uploads.owner import Owner, identity

PORTRAIT = pictures.jpeg(pictures.portrait())
EVERY_OPERATION = {"AnalyzeFace", "DetectFace", "DetectFaceAttributes"}
KEY = base64.b64encode(b"k" * 32).decode()
SSE_C = {
    "x-cos-server-side-encryption-customer-algorithm": "AES256",
    "x-cos-server-side-encryption-customer-key": KEY,
    "x-cos-server-side-encryption-customer-key-MD5": base64.b64encode(
        hashlib.md5(b"k" * 32, usedforsecurity=False).digest()
    ).decode(),
}


def errors(record: dict[str, dict[str, dict[str, dict[str, str]]]]) -> set[str]:
    return {answer["Response"].get("Error", "") for answer in record["answers"].values()}


@pytest.mark.parametrize("storage_class", ["ARCHIVE", "DEEP_ARCHIVE"])
def test_an_archived_photo_has_a_record_alone(owner: Owner, name: str, storage_class: str) -> None:
    calls, runs, key = owner.calls(), owner.runs(), f"photos/{name}.jpg"

    owner.put(key, PORTRAIT, StorageClass=storage_class)

    assert owner.stamp(key) is None
    assert owner.head(key)["x-cos-storage-class"] == storage_class
    record = owner.record(key)
    assert record is not None
    assert errors(record) == {"InvalidObjectState"}
    assert len(record["answers"]) == 3

    owner.again(key)
    assert owner.record(key) == record
    assert calls.faces() == []
    assert runs() == [200, 200]
    assert owner.letter(key) is None


def test_a_photo_under_the_uploaders_own_key_is_given_up_for_good(owner: Owner, name: str) -> None:
    calls, runs, lines, key = owner.calls(), owner.runs(), owner.lines(), f"photos/{name}.jpg"

    owner.put_raw(key, PORTRAIT, SSE_C)
    owner.cloud.scf.settle()
    owner.again(key)

    assert runs() == [200, 200]
    assert calls.faces() == []
    assert lines("ERROR") == []
    headers = {n.lower(): v for n, v in owner.ask("HEAD", key, SSE_C).headers.items()}
    assert stamp.read(headers) is None
    record = owner.record(key, "-0")
    assert record is not None
    assert errors(record) == {"SsecDecryptHeaderInvalid"}


def test_a_locked_photo_has_a_record_alone(owner: Owner, name: str) -> None:
    calls, runs, key = owner.calls(), owner.runs(), f"photos/{name}.jpg"
    with owner.cloud.scf.hold():
        owner.cloud.cos().put_object(Bucket=owner.bucket, Key=key, Body=PORTRAIT)
        owner.cloud.storage.lock(owner.bucket, key)
    owner.cloud.scf.settle()

    assert owner.stamp(key) is None
    record = owner.record(key)
    assert record is not None
    assert {a["Operation"] for a in record["answers"].values()} == EVERY_OPERATION
    assert errors(record) == {""}

    owner.again(key)
    assert len(calls.paid()) == 3
    assert runs() == [200, 200]
    assert owner.letter(key) is None

    owner.cloud.storage.unlock(owner.bucket, key)
    owner.again(key)
    assert owner.stamped(key).count == 1
    assert len(calls.paid()) == 3


# -- the uploader's metadata leaves little room -----------------------------------------------------------------------


def filler(size: int) -> dict[str, str]:
    """Metadata of so many bytes, names and values together."""
    name = "x-cos-meta-story"
    return {name: "s" * (size - len(name))}


ROOM = {
    "room for all": (0, {"boxes", "landmarks", "attributes"}),
    "no room for landmarks": (1670, {"boxes", "attributes"}),
    "no room for attributes": (1770, {"boxes"}),
    "no room for boxes": (1820, set[str]()),
}
"""Bytes that the uploader's metadata take, and the lines that still fit beside them."""


@pytest.mark.parametrize(("size", "lines"), ROOM.values(), ids=ROOM.keys())
def test_the_stamp_shrinks_line_by_line_beside_the_uploaders_metadata(
    owner: Owner, name: str, size: int, lines: set[str]
) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    given = filler(size) if size else {}

    owner.put(key, PORTRAIT, Metadata=given)

    headers = owner.head(key)
    assert {n: v for n, v in headers.items() if n in given} == given
    read = owner.stamped(key)
    (face,) = read.faces or (None,)
    there = {
        line
        for line, part in (
            ("boxes", face and face.box),
            ("landmarks", face and face.points),
            ("attributes", face and face.attributes),
        )
        if part
    }
    assert there == lines
    assert (read.status, read.count, read.size) == ("ok", 1, (512, 512))
    assert_complete(owner, key)
    owner.again(key)
    assert len(calls.paid()) == 3


@pytest.mark.parametrize("size", [1900, 2000, 2048])
def test_without_room_for_any_stamp_the_record_recognises_the_photo(owner: Owner, name: str, size: int) -> None:
    key, calls, runs = f"photos/{name}.jpg", owner.calls(), owner.runs()

    owner.put(key, PORTRAIT, Metadata=filler(size))

    assert owner.stamp(key) is None
    assert {n: v for n, v in owner.head(key).items() if n.startswith("x-cos-meta-")} == filler(size)
    assert_complete(owner, key)
    owner.again(key)
    assert len(calls.paid()) == 3
    assert runs() == [200, 200]


def test_metadata_full_by_values_alone(clouds: Clouds) -> None:
    """Where COS counts values alone, an uploader may have more metadata than we count room for."""
    owner = Owner(clouds(Readings(metadata_counts="values")))
    given = {f"x-cos-meta-number-{n}": "v" * 40 for n in range(50)}
    calls = owner.calls()

    owner.put("photos/full.jpg", PORTRAIT, Metadata=given)

    assert {n: v for n, v in owner.head("photos/full.jpg").items() if n.startswith("x-cos-meta-")} == given
    assert_complete(owner, "photos/full.jpg")
    owner.again("photos/full.jpg")
    assert len(calls.paid()) == 3


def assert_complete(owner: Owner, key: str) -> None:
    record = owner.record(key, identity(owner.head(key)))
    assert record is not None
    answers = {answer["Operation"]: answer["Response"] for answer in record["answers"].values()}
    assert answers.keys() == EVERY_OPERATION
    assert len(answers["AnalyzeFace"]["FaceShapeSet"]) == 1
    assert len(answers["DetectFaceAttributes"]["FaceDetailInfos"]) == 1
