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


def test_a_preflight_is_for_any_resource_and_is_no_action_of_a_keys_holder(cloud: LocalCos) -> None:
    share(cloud)
    assert preflight(cloud, "").status_code == 200
    sent = {"Origin": PAGE, "Access-Control-Request-Method": "PUT"}
    signed = cloud.client().get_presigned_url(PHOTOS, "photo.jpg", "PUT")
    response = requests.options(signed, headers=sent, proxies=cloud.proxies, timeout=30)
    assert response.status_code == 200
    call = cloud.journal.calls(action="OptionsObject")[-1]
    assert (call.resource, call.secret_id) == (f"{PHOTOS}/photo.jpg", "")


@pytest.mark.behaviour(
    service="cos",
    what="A rule for * answers *, without credentials; a rule that lists headers answers with those, in lower case",
    standing="documented",
    source="COS 436/8288",
)
def test_a_rule_for_everybody(cloud: LocalCos) -> None:
    headers = ["Range", "x-cos-server-side-encryption-customer-algorithm"]
    share(cloud, {**RULE, "AllowedOrigin": ["*"], "AllowedMethod": ["GET", "HEAD"], "AllowedHeader": headers})
    told = preflight(cloud, method="GET", headers="range").headers
    assert told["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in told
    assert told["Access-Control-Allow-Headers"] == "range,x-cos-server-side-encryption-customer-algorithm"


@pytest.mark.behaviour(
    service="cos",
    what="A preflight that no rule allows is 403 AccessForbidden, as is any while the bucket has no rule",
    standing="documented",
    source="COS 436/8288",
)
@pytest.mark.parametrize(
    "asked",
    [
        {"origin": "https://page.example.com"},
        {"origin": "http://page.example"},
        {"origin": "https://page.example:8443"},
        {"origin": "null"},
        {"origin": ""},
        {"method": "DELETE"},
        {"method": "put"},
        {"method": ""},
        {"headers": "x-cos-meta-b"},
        {"headers": "content-type, x-cos-meta-b"},
    ],
)
def test_a_preflight_that_is_refused(cloud: LocalCos, asked: dict[str, str]) -> None:
    response = preflight(cloud)
    assert (response.status_code, code(response)) == (403, "AccessForbidden")
    share(cloud, {**RULE, "AllowedHeader": ["Content-Type", "x-cos-meta-a"]})
    assert preflight(cloud, headers="content-type,X-COS-META-A").status_code == 200
    response = preflight(cloud, **asked)
    assert (response.status_code, code(response)) == (403, "AccessForbidden")
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.behaviour(
    service="cos",
    what="The * in an origin stands for any text, and none, anywhere in it",
    standing="documented",
    source="COS 436/8279",
)
@pytest.mark.parametrize(
    ("pattern", "origin", "allowed"),
    [
        ("*", "https://page.example", True),
        ("*", "null", True),
        ("http*://page.example", "https://page.example", True),
        ("http*://page.example", "http://page.example", True),
        ("https://*.example", "https://a.b.example", True),
        ("https://*.example", "https://example", False),
        ("https://page.example:*", "https://page.example:8443", True),
        ("https://page.example:*", "https://page.example", False),
        ("https://page.example*", "https://page.example.org", True),
        ("https://aba*aba", "https://aba", False),
        ("https://page.example", "https://PAGE.example", False),
    ],
)
def test_origins(cloud: LocalCos, pattern: str, origin: str, allowed: bool) -> None:
    share(cloud, {**RULE, "AllowedOrigin": [pattern]})
    assert (preflight(cloud, origin=origin).status_code == 200) == allowed


def test_the_first_rule_that_fits_is_the_one(cloud: LocalCos) -> None:
    share(cloud, {**RULE, "AllowedMethod": ["GET"], "MaxAgeSeconds": "1"}, RULE, {**RULE, "MaxAgeSeconds": "3"})
    assert preflight(cloud).headers["Access-Control-Max-Age"] == "600"
    assert preflight(cloud, method="GET").headers["Access-Control-Max-Age"] == "1"


class TestAnswers:
    @pytest.mark.behaviour(
        service="cos",
        what="An answer to a page that a rule allows says so, a refusal too; no request is refused for its origin",
        standing="documented",
        source="COS 436/8279, COS 436/13318",
    )
    def test_answers_to_pages(self, cloud: LocalCos) -> None:
        share(cloud)
        put = cloud.ask("PUT", "photo.jpg", headers={"Origin": PAGE}, body=b"pixels")
        assert put.headers["Access-Control-Allow-Origin"] == PAGE
        assert put.headers["Access-Control-Expose-Headers"] == "ETag,x-cos-request-id"
        missing = cloud.ask("GET", "none.jpg", headers={"Origin": PAGE})
        assert (code(missing), missing.headers["Access-Control-Allow-Origin"]) == ("NoSuchKey", PAGE)
        stranger = cloud.ask("GET", "photo.jpg", headers={"Origin": PAGE}, signed=False)
        assert (stranger.status_code, stranger.headers["Access-Control-Allow-Origin"]) == (403, PAGE)

    @pytest.mark.parametrize(
        ("method", "headers"), [("GET", {"Origin": "https://other.example"}), ("DELETE", {"Origin": PAGE}), ("GET", {})]
    )
    def test_answers_to_others(self, cloud: LocalCos, method: str, headers: dict[str, str]) -> None:
        cloud.put("photo.jpg")
        share(cloud)
        response = cloud.ask(method, "photo.jpg", headers=headers)
        assert response.status_code in (200, 204)
        assert not [name for name in response.headers if name.startswith("Access-Control-")]

    @pytest.mark.behaviour(
        service="cos",
        what="With ResponseVary answers to pages say Vary: Origin, without it they do not",
        standing="documented",
        source="COS 436/8279",
    )
    @pytest.mark.parametrize(("vary", "said"), [("true", "Origin"), ("false", None), ("", None)])
    def test_vary(self, cloud: LocalCos, vary: str, said: str | None) -> None:
        cloud.put("photo.jpg")
        share(cloud, RULE, **({"ResponseVary": vary} if vary else {}))
        assert cloud.ask("GET", "photo.jpg", headers={"Origin": PAGE}).headers.get("Vary") == said
        assert preflight(cloud).headers.get("Vary") == said

    def test_a_bucket_that_shares_with_nobody(self, cloud: LocalCos) -> None:
        share(cloud)
        response = cloud.ask("GET", bucket=OTHERS, headers={"Origin": PAGE})
        assert (response.status_code, response.headers.get("Access-Control-Allow-Origin")) == (200, None)

    def test_cloud_infinite_answers_pages_too(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", b"no picture")
        share(cloud)
        response = cloud.ask("GET", "photo.jpg", {"imageMogr2/strip": ""}, {"Origin": PAGE})
        assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (400, PAGE)


@pytest.mark.behaviour(
    service="cos",
    what="A configuration has 1 to 100 rules in 64 KB, each with origins and methods that exist",
    standing="documented",
    source="COS 436/8279",
)
@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([RULE] * 101, "MalformedXML"),
        ([{**RULE, "ID": "x" * 65536}], "MalformedXML"),
        ([{**RULE, "AllowedOrigin": []}], "MalformedXML"),
        ([{**RULE, "AllowedMethod": []}], "MalformedXML"),
        ([{**RULE, "AllowedMethod": ["PATCH"]}], "InvalidArgument"),
        ([{**RULE, "AllowedMethod": ["OPTIONS"]}], "InvalidArgument"),
        ([{**RULE, "AllowedOrigin": ["http://*.a.*"]}], "InvalidArgument"),
        ([{**RULE, "AllowedOrigin": ["page.example"]}], "InvalidArgument"),
        ([{**RULE, "ExposeHeader": ["*"]}], "InvalidArgument"),
        ([{**RULE, "MaxAgeSeconds": "an hour"}], "InvalidArgument"),
    ],
)
def test_rules_that_are_none(cloud: LocalCos, rules: list[dict[str, Any]], expected: str) -> None:
    share(cloud)
    with pytest.raises(CosServiceError) as raised:
        share(cloud, *rules)
    assert (raised.value.get_status_code(), raised.value.get_error_code()) == (400, expected)
    assert preflight(cloud).status_code == 200


@pytest.mark.parametrize("body", ["<CORSConfiguration/>", "<Other/>", "{}", ""])
def test_a_document_that_is_none(cloud: LocalCos, body: str) -> None:
    assert code(cloud.ask("PUT", query={"cors": ""}, body=body)) == "MalformedXML"


def test_sharing_is_a_permission(cloud: LocalCos) -> None:
    refused = cloud.ask("PUT", query={"cors": ""}, body=b"", identity=cloud.role("cos:PutBucket"))
    assert "perform cos:PutBucketCORS" in refused.text
