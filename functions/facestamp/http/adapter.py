"""SCF's HTTP events as ASGI requests, in the protocol of mangum's handlers, and responses as SCF wants them.

A Function URL's event (SCF 583/96099) is that of the old API gateway (583/12513) without what only a gateway knows.
What no document says works both ways: whether paths and query values come percent-encoded, how a repeated query key
comes, and whether a binary body does in base64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from mangum import Mangum
from mangum.types import LambdaConfig, LambdaContext, LambdaEvent, Response, Scope

from facestamp.http.application import application
from facestamp.log import silence_libraries


class FunctionUrl:
    """One request to the function's own address."""

    def __init__(self, event: LambdaEvent, context: LambdaContext, config: LambdaConfig) -> None:
        self._event, self._context = event, context

    @classmethod
    def infer(cls, event: LambdaEvent, context: LambdaContext, config: LambdaConfig) -> bool:
        """Whether the event is one of these."""
        return "httpMethod" in event

    @property
    def body(self) -> bytes:
        """The request's body."""
        return str(self._event.get("body") or "").encode()

    @property
    def scope(self) -> Scope:
        """The ASGI scope; `aws.context` is SCF's."""
        headers = {name.lower(): value for name, value in (self._event.get("headers") or {}).items()}
        host, _, port = headers.get("host", "").partition(":")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "http_version": "1.1",
            "method": self._event["httpMethod"],
            "scheme": "https",
            "path": self._event["path"],
            "raw_path": None,
            "root_path": "",
            "query_string": urlencode(self._event.get("queryString") or {}, doseq=True).encode(),
            "headers": [[name.encode("latin-1"), str(value).encode("latin-1")] for name, value in headers.items()],
            "server": (host, int(port or 443)),
            "client": (headers.get("x-scf-remote-addr", ""), 0),
            "aws.event": self._event,
            "aws.context": self._context,
        }

    def __call__(self, response: Response) -> dict[str, Any]:
        """What SCF wants back."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in response["headers"]}
        return {"statusCode": response["status"], "headers": headers, "body": response["body"].decode()}


_HANDLER = Mangum(application(), lifespan="off", custom_handlers=[FunctionUrl])


def answer(event: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one HTTP event. Nothing is raised: what goes wrong is a response."""
    silence_libraries()
    return _HANDLER(event, context)  # type: ignore[arg-type]  # SCF's context is a dict
