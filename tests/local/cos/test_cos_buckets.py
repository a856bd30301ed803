"""Buckets and their settings: what provisioning asks for."""

from __future__ import annotations

import pytest
from qcloud_cos import CosServiceError

from infra.local.cos.target import CONFIGURATIONS
from tests.local.cos.conftest import OTHERS, PHOTOS, REGION, LocalCos, code

NEW = "new-1250000000"


@pytest.mark.behaviour(
    service="cos",
    what="A bucket is created once (then 409 BucketAlreadyOwnedByYou), found by HEAD, and deleted when empty",
    standing="documented",
    source="COS 436/7738, COS 436/7732",
)
def test_the_life_of_a_bucket(cloud: LocalCos) -> None:
    client = cloud.client()
    assert cloud.ask("HEAD", bucket=NEW).status_code == 404
    client.create_bucket(Bucket=NEW, ACL="private")
    assert cloud.ask("HEAD", bucket=NEW).headers["x-cos-bucket-region"] == REGION
    assert client.get_bucket_location(Bucket=NEW)["LocationConstraint"] == REGION
    with pytest.raises(CosServiceError) as raised:
        client.create_bucket(Bucket=NEW)
    assert (raised.value.get_status_code(), raised.value.get_error_code()) == (409, "BucketAlreadyOwnedByYou")
    cloud.ask("PUT", "photo.jpg", bucket=NEW)
    with pytest.raises(CosServiceError) as raised:
        client.delete_bucket(Bucket=NEW)
    assert (raised.value.get_status_code(), raised.value.get_error_code()) == (409, "BucketNotEmpty")
    cloud.ask("DELETE", "photo.jpg", bucket=NEW)
    client.delete_bucket(Bucket=NEW)
    assert code(cloud.ask("GET", bucket=NEW)) == "NoSuchBucket"


