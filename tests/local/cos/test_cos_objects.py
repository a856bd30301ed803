"""Objects: what goes in comes out, and what COS refuses."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import crcmod
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from qcloud_cos import CosServiceError

from infra.local.cos import facts
from infra.local.cos.objects import wanted_range
from infra.local.gateway import Refused
from infra.local.readings import Readings
from tests.local.cos.conftest import PHOTOS, LocalCos, Start, code, md5

EVERYTHING = {
    "Content-Type": "image/jpeg",
    "Cache-Control": "max-age=86400",
    "Content-Disposition": "attachment; filename=a.jpg",
    "Content-Encoding": "gzip",
    "Content-Language": "zh-CN",
    "Expires": "Wed, 21 Oct 2026 07:28:00 GMT",
    "x-cos-meta-camera": "Hasselblad_500",
    "x-cos-meta-place": "广州",
    "x-cos-storage-class": "STANDARD_IA",
    "x-cos-server-side-encryption": "AES256",
    "x-cos-tagging": "team=red&place=the%20sea",
}
SECRET = b"0123456789ABCDEF0123456789ABCDEF"
SSE_C = {
    "x-cos-server-side-encryption-customer-algorithm": "AES256",
    "x-cos-server-side-encryption-customer-key": base64.b64encode(SECRET).decode(),
    "x-cos-server-side-encryption-customer-key-MD5": base64.b64encode(md5(SECRET)).decode(),
}


def encoded(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as a client sees them: the bytes on the wire as Latin-1."""
    return {name: value.encode().decode("latin-1") for name, value in headers.items()}


@pytest.mark.behaviour(
    service="cos",
    what="Standard headers and x-cos-meta-* are kept as given and shown by GET and HEAD; the body is never re-coded",
    standing="documented",
    source="COS 436/7749, COS 436/7745",
)
def test_everything_comes_back(cloud: LocalCos) -> None:
    body = b"not really gzip"
    assert cloud.ask("PUT", "photo.jpg", headers=EVERYTHING, body=body).status_code == 200
    shown = cloud.head("photo.jpg")
    for name, value in encoded(EVERYTHING).items():
        if name != "x-cos-tagging":
            assert shown[name] == value
    assert shown["Content-Length"] == str(len(body))
    assert shown["ETag"] == f'"{md5(body).hex()}"'
    with requests.get(
        cloud.client().get_presigned_url(Bucket=PHOTOS, Key="photo.jpg", Method="GET"),
        proxies=cloud.proxies,
        stream=True,
        timeout=30,
    ) as response:
        assert response.raw.read(decode_content=False) == body
        assert response.headers["x-cos-meta-place"] == encoded(EVERYTHING)["x-cos-meta-place"]


@pytest.mark.behaviour(
    service="cos",
    what="x-cos-storage-class is shown only where it is not STANDARD; x-cos-tagging-count only where there are tags",
    standing="documented",
    source="COS 436/7745",
)
def test_a_plain_object_shows_little(cloud: LocalCos) -> None:
    cloud.put("photo.jpg")
    shown = cloud.head("photo.jpg")
    assert shown["Content-Type"] == "application/octet-stream"
    assert "x-cos-storage-class" not in shown
    assert "x-cos-tagging-count" not in shown
    assert "x-cos-server-side-encryption" not in shown
    assert "x-cos-version-id" not in shown
    cloud.put("tagged.jpg", x_cos_tagging="a=1&b=2")
    assert cloud.head("tagged.jpg")["x-cos-tagging-count"] == "2"


@pytest.mark.behaviour(
    service="cos",
    what="x-cos-hash-crc64ecma is on every answer about an object's content: CRC-64/ECMA-182 as a decimal number",
    standing="documented",
    source="COS international 436/34078",
)
def test_the_checksum(cloud: LocalCos) -> None:
    body = b"123456789"
    checksum = "11051210869376104954"
    assert str(crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)(body)) == checksum
    assert cloud.put("photo.jpg", body).headers["x-cos-hash-crc64ecma"] == checksum
    assert cloud.ask("GET", "photo.jpg").headers["x-cos-hash-crc64ecma"] == checksum
    assert cloud.head("photo.jpg")["x-cos-hash-crc64ecma"] == checksum
    assert cloud.copy_onto_itself("photo.jpg").headers["x-cos-hash-crc64ecma"] == checksum
    part = cloud.ask("GET", "photo.jpg", headers={"Range": "bytes=0-2"})
    assert part.headers["x-cos-hash-crc64ecma"] == checksum


