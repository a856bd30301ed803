"""Who may call what: by key, by signature, through a URL that checks its callers, and from which pages."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import pytest
import requests
from pydantic import ValidationError
from tencentcloud.common.sign import Sign

from facestamp.http.application import ENDPOINTS
from facestamp.http.endpoint import Endpoint
from facestamp.http.gate.authentication import CAM
from facestamp.http.gate.signing import sign
from facestamp.http.keys import SCOPES
from infra.local.cam import Identity
from infra.local.cloud import LocalCloud
from infra.settings.api import BearerKey
from tests.conftest import Clouds
from tests.http.conftest import Api

CLOSED = [endpoint for endpoint in ENDPOINTS if endpoint.scope]
OPEN = [endpoint for endpoint in ENDPOINTS if not endpoint.scope]
PAGE = "https://www.example.com"


def named(endpoint: Endpoint) -> str:
    return endpoint.name


def ask(api: Api, endpoint: Endpoint, **headers: str) -> requests.Response:
    """A request that says nothing but where to; enough to be let in, and never enough to do anything."""
    path = endpoint.path
    for name in endpoint.parameters:
        path = path.replace(f"{{{name}}}", "nobody-of-this-name")
    return api.call(endpoint.method, path, headers=headers)


def lines(cloud: LocalCloud, answer: requests.Response) -> list[dict[str, Any]]:
    """What the function said about this request."""
    texts = [line.text for line in cloud.scf.logs(invocation=answer.headers["x-request-id"])]
    return [json.loads(text) for text in texts if text.startswith("{")]


# -- keys -------------------------------------------------------------------------------------------------------------


def test_there_is_something_for_every_scope_and_something_for_everybody() -> None:
    assert {endpoint.scope for endpoint in CLOSED} == set(SCOPES)
    assert {endpoint.path for endpoint in OPEN} >= {"/healthz", "/openapi.json", "/docs", "/"}


@pytest.mark.parametrize("endpoint", CLOSED, ids=named)
def test_a_stranger_is_told_how_to_sign_in_and_nothing_else(cloud: LocalCloud, endpoint: Endpoint) -> None:
    answer = ask(Api(cloud), endpoint)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer, FACESTAMP-HMAC-SHA256"
    assert answer.json()["type"] == "/docs#unauthenticated"


@pytest.mark.parametrize("endpoint", CLOSED, ids=named)
def test_a_key_opens_what_its_scope_is_for(cloud: LocalCloud, endpoint: Endpoint) -> None:
    opened = {scope: ask(Api(cloud, cloud.keyring.api[scope]), endpoint).status_code for scope in SCOPES}
    assert {scope for scope, status in opened.items() if status != 403} == {endpoint.scope}
    assert 401 not in opened.values()


@pytest.mark.parametrize("endpoint", OPEN, ids=named)
def test_what_is_open_is_open_to_everybody_whatever_they_send(cloud: LocalCloud, endpoint: Endpoint) -> None:
    assert ask(Api(cloud), endpoint).status_code == 200
    assert ask(Api(cloud, "an-unknown-key"), endpoint).status_code == 200


@pytest.mark.parametrize("key", ["current", "previous"])
def test_two_signing_keys_hold_at_once_so_that_one_can_follow_the_other(cloud: LocalCloud, key: str) -> None:
    api = Api(cloud)
    path = "/v1/photo?key=photos/nobody-uploaded-this.jpg"
    headers = sign("GET", f"http://{api.host}{path}", b"", key, cloud.keyring.signing[key], time.time())
    answer = api.call("GET", path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "NoSuchKey")


def test_without_keys_everything_but_the_open_is_closed_and_the_log_says_what_to_set(clouds: Clouds) -> None:
    cloud = clouds(changes={"facestamp:api": {"origins": [PAGE]}})
    stranger = Api(cloud, "any-key")
    for endpoint in CLOSED:
        answer = ask(stranger, endpoint)
        assert answer.status_code == 401
        assert [line["level"] for line in lines(cloud, answer)] == ["ERROR", "INFO"]
        assert "set keys, signingKeys or camScopes of facestamp:api" in lines(cloud, answer)[0]["happened"]
    for endpoint in OPEN:
        assert ask(stranger, endpoint).status_code == 200


# -- a URL that checks its callers ------------------------------------------------------------------------------------


def test_no_key_has_the_name_under_which_these_callers_are_known() -> None:
    with pytest.raises(ValidationError, match="name"):
        BearerKey(name=CAM, scopes=("read",), sha256=64 * "0")


def signed_for_cam(cloud: LocalCloud, by: Identity, method: str, path: str) -> requests.Response:
    """A request to the Function URL that is signed as API 3.0 has it."""
    host, now = f"api.localhost:{cloud.port}", int(time.time())
    bare, _, query = path.partition("?")
    date = time.strftime("%Y-%m-%d", time.gmtime(now))
    content = f"content-type:application/json\nhost:{host}\n\ncontent-type;host\n{hashlib.sha256(b'').hexdigest()}"
    request = hashlib.sha256(f"{method}\n{bare}\n{query}\n{content}".encode()).hexdigest()
    scope = f"{date}/scf/tc3_request"
    signature = Sign.sign_tc3(by.secret_key, date, "scf", f"TC3-HMAC-SHA256\n{now}\n{scope}\n{request}")
    headers = {
        "Host": host,
        "Content-Type": "application/json",
        "X-TC-Timestamp": str(now),
        "Authorization": f"TC3-HMAC-SHA256 Credential={by.secret_id}/{scope}, SignedHeaders=content-type;host,"
        f" Signature={signature}",
    }
    return requests.request(method, f"{cloud.endpoint}{path}", headers=headers, timeout=60)


def test_behind_a_url_that_checks_its_callers_they_have_the_scopes_that_are_set(clouds: Clouds) -> None:
    cloud = clouds(changes={"facestamp:api": {"auth": "CAM", "camScopes": ["read"]}})
    photo = "/v1/photo?key=photos/nobody-uploaded-this.jpg"

    seen = signed_for_cam(cloud, cloud.cam.owner, "GET", photo)
    assert (seen.status_code, seen.json()["code"]) == (404, "NoSuchKey")
    assert lines(cloud, seen)[-1]["caller"] == "CAM"
    assert signed_for_cam(cloud, cloud.cam.owner, "DELETE", "/v1/persons/nobody-of-this-name").status_code == 403
    assert Api(cloud).call("GET", photo).status_code == 401


# -- pages of other origins -------------------------------------------------------------------------------------------


def test_only_pages_of_configured_origins_may_call(clouds: Clouds) -> None:
    cloud = clouds(changes={"facestamp:api": {"origins": [PAGE]}})
    api = Api(cloud)
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }

    allowed = api.call("OPTIONS", "/v1/faces:detect", headers={"Origin": PAGE, **asking})
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == PAGE
    assert {"GET", "POST", "DELETE"} <= set(allowed.headers["access-control-allow-methods"].split(", "))
    assert "access-control-allow-credentials" not in allowed.headers
    assert "Origin" in allowed.headers["vary"]

    refused = api.call("OPTIONS", "/v1/faces:detect", headers={"Origin": "https://evil.example", **asking})
    assert refused.status_code == 400
    assert "access-control-allow-origin" not in refused.headers

    for path in ("/healthz", "/v1/photo", "/v1/nothing"):
        told = api.call("GET", path, headers={"Origin": PAGE}).headers
        assert told["access-control-allow-origin"] == PAGE
        assert {"X-Request-Id", "Retry-After"} <= set(told["access-control-expose-headers"].split(", "))
        assert "Origin" in told["vary"]
        assert "access-control-allow-origin" not in api.call("GET", path, headers={"Origin": "null"}).headers


def test_where_no_origin_is_configured_no_other_page_may_call(api: Api) -> None:
    answer = api.call("OPTIONS", "/healthz", headers={"Origin": PAGE, "Access-Control-Request-Method": "GET"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "access-control-allow-origin" not in api.call("GET", "/healthz", headers={"Origin": PAGE}).headers


# -- what every answer carries ----------------------------------------------------------------------------------------


def test_a_request_is_one_line_that_names_the_key_and_never_the_photo(cloud: LocalCloud, api: Api, name: str) -> None:
    key = f"photos/secret-{name}.jpg"
    answer = api.call("GET", "/v1/photo", {"key": key}, headers={"X-Request-Id": "callers-own-1"})
    [line] = lines(cloud, answer)
    assert line.pop("milliseconds") >= 0
    assert line == {
        "level": "INFO",
        "happened": "readPhoto",
        "request_id": answer.headers["x-request-id"],
        "status": 404,
        "callers_id": "callers-own-1",
        "caller": "all",
        "code": "NoSuchKey",
        "tencent_request_id": answer.json()["request_id"],
    }
    assert answer.headers["x-tencent-request-id"] == answer.json()["request_id"]


@pytest.mark.parametrize("chosen", ["", "two words", 65 * "a", "{}", "-"])
def test_a_callers_id_that_could_say_more_than_that_is_left_out(cloud: LocalCloud, api: Api, chosen: str) -> None:
    [line] = lines(cloud, api.call("GET", "/healthz", headers={"X-Request-Id": chosen}))
    assert "callers_id" not in line


def test_a_browser_is_told_to_keep_nothing_and_to_believe_nothing_but_the_type(api: Api) -> None:
    for answer in (api.get("/healthz"), api.get("/v1/photo"), api.get("/v1/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "server" not in answer.headers


def test_the_page_may_call_the_api_and_the_photo_bucket_and_nobody_else(cloud: LocalCloud, api: Api) -> None:
    page = api.get("/")
    photos = f"http://photos.localhost:{cloud.port}"
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob: {photos}",
        "connect-src": f"'self' {photos}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert page.headers["cache-control"] == "no-cache"
    known = api.call("GET", "/", headers={"If-None-Match": page.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert "content-security-policy" not in known.headers
