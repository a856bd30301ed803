"""What an endpoint works with: one invocation's settings and seams, made when they are first used."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from typing import Any

from facestamp.cos import Cos
from facestamp.deadline import Deadline
from facestamp.desk import WorkDesk
from facestamp.http.replies.problems import PARAMETER, UNKNOWN, Problem
from facestamp.http.settings import ApiSettings
from facestamp.iai import FaceService
from facestamp.log import Log
from facestamp.pipeline import Pipeline
from facestamp.settings import Credentials, Settings
from facestamp.state import State

_KEY_BYTES = 850
"""The longest key that COS takes (436/13324)."""


class Services:
    """One invocation's way to COS, Cloud Infinite and the face service."""

    def __init__(
        self, context: Mapping[str, Any], environment: Mapping[str, str], pool: ThreadPoolExecutor, log: Log
    ) -> None:
        self._environment, self.pool, self.log = environment, pool, log
        self.token = str(context.get("request_id", ""))
        """Unique to this invocation: what its leases are known by."""
        self.region = str(context.get("tencentcloud_region") or environment.get("TENCENTCLOUD_REGION", ""))
        self.deadline = Deadline(int(context.get("time_limit_in_ms", 30_000)) / 1000)

    @cached_property
    def settings(self) -> ApiSettings:
        """The deployment; raises `SettingsError`."""
        mine = {name: value for name, value in self._environment.items() if name.startswith("FACESTAMP_")}
        return _deployment(frozenset(mine.items()))

    @cached_property
    def credentials(self) -> Credentials:
        """The execution role's, for this invocation; raises `SettingsError`."""
        return Credentials.from_environment(self._environment)

    @cached_property
    def cos(self) -> Cos:
        """Object storage, in the region that everything is in."""
        return Cos(self.credentials, self.region, self.settings.endpoint, self.deadline)

    @cached_property
    def state(self) -> State:
        """The state bucket."""
        return State(self.cos, self.settings.state_bucket)

    @cached_property
    def faces(self) -> FaceService:
        """The face service."""
        return FaceService(self.credentials, self.settings.face_region, self.settings.endpoint, self.deadline)

    @cached_property
    def desk(self) -> WorkDesk:
        """The desk that the operations work at."""
        return WorkDesk(self.cos, self.faces, self.state, self.token, self.deadline.left)

    def pipeline(self, route: Settings) -> Pipeline:
        """The story of one upload, for a photo of this route."""
        return Pipeline(route, self.cos, self.state, self.desk, self.pool)

    def route(self, key: str) -> Settings:
        """The route that a photo's key belongs to; raises `Problem` for a key that no photo here can have."""
        if (
            not key
            or key[0] == "/"
            or "\0" in key
            or {".", ".."} & set(key.split("/"))
            or len(key.encode()) > _KEY_BYTES
        ):
            raise Problem(PARAMETER, "A key has 1 to 850 bytes, no leading slash, and no folder called . or .. in it.")
        for route in self.settings.routes.values():
            if route.takes(key):
                return route
        raise Problem(UNKNOWN, "No route has such photos: look at the key's prefix and ending.", "NoSuchKey")


@lru_cache(maxsize=1)
def _deployment(variables: frozenset[tuple[str, str]]) -> ApiSettings:
    # Half of the time that a refusal takes, and the same for every request to an instance.
    return ApiSettings.from_environment(dict(variables))
