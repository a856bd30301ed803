"""Signature v3, as every API 3.0 host checks it."""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from infra.local import tc3
from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.gateway import Refused

BODY = json.dumps({"PersonId": "ada"}).encode()
HOST = "iai.tencentcloudapi.com"


def request(
    who: Identity,
    *,
    at: int | None = None,
    signed: dict[str, str] | None = None,
    body: bytes = BODY,
    sent_body: bytes | None = None,
    service: str = "iai",
    date: str = "",
    **headers: str,
) -> Request:
    """A request that `who` signed; `sent_body`, `date` and `headers` are what is on the wire instead."""
    at = int(time.time()) if at is None else at
    signed = {"content-type": "application/json", "host": HOST} if signed is None else signed
    signature = tc3.signature(who.secret_key, service, at, signed, body)
    date = date or datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%d")
    sent = {
        "Host": HOST,
        "X-TC-Timestamp": str(at),
        "X-TC-Action": "GetPersonBaseInfo",
        "Authorization": f"TC3-HMAC-SHA256 Credential={who.secret_id}/{date}/{service}/tc3_request,"
        f" SignedHeaders={';'.join(sorted(signed))}, Signature={signature}",
        **({"X-TC-Token": who.token} if who.token else {}),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    data = body if sent_body is None else sent_body
    builder = EnvironBuilder("/", f"http://{HOST}", method="POST", data=data, content_type="application/json")
    builder.headers.update(sent)
    environ = builder.get_environ()
    builder.close()
    return Request(environ)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cam(clock: Clock) -> Cam:
    return Cam(clock)


@pytest.fixture
def session(cam: Cam) -> Identity:
    trust = {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"service": "scf.qcloud.com"}}
    cam.create_role("stamper", json.dumps({"version": "2.0", "statement": [trust]}))
    return cam.assume("stamper", "worker", "invocation", seconds=600)


def refusal(request: Request, cam: Cam, service: str = "iai") -> str:
    with pytest.raises(Refused) as refused:
        tc3.authenticate(request, service, cam)
    return refused.value.code


