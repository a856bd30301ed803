"""Copies, above all of a photo onto itself: what survives, what is lost, and when it is refused."""

from __future__ import annotations

from email.utils import formatdate

import pytest
from qcloud_cos import CosServiceError

from infra.local.faults import Fault
from infra.local.readings import Readings
from tests.local.cos.conftest import OTHERS, PHOTOS, REGION, LocalCos, Start, code, md5
from tests.local.cos.test_cos_objects import EVERYTHING, SSE_C

VOLATILE = ("Date", "x-cos-request-id", "Last-Modified")


def stable(cloud: LocalCos, key: str) -> dict[str, str]:
    return {name: value for name, value in cloud.head(key).items() if name not in VOLATILE}


class TestWhatACopyKeeps:
    @pytest.mark.behaviour(
        service="cos",
        what="A Replaced copy keeps nothing that it does not restate; Content-Type falls to application/octet-stream",
        standing="documented",
        source="COS 436/10881",
    )
    def test_replaced_with_nothing(self, cloud: LocalCos) -> None:
        cloud.ask("PUT", "photo.jpg", headers=EVERYTHING, body=b"pixels")
        assert cloud.copy_onto_itself("photo.jpg").status_code == 200
        shown = cloud.head("photo.jpg")
        assert shown["Content-Type"] == "application/octet-stream"
        assert not {"Cache-Control", "Content-Disposition", "Content-Encoding", "Expires"} & set(shown)
        assert not [name for name in shown if name.startswith("x-cos-meta-")]
        assert cloud.ask("GET", "photo.jpg").content == b"pixels"

    def test_replaced_with_everything_restated(self, cloud: LocalCos) -> None:
        cloud.ask("PUT", "photo.jpg", headers=EVERYTHING, body=b"pixels")
        before = stable(cloud, "photo.jpg")
        restated = {name: value for name, value in EVERYTHING.items() if name != "x-cos-tagging"}
        assert cloud.copy_onto_itself("photo.jpg", **restated).status_code == 200
        assert stable(cloud, "photo.jpg") == before

    @pytest.mark.behaviour(
        service="cos",
        what="Whatever the directive, a copy's storage class is STANDARD, its ACL default and its encryption none"
        " unless the request says otherwise",
        standing="documented",
        source="COS 436/10881",
    )
    @pytest.mark.parametrize("directive", ["Copy", "Replaced"])
    def test_class_acl_and_encryption_are_never_the_sources(self, cloud: LocalCos, directive: str) -> None:
        cloud.ask("PUT", "one.jpg", headers={**EVERYTHING, "x-cos-acl": "public-read"}, body=b"pixels")
        source = f"{PHOTOS}.cos.{REGION}.myqcloud.com/one.jpg"
        headers = {"x-cos-copy-source": source, "x-cos-metadata-directive": directive}
        cloud.ask("PUT", "other.jpg", headers=headers)
        shown = cloud.head("other.jpg")
        assert "x-cos-storage-class" not in shown
        assert "x-cos-server-side-encryption" not in shown
        assert cloud.client().get_object_acl(Bucket=PHOTOS, Key="other.jpg")["CannedACL"] == "default"
        assert ("x-cos-meta-camera" in shown) == (directive == "Copy")
        assert (shown["Content-Type"] == "image/jpeg") == (directive == "Copy")

    @pytest.mark.behaviour(
        service="cos",
        what="A copy without x-cos-tagging-directive keeps the source's tags; with Replaced it has the request's",
        standing="documented",
        source="COS 436/10881",
    )
    def test_tags(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", x_cos_tagging="team=red&year=2026")
        cloud.copy_onto_itself("photo.jpg")
        assert cloud.head("photo.jpg")["x-cos-tagging-count"] == "2"
        cloud.copy_onto_itself("photo.jpg", x_cos_tagging_directive="Replaced", x_cos_tagging="team=blue")
        tags = cloud.client().get_object_tagging(Bucket=PHOTOS, Key="photo.jpg")["TagSet"]["Tag"]
        assert tags == [{"Key": "team", "Value": "blue"}]

    @pytest.mark.behaviour(
        service="cos",
        what="Whether a self-copy without a tagging directive keeps the tags is open: both are had",
        standing="assumed",
        source="COS 436/10881",
    )
    def test_tags_may_be_lost_on_a_copy_onto_itself(self, start: Start) -> None:
        cloud = start(Readings(copy_keeps_tags=False))
        cloud.put("photo.jpg", x_cos_tagging="team=red")
        cloud.copy_onto_itself("photo.jpg")
        assert "x-cos-tagging-count" not in cloud.head("photo.jpg")

    @pytest.mark.behaviour(
        service="cos",
        what="A bucket's default encryption applies to copies as to uploads",
        standing="assumed",
        source="COS international 436/33459",
    )
    def test_default_encryption(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        cloud.client().put_bucket_encryption(Bucket=PHOTOS, ServerSideEncryptionConfiguration={"Rule": [rule]})
        assert "x-cos-server-side-encryption" not in cloud.head("photo.jpg")
        cloud.copy_onto_itself("photo.jpg")
        assert cloud.head("photo.jpg")["x-cos-server-side-encryption"] == "AES256"


class TestACopyOntoItself:
    @pytest.mark.behaviour(
        service="cos",
        what="A copy onto itself without Replaced is refused (400 InvalidRequest)",
        standing="documented",
        source="COS 436/10881",
    )
    def test_it_must_replace(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        response = cloud.copy_onto_itself("photo.jpg", x_cos_metadata_directive="Copy")
        assert (response.status_code, code(response)) == (400, "InvalidRequest")
        assert code(cloud.copy_onto_itself("photo.jpg", x_cos_metadata_directive="Maybe")) == "InvalidArgument"

    @pytest.mark.behaviour(
        service="cos",
        what="A copy writes the bytes anew: Last-Modified moves on, and a multipart ETag becomes the content's MD5",
        standing="observed",
        source="COS 436/10881",
    )
    def test_a_multipart_etag_becomes_plain(self, cloud: LocalCos) -> None:
        client = cloud.client()
        upload = client.create_multipart_upload(Bucket=PHOTOS, Key="photo.jpg", ContentType="image/jpeg")["UploadId"]
        part = client.upload_part(Bucket=PHOTOS, Key="photo.jpg", Body=b"pixels", PartNumber=1, UploadId=upload)
        parts = {"Part": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        client.complete_multipart_upload(Bucket=PHOTOS, Key="photo.jpg", UploadId=upload, MultipartUpload=parts)
        before = cloud.head("photo.jpg")
        assert before["ETag"].endswith('-1"')
        cloud.clock.skip(60)
        cloud.copy_onto_itself("photo.jpg", x_cos_copy_source_If_Match=before["ETag"])
        after = cloud.head("photo.jpg")
        assert after["ETag"] == f'"{md5(b"pixels").hex()}"'
        assert after["x-cos-hash-crc64ecma"] == before["x-cos-hash-crc64ecma"]
        assert after["Last-Modified"] != before["Last-Modified"]

    @pytest.mark.behaviour(
        service="cos",
        what="In a versioned bucket each copy is a new version, of the latest one unless versionId names another",
        standing="documented",
        source="COS 436/10881",
    )
    def test_with_versions(self, cloud: LocalCos) -> None:
        cloud.client().put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        first = cloud.put("photo.jpg", b"first").headers["x-cos-version-id"]
        second = cloud.put("photo.jpg", b"second").headers["x-cos-version-id"]
        copied = cloud.copy_onto_itself("photo.jpg", x_cos_meta_a="1")
        assert copied.headers["x-cos-version-id"] not in (first, second)
        assert f"<VersionId>{copied.headers['x-cos-version-id']}</VersionId>" in copied.text
        assert cloud.ask("GET", "photo.jpg").content == b"second"
        source = f"{PHOTOS}.cos.{REGION}.myqcloud.com/photo.jpg?versionId={first}"
        restored = cloud.copy_onto_itself("photo.jpg", x_cos_copy_source=source, x_cos_metadata_directive="Copy")
        assert restored.headers["x-cos-copy-source-version-id"] == first
        assert cloud.ask("GET", "photo.jpg").content == b"first"

    def test_a_deleted_photo_is_not_brought_back(self, cloud: LocalCos) -> None:
        cloud.client().put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        cloud.put("photo.jpg")
        cloud.ask("DELETE", "photo.jpg")
        assert cloud.copy_onto_itself("photo.jpg").status_code == 404
        assert cloud.ask("HEAD", "photo.jpg").status_code == 404


class TestConditions:
    @pytest.mark.behaviour(
        service="cos",
        what="A copy whose source is not as x-cos-copy-source-If-* want it gets 412 PreconditionFailed",
        standing="documented",
        source="COS 436/10881",
    )
    @pytest.mark.parametrize(
        ("header", "holds", "fails"),
        [
            ("If-Match", "{etag}", '"0"'),
            ("If-None-Match", '"0"', "{etag}"),
            ("If-Unmodified-Since", "{later}", "{earlier}"),
            ("If-Modified-Since", "{earlier}", "{later}"),
        ],
    )
    def test_one_at_a_time(self, cloud: LocalCos, header: str, holds: str, fails: str) -> None:
        etag = cloud.put("photo.jpg").headers["ETag"]
        now = cloud.clock.now()
        words = {"etag": etag, "earlier": formatdate(now - 9, usegmt=True), "later": formatdate(now + 9, usegmt=True)}
        name = f"x-cos-copy-source-{header}"
        response = cloud.copy_onto_itself("photo.jpg", **{name: fails.format(**words), "x-cos-meta-a": "1"})
        assert (response.status_code, code(response)) == (412, "PreconditionFailed")
        assert "x-cos-meta-a" not in cloud.head("photo.jpg")
        response = cloud.copy_onto_itself("photo.jpg", **{name: holds.format(**words), "x-cos-meta-a": "1"})
        assert response.status_code == 200
        assert cloud.head("photo.jpg")["x-cos-meta-a"] == "1"

    @pytest.mark.behaviour(
        service="cos",
        what="If-Match and If-Unmodified-Since on a copy: both must hold, or If-Match alone decides",
        standing="assumed",
        source="COS 436/10881",
    )
    @pytest.mark.parametrize(("reading", "status"), [("all", 412), ("if-match-wins", 200)])
    def test_both_together(self, start: Start, reading: str, status: int) -> None:
        cloud = start(Readings(copy_conditions="all" if reading == "all" else "if-match-wins"))
        etag = cloud.put("photo.jpg").headers["ETag"]
        long_ago = formatdate(cloud.clock.now() - 60, usegmt=True)
        response = cloud.copy_onto_itself(
            "photo.jpg", x_cos_copy_source_If_Match=etag, x_cos_copy_source_If_Unmodified_Since=long_ago
        )
        assert response.status_code == status
        response = cloud.copy_onto_itself(
            "photo.jpg", x_cos_copy_source_If_Match='"0"', x_cos_copy_source_If_Unmodified_Since=long_ago
        )
        assert response.status_code == 412

    def test_the_sdk_sends_them(self, cloud: LocalCos) -> None:
        client = cloud.client()
        etag = client.put_object(Bucket=PHOTOS, Key="photo.jpg", Body=b"pixels")["ETag"]
        source = {"Bucket": PHOTOS, "Key": "photo.jpg", "Region": REGION}
        copy = {"Bucket": PHOTOS, "Key": "photo.jpg", "CopySource": source, "CopyStatus": "Replaced"}
        with pytest.raises(CosServiceError) as raised:
            client.copy_object(**copy, CopySourceIfMatch='"0"')
        assert raised.value.get_error_code() == "PreconditionFailed"
        done = client.copy_object(**copy, CopySourceIfMatch=etag, Metadata={"x-cos-meta-a": "1"})
        assert done["ETag"] == etag
        assert done["CRC64"] == client.head_object(Bucket=PHOTOS, Key="photo.jpg")["x-cos-hash-crc64ecma"]


class TestSources:
    @pytest.mark.behaviour(
        service="cos",
        what="A source that is not there gets 404 NoSuchCopySource, a version NoSuchVersion, a bucket NoSuchBucket",
        standing="assumed",
        source="COS 436/7730",
    )
    def test_not_there(self, cloud: LocalCos) -> None:
        host = f"cos.{REGION}.myqcloud.com"
        cloud.put("there.jpg")
        for source, expected in (
            (f"{PHOTOS}.{host}/gone.jpg", (404, "NoSuchCopySource")),
            (f"{PHOTOS}.{host}/there.jpg?versionId=x", (404, "NoSuchVersion")),
            (f"nowhere-1250000000.{host}/a.jpg", (404, "NoSuchBucket")),
            (f"{PHOTOS}/there.jpg", (400, "InvalidCopySource")),
        ):
            response = cloud.ask("PUT", "new.jpg", headers={"x-cos-copy-source": source})
            assert (response.status_code, code(response)) == expected

    @pytest.mark.behaviour(
        service="cos",
        what="An archived object cannot be copied: 403 InvalidObjectState",
        standing="documented",
        source="COS 436/7730",
    )
    def test_archived(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", x_cos_storage_class="ARCHIVE")
        response = cloud.copy_onto_itself("photo.jpg")
        assert (response.status_code, code(response)) == (403, "InvalidObjectState")

    def test_under_a_key_of_ones_own(self, cloud: LocalCos) -> None:
        cloud.ask("PUT", "photo.jpg", headers=SSE_C, body=b"pixels")
        assert code(cloud.copy_onto_itself("photo.jpg")) == "SsecDecryptHeaderInvalid"
        opened = {name.replace("x-cos-", "x-cos-copy-source-", 1): value for name, value in SSE_C.items()}
        assert cloud.copy_onto_itself("photo.jpg", **opened).status_code == 200
        assert cloud.ask("GET", "photo.jpg").content == b"pixels"

    @pytest.mark.parametrize("key", ["a b+c%20d.jpg", "照片/一 二.jpg", "x" * 850])
    def test_any_key_from_any_bucket(self, cloud: LocalCos, key: str) -> None:
        cloud.put(key, b"pixels")
        client = cloud.client()
        source = {"Bucket": PHOTOS, "Key": key, "Region": REGION}
        client.copy_object(Bucket=OTHERS, Key=key, CopySource=source)
        assert cloud.ask("GET", key, bucket=OTHERS).content == b"pixels"


@pytest.mark.behaviour(
    service="cos",
    what="A copy may answer 200 with an Error document in its body",
    standing="documented",
    source="COS 436/10881",
)
def test_a_copy_may_fail_with_200(cloud: LocalCos) -> None:
    cloud.put("photo.jpg")
    cloud.faults.add(Fault("fail", action="PutObjectCopy", code="InternalError", status=200))
    response = cloud.copy_onto_itself("photo.jpg")
    assert (response.status_code, code(response)) == (200, "InternalError")
    assert "CopyObjectResult" not in response.text
    cloud.faults.add(Fault("fail", action="PutObjectCopy", code="InternalError", status=200))
    source = {"Bucket": PHOTOS, "Key": "photo.jpg", "Region": REGION}
    with pytest.raises(CosServiceError):
        cloud.client().copy_object(Bucket=PHOTOS, Key="new.jpg", CopySource=source)
