"""A platform on its own, with a role for its functions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from infra.local.readings import Readings
from infra.local.scf import GATEWAY_HOSTS, URL_HOSTS, ApiGateways, FunctionUrls, Scf, triggers
from infra.local.scf import HOST as HOST_PATTERN
from tests.local.scf.small import HOST, TRUST, Ask, Bind, Deploy, described, zipped


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cam(clock: Clock) -> Cam:
    cam = Cam(clock)
    cam.create_role("stamper", TRUST)
    return cam


@pytest.fixture
def scf(clock: Clock, cam: Cam, tmp_path: Path) -> Iterator[Scf]:
    scf = Scf(clock, cam, Readings(), tmp_path / "code")
    yield scf
    scf.close()


@pytest.fixture
def deploy(scf: Scf) -> Deploy:
    def deploy(source: str, name: str = "stamp", **asked: Any) -> str:
        parameters = {
            "FunctionName": name,
            "Handler": "index.main_handler",
            "Runtime": "Python3.10",
            "Role": "stamper",
            "Code": {"ZipFile": zipped(index=source)},
        }
        scf.create({**parameters, **asked})
        return name

    return deploy


@pytest.fixture
def bind(scf: Scf) -> Bind:
    def bind(name: str = "stamp", **rule: str) -> None:
        asked = {"TriggerName": HOST, "Type": "cos", "TriggerDesc": described(**rule)}
        scf.bind(triggers.asked(asked, name, scf.region, scf.clock.now()))

    return bind


@pytest.fixture
def gateway(scf: Scf, cam: Cam, clock: Clock) -> Gateway:
    gateway = Gateway(clock, Journal(), Faults())
    gateway.holder, gateway.kill = cam.holder, scf.kill
    gateway.mount(HOST_PATTERN, scf)
    gateway.mount(URL_HOSTS, FunctionUrls(scf))
    gateway.mount(GATEWAY_HOSTS, ApiGateways(scf))
    return gateway


@pytest.fixture
def server(gateway: Gateway) -> Iterator[Server]:
    server = Server(gateway, 0)
    yield server
    server.stop()


@pytest.fixture
def ask(cam: Cam, server: Server) -> Ask:
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://127.0.0.1:{server.port}"))

    def ask(action: str, by: Identity | None = None, version: str = "2018-04-16", **parameters: Any) -> dict[str, Any]:
        who = by or cam.owner
        credential = Credential(who.secret_id, who.secret_key, who.token or None)
        client = CommonClient("scf", version, credential, "ap-guangzhou", profile=profile)
        return dict(client.call_json(action, parameters)["Response"])

    return ask
