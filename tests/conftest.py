"""The local cloud, as every test of a whole upload meets it.

Starting one takes a second or two, so most tests share one: they use keys of their own, count calls from where they
started (`calls`), and leave no fault behind. A test that needs other readings or another stack starts its own with
`clouds`. Whatever a worker printed in any of them is read through when its cloud stops.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from infra.local.journal import Call
from infra.local.readings import Readings
from tests.leaks import leaks


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The face engine's processes, which every cloud can share."""
    with Engine() as eyes:
        yield eyes


def ended(cloud: LocalCloud) -> list[str]:
    """Stop a cloud; what its workers let out that they should have kept to themselves."""
    cloud.faults.clear()
    try:
        cloud.scf.settle()
        return leaks(cloud)
    finally:
        cloud.stop()


Clouds = Callable[..., LocalCloud]


@pytest.fixture
def clouds(engine: Engine) -> Iterator[Clouds]:
    """Starts a cloud of the test's own: `clouds(Readings(...), {"facestamp:routes": [...]})`, deployed."""
    started: list[LocalCloud] = []

    def start(readings: Readings | None = None, changes: dict[str, Any] | None = None) -> LocalCloud:
        cloud = LocalCloud(readings=readings, engine=engine)
        started.append(cloud)
        cloud.deploy(changes)
        return cloud

    yield start
    found = [leak for cloud in started for leak in ended(cloud)]
    assert found == []


@pytest.fixture(scope="session")
def shared_cloud(engine: Engine) -> Iterator[LocalCloud]:
    """The stack of `Pulumi.local.yaml` on a cloud that all tests share; use `cloud`."""
    shared = LocalCloud(engine=engine)
    shared.deploy()
    yield shared
    found = ended(shared)
    assert found == []


@pytest.fixture
def cloud(shared_cloud: LocalCloud) -> Iterator[LocalCloud]:
    """The shared cloud, quiet before and after."""
    shared_cloud.scf.settle()
    yield shared_cloud
    shared_cloud.faults.clear()
    shared_cloud.scf.settle()


@pytest.fixture
def calls(cloud: LocalCloud) -> Callable[..., list[Call]]:
    """The calls that workers made since the test began: `calls(service="iai")`, `calls(paid=True)`."""
    start = len(cloud.journal)

    def since(**like: object) -> list[Call]:
        return [call for call in cloud.journal.calls(**like) if call.number > start and call.worker]

    return since


@pytest.fixture
def name() -> str:
    """A name that no other test uses, for a key."""
    return uuid.uuid4().hex[:12]