@pytest.mark.parametrize("name", facts.STORAGE_CLASSES)
def test_every_storage_class_is_kept(cloud: LocalCos, name: str) -> None:
    cloud.put("photo.jpg", x_cos_storage_class=name)
    assert cloud.head("photo.jpg").get("x-cos-storage-class", "STANDARD") == name


@pytest.mark.behaviour(
    service="cos",
    what="A storage class that does not exist gets 400 NotSupportedStorageClass",
    standing="documented",
    source="COS 436/7730",
)
def test_an_unknown_storage_class(cloud: LocalCos) -> None:
    response = cloud.put("photo.jpg", x_cos_storage_class="GLACIER")
    assert (response.status_code, code(response)) == (400, "NotSupportedStorageClass")


@pytest.mark.behaviour(
    service="cos",
    what="A GET of an ARCHIVE or DEEP_ARCHIVE object gets 403 InvalidObjectState; HEAD answers",
    standing="documented",
    source="COS 436/7753",
)
@pytest.mark.parametrize("name", facts.ARCHIVED)
def test_archived_objects_cannot_be_read(cloud: LocalCos, name: str) -> None:
    cloud.put("photo.jpg", x_cos_storage_class=name)
    response = cloud.ask("GET", "photo.jpg")
    assert (response.status_code, code(response)) == (403, "InvalidObjectState")
    assert cloud.head("photo.jpg")["x-cos-storage-class"] == name


class TestRanges:
    @pytest.mark.behaviour(
        service="cos",
        what="One Range is answered with 206 and Content-Range; one that begins past the end gets 416 InvalidRange",
        standing="documented",
        source="COS 436/7753",
    )
    @pytest.mark.parametrize(
        ("asked", "body", "shown"),
        [
            ("bytes=0-3", b"0123", "bytes 0-3/10"),
            ("bytes=7-", b"789", "bytes 7-9/10"),
            ("bytes=-2", b"89", "bytes 8-9/10"),
            ("bytes=0-65535", b"0123456789", "bytes 0-9/10"),
        ],
    )
    def test_a_part_is_read(self, cloud: LocalCos, asked: str, body: bytes, shown: str) -> None:
        cloud.put("photo.jpg", b"0123456789", Content_Type="image/jpeg")
        response = cloud.ask("GET", "photo.jpg", headers={"Range": asked})
        assert (response.status_code, response.content) == (206, body)
        assert response.headers["Content-Range"] == shown
        assert response.headers["Content-Type"] == "image/jpeg"
        assert cloud.journal.calls()[-1].sent == len(body)

    @pytest.mark.parametrize(("size", "asked"), [(10, "bytes=10-"), (0, "bytes=0-65535")])
    def test_past_the_end(self, cloud: LocalCos, size: int, asked: str) -> None:
        cloud.put("photo.jpg", b"x" * size)
        response = cloud.ask("GET", "photo.jpg", headers={"Range": asked})
        assert (response.status_code, code(response)) == (416, "InvalidRange")

    @given(st.integers(0, 50), st.text(alphabet="bytes=0123456789-, ", max_size=14))
    def test_any_header_is_a_range_inside_the_object_or_none(self, size: int, text: str) -> None:
        try:
            span = wanted_range("bytes=" + text, size)
        except Refused:
            span = None
        assert span is None or 0 <= span[0] <= span[1] < size


