"""A function that HTTP wakes: what it is given, and what the caller gets."""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

import pytest
from tencentcloud.common.sign import Sign

from infra.local.cam import Cam, Identity
from infra.local.faults import Fault
from infra.local.gateway import Gateway, Server
from infra.local.readings import Readings
from infra.local.scf import Scf
from tests.local.scf.small import TRUST, Ask, Deploy
from tests.local.scf.wire import ECHO, Answer, call, opened, returning

MEGABYTE = 1024 * 1024


@pytest.mark.behaviour(
    service="scf",
    what="A request to a function URL runs the function with body, headers, httpMethod, path and queryString;"
    " x-scf-remote-addr has the caller's address",
    standing="documented",
    source="SCF 583/96099",
)
def test_a_request_is_an_event(ask: Ask, deploy: Deploy, server: Server, scf: Scf) -> None:
    deploy(ECHO)
    [host] = opened(ask).values()
    told = {"Content-Type": "application/json", "X-Scf-Remote-Addr": "6.6.6.6"}
    answer = call(server, host, "/a/b?c=d%20e&f=", "POST", b'{"g": 1}', told)
    assert answer.status == 201
    assert answer.json() == {
        "body": '{"g": 1}',
        "headers": {
            "content-length": "8",
            "content-type": "application/json",
            "host": host,
            "x-scf-remote-addr": "127.0.0.1",
        },
        "httpMethod": "POST",
        "path": "/a/b",
        "queryString": {"c": "d e", "f": ""},
    }
    assert [(each.source, each.attempt) for each in scf.invocations] == [("http", 1)]


@pytest.mark.behaviour(
    service="scf",
    what="What the function returns as {statusCode, headers, body} is the response; isBase64Encoded and lists of values"
    " work as the API gateway had it",
    standing="documented",
    source="SCF 583/96099, 583/107631",
)
def test_an_integrated_response(ask: Ask, deploy: Deploy, server: Server) -> None:
    headers = {"X-One": "1", "set-cookie": ["a=1", "b=2"], "Content-Type": "text/plain; charset=utf-8"}
    deploy(returning(f"{{'statusCode': 418, 'headers': {headers!r}, 'body': '夏'}}"))
    deploy(
        returning("{'statusCode': 200, 'body': base64.b64encode(b'\\xff\\0').decode(), 'isBase64Encoded': True}"),
        "other",
    )
    [host], [other] = opened(ask).values(), opened(ask, "other").values()
    answer = call(server, host)
    assert (answer.status, answer.body) == (418, "夏".encode())
    assert (answer.header("x-one"), answer.header("set-cookie")) == (["1"], ["a=1", "b=2"])
    assert answer.header("content-type") == ["text/plain; charset=utf-8"]
    assert answer.header("content-length") == ["3"]
    assert call(server, other).body == b"\xff\0"


@pytest.mark.behaviour(
    service="scf",
    what="A return that is JSON without statusCode is answered with 200, application/json and the return as the body;"
    " of a string, its text",
    standing="documented",
    source="SCF 583/96099",
)
@pytest.mark.parametrize(
    ("returned", "body"),
    [("{'a': [1, '夏']}", '{"a": [1, "夏"]}'), ("[1]", "[1]"), ("None", "null"), ("'<b>'", "<b>"), ("3", "3")],
)
def test_any_other_return(ask: Ask, deploy: Deploy, server: Server, returned: str, body: str) -> None:
    deploy(returning(returned))
    opened(ask)
    answer = call(server)
    assert (answer.status, answer.body.decode()) == (200, body)
    assert answer.header("content-type") == ["application/json"]


@pytest.mark.behaviour(
    service="scf",
    what="A return with a statusCode of which no response can be made is answered with 502",
    standing="assumed",
    source="SCF 583/96099 (says only what is right)",
)
@pytest.mark.parametrize(
    "returned",
    [
        "{'statusCode': '200', 'body': ''}",
        "{'statusCode': 99, 'body': ''}",
        "{'statusCode': 200, 'body': {}}",
        "{'statusCode': 200, 'headers': []}",
        "{'statusCode': 200, 'headers': {'X-One': 1}}",
        "{'statusCode': 200, 'headers': {'X-One': 'a\\r\\nX-Two: b'}}",
        "{'statusCode': 200, 'headers': {'X One': 'a'}}",
        "{'statusCode': 200, 'body': '?', 'isBase64Encoded': True}",
    ],
)
def test_what_is_no_response(ask: Ask, deploy: Deploy, server: Server, returned: str) -> None:
    deploy(returning(returned))
    opened(ask)
    answer = call(server)
    assert (answer.status, answer.json()["errorCode"]) == (502, -1)


