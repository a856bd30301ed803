"""COS's request signature: Tencent's own examples, and what is refused."""

from __future__ import annotations

import json
import string
import time
from base64 import b64decode
from urllib.parse import quote, urlencode

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from qcloud_cos import CosServiceError

from infra.local.cos import signature
from infra.local.cos.signature import Signed
from infra.local.gateway import Refused
from tests.local.cos.conftest import PHOTOS, REGION, LocalCos, code

ID, KEY = "AKIDQjz3ltompVjBni5LitkWHFlFpwkn9U5q", "BQYIM75p8x0iWVFSIgqEKwFprpRSVHlz"
PATH = "/exampleobject(腾讯云)"
HOST = ("Host", "examplebucket-1250000000.cos.ap-beijing.myqcloud.com")
UPLOAD_HEADERS = [
    HOST,
    ("Date", "Thu, 16 May 2019 06:45:51 GMT"),
    ("Content-Type", "text/plain"),
    ("Content-Length", "13"),
    ("Content-MD5", "mQ/fVh815F3k6TAUm8m0eg=="),
    ("x-cos-acl", "private"),
    ("x-cos-grant-read", 'uin="100000000011"'),
]
DOWNLOAD_QUERY = [
    ("response-content-type", "application/octet-stream"),
    ("response-cache-control", "max-age=600"),
]
FORM_POLICY = (
    "ewogICAgImV4cGlyYXRpb24iOiAiMjAxOS0wOC0zMFQwOTozODoxMi40MTRaIiwKICAgICJjb25kaXRpb25zIjogWwogICAgICAgIHsgImFjbCI6"
    "ICJkZWZhdWx0IiB9LAogICAgICAgIHsgImJ1Y2tldCI6ICJleGFtcGxlYnVja2V0LTEyNTAwMDAwMDAiIH0sCiAgICAgICAgWyAic3RhcnRzLXdp"
    "dGgiLCAiJGtleSIsICJmb2xkZXIvc3ViZm9sZGVyLyIgXSwKICAgICAgICBbICJzdGFydHMtd2l0aCIsICIkQ29udGVudC1UeXBlIiwgImltYWdl"
    "LyIgXSwKICAgICAgICBbICJzdGFydHMtd2l0aCIsICIkc3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiLCAiaHR0cHM6Ly9teS53ZWJzaXRlLyIgXSwK"
    "ICAgICAgICBbICJlcSIsICIkeC1jb3Mtc2VydmVyLXNpZGUtZW5jcnlwdGlvbiIsICJBRVMyNTYiIF0sCiAgICAgICAgeyAicS1zaWduLWFsZ29y"
    "aXRobSI6ICJzaGExIiB9LAogICAgICAgIHsgInEtYWsiOiAiQUtJRFFqejNsdG9tcFZqQm5pNUxpdGtXSEZsRnB3a245VTVxIiB9LAogICAgICAg"
    "IHsgInEtc2lnbi10aW1lIjogIjE1NjcxNTA2OTI7MTU2NzE1Nzg5MiIgfQogICAgXQp9"
)
"""The upload form's example policy (COS 436/14690)."""


def authorization(span: str, headers: str, parameters: str, signed: str) -> dict[str, str]:
    return {
        "q-sign-algorithm": "sha1",
        "q-ak": ID,
        "q-sign-time": span,
        "q-key-time": span,
        "q-header-list": headers,
        "q-url-param-list": parameters,
        "q-signature": signed,
    }


UPLOAD = authorization(
    "1557989151;1557996351",
    "content-length;content-md5;content-type;date;host;x-cos-acl;x-cos-grant-read",
    "",
    "3b8851a11a569213c17ba8fa7dcf2abec6935172",
)
DOWNLOAD = authorization(
    "1557989753;1557996953",
    "date;host",
    "response-cache-control;response-content-type",
    "01681b8c9d798a678e43b685a9f1bba0f6c0e012",
)


