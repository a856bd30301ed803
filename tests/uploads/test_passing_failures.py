"""What passes is waited out, inside the invocation or by the platform: throttling, lost answers, broken services."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from infra.local.faults import Fault
from tests import pictures
from tests.uploads.owner import Owner

PORTRAIT = pictures.jpeg(pictures.portrait())

PASSING: dict[str, Callable[[str, str], Fault]] = {
    "throttled": lambda service, action: Fault(
        "fail",
        service=service,
        action=action,
        code="SlowDown" if service == "cos" else "RequestLimitExceeded",
        status=503,
        by_worker=True,
    ),
    "an internal error": lambda service, action: Fault("fail", service=service, action=action, by_worker=True),
    "a lost request": lambda service, action: Fault("drop", service=service, action=action, by_worker=True),
    "a lost reply": lambda service, action: Fault("drop", "after", service, action, by_worker=True),
}

STEPS = {
    "looking": ("cos", "GetObject"),
    "taking the lease": ("cos", "PutObject"),
    "reading the ACL": ("cos", "GetObjectACL"),
    "detecting faces": ("ci", "DetectFace"),
    "analysing faces": ("iai", "AnalyzeFace"),
    "describing faces": ("iai", "DetectFaceAttributes"),
    "stamping": ("cos", "PutObjectCopy"),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_tried_again_inside_the_invocation(
    owner: Owner, name: str, failure: Callable[[str, str], Fault], step: tuple[str, str]
) -> None:
    key, runs = f"photos/{name}.jpg", owner.runs()
    fault = owner.cloud.faults.add(failure(*step))

    owner.put(key, PORTRAIT)

    assert fault.seen > 1
    assert runs() == [200]
    read = owner.stamped(key)
    assert (read.status, read.count, read.errors) == ("ok", 1, {})
    assert owner.letter(key) is None


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS.keys())
def test_what_lasts_is_left_to_the_platform_and_then_mended(owner: Owner, name: str, step: tuple[str, str]) -> None:
    """The service is back after the first invocation has given up."""
    key, runs, calls, lines = f"photos/{name}.jpg", owner.runs(), owner.calls(), owner.lines()
    service, action = step
    owner.cloud.faults.add(
        Fault("fail", service=service, action=action, by_worker=True, resource=resource(owner, step, key), times=5)
    )

    owner.put(key, PORTRAIT)

    assert runs() == [430, 200]
    assert owner.stamped(key).count == 1
    assert owner.letter(key) is None
    assert len(calls.paid()) == 3
    assert "InternalError" in {line.get("code") for line in lines("ERROR")}


@pytest.mark.parametrize("step", ["looking", "analysing faces", "stamping"])
def test_what_never_passes_leaves_a_dead_letter_until_the_event_is_sent_again(
    owner: Owner, name: str, step: str
) -> None:
    key, runs, calls = f"photos/{name}.jpg", owner.runs(), owner.calls()
    service, action = STEPS[step]
    owner.cloud.faults.add(
        Fault(
            "fail", service=service, action=action, by_worker=True, resource=resource(owner, STEPS[step], key), times=0
        )
    )

    owner.put(key, PORTRAIT)

    assert runs() == [430, 430, 430]
    assert owner.stamp(key) is None
    letter = owner.letter(key)
    assert letter is not None
    assert (letter["bucket"], letter["key"], letter["again"]) == (owner.bucket, key, True)
    assert {error["code"] for error in letter["errors"]} == {"InternalError"}

    owner.cloud.faults.clear()
    owner.again(key)
    assert owner.stamped(key).count == 1
    assert owner.letter(key) is None
    assert len(calls.paid()) == 3


def test_without_a_state_bucket_nothing_is_asked_and_nothing_is_lost(owner: Owner, name: str) -> None:
    """Not even a dead letter can be written; the platform's retries are what is left."""
    key, runs, calls = f"photos/{name}.jpg", owner.runs(), owner.calls()
    owner.cloud.faults.add(Fault("fail", action="PutObject", by_worker=True, code="AccessDenied", status=403, times=2))

    owner.put(key, PORTRAIT)

    assert runs() == [430, 200]
    assert owner.stamped(key).count == 1
    assert len(calls.paid()) == 3