class TestConditions:
    @pytest.mark.behaviour(
        service="cos",
        what="Reads heed If-Match and If-Unmodified-Since (412 PreconditionFailed), If-None-Match and"
        " If-Modified-Since (304)",
        standing="documented",
        source="COS 436/7753, COS 436/7745",
    )
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize(
        ("header", "holds", "fails", "status"),
        [
            ("If-Match", "{etag}", '"0"', 412),
            ("If-None-Match", '"0"', "{etag}", 304),
            ("If-Unmodified-Since", "{later}", "{earlier}", 412),
            ("If-Modified-Since", "{earlier}", "{later}", 304),
        ],
    )
    def test_a_read_on_condition(
        self, cloud: LocalCos, method: str, header: str, holds: str, fails: str, status: int
    ) -> None:
        etag = cloud.put("photo.jpg").headers["ETag"]
        now = cloud.clock.now()
        words = {
            "etag": etag,
            "earlier": formatdate(now - 60, usegmt=True),
            "later": formatdate(now + 60, usegmt=True),
        }
        assert cloud.ask(method, "photo.jpg", headers={header: holds.format(**words)}).status_code == 200
        response = cloud.ask(method, "photo.jpg", headers={header: fails.format(**words)})
        assert response.status_code == status
        assert not response.content or code(response) == "PreconditionFailed"


class TestMetadata:
    @pytest.mark.behaviour(
        service="cos",
        what="User metadata of over 2 KB in all is refused (400 MetadataTooLarge)",
        standing="assumed",
        source="COS 436/7749",
    )
    def test_names_may_count_or_not(self, start: Start) -> None:
        name = "x-cos-meta-a"
        for counting, most in (("names-and-values", 2048 - len(name)), ("values", 2048)):
            cloud = start(Readings(metadata_counts="values" if counting == "values" else "names-and-values"))
            assert cloud.ask("PUT", "photo.jpg", headers={name: "x" * most}).status_code == 200
            response = cloud.ask("PUT", "photo.jpg", headers={name: "x" * (most + 1)})
            assert (response.status_code, code(response)) == (400, "MetadataTooLarge")
            response = cloud.copy_onto_itself("photo.jpg", **{name: "x" * (most + 1)})
            assert code(response) == "MetadataTooLarge"

    @pytest.mark.behaviour(
        service="cos",
        what="A metadata name with a _, or anything but letters, digits and -, is refused (400 InvalidArgument)",
        standing="assumed",
        source="COS 436/7749",
    )
    def test_names_have_no_underscore(self, cloud: LocalCos) -> None:
        for name in ("x-cos-meta-my_name", "x-cos-meta-my.name", "x-cos-meta-a*"):
            response = cloud.ask("PUT", "photo.jpg", headers={name: "value"})
            assert (response.status_code, code(response)) == (400, "InvalidArgument")
        assert cloud.ask("PUT", "photo.jpg", headers={"x-cos-meta-my-name": "my_value"}).status_code == 200

    def test_names_come_back_in_lower_case(self, cloud: LocalCos) -> None:
        cloud.ask("PUT", "photo.jpg", headers={"X-Cos-Meta-Camera": "Leica"})
        assert [name for name in cloud.head("photo.jpg") if "meta" in name.lower()] == ["x-cos-meta-camera"]


