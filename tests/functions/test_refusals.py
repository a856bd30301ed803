"""Each of Tencent's codes is one kind of problem to whoever calls the API, and says what they can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from facestamp import codes
from facestamp.asking import Unfinished
from facestamp.errors import NoAnswer, ServiceError, Verdict
from facestamp.http.replies.problems import ACCOUNT, BUSY, FAULT, KINDS, UPSTREAM, Problem
from facestamp.http.replies.refusals import MEANINGS, meaning, problem_of
from facestamp.lease import Busy
from facestamp.settings import SettingsError

DOCUMENTED = json.loads((Path(__file__).parent / "vectors" / "documented-errors.json").read_text())
ALL = sorted(frozenset().union(codes.RETRY, codes.THROTTLE, codes.REJECT, *codes.OPERATOR.values()))


def status(code: str, service: str = "iai") -> int:
    return problem_of(ServiceError(service, "Action", code)).kind.status


def sdk() -> Iterator[str]:
    for version in ("v20180301", "v20200303"):
        known = vars(import_module(f"tencentcloud.iai.{version}.errorcodes"))
        yield from (value for name, value in known.items() if name.isupper() and isinstance(value, str))


@pytest.mark.parametrize("code", ALL)
def test_every_code_has_a_status_that_agrees_with_what_another_try_can_do(code: str) -> None:
    error = ServiceError("iai", "Action", code)
    problem = problem_of(error)

    assert problem.kind in KINDS
    assert problem.code == code
    if error.verdict is Verdict.THROTTLE:
        assert (problem.kind.status, problem.kind.retry) == (429, True)
    if error.verdict is Verdict.REJECT:
        assert 400 <= problem.kind.status < 500
    if problem.kind.retry:
        assert error.verdict in (Verdict.RETRY, Verdict.THROTTLE)
        assert problem.headers["retry-after"] == str(problem.kind.wait)
    else:
        assert "retry-after" not in problem.headers


PARAMETERS = sorted(
    {code for code in sdk() if code.startswith("InvalidParameter")} - {"InvalidParameterValue.AccountFaceNumExceed"}
)
RIGHTS = sorted({code for code in sdk() if code.startswith(("AuthFailure", "UnauthorizedOperation"))})


@pytest.mark.parametrize("code", PARAMETERS)
def test_no_parameter_that_the_face_service_refuses_is_blamed_on_the_operator(code: str) -> None:
    assert 400 <= status(code) < 500


@pytest.mark.parametrize("code", RIGHTS)
def test_what_the_function_may_not_do_is_never_blamed_on_the_caller(code: str) -> None:
    assert status(code) == 503


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidParameterValue.PersonIdIllegal", 400),
        ("InvalidParameterValue.PersonIdTooLong", 400),
        ("InvalidParameterValue.UploadFaceNumExceed", 400),
        ("InvalidParameterValue.QualityControlIllegal", 400),
        ("InvalidParameterValue.FaceModelVersionIllegal", 400),
        ("InvalidParameterValue.LimitExceed", 400),
        ("InvalidParameterValue.UrlIllegal", 400),
        ("MissingParameter", 400),
        ("KeyTooLong", 400),
        ("NoSuchKey", 404),
        ("NoSuchCopySource", 404),
        ("InvalidParameterValue.PersonIdNotExist", 404),
        ("InvalidParameterValue.GroupIdNotExist", 404),
        ("InvalidParameterValue.GroupIdNotExists", 404),
        ("FailedOperation.GroupPersonMapNotExist", 404),
        ("InvalidParameterValue.PersonIdAlreadyExist", 409),
        ("InvalidParameterValue.GroupIdAlreadyExist", 409),
        ("InvalidParameterValue.GroupNameAlreadyExist", 409),
        ("InvalidParameterValue.PersonExistInGroup", 409),
        ("InvalidParameterValue.PersonFaceNumExceed", 409),
        ("InvalidParameterValue.GroupFaceNumExceed", 409),
        ("InvalidParameterValue.GroupNumExceed", 409),
        ("InvalidObjectState", 409),
        ("PreconditionFailed", 409),
        ("FailedOperation.ConflictOperation", 409),
        ("FailedOperation.CreateFaceConcurrent", 409),
        ("PathConflict", 409),
        ("Facestamp.EnrolmentUnknown", 409),
        ("RequestSizeLimitExceeded", 413),
        ("FailedOperation.ImageDecodeFailed", 422),
        ("FailedOperation.ImageResolutionTooSmall", 422),
        ("FailedOperation.ImageSizeExceed", 422),
        ("FailedOperation.FaceQualityNotQualified", 422),
        ("FailedOperation.ImageDownloadError", 422),
        ("InvalidParameterValue.NoFaceInPhoto", 422),
        ("-1604", 422),
        ("RequestLimitExceeded", 429),
        ("RequestLimitExceeded.IPLimitExceeded", 429),
        ("FailedOperation.RequestLimitExceeded", 429),
        ("SlowDown", 429),
        ("MalformedXML", 500),
        ("InternalError", 502),
        ("FailedOperation.ServerError", 502),
        ("FailedOperation.RpcFail", 502),
        ("ServiceUnavailable", 502),
        ("SomethingThatNoDocumentKnows", 502),
        ("AccessDenied", 503),
        ("AuthFailure.SignatureFailure", 503),
        ("UnauthorizedOperation.CamNoAuth", 503),
        ("ResourceUnavailable.InArrears", 503),
        ("ResourceUnavailable.NotExist", 503),
        ("NoSuchBucket", 503),
        ("UnsupportedRegion", 503),
        ("InvalidParameterValue.AccountFaceNumExceed", 503),
        ("FailedOperation.RequestTimeout", 504),
        ("RequestTimeout", 504),
        ("Facestamp.NoTimeLeft", 504),
    ],
)
def test_the_status_of_a_refusal(code: str, expected: int) -> None:
    assert status(code) == expected


def test_a_missing_version_of_an_object_is_a_missing_photo() -> None:
    assert status("NoSuchVersion", "cos") == 404
    assert status("NoSuchVersion", "iai") == 500


@pytest.mark.parametrize("code", [*ALL, "SomethingThatNoDocumentKnows"])
def test_what_is_said_is_one_sentence_that_asks_for_something(code: str) -> None:
    detail = meaning(ServiceError("cos", "Action", code))[1]
    assert detail.endswith(".")
    assert 15 < len(detail) <= 120
    assert "{" not in detail


def test_an_answer_that_never_came_is_a_time_out() -> None:
    problem = problem_of(NoAnswer("iai", "CreateFace"))
    assert (problem.kind.status, problem.kind.retry) == (504, True)


def test_tencents_message_is_never_passed_on_but_its_id_is() -> None:
    told = problem_of(ServiceError("iai", "DetectFace", "FailedOperation.RpcFail", "secret address", "a8eb-45"))
    assert told.body()["request_id"] == "a8eb-45"
    assert "secret" not in json.dumps(told.body())


def test_of_several_operations_the_first_failure_is_told_unless_a_person_is_busy() -> None:
    errors = (ServiceError("iai", "AnalyzeFace", "AuthFailure"), ServiceError("iai", "DetectFace", "InternalError"))
    assert problem_of(Unfinished(errors)).kind is ACCOUNT
    assert problem_of(Unfinished((), busy=True)).kind is BUSY


def test_what_is_no_refusal_has_its_kind_too() -> None:
    own = Problem(UPSTREAM, "Try again.")
    assert problem_of(own) is own
    assert problem_of(Busy(same=True)).kind is BUSY
    assert problem_of(SettingsError("Set FACESTAMP_BUCKET.")).kind is ACCOUNT
    assert "BUCKET" not in problem_of(SettingsError("Set FACESTAMP_BUCKET.")).detail
    assert problem_of(ZeroDivisionError("of somebody's")).kind is FAULT


def test_no_code_has_two_meanings_and_none_is_made_up() -> None:
    listed = [code for group in MEANINGS.values() for code in group]
    assert len(listed) == len(set(listed))
    assert set(listed) - set(ALL) == {"NoAnswer"}


def test_kinds_can_be_told_apart() -> None:
    assert len({kind.slug for kind in KINDS}) == len(KINDS)
