"""Uploads in parts."""

from __future__ import annotations

import io
from typing import Any

import pytest
from qcloud_cos import CosServiceError

from infra.local.cos.store import PART_MINIMUM
from tests.local.cos.conftest import PHOTOS, REGION, LocalCos, code, md5

FIRST, LAST = b"1" * PART_MINIMUM, b"2" * 10


def begin(cloud: LocalCos, **settings: Any) -> str:
    return str(cloud.client().create_multipart_upload(Bucket=PHOTOS, Key="photo.jpg", **settings)["UploadId"])


def add(cloud: LocalCos, upload: str, number: int, body: bytes) -> dict[str, object]:
    client = cloud.client()
    part = client.upload_part(Bucket=PHOTOS, Key="photo.jpg", Body=body, PartNumber=number, UploadId=upload)
    return {"PartNumber": number, "ETag": part["ETag"]}


def complete(cloud: LocalCos, upload: str, *parts: dict[str, object]) -> dict[str, str]:
    done: dict[str, str] = cloud.client().complete_multipart_upload(
        Bucket=PHOTOS, Key="photo.jpg", UploadId=upload, MultipartUpload={"Part": list(parts)}
    )
    return done


@pytest.mark.behaviour(
    service="cos",
    what='Parts are joined into one object with the headers of its beginning and an ETag of the form "<hex>-<parts>"',
    standing="documented",
    source="COS 436/7742",
)
def test_two_parts_become_one_object(cloud: LocalCos) -> None:
    upload = begin(cloud, ContentType="image/jpeg", StorageClass="STANDARD_IA", Metadata={"x-cos-meta-a": "1"})
    one, two = add(cloud, upload, 1, FIRST), add(cloud, upload, 2, LAST)
    done = complete(cloud, upload, one, two)
    digests = md5(FIRST) + md5(LAST)
    assert done["ETag"] == f'"{md5(digests).hex()}-2"'
    shown = cloud.head("photo.jpg")
    assert shown["ETag"] == done["ETag"]
    assert (shown["Content-Type"], shown["x-cos-storage-class"]) == ("image/jpeg", "STANDARD_IA")
    assert shown["x-cos-meta-a"] == "1"
    assert shown["x-cos-hash-crc64ecma"] == done["x-cos-hash-crc64ecma"]
    assert cloud.ask("GET", "photo.jpg").content == FIRST + LAST
    assert code(cloud.ask("GET", "photo.jpg", {"uploadId": upload})) == "NoSuchUpload"


def test_the_sdks_own_upload_of_a_large_file(cloud: LocalCos) -> None:
    body = bytes(range(256)) * 12 * 1024
    client = cloud.client()
    client.upload_file_from_buffer(Bucket=PHOTOS, Key="photo.jpg", Body=io.BytesIO(body), PartSize=1)
    assert cloud.head("photo.jpg")["ETag"].endswith('-3"')
    assert cloud.ask("GET", "photo.jpg").content == body


@pytest.mark.behaviour(
    service="cos",
    what="A part but the last of under 1 MB, a wrong ETag, or parts out of order: EntityTooSmall, InvalidPart,"
    " InvalidPartOrder",
    standing="documented",
    source="COS 436/7730",
)
def test_parts_that_do_not_fit(cloud: LocalCos) -> None:
    upload = begin(cloud)
    small, large, last = add(cloud, upload, 1, LAST), add(cloud, upload, 2, FIRST), add(cloud, upload, 3, LAST)
    for parts, expected in (
        ([small, last], "EntityTooSmall"),
        ([{**large, "ETag": '"0"'}, last], "InvalidPart"),
        ([{"PartNumber": 9, "ETag": '"0"'}], "InvalidPart"),
        ([last, large], "InvalidPartOrder"),
    ):
        with pytest.raises(CosServiceError) as raised:
            complete(cloud, upload, *parts)
        assert (raised.value.get_status_code(), raised.value.get_error_code()) == (400, expected)
    complete(cloud, upload, large, last)


@pytest.mark.behaviour(
    service="cos",
    what="Parts and uploads under way can be listed; an aborted upload is NoSuchUpload",
    standing="documented",
    source="COS 436/7747, COS 436/7736, COS 436/7740",
)
def test_an_upload_under_way(cloud: LocalCos) -> None:
    client = cloud.client()
    upload = begin(cloud)
    for number in (3, 1, 2):
        add(cloud, upload, number, LAST)
    page = client.list_parts(Bucket=PHOTOS, Key="photo.jpg", UploadId=upload, MaxParts=2)
    assert [part["PartNumber"] for part in page["Part"]] == ["1", "2"]
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == ("true", "2")
    page = client.list_parts(Bucket=PHOTOS, Key="photo.jpg", UploadId=upload, PartNumberMarker=2)
    assert [part["PartNumber"] for part in page["Part"]] == ["3"]
    assert [one["UploadId"] for one in client.list_multipart_uploads(Bucket=PHOTOS)["Upload"]] == [upload]
    client.abort_multipart_upload(Bucket=PHOTOS, Key="photo.jpg", UploadId=upload)
    with pytest.raises(CosServiceError) as raised:
        add(cloud, upload, 1, LAST)
    assert raised.value.get_error_code() == "NoSuchUpload"


def test_an_upload_belongs_to_its_key(cloud: LocalCos) -> None:
    upload = begin(cloud)
    response = cloud.ask("PUT", "other.jpg", {"partNumber": "1", "uploadId": upload}, body=b"x")
    assert (response.status_code, code(response)) == (404, "NoSuchUpload")
    response = cloud.ask("PUT", "photo.jpg", {"partNumber": "0", "uploadId": upload}, body=b"x")
    assert code(response) == "InvalidArgument"


def test_a_part_may_be_copied(cloud: LocalCos) -> None:
    client = cloud.client()
    cloud.put("source.jpg", b"0123456789")
    upload = begin(cloud)
    source = {"Bucket": PHOTOS, "Key": "source.jpg", "Region": REGION}
    part = client.upload_part_copy(
        Bucket=PHOTOS,
        Key="photo.jpg",
        PartNumber=1,
        UploadId=upload,
        CopySource=source,
        CopySourceRange="bytes=2-4",
    )
    complete(cloud, upload, {"PartNumber": 1, "ETag": part["ETag"]})
    assert cloud.ask("GET", "photo.jpg").content == b"234"


def test_an_object_is_created_once_in_parts_too(cloud: LocalCos) -> None:
    upload = begin(cloud)
    part = add(cloud, upload, 1, LAST)
    cloud.put("photo.jpg", b"first")
    body = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part['ETag']}</ETag></Part>"
    response = cloud.ask(
        "POST",
        "photo.jpg",
        {"uploadId": upload},
        {"x-cos-forbid-overwrite": "true"},
        body + "</CompleteMultipartUpload>",
    )
    assert (response.status_code, code(response)) == (409, "FileAlreadyExists")
    assert cloud.ask("GET", "photo.jpg").content == b"first"
