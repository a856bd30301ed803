"""What the tests of the laws share."""

from __future__ import annotations

import pytest

from infra.local.cloud import LocalCloud
from tests.laws.scenes import Scene


@pytest.fixture
def scene(cloud: LocalCloud) -> Scene:
    """The shared cloud, watched from the test's beginning."""
    return Scene(cloud)
