"""What a function is told: one route, from the flat FACESTAMP_* variables that the Pulumi program sets.

SCF allows 64 bytes a value (CT 583/14570), so a longer one goes on in NAME_2, NAME_3 and so forth. An operation's
parameters are variables of their own, FACESTAMP_<OPERATION>_<PARAMETER>, in upper snake case of Tencent's names.
Credentials are read for each invocation, never at import: the runtime renews them before every call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_snake

from facestamp.operations import OPERATIONS, Operation

IAI_REGIONS = (
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-guangzhou",
    "ap-nanjing",
    "ap-shanghai",
    "ap-singapore",
)
"""Where the face service's version 2020-03-03 answers (IAI 867/45019)."""


class SettingsError(ValueError):
    """A setting is missing or wrong; the message says which, and what to do."""


@dataclass(frozen=True)
class Credentials:
    """The execution role's temporary key, never shown."""

    secret_id: str = field(repr=False)
    secret_key: str = field(repr=False)
    token: str = field(repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Credentials:
        """Read the three variables that SCF sets before each invocation; raises `SettingsError`."""
        names = ("TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY", "TENCENTCLOUD_SESSIONTOKEN")
        values = [environment.get(name, "") for name in names]
        if not all(values):
            raise SettingsError("SCF gave this function no credentials: give it an execution role.")
        return cls(*values)


class Settings(BaseModel):
    """One route: which objects, which operations, and where answers are kept."""

    model_config = ConfigDict(defer_build=True, frozen=True, arbitrary_types_allowed=True)

    route: str
    bucket: str
    """The photo bucket, with the appid."""
    prefix: str
    suffixes: tuple[str, ...]
    """Endings of the keys that are photos, compared without regard to case."""
    state_bucket: str
    operations: tuple[Operation, ...]
    face_region: str
    """Region of the face service; it need not be the bucket's."""
    person_id: str = ""
    """How a key names a person, such as `members/{person_id}/`; empty without enrolment."""
    endpoint: str = ""
    """A proxy through which Tencent's hosts are reached over plain http: the local cloud. Empty in the cloud."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the route from the function's variables; raises `SettingsError` with one sentence."""
        told = joined(environment)
        try:
            names = [name for name in told.pop("OPERATIONS", "").split(",") if name]
            operations = tuple(_operation(name, told) for name in names)
            suffixes = tuple(told.pop("SUFFIXES", "").lower().split(","))
            plain = {name.lower(): value for name, value in told.items() if name.lower() in cls.model_fields}
            return cls.model_validate({**plain, "suffixes": suffixes, "operations": operations})
        except ValidationError as error:
            first = error.errors()[0]
            where = "_".join(str(part) for part in first["loc"]).upper()
            raise SettingsError(f"Set FACESTAMP_{where} rightly: {first['msg']}.") from None

    def takes(self, key: str) -> bool:
        """Whether the key is one of this route's photos (folder markers and other files are not)."""
        return key.startswith(self.prefix) and not key.endswith("/") and key.lower().endswith(self.suffixes)

    def person(self, key: str) -> str:
        """The PersonId that the key names, as it stands there; empty where the key does not name one."""
        if not self.person_id:
            return ""
        before, _, after = self.person_id.partition("{person_id}")
        match = re.match(f"{re.escape(before)}(?P<person>[^/]*){re.escape(after)}", key)
        return match["person"] if match else ""


def joined(environment: Mapping[str, str]) -> dict[str, str]:
    """The FACESTAMP_ variables without that prefix, values that go on in NAME_2 … put together."""
    mine = {name[len("FACESTAMP_") :]: value for name, value in environment.items() if name.startswith("FACESTAMP_")}
    joined = {}
    for name, value in mine.items():
        stem, _, number = name.rpartition("_")
        if number.isdigit() and stem in mine:
            continue
        more = takewhile(mine.__contains__, (f"{name}_{part}" for part in count(2)))
        joined[name] = value + "".join(mine[part] for part in more)
    return joined


def _operation(name: str, told: Mapping[str, str]) -> Operation:
    if name not in OPERATIONS:
        raise SettingsError(f"FACESTAMP_OPERATIONS names {name}: choose from {', '.join(OPERATIONS)}.")
    kind = OPERATIONS[name]
    prefix = f"{to_snake(name).upper()}_"
    given: dict[str, Any] = {
        variable[len(prefix) :].lower(): value
        for variable, value in told.items()
        if variable.startswith(prefix) and variable[len(prefix) :].lower() in kind.model_fields
    }
    numeric = {field: int(value) for field, value in given.items() if value.isdigit()}
    return kind.model_validate({**given, **numeric})
