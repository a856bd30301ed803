"""An HTTP request as the event that a function gets, and what it returned as the HTTP response.

A Function URL's event (SCF 583/96099) is the old API gateway's (583/12513) without what only a gateway knows. Paths,
query values, repeated keys, bodies and header names come as the readings say, for no document tells.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote, unquote_plus

from werkzeug import Request, Response

from infra.local.readings import Readings
from infra.local.scf.outcome import Outcome

JSON: Final = "application/json"
CLIENT: Final = "x-scf-remote-addr"
"""The header that brings the client's address."""

_HOPS: Final = {"content-length", "connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-authenticate"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Malformed(Exception):
    """A return that cannot be made an HTTP response."""


def split(request: Request) -> tuple[str, str]:
    """The path and the query as they came, percent-encoded."""
    # Not `urlsplit`: it takes `//a/b` for a host, and cuts off what follows a `#`.
    target = str(request.environ.get("REQUEST_URI") or "/")
    if not target.startswith("/"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _, query = target.encode("latin-1", "replace").decode("utf-8", "replace").partition("?")
    return path, query


def event(request: Request, readings: Readings) -> dict[str, Any]:
    """The event that a Function URL makes of a request."""
    path, query = split(request)
    content, encoded = _body(request.get_data(cache=True), readings)
    return {
        "body": content,
        "headers": headers(request, readings),
        "httpMethod": request.method,
        "path": path if readings.url_path == "encoded" else unquote(path),
        "queryString": _query(query, readings),
        **({"isBase64Encoded": True} if encoded else {}),
    }


def headers(request: Request, readings: Readings) -> dict[str, str]:
    """The request's headers and the client's address; a header that comes twice has its values joined."""
    given = {name.lower(): value for name, value in request.headers.items()}
    given[CLIENT] = str(request.remote_addr or "")
    return given if readings.url_headers == "lower-case" else {name.title(): value for name, value in given.items()}


def integrated(returned: Mapping[str, Any], decodes: bool) -> Response:
    """The response of `{"statusCode", "headers", "body"}`; raises `Malformed`."""
    status, given, body = returned.get("statusCode"), returned.get("headers"), returned.get("body")
    if type(status) is not int or not 200 <= status <= 599:
        raise Malformed("statusCode is not a number from 200 to 599.")
    if not isinstance(given, (dict, type(None))) or not isinstance(body, (str, type(None))):
        raise Malformed("headers is an object, and body is a string.")
    content = (body or "").encode("utf-8", "replace")
    if decodes and returned.get("isBase64Encoded") is True:
        try:
            content = base64.b64decode(content, validate=True)
        except ValueError:
            raise Malformed("body is not base64.") from None
    response = Response(content, status, content_type=JSON)
    del response.headers["Content-Type"]
    for name, value in (given or {}).items():
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str) or not _NAME.fullmatch(name) or re.search(r"[\r\n\0]", one):
                raise Malformed(f"The header {name!r} is not a string or a list of strings.")
            if name.lower() not in _HOPS:
                response.headers.add(name, one.encode("utf-8").decode("latin-1"))
    response.headers.setdefault("Content-Type", JSON)
    return response


def answered(outcome: Outcome, request_id: str, readings: Readings) -> Response:
    """What a Function URL answers: an integrated response, any other return as JSON, or the platform's failure."""
    if not outcome.ok:
        return failure(outcome.failure(request_id), request_id)
    returned = json.loads(outcome.result)
    if isinstance(returned, dict) and "statusCode" in returned:
        try:
            response = integrated(returned, readings.url_decodes_answers)
        except Malformed as malformed:
            told = {"errorCode": -1, "errorMessage": str(malformed), "requestId": request_id, "statusCode": 502}
            return failure(told, request_id)
    else:
        content = returned if isinstance(returned, str) else outcome.result
        response = Response(content.encode("utf-8", "replace"), 200, content_type=JSON)
    response.headers["X-Scf-Request-Id"] = request_id
    return response


def failure(told: Mapping[str, Any], request_id: str) -> Response:
    """A failure as the platform tells it: the body's `statusCode` is the response's."""
    response = Response(json.dumps(told, ensure_ascii=False), int(told["statusCode"]), content_type=JSON)
    response.headers["X-Scf-Request-Id"] = request_id
    return response


def _body(content: bytes, readings: Readings) -> tuple[str, bool]:
    if readings.url_body == "text" or not content:
        return content.decode("utf-8", "replace"), False
    return base64.b64encode(content).decode("ascii"), readings.url_body == "base64-marked"


def _query(query: str, readings: Readings) -> dict[str, str | list[str]]:
    readers: dict[str, Callable[[str], str]] = {"decoded": unquote_plus, "plus-kept": unquote, "encoded": str}
    read = readers[readings.url_query]
    found: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        found.setdefault(read(name), []).append(read(value))
    every = readings.url_repeated == "list"
    return {name: values if every and len(values) > 1 else values[-1] for name, values in found.items()}
