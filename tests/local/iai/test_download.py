"""Fetching from outside of the local cloud: what is fetched, from where it never is, and what ends it.

No test leaves this machine: each resolves the names itself and allows the loopback address of its own server.
"""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from infra.local.gateway import Refused
from infra.local.iai import Download
from infra.local.iai.outside import BYTES, Address, Outside, public
from tests import pictures

DOWNLOAD, SIZE, ILLEGAL = (
    "FailedOperation.ImageDownloadError",
    "FailedOperation.ImageSizeExceed",
    "InvalidParameterValue.UrlIllegal",
)
HERE = ipaddress.ip_address("127.0.0.1")


@dataclass
class Host:
    """A server on loopback; `paths` say what it answers, and `asked` what it was asked."""

    port: int = 0
    paths: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """The names that it was called by in TLS."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over: nothing waits any longer."""

    def has(self, path: str, body: bytes, **headers: str) -> str:
        """Answer with this at `path`; its address."""
        return self.does(path, lambda handler: _answer(handler, 200, body, headers))

    def leads(self, path: str, to: str, status: int = 302) -> str:
        return self.does(path, lambda handler: _answer(handler, status, b"", {"Location": to}))

    def does(self, path: str, answer: Callable[[BaseHTTPRequestHandler], None]) -> str:
        self.paths[path] = answer
        return f"http://pictures.example:{self.port}{path}"


