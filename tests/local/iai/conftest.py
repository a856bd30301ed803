"""The face service behind a real gateway, asked by Tencent's own SDK, and a shelf of pictures that have URLs."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.iai.v20180301.iai_client import IaiClient as Client2018
from tencentcloud.iai.v20200303.iai_client import IaiClient as Client2020
from werkzeug import Request, Response

from infra.local import iai
from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.faces import Engine
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Refused, Server, Wanted
from infra.local.iai import Download, Iai
from infra.local.journal import Call, Journal
from infra.local.readings import Readings
from tests import pictures

CLIENTS = {"2018-03-01": Client2018, "2020-03-03": Client2020}


@dataclass
class Shelf:
    """A host with pictures, as a bucket would be: `http://shelf.example.com/<name>`."""

    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, name: str, content: bytes) -> str:
        self.files[name] = content
        return f"http://shelf.example.com/{name}"

    def wanted(self, request: Request) -> Wanted:
        return Wanted("shelf", "GetObject", request.path.lstrip("/"))

    def answer(self, request: Request, call: Call) -> Response:
        self.asked.append(request.environ["REQUEST_URI"])
        name = request.path.lstrip("/")
        if name not in self.files:
            raise Refused("NoSuchKey", "There is nothing of that name.", 404)
        return Response(self.files[name], headers=self.headers, mimetype="image/jpeg")

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        return Response(refused.message, status=refused.status)


@dataclass
class FaceCloud:
    """What a test has in hand."""

    clock: Clock
    journal: Journal
    faults: Faults
    cam: Cam
    iai: Iai
    shelf: Shelf
    port: int

    def ask(
        self,
        action: str,
        *,
        version: str = "2020-03-03",
        region: str | None = "ap-guangzhou",
        by: Identity | None = None,
        **parameters: Any,
    ) -> dict[str, Any]:
        """Call an action with the SDK; the content of `Response`. Errors are the SDK's exceptions."""
        who = by or self.cam.owner
        profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://127.0.0.1:{self.port}"))
        client = CLIENTS[version](Credential(who.secret_id, who.secret_key, who.token or None), region, profile)
        answer: dict[str, Any] = client.call_json(action, parameters)["Response"]
        return answer

    def role(self, *actions: str, resource: str = "*") -> Identity:
        """A temporary key of a role that may do `actions` on `resource`, and nothing else."""
        trust = {"effect": "allow", "action": "name/sts:AssumeRole", "principal": {"service": "scf.qcloud.com"}}
        self.cam.create_role("stamper", json.dumps({"version": "2.0", "statement": [trust]}))
        allowed = {"effect": "allow", "action": list(actions), "resource": [resource]}
        policy = self.cam.create_policy("what-it-may", json.dumps({"version": "2.0", "statement": [allowed]}))
        self.cam.attach("stamper", policy)
        return self.cam.assume("stamper", "worker", "invocation")

    def somebody(self, person_id: str = "ada", group_id: str = "staff", **more: Any) -> str:
        """Enrol the portrait; gives back the face's id."""
        if group_id not in [group["GroupId"] for group in self.ask("GetGroupList", Limit=1000)["GroupInfos"]]:
            self.ask("CreateGroup", GroupId=group_id, GroupName=group_id)
        enrolled = self.ask(
            "CreatePerson", GroupId=group_id, PersonId=person_id, PersonName="Ada", Image=PORTRAIT, **more
        )
        return str(enrolled["FaceId"])

    def faces_of(self, person_id: str = "ada") -> list[str]:
        """The ids of the faces that show."""
        return list(self.ask("GetPersonBaseInfo", PersonId=person_id)["FaceIds"])


def b64(image: bytes) -> str:
    """A picture as the API takes it."""
    return base64.b64encode(image).decode()


PORTRAIT = b64(pictures.jpeg(pictures.portrait()))
LANDSCAPE = b64(pictures.jpeg(pictures.landscape()))


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


@pytest.fixture
def readings() -> Readings:
    return Readings()


@pytest.fixture
def cloud(engine: Engine, readings: Readings) -> Iterator[FaceCloud]:
    clock, journal, faults, shelf = Clock(), Journal(), Faults(), Shelf()
    cam, gateway = Cam(clock), Gateway(clock, journal, faults)
    service = Iai(clock, cam, engine, Download(gateway.handle), readings)
    gateway.holder = cam.holder
    gateway.mount(iai.HOST, service)
    gateway.mount(r"shelf\.example\.com", shelf)
    server = Server(gateway, 0)
    yield FaceCloud(clock, journal, faults, cam, service, shelf, server.port)
    server.stop()
