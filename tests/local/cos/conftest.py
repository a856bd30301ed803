"""A COS of its own for every test: on a real port, with a real CAM, and eyes that see what the test says."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import boto3
import pytest
import requests
from botocore.config import Config
from qcloud_cos import CosConfig, CosS3Client
from qcloud_cos.cos_auth import CosS3Auth

from facestamp.faces import Box, Size
from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.cos import DOMAINS, HOSTS, Cos
from infra.local.detector import Found, Look, Quality
from infra.local.events import ObjectEvent
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from infra.local.landmarks import Measures
from infra.local.pictures import Unreadable
from infra.local.readings import Readings

REGION = "ap-guangzhou"
PHOTOS = "photos-1250000000"
OTHERS = "others-1250000000"
TRUST = json.dumps(
    {
        "version": "2.0",
        "statement": [
            {"effect": "allow", "action": ["name/sts:AssumeRole"], "principal": {"service": ["scf.qcloud.com"]}}
        ],
    }
)


def found(box: Box, score: float = 1.0) -> Found:
    """A face that is only a box."""
    return Found(box, score, {}, (), Measures(0, 0, 0, 0, 0, 0), Quality(80, 60))


class Eyes:
    """Sees the faces that it was told of, in a picture of the size that it was told."""

    def __init__(self) -> None:
        self.faces: list[Found] = []
        self.size = Size(512, 512)
        self.exif: bool | None = None
        self.unreadable = False

    def look(self, image: bytes, *, exif: bool = True, rotate: bool = False) -> Look:
        if self.unreadable:
            raise Unreadable("Not a picture.")
        self.exif = exif
        return Look("JPEG", self.size, tuple(sorted(self.faces, key=lambda face: -face.area)))


class LocalCos:
    """COS behind the gateway, and ways to ask it."""

    def __init__(self, readings: Readings) -> None:
        self.clock, self.journal, self.faults, self.eyes = Clock(), Journal(), Faults(), Eyes()
        self.cam = Cam(self.clock)
        self.events: list[ObjectEvent] = []
        self.cos = Cos(self.clock, self.cam, self.eyes, self.events.append, readings)
        self.gateway = Gateway(self.clock, self.journal, self.faults)
        self.gateway.holder = self.cam.holder
        self.gateway.mount(f"{HOSTS}|{DOMAINS}", self.cos)
        self.server = Server(self.gateway, 0)
        self.proxies = {"http": f"http://127.0.0.1:{self.server.port}"}
        self._session = requests.Session()
        self._session.trust_env = False
        for bucket in (PHOTOS, OTHERS):
            self.client().create_bucket(Bucket=bucket)

    def stop(self) -> None:
        self._session.close()
        self.server.stop()
        self.cos.close()

    def config(self, identity: Identity | None = None) -> Any:
        """The SDK's settings for a key, the owner's if none is given."""
        who = identity or self.cam.owner
        return CosConfig(
            Region=REGION,
            SecretId=who.secret_id,
            SecretKey=who.secret_key,
            Token=who.token or None,
            Scheme="http",
            Proxies=self.proxies,
        )

    def client(self, identity: Identity | None = None, retry: int = 0) -> Any:
        """The ordinary SDK's client."""
        return CosS3Client(self.config(identity), retry=retry)

    def s3(self, identity: Identity | None = None, style: str = "virtual") -> Any:
        """A client of AWS's SDK, told only where COS is; it names buckets in the host, or with `path` in the path."""
        who = identity or self.cam.owner
        return _session().client(
            "s3",
            region_name=REGION,
            endpoint_url=f"http://cos.{REGION}.myqcloud.com",
            aws_access_key_id=who.secret_id,
            aws_secret_access_key=who.secret_key,
            aws_session_token=who.token or None,
            config=Config(proxies=self.proxies, s3={"addressing_style": style}, retries={"total_max_attempts": 1}),
        )

    def role(self, *actions: str, resource: str = "*") -> Identity:
        """A temporary key of a role that may do `actions` and nothing else."""
        name = f"role-{len(self.cam.roles())}"
        self.cam.create_role(name, TRUST)
        if actions:
            statement = {"effect": "allow", "action": list(actions), "resource": [resource]}
            document = json.dumps({"version": "2.0", "statement": [statement]})
            self.cam.attach(name, self.cam.create_policy(f"policy-{name}", document))
        return self.cam.assume(name, "worker-1", "invocation-1")

    def ask(
        self,
        method: str,
        key: str = "",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | str = b"",
        *,
        bucket: str = PHOTOS,
        door: str = "cos",
        region: str = REGION,
        identity: Identity | None = None,
        signed: bool = True,
    ) -> requests.Response:
        """One raw request, signed by the owner unless said otherwise."""
        who = identity or self.cam.owner
        given = {"x-cos-security-token": who.token} if who.token and signed else {}
        parameters = dict(query or {})
        url = f"http://{bucket}.{door}.{region}.myqcloud.com/{quote(key)}"
        return self._session.request(
            method,
            url,
            params=parameters,
            headers={name: value.encode() for name, value in {**given, **(headers or {})}.items()},
            data=body,
            auth=CosS3Auth(self.config(who), key, params=parameters) if signed else None,
            proxies=self.proxies,
            allow_redirects=False,
        )

    def get(self, address: str) -> requests.Response:
        """Follow a presigned address."""
        return self._session.get(address, proxies=self.proxies, timeout=30)

    def put(self, key: str, body: bytes = b"pixels", **headers: str) -> requests.Response:
        """Upload with headers, whose names are written with `_` for `-`."""
        return self.ask("PUT", key, headers={n.replace("_", "-"): v for n, v in headers.items()}, body=body)

    def head(self, key: str) -> Mapping[str, str]:
        """An object's headers, the ones that differ between any two answers left out."""
        response = self.ask("HEAD", key)
        assert response.status_code == 200
        return response.headers

    def copy_onto_itself(self, key: str, **headers: str) -> requests.Response:
        """A copy of a photo onto itself, with metadata replaced."""
        return self.ask(
            "PUT",
            key,
            headers={
                "x-cos-copy-source": f"{PHOTOS}.cos.{REGION}.myqcloud.com/{quote(key)}",
                "x-cos-metadata-directive": "Replaced",
                **{n.replace("_", "-"): v for n, v in headers.items()},
            },
        )


@functools.cache
def _session() -> Any:
    """One for all tests: it reads its descriptions of the API only once."""
    return boto3.session.Session()


Start = Callable[[Readings], LocalCos]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a cloud with other readings than the default ones."""
    started: list[LocalCos] = []

    def begin(readings: Readings) -> LocalCos:
        started.append(LocalCos(readings))
        return started[-1]

    yield begin
    for cloud in started:
        cloud.stop()


@pytest.fixture
def cloud(start: Start) -> LocalCos:
    """A cloud with the default readings and two empty buckets."""
    return start(Readings())


def md5(body: bytes) -> bytes:
    """The content's MD5."""
    return hashlib.md5(body, usedforsecurity=False).digest()


def code(response: requests.Response) -> str:
    """The error code in a response's body."""
    assert response.headers["Content-Type"] == "application/xml"
    return response.text.partition("<Code>")[2].partition("</Code>")[0]
