"""Settings of a small deployment, and the program run without a cloud."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import mocks

from infra.local.provision import Monitor, run
from infra.settings import config
from infra.settings.stack import StackSettings

PHOTOS: dict[str, Any] = {
    "name": "photos",
    "prefix": "photos/",
    "operations": {
        "DetectFace": {"MaxFaceNum": 10},
        "AnalyzeFace": {},
        "DetectFaceAttributes": {"MaxFaceNum": 5, "FaceAttributesType": "Smile,Headpose"},
    },
}
MEMBERS: dict[str, Any] = {
    "name": "members",
    "prefix": "members/",
    "person_id": "members/{person_id}/",
    "operations": {"DetectFace": {}, "CreateFace": {"FaceMatchThreshold": 70.5, "QualityControl": 1}},
}
API: dict[str, Any] = {
    "keys": [{"name": "shop", "scopes": ["read", "analyse", "enrol", "admin"], "sha256": "0" * 64}],
    "signingKeys": [{"id": "now", "scopes": ["read"], "secret": "not-a-secret-but-long-enough-for-one"}],
    "photoOrigin": "https://photos.example.com",
}

Build = Callable[..., StackSettings]


def settings(**changed: Any) -> StackSettings:
    """A valid stack with `changed` settings."""
    given = {
        "stack": "test",
        "app_id": "1250000000",
        "photo_bucket": "pictures",
        "state_bucket": "records",
        "code_bucket": "code",
        "accounts": ["100000000001"],
        "routes": [PHOTOS, MEMBERS],
        **changed,
    }
    return StackSettings.model_validate(given)


class Recorded(mocks.Mocks):
    """Answers every registration with an id, a trigger's with what is computed of it, and knows sound buckets."""

    def __init__(self, computed: dict[str, Any] | None = None) -> None:
        self.computed = computed or {}
        self.made: dict[tuple[str, str], dict[str, Any]] = {}
        """(type's last name, resource's name) -> its inputs."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        kind = args.typ.rpartition(":")[2]
        if args.resource_id:
            return args.resource_id, {"bucket": args.resource_id, "acl": "private", "versioningEnable": False}
        self.made[kind, args.name] = args.inputs
        return f"{kind}-{args.name}", self.computed if kind == "ScfTrigger" else {}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], None]:
        raise NotImplementedError(args.token)


class Deployment:
    """What the program registered."""

    def __init__(self, stack: StackSettings, computed: dict[str, Any] | None = None) -> None:
        self.recorded = Recorded(computed)
        self.monitor = Monitor(self.recorded)
        run(self.monitor, config.dump(stack), stack.stack)

    def __getitem__(self, which: tuple[str, str]) -> dict[str, Any]:
        return self.recorded.made[which]

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return self.monitor.outputs

    def request(self, kind: str, name: str) -> Any:
        """A registration as it came, with parents, dependencies and options."""
        return next(r for r in self.monitor.requests if r.type.endswith(f":{kind}") and r.name == name)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A zip to deploy."""
    path = tmp_path / "facestamp.zip"
    path.write_bytes(b"what make package built")
    return path
