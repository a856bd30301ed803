"""Where the stack's settings meet Pulumi's configuration: each setting is a key of its own, in camel case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pulumi
from pydantic.alias_generators import to_camel

from infra.settings.routes import Route
from infra.settings.stack import StackSettings

REGION = "tencentcloud:region"
"""The region is the provider's own key, so that resources and names cannot differ in it."""
ACCOUNTS = "tencentcloud:allowedAccountIds"
"""So are the accounts: the provider asks whose its credentials are, and refuses to work for any other."""
_STRUCTURES = ("routes", "api", "tags", "alarm_groups", "alarm_metrics")
_GIVEN = ("project", "stack", "region", "accounts")


def load() -> StackSettings:
    """The running stack's settings; raises pydantic's `ValidationError`."""
    config = pulumi.Config()
    given: dict[str, Any] = {
        "project": pulumi.get_project(),
        "stack": pulumi.get_stack(),
        "region": pulumi.Config("tencentcloud").require("region"),
        "accounts": json.loads(pulumi.Config("tencentcloud").get("allowedAccountIds") or "[]"),
    }
    for name in StackSettings.model_fields:
        if name not in _GIVEN and (value := config.get(to_camel(name))) is not None:
            given[name] = _structure(name, value) if name in _STRUCTURES else value
    return StackSettings.model_validate(given)


def dump(settings: StackSettings) -> dict[str, str]:
    """The configuration from which `load` reads these settings."""
    told = {
        f"{settings.project}:{to_camel(name)}": value
        for name, value in settings.model_dump(exclude_defaults=True, exclude={*_GIVEN, "routes", "api"}).items()
    }
    if settings.accounts:
        told[ACCOUNTS] = settings.accounts
    routes = [
        {
            **{to_camel(name): value for name, value in route.model_dump(exclude={"operations"}).items()},
            "operations": {
                operation.name: operation.model_dump(by_alias=True, exclude_defaults=True)
                for operation in route.operations
            },
        }
        for route in settings.routes
    ]
    told[f"{settings.project}:routes"] = routes
    if settings.api:
        told[f"{settings.project}:api"] = settings.api.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {REGION: settings.region, **flat(told)}


def flat(values: Mapping[str, Any]) -> dict[str, str]:
    """Configuration as the engine hands it to a program: every value is text, structures are JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def _structure(name: str, text: str) -> Any:
    given = json.loads(text)
    return _routes(given) if name == "routes" else given


def _routes(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {to_camel(name): name for name in Route.model_fields}
    return [{names.get(key, key): value for key, value in route.items()} for route in given]
