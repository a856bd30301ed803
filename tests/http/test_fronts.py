"""The API behind both of its fronts, however the platform reads a request: what a caller signs is what arrives."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
import requests

from facestamp.http.gate.signing import sign
from infra.local.cloud import LocalCloud
from infra.local.readings import Readings
from tests.conftest import Clouds

KEYS = ("photos/plain.jpg", "photos/夏天 1+1=100%.jpg", "photos/a&b?c#d;e'f\"g.jpg", "photos/50% %20.jpg")
READINGS = {
    "as the pages show it": Readings(),
    "otherwise": Readings(
        http_path="decoded",
        http_query="plus-kept",
        http_repeated="last",
        http_body="base64",
        http_headers="mixed",
        gateway_path="with-stage",
    ),
    "as it came": Readings(http_query="encoded", http_body="base64-marked"),
}


def asked(cloud: LocalCloud, front: str, method: str, target: str, body: bytes = b"") -> requests.Response:
    """One request, signed; through the gateway the stage is no part of what is signed."""
    host, stage = f"{front}.localhost:{cloud.port}", "/release" if front == "api-gateway" else ""
    [key_id, secret] = next(iter(cloud.keyring.signing.items()))
    signed = sign(method, f"http://{host}{target}", body, key_id, secret, time.time())
    headers = {"Host": host, "Content-Type": "application/json", **signed}
    return requests.request(method, f"{cloud.endpoint}{stage}{target}", data=body, headers=headers, timeout=60)


@pytest.mark.parametrize("readings", READINGS.values(), ids=READINGS)
def test_any_key_and_body_arrive_as_they_were_signed(clouds: Clouds, readings: Readings) -> None:
    cloud = clouds(readings)
    for front in ("api", "api-gateway"):
        for key in KEYS:
            cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=b"no picture")
            answer = asked(cloud, front, "GET", f"/v1/photo?key={quote(key, safe='')}")
            assert (answer.status_code, answer.json()["key"]) == (200, key)
        answer = asked(cloud, front, "GET", f"/v1/persons/{quote('ada@shop#100%', safe='')}")
        assert answer.status_code == 404
        answer = asked(cloud, front, "POST", "/v1/faces:detect", '{"image": "no picture: 夏"}'.encode())
        assert answer.status_code in (400, 422)
        answer = asked(cloud, front, "POST", "/v1/faces:detect", b'{"image": ')
        assert (answer.status_code, "JSON" in answer.json()["detail"]) == (400, True)


def test_a_key_that_could_be_misread_is_refused_to_whom_signs(cloud: LocalCloud, name: str) -> None:
    # The shared cloud decodes queries, so that nothing in the event tells this key from the other spelling of a space.
    answer = asked(cloud, "api", "GET", f"/v1/photo?key={quote(f'photos/{name}%20.jpg', safe='')}")
    assert answer.status_code == 401
    answer = asked(cloud, "api", "GET", f"/v1/photo?key={quote(f'photos/{name} .jpg', safe='')}")
    assert answer.status_code == 404


def test_head_is_a_get_without_the_body(cloud: LocalCloud) -> None:
    for front in ("api", "api-gateway"):
        stage = "/release" if front == "api-gateway" else ""
        answer = requests.head(f"{cloud.endpoint}{stage}/healthz", headers={"Host": f"{front}.localhost"}, timeout=60)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"] == "application/json"
