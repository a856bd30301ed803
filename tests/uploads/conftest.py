"""Whole uploads, seen from outside: an owner of a bucket, and what becomes of the photos."""

from __future__ import annotations

import pytest

from infra.local.cloud import LocalCloud
from tests.uploads.owner import Owner


@pytest.fixture
def owner(cloud: LocalCloud) -> Owner:
    """The owner of the shared cloud's photo bucket."""
    return Owner(cloud)
