"""What a route's function may do, and nothing else: derived from its operations and the places that it writes to.

Where Tencent's documents name a permission differently, both names are granted: a copy's destination is PutObjectCopy
on COS's API page (436/10881) and PutObject in its policy guide (436/31923). The operations bring their own names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from facestamp.operations import Operation
from infra.settings import Route, StackSettings

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
