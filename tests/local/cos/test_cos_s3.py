"""S3's way to speak to COS, which deploying uses: AWS's signature, its headers, its SDK."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
import requests
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from infra.local.cam import Identity
from infra.local.cos import sigv4
from infra.local.gateway import Refused
from tests.local.cos.conftest import PHOTOS, REGION, LocalCos, code

HOST = f"{PHOTOS}.cos.{REGION}.myqcloud.com"
NEW = "new-1250000000"

# AWS's page on signing a request for S3 has this key, this request, and what comes of them.
EXAMPLE_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE = CaseInsensitiveDict(
    {
        "Host": "examplebucket.s3.amazonaws.com",
        "Range": "bytes=0-9",
        "x-amz-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-amz-date": "20130524T000000Z",
    }
)
EXAMPLE_MOMENT = datetime(2013, 5, 24, tzinfo=timezone.utc).timestamp()


def signed(
    cloud: LocalCos,
    method: str,
    key: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    identity: Identity | None = None,
    late: float = 0.0,
) -> dict[str, str]:
    """The headers of a request as AWS's SDKs sign it, `late` seconds after they did."""
    who = identity or cloud.cam.owner
    moment = datetime.now(timezone.utc) - timedelta(seconds=late)
    given = {
        "Host": HOST,
        "x-amz-date": moment.strftime("%Y%m%dT%H%M%SZ"),
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        **(headers or {}),
    }
    request = AWSRequest(method, f"http://{HOST}/{quote(key)}", {n: v for n, v in given.items() if v}, body)
    request.context["timestamp"] = given["x-amz-date"]
    signer = S3SigV4Auth(Credentials(who.secret_id, who.secret_key), "s3", REGION)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return dict(request.headers.items())


def send(cloud: LocalCos, method: str, key: str, headers: Mapping[str, str], body: bytes = b"") -> requests.Response:
    return requests.request(
        method, f"http://{HOST}/{quote(key)}", headers=dict(headers), data=body, proxies=cloud.proxies, timeout=30
    )


def refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


