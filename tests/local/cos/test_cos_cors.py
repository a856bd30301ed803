"""What a bucket lets pages of other origins do."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from qcloud_cos import CosServiceError

from tests.local.cos.conftest import OTHERS, PHOTOS, LocalCos, code

PAGE = "https://page.example"
RULE: dict[str, Any] = {
    "ID": "page",
    "AllowedOrigin": [PAGE, "http://*.localhost:9000"],
    "AllowedMethod": ["PUT", "GET"],
    "AllowedHeader": ["*"],
    "ExposeHeader": ["ETag", "x-cos-request-id"],
    "MaxAgeSeconds": "600",
}


def share(cloud: LocalCos, *rules: dict[str, Any], **more: str) -> None:
    cloud.client().put_bucket_cors(Bucket=PHOTOS, CORSConfiguration={"CORSRule": list(rules or (RULE,)), **more})


def preflight(
    cloud: LocalCos, key: str = "photo.jpg", *, origin: str = PAGE, method: str = "PUT", headers: str = ""
) -> requests.Response:
    sent = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return cloud.ask("OPTIONS", key, headers={name: text for name, text in sent.items() if text}, signed=False)


@pytest.mark.behaviour(
    service="cos",
    what="A bucket's CORS rules are put, read back and deleted; without any, 404 NoSuchCORSConfiguration",
    standing="documented",
    source="COS 436/8279, COS 436/8274, COS 436/8283",
)
def test_the_life_of_a_configuration(cloud: LocalCos) -> None:
    client = cloud.client()
    assert code(cloud.ask("GET", query={"cors": ""})) == "NoSuchCORSConfiguration"
    share(cloud)
    assert client.get_bucket_cors(Bucket=PHOTOS)["CORSRule"] == [RULE]
    share(cloud, {**RULE, "ID": "another"})
    assert [rule["ID"] for rule in client.get_bucket_cors(Bucket=PHOTOS)["CORSRule"]] == ["another"]
    assert code(cloud.ask("GET", query={"cors": ""}, bucket=OTHERS)) == "NoSuchCORSConfiguration"
    client.delete_bucket_cors(Bucket=PHOTOS)
    with pytest.raises(CosServiceError) as raised:
        client.get_bucket_cors(Bucket=PHOTOS)
    assert (raised.value.get_status_code(), raised.value.get_error_code()) == (404, "NoSuchCORSConfiguration")


@pytest.mark.behaviour(
    service="cos",
    what="A preflight needs no signature; it is answered by the first rule that fits",
    standing="documented",
    source="COS 436/8288",
)
def test_a_preflight(cloud: LocalCos) -> None:
    share(cloud)
    response = preflight(cloud, headers="content-md5,content-type,x-cos-meta-author")
    told = {name: text for name, text in response.headers.items() if name.startswith("Access-Control-")}
    assert (response.status_code, response.content) == (200, b"")
    assert told == {
        "Access-Control-Allow-Origin": PAGE,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "PUT,GET",
        "Access-Control-Allow-Headers": "content-md5,content-type,x-cos-meta-author",
        "Access-Control-Expose-Headers": "ETag,x-cos-request-id",
        "Access-Control-Max-Age": "600",
    }
