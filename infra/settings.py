"""What is deployed: one stack's settings, checked before anything is made.

They are plain data and know nothing of Pulumi; `infra.stack` builds from them, and `infra.permissions` derives the
policies. Every rule that Tencent would enforce halfway through a deployment is enforced here, in one sentence.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_snake
from typing_extensions import Self

from facestamp.operations import OPERATIONS, Operation
from facestamp.settings import IAI_REGIONS
from infra.api import ApiSettings
from infra.variables import environment, number

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
"""The formats that the face services read."""
EVENTS = ("Put", "Post", "CompleteMultipartUpload")
"""How a photo arrives. Never Copy: the stamp itself is written by one."""
TRIGGERS_A_BUCKET = 10
PERSON = "{person_id}"
API = "api"
"""What the API's function is called among those of the routes."""


def _operations(given: Any) -> Any:
    """`{"DetectFace": {"MaxFaceNum": 10}}`, in Tencent's names, as operations."""
    if not isinstance(given, dict):
        return given
    operations = []
    for name, parameters in given.items():
        if name not in OPERATIONS:
            raise ValueError(f"There is no operation {name}; choose from {', '.join(OPERATIONS)}.")
        try:
            operations.append(OPERATIONS[name].model_validate(parameters or {}))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ValueError(f"{name} does not take {first['loc'][0]} so: {first['msg']}.") from None
    return tuple(operations)


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