class TestForbidOverwrite:
    @pytest.mark.behaviour(
        service="cos",
        what="x-cos-forbid-overwrite: true gets 409 FileAlreadyExists where the object exists",
        standing="documented",
        source="COS 436/7749",
    )
    def test_an_object_is_created_once(self, cloud: LocalCos) -> None:
        create = {"x-cos-forbid-overwrite": "true"}
        client = cloud.client()
        client.put_object(Bucket=PHOTOS, Key="lease", Body=b"1", Metadata=create)
        with pytest.raises(CosServiceError) as raised:
            client.put_object(Bucket=PHOTOS, Key="lease", Body=b"2", Metadata=create)
        assert (raised.value.get_status_code(), raised.value.get_error_code()) == (409, "FileAlreadyExists")
        assert cloud.ask("GET", "lease").content == b"1"
        copied = cloud.copy_onto_itself("lease", x_cos_forbid_overwrite="true")
        assert code(copied) == "FileAlreadyExists"
        assert cloud.ask("PUT", "lease", headers={"x-cos-forbid-overwrite": "false"}, body=b"3").ok

    def test_of_many_at_once_one_creates_it(self, cloud: LocalCos) -> None:
        clients = [cloud.client() for _ in range(8)]

        def create(number: int) -> str:
            try:
                clients[number].put_object(
                    Bucket=PHOTOS, Key="lease", Body=str(number), Metadata={"x-cos-forbid-overwrite": "true"}
                )
            except CosServiceError as error:
                return str(error.get_error_code())
            return str(number)

        with ThreadPoolExecutor(len(clients)) as pool:
            answers = list(pool.map(create, range(len(clients))))
        [created] = [answer for answer in answers if answer != "FileAlreadyExists"]
        assert cloud.ask("GET", "lease").text == created

    @pytest.mark.behaviour(
        service="cos",
        what="x-cos-forbid-overwrite does nothing in a bucket that ever had versioning",
        standing="documented",
        source="COS 436/7749",
    )
    @pytest.mark.parametrize("status", ["Enabled", "Suspended"])
    def test_not_where_versions_are_kept(self, cloud: LocalCos, status: str) -> None:
        cloud.client().put_bucket_versioning(Bucket=PHOTOS, Status=status)
        for _ in range(2):
            assert cloud.put("lease", x_cos_forbid_overwrite="true").status_code == 200


class TestKeys:
    @pytest.mark.behaviour(
        service="cos",
        what="A key of over 850 bytes gets 400 KeyTooLong; one that begins with / or \\ is refused",
        standing="documented",
        source="COS 436/13324",
    )
    def test_too_long(self, cloud: LocalCos) -> None:
        assert cloud.put("照" * 283).status_code == 200
        response = cloud.put("照" * 284)
        assert (response.status_code, code(response)) == (400, "KeyTooLong")

    @pytest.mark.parametrize("key", ["/photo.jpg", "\\photo.jpg"])
    def test_a_slash_in_front(self, cloud: LocalCos, key: str) -> None:
        address = f"http://{PHOTOS}.cos.ap-guangzhou.myqcloud.com/"
        cloud.client().put_bucket_acl(Bucket=PHOTOS, ACL="public-read-write")
        request = requests.Request("PUT", address, data=b"x").prepare()
        request.url = address + key
        with requests.Session() as session:
            response = session.send(request, proxies=cloud.proxies)
        assert (response.status_code, code(response)) == (400, "InvalidObjectName")

    def test_keys_that_look_alike_are_different(self, cloud: LocalCos) -> None:
        keys = ["a b", "a+b", "a%20b", "a%2Bb", "A b", "a/b", "照片", "%E7%85%A7%E7%89%87"]
        for key in keys:
            cloud.put(key, key.encode())
        for key in keys:
            assert cloud.ask("GET", key).content == key.encode()


class TestEncryption:
    @pytest.mark.behaviour(
        service="cos",
        what="KMS encryption shows its key id; KMS and SSE-C objects have an ETag that is not the content's MD5",
        standing="documented",
        source="COS 436/7749",
    )
    def test_kms(self, cloud: LocalCos) -> None:
        cloud.ask(
            "PUT",
            "photo.jpg",
            headers={
                "x-cos-server-side-encryption": "cos/kms",
                "x-cos-server-side-encryption-cos-kms-key-id": "48ba38aa",
            },
            body=b"pixels",
        )
        shown = cloud.head("photo.jpg")
        assert shown["x-cos-server-side-encryption"] == "cos/kms"
        assert shown["x-cos-server-side-encryption-cos-kms-key-id"] == "48ba38aa"
        assert md5(b"pixels").hex() not in shown["ETag"]

    @pytest.mark.behaviour(
        service="cos",
        what="An SSE-C object is refused to whoever does not send its key (400 SsecDecryptHeaderInvalid)",
        standing="assumed",
        source="COS 436/7730",
    )
    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_key_of_ones_own(self, cloud: LocalCos, method: str) -> None:
        assert cloud.ask("PUT", "photo.jpg", headers=SSE_C, body=b"pixels").status_code == 200
        opened = cloud.ask(method, "photo.jpg", headers=SSE_C)
        assert opened.status_code == 200
        name = "x-cos-server-side-encryption-customer-key-MD5"
        assert opened.headers[name] == SSE_C[name]
        response = cloud.ask(method, "photo.jpg")
        assert response.status_code == 400
        assert cloud.journal.calls()[-1].code == "SsecDecryptHeaderInvalid"
        assert base64.b64encode(SECRET).decode() not in str(opened.headers)

    def test_a_key_that_is_none(self, cloud: LocalCos) -> None:
        headers = {**SSE_C, "x-cos-server-side-encryption-customer-key": "c2hvcnQ="}
        assert code(cloud.ask("PUT", "photo.jpg", headers=headers)) == "InvalidArgument"
        assert code(cloud.put("photo.jpg", x_cos_server_side_encryption="ROT13")) == "SSEContentNotSupported"


