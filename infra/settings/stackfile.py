"""A stack's file, `infra/Pulumi.<stack>.yaml`: where it is, what it says, and whether it is filled in.

Whoever needs it before Pulumi runs reads it here, so that what is missing is told in one sentence, and by all alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

INFRA: Final = Path(__file__).parents[1]
BUCKETS: Final = ("photo", "state", "code")
REQUIRED: Final = (
    "tencentcloud:region",
    "facestamp:appId",
    *(f"facestamp:{kind}Bucket" for kind in BUCKETS),
)
"""What nothing can be asked of an account without; all else the program checks."""
_SWITCH: Final = TypeAdapter(bool)


class Unready(Exception):
    """Something is missing on the user's side; the message says what, and how to get it."""


def path(stack: str, folder: Path = INFRA) -> Path:
    """Where the stack's settings are; raises `Unready` if there are none."""
    if not re.fullmatch(r"[\w.-]+", stack):
        raise Unready("Name a stack: STACK=dev is the one that infra/Pulumi.dev.yaml describes.")
    file = folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        there = sorted(one.name.split(".")[1] for one in folder.glob("Pulumi.*.yaml"))
        raise Unready(
            f"There is no infra/{file.name}: copy one of the others ({', '.join(there)}) to that name and edit it, "
            "or name another stack: STACK=dev."
        )
    return file


def told(file: Path) -> dict[str, Any]:
    """All that a file says; raises `Unready` if it is not YAML."""
    try:
        said = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as wrong:
        raise Unready(f"infra/{file.name} is no YAML: {' '.join(str(wrong).split())}") from None
    if not isinstance(said, dict) or not isinstance(said.get("config") or {}, dict):
        raise Unready(f"infra/{file.name} must have settings under config:, each a key and its value.")
    return said


def settings(stack: str, folder: Path = INFRA) -> dict[str, Any]:
    """The configuration in the stack's file, as it stands there."""
    return dict(told(path(stack, folder)).get("config") or {})


def filled_in(stack: str, folder: Path = INFRA) -> dict[str, Any]:
    """The configuration in the stack's file; raises `Unready` for placeholders, and for what must be there."""
    config = settings(stack, folder)
    if left := [key for key, value in config.items() if "<" in _starts(value)]:
        raise Unready(f"infra/Pulumi.{stack}.yaml still has the example's placeholders: fill in {' and '.join(left)}.")
    if missing := [key for key in REQUIRED if not config.get(key)]:
        raise Unready(f"infra/Pulumi.{stack}.yaml does not say {' and '.join(missing)}: the others show how.")
    return config


def is_set(config: Mapping[str, Any], name: str, *, default: bool = False) -> bool:
    """Whether a switch of ours is on, by whatever word the program takes for that; raises `Unready` for others."""
    given = config.get(f"facestamp:{name}")
    if given is None:
        return default
    try:
        return _SWITCH.validate_python(given)
    except ValidationError:
        raise Unready(f"facestamp:{name} must be true or false, and is neither.") from None


def accounts(config: Mapping[str, Any]) -> list[str]:
    """The accounts that the stack may be deployed to, by their UIN."""
    given = config.get("tencentcloud:allowedAccountIds") or []
    return [str(account) for account in (json.loads(given) if isinstance(given, str) else given)]


def bucket(config: Mapping[str, Any], kind: str) -> str:
    """The full name of the bucket for `photo`, `state` or `code`."""
    return f"{config[f'facestamp:{kind}Bucket']}-{config['facestamp:appId']}"


def buckets(config: Mapping[str, Any]) -> dict[str, str]:
    """The full name of each bucket."""
    return {kind: bucket(config, kind) for kind in BUCKETS}


def is_adopted(config: Mapping[str, Any], kind: str) -> bool:
    """Whether that bucket exists already, and is not the stack's own."""
    return is_set(config, f"adopt{kind.title()}Bucket")


def parts(config: Mapping[str, Any]) -> list[str]:
    """What a stack has a function, a role and a policy for each: its routes, and the API."""
    routes = config.get("facestamp:routes")
    routes = json.loads(routes) if isinstance(routes, str) else routes
    named = [str(route["name"]) for route in routes if "name" in route] if isinstance(routes, list) else []
    return [*named, *(["api"] if config.get("facestamp:api") is not None else [])]


def _starts(value: Any) -> str:
    """How each text in it begins."""
    if isinstance(value, dict):
        return "".join(map(_starts, value.values()))
    if isinstance(value, list):
        return "".join(map(_starts, value))
    return str(value)[:1]