class Route(_Settings):
    """One function: the keys that it serves, and what it asks about each photo."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,18}[a-z0-9]$")]
    """2 to 20 small letters, digits and -; part of the function's and the role's name."""
    prefix: Annotated[str, Field(min_length=2)]
    """How its keys begin. Never empty: the function's permissions end where its prefix ends."""
    operations: Annotated[tuple[Operation, ...], Field(min_length=1), BeforeValidator(_operations)]
    suffixes: Annotated[tuple[str, ...], Field(min_length=1)] = SUFFIXES
    """How its keys end; compared without regard to case."""
    person_id: str = ""
    """For enrolment: how a key names the person, such as `members/{person_id}/`."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.prefix.startswith(("/", "\\")) or "*" in self.prefix:
            raise ValueError(f"The prefix {self.prefix!r} must not begin with a slash or hold a *.")
        if unknown := [s for s in self.suffixes if s not in SUFFIXES]:
            raise ValueError(f"The face services do not read {', '.join(unknown)}; choose from {', '.join(SUFFIXES)}.")
        enrols = any(operation.keyed_by_person for operation in self.operations)
        if enrols != bool(self.person_id):
            raise ValueError("person_id and an operation that enrols go together: give both or neither.")
        if enrols and not _names_a_person(self.person_id, self.prefix):
            raise ValueError(
                f"person_id must be the prefix and then whole folders, one of them {PERSON}: {self.prefix}{PERSON}/."
            )
        return self


class StackSettings(_Settings):
    """One deployment. Names of buckets are given without the appid."""

    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = "facestamp"
    stack: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$")] = "ap-guangzhou"
    face_region: str = ""
    """Where the face service is asked; the stack's region if that has one."""
    app_id: Annotated[str, Field(pattern=r"^\d{8,12}$")]
    photo_bucket: str
    state_bucket: str
    adopt_photo_bucket: bool = False
    """The photo bucket exists already, and only functions and triggers are added."""
    versioning: bool = False
    """Keep the photo bucket's old versions. The state bucket never does: create-if-absent ends where versions begin."""
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    api: ApiSettings | None = None
    """The HTTP API; none without."""
    memory: int = 256
    """MB: 64, or 128 to 3072 in steps of 128."""
    timeout: Annotated[int, Field(ge=15, le=30)] = 30
    """Seconds. A face call may take 8 and is begun only if 3 more are left, so a function with less would do nothing.

    A lease lasts as long and ten seconds more, and must be over when the platform retries, a minute on.
    """
    runtime: Annotated[str, Field(pattern=r"^Python3\.\d+$")] = "Python3.10"
    package: str = "build/facestamp.zip"
    """Path of the zip that `make package` builds."""
    endpoint: str = ""
    """On a laptop: the proxy through which functions reach the local cloud."""

    @model_validator(mode="before")
    @classmethod
    def _face_region_follows_region(cls, given: Any) -> Any:
        if isinstance(given, dict) and not given.get("face_region"):
            return {**given, "face_region": given.get("region", cls.model_fields["region"].default)}
        return given

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.face_region not in IAI_REGIONS:
            raise ValueError(f"{self.face_region} has no face service; set face_region to one of {_or(IAI_REGIONS)}.")
        for name, memory in (("memory", self.memory), *((("api.memory", self.api.memory),) if self.api else ())):
            if memory != 64 and memory not in range(128, 3073, 128):
                raise ValueError(f"{name} must be 64, or 128 to 3072 in steps of 128.")
        self._buckets()
        self._routes_together()
        for route in self.routes:
            self.function_name(route.name)
            self.environment(route)
        if self.api:
            self.function_name(API)
            self.api_environment(self.api)
        return self

    def _buckets(self) -> None:
        if self.photo_bucket == self.state_bucket:
            raise ValueError("Photos and state need a bucket each: what is written to the state bucket wakes nobody.")
        for name in (self.photo_bucket, self.state_bucket):
            if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) or name.endswith(f"-{self.app_id}"):
                raise ValueError(f"{name!r} must be small letters, digits and -, without the appid.")
        for name in (self.state_bucket,) if self.adopt_photo_bucket else (self.photo_bucket, self.state_bucket):
            # COS 436/13312. Buckets that are older than this rule may have longer names.
            host = f"{name}-{self.app_id}.cos.{self.region}.myqcloud.com"
            if len(host) > 60:
                raise ValueError(f"The bucket's address {host} has {len(host)} characters; COS takes 60.")

    def _routes_together(self) -> None:
        names = [route.name for route in self.routes]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"Two routes are called {', '.join(sorted(twice))}.")
        if self.api and API in names:
            raise ValueError(f"The function of a route called {API} would be the API's: call the route something else.")
        if len(self.routes) * len(EVENTS) > TRIGGERS_A_BUCKET:
            raise ValueError(
                f"A bucket has {TRIGGERS_A_BUCKET} triggers and a route takes {len(EVENTS)}: three routes at most."
            )
        ordered = sorted(self.routes, key=lambda route: route.prefix)
        for one, next_one in pairwise(ordered):
            if next_one.prefix.startswith(one.prefix):
                raise ValueError(
                    f"The routes {one.name} and {next_one.name} overlap: COS gives {next_one.prefix} to one function."
                )

    @property
    def photo_bucket_name(self) -> str:
        """The photo bucket's full name."""
        return f"{self.photo_bucket}-{self.app_id}"

    @property
    def state_bucket_name(self) -> str:
        """The state bucket's full name."""
        return f"{self.state_bucket}-{self.app_id}"

    def function_name(self, part: str) -> str:
        """The name of a route's function or of the API's, and of its role: 2 to 60 characters (SCF 583/18586)."""
        name = f"{self.project}-{self.stack}-{part}"
        if len(name) > 60:
            raise ValueError(f"The function's name {name} has {len(name)} characters; SCF takes 60.")
        return name

    def environment(self, route: Route) -> dict[str, str]:
        """The variables of a route's function, which `facestamp.settings` reads."""
        return environment(self._told(route))

    def api_environment(self, api: ApiSettings) -> dict[str, str]:
        """The variables of the API's function, which `facestamp.http.settings` reads."""
        return environment(api.variables({route.name: self._told(route) for route in self.routes}))

    def _told(self, route: Route) -> dict[str, str]:
        told = {
            "ROUTE": route.name,
            "BUCKET": self.photo_bucket_name,
            "PREFIX": route.prefix,
            "SUFFIXES": ",".join(route.suffixes),
            "STATE_BUCKET": self.state_bucket_name,
            "OPERATIONS": ",".join(operation.name for operation in route.operations),
            "FACE_REGION": self.face_region,
            "PERSON_ID": route.person_id,
            "ENDPOINT": self.endpoint,
        }
        for operation in route.operations:
            for parameter, value in operation.model_dump(exclude_defaults=True).items():
                told[f"{to_snake(operation.name)}_{parameter}".upper()] = (
                    number(value) if isinstance(value, int) else str(value)
                )
        return {f"FACESTAMP_{name}": value for name, value in told.items() if value}


def sentences(error: ValidationError) -> str:
    """What is wrong with the settings, a line each, to show to whoever wrote them."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"])
        what = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{where}: {what}" if where else what)
    return "\n".join(lines)


def _names_a_person(pattern: str, prefix: str) -> bool:
    folders = pattern.removeprefix(prefix).split("/")
    return (
        pattern.startswith(prefix)
        and prefix.endswith("/")
        and folders[-1] == ""
        and folders[:-1].count(PERSON) == 1
        and pattern.count("{") == 1
    )


def _or(names: tuple[str, ...]) -> str:
    return ", ".join(names)