class TestSignature:
    @pytest.mark.behaviour(
        service="cos",
        what="Requests may be signed in AWS's way (Signature V4 for S3) instead of COS's own",
        standing="documented",
        source="COS 436/37421",
    )
    @pytest.mark.parametrize("key", ["photo.jpg", "a b/c+d.jpg", "朱朱/é~(1)#?&=.jpg"])
    def test_awss_sdk_is_understood(self, cloud: LocalCos, key: str) -> None:
        client = cloud.s3()
        client.put_object(Bucket=PHOTOS, Key=key, Body=b"pixels")
        assert client.get_object(Bucket=PHOTOS, Key=key)["Body"].read() == b"pixels"
        assert cloud.ask("GET", key).content == b"pixels"
        assert [entry["Key"] for entry in client.list_objects(Bucket=PHOTOS)["Contents"]] == [key]

    def test_the_documents_own_example(self) -> None:
        text = (
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
        known = sigv4.read(text)
        sigv4.verify(known, EXAMPLE_KEY, "GET", "/test.txt", {}, EXAMPLE, b"", EXAMPLE_MOMENT)
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            sigv4.verify(known, EXAMPLE_KEY, "GET", "/test.tx", {}, EXAMPLE, b"", EXAMPLE_MOMENT)

    @pytest.mark.parametrize("change", ["method", "key", "header", "query"])
    def test_nothing_that_is_signed_may_change(self, cloud: LocalCos, change: str) -> None:
        headers = signed(cloud, "PUT", "photo.jpg", b"pixels", {"x-amz-meta-by": "ada"})
        method, key = "PUT", "photo.jpg"
        if change == "method":
            method = "POST"
        elif change == "key":
            key = "other.jpg"
        elif change == "header":
            headers["x-amz-meta-by"] = "eve"
        address = f"http://{HOST}/{key}" + ("?acl" if change == "query" else "")
        response = requests.request(method, address, headers=headers, data=b"pixels", proxies=cloud.proxies, timeout=30)
        assert (response.status_code, code(response)) == (403, "SignatureDoesNotMatch")

    def test_it_changes_nothing_and_is_taken(self, cloud: LocalCos) -> None:
        headers = signed(cloud, "PUT", "photo.jpg", b"pixels", {"x-amz-meta-by": "ada"})
        assert send(cloud, "PUT", "photo.jpg", headers, b"pixels").status_code == 200
        assert cloud.head("photo.jpg")["x-cos-meta-by"] == "ada"

    @pytest.mark.behaviour(
        service="cos",
        what="With AWS's signature every x-amz-* header must be signed, and the body be the one that its digest names",
        standing="assumed",
        source="COS 436/37421",
    )
    def test_what_must_be_covered(self, cloud: LocalCos) -> None:
        headers = signed(cloud, "PUT", "photo.jpg", b"pixels")
        added = send(cloud, "PUT", "photo.jpg", {**headers, "x-amz-acl": "public-read"}, b"pixels")
        assert (added.status_code, code(added)) == (403, "AccessDenied")
        other = send(cloud, "PUT", "photo.jpg", headers, b"others")
        assert (other.status_code, code(other)) == (400, "XAmzContentSHA256Mismatch")
        bare = send(cloud, "PUT", "photo.jpg", signed(cloud, "PUT", "photo.jpg", b"", {"x-amz-content-sha256": ""}))
        assert (bare.status_code, code(bare)) == (400, "InvalidRequest")
        assert cloud.ask("HEAD", "photo.jpg").status_code == 404

    def test_a_body_may_openly_not_be_signed(self, cloud: LocalCos) -> None:
        headers = signed(cloud, "PUT", "photo.jpg", b"", {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"})
        assert send(cloud, "PUT", "photo.jpg", headers, b"any pixels").status_code == 200
        assert cloud.ask("GET", "photo.jpg").content == b"any pixels"

    def test_a_body_in_signed_chunks_is_refused(self, cloud: LocalCos) -> None:
        digest = {"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}
        response = send(cloud, "PUT", "photo.jpg", signed(cloud, "PUT", "photo.jpg", b"", digest), b"6;chunk")
        assert (response.status_code, code(response)) == (501, "NotImplemented")

    @pytest.mark.behaviour(
        service="cos",
        what="AWS's signature is good for 15 minutes around its x-amz-date, else 403 RequestTimeTooSkewed",
        standing="assumed",
        source="COS 436/7730",
    )
    @pytest.mark.parametrize(("late", "status"), [(880.0, 200), (-880.0, 200), (920.0, 403), (-920.0, 403)])
    def test_a_signature_grows_old(self, cloud: LocalCos, late: float, status: int) -> None:
        cloud.put("photo.jpg")
        response = send(cloud, "GET", "photo.jpg", signed(cloud, "GET", "photo.jpg", late=late))
        assert response.status_code == status
        if status == 403:
            assert code(response) == "RequestTimeTooSkewed"

    def test_a_wrong_key_and_an_unknown_one(self, cloud: LocalCos) -> None:
        owner = cloud.cam.owner
        with pytest.raises(ClientError) as wrong:
            cloud.s3(Identity(owner.secret_id, "not the key")).list_buckets()
        assert refusal(wrong) == (403, "SignatureDoesNotMatch")
        with pytest.raises(ClientError) as unknown:
            cloud.s3(Identity("AKIDnobody", owner.secret_key)).list_buckets()
        assert refusal(unknown) == (403, "InvalidAccessKeyId")

    @pytest.mark.behaviour(
        service="cos",
        what="A temporary key's token comes in x-amz-security-token there, and CAM decides as ever",
        standing="assumed",
        source="COS 436/37421",
    )
    def test_a_temporary_key(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", b"pixels")
        role = cloud.role("cos:GetObject")
        client = cloud.s3(role)
        assert client.get_object(Bucket=PHOTOS, Key="photo.jpg")["Body"].read() == b"pixels"
        with pytest.raises(ClientError) as denied:
            client.put_object(Bucket=PHOTOS, Key="photo.jpg", Body=b"others")
        assert refusal(denied) == (403, "AccessDenied")
        with pytest.raises(ClientError) as without:
            cloud.s3(Identity(role.secret_id, role.secret_key)).get_object(Bucket=PHOTOS, Key="photo.jpg")
        assert refusal(without) == (403, "InvalidAccessKeyId")
        assert {call.role for call in cloud.journal.calls(action="GetObject")} == {role.role}

    @pytest.mark.parametrize(
        "text",
        [
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 Credential=a/20261121/ap-guangzhou/cos/aws4_request, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=a/20261121/ap-guangzhou/s3/aws4_request, Signature=0",
        ],
    )
    def test_half_a_signature_is_none(self, cloud: LocalCos, text: str) -> None:
        response = send(cloud, "GET", "photo.jpg", {"Authorization": text})
        assert (response.status_code, code(response)) == (403, "AccessDenied")

    @given(st.text())
    def test_whatever_stands_in_the_header_is_a_signature_or_refused(self, text: str) -> None:
        try:
            found = sigv4.read(f"AWS4-HMAC-SHA256 {text}")
        except Refused:
            return
        assert found.headers

    def test_it_does_not_show_itself_in_a_log(self) -> None:
        text = "AWS4-HMAC-SHA256 Credential=a/20261121/r/s3/aws4_request, SignedHeaders=host, Signature=5ec4e7"
        assert repr(sigv4.read(text)) == "Signed(a)"


class TestNames:
    @pytest.mark.behaviour(
        service="cos",
        what="In S3's way of speaking x-amz-* headers are COS's x-cos-* ones, in requests and in answers",
        standing="assumed",
        source="COS 436/37421",
    )
    def test_what_an_upload_says_is_kept_and_shown(self, cloud: LocalCos) -> None:
        client = cloud.s3()
        client.put_object(
            Bucket=PHOTOS,
            Key="photo.jpg",
            Body=b"pixels",
            ACL="public-read",
            ContentType="image/jpeg",
            CacheControl="no-cache",
            Metadata={"by": "aws:kms"},
            StorageClass="STANDARD_IA",
            ServerSideEncryption="aws:kms",
            Tagging="album=1",
        )
        kept = cloud.head("photo.jpg")
        assert kept["x-cos-meta-by"] == "aws:kms"
        assert kept["x-cos-storage-class"] == "STANDARD_IA"
        assert kept["x-cos-server-side-encryption"] == "cos/kms"
        assert cloud.ask("GET", "photo.jpg", signed=False).content == b"pixels"
        told = client.head_object(Bucket=PHOTOS, Key="photo.jpg")
        assert (told["ContentType"], told["CacheControl"]) == ("image/jpeg", "no-cache")
        assert (told["Metadata"], told["StorageClass"]) == ({"by": "aws:kms"}, "STANDARD_IA")
        assert told["ServerSideEncryption"] == "aws:kms"
        assert client.get_object_tagging(Bucket=PHOTOS, Key="photo.jpg")["TagSet"] == [{"Key": "album", "Value": "1"}]

    def test_the_request_id_and_a_version_are_told_in_both(self, cloud: LocalCos) -> None:
        client = cloud.s3()
        client.put_bucket_versioning(Bucket=PHOTOS, VersioningConfiguration={"Status": "Enabled"})
        answer = client.put_object(Bucket=PHOTOS, Key="photo.jpg", Body=b"pixels")
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert answer["VersionId"] == headers["x-cos-version-id"]
        assert answer["ResponseMetadata"]["RequestId"] == headers["x-cos-request-id"]
        assert client.delete_object(Bucket=PHOTOS, Key="photo.jpg")["DeleteMarker"]

    def test_cos_own_way_is_answered_as_ever(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", x_amz_meta_by="ada")
        assert not [name for name in cloud.head("photo.jpg") if name.lower().startswith("x-amz-")]

    @pytest.mark.parametrize("header", ["x-amz-copy-source", "x-amz-website-redirect-location"])
    def test_what_has_no_counterpart_is_refused(self, cloud: LocalCos, header: str) -> None:
        cloud.put("photo.jpg", b"pixels")
        headers = signed(cloud, "PUT", "copy.jpg", b"", {header: f"/{PHOTOS}/photo.jpg"})
        response = send(cloud, "PUT", "copy.jpg", headers)
        assert (response.status_code, code(response)) == (501, "NotImplemented")
        assert cloud.ask("HEAD", "copy.jpg").status_code == 404

    @pytest.mark.behaviour(
        service="cos",
        what="A bucket named in the path instead of the host gets 403 PathStyleDomainForbidden",
        standing="documented",
        source="COS 436/96243",
    )
    def test_a_bucket_in_the_path_is_not_found(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        with pytest.raises(ClientError) as raised:
            cloud.s3(style="path").get_object(Bucket=PHOTOS, Key="photo.jpg")
        assert refusal(raised) == (403, "PathStyleDomainForbidden")
        address = f"http://cos.{REGION}.myqcloud.com/{PHOTOS}/photo.jpg"
        assert code(cloud.get(address)) == "PathStyleDomainForbidden"


class TestWhatTheProviderAsks:
    """The calls of terraform-provider-tencentcloud 1.83.25 for a bucket, as they were seen; COS's own ones apart."""

    @pytest.mark.behaviour(
        service="cos",
        what="A new bucket can be asked for everything that deploying reads: what was never set has its own code",
        standing="observed",
        source="COS 436/7730",
    )
    def test_reading_a_new_bucket(self, cloud: LocalCos) -> None:
        client = cloud.s3()
        client.create_bucket(Bucket=NEW, ACL="private", CreateBucketConfiguration={"LocationConstraint": REGION})
        client.put_bucket_acl(Bucket=NEW, ACL="private")
        assert client.head_bucket(Bucket=NEW)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == REGION
        absent = {
            client.get_bucket_website: "NoSuchWebsiteConfiguration",
            client.get_bucket_encryption: "NoSuchEncryptionConfiguration",
            client.get_bucket_lifecycle_configuration: "NoSuchLifecycleConfiguration",
            client.get_bucket_tagging: "NoSuchTagSet",
        }
        for ask, expected in absent.items():
            with pytest.raises(ClientError) as raised:
                ask(Bucket=NEW)
            assert refusal(raised) == (404, expected)
        assert "Status" not in client.get_bucket_versioning(Bucket=NEW)
        assert "Status" not in client.get_bucket_accelerate_configuration(Bucket=NEW)
        assert "LoggingEnabled" not in client.get_bucket_logging(Bucket=NEW)
        for name, status in {"origin": 404, "domain": 404, "replication": 404, "object-lock": 404, "cors": 404}.items():
            assert cloud.ask("GET", query={name: ""}, bucket=NEW).status_code == status
        client.delete_bucket(Bucket=NEW)
        with pytest.raises(ClientError) as raised:
            client.head_bucket(Bucket=NEW)
        assert refusal(raised)[0] == 404

    def test_what_it_sets_it_reads_again(self, cloud: LocalCos) -> None:
        client = cloud.s3()
        rules = [
            {
                "ID": "unfinished",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            },
            {
                "ID": "records",
                "Status": "Enabled",
                "Filter": {"Prefix": "records/"},
                "Expiration": {"Days": 30},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 2},
            },
        ]
        client.put_bucket_lifecycle_configuration(Bucket=PHOTOS, LifecycleConfiguration={"Rules": rules})
        assert client.get_bucket_lifecycle_configuration(Bucket=PHOTOS)["Rules"] == rules
        encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
        client.put_bucket_encryption(Bucket=PHOTOS, ServerSideEncryptionConfiguration=encryption)
        assert client.get_bucket_encryption(Bucket=PHOTOS)["ServerSideEncryptionConfiguration"] == encryption
        tags = {"TagSet": [{"Key": "project", "Value": "facestamp"}]}
        client.delete_bucket_tagging(Bucket=PHOTOS)
        client.put_bucket_tagging(Bucket=PHOTOS, Tagging=tags)
        assert client.get_bucket_tagging(Bucket=PHOTOS)["TagSet"] == tags["TagSet"]

    def test_a_bucket_is_made_where_its_host_says(self, cloud: LocalCos) -> None:
        with pytest.raises(ClientError) as raised:
            cloud.s3().create_bucket(Bucket=NEW, CreateBucketConfiguration={"LocationConstraint": "ap-beijing"})
        assert refusal(raised) == (400, "InvalidLocationConstraint")
        body = "<CreateBucketConfiguration><BucketAZConfig>MAZ</BucketAZConfig></CreateBucketConfiguration>"
        assert code(cloud.ask("PUT", bucket=NEW, body=body)) == "NotImplemented"

    @pytest.mark.behaviour(
        service="cos",
        what="A bucket is emptied by its list of versions, a page of 1000 at a time, and is deleted only then",
        standing="observed",
        source="COS international 436/31551, COS 436/7732",
    )
    def test_emptying_a_bucket(self, cloud: LocalCos) -> None:
        client = cloud.s3()
        client.put_bucket_versioning(Bucket=PHOTOS, VersioningConfiguration={"Status": "Enabled"})
        for number in range(3):
            client.put_object(Bucket=PHOTOS, Key=f"{number}.jpg", Body=b"pixels")
            client.put_object(Bucket=PHOTOS, Key=f"{number}.jpg", Body=b"others")
        client.delete_object(Bucket=PHOTOS, Key="0.jpg")
        with pytest.raises(ClientError) as raised:
            client.delete_bucket(Bucket=PHOTOS)
        assert refusal(raised) == (409, "BucketNotEmpty")
        pages = 0
        marker: dict[str, str] = {}
        while pages == 0 or marker:
            listed: dict[str, Any] = client.list_object_versions(Bucket=PHOTOS, MaxKeys=3, **marker)
            found = [*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())]
            named = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in found]
            for entry in named:
                client.delete_object(Bucket=PHOTOS, **entry)
            pages += 1
            marker = (
                {"KeyMarker": listed["NextKeyMarker"], "VersionIdMarker": listed["NextVersionIdMarker"]}
                if listed["IsTruncated"]
                else {}
            )
        assert pages == 3
        client.delete_bucket(Bucket=PHOTOS)
