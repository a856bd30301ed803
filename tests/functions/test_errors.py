"""Every error that Tencent documents has a verdict, and says what to do about it."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from facestamp import codes
from facestamp.errors import NO_FACE, NoAnswer, ServiceError, Verdict, classify, errno, retcode, sentence

DOCUMENTED = json.loads((Path(__file__).parent / "vectors" / "documented-errors.json").read_text())
RETRY, THROTTLE, REJECT, OPERATOR = Verdict


@pytest.mark.parametrize("document", DOCUMENTED["documents"])
def test_every_code_of_every_document_has_a_verdict(document: str) -> None:
    unclassified = [code for code in DOCUMENTED["documents"][document] if classify(code) is None]
    assert unclassified == []


@pytest.mark.parametrize("version", ["v20180301", "v20200303"])
def test_every_code_that_the_installed_sdk_knows_has_a_verdict(version: str) -> None:
    known = vars(import_module(f"tencentcloud.iai.{version}.errorcodes"))
    listed = [value for name, value in known.items() if name.isupper() and isinstance(value, str)]

    assert len(listed) > 80
    assert [code for code in listed if classify(code) is None] == []


def test_no_code_has_two_verdicts() -> None:
    groups = [codes.RETRY, codes.THROTTLE, codes.REJECT, *codes.OPERATOR.values()]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("InternalError", RETRY),
        ("FailedOperation.ServerError", RETRY),
        ("FailedOperation.RequestTimeout", RETRY),
        ("FailedOperation.RpcFail", RETRY),
        ("FailedOperation.UnKnowError", RETRY),
        ("FailedOperation.ConflictOperation", RETRY),
        ("FailedOperation.CreateFaceConcurrent", RETRY),
        ("FailedOperation.ImageDownloadError", RETRY),
        ("ServiceUnavailable", RETRY),
        ("PathConflict", RETRY),
        ("RequestLimitExceeded", THROTTLE),
        ("RequestLimitExceeded.UinLimitExceeded", THROTTLE),
        ("FailedOperation.RequestLimitExceeded", THROTTLE),
        ("SlowDown", THROTTLE),
        ("InvalidParameterValue.NoFaceInPhoto", REJECT),
        ("FailedOperation.ImageDecodeFailed", REJECT),
        ("FailedOperation.ImageResolutionTooSmall", REJECT),
        ("InvalidParameterValue.ImageEmpty", REJECT),
        ("InvalidParameterValue.PersonFaceNumExceed", REJECT),
        ("InvalidParameterValue.PersonIdNotExist", REJECT),
        ("InvalidParameterValue.PersonIdIllegal", REJECT),
        ("PreconditionFailed", REJECT),
        ("NoSuchKey", REJECT),
        ("FileAlreadyExists", REJECT),
        ("InvalidObjectState", REJECT),
        ("InvalidRange", REJECT),
        ("AccessDenied", OPERATOR),
        ("AuthFailure.SignatureFailure", OPERATOR),
        ("AuthFailure.SomethingNewInThisFamily", OPERATOR),
        ("UnauthorizedOperation.CamNoAuth", OPERATOR),
        ("SignatureDoesNotMatch", OPERATOR),
        ("ExpiredToken", OPERATOR),
        ("RequestTimeTooSkewed", OPERATOR),
        ("NoSuchBucket", OPERATOR),
        ("ResourceUnavailable.InArrears", OPERATOR),
        ("ResourceUnavailable.NotExist", OPERATOR),
        ("InvalidParameterValue.GroupFaceNumExceed", OPERATOR),
        ("InvalidParameterValue.AccountFaceNumExceed", OPERATOR),
        ("InvalidParameterValue.FaceModelVersionIllegal", OPERATOR),
    ],
)
def test_the_verdict_says_what_another_try_can_do(code: str, verdict: Verdict) -> None:
    assert classify(code) is verdict


@pytest.mark.parametrize(
    "code",
    ["", "Unknown", "FailedOperation.BrandNew", "InvalidParameterValue.BrandNew", "ResourceUnavailable.BrandNew"],
)
def test_a_code_that_no_document_knows_has_no_verdict(code: str) -> None:
    assert classify(code) is None
    assert ServiceError("iai", "AnalyzeFace", code).verdict is None


def test_a_missing_version_of_an_object_is_not_a_missing_version_of_an_interface() -> None:
    assert classify("NoSuchVersion", "cos") is REJECT
    assert classify("NoSuchVersion", "iai") is OPERATOR


def test_nobody_in_the_photo_is_told_from_the_other_rejections() -> None:
    assert {classify(code) for code in NO_FACE} == {REJECT}
    assert retcode(-1101).code in NO_FACE
    assert not NO_FACE & {retcode(number).code for number in (-1102, -1109, -1601, -1604, -9)}


@pytest.mark.parametrize(
    ("number", "code", "verdict"),
    [
        (-1101, "InvalidParameterValue.NoFaceInPhoto", REJECT),
        (-1102, "FailedOperation.ImageDecodeFailed", REJECT),
        (-1109, "-1109", REJECT),
        (-1601, "FailedOperation.FaceQualityNotQualified", REJECT),
        (-1604, "-1604", REJECT),
        (-7, "FailedOperation.ServerError", RETRY),
        (1, "FailedOperation.ServerError", RETRY),
    ],
)
def test_create_faces_numbers_have_the_name_that_says_the_same(number: int, code: str, verdict: Verdict) -> None:
    assert retcode(number) == (code, verdict)
    assert classify(code) is verdict


@pytest.mark.parametrize("number", DOCUMENTED["X-ErrNo"])
def test_every_number_of_cloud_infinite_has_a_name_with_a_verdict(number: int) -> None:
    told = errno(number)
    assert told is not None
    assert classify(told.code) is told.verdict


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        (-164, THROTTLE),
        (-29214, THROTTLE),
        (-60949, THROTTLE),
        (-902, RETRY),
        (-167, REJECT),
        (-441, REJECT),
        (-46628, REJECT),
        (-162, OPERATOR),
        (-46618, OPERATOR),
        (-46661, OPERATOR),
        (-60972, OPERATOR),
    ],
)
def test_the_verdict_on_cloud_infinites_numbers(number: int, verdict: Verdict) -> None:
    told = errno(number)
    assert told is not None
    assert told.verdict is verdict


def test_a_number_that_no_document_knows_has_no_name() -> None:
    assert errno(-1) is None


@pytest.mark.parametrize(
    ("service", "action", "code", "permission"),
    [
        ("iai", "AnalyzeFace", "AuthFailure.UnauthorizedOperation", "iai:AnalyzeFace to the function's role"),
        ("iai", "AnalyzeFace", "UnauthorizedOperation.CamNoAuth", "iai:AnalyzeFace to the function's role"),
        ("cos", "GetObject", "AccessDenied", "cos:GetObject to the function's role"),
        (
            "cos",
            "PutObjectCopy",
            "AccessDenied",
            "cos:PutObjectCopy, cos:PutObject, cos:PutObjectACL and cos:PutObjectTagging to the function's role",
        ),
        (
            "ci",
            "DetectFace",
            "AccessDenied",
            "ci:CreateFaceEffectJob and ci:CreateDetectFaceJob to the function's role, and see that AI content"
            " recognition is enabled on the bucket",
        ),
    ],
)
def test_a_missing_permission_is_named_as_the_policy_would(
    service: str, action: str, code: str, permission: str
) -> None:
    told = sentence(ServiceError(service, action, code, request_id="a8eb4545"))
    assert told == f"{service}:{action} {code} (request a8eb4545): Grant {permission}."


@pytest.mark.parametrize("code", sorted(frozenset().union(*codes.OPERATOR.values())))
def test_whatever_calls_for_the_operator_says_what_to_do_and_about_which_action(code: str) -> None:
    told = sentence(ServiceError("iai", "CreateFace", code))
    assert told.count("iai:CreateFace") == 2
    assert code in told


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ServiceError("cos", "GetObject", "SlowDown"), "tried again later"),
        (ServiceError("iai", "AnalyzeFace", "InternalError"), "tried again"),
        (ServiceError("iai", "AnalyzeFace", "FailedOperation.ImageDecodeFailed"), "final"),
        (ServiceError("iai", "AnalyzeFace", "BrandNew"), "No document knows"),
        (ServiceError("iai", "AnalyzeFace", "BrandNew", verdict=OPERATOR), "Somebody"),
        (NoAnswer("iai", "CreateFace"), "did not answer"),
    ],
    ids=str,
)
def test_every_error_has_a_sentence(error: ServiceError, words: str) -> None:
    assert words in sentence(error)


def test_tencents_message_stays_out_of_every_text_for_it_can_hold_a_signed_address() -> None:
    address = "http://photos-1250000000.cos.ap-guangzhou.myqcloud.com/a.jpg?q-signature=secret"
    errors = [
        ServiceError("iai", "AnalyzeFace", "FailedOperation.ImageDownloadError", f"Cannot fetch {address}"),
        NoAnswer("cos", "GetObject", f"Timed out: {address}"),
    ]
    for error in errors:
        assert "secret" in error.message
        assert "secret" not in f"{error} {error!r} {error.args} {sentence(error)}"


def test_an_answer_that_never_came_may_be_asked_for_again() -> None:
    assert NoAnswer("cos", "GetObject").verdict is RETRY
