"""Whatever goes wrong behind an endpoint, its caller gets a problem, and its operator a line that says what to do."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from mangum import Mangum

from facestamp.asking import Unfinished
from facestamp.errors import NoAnswer, ServiceError
from facestamp.http.adapter import ApiGateway, FunctionUrl
from facestamp.http.application import application
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.models import Model
from facestamp.lease import Busy

KEY = "a-key-of-192-random-bits"
DEPLOYMENT = {
    "FACESTAMP_ROUTES": "photos",
    "FACESTAMP_BUCKET": "photos-1250000000",
    "FACESTAMP_STATE_BUCKET": "state-1250000000",
    "FACESTAMP_FACE_REGION": "ap-guangzhou",
    "FACESTAMP_R1__PREFIX": "photos/",
    "FACESTAMP_R1__SUFFIXES": ".jpg",
    "FACESTAMP_R1__OPERATIONS": "DetectFace",
    "FACESTAMP_API_KEYS": f"wall:read:{hashlib.sha256(KEY.encode()).hexdigest()}",
}
CONTEXT = {"request_id": "scf-1", "time_limit_in_ms": 5000}


class Nothing(Model):
    """An answer."""

    request_id: str = "tencent-1"


class Told:
    """One response, and what was logged."""

    def __init__(self, answer: Mapping[str, Any], logged: str) -> None:
        self.status, self.headers, self.content = answer["statusCode"], answer["headers"], answer["body"]
        self.lines = [json.loads(line) for line in logged.splitlines()]

    @property
    def problem(self) -> Any:
        assert self.headers["content-type"] == "application/problem+json"
        return json.loads(self.content)


class Caller:
    """Calls an API of one endpoint, which fails as it is told."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(
        self, error: Exception | None = None, environment: Mapping[str, str] = DEPLOYMENT, **event: Any
    ) -> Told:
        def answer(call: Call) -> Nothing:
            if error:
                raise error
            return Nothing()

        things = Heading("things", "Things.")
        endpoint = Endpoint("GET", "/v1/thing", "readThing", "A thing", things, answer, Nothing, "read")
        app = Mangum(application(environment, [endpoint]), lifespan="off", custom_handlers=[FunctionUrl, ApiGateway])
        usual = {"httpMethod": "GET", "path": "/v1/thing", "queryString": {}, "body": ""}
        headers = {"host": "api.example.com", "authorization": f"Bearer {KEY}"}
        told = app({**usual, "headers": headers, **event}, CONTEXT)  # type: ignore[arg-type]  # SCF's context is a dict
        return Told(told, self._capsys.readouterr().out)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)


def test_an_answer_names_the_call_to_tencent_that_it_came_from(ask: Caller) -> None:
    told = ask()
    assert (told.status, told.headers["x-tencent-request-id"], told.headers["x-request-id"]) == (
        *(200, "tencent-1"),
        "scf-1",
    )
    [line] = told.lines
    assert (line["happened"], line["caller"], line["tencent_request_id"]) == ("readThing", "wall", "tencent-1")


def test_what_nobody_foresaw_is_a_fault_that_can_be_reported_and_tells_no_secret(ask: Caller) -> None:
    told = ask(KeyError("https://photos/a.jpg?q-signature=secret"))
    assert (told.status, told.problem["type"], told.problem["retry"]) == (500, "/docs#fault", False)
    assert told.headers["x-request-id"] == "scf-1"
    error, line = told.lines
    assert (error["level"], error["error"], error["request_id"]) == ("ERROR", "KeyError", "scf-1")
    assert error["where"].startswith("application.py:")
    assert (line["happened"], line["status"], line["code"]) == ("readThing", 500, "fault")
    assert "secret" not in told.content + json.dumps(told.lines)
    assert "Traceback" not in told.content


def test_what_the_operator_has_to_do_is_in_the_log_and_not_in_the_answer(ask: Caller) -> None:
    told = ask(ServiceError("iai", "DetectFace", "AuthFailure.UnauthorizedOperation", "for secret", "tencent-2"))
    assert (told.status, told.problem["code"]) == (503, "AuthFailure.UnauthorizedOperation")
    assert told.headers["x-tencent-request-id"] == told.problem["request_id"] == "tencent-2"
    assert "Grant iai:DetectFace" in told.lines[0]["happened"]
    assert "Grant" not in told.content
    assert "secret" not in told.content + json.dumps(told.lines)


def test_every_operation_that_failed_is_told_to_the_operator(ask: Caller) -> None:
    errors = (ServiceError("iai", "DetectFace", "AuthFailure"), ServiceError("iai", "AnalyzeFace", "InternalError"))
    told = ask(Unfinished(errors))
    assert told.status == 503
    assert [line.get("action") for line in told.lines] == ["iai:DetectFace", "iai:AnalyzeFace", None]


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (ServiceError("iai", "DetectFace", "RequestLimitExceeded"), 429, "2"),
        (ServiceError("cos", "GetObject", "NoSuchKey"), 404, None),
        (Busy(same=True), 409, "2"),
    ],
    ids=str,
)
def test_what_is_the_callers_to_mend_or_to_wait_for_is_one_line(
    ask: Caller, error: Exception, status: int, wait: str | None
) -> None:
    told = ask(error)
    assert (told.status, told.headers.get("retry-after"), told.problem["retry"]) == (status, wait, wait is not None)
    assert [line["level"] for line in told.lines] == ["INFO"]


def test_an_answer_that_did_not_come_may_be_asked_for_again(ask: Caller) -> None:
    told = ask(NoAnswer("cos", "GetObject", "secret address"))
    assert (told.status, told.problem["retry"], "retry-after" in told.headers) == (504, True, True)


def test_a_deployment_that_is_not_set_up_says_so_to_its_operator_only(ask: Caller) -> None:
    told = ask(environment={name: value for name, value in DEPLOYMENT.items() if name != "FACESTAMP_BUCKET"})
    assert (told.status, told.problem["type"]) == (503, "/docs#account")
    assert told.lines[0]["happened"] == "Set FACESTAMP_BUCKET."
    assert "BUCKET" not in told.content


def test_a_front_that_takes_more_than_scf_is_told_that_it_is_too_much(ask: Caller) -> None:
    assert ask(body=(6 * 1024 * 1024 + 1) * "a").problem["type"] == "/docs#too-large"
    assert ask(body=6 * 1024 * 1024 * "a").status == 200


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_head_has_the_headers_of_a_get(ask: Caller, method: str) -> None:
    told = ask(httpMethod=method)
    assert told.status == 200
    assert (told.headers["content-type"], told.headers["cache-control"]) == ("application/json", "no-store")
    assert bool(told.content) == (method == "GET")


def test_behind_a_checking_url_the_old_gateways_callers_are_still_strangers(ask: Caller) -> None:
    guarded = {**DEPLOYMENT, "FACESTAMP_API_KEYS": "", "FACESTAMP_CAM_SCOPES": "read"}
    headers = {"host": "api.example.com", "authorization": "TC3-HMAC-SHA256 Credential=a, Signature=b"}
    assert ask(environment=guarded, headers=headers).status == 200
    assert ask(environment=guarded, headers={"host": "api.example.com"}).status == 200
    assert ask(environment=guarded, headers=headers, requestContext={"stage": "release"}).status == 401


def test_a_new_setting_is_seen_by_the_next_request(ask: Caller) -> None:
    changing = dict(DEPLOYMENT)
    assert ask(environment=changing).status == 200
    changing["FACESTAMP_API_KEYS"] = "other:read:" + 64 * "0"
    assert ask(environment=changing).status == 401