def resource(owner: Owner, step: tuple[str, str], key: str) -> str:
    """The photo, where the call names one: so the state bucket still takes the dead letter."""
    return f"{owner.bucket}/{key}" if step[0] != "iai" and step[1] != "PutObject" else ""


def test_a_copy_that_answers_200_with_an_error_is_no_stamp(owner: Owner, name: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    fault = owner.cloud.faults.add(Fault("fail", action="PutObjectCopy", by_worker=True, status=200, times=2))

    owner.put(key, PORTRAIT)

    assert fault.seen == 3
    assert owner.stamped(key).count == 1
    assert len(calls.paid()) == 3


def test_a_copy_that_always_answers_200_with_an_error(owner: Owner, name: str) -> None:
    key, runs = f"photos/{name}.jpg", owner.runs()
    owner.cloud.faults.add(Fault("fail", action="PutObjectCopy", by_worker=True, status=200, times=0))
    owner.put(key, PORTRAIT)
    assert runs() == [430, 430, 430]
    letter = owner.letter(key)
    assert letter is not None
    assert {error["code"] for error in letter["errors"]} == {"InternalError"}


def test_a_copy_that_was_applied_though_it_answered_with_an_error(owner: Owner, name: str) -> None:
    key, calls, runs = f"photos/{name}.jpg", owner.calls(), owner.runs()
    owner.cloud.faults.add(Fault("fail", "after", action="PutObjectCopy", by_worker=True, status=200))
    owner.put(key, PORTRAIT, Metadata={"x-cos-meta-album": "space"})
    assert owner.stamped(key).count == 1
    assert owner.head(key)["x-cos-meta-album"] == "space"
    assert len(calls.paid()) == 3
    assert runs() == [200]


def test_a_photo_that_the_service_cannot_download_is_sent_inline(owner: Owner, name: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    owner.cloud.faults.add(
        Fault("fail", service="iai", action="AnalyzeFace", code="FailedOperation.ImageDownloadError", by_worker=True)
    )
    owner.put(key, PORTRAIT)
    assert owner.stamped(key).count == 1
    assert [call.received > len(PORTRAIT) for call in calls(action="AnalyzeFace")] == [False, True]


def test_a_code_that_no_document_knows_is_raised_and_recorded(owner: Owner, name: str) -> None:
    key, runs, lines = f"photos/{name}.jpg", owner.runs(), owner.lines()
    owner.cloud.faults.add(
        Fault("fail", service="iai", action="AnalyzeFace", code="FailedOperation.Brandnew", by_worker=True, times=0)
    )
    owner.put(key, PORTRAIT)
    assert runs() == [430, 430, 430]
    letter = owner.letter(key)
    assert letter is not None
    assert [error["code"] for error in letter["errors"]] == ["FailedOperation.Brandnew"]
    assert {(line["code"], line["verdict"]) for line in lines("ERROR")} == {("FailedOperation.Brandnew", "unknown")}


def test_an_account_in_arrears_calls_somebody_and_nobody_else(owner: Owner, name: str) -> None:
    key, runs, lines, calls = f"photos/{name}.jpg", owner.runs(), owner.lines(), owner.calls()
    owner.cloud.faults.add(Fault("fail", service="iai", code="ResourceUnavailable.InArrears", by_worker=True, times=0))
    owner.put(key, PORTRAIT)
    assert runs() == [200]
    assert {line["verdict"] for line in lines("ERROR")} == {"operator"}
    assert owner.letter(key) is not None

    owner.cloud.faults.clear()
    owner.again(key)
    assert owner.stamped(key).count == 1
    assert owner.letter(key) is None
    assert len(calls.paid()) == 3


def test_one_operation_refused_for_good_does_not_stop_the_others(owner: Owner, name: str) -> None:
    key, runs, calls = f"photos/{name}.jpg", owner.runs(), owner.calls()
    owner.cloud.faults.add(
        Fault(
            "fail",
            service="iai",
            action="AnalyzeFace",
            code="FailedOperation.FaceSizeTooSmall",
            by_worker=True,
            times=0,
        )
    )
    owner.put(key, PORTRAIT)
    read = owner.stamped(key)
    assert (read.status, read.count) == ("ok", 1)
    assert read.errors == {"AnalyzeFace": "FailedOperation.FaceSizeTooSmall"}
    assert runs() == [200]
    owner.cloud.faults.clear()
    owner.again(key)
    assert len(calls.paid()) == 2
