"""What is deployed: one stack's settings, checked before anything is made.

They are plain data and know nothing of Pulumi; `infra.stack` builds from them, and `infra.settings.permissions` derives
the policies. Every rule that Tencent would enforce halfway through a deployment is enforced here, in one sentence.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_snake
from typing_extensions import Self

from facestamp.settings import IAI_REGIONS
from infra.settings import concurrency
from infra.settings.api import ApiSettings
from infra.settings.keeping import TAGS, Keeping, refuse_placeholder
from infra.settings.routes import EVENTS, Route
from infra.settings.variables import environment, number

TRIGGERS_A_BUCKET = 10
LARGE = ("ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu", "ap-hongkong")
"""The regions where an account's functions have 128,000 MB; in others, 64,000. 12,800 stay free (SCF 583/11637)."""
API = "api"
"""What the API's function is called among those of the routes."""


class StackSettings(Keeping):
    """One deployment. Names of buckets are given without the appid."""

    project: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")] = "facestamp"
    stack: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z]+(-[a-z0-9]+)*$")] = "ap-guangzhou"
    face_region: str = ""
    """Where the face service is asked; the stack's region if that has one."""
    app_id: Annotated[str, Field(pattern=r"^\d{8,12}$")]
    photo_bucket: str
    state_bucket: str
    code_bucket: str
    """Holds the packages."""
    adopt_photo_bucket: bool = False
    """The photo bucket exists already, and only functions and triggers are added."""
    adopt_state_bucket: bool = False
    """The state bucket exists already, and has never had versions."""
    versioning: bool = False
    """Keep the photo bucket's old versions, for `old_version_days`. The state bucket never does: create-if-absent ends
    where versions begin."""
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

    @field_validator("app_id", mode="before")
    @classmethod
    def _filled_in(cls, app_id: Any) -> Any:
        refuse_placeholder("facestamp:appId", app_id, "the account's APPID")
        return app_id

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.face_region not in IAI_REGIONS:
            raise ValueError(f"{self.face_region} has no face service; set face_region to one of {_or(IAI_REGIONS)}.")
        for name, memory in (("memory", self.memory), *((("api.memory", self.api.memory),) if self.api else ())):
            if memory != 64 and memory not in range(128, 3073, 128):
                raise ValueError(f"{name} must be 64, or 128 to 3072 in steps of 128.")
        if not self.accounts and not self.endpoint:
            raise ValueError("Say whose account this is for: set tencentcloud:allowedAccountIds to its UIN.")
        if len(self.all_tags) > TAGS:
            raise ValueError(f"A resource carries {TAGS} tags at most.")
        self._buckets()
        self._old_versions()
        self._routes_together()
        self._memory_together()
        for route in self.routes:
            self.function_name(route.name)
            self.environment(route)
        if self.api:
            self.function_name(API)
            self.api_environment(self.api)
        return self

    def _buckets(self) -> None:
        names = (self.photo_bucket, self.state_bucket, self.code_bucket)
        if len(set(names)) < len(names):
            raise ValueError("Photos, state and code need a bucket each: what is kept beside the photos wakes nobody.")
        for name in names:
            if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name) or name.endswith(f"-{self.app_id}"):
                raise ValueError(f"{name!r} must be small letters, digits and -, without the appid.")
        adopted = {self.photo_bucket: self.adopt_photo_bucket, self.state_bucket: self.adopt_state_bucket}
        for name in (name for name in names if not adopted.get(name)):
            # COS 436/13312. Buckets that are older than this rule may have longer names.
            host = f"{name}-{self.app_id}.cos.{self.region}.myqcloud.com"
            if len(host) > 60:
                raise ValueError(f"The bucket's address {host} has {len(host)} characters; COS takes 60.")

    def _old_versions(self) -> None:
        if not self.old_version_days or "old_version_days" not in self.model_fields_set:
            return
        if self.adopt_photo_bucket:
            raise ValueError(
                "An adopted bucket is left as it is: leave oldVersionDays out, and bring such a rule yourself."
            )
        if not self.versioning:
            raise ValueError("No old versions are kept for oldVersionDays: set versioning too, or leave it out.")

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

    def _memory_together(self) -> None:
        memory = sum(self.reserved(route) for route in self.routes) + (self.reserved(self.api) if self.api else 0)
        left = (128_000 if self.region in LARGE else 64_000) - 12_800
        if memory > left:
            raise ValueError(f"The functions reserve {memory} MB together; {self.region} lets an account have {left}.")

    def reserved(self, of: Route | ApiSettings) -> int:
        """MB that a function may use at once, which is as many instances as may run (SCF 583/49313)."""
        functions = len(self.routes) + (1 if self.api else 0)
        if isinstance(of, ApiSettings):
            derived = concurrency.instances((), functions, concurrency.REQUEST)
            return (of.concurrency or derived) * of.memory
        asked = (action for operation in of.operations for action in operation.permissions)
        return (of.concurrency or concurrency.instances(asked, functions, concurrency.UPLOAD)) * self.memory

    @property
    def all_tags(self) -> dict[str, str]:
        """What every resource carries."""
        return {"app": self.project, "stack": self.stack, **self.tags}

    @property
    def photo_bucket_name(self) -> str:
        """The photo bucket's full name."""
        return f"{self.photo_bucket}-{self.app_id}"

    @property
    def state_bucket_name(self) -> str:
        """The state bucket's full name."""
        return f"{self.state_bucket}-{self.app_id}"

    @property
    def code_bucket_name(self) -> str:
        """The code bucket's full name."""
        return f"{self.code_bucket}-{self.app_id}"

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


def _or(names: tuple[str, ...]) -> str:
    return ", ".join(names)
