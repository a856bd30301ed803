"""What a function may do, and nothing else: derived from what it asks and the places that it writes to.

A route's function does what its operations need; the API's, what the endpoints need that a configured key opens.

Where Tencent's documents name a permission differently, both names are granted: a copy's destination is PutObjectCopy
on COS's API page (436/10881) and PutObject in its policy guide (436/31923). The operations bring their own names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from facestamp.http.application import ENDPOINTS
from facestamp.http.endpoint import Endpoint
from facestamp.http.gate.idempotency import ROOM
from facestamp.operations import Operation
from infra.settings.api import ApiSettings
from infra.settings.routes import Route
from infra.settings.stack import StackSettings

Statement = dict[str, Any]

PHOTO = (
    "cos:GetObject",  # the first bytes, a thumbnail, and what a copy reads
    "cos:HeadObject",
    "cos:GetObjectACL",  # a copy would reset the ACL, so it is read and stated anew
    "cos:PutObjectACL",
    "cos:GetObjectTagging",
    "cos:PutObjectTagging",
    "cos:PutObject",
    "cos:PutObjectCopy",
)
"""On the route's photos."""

STATE: Mapping[tuple[str, ...], tuple[str, ...]] = {
    # Leases are never deleted: they are what makes an answer be paid once.
    ("cos:GetObject", "cos:PutObject"): ("leases/{route}/*",),
    ("cos:GetObject", "cos:PutObject", "cos:DeleteObject"): ("records/{route}/*", "answers/{route}/*"),
    ("cos:PutObject", "cos:DeleteObject"): ("dead/{route}/*",),
}
"""On the state bucket's keys, where no route may see what another knows."""

ENROLS: Mapping[tuple[str, ...], tuple[str, ...]] = {("cos:GetObject", "cos:PutObject"): ("enrolments/*",)}
"""On them too, for a route that enrols."""

READ = ("cos:GetObject", "cos:HeadObject")
"""What of a photo is enough to look at it."""

UPLOADED = ("cos:PutObject", "cos:PostObject")
"""What whoever signs an upload must be allowed himself."""

REMEMBERED: Mapping[tuple[str, ...], tuple[str, ...]] = {("cos:GetObject", "cos:PutObject"): (f"{ROOM}/*",)}
"""On the state bucket's keys, for an API that changes something: what was answered to which request."""

LISTED = ("cos:GetBucket",)
"""On the state bucket as a whole: the newest generation of a lease is found by listing."""

TRUST = {
    "version": "2.0",
    "statement": [{"effect": "allow", "action": ["name/sts:AssumeRole"], "principal": {"service": ["scf.qcloud.com"]}}],
}
"""The function platform, and nobody else, takes an execution role on (SCF 583/32389)."""


def statements(settings: StackSettings, route: Route, actions: Mapping[str, tuple[str, ...]]) -> list[Statement]:
    """The policy of one route. `actions` are each operation's permissions, by its name."""
    place = f"{settings.region}:uid/{settings.app_id}"
    photos, state = f"{settings.photo_bucket_name}/{route.prefix}*", f"qcs::cos:{place}:{settings.state_bucket_name}"
    asked = [action for operation in route.operations for action in actions[operation.name]]
    kept = [*STATE.items(), *(ENROLS.items() if route.person_id else ())]
    return [
        allow(PHOTO, [f"qcs::cos:{place}:{photos}"]),
        *(allow(allowed, [f"{state}/{key.format(route=route.name)}" for key in keys]) for allowed, keys in kept),
        allow(LISTED, [f"{state}/*"]),
        *_if_any([a for a in asked if a.startswith("ci:")], [f"qcs::ci:{place}:bucket/{photos}"]),
        # A statement that names a resource does not grant these at all (CAM 598/98145).
        *_if_any([a for a in asked if a.startswith("iai:")], ["*"]),
    ]


def api_statements(
    settings: StackSettings, api: ApiSettings, endpoints: Iterable[Endpoint] = ENDPOINTS
) -> list[Statement]:
    """The policy of the API: what those of its endpoints need that somebody's key opens. Empty if nobody's does."""
    opened = [endpoint for endpoint in endpoints if endpoint.scope and api.opens(endpoint.scope)]
    place = f"{settings.region}:uid/{settings.app_id}"
    photos, state = f"{settings.photo_bucket_name}/", f"qcs::cos:{place}:{settings.state_bucket_name}/"
    granted: dict[str, set[str]] = {}

    def grant(actions: Iterable[str], *resources: str) -> None:
        for resource in resources:
            granted.setdefault(resource, set()).update(actions)

    def grant_state(kept: Mapping[tuple[str, ...], tuple[str, ...]]) -> None:
        grant(LISTED, f"{state}*")
        for actions, keys in kept.items():
            grant(actions, *(state + key for key in keys))

    for endpoint in opened:
        for route in settings.routes:
            if "photo" in endpoint.reach:
                grant(READ, f"qcs::cos:{place}:{photos}{route.prefix}*")
                grant(("cos:GetObject",), f"{state}records/{route.name}/*")
            grant(
                [action for action in endpoint.permissions if action.startswith("ci:")],
                f"qcs::ci:{place}:bucket/{photos}{route.prefix}*",
            )
            if not _works_on(route, endpoint, api):
                continue
            if "upload" in endpoint.reach:
                grant(UPLOADED, f"qcs::cos:{place}:{photos}{route.prefix}*")
            if "route" in endpoint.reach:
                for stated in statements(settings, route, permissions(route.operations)):
                    grant(stated["action"], *stated["resource"])
        if "people" in endpoint.reach:
            grant_state(ENROLS)
        if endpoint.changing:
            grant_state(REMEMBERED)
        grant([action for action in endpoint.permissions if not action.startswith("ci:")], "*")
    return _merged(granted)


def _works_on(route: Route, endpoint: Endpoint, api: ApiSettings) -> bool:
    """Whether anybody can have the endpoint work on this route: for a photo that enrols, a key needs that scope too."""
    return endpoint.scope != "analyse" or not route.person_id or api.opens("analyse", "enrol")


def permissions(operations: tuple[Operation, ...]) -> dict[str, tuple[str, ...]]:
    """Each operation's own permissions, by its name."""
    return {operation.name: operation.permissions for operation in operations}


def allow(actions: tuple[str, ...] | list[str], resources: list[str]) -> Statement:
    """One statement."""
    return {"effect": "allow", "action": list(actions), "resource": resources}


def document(stated: list[Statement]) -> str:
    """The policy document, compact: CAM takes 6,144 characters."""
    text = json.dumps({"version": "2.0", "statement": stated}, separators=(",", ":"), ensure_ascii=False)
    if len(text) > 6144:
        raise ValueError(f"The policy document has {len(text)} characters; CAM takes 6144.")
    return text


def trust() -> str:
    """The trust document of every execution role."""
    return json.dumps(TRUST, separators=(",", ":"))


def _if_any(actions: list[str], resources: list[str]) -> list[Statement]:
    return [allow(list(dict.fromkeys(actions)), resources)] if actions else []


def _merged(granted: Mapping[str, set[str]]) -> list[Statement]:
    """One statement for all the resources on which the same may be done, so that each of these long names stands once.

    `granted` are the actions on each resource.
    """
    together: dict[tuple[str, ...], list[str]] = {}
    for resource, actions in sorted(granted.items()):
        if actions:
            together.setdefault(tuple(sorted(actions)), []).append(resource)
    return [allow(list(actions), resources) for actions, resources in together.items()]
