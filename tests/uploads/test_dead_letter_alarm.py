"""What the alarm on dead letters looks for in the log: uploads that were given up, and no others.

What is tried again fails instead, which Cloud Monitor counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.faults import Fault
from infra.watching import GIVEN_UP
from tests import pictures
from tests.uploads.owner import Owner

PORTRAIT = pictures.jpeg(pictures.portrait())
ARREARS: dict[str, Any] = {"service": "iai", "code": "ResourceUnavailable.InArrears"}
FORBIDDEN: dict[str, Any] = {"service": "cos", "action": "GetObject", "code": "AccessDenied", "status": 403}
TOO_LONG: dict[str, Any] = {"service": "cos", "action": "GetObject", "code": "KeyTooLong", "status": 400}


@pytest.fixture
def found(owner: Owner) -> Callable[[], int]:
    """How many lines the alarm's query finds since the test began."""
    begun = round(owner.cloud.clock.now() * 1000)

    def found() -> int:
        asked = {
            "TopicId": owner.cloud.outputs["logTopic"],
            "From": begun,
            "To": round(owner.cloud.clock.now() * 1000) + 1000,
            "QueryString": GIVEN_UP,
            "SyntaxRule": 1,
        }
        return len(owner.cloud.api("cls", "2020-10-16").call_json("SearchLog", asked)["Response"]["Results"])

    return found


@pytest.mark.parametrize(("fault", "verdict"), [(ARREARS, "operator"), (FORBIDDEN, "operator"), (TOO_LONG, "reject")])
def test_an_upload_that_is_given_up_is_found(
    owner: Owner, name: str, found: Callable[[], int], fault: dict[str, Any], verdict: str
) -> None:
    key, runs, lines = f"photos/{name}.jpg", owner.runs(), owner.lines()
    owner.cloud.faults.add(Fault("fail", by_worker=True, times=0, **fault))
    owner.put(key, PORTRAIT)
    assert set(runs()) == {200}
    assert owner.letter(key) is not None
    assert {line["verdict"] for line in lines("ERROR")} == {verdict}
    assert found() == len(lines("ERROR"))


def test_an_event_that_nobody_can_read_is_found(owner: Owner, found: Callable[[], int]) -> None:
    owner.deliver({"Records": []})
    assert found() == 1


def test_what_is_tried_again_fails_and_is_not_found(owner: Owner, name: str, found: Callable[[], int]) -> None:
    key, runs = f"photos/{name}.jpg", owner.runs()
    owner.cloud.faults.add(Fault("fail", service="iai", code="InternalError", by_worker=True, times=0))
    owner.put(key, PORTRAIT)
    assert runs() == [430, 430, 430]
    assert owner.letter(key) is not None
    assert found() == 0


def test_what_is_stamped_is_not_found(owner: Owner, name: str, found: Callable[[], int]) -> None:
    key = f"photos/{name}.jpg"
    owner.put(key, PORTRAIT)
    assert owner.stamped(key).count == 1
    assert found() == 0
