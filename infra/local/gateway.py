"""The one door of the local cloud: every request comes in here and leaves by the service that its host names.

1. The HTTP server takes ordinary requests and those of a proxy's client (`GET http://host/path`, or through a tunnel
   to `https://host`), on loopback only.
2. The host picks the service; the service names what is wanted (action, object, whose key) without doing it.
3. The call is entered in the journal, and the faults in force act on it.
4. The service answers; refusals are dressed in that service's own error shape.

Nothing is ever forwarded to the outside: a host that no service answers for is refused.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, make_server

from infra.local.authority import Authority
from infra.local.clock import Clock
from infra.local.faults import Fault, Faults
from infra.local.journal import Call, Journal
from infra.local.tunnel import TunnelHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


SENDER = "infra.local.sender"
"""In the environ of a request that one of the services sends: its name."""


class Refused(Exception):
    """A service's documented refusal: Tencent's code, a sentence, and the HTTP status where the service uses one."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True)
class Wanted:
    """What a request asks for, read from it without doing it."""

    service: str
    action: str
    resource: str = ""
    secret_id: str = ""


class Service(Protocol):
    """One of Tencent's services, as the gateway sees it."""

    def wanted(self, request: Request) -> Wanted:
        """Name what is asked for; no side effect, and never an error: an unknown action has the name it was given."""

    def answer(self, request: Request, call: Call) -> Response:
        """Check the signature and the permission, do it, and answer; raises `Refused`. Sets `call.paid`."""

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The refusal in this service's error shape."""


@dataclass(frozen=True)
class Holder:
    """Who holds a key: the root account (all empty), or a role inside one invocation of one worker."""

    role: str = ""
    worker: str = ""
    invocation: str = ""


class Gateway:
    """A WSGI application that is also called in process (`handle`), by the face service's downloader."""

    def __init__(self, clock: Clock, journal: Journal, faults: Faults) -> None:
        self.clock, self.journal, self.faults = clock, journal, faults
        self.holder: Callable[[str], Holder] = lambda secret_id: Holder()
        self.kill: Callable[[str], None] = lambda worker: None
        self.authority: Authority | None = None
        """Issues the certificates for tunnels; without one there are none."""
        self._services: list[tuple[re.Pattern[str], Service]] = []

    def mount(self, host: str, service: Service) -> None:
        """Answer for hosts that match the regular expression `host` whole; earlier mounts win."""
        self._services.append((re.compile(host), service))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as a WSGI application."""
        request = Request(environ)
        response = self.handle(request)
        if response is None:
            _hang_up(environ)
            response = Response(status=500)
        return response(environ, start_response)

    def answers_for(self, host: str) -> bool:
        """Whether one of the services has this host; its port does not matter."""
        return self._service(host) is not None

    def handle(self, request: Request) -> Response | None:
        """Answer one request; None where a fault lost the answer."""
        host = request.host.partition(":")[0].lower()
        service = self._service(host)
        if service is None or request.method == "CONNECT":
            return Response(
                f"The local cloud does not answer for {host}: it forwards nothing, and has only the real host names of"
                " COS, Cloud Infinite, IAI, SCF, CAM, STS, tags, CLS and Cloud Monitor.\n",
                status=502,
            )
        began = time.perf_counter()
        wanted = service.wanted(request)
        holder = self.holder(wanted.secret_id)
        call = self.journal.open(
            at=self.clock.now(),
            service=wanted.service,
            action=wanted.action,
            resource=wanted.resource,
            secret_id=wanted.secret_id,
            role=holder.role,
            worker=holder.worker,
            invocation=holder.invocation,
            by=str(request.environ.get(SENDER, "")),
            received=len(request.get_data(cache=True)),
        )
        response = self._through_faults(service, request, call)
        call.seconds = time.perf_counter() - began
        if response is not None:
            call.status = response.status_code
            call.sent = 0 if request.method == "HEAD" else response.calculate_content_length() or 0
            response.headers.setdefault("Date", self.clock.http_date())
        return response

    def _service(self, host: str) -> Service | None:
        return next((s for pattern, s in self._services if pattern.fullmatch(host.partition(":")[0].lower())), None)

    def _through_faults(self, service: Service, request: Request, call: Call) -> Response | None:
        due = self.faults.due(call)
        answered, response = self._suffer([f for f in due if f.when == "before"], service, request, call)
        if answered:
            return response
        try:
            response = service.answer(request, call)
        except Refused as refused:
            call.code = refused.code
            response = service.refusal(refused, request, call)
        answered, lost = self._suffer([f for f in due if f.when == "after"], service, request, call)
        return lost if answered else response

    def _suffer(
        self, faults: list[Fault], service: Service, request: Request, call: Call
    ) -> tuple[bool, Response | None]:
        for fault in faults:
            if fault.effect == "delay":
                time.sleep(fault.seconds)
            elif fault.effect == "run" and fault.action_run is not None:
                fault.action_run()
            elif fault.effect == "fail":
                call.code = fault.code
                return True, service.refusal(Refused(fault.code, "A fault, on purpose.", fault.status), request, call)
            elif fault.effect == "kill":
                self.kill(call.worker)
                return True, None
            elif fault.effect == "drop":
                return True, None
        return False, None


class _Handler(TunnelHandler):
    """Werkzeug's handler, silent: the journal says what was asked. It closes the connection after each answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def make_environ(self) -> WSGIEnvironment:
        """Werkzeug's environ, and the headers that it drops for a `_` in their names: COS must see them to refuse."""
        environ = super().make_environ()
        environ["infra.local.underscored"] = {name: text for name, text in self.headers.items() if "_" in name}
        return environ

    def send_response(self, code: int, message: str | None = None) -> None:
        """The status line alone: the server's own Date and Server would come beside the services'."""
        self.send_response_only(code, message)

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: its lines would hold signed URLs."""


class Server:
    """The gateway on a loopback port, in a thread of this process."""

    def __init__(self, gateway: Gateway, port: int) -> None:
        self._http: BaseWSGIServer = make_server("127.0.0.1", port, gateway, threaded=True, request_handler=_Handler)
        self.port: int = self._http.server_port
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="local-cloud", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and wait until the server has ended."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


def _hang_up(environ: WSGIEnvironment) -> None:
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
