"""An HTTP request as the event that a function gets, and what it returned as the HTTP response.

A Function URL's event (SCF 583/96099) is the old API gateway's (583/12513) without what only a gateway knows, and both
understand the same integrated response (583/107631). Paths, query values, repeated keys, bodies and header names come
as the readings say, for no document tells.
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

JSON: Final = "application/json"
CLIENT: Final = "x-scf-remote-addr"
"""The header that brings the client's address."""

_HOPS: Final = {"content-length", "connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-authenticate"}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NEVER_IN_A_HEADER = re.compile(r"[\r\n\0]")


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
        "headers": _headers(request, readings),
        "httpMethod": request.method,
        "path": path if readings.http_path == "encoded" else unquote(path),
        "queryString": _query(query, readings),
        **({"isBase64Encoded": True} if encoded else {}),
    }


def integrated(returned: object, method: str) -> Response:
    """The response of `{"statusCode", "headers", "body", "isBase64Encoded"}`; raises `Malformed`.

    The platform says itself how long it is, but for HEAD, to which a function may answer without the body.
    """
    if not isinstance(returned, dict):
        raise Malformed("The return is no object.")
    status, given, body = returned.get("statusCode"), returned.get("headers"), returned.get("body")
    if type(status) is not int or not 200 <= status <= 599:
        raise Malformed("statusCode is not a number from 200 to 599.")
    if not isinstance(given, (dict, type(None))) or not isinstance(body, (str, type(None))):
        raise Malformed("headers is not an object, or body not a string.")
    content = _content(body or "", returned.get("isBase64Encoded") is True)
    response = Response(content or None, status)
    response.automatically_set_content_length = bool(content) or method != "HEAD"
    del response.headers["Content-Type"]
    for name, values in (given or {}).items():
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str) or not _NAME.fullmatch(name) or _NEVER_IN_A_HEADER.search(value):
                raise Malformed(f"The header {name!r} is not a string or a list of strings.")
            if name.lower() not in _HOPS or (name.lower() == "content-length" and method == "HEAD" and not content):
                response.headers.add(name, value.encode("utf-8", "replace").decode("latin-1"))
    response.headers.setdefault("Content-Type", JSON)
    return response


def plain(result: str) -> Response:
    """The response of a return without statusCode, as JSON: 200, and the return itself, of a string its text."""
    returned = json.loads(result)
    content = returned if isinstance(returned, str) else result
    return Response(content.encode("utf-8", "replace"), 200, content_type=JSON)


def as_json(told: Mapping[str, Any], status: int) -> Response:
    """An answer of the platform's own."""
    return Response(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"), status, content_type=JSON)


def _content(body: str, encoded: bool) -> bytes:
    if not encoded:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        raise Malformed("body is not base64.") from None


def _headers(request: Request, readings: Readings) -> dict[str, str]:
    """The headers and the client's address; of a header that comes twice the values are joined."""
    given = {name.lower(): value for name, value in request.headers.items()}
    given[CLIENT] = str(request.remote_addr or "")
    return given if readings.http_headers == "lower-case" else {name.title(): value for name, value in given.items()}


def _body(content: bytes, readings: Readings) -> tuple[str, bool]:
    if readings.http_body == "text" or not content:
        return content.decode("utf-8", "replace"), False
    return base64.b64encode(content).decode("ascii"), readings.http_body == "base64-marked"


def _query(query: str, readings: Readings) -> dict[str, str | list[str]]:
    readers: dict[str, Callable[[str], str]] = {"decoded": unquote_plus, "plus-kept": unquote, "encoded": str}
    read = readers[readings.http_query]
    found: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        found.setdefault(read(name), []).append(read(value))
    every = readings.http_repeated == "list"
    return {name: values if every and len(values) > 1 else values[-1] for name, values in found.items()}
