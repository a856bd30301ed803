"""The HTTP API of one deployment: who may call it, from where, and what its function is told.

Keys are made by whoever deploys: of a bearer key only the hash is told (`printf %s "$key" | sha256sum`), a signing key
is a secret of the stack. Each has a name, which stands in the log, and scopes. Without keys the API is there, and
refuses everybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel
from typing_extensions import Self

from facestamp.http.keys import SCOPES, Scope
from facestamp.http.settings import own

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]
Scopes = Annotated[tuple[Scope, ...], Field(min_length=1)]

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_ORIGIN = re.compile(rf"https?://{_LABEL}(\.{_LABEL})*(:[1-9][0-9]{{0,4}})?")


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )


class BearerKey(_Part):
    """A key that is sent with each request."""

    name: Name
    scopes: Scopes
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]
    """Of the key, in small hex digits."""


class SigningKey(_Part):
    """A key that signs requests and is never sent."""

    id: Name
    scopes: Scopes
    secret: Annotated[str, Field(pattern=r"^[!-+\--~]+$", min_length=32, max_length=256, repr=False)]
    """Printable ASCII without spaces and commas."""


class ApiSettings(_Part):
    """One deployment's API."""

    keys: tuple[BearerKey, ...] = ()
    signing_keys: Annotated[tuple[SigningKey, ...], Field(max_length=2)] = ()
    """Two, so that one can be exchanged for another while both hold."""
    auth: Literal["NONE", "CAM"] = "NONE"
    """Whether the Function URL itself checks callers: with CAM, signatures of the account's own users (583/96100)."""
    cam_scopes: tuple[Scope, ...] = ()
    """What those may do."""
    url_hosts: tuple[str, ...] = ()
    """Hosts whose pictures may be named by `url`; none without. `http://` before one allows it over plain http too."""
    origins: tuple[str, ...] = ()
    """Whose pages may call from a browser, beside the API's own."""
    photo_origin: str = ""
    """The photo bucket's own domain, which signed uploads and pictures then name: `https://photos.example.com`."""
    memory: int = 512
    """MB: 64, or 128 to 3072 in steps of 128. A body of 6 MB is in it more than once."""
    timeout: Annotated[int, Field(ge=15, le=30)] = 30
    """Seconds; why not more or less is told at `infra.settings.stack.StackSettings.timeout`."""
    concurrency: Annotated[int, Field(ge=0, le=500)] = 0
    """Instances at the same time; 0 has it derived: `infra.settings.concurrency`."""

    @field_validator("url_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [host for host in hosts if not _HOST.fullmatch(host.removeprefix("http://"))]:
            raise ValueError(f"{wrong[0]!r} is not a host such as pictures.example.com, in small letters.")
        return hosts

    @field_validator("origins", "photo_origin")
    @classmethod
    def _origins(cls, given: tuple[str, ...] | str) -> tuple[str, ...] | str:
        origins = (given,) if isinstance(given, str) else given
        if wrong := [origin for origin in origins if origin and not _ORIGIN.fullmatch(origin)]:
            raise ValueError(
                f"{wrong[0]!r} is not an origin such as https://www.example.com, without a slash at the end."
            )
        return given

    @model_validator(mode="after")
    def _sound(self) -> Self:
        names = [*(key.name for key in self.keys), *(key.id for key in self.signing_keys)]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"Two keys are called {', '.join(sorted(twice))}.")
        if (self.auth == "CAM") != bool(self.cam_scopes):
            raise ValueError("auth CAM and camScopes go together: give both or neither.")
        return self

    @property
    def holders(self) -> tuple[frozenset[Scope], ...]:
        """What each of those who may call may do."""
        held = [*(key.scopes for key in self.keys), *(key.scopes for key in self.signing_keys), self.cam_scopes]
        return tuple(frozenset(scopes) for scopes in held if scopes)

    def opens(self, *scopes: Scope) -> bool:
        """Whether somebody holds all of these."""
        return any(held.issuperset(scopes) for held in self.holders)

    def variables(self, routes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """The function's variables, which `facestamp.http.settings` reads; values may be longer than SCF takes.

        `routes` are each route's own, as its function has them. What they all agree in is told once.
        """
        routed = {("FACESTAMP_ROUTE", name) for name in routes}
        shared = set.intersection(*(set(variables.items()) for variables in routes.values()))
        told = {"FACESTAMP_ROUTES": ",".join(routes), **dict(sorted(shared - routed)), **self._own()}
        for place, variables in enumerate(routes.values(), start=1):
            for name, value in variables.items():
                if (name, value) not in shared and name != "FACESTAMP_ROUTE":
                    told[own(place) + name.removeprefix("FACESTAMP_")] = value
        return told

    def _own(self) -> dict[str, str]:
        told = {
            "API_KEYS": ",".join(_key(key.name, key.scopes, key.sha256) for key in self.keys),
            "SIGNING_KEYS": ",".join(_key(key.id, key.scopes, key.secret) for key in self.signing_keys),
            "CAM_SCOPES": _listed(self.cam_scopes),
            "URL_HOSTS": ",".join(self.url_hosts),
            "ORIGINS": ",".join(self.origins),
            "PHOTO_ORIGIN": self.photo_origin,
        }
        return {f"FACESTAMP_{name}": value for name, value in told.items() if value}


def _key(name: str, scopes: Iterable[Scope], secret: str) -> str:
    return f"{name}:{_listed(scopes)}:{secret}"


def _listed(scopes: Iterable[Scope]) -> str:
    given = set(scopes)
    return "+".join(scope for scope in SCOPES if scope in given)
