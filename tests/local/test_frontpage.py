"""What the local cloud says about itself on its plain address."""

from __future__ import annotations

import json

import pytest
import requests
from qcloud_cos import CosServiceError

from infra.local.cloud import LocalCloud
from tests import pictures


def test_a_person_sees_functions_buckets_and_the_latest_invocations(cloud: LocalCloud, name: str) -> None:
    cloud.cos().put_object(Bucket=cloud.bucket, Key=f"photos/{name}.png", Body=pictures.png(pictures.portrait(256)))
    cloud.scf.settle()

    page = requests.get(cloud.endpoint, headers={"Accept": "text/html"}, timeout=5)

    assert page.headers["Content-Type"].startswith("text/html")
    assert "facestamp-local-photos" in page.text
    assert cloud.state_bucket in page.text
    assert cloud.scf.invocations[-1].request_id in page.text


def test_a_program_reads_the_same_as_json(cloud: LocalCloud) -> None:
    about = requests.get(f"{cloud.endpoint}/", timeout=5).json()

    assert {cloud.bucket, cloud.state_bucket} <= set(about["buckets"])
    assert about["prefixes"] == {"photos": "photos/", "members": "members/"}


def test_calls_and_logs_are_told_without_any_key(cloud: LocalCloud, name: str) -> None:
    cloud.cos().put_object(Bucket=cloud.bucket, Key=f"photos/{name}.png", Body=pictures.png(pictures.portrait(256)))
    cloud.scf.settle()

    calls = requests.get(f"{cloud.endpoint}/calls", timeout=5)
    logs = requests.get(f"{cloud.endpoint}/logs", timeout=5)

    assert any(call["resource"] == f"{cloud.bucket}/photos/{name}.png" for call in calls.json())
    assert any("stamped" in line["text"] for line in logs.json())
    told = calls.content + logs.content
    for secret in cloud.cam.secrets():
        assert secret.encode() not in told


def test_what_the_api_answered_is_told_to_nobody(cloud: LocalCloud, name: str) -> None:
    key = f"photos/{name}.png"
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=pictures.png(pictures.portrait(256)))
    cloud.scf.settle()
    allowed = {"Host": f"api.localhost:{cloud.port}", "Authorization": f"Bearer {cloud.keyring.api['all']}"}
    answer = requests.get(f"{cloud.endpoint}/v1/photo", params={"key": key}, headers=allowed, timeout=30)

    logs = requests.get(f"{cloud.endpoint}/logs", timeout=5).json()

    said = [line["text"] for line in logs if line["function"] == cloud.outputs["apiFunction"]]
    assert answer.json()["stamp"]["count"] == 1
    assert any(text.endswith(" RetMsg:(not shown here)") for text in said)
    assert not any(key in text for text in said)


def test_something_can_be_made_to_go_wrong_and_right_again(cloud: LocalCloud, name: str) -> None:
    fault = {"effect": "fail", "service": "cos", "action": "HeadObject", "code": "SlowDown", "status": 503}
    there = {"Bucket": cloud.bucket, "Key": f"elsewhere/{name}"}
    cloud.cos().put_object(**there, Body=b"x")

    made = requests.post(f"{cloud.endpoint}/faults", json=fault | {"times": 0}, timeout=5)

    assert made.status_code == 200
    with pytest.raises(CosServiceError) as refused:
        cloud.cos().head_object(**there)
    assert refused.value.get_status_code() == 503
    assert requests.delete(f"{cloud.endpoint}/faults", timeout=5).status_code == 204
    assert cloud.cos().head_object(**there)["Content-Length"] == "1"


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param('{"effect": "explode"}', "application/json", 400, id="unknown-effect"),
        pytest.param('{"effect": "run"}', "application/json", 400, id="code"),
        pytest.param('{"effect": "drop", "hosts": 1}', "application/json", 400, id="unknown-field"),
        pytest.param("nonsense", "application/json", 400, id="no-json"),
        pytest.param('{"effect": "drop"}', "text/plain", 415, id="as-a-foreign-page-would-send-it"),
    ],
)
def test_a_fault_that_is_none_is_refused(cloud: LocalCloud, body: str, kind: str, status: int) -> None:
    refused = requests.post(f"{cloud.endpoint}/faults", data=body, headers={"Content-Type": kind}, timeout=5)

    assert refused.status_code == status
    assert set(json.loads(refused.text)) == {"code", "message"}


def test_what_is_not_there_says_what_is(cloud: LocalCloud) -> None:
    missing = requests.get(f"{cloud.endpoint}/nothing", timeout=5)

    assert missing.status_code == 404
    assert "/calls" in missing.json()["message"]
