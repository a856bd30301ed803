"""A function as it was asked for, checked as CreateFunction and UpdateFunctionConfiguration document it.

Every limit is the strict reading of SCF 583/18586 (CreateFunction), 583/11637 (limits) and 583/14570 (environment
variables): what passes here would pass there. A refusal has Tencent's code for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from infra.local.gateway import Refused

RUNTIMES: Final = ("Python2.7", "Python3.6", "Python3.7", "Python3.9", "Python3.10")
"""The Python runtimes; which one was asked for is recorded, and the local interpreter runs it."""
RESERVED: Final = ("SCF_", "QCLOUD_", "TENCENTCLOUD_", "TECENTCLOUD_")
"""What a variable's name must not begin with; the documents spell the last one."""
ENVIRONMENT_LIMIT: Final = 4096
"""Bytes of all names and values of one function."""
RETRIES: Final = 2
"""How often a failed event is tried again, by default and at most (SCF 583/41138, dead letter queue page)."""
MESSAGE_SECONDS: Final = 6 * 3600
"""How long an event is kept, by default and at most."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z0-9]")
_HANDLER_PART = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,58}[A-Za-z]")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Function:
    """One function in the namespace `default`; its only version is $LATEST."""

    name: str
    id: str = ""
    """Another for each that is made, also under the same name."""
    handler: str = "index.main_handler"
    runtime: str = "Python2.7"
    timeout: int = 3
    """Seconds that an event may take, 1 to 900."""
    memory: int = 128
    """MB: 64, or 128 to 3072 in steps of 128."""
    init_timeout: int = 65
    """Seconds that loading may take."""
    role: str = ""
    """The execution role; without one there are no credentials."""
    description: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    package: Path = Path()
    """The unpacked code."""
    code_sha256: str = ""
    code_size: int = 0
    """Bytes of the zip."""
    revision: int = 0
    """Another with each change, of whichever function: instances of an older one are not used again."""
    created: float = 0.0
    modified: float = 0.0
    settled: float = 0.0
    """From when it is active, in the cloud clock's seconds; until then it is being created or updated."""
    before: Function | None = None
    """What runs while it is being updated; None for what is being created."""
    retries: int = RETRIES
    message_seconds: float = MESSAGE_SECONDS
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What else was asked for (log topic, network …): told again by GetFunction, and without effect here."""

    def status(self, now: float) -> Literal["Creating", "Updating", "Active"]:
        """What GetFunction says of it (583/37883)."""
        if now >= self.settled:
            return "Active"
        return "Updating" if self.before else "Creating"


CONFIGURATION: Final = frozenset(
    {"Handler", "Runtime", "Timeout", "MemorySize", "InitTimeout", "Role", "Description", "Environment"}
)
"""The parameters that have an effect here."""
_NOT_SETTINGS: Final = CONFIGURATION | {
    *("FunctionName", "Namespace", "Code", "ZipFile", "CosBucketName", "CosObjectName", "CosBucketRegion"),
    *("CodeSource", "Publish", "Tags", "Type"),
}


def name_of(asked: Mapping[str, Any]) -> str:
    """FunctionName: 2 to 60 characters, a letter first, neither `-` nor `_` last."""
    name = asked.get("FunctionName")
    if name is None:
        raise Refused("MissingParameter", "The request is missing a required parameter `FunctionName`.")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Refused("InvalidParameter.FunctionName", f"FunctionName {name!r} does not meet the specification.")
    if asked.get("Namespace", "default") != "default":
        raise Refused("ResourceNotFound.Namespace", "The local cloud has the namespace `default` only.")
    return name


def configured(function: Function, asked: Mapping[str, Any], *, created: bool = False) -> Function:
    """`function` with the configuration that a request asks for; raises `Refused`."""
    changes: dict[str, Any] = {}
    if "Handler" in asked:
        changes["handler"] = _handler(asked["Handler"])
    if "Runtime" in asked:
        changes["runtime"] = _runtime(asked["Runtime"], None if created else function.runtime)
    if "Timeout" in asked:
        changes["timeout"] = _number(asked["Timeout"], 1, 900, "LimitExceeded.Timeout")
    if "MemorySize" in asked:
        changes["memory"] = _memory(asked["MemorySize"])
    if "InitTimeout" in asked:
        changes["init_timeout"] = _number(asked["InitTimeout"], 3, 300, "LimitExceeded.InitTimeout")
    if "Role" in asked:
        changes["role"] = str(asked["Role"] or "")
    if "Description" in asked:
        changes["description"] = _description(asked["Description"])
    if asked.get("Environment") is not None:
        changes["variables"] = _variables(asked["Environment"])
    settings = {name: value for name, value in asked.items() if name not in _NOT_SETTINGS and value is not None}
    return replace(function, settings={**function.settings, **settings}, **changes)


def retrying(function: Function, asked: Mapping[str, Any]) -> Function:
    """`function` with another AsyncTriggerConfig: RetryNum 0 to 2, MsgTTL in seconds up to six hours (583/53639)."""
    config = asked.get("AsyncTriggerConfig")
    if not isinstance(config, dict):
        raise Refused("InvalidParameterValue.AsyncTriggerConfig", "AsyncTriggerConfig is not an object.")
    changes: dict[str, Any] = {}
    if config.get("RetryConfig"):
        first = config["RetryConfig"][0].get("RetryNum")
        changes["retries"] = _number(first, 0, RETRIES, "LimitExceeded.RetryNum")
    if config.get("MsgTTL") is not None:
        changes["message_seconds"] = _number(config["MsgTTL"], 1, MESSAGE_SECONDS, "LimitExceeded.MsgTTL")
    return replace(function, **changes)


def _handler(value: object) -> str:
    parts = value.split(".") if isinstance(value, str) else []
    if len(parts) != 2 or not all(_HANDLER_PART.fullmatch(part) for part in parts):
        raise Refused(
            "InvalidParameterValue.Handler",
            f"Handler {value!r} is not <file>.<function>, each of 2 to 60 characters with a letter first and last.",
        )
    return str(value)


def _runtime(value: object, fixed: str | None) -> str:
    if value not in RUNTIMES or fixed not in (None, value):
        raise Refused(
            "InvalidParameterValue.Runtime",
            f"Runtime {value!r} is not one of {', '.join(RUNTIMES)}, or differs from what the function was made with.",
        )
    return str(value)


def _number(value: object, low: int, high: int, code: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(code, f"{value!r} is not a number from {low} to {high}.")
    return value


def _memory(value: object) -> int:
    size = _number(value, 64, 3072, "LimitExceeded.Memory")
    if size != 64 and size % 128:
        raise Refused("InvalidParameterValue.MemorySize", f"MemorySize {size} is not 64 or a multiple of 128.")
    return size


def _description(value: object) -> str:
    text = str(value or "")
    if len(text) > 1000:
        raise Refused("InvalidParameterValue.Description", "Description is longer than 1000 characters.")
    return text


def _variables(environment: object) -> dict[str, str]:
    listed = environment.get("Variables") if isinstance(environment, dict) else None
    variables: dict[str, str] = {}
    for variable in listed or ():
        key, value = variable.get("Key"), variable.get("Value")
        if (key, value) == ("", ""):
            continue  # The provider's way to ask for none at all.
        if not isinstance(key, str) or not isinstance(value, str) or not _VARIABLE.fullmatch(key):
            raise Refused("InvalidParameterValue.Environment", f"{key!r} is not a name with a letter first.")
        if key.startswith(RESERVED):
            raise Refused("InvalidParameterValue.EnvironmentSystemProtect", f"{key} begins with a reserved prefix.")
        if not all(2 <= len(text.encode()) <= 64 for text in (key, value)):
            raise Refused("InvalidParameterValue.Environment", f"{key} and its value must have 2 to 64 bytes each.")
        variables[key] = value
    if sum(len(k.encode()) + len(v.encode()) for k, v in variables.items()) > ENVIRONMENT_LIMIT:
        raise Refused("InvalidParameterValue.EnvironmentExceededLimit", "The variables exceed 4 KB.")
    return variables
