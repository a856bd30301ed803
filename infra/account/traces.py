"""What shows that a thing in the account is left over from a deployment out of this very state, and not somebody's own.

Names and tags do not: whoever deploys the same stack out of another state gives the same. Two things do, and both are
in the state that Pulumi keeps:

1. What was being made when a deployment was killed. Pulumi writes that down by type and name before it begins.
2. When a deployment failed, and none has ended well since. What it left was made in that time, and not before or after:
   so each service is asked when that was, and what does not tell is not taken for a leftover.

What a failed deployment was making Pulumi forgets, and how many things it counts in its history leaves out the one that
failed. So somebody who deploys the stack out of another state within the same minutes cannot be told apart by that; but
he is refused before he begins, once anything by the stack's names is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

SKEW: Final = 60.0
"""Seconds that the clocks here and at Tencent may differ by."""
_ZONES: Final = (timezone(timedelta(hours=8)), timezone.utc)
"""Services tell `2026-11-21 16:30:00`, and no page of theirs in which zone."""


@dataclass(frozen=True)
class Traces:
    """What a state tells of deployments that did not end well."""

    pending: frozenset[tuple[str, str]] = frozenset()
    """Type and name of what is being made, or was when a deployment was killed."""
    failed: tuple[tuple[float, float], ...] = ()
    """From when to when each failed since one has ended well, in seconds since 1970."""

    def lead_to(self, type: str, name: str, made: Iterable[float]) -> bool:
        """Whether one of them has left this, which was made at one of these moments."""
        return (type, name) in self.pending or any(
            begun - SKEW <= moment <= ended + SKEW for moment in made for begun, ended in self.failed
        )


NONE: Final = Traces()
"""Of a stack that was never deployed."""


def read(deployment: Mapping[str, Any], history: Iterable[Mapping[str, Any]]) -> Traces:
    """Of a state's `deployment`, as Pulumi exports it, and its history."""
    return Traces(frozenset(_pending(deployment)), tuple(_failed(history)))


def moments(told: object) -> tuple[float, ...]:
    """When that may have been, as a service or Pulumi writes it: once where it names the zone."""
    try:
        moment = datetime.fromisoformat(str(told).strip().replace("Z", "+00:00"))
    except ValueError:
        return ()
    if moment.tzinfo:
        return (moment.timestamp(),)
    return tuple(moment.replace(tzinfo=zone).timestamp() for zone in _ZONES)


def _pending(deployment: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for operation in deployment.get("pending_operations") or ():
        if operation.get("type") == "creating":
            resource = operation["resource"]
            for given in (resource.get("inputs") or {}).values():
                if isinstance(given, str):
                    yield str(resource["type"]).rpartition(":")[2], given


def _failed(history: Iterable[Mapping[str, Any]]) -> Iterable[tuple[float, float]]:
    newest_first = sorted(history, key=lambda one: str(one.get("startTime")), reverse=True)
    for one in newest_first:
        if one["kind"] in ("update", "destroy") and one.get("result") == "succeeded":
            return
        if one["kind"] == "update" and one.get("result") == "failed":
            yield from zip(moments(one.get("startTime")), moments(one.get("endTime")), strict=False)
