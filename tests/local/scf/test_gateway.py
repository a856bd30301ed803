"""The old API gateway before a function: the event that it sent, and the response that it wanted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.local.gateway import Server
from infra.local.readings import Readings
from infra.local.scf import ApiGateways, Scf
from tests.local.scf.small import Ask, Deploy
from tests.local.scf.wire import call, opened, returning

SAMPLE = Path(__file__).parents[3] / "events" / "api-gateway.json"
NICKNAME = "api-gateway.localhost"
ECHO = returning("{'isBase64Encoded': False, 'statusCode': 201, 'headers': {}, 'body': json.dumps(event)}")


def replied(**told: Any) -> str:
    """A function that returns the integrated response, changed."""
    return returning(repr({"isBase64Encoded": False, "statusCode": 200, "headers": {}, "body": "", **told}))


@pytest.mark.behaviour(
    service="scf",
    what="API gateway: a request to <service>-<appid>.<region>.apigw.tencentcs.com/<stage>/<path> runs the function"
    " with the integrated request: requestContext, the request's parts, and the path without the stage",
    standing="documented",
    source="SCF 583/12513",
)
def test_a_request_is_the_gateways_event(ask: Ask, deploy: Deploy, server: Server, scf: Scf) -> None:
    deploy(ECHO)
    opened(ask)
    host = ApiGateways(scf).host(scf.triggers()[0])
    assert re.fullmatch(r"service-[a-z0-9]{8}-1250000000\.gz\.apigw\.tencentcs\.com", host)
    for name in (host, f"{NICKNAME}:9000"):
        answer = call(server, name, "/release/a/b?c=d%20e", "POST", b'{"f": 1}')
        event = answer.json()
        assert answer.status == 201
        assert event.keys() == json.loads(SAMPLE.read_text()).keys()
        assert re.fullmatch(r"[0-9a-f-]{36}", event["requestContext"].pop("requestId"))
        assert event["requestContext"] == {
            "serviceId": host[:16],
            "path": "/",
            "httpMethod": "ANY",
            "identity": {},
            "sourceIp": "127.0.0.1",
            "stage": "release",
        }
        assert (event["httpMethod"], event["path"], event["body"]) == ("POST", "/a/b", '{"f": 1}')
        assert (event["queryString"], event["stageVariables"]) == ({"c": "d e"}, {"stage": "release"})
        assert event["headers"]["host"] == name
    assert {each.source for each in scf.invocations} == {"apigw"}


@pytest.mark.behaviour(
    service="scf",
    what="API gateway: whether the event's path begins with the stage is as `Readings` says",
    standing="assumed",
    source="SCF 583/12513 (shows it without)",
)
@pytest.mark.parametrize(
    ("target", "without", "within"),
    [("/release/a%20b/", "/a%20b/", "/release/a%20b/"), ("/release/", "/", "/release/"), ("/release", "/", "/release")],
)
def test_the_stage(ask: Ask, deploy: Deploy, server: Server, scf: Scf, target: str, without: str, within: str) -> None:
    deploy(ECHO)
    opened(ask)
    assert call(server, NICKNAME, target).json()["path"] == without
    scf.readings = Readings(gateway_path="with-stage")
    assert call(server, NICKNAME, target).json()["path"] == within


@pytest.mark.behaviour(
    service="scf",
    what="API gateway: its integrated response has isBase64Encoded, statusCode, headers (one that comes twice as a"
    " list) and body; Location is not passed on",
    standing="documented",
    source="SCF 583/12513",
)
def test_an_integrated_response(ask: Ask, deploy: Deploy, server: Server) -> None:
    headers = {"Content-Type": "image/x", "X-Two": ["a", "b"], "Location": "/elsewhere"}
    deploy(replied(statusCode=302, headers=headers, body="/wA=", isBase64Encoded=True))
    opened(ask)
    answer = call(server, NICKNAME, "/release/")
    assert (answer.status, answer.body) == (302, b"\xff\0")
    assert (answer.header("content-type"), answer.header("x-two")) == (["image/x"], ["a", "b"])
    assert answer.header("location") == []
    assert answer.header("content-length") == ["2"]


@pytest.mark.behaviour(
    service="scf",
    what='API gateway: any other return is answered with {"errno":403,"error":"Invalid scf response format. …"}',
    standing="documented",
    source="SCF 583/12513; HTTP status 403 as in tencentyun/scfcli's local gateway",
)
@pytest.mark.parametrize(
    "source",
    [
        *(returning("{'a': 1}"), returning("'text'"), returning("None"), returning("[]")),
        *(replied(statusCode="200"), replied(headers=None), replied(body={}), replied(isBase64Encoded="no")),
        returning("{'statusCode': 200, 'headers': {}, 'body': ''}"),
    ],
)
def test_what_is_no_response(ask: Ask, deploy: Deploy, server: Server, source: str) -> None:
    deploy(source)
    opened(ask)
    answer = call(server, NICKNAME, "/release/")
    assert answer.status == 403
    assert answer.json() == {
        "errno": 403,
        "error": "Invalid scf response format. please check your scf response format.",
    }


@pytest.mark.behaviour(
    service="scf",
    what="API gateway: a failure of the function is answered with 200 and the error object; a request"
    " over 6 MB with 413",
    standing="assumed",
    source="SCF 583/12513 (says 200 of a timeout)",
)
def test_a_failure(ask: Ask, deploy: Deploy, server: Server, scf: Scf) -> None:
    deploy(returning("1 / 0"))
    opened(ask)
    answer = call(server, NICKNAME, "/release/")
    assert (answer.status, answer.json()["statusCode"]) == (200, 430)
    assert len(scf.invocations) == 1
    answer = call(server, NICKNAME, "/release/", "POST", b"x" * 6 * 1024 * 1024)
    assert (answer.status, answer.json()["statusCode"]) == (413, 406)


def test_where_no_gateway_is(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    assert call(server, NICKNAME, "/release/").status == 404
    opened(ask)
    for host, target in (
        ("service-00000000-1250000000.gz.apigw.tencentcs.com", "/release/"),
        (NICKNAME, "/"),
        (NICKNAME, "/test/"),
        (NICKNAME, "/releases/"),
    ):
        assert call(server, host, target).status == 404


def test_the_gateway_does_not_check_what_the_url_does(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    opened(ask, AuthType="CAM")
    assert call(server).status == 401
    assert call(server, NICKNAME, "/release/").status == 201
