"""A tunnel through the proxy: CONNECT, answered here instead of being passed on.

A client that wants `https://host` through a proxy asks it for a connection to that host and speaks TLS on what it gets.
The gateway has those hosts itself, so it answers as them, with a certificate of the cloud's own authority, and serves
the request in the tunnel as any other. One request to a tunnel, as there is one to a connection.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
from typing import TYPE_CHECKING, Any, Final

from werkzeug.serving import WSGIRequestHandler

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from infra.local.gateway import Gateway

HANDSHAKE_SECONDS: Final = 30.0
"""How long a client may take for TLS."""
_OPEN: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


class TunnelHandler(WSGIRequestHandler):
    """Werkzeug's handler, which can be asked for a tunnel."""

    _within = ""
    """The host that this connection is a tunnel to, if it is one."""

    def do_CONNECT(self) -> None:  # noqa: N802 -- http.server's way to name it
        """Answer for the host itself, or with the gateway's refusal."""
        gateway: Gateway = self.server.app  # type: ignore[assignment] # the only application that it is used with
        host = self.path.rpartition(":")[0].lower()
        if self._within or gateway.authority is None or not gateway.answers_for(host):
            self.run_wsgi()
            return
        self.close_connection = True
        self.wfile.write(_OPEN)
        self.wfile.flush()
        plain = self.connection
        plain.settimeout(HANDSHAKE_SECONDS)
        # A client that does not trust the authority, or that has gone, is nobody's error here.
        context = gateway.authority.context(host)
        with contextlib.suppress(OSError), context.wrap_socket(plain, server_side=True) as tunnel:
            tunnel.settimeout(None)
            self._serve(tunnel, host)

    def _serve(self, tunnel: ssl.SSLSocket, host: str) -> None:
        self._within = host
        self.rfile.close()
        self.connection, self.rfile, self.wfile = tunnel, tunnel.makefile("rb"), _Writer(tunnel)
        self.handle_one_request()
        self.close_connection = True

    def make_environ(self) -> WSGIEnvironment:
        """Werkzeug's environ; in a tunnel, of a request that came over TLS."""
        environ = super().make_environ()
        if self._within:
            environ["wsgi.url_scheme"] = "https"
        return environ


class _Writer(io.BufferedIOBase):
    """A socket to write to, each piece at once and whole."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._connection.sendall(data)
        return memoryview(data).nbytes
