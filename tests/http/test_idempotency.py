"""A change that is asked for twice is made once, and both times has the same answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from facestamp.http.application import ENDPOINTS
from facestamp.http.gate.idempotency import WINDOW
from facestamp.http.gate.signing import sign
from facestamp.lease import SETTLE
from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from infra.local.journal import Call
from tests.conftest import Clouds
from tests.http.conftest import Api

Calls = Callable[..., list[Call]]


@pytest.fixture
def group(cloud: LocalCloud, api: Api, name: str) -> Any:
    """A group to make, under a key of its own."""
    yield {"group_id": f"group-{name}", "group_name": f"group-{name}"}
    cloud.faults.clear()
    api.delete(f"/v1/groups/group-{name}")


def make(api: Api, group: dict[str, Any], key: str | None) -> requests.Response:
    return api.call("POST", "/v1/groups", json=group, headers={"Idempotency-Key": key} if key else {})


def made(calls: Calls) -> int:
    return len(calls(service="iai", action="CreateGroup"))


def replayed(answer: requests.Response) -> bool:
    return answer.headers.get("idempotent-replayed") == "true"


def test_whatever_changes_something_says_so() -> None:
    changing = {endpoint.name for endpoint in ENDPOINTS if endpoint.changing}
    deleting = {endpoint.name for endpoint in ENDPOINTS if endpoint.method == "DELETE"}
    assert deleting <= changing
    assert not {endpoint.name for endpoint in ENDPOINTS if endpoint.method == "GET"} & changing
    # What is kept of an answer must not hold a signature.
    assert not {endpoint.name for endpoint in ENDPOINTS if "upload" in endpoint.reach} & changing


def test_the_same_change_again_has_the_same_answer(api: Api, calls: Calls, group: dict[str, Any], name: str) -> None:
    first, again = make(api, group, name), make(api, group, name)
    assert (first.status_code, replayed(first), replayed(again)) == (200, False, True)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["x-tencent-request-id"] == first.headers["x-tencent-request-id"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert made(calls) == 1


def test_without_a_key_a_change_is_made_each_time_it_is_asked_for(
    api: Api, calls: Calls, group: dict[str, Any]
) -> None:
    assert make(api, group, None).status_code == 200
    again = make(api, group, None)
    assert (again.status_code, again.json()["code"]) == (409, "InvalidParameterValue.GroupIdAlreadyExist")
    assert made(calls) == 2


def test_another_change_under_the_same_key_is_refused(api: Api, calls: Calls, group: dict[str, Any], name: str) -> None:
    make(api, group, name)
    for other in ({**group, "tag": "another"}, {**group, "group_id": "another"}):
        answer = make(api, other, name)
        assert (answer.status_code, answer.json()["type"], answer.json()["retry"]) == (409, "/docs#conflict", False)
        assert "Idempotency-Key" in answer.json()["detail"]
    deleted = api.call("DELETE", f"/v1/groups/{group['group_id']}", headers={"Idempotency-Key": name})
    assert deleted.status_code == 409
    assert replayed(make(api, group, name))
    assert made(calls) == 1


def test_the_key_is_the_callers_own(
    cloud: LocalCloud, api: Api, calls: Calls, group: dict[str, Any], name: str
) -> None:
    make(api, group, name)
    other = make(Api(cloud, cloud.keyring.api["enrol"]), group, name)
    assert (other.status_code, replayed(other)) == (409, False)
    assert other.json()["code"] == "InvalidParameterValue.GroupIdAlreadyExist"


def test_a_signed_change_carries_its_key_in_the_signature(
    cloud: LocalCloud, calls: Calls, group: dict[str, Any], name: str
) -> None:
    api, secret = Api(cloud), cloud.keyring.signing["current"]
    body = requests.Request("POST", "http://a", json=group).prepare().body
    assert isinstance(body, bytes)

    def send(signed: str, sent: str) -> requests.Response:
        headers = sign("POST", f"http://{api.host}/v1/groups", body, "current", secret, time.time(), signed)
        headers |= {"Idempotency-Key": sent, "Content-Type": "application/json"}
        return api.call("POST", "/v1/groups", data=body, headers=headers)

    assert send(name, f"{name}-2").status_code == 401
    assert [replayed(send(name, name)) for _ in range(2)] == [False, True]
    assert made(calls) == 1


def test_a_final_refusal_is_told_again_without_asking(api: Api, calls: Calls, group: dict[str, Any], name: str) -> None:
    make(api, group, None)
    first, again = make(api, group, name), make(api, group, name)
    assert (first.status_code, again.status_code, replayed(again)) == (409, 409, True)
    assert again.headers["content-type"] == "application/problem+json"
    assert again.json() == first.json()
    assert made(calls) == 2


@pytest.mark.parametrize(
    ("code", "status"), [("RequestLimitExceeded", 429), ("AuthFailure.UnauthorizedOperation", 503)]
)
def test_after_a_failure_that_passes_the_next_attempt_really_tries(
    cloud: LocalCloud, api: Api, group: dict[str, Any], name: str, code: str, status: int
) -> None:
    cloud.faults.add(Fault("fail", action="CreateGroup", code=code, times=0))
    failed = make(api, group, name)
    assert (failed.status_code, failed.json()["code"], replayed(failed)) == (status, code, False)
    assert ("retry-after" in failed.headers) == failed.json()["retry"] == (status == 429)
    cloud.faults.clear()
    assert make(api, group, name).status_code == 200
    assert replayed(make(api, group, name))


def test_what_is_refused_before_the_work_is_not_remembered(api: Api, group: dict[str, Any], name: str) -> None:
    assert make(api, {**group, "colour": "red"}, name).status_code == 400
    assert make(api, group, name).status_code == 200


def test_while_a_change_is_under_way_its_twin_is_told_to_wait(
    cloud: LocalCloud, api: Api, calls: Calls, group: dict[str, Any], name: str
) -> None:
    twins: list[requests.Response] = []
    twin = Fault("run", action="CreateGroup", action_run=lambda: twins.append(make(api, group, name)))
    cloud.faults.add(twin)
    assert make(api, group, name).status_code == 200
    [told] = twins
    assert (told.status_code, told.json()["type"], told.json()["retry"]) == (409, "/docs#busy", True)
    assert int(told.headers["retry-after"]) > 0
    assert made(calls) == 1


def test_after_a_crash_the_change_can_be_asked_for_again_when_its_lease_is_over(
    cloud: LocalCloud, api: Api, group: dict[str, Any], name: str
) -> None:
    cloud.faults.add(Fault("kill", "after", action="CreateGroup"))
    assert make(api, group, name).status_code == 502
    assert make(api, group, name).json()["type"] == "/docs#busy"
    assert make(api, {**group, "tag": "another"}, name).json()["type"] == "/docs#conflict"
    cloud.clock.skip(31 + SETTLE)
    again = make(api, group, name)
    assert not replayed(again)
    assert replayed(make(api, group, name))


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_twin_waits_though_the_functions_clock_is_slow(clouds: Clouds, name: str, seconds: float) -> None:
    cloud = clouds()
    cloud.clock.skip(seconds)
    api, group = Api(cloud, cloud.keyring.api["all"]), {"group_id": name, "group_name": name}
    twins: list[requests.Response] = []
    cloud.faults.add(Fault("run", action="CreateGroup", action_run=lambda: twins.append(make(api, group, name))))
    assert make(api, group, name).status_code == 200
    assert [twin.json()["type"] for twin in twins] == ["/docs#busy"]
    assert len(cloud.journal.calls(service="iai", action="CreateGroup")) == 1


def test_an_answer_is_remembered_for_ten_minutes_and_forgotten_after_twenty(
    cloud: LocalCloud, api: Api, calls: Calls, group: dict[str, Any], name: str
) -> None:
    make(api, group, name)
    cloud.clock.skip(WINDOW)
    assert replayed(make(api, group, name))
    cloud.clock.skip(2 * WINDOW)
    assert not replayed(make(api, group, name))
    assert made(calls) == 2


def test_what_is_kept_says_nothing_of_the_caller_or_the_key(
    cloud: LocalCloud, api: Api, calls: Calls, group: dict[str, Any], name: str
) -> None:
    make(api, group, name)
    written = [call.resource for call in calls(service="cos", action="PutObject")]
    assert {resource.split("/")[1] for resource in written} == {"requests"}
    assert len(written) >= 2
    assert not any(name in resource or "all" in resource.split("/")[2:] for resource in written)
