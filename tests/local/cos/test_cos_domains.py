"""A bucket under a domain of its own, where browsers reach it without a proxy."""

from __future__ import annotations

import pytest
import requests
from qcloud_cos import CosConfig, CosS3Client

from tests.local.cos.conftest import OTHERS, PHOTOS, REGION, LocalCos, code

DOMAIN = "album.localhost"


def point(cloud: LocalCos, bucket: str = PHOTOS, status: str = "ENABLED", kind: str = "REST") -> None:
    rule = {"Name": DOMAIN, "Type": kind, "Status": status}
    cloud.client().put_bucket_domain(Bucket=bucket, DomainConfiguration={"DomainRule": [rule]})


def client(cloud: LocalCos) -> CosS3Client:
    """The SDK as it is set up for a bucket's own domain, which it asks without a proxy."""
    owner = cloud.cam.owner
    host = f"{DOMAIN}:{cloud.server.port}"
    return CosS3Client(
        CosConfig(Region=REGION, SecretId=owner.secret_id, SecretKey=owner.secret_key, Domain=host, Scheme="http")
    )


def ask(cloud: LocalCos, address: str, method: str = "GET", host: str = "", body: bytes = b"") -> requests.Response:
    """Go to an address of the domain, straight to this machine."""
    there = address.replace(f"{DOMAIN}:", "127.0.0.1:")
    named = host or f"{DOMAIN}:{cloud.server.port}"
    return requests.request(method, there, headers={"Host": named}, data=body, timeout=30)


@pytest.mark.behaviour(
    service="cos",
    what="A bucket answers under a domain of its own while that is ENABLED, Cloud Infinite's processing included",
    standing="documented",
    source="COS international 436/35868, COS 436/44880",
)
def test_objects_under_the_domain(cloud: LocalCos) -> None:
    cloud.put("ma photo+1%.jpg", b"pixels", x_cos_acl="public-read")
    address = f"http://{DOMAIN}:{cloud.server.port}/ma%20photo%2B1%25.jpg"
    assert ask(cloud, address).status_code == 403
    point(cloud)
    assert ask(cloud, address).content == b"pixels"
    assert code(ask(cloud, f"{address}?imageMogr2/strip")) == "InvalidImageFormat"
    assert cloud.journal.calls(resource=f"{PHOTOS}/ma photo+1%.jpg")[-1].action == "ImageMogr2"
    point(cloud, status="DISABLED")
    assert ask(cloud, address).status_code == 403
    point(cloud, kind="WEBSITE")
    assert ask(cloud, address).status_code == 403
    cloud.client().delete_bucket_domain(Bucket=PHOTOS)
    point(cloud, OTHERS)
    assert ask(cloud, address).status_code == 403
    cloud.ask("PUT", "ma photo+1%.jpg", headers={"x-cos-acl": "public-read"}, body=b"another's", bucket=OTHERS)
    assert ask(cloud, address).content == b"another's"


@pytest.mark.behaviour(
    service="cos",
    what="A signature holds for the Host that was sent, with its port: not for another name of the same bucket",
    standing="documented",
    source="COS 436/7778, COS 436/35153",
)
def test_signed_requests_under_the_domain(cloud: LocalCos) -> None:
    point(cloud)
    host = f"{DOMAIN}:{cloud.server.port}"
    address = client(cloud).get_presigned_url(PHOTOS, "写真.jpg", "PUT", Headers={"host": host})
    assert address.startswith(f"http://{host}/%E5%86%99")
    assert ask(cloud, address, "PUT", body=b"pixels").status_code == 200
    assert cloud.ask("GET", "写真.jpg").content == b"pixels"
    other = f"{PHOTOS}.cos.{REGION}.myqcloud.com"
    for elsewhere in (DOMAIN, other, f"{DOMAIN}:80"):
        assert code(ask(cloud, address, "PUT", host=elsewhere)) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    "document", ["<DomainConfiguration><DomainRule><Name>a.localhost</Name></DomainRule></DomainConfiguration>", "<A/>"]
)
def test_a_rule_that_is_none(cloud: LocalCos, document: str) -> None:
    assert code(cloud.ask("PUT", query={"domain": ""}, body=document)) == "MalformedXML"