@pytest.mark.behaviour(
    service="scf",
    what="A failure of the function or the platform is answered with errorCode, errorMessage, requestId, stackTrace and"
    " statusCode, and nothing is tried again; the HTTP status is 413 for a request that is too large, 429 for one too"
    " many, 500 for the platform's own errors, else 502",
    standing="assumed",
    source="SCF 583/9694 (no retry), the former HTTP functions' page (statuses), 583/42611",
)
@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [(None, 502, 430), (429, 429, 429), (432, 429, 432), (449, 500, 449), (500, 500, 500)],
)
def test_a_failure(
    ask: Ask, deploy: Deploy, server: Server, scf: Scf, trouble: int | None, status: int, code: int
) -> None:
    name = deploy(returning("1 / 0"))
    opened(ask)
    if trouble:
        scf.trouble(name, trouble)
    answer = call(server)
    told = answer.json()
    assert (answer.status, told["statusCode"], told["errorCode"]) == (status, code, -1)
    assert [each.request_id for each in scf.invocations] == [told["requestId"]]
    assert ("ZeroDivisionError" in told.get("stackTrace", "")) == (trouble is None)


def test_a_function_that_takes_too_long(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy("import time\ndef main_handler(event, context):\n    time.sleep(60)\n", Timeout=1)
    opened(ask)
    answer = call(server)
    assert (answer.status, answer.json()["statusCode"]) == (502, 433)


@pytest.mark.behaviour(
    service="scf",
    what="A request whose event is larger than 6 MB does not reach the function, and a return larger than 6 MB does not"
    " reach the caller",
    standing="documented",
    source="SCF 583/11637, 583/42611",
)
def test_six_megabytes(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(returning("{'statusCode': 200, 'body': 'x' * int(event['queryString'].get('size', len(event['body'])))}"))
    opened(ask)
    fits = 6 * MEGABYTE - 1000
    assert call(server, method="POST", body=b"x" * fits).header("content-length") == [str(fits)]
    answer = call(server, method="POST", body=b"x" * 6 * MEGABYTE)
    assert (answer.status, answer.json()["statusCode"]) == (413, 406)
    assert call(server, target=f"/?size={fits}").status == 200
    answer = call(server, target=f"/?size={6 * MEGABYTE}")
    assert (answer.status, answer.json()["statusCode"]) == (502, 407)


@pytest.mark.behaviour(
    service="scf",
    what="A URL answers under the hosts of the networks that NetConfig opens it to, as long as its trigger is there and"
    " enabled; any other is 404",
    standing="documented",
    source="SCF 583/96099 (the hosts), the former HTTP functions' page (404)",
)
def test_every_url_has_hosts_of_its_own(ask: Ask, deploy: Deploy, server: Server) -> None:
    for name in ("one", "two", "three"):
        deploy(returning(repr(name)), name)
    net = {"EnableIntranet": True, "EnableExtranet": True}
    one = opened(ask, "one", NetConfig=net)
    two = opened(ask, "two", NetConfig={"EnableIntranet": True})
    three = opened(ask, "three", enable="CLOSE")
    assert re.fullmatch(r"1250000000-[a-z0-9]{10}\.ap-guangzhou\.tencentscf\.com", one["Extranet"])
    assert one["Intranet"] == one["Extranet"].replace(".ap-", ".in.ap-")
    assert two.keys() == {"Intranet"}
    assert call(server, one["Extranet"]).body == call(server, f"{one['Intranet']}:80").body == b"one"
    assert call(server, two["Intranet"]).body == b"two"
    for wrong in (
        two["Intranet"].replace(".in.", "."),
        three["Extranet"],
        "1250000000-0000000000.ap-guangzhou.tencentscf.com",
    ):
        assert call(server, wrong).status == 404
    ask("DeleteTrigger", FunctionName="one", TriggerName="url-trigger", Type="http", TriggerDesc='{"AuthType":"NONE"}')
    assert call(server, one["Extranet"]).status == 404


def test_the_first_url_has_a_name_that_browsers_resolve(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(returning("'one'"), "one")
    deploy(returning("'two'"), "two")
    assert call(server, "api.localhost:9000").status == 404
    opened(ask, "two")
    opened(ask, "one")
    for name in ("api.localhost", "api.localhost:9000", "API.localhost"):
        assert call(server, name).body == b"two"


@pytest.mark.behaviour(
    service="scf",
    what="CorsConfig is kept with the URL, and not acted on",
    standing="assumed",
    source="SCF 583/100227 (its fields)",
)
def test_cors_is_kept(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    opened(ask, CorsConfig={"Enable": True, "Origins": ["*"], "MaxAge": 60})
    told = json.loads(ask("GetFunction", FunctionName="stamp")["Triggers"][0]["TriggerDesc"])
    assert told["CorsConfig"] == {"Enable": True, "Origins": ["*"], "MaxAge": 60}
    answer = call(server, method="OPTIONS", headers={"Origin": "https://a.example"})
    assert (answer.json()["httpMethod"], answer.header("access-control-allow-origin")) == ("OPTIONS", [])


# -- what no document tells ---------------------------------------------------------------------------------------


@pytest.mark.behaviour(
    service="scf",
    what="Path, query, repeated query keys, bodies and header names come in an HTTP event as `Readings` says: encoded"
    " or not, all or the last, as text or base64, in lower case or mixed",
    standing="assumed",
    source="SCF 583/96099 (shows plain letters only)",
)
@pytest.mark.parametrize(
    ("readings", "told"),
    [
        (Readings(), {}),
        (Readings(http_path="decoded"), {"path": "/夏/a+b /c"}),
        (Readings(http_query="plus-kept"), {"queryString": {"k 1": ["+", "2&夏"], "e": ""}}),
        (Readings(http_query="encoded"), {"queryString": {"k%201": ["+", "2%26%E5%A4%8F"], "e": ""}}),
        (Readings(http_repeated="last"), {"queryString": {"k 1": "2&夏", "e": ""}}),
        (Readings(http_body="base64"), {"body": "5aSP"}),
        (Readings(http_body="base64-marked"), {"body": "5aSP", "isBase64Encoded": True}),
    ],
)
def test_every_reading(
    ask: Ask, deploy: Deploy, server: Server, scf: Scf, readings: Readings, told: dict[str, Any]
) -> None:
    scf.readings = readings
    deploy(ECHO)
    opened(ask)
    event = call(
        server, target="/%E5%A4%8F/a+b%20/c?k%201=+&k%201=2%26%E5%A4%8F&e", method="PUT", body="夏".encode()
    ).json()
    assert event.pop("headers").keys() == {"host", "content-length", "x-scf-remote-addr"}
    assert event == {
        "httpMethod": "PUT",
        "path": "/%E5%A4%8F/a+b%20/c",
        "queryString": {"k 1": [" ", "2&夏"], "e": ""},
        "body": "夏",
        **told,
    }


def test_header_names_in_mixed_case(ask: Ask, deploy: Deploy, server: Server, scf: Scf) -> None:
    scf.readings = Readings(http_headers="mixed")
    deploy(ECHO)
    opened(ask)
    assert call(server, headers={"x-one": "1"}).json()["headers"]["X-One"] == "1"


# -- HTTP itself --------------------------------------------------------------------------------------------------


def test_the_target_goes_to_the_function_as_it_came(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    [host] = opened(ask).values()
    for target, path, query in (
        ("/a%00b", "/a%00b", {}),
        ("/a/../b/./c", "/a/../b/./c", {}),
        ("/%2e%2E/%zz?%zz", "/%2e%2E/%zz", {"%zz": ""}),
        ("/?a=b?c=d", "/", {"a": "b?c=d"}),
        ("/?a=b=c&&=", "/", {"a": "b=c", "": ""}),
        (f"http://{host}/a?b=c", "/a", {"b": "c"}),
        (f"http://{host}", "/", {}),
    ):
        event = call(server, host, target).json()
        assert (event["path"], event["queryString"]) == (path, query)


def test_a_header_that_comes_twice_is_joined(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    opened(ask)
    event = call(server, headers=[("X-One", "1"), ("x-one", "2")]).json()
    assert event["headers"]["x-one"] == "1,2"


@pytest.mark.parametrize("told", ["", "夏" * 5])
def test_head_has_no_body(ask: Ask, deploy: Deploy, server: Server, told: str) -> None:
    deploy(returning(f"{{'statusCode': 200, 'headers': {{'Content-Length': '15'}}, 'body': {told!r}}}"))
    opened(ask)
    answer = call(server, method="HEAD")
    assert (answer.body, answer.header("content-length")) == (b"", ["15"])


@pytest.mark.parametrize("status", [204, 304])
def test_what_has_no_body_by_its_status(ask: Ask, deploy: Deploy, server: Server, status: int) -> None:
    deploy(returning(f"{{'statusCode': {status}, 'headers': {{'ETag': '\"x\"'}}, 'body': ''}}"))
    opened(ask)
    answer = call(server)
    assert (answer.status, answer.body, answer.header("etag")) == (status, b"", ['"x"'])
    assert answer.header("content-length") in ([], ["0"])


def test_the_platform_says_how_long_it_is_and_when(ask: Ask, deploy: Deploy, server: Server) -> None:
    headers = {"Content-Length": "999", "Transfer-Encoding": "chunked", "Connection": "keep-alive"}
    deploy(returning(f"{{'statusCode': 200, 'headers': {headers!r}, 'body': 'abc'}}"))
    opened(ask)
    answer = call(server)
    assert (answer.body, answer.header("content-length")) == (b"abc", ["3"])
    assert (answer.header("transfer-encoding"), answer.header("connection")) == ([], ["close"])
    [date] = answer.header("date")
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", date)
    assert len(answer.header("x-scf-request-id")) == 1


def test_a_request_in_chunks(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    opened(ask)
    event = call(server, method="POST", chunks=[b'{"a"', b": 1}"]).json()
    assert event["body"] == '{"a": 1}'


def test_a_fault_is_told_in_the_platforms_shape(ask: Ask, deploy: Deploy, server: Server, gateway: Gateway) -> None:
    deploy(ECHO)
    opened(ask)
    gateway.faults.add(
        Fault(service="scf", action="InvokeFunctionUrl", effect="fail", code="InternalError", status=500)
    )
    answer = call(server)
    assert (answer.status, answer.json()["statusCode"]) == (500, 500)


# -- who may call -------------------------------------------------------------------------------------------------


def signed(
    server: Server,
    host: str,
    by: Identity,
    target: str = "/a%20b?c=d",
    method: str = "POST",
    body: bytes = b"{}",
    service: str = "scf",
    **changed: str,
) -> Answer:
    """A call that is signed as API 3.0 has it, and then changed."""
    now = int(time.time())
    date = time.strftime("%Y-%m-%d", time.gmtime(now))
    path, _, query = target.partition("?")
    canonical = (
        f"{method}\n{path}\n{query}\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n"
        f"{hashlib.sha256(body).hexdigest()}"
    )
    scope = f"{date}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = Sign.sign_tc3(by.secret_key, date, service, text)
    headers = {
        "Content-Type": "application/json",
        "X-TC-Timestamp": str(now),
        "Authorization": f"TC3-HMAC-SHA256 Credential={by.secret_id}/{scope}, SignedHeaders=content-type;host,"
        f" Signature={signature}",
        **({"X-TC-Token": by.token} if by.token else {}),
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }
    return call(server, host, target, method, body, headers)


@pytest.fixture
def guarded(ask: Ask, deploy: Deploy) -> str:
    """The host of a URL whose callers are checked."""
    deploy(ECHO)
    return opened(ask, AuthType="CAM")["Extranet"]


@pytest.mark.behaviour(
    service="scf",
    what="A URL of AuthType CAM takes calls that are signed by TC3-HMAC-SHA256 for the service scf, and answers 401 to"
    " any other without running the function",
    standing="assumed",
    source="SCF 583/96100 (names no header and no service)",
)
def test_a_signed_call(server: Server, guarded: str, cam: Cam, scf: Scf) -> None:
    for method, body in (("POST", b"{}"), ("GET", b"")):
        answer = signed(server, guarded, cam.owner, method=method, body=body)
        assert (answer.status, answer.json()["path"]) == (201, "/a%20b")
    ran = len(scf.invocations)
    stranger = Identity("AKIDnobody", "0" * 32)
    assert call(server, guarded).status == 401
    assert call(server, "api.localhost").status == 401
    assert signed(server, guarded, stranger).status == 401
    assert signed(server, guarded, cam.owner, service="cos").status == 401
    assert signed(server, guarded, cam.owner, X_TC_Timestamp="1").status == 401
    assert signed(server, guarded, cam.owner, Authorization="Bearer x").status == 401
    assert signed(server, guarded, cam.owner, Content_Type="text/plain").status == 401
    assert len(scf.invocations) == ran


@pytest.mark.behaviour(
    service="scf",
    what="The caller of a URL of AuthType CAM needs scf:InvokeFunctionUrl on the function, or is answered 403",
    standing="documented",
    source="SCF 583/96100",
)
def test_a_caller_needs_the_permission(server: Server, guarded: str, cam: Cam) -> None:
    cam.create_role("app", TRUST)
    caller = cam.assume("app", "", "")
    assert signed(server, guarded, caller).status == 403
    resource = "qcs::scf:ap-guangzhou:uin/100000000001:namespace/default/function/stamp"
    statement = {"effect": "allow", "action": ["scf:InvokeFunctionUrl"], "resource": [resource]}
    cam.attach("app", cam.create_policy("invoke", json.dumps({"version": "2.0", "statement": [statement]})))
    assert signed(server, guarded, caller).status == 201
    assert signed(server, guarded, caller, X_TC_Token="another").status == 401
