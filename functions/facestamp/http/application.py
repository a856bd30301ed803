"""The ASGI application: each request is authenticated, checked, answered, and written down in one line.

The line says which endpoint was called by whose key, how it ended, and under which id Tencent knows of it; never what
was in the address, as that names photos and people. Endpoints work synchronously, for an instance has one request at a
time (SCF 583/9694).
"""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from facestamp.asking import Unfinished
from facestamp.errors import ServiceError, Verdict, sentence
from facestamp.http.documents import site
from facestamp.http.endpoint import Call, Endpoint
from facestamp.http.faces import operations
from facestamp.http.gate import admission
from facestamp.http.gate.authentication import Signed
from facestamp.http.gate.idempotency import Once
from facestamp.http.gate.signing import lines_of_request
from facestamp.http.people import enrolment, groups, persons, search
from facestamp.http.photos import photo, routes, uploads
from facestamp.http.replies.headers import ALLOWED, EXPOSED, Headers
from facestamp.http.replies.problems import FAULT, METHOD, UNKNOWN, Problem
from facestamp.http.replies.refusals import problem_of
from facestamp.http.replies.reply import Reply
from facestamp.http.services import Services
from facestamp.http.settings import ApiSettings
from facestamp.lease import Claimant
from facestamp.log import Log, where
from facestamp.settings import SettingsError
from facestamp.state import digest

_OPERATIONS: tuple[Endpoint, ...] = (
    *operations.ENDPOINTS,
    *groups.ENDPOINTS,
    *persons.ENDPOINTS,
    *enrolment.ENDPOINTS,
    *search.ENDPOINTS,
    *photo.ENDPOINTS,
    *uploads.ENDPOINTS,
    *routes.ENDPOINTS,
)
ENDPOINTS: tuple[Endpoint, ...] = (*_OPERATIONS, *site.endpoints(_OPERATIONS))
"""Everything that the API offers."""

_SIDE_BY_SIDE = 6
_CALLERS_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class _Address:
    """All methods of one path; without any, every path that is nobody's."""

    def __init__(self, endpoints: Sequence[Endpoint], environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._endpoints: dict[str, Endpoint] = {endpoint.method: endpoint for endpoint in endpoints}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever becomes of it."""
        request = Request(scope, receive)
        reply = self._reply(request, await request.body())
        await reply.response(request.method, request.headers.get("if-none-match", ""))(scope, receive, send)

    def _reply(self, request: Request, content: bytes) -> Reply:
        began = time.monotonic()
        context = request.scope.get("aws.context", {})
        log = Log(request_id=str(context.get("request_id", "")))
        told: dict[str, str] = {}
        if _CALLERS_ID.fullmatch(callers_id := request.headers.get("x-request-id", "")):
            told["callers_id"] = callers_id
        endpoint = self._endpoints.get("GET" if request.method == "HEAD" else request.method)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            services = Services(context, self._environment, pool, log)
            try:
                admission.clean(request.scope["path"])
                signed = admission.signed(request, content)
                if endpoint is None:
                    raise self._unoffered()
                who = admission.caller(endpoint, signed, services)
                told["caller"] = who.name
                key = admission.idempotency_key(endpoint, signed, who)
                reply = _done(endpoint, admission.call(endpoint, request, content, who, services), signed, key)
            except Exception as error:
                problem = problem_of(error)
                _explain(error, problem, log)
                reply = Reply.refusing(problem)
        told |= {"code": reply.code, "tencent_request_id": reply.request_id}
        log.info(
            endpoint.name if endpoint else "refused",
            status=reply.status,
            milliseconds=round(1000 * (time.monotonic() - began)),
            **{name: value for name, value in told.items() if value},
        )
        return reply

    def _unoffered(self) -> Problem:
        if not self._endpoints:
            return Problem(UNKNOWN, "Look at /docs for what there is: nothing is at this address.")
        methods = {*self._endpoints, *(("HEAD",) if "GET" in self._endpoints else ())}
        return Problem(METHOD, "Use another method.", headers={"allow": ", ".join(sorted(methods))})


def _done(endpoint: Endpoint, call: Call, signed: Signed, key: str) -> Reply:
    def work() -> Reply:
        return Reply.telling(endpoint.answer(call), endpoint.status, public=endpoint.scope is None)

    if not key:
        return work()
    claim = digest(*lines_of_request(signed.method, "", signed.path, signed.query, signed.body))
    services = call.services
    claimant = Claimant(uuid.uuid4().hex, claim, services.deadline.left())
    return Once(services.state, digest(call.caller.name, key), claimant, services.log).reply(work)


def _explain(error: Exception, problem: Problem, log: Log) -> None:
    """Tell the operator what a caller is not told; with the verdict that is alarmed about, if nothing else mends it."""
    if isinstance(error, SettingsError):
        log.error(str(error), verdict=Verdict.OPERATOR.value)
    elif isinstance(error, (ServiceError, Unfinished)):
        for each in error.errors if isinstance(error, Unfinished) else (error,):
            if problem.kind.status >= 500:
                verdict = each.verdict.value if each.verdict else "unknown"
                log.error(sentence(each), action=f"{each.service}:{each.action}", code=each.code, verdict=verdict)
    elif problem.kind is FAULT:
        kind = type(error).__name__
        told = "failed in a way that nobody foresaw; please report this line"
        log.error(told, error=kind, where=where(error), verdict=Verdict.OPERATOR.value)


def application(environment: Mapping[str, str] = os.environ, endpoints: Sequence[Endpoint] = ENDPOINTS) -> Headers:
    """The API of the deployment that these variables tell of; they are read anew for each request."""
    addresses: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        addresses.setdefault(endpoint.path, []).append(endpoint)
    routes = [Route(path, _Address(found, environment)) for path, found in addresses.items()]
    app: ASGIApp = Router(routes, redirect_slashes=False, default=_Address((), environment))
    origins, photo_origin = _origins(environment)
    if origins:
        methods = sorted({endpoint.method for endpoint in endpoints})
        app = CORSMiddleware(app, origins, methods, ALLOWED, expose_headers=EXPOSED)
    return Headers(app, photo_origin)


def _origins(environment: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Whose pages may call, and where the photos are. A wrong setting is told to whoever calls."""
    try:
        settings = ApiSettings.from_environment(environment)
    except SettingsError:
        return (), ""
    region = environment.get("TENCENTCLOUD_REGION", "")
    return settings.origins, settings.photo_origin or f"https://{settings.bucket}.cos.{region}.myqcloud.com"
