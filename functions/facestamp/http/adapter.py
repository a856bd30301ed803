"""SCF's HTTP events as ASGI requests, in the protocol of mangum's handlers, and responses as SCF wants them.

A Function URL's event (SCF 583/96099) is that of the old API gateway (583/12513) without what only a gateway knows, and
both take the same response (583/107631). What no document says works both ways; `decoding` tells how. A gateway's
stage, such as `/release`, is no part of the API's paths, whether or not the gateway leaves it in.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlencode

from mangum import Mangum
from mangum.types import LambdaConfig, LambdaContext, LambdaEvent, Response, Scope

from facestamp.http import decoding
from facestamp.http.application import application
from facestamp.http.replies.problems import PARAMETER, Problem
from facestamp.log import Log, silence_libraries

_ADDRESS = "x-scf-remote-addr"
_PARTS = {"headers": dict, "queryString": dict, "queryStringParameters": dict, "path": str, "body": str}


class FunctionUrl:
    """One request to the function's own address."""

    def __init__(self, event: LambdaEvent, context: LambdaContext, config: LambdaConfig) -> None:
        self.event, self.context = event, context
        self.headers = [(name.lower(), value) for name, value in _listed(event.get("headers"))]

    @classmethod
    def infer(cls, event: LambdaEvent, context: LambdaContext, config: LambdaConfig) -> bool:
        """Whether the event is one of these."""
        return _is_request(event) and event.get("requestContext") is None

    @property
    def path(self) -> str:
        """The path, decoded."""
        return decoding.path(self.event.get("path") or "/")

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query, decoded."""
        return decoding.pairs(_listed(self.event.get("queryString")))

    @property
    def client(self) -> str:
        """The caller's address."""
        return dict(self.headers).get(_ADDRESS, "")

    @property
    def body(self) -> bytes:
        """The request's body."""
        told = dict(self.headers)
        return decoding.content(
            self.event.get("body") or "",
            self.event.get("isBase64Encoded"),
            told.get("content-length", ""),
            "json" in told.get("content-type", "").lower(),
        )

    @property
    def scope(self) -> Scope:
        """The ASGI scope; `aws.event` and `aws.context` are SCF's."""
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "http_version": "1.1",
            "method": self.event["httpMethod"].upper(),
            "scheme": "https",
            "path": self.path,
            "raw_path": quote(self.path).encode(),
            "root_path": "",
            "query_string": urlencode(self.query).encode(),
            "headers": [[_header(name), _header(value)] for name, value in self.headers],
            "server": None,
            "client": (self.client, 0),
            "aws.event": self.event,
            "aws.context": self.context,
        }

    def __call__(self, response: Response) -> dict[str, Any]:
        """What SCF wants back: bytes that are no text in base64, and headers that come twice as lists."""
        headers: dict[str, list[str]] = {}
        for name, value in response["headers"]:
            headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
        try:
            body, encoded = response["body"].decode(), False
        except UnicodeDecodeError:
            body, encoded = base64.b64encode(response["body"]).decode(), True
        return {
            "isBase64Encoded": encoded,
            "statusCode": response["status"],
            "headers": {name: values[0] if len(values) == 1 else values for name, values in headers.items()},
            "body": body,
        }


class ApiGateway(FunctionUrl):
    """One request through an API gateway that was there before the product was shut down."""

    @classmethod
    def infer(cls, event: LambdaEvent, context: LambdaContext, config: LambdaConfig) -> bool:
        """Whether the event is one of these."""
        return _is_request(event) and isinstance(event.get("requestContext"), dict)

    @property
    def path(self) -> str:
        """The path, decoded, and without the stage."""
        found, stage = super().path, self.event["requestContext"].get("stage")
        inside = found.removeprefix(f"/{stage}") if stage else found
        return inside if inside.startswith("/") else found if inside else "/"

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query, decoded: all of it, or else what the gateway was configured to hand on."""
        given = self.event.get("queryString") or self.event.get("queryStringParameters")
        return decoding.pairs(_listed(given))

    @property
    def client(self) -> str:
        """The caller's address."""
        return str(self.event["requestContext"].get("sourceIp", ""))


_HANDLERS = [FunctionUrl, ApiGateway]
_ADAPTER = Mangum(application(), lifespan="off", custom_handlers=[*_HANDLERS])


def answer(event: object, context: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one HTTP event. Nothing is raised: what goes wrong is a response, and so is any other event."""
    silence_libraries()
    # Mangum's types are AWS's; it only hands SCF's on.
    given, around = cast("LambdaEvent", event), cast("LambdaContext", context)
    if any(handler.infer(given, around, _ADAPTER.config) for handler in _HANDLERS):
        return _ADAPTER(given, around)
    Log(request_id=str(context.get("request_id", ""))).error("woken by what is no HTTP request; look at its triggers")
    problem = Problem(PARAMETER, "This function answers HTTP requests: send it the event of a Function URL.")
    return {
        "isBase64Encoded": False,
        "statusCode": problem.kind.status,
        "headers": {"content-type": "application/problem+json"},
        "body": json.dumps(problem.body()),
    }


def _is_request(event: object) -> bool:
    """Whether the event has a method, and what else it has is as documented or null."""
    return (
        isinstance(event, dict)
        and isinstance(event.get("httpMethod"), str)
        and all(isinstance(event.get(name), (kind, type(None))) for name, kind in _PARTS.items())
    )


def _listed(given: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """The pairs of headers or of a query, where a name may have a list of values, and null says nothing."""
    return [
        (name, str(value))
        for name, values in (given or {}).items()
        for value in (values if isinstance(values, list) else [values])
        if value is not None
    ]


def _header(text: str) -> bytes:
    # The bytes that were sent, where the platform read them as HTTP has it; or else as everybody writes them.
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return decoding.sound(text).encode()
