"""The way in: who sends a request is found out, then whether they may, then whether it is what the endpoint takes.

In this order, so that a stranger learns nothing of what a request should look like. Whatever is wrong ends the request
with a `Problem` that names one thing to change.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from facestamp.http.endpoint import Call, Endpoint
from facestamp.http.gate import authentication
from facestamp.http.gate.authentication import Signed
from facestamp.http.keys import Caller
from facestamp.http.replies.problems import MEDIA_TYPE, PARAMETER, TOO_LARGE, Problem
from facestamp.http.services import Services

BODY_BYTES = 6 * 1024 * 1024
"""The largest request that SCF takes (583/11637)."""

IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
"""What a caller may choose."""

_NOBODY = Caller("", frozenset())
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LONGEST = 300
"""Characters of a problem's detail, which can quote a name that the caller chose."""


def signed(request: Request, content: bytes) -> Signed:
    """What of the request is signed."""
    return Signed(
        method=request.method,
        host=request.headers.get("host", ""),
        path=request.scope["path"],
        query=tuple(request.query_params.multi_items()),
        body=content,
        authorization=tuple(request.headers.getlist("authorization")),
        idempotency_key=request.headers.get("idempotency-key"),
        by_url="requestContext" not in request.scope.get("aws.event", {}),
    )


def caller(endpoint: Endpoint, request: Signed, services: Services) -> Caller:
    """Who calls, who must be allowed to; raises `Problem`."""
    if len(request.body) > BODY_BYTES:
        raise Problem(TOO_LARGE, "Send 6 MB at most: upload large photos to the bucket, with POST /v1/uploads.")
    if endpoint.scope is None:
        return _NOBODY
    keys = services.settings.keys
    if not keys:
        services.log.error(
            "nobody can call this API, as it has no keys: set keys, signingKeys or camScopes of facestamp:api in the "
            "stack's settings"
        )
    found = authentication.caller(request, keys, time.time())
    found.demand(endpoint.scope)
    return found


def idempotency_key(endpoint: Endpoint, request: Signed, who: Caller) -> str:
    """The key that a changing request came with, or an empty one; raises `Problem`."""
    key = request.idempotency_key
    if not endpoint.changing or (key is None and not who.signed):
        return ""
    if key is None or not IDEMPOTENCY_KEY.fullmatch(key):
        raise Problem(PARAMETER, "Send an Idempotency-Key of 8 to 64 letters, digits, - and _: a new one per change.")
    return key


def call(endpoint: Endpoint, request: Request, content: bytes, who: Caller, services: Services) -> Call:
    """The request with all that it asks for checked; raises `Problem`."""
    for name, (pattern, refusal) in endpoint.parameters.items():
        value = request.path_params[name]
        if not re.fullmatch(pattern, value):
            raise Problem(PARAMETER, f"{name}: the address has to match {pattern} there.", refusal(value))
    return Call(
        path=request.path_params,
        query=_checked(endpoint.query, _query(request)),
        body=_body(endpoint.body, request, content) if endpoint.body else None,
        caller=who,
        services=services,
    )


def clean(path: str) -> None:
    """Raise `Problem` for a path that no address can have."""
    if _CONTROL.search(path):
        raise Problem(PARAMETER, "Leave control characters out of the address.")


def _query(request: Request) -> dict[str, str]:
    pairs = request.query_params.multi_items()
    told = dict(pairs)
    if len(told) < len(pairs):
        raise Problem(PARAMETER, "Send each query parameter once.", "InvalidParameter")
    return told


def _body(model: type[BaseModel], request: Request, content: bytes) -> BaseModel:
    if not content:
        raise Problem(PARAMETER, "Send a body of JSON.", "MissingParameter")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(MEDIA_TYPE, "Send the body as application/json.")
    whole: list[int] = []

    def number(text: str) -> float:
        """A whole number that is written as 1.0 is an integer in JSON Schema, and none to pydantic."""
        value = float(text)
        if value.is_integer():
            whole.append(int(value))
            return whole[-1]
        return value

    try:
        # Only to be sure that it is what it seems: pydantic would take the last of two fields of one name.
        given = json.loads(content.decode(), object_pairs_hook=_distinct, parse_constant=_refused, parse_float=number)
    except (ValueError, RecursionError):
        raise _not_json() from None
    return _checked(model, json.dumps(given).encode() if whole else content)


def _not_json() -> Problem:
    return Problem(PARAMETER, "Send a body that is JSON, in UTF-8, with each field once.", "InvalidParameter")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        raise ValueError
    return told


def _refused(constant: str) -> Any:
    raise ValueError


def _checked(model: type[BaseModel], given: Mapping[str, str] | bytes) -> BaseModel:
    try:
        return model.model_validate_json(given) if isinstance(given, bytes) else model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        if first["type"] == "json_invalid":
            raise _not_json() from None
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise Problem(PARAMETER, (f"{where}: {what}" if where else what)[:_LONGEST], "InvalidParameterValue") from None
