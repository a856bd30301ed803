"""What HTTP says to a function, byte by byte, and what comes back."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.local.gateway import Server
from tests.local.scf.small import Ask

ECHO = "import json\ndef main_handler(event, context):\n    return {'statusCode': 201, 'body': json.dumps(event)}\n"
"""Answers with the event in Function URL's form."""


def opened(ask: Ask, name: str = "stamp", enable: str = "OPEN", **told: Any) -> dict[str, str]:
    """Give a function a URL; its hosts by network."""
    told = {"AuthType": "NONE", "NetConfig": {"EnableIntranet": False, "EnableExtranet": True}, **told}
    text = json.dumps(told, separators=(",", ":"))
    made = ask(
        "CreateTrigger", FunctionName=name, TriggerName="url-trigger", Type="http", Enable=enable, TriggerDesc=text
    )
    net = json.loads(made["TriggerInfo"]["TriggerDesc"])["NetConfig"]
    return {kind[:8]: url.removeprefix("https://") for kind, url in net.items() if kind.endswith("Url")}


def returning(source: str) -> str:
    """A function that returns this expression of `event`."""
    return f"import base64, json\ndef main_handler(event, context):\n    return {source}\n"


@dataclass(frozen=True)
class Answer:
    """A response as it was read from the connection."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for given, value in self.headers if given.lower() == name.lower()]

    def json(self) -> Any:
        """The body's content."""
        return json.loads(self.body)


def call(
    server: Server,
    host: str = "api.localhost",
    target: str = "/",
    method: str = "GET",
    body: bytes | None = None,
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    chunks: Sequence[bytes] = (),
) -> Answer:
    """One request; `target` goes out as it stands, and `chunks` in place of a body without saying how many."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", host), *(headers.items() if isinstance(headers, Mapping) else headers)):
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        if chunks:
            connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(chunks or body, encode_chunked=bool(chunks))
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()