@pytest.mark.behaviour(
    service="cos",
    what="A bucket with an unfinished upload is not empty",
    standing="assumed",
    source="COS 436/7732",
)
def test_an_unfinished_upload_keeps_its_bucket(cloud: LocalCos) -> None:
    client = cloud.client()
    upload = {"Bucket": OTHERS, "Key": "photo.jpg"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    assert code(cloud.ask("DELETE", bucket=OTHERS)) == "BucketNotEmpty"
    client.abort_multipart_upload(**upload)
    assert cloud.ask("DELETE", bucket=OTHERS).status_code == 204


def test_a_new_bucket_has_nothing_of_the_old_one(cloud: LocalCos) -> None:
    client = cloud.client()
    client.put_bucket_versioning(Bucket=OTHERS, Status="Enabled")
    client.put_bucket_policy(Bucket=OTHERS, Policy={"version": "2.0", "Statement": []})
    cloud.ask("PUT", door="pic", bucket=OTHERS)
    client.delete_bucket(Bucket=OTHERS)
    client.create_bucket(Bucket=OTHERS)
    assert "Status" not in client.get_bucket_versioning(Bucket=OTHERS)
    assert code(cloud.ask("GET", query={"policy": ""}, bucket=OTHERS)) == "NoSuchBucketPolicy"
    assert ">off<" in cloud.ask("GET", door="pic", bucket=OTHERS).text


@pytest.mark.behaviour(
    service="cos",
    what="A bucket's name is lower case and ends in the account's appid, else 400 InvalidBucketName",
    standing="documented",
    source="COS 436/13312",
)
@pytest.mark.parametrize(
    "name", ["photos", "photos-1250000001", "-1250000000", "-a-1250000000", "x" * 51 + "-1250000000"]
)
def test_a_name_that_is_none(cloud: LocalCos, name: str) -> None:
    response = cloud.ask("PUT", bucket=name)
    assert (response.status_code, code(response)) == (400, "InvalidBucketName")


def test_a_bucket_is_in_one_region(cloud: LocalCos) -> None:
    response = cloud.ask("GET", region="ap-beijing")
    assert (response.status_code, code(response)) == (404, "NoSuchBucket")


@pytest.mark.behaviour(
    service="cos",
    what="Versioning is Enabled or Suspended, and never off again",
    standing="documented",
    source="COS 436/19889",
)
def test_versioning(cloud: LocalCos) -> None:
    client = cloud.client()
    assert "Status" not in client.get_bucket_versioning(Bucket=PHOTOS)
    for status in ("Enabled", "Suspended"):
        client.put_bucket_versioning(Bucket=PHOTOS, Status=status)
        assert client.get_bucket_versioning(Bucket=PHOTOS)["Status"] == status
    body = b"<VersioningConfiguration><Status>Off</Status></VersioningConfiguration>"
    assert code(cloud.ask("PUT", query={"versioning": ""}, body=body)) == "MalformedXML"


def test_a_buckets_acl(cloud: LocalCos) -> None:
    client = cloud.client()
    assert client.get_bucket_acl(Bucket=PHOTOS)["CannedACL"] == "private"
    client.put_bucket_acl(Bucket=PHOTOS, ACL="public-read", GrantWrite='id="100000000002"')
    answer = client.get_bucket_acl(Bucket=PHOTOS)
    assert answer["CannedACL"] == "public-read"
    assert len(answer["AccessControlList"]["Grant"]) == 3
    assert client.get_bucket_acl(Bucket=OTHERS)["CannedACL"] == "private"


class TestSettings:
    @pytest.mark.behaviour(
        service="cos",
        what="Settings are given back as they were put; one that was never put is a 404 with its own code",
        standing="documented",
        source="COS 436/7730",
    )
    @pytest.mark.parametrize(
        ("name", "absent", "document"),
        [
            (
                "lifecycle",
                "NoSuchLifecycleConfiguration",
                "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter/><Expiration><Days>1</Days></Expiration>"
                "</Rule></LifecycleConfiguration>",
            ),
            ("tagging", "NoSuchTagSet", "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"),
            (
                "encryption",
                "NoSuchEncryptionConfiguration",
                "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>"
                "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
                "</ServerSideEncryptionConfiguration>",
            ),
            (
                "website",
                "NoSuchWebsiteConfiguration",
                "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>",
            ),
            (
                "replication",
                "ReplicationConfigurationNotFoundError",
                "<ReplicationConfiguration><Role>a</Role></ReplicationConfiguration>",
            ),
            ("object-lock", "NoSuchObjectLockConfiguration", "<ObjectLockConfiguration/>"),
        ],
    )
    def test_a_life(self, cloud: LocalCos, name: str, absent: str, document: str) -> None:
        response = cloud.ask("GET", query={name: ""})
        assert (response.status_code, code(response)) == (404, absent)
        body = document.encode()
        assert cloud.ask("PUT", query={name: ""}, body=body).ok
        assert cloud.ask("GET", query={name: ""}).content == body
        assert cloud.ask("GET", query={name: ""}, bucket=OTHERS).status_code == 404
        assert cloud.ask("DELETE", query={name: ""}).status_code == 204
        assert cloud.ask("GET", query={name: ""}).status_code == 404
        assert code(cloud.ask("PUT", query={name: ""}, body=b"not XML")) == "MalformedXML"
        actions = {call.action for call in cloud.journal.calls(resource=PHOTOS)}
        assert {f"{verb}{CONFIGURATIONS[name]}" for verb in ("Get", "Put", "Delete")} <= actions

    @pytest.mark.parametrize("name", ["logging", "accelerate", "intelligenttiering", "referer"])
    def test_others_are_empty_until_they_are_put(self, cloud: LocalCos, name: str) -> None:
        response = cloud.ask("GET", query={name: ""})
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "application/xml"

    @pytest.mark.behaviour(
        service="cos",
        what="Where intelligent tiering never was enabled, its setting and the list of its rules are empty documents",
        standing="documented",
        source="COS international 436/38315, COS international 436/60836",
    )
    @pytest.mark.parametrize(
        ("name", "root"),
        [
            ("intelligenttiering", "IntelligentTieringConfiguration"),
            ("intelligent-tiering", "ListBucketIntelligentTieringConfigurationsOutput"),
        ],
    )
    def test_intelligent_tiering(self, cloud: LocalCos, name: str, root: str) -> None:
        response = cloud.ask("GET", query={name: ""})
        assert response.status_code == 200
        assert f"<{root}" in response.text

    def test_rules_of_intelligent_tiering_are_not_kept(self, cloud: LocalCos) -> None:
        body = "<IntelligentTieringConfiguration><Id>a</Id></IntelligentTieringConfiguration>"
        response = cloud.ask("PUT", query={"intelligent-tiering": "", "id": "a"}, body=body)
        assert (response.status_code, code(response)) == (501, "NotImplemented")

    @pytest.mark.behaviour(
        service="cos",
        what="A bucket has up to 50 tags, each key once, of up to 127 characters, with values of up to 255",
        standing="documented",
        source="COS international 436/34836",
    )
    def test_tags(self, cloud: LocalCos) -> None:
        def tag(*pairs: tuple[str, str]) -> str:
            tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
            body = f"<Tagging><TagSet>{tags}</TagSet></Tagging>"
            response = cloud.ask("PUT", query={"tagging": ""}, body=body)
            return "" if response.ok else code(response)

        assert tag(*((str(number), "") for number in range(50))) == ""
        assert tag(("k" * 127, "v" * 255)) == ""
        for wrong in (
            [],
            [(str(number), "") for number in range(51)],
            [("a", "1"), ("a", "2")],
            [("", "1")],
            [("k" * 128, "")],
            [("k", "v" * 256)],
        ):
            assert tag(*wrong) == "InvalidTag"

    @pytest.mark.parametrize(
        ("name", "document"),
        [
            ("encryption", "<ServerSideEncryptionConfiguration/>"),
            ("encryption", "<Tagging/>"),
            ("accelerate", "<AccelerateConfiguration><Status>On</Status></AccelerateConfiguration>"),
            ("website", "<WebsiteConfiguration/>"),
        ],
    )
    def test_a_document_that_says_nothing(self, cloud: LocalCos, name: str, document: str) -> None:
        response = cloud.ask("PUT", query={name: ""}, body=document)
        assert (response.status_code, code(response)) == (400, "MalformedXML")

    def test_a_policy_is_json(self, cloud: LocalCos) -> None:
        client = cloud.client()
        assert code(cloud.ask("GET", query={"policy": ""})) == "NoSuchBucketPolicy"
        client.put_bucket_policy(Bucket=PHOTOS, Policy={"version": "2.0", "Statement": []})
        assert cloud.ask("GET", query={"policy": ""}).json() == {"version": "2.0", "Statement": []}
        client.delete_bucket_policy(Bucket=PHOTOS)
        assert code(cloud.ask("PUT", query={"policy": ""}, body=b"{")) == "MalformedPolicy"

    @pytest.mark.behaviour(
        service="cos",
        what="A bucket's default encryption is an upload's where that names none",
        standing="documented",
        source="COS international 436/33459",
    )
    @pytest.mark.parametrize(("algorithm", "shown"), [("AES256", "AES256"), ("KMS", "cos/kms")])
    def test_default_encryption(self, cloud: LocalCos, algorithm: str, shown: str) -> None:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
        cloud.client().put_bucket_encryption(Bucket=PHOTOS, ServerSideEncryptionConfiguration={"Rule": [rule]})
        cloud.put("photo.jpg")
        assert cloud.head("photo.jpg")["x-cos-server-side-encryption"] == shown


@pytest.mark.parametrize(("method", "key", "query"), [("POST", "photo.jpg", {"restore": ""}), ("PATCH", "a", {})])
def test_what_is_not_there_says_so(cloud: LocalCos, method: str, key: str, query: dict[str, str]) -> None:
    response = cloud.ask(method, key, query)
    assert (response.status_code, code(response)) == (501, "NotImplemented")


def test_the_internal_door_leads_to_the_same_bucket(cloud: LocalCos) -> None:
    cloud.put("photo.jpg", b"pixels")
    assert cloud.ask("GET", "photo.jpg", door="cos-internal").content == b"pixels"
