"""A platform on its own, with a role for its functions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.readings import Readings
from infra.local.scf import Scf, triggers
from tests.local.scf.small import HOST, TRUST, Bind, Deploy, described, zipped


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
