"""What the alarm on dead letters finds of the API: answers that only somebody who operates it can mend.

A function that answers 503 has run well as far as SCF knows, so no metric counts it.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from infra.local.faults import Fault
from infra.watching import GIVEN_UP
from tests import pictures
from tests.http.conftest import Api

IMAGE = {"image": base64.b64encode(pictures.jpeg(pictures.portrait())).decode()}


def found(api: Api, request_id: str) -> list[dict[str, Any]]:
    """The lines of this request that the alarm's query finds."""
    asked = {
        "TopicId": api.cloud.outputs["logTopic"],
        "From": 0,
        "To": round(api.cloud.clock.now() * 1000) + 1000,
        "QueryString": f"({GIVEN_UP}) AND request_id:{request_id}",
        "SyntaxRule": 1,
    }
    logs = api.cloud.api("cls", "2020-10-16")
    lines: list[dict[str, Any]] = logs.call_json("SearchLog", asked)["Response"]["Results"]
    return lines


@pytest.mark.parametrize(
    ("code", "status", "lines"),
    [
        ("ResourceUnavailable.InArrears", 503, 1),
        ("AuthFailure.UnauthorizedOperation", 503, 1),
        ("FailedOperation.ServerError", 502, 0),
        ("FailedOperation.FaceSizeTooSmall", 422, 0),
    ],
)
def test_an_answer_that_the_operator_has_to_mend_is_found(api: Api, code: str, status: int, lines: int) -> None:
    api.cloud.faults.add(Fault("fail", service="iai", action="DetectFaceAttributes", code=code, times=5))
    answer = api.post("/v1/faces:attributes", IMAGE)
    api.cloud.faults.clear()
    assert answer.status_code == status, answer.text
    assert len(found(api, answer.headers["x-request-id"])) == lines
