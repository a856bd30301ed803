"""The same hosts over https, as clients reach them that have it written into them: through a tunnel of the proxy's."""

from __future__ import annotations

import base64
import http.client
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from cryptography import x509
from qcloud_cos import CosConfig, CosS3Auth, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local.authority import Authority
from infra.local.clock import Clock
from infra.local.cloud import REGION, LocalCloud
from infra.local.faults import Fault, Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from tests import pictures


@pytest.fixture
def https(cloud: LocalCloud) -> Iterator[requests.Session]:
    """A browser's or a tool's session: the proxy for https, and the cloud's authority to trust."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": cloud.endpoint}
        session.verify = str(cloud.certificates)
        yield session


@pytest.mark.behaviour(
    service="tls",
    what="COS, by the ordinary SDK with its default scheme: an object is put and read",
    standing="observed",
    source="COS 436/12269",
)
def test_an_object_over_https(cloud: LocalCloud, name: str) -> None:
    owner = cloud.cam.owner
    config = CosConfig(
        Region=REGION,
        SecretId=owner.secret_id,
        SecretKey=owner.secret_key,
        Proxies={"https": cloud.endpoint},
        VerifySSL=str(cloud.certificates),
    )
    client = CosS3Client(config, retry=0)
    before = len(cloud.journal)
    content = bytes(range(256)) * 8192
    client.put_object(Bucket=cloud.bucket, Key=f"elsewhere/{name}", Body=content)
    body = client.get_object(Bucket=cloud.bucket, Key=f"elsewhere/{name}")["Body"].get_raw_stream().read()

    assert body == content
    asked = [(call.service, call.action, call.received) for call in cloud.journal.since(before) if not call.worker]
    assert asked == [("cos", "PutObject", len(content)), ("cos", "GetObject", 0)]


@pytest.mark.behaviour(
    service="tls",
    what="The face service, by the ordinary SDK with its default protocol: faces are found in a photo in the request",
    standing="observed",
    source="IAI 867/44989",
)
def test_faces_over_https(cloud: LocalCloud) -> None:
    owner = cloud.cam.owner
    profile = ClientProfile(httpProfile=HttpProfile(proxy=cloud.endpoint, certification=str(cloud.certificates)))
    client = CommonClient("iai", "2020-03-03", Credential(owner.secret_id, owner.secret_key), REGION, profile)

    image = base64.b64encode(pictures.png(pictures.portrait(256))).decode()
    found = client.call_json("DetectFace", {"Image": image})["Response"]

    assert len(found["FaceInfos"]) == 1


@pytest.mark.behaviour(
    service="tls",
    what="Cloud Infinite at the host that the Pulumi provider has https written in for: whether a bucket is bound",
    standing="observed",
    source="tencentcloud_ci_bucket_attachment 1.83.25",
)
def test_whether_a_bucket_is_bound_over_https(cloud: LocalCloud, https: requests.Session) -> None:
    owner = cloud.cam.owner
    signed = CosS3Auth(CosConfig(Region=REGION, SecretId=owner.secret_id, SecretKey=owner.secret_key), "", params={})

    answer = https.get(f"https://{cloud.bucket}.pic.{REGION}.myqcloud.com/", auth=signed)

    assert answer.status_code == 200
    assert "<CIStatus>on</CIStatus>" in answer.text


@pytest.mark.behaviour(
    service="tls",
    what="A host's certificate is good for that host alone, and for whoever trusts the cloud's own authority",
    standing="assumed",
    source="RFC 9110 (CONNECT)",
)
def test_nobody_else_is_trusted(cloud: LocalCloud, https: requests.Session) -> None:
    address = "https://service.cos.myqcloud.com/"
    assert https.get(address).status_code == 403

    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        https.get(address, verify=True)

    tunnel = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=10)
    tunnel.set_tunnel("service.cos.myqcloud.com", 443)
    tunnel.connect()
    trusting = ssl.create_default_context(cafile=str(cloud.certificates))
    with tunnel.sock, pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        trusting.wrap_socket(tunnel.sock, server_hostname="iai.tencentcloudapi.com")


def test_the_plain_address_has_a_certificate_too(cloud: LocalCloud, https: requests.Session) -> None:
    assert cloud.bucket in https.get("https://127.0.0.1/").json()["buckets"]


def test_a_host_that_nobody_has_gets_no_tunnel(cloud: LocalCloud, https: requests.Session) -> None:
    before = len(cloud.journal)

    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        https.get("https://example.com/")
    answer = requests.get("http://example.com/", proxies={"http": cloud.endpoint}, timeout=10)

    assert answer.status_code == 502
    assert answer.text.startswith("The local cloud does not answer for example.com: it forwards nothing")
    assert answer.text.count(".\n") == 1
    assert len(cloud.journal) == before


def test_a_tunnel_leads_to_no_other_tunnel(cloud: LocalCloud) -> None:
    within = http.client.HTTPSConnection(
        "127.0.0.1", cloud.port, timeout=10, context=ssl.create_default_context(cafile=str(cloud.certificates))
    )
    within.set_tunnel("service.cos.myqcloud.com", 443)
    within.request("CONNECT", "iai.tencentcloudapi.com:443", headers={"Host": "iai.tencentcloudapi.com:443"})

    assert within.getresponse().status == 502
    within.close()


def test_a_lost_answer_is_lost_in_a_tunnel_too(cloud: LocalCloud, https: requests.Session) -> None:
    cloud.faults.add(Fault("drop", service="cos", action="GetService"))

    with pytest.raises(requests.exceptions.ConnectionError):
        https.get("https://service.cos.myqcloud.com/")

    assert https.get("https://service.cos.myqcloud.com/").status_code == 403


def test_the_environment_is_enough_for_a_client_that_knows_nothing(cloud: LocalCloud) -> None:
    program = (
        "import urllib.error, urllib.request\n"
        "try: urllib.request.urlopen('https://service.cos.myqcloud.com/')\n"
        "except urllib.error.HTTPError as error: print(error.code)\n"
    )
    environment = {"HTTPS_PROXY": cloud.endpoint, "SSL_CERT_FILE": str(cloud.certificates)}

    ran = subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, "-I", "-c", program], env=environment, capture_output=True, text=True, check=False
    )

    assert (ran.stdout, ran.stderr) == ("403\n", "")


def test_every_authority_is_another_and_keeps_its_keys_to_itself(tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in ("first", "second"))
    for folder in (first, second):
        folder.mkdir()
        Authority(folder).context("service.cos.myqcloud.com")

    assert [path.name for path in first.iterdir()] == ["ca.pem"]
    assert "PRIVATE" not in (first / "ca.pem").read_text()
    assert (first / "ca.pem").read_bytes() != (second / "ca.pem").read_bytes()
    told = x509.load_pem_x509_certificate((first / "ca.pem").read_bytes())
    assert told.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_gateway_without_an_authority_has_no_tunnels(cloud: LocalCloud) -> None:
    gateway = Gateway(Clock(), Journal(), Faults())
    gateway.mount(r"service\.cos\.myqcloud\.com", cloud.storage)
    server = Server(gateway, 0)
    proxy = f"http://127.0.0.1:{server.port}"

    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        requests.get("https://service.cos.myqcloud.com/", proxies={"https": proxy}, timeout=10)

    server.stop()
