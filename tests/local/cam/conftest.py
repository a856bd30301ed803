"""An account without anything in it, and its API behind a real gateway."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local import control
from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal

Call = Callable[..., dict[str, Any]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cam(clock: Clock) -> Cam:
    return Cam(clock)


@pytest.fixture
def gateway(cam: Cam, clock: Clock) -> Gateway:
    gateway = Gateway(clock, Journal(), Faults())
    gateway.holder = cam.holder
    gateway.mount(control.HOST, control.Control(cam))
    return gateway


@pytest.fixture
def ask(cam: Cam, gateway: Gateway) -> Iterator[Call]:
    """Call an action as Tencent's SDK does: `ask("CreateRole", RoleName=…)`; the content of Response."""
    server = Server(gateway, 0)
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://127.0.0.1:{server.port}"))

    def call(
        action: str,
        *,
        by: Identity | None = None,
        service: str = "cam",
        version: str = "2019-01-16",
        **parameters: object,
    ) -> dict[str, Any]:
        who = by or cam.owner
        credential = Credential(who.secret_id, who.secret_key, who.token or None)
        client = CommonClient(service, version, credential, "ap-guangzhou", profile=profile)
        answer: dict[str, Any] = client.call_json(action, parameters)["Response"]
        return answer

    yield call
    server.stop()


def trusting(*services: str) -> str:
    """A trust document."""
    return json.dumps(
        {
            "version": "2.0",
            "statement": [
                {"effect": "allow", "action": ["name/sts:AssumeRole"], "principal": {"service": list(services)}}
            ],
        }
    )


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"version": "2.0", "statement": list(statements)})


def allow(action: object, resource: object = "*", effect: str = "allow") -> dict[str, Any]:
    """One statement; single names are put in lists."""
    return {"effect": effect, "action": action, "resource": [resource] if isinstance(resource, str) else resource}


def holding(cam: Cam, *statements: dict[str, Any], role: str = "stamper") -> Identity:
    """A temporary key of a role with this policy."""
    cam.create_role(role, trusting("scf.qcloud.com"))
    cam.attach(role, cam.create_policy(role, policy(*statements)))
    return cam.assume(role, worker="worker-1", invocation="request-1")
