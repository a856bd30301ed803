"""The ASGI application: each request is authenticated, checked, answered, and written down in one line.

Endpoints work synchronously, for an instance has one request at a time (SCF 583/9694).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from facestamp.http import auth, documents, faces, people, photos, uploads
from facestamp.http.auth import Caller
from facestamp.http.endpoint import Call, Endpoint, Text
from facestamp.http.problems import (
    FAULT,
    FORBIDDEN,
    MEDIA_TYPE,
    METHOD,
    PARAMETER,
    TOO_LARGE,
    UNAUTHENTICATED,
    UNKNOWN,
    Problem,
    problem_of,
)
from facestamp.http.services import Services
from facestamp.log import Log

ENDPOINTS: tuple[Endpoint, ...] = (
    *faces.ENDPOINTS,
    *people.ENDPOINTS,
    *photos.ENDPOINTS,
    *uploads.ENDPOINTS,
    *documents.ENDPOINTS,
)
"""Everything that the API offers."""

BODY_BYTES = 6 * 1024 * 1024
"""The largest request that SCF takes (583/11637)."""

_SIDE_BY_SIDE = 6
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_NOBODY = Caller("", frozenset())


class _Address:
    """All methods of one path."""

    def __init__(self, endpoints: Sequence[Endpoint], environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._endpoints: dict[str, Endpoint] = {endpoint.method: endpoint for endpoint in endpoints}

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever becomes of it."""
        began = time.monotonic()
        context = request.scope.get("aws.context", {})
        log = Log(request_id=str(context.get("request_id", "")))
        endpoint = self._endpoints.get(request.method)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            services = Services(context, self._environment, pool, log)
            try:
                if endpoint is None:
                    raise Problem(METHOD, "Use another method.", headers={"allow": ", ".join(sorted(self._endpoints))})
                response = _answered(endpoint, await _call(endpoint, request, services))
            except Exception as error:
                response = _refused(problem_of(error), error, log)
        response.headers["x-request-id"] = services.token
        log.info(
            endpoint.name if endpoint else "refused",
            status=response.status_code,
            milliseconds=round(1000 * (time.monotonic() - began)),
        )
        return response


async def _call(endpoint: Endpoint, request: Request, services: Services) -> Call:
    """The request, once it has passed every check; raises `Problem`."""
    content = await request.body()
    if len(content) > BODY_BYTES:
        raise Problem(TOO_LARGE, "SCF takes 6 MB: upload large photos to the bucket instead, with POST /v1/uploads.")
    caller = _admitted(endpoint, request, content, services) if endpoint.scope else _NOBODY
    return Call(
        path=request.path_params,
        query=_checked(endpoint.query, dict(request.query_params)),
        body=_body(endpoint.body, request, content) if endpoint.body else None,
        caller=caller,
        services=services,
        host=request.headers.get("host", ""),
    )


def _admitted(endpoint: Endpoint, request: Request, content: bytes, services: Services) -> Caller:
    signed = auth.Signed(
        method=request.method,
        host=request.headers.get("host", ""),
        path=request.url.path,
        query=tuple(request.query_params.multi_items()),
        body=content,
        headers=request.headers,
    )
    caller = auth.caller(signed, services.settings.keys, time.time())
    if caller is None:
        raise Problem(UNAUTHENTICATED, "Send a key that this deployment knows.", headers={"www-authenticate": "Bearer"})
    if endpoint.scope not in caller.scopes:
        raise Problem(FORBIDDEN, f"This takes a key with the scope {endpoint.scope}.")
    return caller


def _body(model: type[BaseModel], request: Request, content: bytes) -> BaseModel:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(MEDIA_TYPE, "Send the body as application/json.")
    try:
        given = json.loads(content)
    except ValueError:
        raise Problem(PARAMETER, "The body is not JSON.") from None
    return _checked(model, given, as_json=content)


def _checked(model: type[BaseModel], given: object, as_json: bytes = b"") -> BaseModel:
    try:
        return model.model_validate_json(as_json) if as_json else model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        raise Problem(PARAMETER, f"{where}: {what}" if where else what, "InvalidParameterValue") from None


def _answered(endpoint: Endpoint, call: Call) -> Response:
    told = endpoint.answer(call)
    if isinstance(told, Text):
        return Response(told.content, endpoint.status, media_type=told.media_type)
    return JSONResponse(told.model_dump(mode="json"), endpoint.status)


def _refused(problem: Problem, error: Exception, log: Log) -> Response:
    if problem.kind is FAULT:
        log.error("failed in a way that nobody foresaw; please report this line", error=type(error).__name__)
    return JSONResponse(problem.body(), problem.kind.status, problem.headers, "application/problem+json")


async def _unrouted(request: Request, error: Exception) -> Response:
    """An address that is nobody's."""
    known = isinstance(error, HTTPException) and error.status_code == UNKNOWN.status
    problem = Problem(UNKNOWN if known else FAULT, "There is nothing at this address; /docs lists what there is.")
    return _refused(problem, error, Log())


def _routes(endpoints: Sequence[Endpoint], environment: Mapping[str, str]) -> list[Route]:
    addresses: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        addresses.setdefault(endpoint.path, []).append(endpoint)
    return [Route(path, _Address(found, environment).answer, methods=_METHODS) for path, found in addresses.items()]


def application(environment: Mapping[str, str] = os.environ) -> Starlette:
    """The API of the deployment that these variables tell of; they are read anew for each request."""
    handlers: Mapping[Any, Any] = {HTTPException: _unrouted, Exception: _unrouted}
    app = Starlette(routes=_routes(ENDPOINTS, environment), exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app