def in_header(fields: dict[str, str]) -> Signed:
    signed = signature.read("&".join(f"{name}={value}" for name, value in fields.items()), {})
    assert signed is not None
    return signed


def in_query(fields: dict[str, str]) -> Signed:
    signed = signature.read("", fields)
    assert signed is not None
    return signed


@pytest.mark.behaviour(
    service="cos",
    what="Requests are signed as the documents' two examples are, in the Authorization header and in the query",
    standing="documented",
    source="COS 436/7778",
)
class TestTheDocumentsOwnExamples:
    @pytest.mark.parametrize("carried", [in_header, in_query], ids=["header", "query"])
    def test_an_upload(self, carried: object) -> None:
        signed = in_header(UPLOAD) if carried is in_header else in_query(UPLOAD)
        assert signature.sign(KEY, signed, "PUT", PATH, [], UPLOAD_HEADERS) == UPLOAD["q-signature"]

    @pytest.mark.parametrize("carried", [in_header, in_query], ids=["header", "query"])
    def test_a_download_with_parameters(self, carried: object) -> None:
        signed = in_header(DOWNLOAD) if carried is in_header else in_query(DOWNLOAD)
        headers = [HOST, ("Date", "Thu, 16 May 2019 06:55:53 GMT")]
        # The signature's own parameters, and a token beside them, are not signed unless they are listed.
        query = [*DOWNLOAD_QUERY, *DOWNLOAD.items(), ("x-cos-security-token", "token")]
        assert signature.sign(KEY, signed, "GET", PATH, query, headers) == DOWNLOAD["q-signature"]

    def test_the_key_that_a_time_span_makes(self) -> None:
        assert signature.sign_key(KEY, "1557989151;1557996351") == "eb2519b498b02ac213cb1f3d1a3d27a3b3c9bc5f"

    def test_the_upload_form(self) -> None:
        policy = b64decode(FORM_POLICY)
        assert signature.sign_key(KEY, "1567150692;1567157892") == "39acc8c9f34ba5b19bce4e965b370cd3f62d2fba"
        signed = signature.sign_policy(KEY, "1567150692;1567157892", policy)
        assert signed == "7758dc9a832e9d301dca704cacbf9d9f8172fdef"
        assert json.loads(policy)["conditions"][0] == {"acl": "default"}

    def test_a_presigned_address_may_escape_its_parameters(self) -> None:
        escaped = {**DOWNLOAD, "q-sign-time": quote(DOWNLOAD["q-sign-time"], safe="")}
        assert in_query(escaped) == in_query(DOWNLOAD)

    @pytest.mark.parametrize(
        ("name", "value"), [("Date", "Thu, 16 May 2019 06:45:52 GMT"), ("x-cos-acl", "public-read")]
    )
    def test_no_signed_header_may_change(self, name: str, value: str) -> None:
        changed = [(n, value if n == name else v) for n, v in UPLOAD_HEADERS]
        assert signature.sign(KEY, in_header(UPLOAD), "PUT", PATH, [], changed) != UPLOAD["q-signature"]

    def test_no_signed_header_may_be_missing(self) -> None:
        assert signature.sign(KEY, in_header(UPLOAD), "PUT", PATH, [], UPLOAD_HEADERS[:-1]) is None


@given(st.text())
def test_url_encoding_leaves_letters_digits_and_four_signs(text: str) -> None:
    clean = text.encode("utf-8", "ignore").decode()
    assert set(signature.encode(clean)) <= set(string.ascii_letters + string.digits + "-_.~%")


@given(st.text(max_size=40))
def test_whatever_stands_in_the_header_is_a_signature_or_refused(text: str) -> None:
    try:
        signed = signature.read(text, {})
    except Refused:
        signed = None
    assert signed is None


def test_a_signature_does_not_show_itself_in_a_log() -> None:
    assert UPLOAD["q-signature"] not in repr(in_header(UPLOAD))


