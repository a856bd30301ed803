"""What an endpoint is: one frozen description, from which come its routing, its checks, its documents and its rights.

    READ = Endpoint(
        method="GET", path="/v1/photo", name="readPhoto", summary="What is known of a photo",
        heading=PHOTOS, scope="read", query=PhotoQuery, gives=PhotoAnswer, answer=_read,
    )

The function behind it takes a `Call`, whose query and body have been checked, and returns what `gives` names; or it
raises `Problem`, or what the library raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from facestamp.http.keys import Caller, Scope
from facestamp.http.models import Nothing
from facestamp.http.replies.reply import Text
from facestamp.http.services import Services

Reach = Literal["photo", "route", "upload", "people"]
"""`photo`: reads photos and their records; `route`: does all that a route's own function does; `upload`: signs uploads;
`people`: keeps the persons' chains.
"""


@dataclass(frozen=True)
class Call:
    """One request that has passed every check."""

    path: Mapping[str, str]
    """The parameters in the path."""
    query: Any
    """An instance of the endpoint's `query`."""
    body: Any
    """An instance of the endpoint's `body`; None where it takes none."""
    caller: Caller
    services: Services


class Heading(NamedTuple):
    """Under which the documents have an endpoint: OpenAPI's tag."""

    name: str
    about: str
    """Of which the documents have the first paragraph."""


class PathParameter(NamedTuple):
    """A parameter in an address."""

    pattern: str
    refusal: Callable[[str], str] = lambda value: "InvalidParameterValue"
    """Tencent's code for a value that does not match."""


@dataclass(frozen=True)
class Endpoint:
    """One method of one address."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    """Starlette's template, such as `/v1/persons/{person_id}`."""
    name: str
    """Its operationId in the documents."""
    summary: str
    heading: Heading
    answer: Callable[[Call], BaseModel | Text]
    gives: type[BaseModel] | str
    """The model of the answer, or its media type where it is not JSON."""
    scope: Scope | None
    """What a key needs; None: open to everybody."""
    parameters: Mapping[str, PathParameter] = field(default_factory=dict)
    """The path's."""
    query: type[BaseModel] = Nothing
    body: type[BaseModel] | None = None
    status: int = 200
    """Of the answer, where all goes well."""
    changing: bool = False
    """Whether it changes what is kept: then it takes an Idempotency-Key."""
    permissions: tuple[str, ...] = ()
    """The face service's and Cloud Infinite's CAM actions that it needs."""
    reach: frozenset[Reach] = frozenset()
    """What of the buckets it works on."""
    problems: tuple[int, ...] = ()
    """The statuses, beside those that any request can have, with which it may refuse."""
