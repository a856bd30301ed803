"""A function that HTTP wakes: what it is given, and what the caller gets."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from infra.local.gateway import Server
from tests.local.scf.small import Ask, Deploy

ECHO = "import json\ndef main_handler(event, context):\n    return {'statusCode': 201, 'body': json.dumps(event)}\n"


def opened(ask: Ask, name: str = "stamp", **described: Any) -> str:
    """Give a function a URL; its host."""
    told = {"AuthType": "NONE", "NetConfig": {"EnableExtranet": True}, **described}
    text = json.dumps(told, separators=(",", ":"))
    made = ask("CreateTrigger", FunctionName=name, TriggerName="url-trigger", Type="http", TriggerDesc=text)
    url: str = json.loads(made["TriggerInfo"]["TriggerDesc"])["NetConfig"]["ExtranetUrl"]
    return url.removeprefix("https://")


@pytest.mark.behaviour(
    service="scf",
    what="A request to a function URL runs the function with body, headers, httpMethod, path and queryString, and is"
    " answered with the statusCode, headers and body that it returns",
    standing="documented",
    source="SCF 583/96099",
)
def test_a_request_is_an_event(ask: Ask, deploy: Deploy, server: Server) -> None:
    deploy(ECHO)
    host = opened(ask)
    for name in (host, "api.localhost:9000"):
        answer = requests.post(
            f"http://127.0.0.1:{server.port}/a/b?c=d%20e",
            data=b'{"f": 1}',
            headers={"Host": name, "Content-Type": "application/json"},
            timeout=10,
        )
        event = answer.json()
        assert answer.status_code == 201
        assert (event["httpMethod"], event["path"], event["queryString"]) == ("POST", "/a/b", {"c": "d e"})
        assert event["body"] == '{"f": 1}'
        assert (event["headers"]["host"], event["headers"]["x-scf-remote-addr"]) == (name, "127.0.0.1")