@pytest.mark.behaviour(
    service="cos",
    what="A wrong signature gets 403 SignatureDoesNotMatch",
    standing="documented",
    source="COS 436/7730",
)
def test_a_wrong_key_is_told_so(cloud: LocalCos) -> None:
    who = cloud.cam.owner
    wrong = type(who)(who.secret_id, "not-the-key")
    response = cloud.ask("GET", "photo.jpg", identity=wrong)
    assert (response.status_code, code(response)) == (403, "SignatureDoesNotMatch")
    assert cloud.journal.calls()[-1].code == "SignatureDoesNotMatch"


@pytest.mark.behaviour(
    service="cos", what="An unknown SecretId gets 403 InvalidAccessKeyId", standing="documented", source="COS 436/7730"
)
def test_an_unknown_key_is_told_so(cloud: LocalCos) -> None:
    response = cloud.ask("GET", "photo.jpg", identity=type(cloud.cam.owner)(ID, KEY))
    assert (response.status_code, code(response)) == (403, "InvalidAccessKeyId")


@pytest.mark.behaviour(
    service="cos",
    what="Errors are an XML document with Code, Message, Resource, RequestId and TraceId, the ids in headers as well",
    standing="documented",
    source="COS 436/7730",
)
def test_an_error_has_its_shape(cloud: LocalCos) -> None:
    with pytest.raises(CosServiceError) as raised:
        cloud.client().get_object(Bucket=PHOTOS, Key="not there.jpg")
    error = raised.value
    assert error.get_status_code() == 404
    assert error.get_error_code() == "NoSuchKey"
    assert error.get_resource_location() == f"{PHOTOS}.cos.{REGION}.myqcloud.com/not there.jpg"
    assert error.get_request_id()
    assert error.get_trace_id()
    raw = cloud.ask("GET", "not there.jpg")
    assert f"<RequestId>{raw.headers['x-cos-request-id']}</RequestId>" in raw.text
    assert f"<TraceId>{raw.headers['x-cos-trace-id']}</TraceId>" in raw.text


