"""The API as an application meets it: through the Function URL of a local cloud, over a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import requests

from infra.local.cloud import LocalCloud


class Api:
    """Calls the API of a cloud with one key."""

    def __init__(self, cloud: LocalCloud, key: str = "") -> None:
        self.cloud, self.key = cloud, key
        self.host = f"api.localhost:{cloud.endpoint.rpartition(':')[2]}"

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        json: object = None,
        data: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request; `path` goes out as it stands."""
        sent = {"Host": self.host, **({"Authorization": f"Bearer {self.key}"} if self.key else {}), **(headers or {})}
        return requests.request(
            method, f"{self.cloud.endpoint}{path}", params=query, json=json, data=data, headers=sent, timeout=60
        )

    def get(self, path: str, **query: Any) -> requests.Response:
        """A GET."""
        return self.call("GET", path, query)

    def post(self, path: str, json: object = None, **query: Any) -> requests.Response:
        """A POST of JSON."""
        return self.call("POST", path, query, json)

    def delete(self, path: str, **query: Any) -> requests.Response:
        """A DELETE."""
        return self.call("DELETE", path, query)


@pytest.fixture
def api(cloud: LocalCloud) -> Api:
    """The shared cloud's API, with a key of every scope."""
    return Api(cloud, cloud.keyring.api["all"])


@pytest.fixture
def group(api: Api, name: str) -> str:
    """A group of the test's own."""
    made = api.post("/v1/groups", {"group_id": f"g-{name}", "group_name": f"g-{name}"})
    assert made.status_code == 200, made.text
    return f"g-{name}"
