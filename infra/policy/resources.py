"""A resource as the program registered it, and how to read what it was given.

Inputs are values, lists, and JSON documents that are written as text: a trigger's description, a role's trust, a
policy. `infra.policy.rules` reads them to find what is not as it has to be. So nothing here raises: what cannot be read
says nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Resource:
    """A resource as it was registered."""

    kind: str
    """The provider's name for it, such as `CosBucket`."""
    name: str
    """What the program calls it."""
    inputs: Inputs
    """In camel case."""


def named(resources: Iterable[Resource], kind: str, by: str = "functionName") -> dict[str, Inputs]:
    """The inputs of all resources of a kind, by one of them that names the resource or what it belongs to."""
    return {str(each.inputs.get(by)): each.inputs for each in resources if each.kind == kind}


def parsed(text: Any) -> dict[str, Any]:
    """What a JSON document says; nothing if it is none."""
    try:
        told = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def statements(text: Any) -> list[dict[str, Any]]:
    """The statements of a document of CAM's (598/10603); one that says nothing if there is none."""
    return [each for each in listed(parsed(text).get("statement")) if isinstance(each, dict)] or [{}]


def listed(value: Any) -> list[Any]:
    """A list of what may be a list, one thing, or missing, as CAM takes it."""
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
