"""The Pulumi program, run against the local cloud's own services."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from qcloud_cos import CosConfig, CosS3Client

from infra.local import control
from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.cos import HOSTS, Cos
from infra.local.detector import Look
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from infra.local.provision import provision
from infra.local.readings import Readings
from infra.local.scf.api import HOST
from infra.local.scf.platform import Scf
from tests.infra.conftest import API, settings

WOKEN = "def main_handler(event, context):\n    return len(event['Records'])\n"
ANSWERED = "def main_handler(event, context):\n    return {'statusCode': 200, 'headers': {}, 'body': event['path']}\n"


class Blind:
    """No faces are looked for here."""

    def look(self, image: bytes, *, exif: bool = True, rotate: bool = False) -> Look:
        raise NotImplementedError


@dataclass
class Cloud:
    """COS, SCF and CAM behind one gateway."""

    cam: Cam
    scf: Scf
    endpoint: str
    outputs: dict[str, Any]

    def cos(self) -> CosS3Client:
        """The ordinary COS client, with the account's key."""
        owner = self.cam.owner
        return CosS3Client(
            CosConfig(
                Region="ap-guangzhou",
                SecretId=owner.secret_id,
                SecretKey=owner.secret_key,
                Scheme="http",
                Proxies={"http": self.endpoint},
            )
        )


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    clock, readings = Clock(), Readings()
    cam, gateway = Cam(clock), Gateway(clock, Journal(), Faults())
    gateway.holder = cam.holder
    scf = Scf(clock, cam, readings, tmp_path / "scf")
    cos = Cos(clock, cam, Blind(), scf.notify, readings)
    gateway.mount(control.HOST, control.Control(cam))
    gateway.mount(HOST, scf)
    gateway.mount(HOSTS, cos)
    server = Server(gateway, 0)
    endpoint = f"http://127.0.0.1:{server.port}"
    package = tmp_path / "facestamp.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("on_upload.py", WOKEN)
        archive.writestr("on_http.py", ANSWERED)
    outputs = provision(settings(package=str(package), versioning=True, api=API), endpoint, cam.owner)
    yield Cloud(cam, scf, endpoint, outputs)
    scf.close()
    cos.close()
    server.stop()


def test_the_functions_are_there_with_their_settings(cloud: Cloud) -> None:
    function = cloud.scf.function(cloud.outputs["functions"]["photos"])
    assert (function.handler, function.timeout, function.memory) == ("on_upload.main_handler", 30, 256)
    assert function.role == "facestamp-test-photos"
    assert function.variables["FACESTAMP_BUCKET"] == cloud.outputs["photoBucket"]


def test_photos_are_encrypted_and_versioned_as_set(cloud: Cloud) -> None:
    photos, state = cloud.outputs["photoBucket"], cloud.outputs["stateBucket"]
    encryption = cloud.cos().get_bucket_encryption(Bucket=photos)
    assert encryption["Rule"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert cloud.cos().get_bucket_versioning(Bucket=photos)["Status"] == "Enabled"
    assert "Status" not in cloud.cos().get_bucket_versioning(Bucket=state)


def test_the_api_has_an_address(cloud: Cloud) -> None:
    function = cloud.scf.function(cloud.outputs["apiFunction"])
    assert (function.handler, function.timeout, function.memory) == ("on_http.main_handler", 30, 512)
    [trigger] = cloud.scf.triggers(function.name)
    assert cloud.outputs["apiUrl"] == json.loads(trigger.told()["TriggerDesc"])["NetConfig"]["ExtranetUrl"]
    assert cloud.outputs["apiUrl"].endswith(".ap-guangzhou.tencentscf.com")


def test_pages_may_send_photos_and_kept_answers_expire(cloud: Cloud) -> None:
    [rule] = cloud.cos().get_bucket_cors(Bucket=cloud.outputs["photoBucket"])["CORSRule"]
    assert set(rule["AllowedMethod"]) == {"PUT", "POST", "GET", "HEAD"}
    [rule] = cloud.cos().get_bucket_lifecycle(Bucket=cloud.outputs["stateBucket"])["Rule"]
    assert (rule["Filter"]["Prefix"], rule["Expiration"]["Days"]) == ("requests/", "1")


def test_an_upload_under_a_prefix_wakes_that_routes_function(cloud: Cloud) -> None:
    bucket = cloud.outputs["photoBucket"]
    for key in ("photos/a.jpg", "members/ann/b.jpg", "elsewhere/c.jpg"):
        cloud.cos().put_object(Bucket=bucket, Key=key, Body=b"x")
    cloud.scf.settle()
    woken = sorted((invocation.function, invocation.source, invocation.status) for invocation in cloud.scf.invocations)
    assert woken == [("facestamp-test-members", "cos", 200), ("facestamp-test-photos", "cos", 200)]
