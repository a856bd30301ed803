"""How the face service fetches a picture from the real network, where whoever runs the local cloud has it do so.

The address comes from a stranger, and this process stands inside somebody's network. So each host is resolved once, and
refused unless every address that it has is public: no private, shared, loopback, link-local, multicast or reserved one,
and so no metadata service. The connection goes to the address that was checked, not to the name, under the name's Host
and certificate. A redirect starts all over, three times at most.
"""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import SplitResult, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from infra.local import pictures
from infra.local.gateway import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

BYTES = pictures.BASE64_LIMIT // 4 * 3
"""What becomes 5 MB in base64."""
REDIRECTS = 3

_REDIRECTED = (301, 302, 303, 307, 308)
_PORTS = {"http": 80, "https": 443}
_UNICAST = ipaddress.ip_network("2000::/3")
_NOT_ITS_OWN = tuple(map(ipaddress.ip_network, ("2001::/32", "2002::/16", "3fff::/20")))
"""IPv6 that leads to an IPv4 address inside it (Teredo, 6to4), and that is for documents (RFC 9637)."""


def public(address: Address) -> bool:
    """Whether the address is one that anybody can reach."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.is_global and address in _UNICAST and not any(address in network for network in _NOT_ITS_OWN)
    return address.is_global and not address.is_multicast


def resolved(host: str, port: int) -> Sequence[str]:
    """The host's addresses, as this machine resolves it."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Outside:
    """Fetches a URL from the network: `outside(url)`."""

    resolve: Callable[[str, int], Sequence[str]] = resolved
    reachable: Callable[[Address], bool] = public
    ports: Collection[int] = frozenset(_PORTS.values())
    seconds: float = 5.0
    """For all of it but the resolving, which has limits of its own."""
    trust: ssl.SSLContext | None = None
    """Whom to believe about names; by default whom this machine believes."""
    hosts: tuple[str, ...] = ()
    """Those that are asked, by redirects too; `http://` before one allows it over plain http. Any, if none is named."""

    def __call__(self, url: str) -> bytes:
        """The body of a GET, as it was stored.

        Raises `Refused` with InvalidParameterValue.UrlIllegal for what is no URL to fetch from,
        FailedOperation.ImageSizeExceed above 5 MB in base64, and FailedOperation.ImageDownloadError for all that goes
        wrong on the way, an address that is not public among it.
        """
        end = time.monotonic() + self.seconds
        parts = target(url)
        for _ in range(REDIRECTS + 1):
            body, onward = self._get(parts, end)
            if onward is None:
                return body
            try:
                parts = target(urljoin(parts.geturl(), onward))
            except (Refused, ValueError):
                break
        raise failed()

    def _get(self, parts: SplitResult, end: float) -> tuple[bytes, str | None]:
        """The body, or where it is instead."""
        if self.hosts and not self._named(parts):
            raise failed()
        port = parts.port or _PORTS[parts.scheme]
        if port not in self.ports:
            raise failed()
        host = str(parts.hostname)
        name = f"[{host}]" if ":" in host else host
        headers = {
            "Host": name if port == _PORTS[parts.scheme] else f"{name}:{port}",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        connection = self._connection(parts.scheme, host, self._checked(host, port), port, end)
        try:
            connection.connect()
            with _ended(connection.sock, end):
                connection.request("GET", path, headers=headers, preload_content=False, decode_content=False)
                # The response takes the socket over, as the connection is not kept.
                with connection.getresponse() as response:
                    body = _read(response.read1) if 200 <= response.status < 300 else b""
                if time.monotonic() >= end:
                    # Cut off, and without a length nothing else shows it.
                    raise failed()
        except (HTTPError, HTTPException, OSError, ValueError):
            raise failed() from None
        finally:
            connection.close()
        onward = response.headers.get("Location") if response.status in _REDIRECTED else None
        if onward is None and not 200 <= response.status < 300:
            raise failed()
        return body, onward

    def _named(self, parts: SplitResult) -> bool:
        over_http = f"http://{parts.hostname}" in self.hosts
        return over_http or (parts.scheme == "https" and parts.hostname in self.hosts)

    def _checked(self, host: str, port: int) -> str:
        """The one address to connect to: nothing is resolved again after this."""
        try:
            found = self.resolve(host, port)
            if not found or not all(self.reachable(ipaddress.ip_address(address)) for address in found):
                raise failed()
        except (OSError, ValueError):
            raise failed() from None
        return found[0]

    def _connection(self, scheme: str, host: str, address: str, port: int, end: float) -> HTTPConnection:
        left = max(end - time.monotonic(), 0.001)
        if scheme == "http":
            return HTTPConnection(address, port, timeout=left)
        return HTTPSConnection(
            address,
            port,
            timeout=left,
            server_hostname=host,
            assert_hostname=host,
            cert_reqs="CERT_REQUIRED",
            ssl_context=self.trust,
        )


def target(url: str) -> SplitResult:
    """The parts of a URL that can be fetched; raises `Refused` with InvalidParameterValue.UrlIllegal for any other."""
    illegal = Refused("InvalidParameterValue.UrlIllegal", "Invalid URL format.")
    if not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        raise illegal
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise illegal from None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or port == 0:
        raise illegal
    return parts


def failed() -> Refused:
    """The refusal of a picture that could not be fetched."""
    return Refused("FailedOperation.ImageDownloadError", "An error occurred while downloading the image.")


def _read(some: Callable[[int], bytes]) -> bytes:
    body = bytearray()
    while more := some(64 * 1024):
        body += more
        if len(body) > BYTES:
            raise Refused("FailedOperation.ImageSizeExceed", "The base64 of the image cannot exceed 5 MB.")
    return bytes(body)


@contextmanager
def _ended(connected: socket.socket, end: float) -> Iterator[None]:
    """End the connection at that time: a time-out alone starts anew with each byte that trickles in."""
    # Of its own, as a TLS socket must not be touched by two threads.
    twin = socket.socket(fileno=os.dup(connected.fileno()))

    def cut() -> None:
        try:
            twin.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(max(end - time.monotonic(), 0), cut)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        twin.close()