def _answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"Content_Length": str(len(body)), **headers}.items():
        if value:
            handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def _serving(host: Host, tls: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append((self.headers["Host"], self.path))
            answer = host.paths[self.path]
            answer(self)

        def log_message(self, *_: Any) -> None:
            """Be quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that hangs up is what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    host.port = server.server_port
    return server


@pytest.fixture
def host() -> Iterator[Host]:
    yield from _host()


def _host(tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    host = Host()
    server = _serving(host, tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield host
    host.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def outside(host: Host, **more: Any) -> Outside:
    """A way out that ends at this server, whatever the name."""
    return Outside(
        **{
            "resolve": lambda name, port: ["127.0.0.1"],
            "reachable": lambda address: address == HERE,
            "ports": {host.port},
            **more,
        }
    )


def refusal(fetch: Callable[[str], bytes], url: str) -> str:
    with pytest.raises(Refused) as refused:
        fetch(url)
    return refused.value.code


@pytest.mark.behaviour(
    service="iai",
    what="With a way outside, a Url at any public host is fetched; without, none but the local cloud's own",
    standing="assumed",
    source="IAI 867/45019",
)
def test_a_picture_is_fetched_by_its_name_from_the_address_that_was_checked(host: Host) -> None:
    resolved: list[tuple[str, int]] = []

    def resolve(name: str, port: int) -> list[str]:
        resolved.append((name, port))
        return ["127.0.0.1"] if len(resolved) == 1 else ["10.0.0.1"]

    url = host.has("/a%20b/ada.jpg?v=1&v=2", b"picture")
    assert outside(host, resolve=resolve)(url) == b"picture"
    assert host.asked == [(f"pictures.example:{host.port}", "/a%20b/ada.jpg?v=1&v=2")]
    assert resolved == [("pictures.example", host.port)]


def test_a_picture_comes_as_it_is_stored(host: Host) -> None:
    url = host.has("/ada.jpg", b"not gzip at all", Content_Encoding="gzip")
    assert outside(host)(url) == b"not gzip at all"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("100.64.0.1", "169.254.0.23", "169.254.169.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1"),
        *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12::1"),
        *("ff02::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"),
        *("2001:0:a00:1::1", "2001:db8::1", "100::1"),
    ],
)
def test_what_is_not_public_is_never_asked(host: Host, address: str) -> None:
    url = host.has("/latest/meta-data/", b"secret")
    for found in ([address], ["1.1.1.1", address]):
        way = Outside(resolve=lambda name, port, found=found: found, ports={host.port})  # type: ignore[misc] # a default
        assert refusal(way, url) == DOWNLOAD
    assert host.asked == []


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_no_spelling_of_this_machine_is_asked(host: Host, name: str) -> None:
    host.has("/", b"secret")
    assert refusal(Outside(ports={host.port}), f"http://{name}:{host.port}/") == DOWNLOAD
    assert host.asked == []


PRIVATE = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
            *("::/8", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "2002::/16", "2001:db8::/32"),
        ),
    )
)


@given(st.sampled_from(PRIVATE).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_address_of_a_network_that_is_not_public_passes(address: Address) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "43.128.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111"])
def test_public_addresses_pass(address: str) -> None:
    assert public(ipaddress.ip_address(address))


def test_a_name_that_has_no_address_is_a_failed_download(host: Host) -> None:
    def unknown(name: str, port: int) -> list[str]:
        raise OSError("no such name")

    url = host.has("/", b"picture")
    assert refusal(outside(host, resolve=unknown), url) == DOWNLOAD
    assert refusal(outside(host, resolve=lambda name, port: []), url) == DOWNLOAD


def test_where_hosts_are_named_no_other_is_asked_even_if_they_lead_there(host: Host) -> None:
    fetch = outside(host, hosts=("http://pictures.example",))
    assert fetch(host.has("/ada.jpg", b"picture")) == b"picture"
    for url in (f"http://other.example:{host.port}/ada.jpg", host.leads("/o", f"http://other.example:{host.port}/")):
        assert refusal(fetch, url) == DOWNLOAD
    assert [name for name, _ in host.asked] == [f"pictures.example:{host.port}"] * 2
    assert refusal(outside(host, hosts=("pictures.example",)), host.has("/ada.jpg", b"picture")) == DOWNLOAD


def test_a_cloud_with_a_way_outside_finds_the_faces_of_a_picture_there(host: Host, engine: Engine) -> None:
    with LocalCloud(engine=engine, outside=outside(host, hosts=("http://pictures.example",))) as cloud:
        faces = cloud.api("iai", "2020-03-03")
        found = faces.call_json("DetectFace", {"Url": host.has("/ada.jpg", pictures.jpeg(pictures.portrait()))})
        assert len(found["Response"]["FaceInfos"]) == 1
        with pytest.raises(TencentCloudSDKException) as refused:
            faces.call_json("DetectFace", {"Url": f"http://other.example:{host.port}/ada.jpg"})
        assert refused.value.get_code() == DOWNLOAD


def test_the_api_takes_addresses_of_the_hosts_that_a_cloud_may_ask(engine: Engine) -> None:
    def nowhere(name: str, port: int) -> list[str]:
        raise OSError(name)

    with LocalCloud(engine=engine, outside=Outside(nowhere, hosts=("pictures.example",))) as cloud:
        cloud.deploy()
        asked = {host: _detected(cloud, f"https://{host}/ada.jpg") for host in ("pictures.example", "other.example")}
    assert asked == {"pictures.example": (422, DOWNLOAD), "other.example": (400, ILLEGAL)}


def _detected(cloud: LocalCloud, url: str) -> tuple[int, str]:
    answer = requests.post(
        f"{cloud.endpoint}/v1/faces:detect",
        json={"url": url},
        headers={"Host": f"api.localhost:{cloud.port}", "Authorization": f"Bearer {cloud.keyring.api['all']}"},
        timeout=60,
    )
    return answer.status_code, answer.json()["code"]


def test_nobody_listening_is_a_failed_download(host: Host) -> None:
    way = outside(host, resolve=lambda name, port: ["127.0.0.2"], reachable=lambda address: True)
    assert refusal(way, host.has("/", b"picture")) == DOWNLOAD


@pytest.mark.parametrize("port", [22, 6379, 9000])
def test_only_the_ports_of_the_web_are_asked(port: int) -> None:
    asked: list[str] = []

    def resolve(name: str, port: int) -> list[str]:
        asked.append(name)
        return ["1.1.1.1"]

    assert refusal(Outside(resolve=resolve), f"http://pictures.example:{port}/") == DOWNLOAD
    assert asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_three_redirects_are_followed_and_no_fourth(host: Host, status: int) -> None:
    host.has("/3", b"picture")
    host.leads("/2", "3", status)
    host.leads("/1", f"//other.example:{host.port}/2", status)
    third = host.leads("/0", "/1", status)
    assert outside(host)(third) == b"picture"
    assert [name for name, _ in host.asked] == [
        f"{name}.example:{host.port}" for name in ("pictures", "pictures", "other", "other")
    ]
    host.leads("/-1", "/0", status)
    assert refusal(outside(host), f"http://pictures.example:{host.port}/-1") == DOWNLOAD


@pytest.mark.parametrize(
    "to",
    [
        *("http://metadata.example/", "http://pictures.example:22/", "file:///etc/passwd", "ftp://pictures.example/"),
        *("http://user@pictures.example/", "http://[::1", "/a\\b"),
    ],
)
def test_a_redirect_is_checked_as_the_first_address_is(host: Host, to: str) -> None:
    def resolve(name: str, port: int) -> list[str]:
        return ["169.254.169.254" if name == "metadata.example" else "127.0.0.1"]

    way = outside(host, resolve=resolve, ports={host.port, 80})
    assert refusal(way, host.leads("/ada.jpg", to)) == DOWNLOAD
    assert len(host.asked) == 1


@pytest.mark.parametrize("status", [204, 400, 403, 404, 500, 304])
def test_what_is_no_success_is_a_failed_download_or_no_picture(host: Host, status: int) -> None:
    url = host.does("/ada.jpg", lambda handler: _answer(handler, status, b"", {}))
    if status == 204:
        assert outside(host)(url) == b""
    else:
        assert refusal(outside(host), url) == DOWNLOAD


@pytest.mark.parametrize("told", [True, False])
def test_a_picture_of_5_mb_in_base64_is_read_and_not_a_byte_more(host: Host, told: bool) -> None:
    lengthless = {} if told else {"Content_Length": ""}
    assert len(outside(host, seconds=30)(host.has("/5", bytes(BYTES), **lengthless))) == BYTES
    assert refusal(outside(host, seconds=30), host.has("/6", bytes(BYTES + 1), **lengthless)) == SIZE


def test_an_answer_without_end_is_left(host: Host) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not host.over.is_set():
            handler.wfile.write(bytes(64 * 1024))

    assert refusal(outside(host, seconds=30), host.does("/endless", endless)) == SIZE


def _silent(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing."""


def _slow_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")


def _slow_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()


@pytest.mark.parametrize("begin", [_silent, _slow_head, _slow_body])
def test_an_answer_that_trickles_is_left_when_its_time_is_over(
    host: Host, begin: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    """Each byte comes long before a time-out between two of them."""

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        begin(handler)
        while not host.over.wait(0.05):
            if begin is not _silent:
                handler.wfile.write(b"a")
                handler.wfile.flush()

    assert refusal(outside(host, seconds=0.3), host.does("/slow", trickle)) == DOWNLOAD


def test_a_picture_that_breaks_off_is_a_failed_download(host: Host) -> None:
    url = host.has("/ada.jpg", b"half", Content_Length="8")
    assert refusal(outside(host), url) == DOWNLOAD


def test_what_is_no_http_is_a_failed_download(host: Host) -> None:
    def garbage(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"\x00\x01\x02 not http\r\n\r\n")

    assert refusal(outside(host), host.does("/ada.jpg", garbage)) == DOWNLOAD


@pytest.mark.parametrize(
    "url",
    [
        *("", "pictures.example/ada.jpg", "ftp://pictures.example/", "file:///etc/passwd", "http://", "http:///a"),
        *("http://user@pictures.example/", "http://a:b@pictures.example/", "http://pictures.example:0/"),
        *("http://pictures.example:port/", "http://[::1/", "http://pictures.example/a b", "http://pictures.example/\n"),
        *("http://pictures.example\\@other/", "http://pictures.ex\tample/", "http://bücher.example/"),
    ],
)
def test_what_is_no_address_is_refused_as_such(host: Host, url: str) -> None:
    assert refusal(outside(host), url) == ILLEGAL


def test_only_what_is_not_the_clouds_own_is_fetched_from_outside(host: Host) -> None:
    own: list[str] = []

    def door(request: Any) -> None:
        own.append(request.host)

    fetch = Download(door, lambda name: name.endswith(".myqcloud.com"), outside(host))
    assert fetch(host.has("/ada.jpg", b"picture")) == b"picture"
    assert refusal(fetch, "https://a-1250000000.cos.ap-guangzhou.myqcloud.com/ada.jpg") == DOWNLOAD
    assert own == ["a-1250000000.cos.ap-guangzhou.myqcloud.com"]
    assert len(host.asked) == 1


# --- TLS ---


@dataclass(frozen=True)
class Authority:
    """Vouches for pictures.example."""

    certificate: Path
    key: Path

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A test's own")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("pictures.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("authority")
    made = Authority(folder / "certificate.pem", folder / "key.pem")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


@pytest.fixture
def safe_host(authority: Authority) -> Iterator[Host]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    called: list[str] = []
    context.sni_callback = lambda connection, name, context: called.append(name)
    for host in _host(context):
        host.names = called
        yield host


def test_a_certificate_is_of_the_name_though_the_connection_is_to_the_address(
    safe_host: Host, authority: Authority
) -> None:
    safe_host.has("/ada.jpg", b"picture")
    way = outside(safe_host, trust=authority.trusted())
    assert way(f"https://pictures.example:{safe_host.port}/ada.jpg") == b"picture"
    assert safe_host.names == ["pictures.example"]
    assert refusal(way, f"https://other.example:{safe_host.port}/ada.jpg") == DOWNLOAD
    assert len(safe_host.asked) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(safe_host: Host) -> None:
    safe_host.has("/ada.jpg", b"picture")
    assert refusal(outside(safe_host), f"https://pictures.example:{safe_host.port}/ada.jpg") == DOWNLOAD
    assert safe_host.asked == []