class TestTimes:
    def presigned(self, cloud: LocalCos, start: float, end: float) -> requests.Response:
        who = cloud.cam.owner
        span = f"{int(start)};{int(end)}"
        signed = Signed(who.secret_id, span, span, ("host",), (), "")
        host = f"{PHOTOS}.cos.{REGION}.myqcloud.com"
        seal = signature.sign(who.secret_key, signed, "GET", "/photo.jpg", [], [("host", host)])
        fields = {**authorization(span, "host", "", str(seal)), "q-ak": who.secret_id}
        return cloud.get(f"http://{host}/photo.jpg?{urlencode(fields)}")

    @pytest.mark.behaviour(
        service="cos",
        what="After q-sign-time's end the answer is 403 AccessDenied, Request has expired",
        standing="documented",
        source="COS 436/7730",
    )
    def test_an_expired_signature(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        now = time.time()
        assert self.presigned(cloud, now - 60, now + 60).status_code == 200
        response = self.presigned(cloud, now - 120, now - 60)
        assert (response.status_code, code(response)) == (403, "AccessDenied")
        assert "Request has expired" in response.text

    @pytest.mark.behaviour(
        service="cos",
        what="A signature that begins over 15 minutes from now gets 403 RequestTimeTooSkewed",
        standing="documented",
        source="COS 436/7730",
    )
    def test_a_clock_that_runs_ahead(self, cloud: LocalCos) -> None:
        now = time.time()
        response = self.presigned(cloud, now + 1000, now + 2000)
        assert (response.status_code, code(response)) == (403, "RequestTimeTooSkewed")

    def test_skipped_waits_do_not_age_a_signature(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        cloud.clock.skip(100_000)
        assert cloud.ask("GET", "photo.jpg").status_code == 200


class TestTemporaryKeys:
    @pytest.mark.behaviour(
        service="cos",
        what="A temporary key works with its x-cos-security-token, as a header or as a query parameter",
        standing="documented",
        source="COS 436/14048",
    )
    def test_the_token_goes_along(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", b"pixels")
        key = cloud.role("cos:GetObject")
        client = cloud.client(key)
        assert client.get_object(Bucket=PHOTOS, Key="photo.jpg")["Body"].get_raw_stream().read() == b"pixels"
        address = client.get_presigned_url(
            Bucket=PHOTOS, Key="photo.jpg", Method="GET", Params={"x-cos-security-token": key.token}
        )
        assert cloud.get(address).content == b"pixels"

    @pytest.mark.behaviour(
        service="cos",
        what="A temporary key without its token, or with another, gets 403 InvalidAccessKeyId",
        standing="assumed",
        source="COS 436/14048",
    )
    @pytest.mark.parametrize("token", ["", "another"])
    def test_without_its_token_it_is_no_key(self, cloud: LocalCos, token: str) -> None:
        key = cloud.role("cos:GetObject")
        bare = type(key)(key.secret_id, key.secret_key, token)
        response = cloud.ask("GET", "photo.jpg", identity=bare)
        assert (response.status_code, code(response)) == (403, "InvalidAccessKeyId")
        address = cloud.client(key).get_presigned_url(Bucket=PHOTOS, Key="photo.jpg", Method="GET")
        assert cloud.get(address).status_code == 403

    @pytest.mark.behaviour(
        service="cos",
        what="A permanent key with a token gets 403 InvalidAccessKeyId",
        standing="assumed",
        source="COS 436/14048",
    )
    def test_a_permanent_key_has_no_token(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        owner = cloud.cam.owner
        response = cloud.ask("GET", "photo.jpg", identity=type(owner)(owner.secret_id, owner.secret_key, "another"))
        assert (response.status_code, code(response)) == (403, "InvalidAccessKeyId")

    @pytest.mark.behaviour(
        service="cos",
        what="An expired temporary key gets 400 ExpiredToken",
        standing="documented",
        source="COS 436/7730",
    )
    def test_it_expires_by_the_clouds_clock(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg")
        key = cloud.role("cos:GetObject")
        assert cloud.ask("GET", "photo.jpg", identity=key).status_code == 200
        cloud.clock.skip(6 * 3600 + 1)
        response = cloud.ask("GET", "photo.jpg", identity=key)
        assert (response.status_code, code(response)) == (400, "ExpiredToken")


@pytest.mark.parametrize("key", ["plain.jpg", "a b+c%20d.jpg", "人/照 片.jpg", "x" * 850, "tilde~'()*!.jpg"])
def test_the_sdk_signs_any_key_and_presigns_it(cloud: LocalCos, key: str) -> None:
    client = cloud.client()
    client.put_object(Bucket=PHOTOS, Key=key, Body=key.encode())
    assert client.get_object(Bucket=PHOTOS, Key=key)["Body"].get_raw_stream().read() == key.encode()
    for sign_host in (True, False):
        address = client.get_presigned_url(
            Bucket=PHOTOS,
            Key=key,
            Method="GET",
            Params={"response-content-type": "text/x a+b"},
            SignHost=sign_host,
        )
        response = cloud.get(address)
        assert response.content == key.encode()
        assert response.headers["Content-Type"] == "text/x a+b"


def test_another_kind_of_signature_is_refused(cloud: LocalCos) -> None:
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x"}
    response = cloud.ask("GET", "photo.jpg", headers=headers, signed=False)
    assert (response.status_code, code(response)) == (403, "AccessDenied")


def test_the_sdk_may_retry(cloud: LocalCos) -> None:
    client = cloud.client(retry=3)
    client.put_object(Bucket=PHOTOS, Key="photo.jpg", Body=b"pixels")
    assert client.head_object(Bucket=PHOTOS, Key="photo.jpg")["Content-Length"] == "6"