@pytest.mark.behaviour(
    service="iai", what="Requests are signed with TC3-HMAC-SHA256", standing="documented", source="IAI 867/44978"
)
def test_the_documents_own_example_has_the_documented_signature() -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    headers = {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"}
    signature = tc3.signature("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "cvm", 1551113065, headers, body)
    assert signature == "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"


def test_who_signed_is_told(cam: Cam, session: Identity) -> None:
    assert tc3.authenticate(request(cam.owner), "iai", cam) == cam.owner
    assert tc3.authenticate(request(session), "iai", cam) == session


def test_whose_key_it_claims_to_be_is_read_without_checking(cam: Cam) -> None:
    assert tc3.wanted_secret_id(request(cam.owner, sent_body=b"other")) == cam.owner.secret_id
    assert tc3.wanted_secret_id(request(cam.owner, Authorization="nonsense")) == ""


@pytest.mark.behaviour(
    service="iai",
    what="A wrong signature gets AuthFailure.SignatureFailure",
    standing="documented",
    source="IAI 867/44978",
)
def test_a_changed_body_a_wrong_key_or_a_wrong_date_is_refused(cam: Cam) -> None:
    stranger = Identity(cam.owner.secret_id, "not-the-key")
    assert refusal(request(cam.owner, sent_body=b'{"PersonId": "eve"}'), cam) == "AuthFailure.SignatureFailure"
    assert refusal(request(stranger), cam) == "AuthFailure.SignatureFailure"
    assert refusal(request(cam.owner, date="2019-02-25"), cam) == "AuthFailure.SignatureFailure"


@pytest.mark.behaviour(
    service="iai",
    what="A key that does not exist gets AuthFailure.SecretIdNotFound",
    standing="documented",
    source="CVM 213/30435",
)
def test_an_unknown_key_is_refused(cam: Cam) -> None:
    assert refusal(request(Identity("AKIDunknown", "key")), cam) == "AuthFailure.SecretIdNotFound"


@pytest.mark.behaviour(
    service="iai",
    what="A timestamp more than five minutes from real time gets AuthFailure.SignatureExpire",
    standing="documented",
    source="CVM 213/30435",
)
def test_an_old_or_future_request_is_refused_by_real_time(cam: Cam, clock: Clock) -> None:
    now = int(time.time())
    assert refusal(request(cam.owner, at=now - 310), cam) == "AuthFailure.SignatureExpire"
    assert refusal(request(cam.owner, at=now + 310), cam) == "AuthFailure.SignatureExpire"
    clock.skip(3600)
    assert tc3.authenticate(request(cam.owner, at=now - 240), "iai", cam) == cam.owner


@pytest.mark.behaviour(
    service="iai",
    what="A temporary key without its token, with another's, or past its time gets AuthFailure.TokenFailure",
    standing="documented",
    source="CVM 213/30435",
)
def test_a_temporary_key_needs_its_token_and_its_time(cam: Cam, clock: Clock, session: Identity) -> None:
    assert refusal(request(session, X_TC_Token=""), cam) == "AuthFailure.TokenFailure"
    assert refusal(request(session, X_TC_Token="another"), cam) == "AuthFailure.TokenFailure"
    assert refusal(request(cam.owner, X_TC_Token="a token"), cam) == "AuthFailure.TokenFailure"
    clock.skip(601)
    assert refusal(request(session), cam) == "AuthFailure.TokenFailure"


@pytest.mark.behaviour(
    service="iai",
    what="An Authorization header of another form, for another service, or without content-type and host among the"
    " signed headers gets AuthFailure.InvalidAuthorization",
    standing="assumed",
    source="IAI 867/44978",
)
def test_an_unusable_authorization_is_refused(cam: Cam) -> None:
    illegible = request(cam.owner, Authorization="Bearer me")
    elsewhere = request(cam.owner, service="scf")
    bare = request(cam.owner, signed={"host": HOST})
    for case in (illegible, elsewhere, bare):
        assert refusal(case, cam) == "AuthFailure.InvalidAuthorization"
    assert refusal(request(cam.owner, X_TC_Timestamp="soon"), cam) == "MissingParameter"


def test_further_signed_headers_are_part_of_the_signature(cam: Cam) -> None:
    signed = {"content-type": "application/json", "host": HOST, "x-tc-action": "GetPersonBaseInfo"}
    assert tc3.authenticate(request(cam.owner, signed=signed), "iai", cam) == cam.owner
    changed = request(cam.owner, signed=signed, X_TC_Action="DeletePerson")
    assert refusal(changed, cam) == "AuthFailure.SignatureFailure"


@pytest.mark.behaviour(
    service="iai",
    what="The body may be left out of the signature",
    standing="observed",
    source="tencentcloud-sdk-python",
)
def test_a_payload_may_go_unsigned(cam: Cam) -> None:
    unsigned = request(cam.owner, body=b"UNSIGNED-PAYLOAD", sent_body=BODY, X_TC_Content_SHA256="UNSIGNED-PAYLOAD")
    assert tc3.authenticate(unsigned, "iai", cam) == cam.owner


@pytest.mark.behaviour(
    service="iai",
    what="A request over 10 MB gets RequestSizeLimitExceeded",
    standing="documented",
    source="1278/46710",
)
def test_a_request_has_at_most_ten_megabytes(cam: Cam) -> None:
    assert refusal(request(cam.owner, body=b" " * (tc3.BODY_LIMIT + 1)), cam) == "RequestSizeLimitExceeded"


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff", b'"text"'])
def test_a_body_that_is_no_json_object_is_an_invalid_parameter(cam: Cam, body: bytes) -> None:
    with pytest.raises(Refused) as refused:
        tc3.parameters(request(cam.owner, body=body))
    assert refused.value.code == "InvalidParameter"


@given(st.text())
def test_no_authorization_header_is_too_strange_to_be_read(header: str) -> None:
    claimed = tc3.read_authorization(header)
    assert claimed is None or claimed.secret_id in header


@pytest.mark.behaviour(
    service="iai",
    what="Errors are answered with HTTP 200, Code and Message in the envelope",
    standing="assumed",
    source="CVM 213/30435",
)
def test_answers_and_errors_share_one_envelope() -> None:
    answer, error = tc3.respond({"FaceNum": 1}), tc3.refuse("InternalError", "Internal error.", 500)
    assert answer.get_json()["Response"]["FaceNum"] == 1
    assert answer.get_json()["Response"]["RequestId"]
    assert (error.status_code, error.content_type) == (200, "application/json")
    assert error.get_json()["Response"]["Error"] == {"Code": "InternalError", "Message": "Internal error."}
    assert tc3.refuse("", "", 502).status_code == 502