@pytest.mark.behaviour(
    service="cos",
    what="Content-MD5 is checked: 400 BadDigest if it is another's, InvalidDigest if it is none",
    standing="documented",
    source="COS 436/7730",
)
def test_the_uploads_own_checksum(cloud: LocalCos) -> None:
    digest = base64.b64encode(md5(b"pixels")).decode()
    assert cloud.put("photo.jpg", b"pixels", Content_MD5=digest).status_code == 200
    assert code(cloud.put("photo.jpg", b"others", Content_MD5=digest)) == "BadDigest"
    assert code(cloud.put("photo.jpg", b"pixels", Content_MD5="nonsense")) == "InvalidDigest"


class TestAcls:
    @pytest.mark.behaviour(
        service="cos",
        what="GET ?acl of an object that was never given one answers x-cos-acl: default",
        standing="assumed",
        source="COS 436/7744",
    )
    def test_an_object_without_one(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        answer = cloud.client().get_object_acl(Bucket=PHOTOS, Key="photo.jpg")
        assert answer["CannedACL"] == "default"
        assert cloud.ask("GET", "photo.jpg", {"acl": ""}).headers["x-cos-acl"] == "default"

    @pytest.mark.behaviour(
        service="cos",
        what="An object's ACL is set by headers at upload, or later by headers or a document, and read as a document",
        standing="documented",
        source="COS 436/7744, COS 436/7748",
    )
    def test_a_canned_one(self, cloud: LocalCos) -> None:
        client = cloud.client()
        cloud.put("photo.jpg", x_cos_acl="public-read")
        assert client.get_object_acl(Bucket=PHOTOS, Key="photo.jpg")["CannedACL"] == "public-read"
        before = cloud.head("photo.jpg")
        client.put_object_acl(Bucket=PHOTOS, Key="photo.jpg", ACL="private")
        assert client.get_object_acl(Bucket=PHOTOS, Key="photo.jpg")["CannedACL"] == "private"
        assert cloud.head("photo.jpg")["Last-Modified"] == before["Last-Modified"]

    def test_grants(self, cloud: LocalCos) -> None:
        client = cloud.client()
        cloud.put("photo.jpg", x_cos_grant_read='id="100000000002",id="100000000001/100000000011"')
        grants = client.get_object_acl(Bucket=PHOTOS, Key="photo.jpg")["AccessControlList"]["Grant"]
        shown = {(grant["Grantee"].get("ID"), grant["Permission"]) for grant in grants}
        assert shown == {
            ("qcs::cam::uin/100000000001:uin/100000000001", "FULL_CONTROL"),
            ("qcs::cam::uin/100000000002:uin/100000000002", "READ"),
            ("qcs::cam::uin/100000000001:uin/100000000011", "READ"),
        }

    @pytest.mark.behaviour(
        service="cos",
        what="An object that was given grants but no canned ACL is private to all others, no longer its bucket's",
        standing="assumed",
        source="COS international 436/30583",
    )
    def test_grants_make_a_list_of_its_own(self, cloud: LocalCos) -> None:
        cloud.client().put_bucket_acl(Bucket=PHOTOS, ACL="public-read")
        cloud.put("photo.jpg", x_cos_grant_read='id="100000000002"')
        assert cloud.client().get_object_acl(Bucket=PHOTOS, Key="photo.jpg")["CannedACL"] == "private"
        assert cloud.ask("GET", "photo.jpg", signed=False).status_code == 403

    @pytest.mark.parametrize("canned", ["private", "public-read", "authenticated-read"])
    def test_a_document_that_was_read_can_be_put(self, cloud: LocalCos, canned: str) -> None:
        cloud.put("one.jpg", x_cos_acl=canned, x_cos_grant_full_control='id="100000000002"')
        cloud.put("other.jpg")
        document = cloud.ask("GET", "one.jpg", {"acl": ""})
        cloud.ask("PUT", "other.jpg", {"acl": ""}, body=document.content)
        again = cloud.ask("GET", "other.jpg", {"acl": ""})
        assert again.content == document.content
        assert again.headers["x-cos-acl"] == canned

    def test_what_is_no_acl(self, cloud: LocalCos) -> None:
        assert code(cloud.put("photo.jpg", x_cos_acl="mine")) == "InvalidArgument"
        assert code(cloud.put("photo.jpg", x_cos_grant_read="everyone")) == "InvalidArgument"
        cloud.put("photo.jpg")
        assert code(cloud.ask("PUT", "photo.jpg", {"acl": ""}, body=b"<no")) == "MalformedXML"


class TestTags:
    @pytest.mark.behaviour(
        service="cos",
        what="Tags are put, read and deleted beside the object, without writing it anew; none at all is NoSuchTagSet",
        standing="documented",
        source="COS international 436/35709, COS international 436/35710",
    )
    def test_a_life(self, cloud: LocalCos) -> None:
        client = cloud.client()
        cloud.put("photo.jpg", x_cos_tagging="team=red")
        before = dict(cloud.head("photo.jpg"))
        tags = {"TagSet": {"Tag": [{"Key": "place", "Value": "the sea"}, {"Key": "year", "Value": "2026"}]}}
        client.put_object_tagging(Bucket=PHOTOS, Key="photo.jpg", Tagging=tags)
        assert client.get_object_tagging(Bucket=PHOTOS, Key="photo.jpg")["TagSet"] == tags["TagSet"]
        assert cloud.head("photo.jpg")["Last-Modified"] == before["Last-Modified"]
        client.delete_object_tagging(Bucket=PHOTOS, Key="photo.jpg")
        response = cloud.ask("GET", "photo.jpg", {"tagging": ""})
        assert (response.status_code, code(response)) == (404, "NoSuchTagSet")

    @pytest.mark.behaviour(
        service="cos",
        what="Over ten tags, a key of over 127 or a value of over 255 characters, or another character: 400 InvalidTag",
        standing="assumed",
        source="COS international 436/35665",
    )
    @pytest.mark.parametrize(
        "tags",
        ["&".join(f"k{n}=v" for n in range(11)), f"{'k' * 128}=v", f"k={'v' * 256}", "k=%3Cb%3E", "=v", "k=1&k=2"],
        ids=["eleven", "long key", "long value", "sign", "no key", "twice"],
    )
    def test_limits(self, cloud: LocalCos, tags: str) -> None:
        assert code(cloud.put("photo.jpg", x_cos_tagging=tags)) == "InvalidTag"


class TestDeleting:
    @pytest.mark.behaviour(
        service="cos",
        what="DELETE answers 204, whether there was an object or not",
        standing="documented",
        source="COS 436/7743",
    )
    def test_what_is_deleted_is_gone(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        assert cloud.ask("DELETE", "photo.jpg").status_code == 204
        assert cloud.ask("GET", "photo.jpg").status_code == 404
        assert cloud.ask("DELETE", "photo.jpg").status_code == 204

    @pytest.mark.behaviour(
        service="cos",
        what="A locked object can be neither overwritten nor deleted nor copied onto itself: 409 ObjectLocked",
        standing="documented",
        source="COS 436/7730",
    )
    def test_a_lock(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", b"pixels")
        cloud.cos.lock(PHOTOS, "photo.jpg")
        for response in (
            cloud.put("photo.jpg", b"others"),
            cloud.ask("DELETE", "photo.jpg"),
            cloud.copy_onto_itself("photo.jpg"),
        ):
            assert (response.status_code, code(response)) == (409, "ObjectLocked")
        assert cloud.ask("GET", "photo.jpg").content == b"pixels"
        cloud.cos.unlock(PHOTOS, "photo.jpg")
        assert cloud.put("photo.jpg", b"others").ok


class TestVersions:
    @pytest.mark.behaviour(
        service="cos",
        what="With versioning, each write makes a version with an id, and a DELETE lays a delete marker over them",
        standing="documented",
        source="COS 436/19889, COS 436/7743",
    )
    def test_old_ones_stay(self, cloud: LocalCos) -> None:
        client = cloud.client()
        cloud.put("photo.jpg", b"before")
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        first = cloud.put("photo.jpg", b"first").headers["x-cos-version-id"]
        second = cloud.put("photo.jpg", b"second").headers["x-cos-version-id"]
        assert first != second
        assert cloud.head("photo.jpg")["x-cos-version-id"] == second
        for version, body in ((first, b"first"), (second, b"second"), ("null", b"before")):
            assert cloud.ask("GET", "photo.jpg", {"versionId": version}).content == body
        gone = cloud.ask("DELETE", "photo.jpg")
        assert gone.headers["x-cos-delete-marker"] == "true"
        assert code(cloud.ask("GET", "photo.jpg")) == "NoSuchKey"
        assert cloud.ask("GET", "photo.jpg", {"versionId": first}).content == b"first"
        again = cloud.ask("DELETE", "photo.jpg", {"versionId": gone.headers["x-cos-version-id"]})
        assert again.headers["x-cos-delete-marker"] == "true"
        assert cloud.ask("GET", "photo.jpg").content == b"second"
        cloud.ask("DELETE", "photo.jpg", {"versionId": second})
        assert cloud.ask("GET", "photo.jpg").content == b"first"
        response = cloud.ask("GET", "photo.jpg", {"versionId": second})
        assert (response.status_code, code(response)) == (404, "NoSuchVersion")

    @pytest.mark.behaviour(
        service="cos",
        what="With versioning suspended, a write or a DELETE takes the place of the null version and leaves the others",
        standing="documented",
        source="COS 436/19889, COS 436/7749",
    )
    def test_suspended(self, cloud: LocalCos) -> None:
        client = cloud.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        kept = cloud.put("photo.jpg", b"kept").headers["x-cos-version-id"]
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Suspended")
        assert "x-cos-version-id" not in cloud.put("photo.jpg", b"one").headers
        cloud.put("photo.jpg", b"other")
        assert cloud.ask("GET", "photo.jpg").content == b"other"
        assert cloud.ask("GET", "photo.jpg", {"versionId": kept}).content == b"kept"
        cloud.ask("DELETE", "photo.jpg")
        assert cloud.ask("GET", "photo.jpg").status_code == 404
        assert cloud.ask("GET", "photo.jpg", {"versionId": kept}).content == b"kept"


def test_a_signed_reader_may_override_headers(cloud: LocalCos) -> None:
    cloud.put("photo.jpg", x_cos_acl="public-read", Content_Type="image/jpeg")
    query = {"response-content-type": "image/x-mine"}
    assert cloud.ask("GET", "photo.jpg", query).headers["Content-Type"] == "image/x-mine"
    assert cloud.ask("GET", "photo.jpg", query, signed=False).headers["Content-Type"] == "image/jpeg"


def test_an_upload_without_a_length(cloud: LocalCos) -> None:
    client = cloud.client()
    client.put_object(Bucket=PHOTOS, Key="photo.jpg", Body=(chunk for chunk in (b"pix", b"els")))
    assert cloud.ask("GET", "photo.jpg").content == b"pixels"
    client.put_object(Bucket=PHOTOS, Key="empty.jpg", Body=b"")
    assert cloud.head("empty.jpg")["Content-Length"] == "0"
