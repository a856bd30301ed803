"""What Pulumi has written down of a stack: what it made and knows, and whether it ever deployed it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.account import emptying
from infra.engine.project import Project


@dataclass(frozen=True)
class State:
    """One stack's state."""

    exported: Mapping[str, Any]
    """All of it, as `pulumi stack export` tells it."""
    ids: Mapping[str, frozenset[str]]
    """The ids of each type, such as `ScfFunction`."""
    protected: tuple[str, ...]
    """The ids of what is protected."""
    doomed: tuple[str, ...]
    """The buckets that destroying the stack takes away with all that is in them."""
    begun: bool
    """It has been deployed from here, to the end or not."""
    unsettled: bool
    """Something was being made when this was written down: a deployment is under way, or was killed."""
    root: str
    """The URN of the stack itself; empty where there is nothing in it."""


def there(project: Project, stack: str) -> bool:
    """Whether there is a state of this stack; raises `Unanswered`."""
    listed = json.loads(project.ask("stack", "ls", "--json"))
    return any(str(one["name"]).rpartition("/")[2] == stack for one in listed)


def read(project: Project, stack: str) -> State:
    """The state, which must be there; raises `Unanswered`."""
    told = json.loads(project.ask("stack", "export", "--stack", stack))
    resources: list[Mapping[str, Any]] = (told.get("deployment") or {}).get("resources") or []
    ids: dict[str, set[str]] = defaultdict(set)
    for resource in resources:
        # One that is to be deleted still is the stack's; one that is only read is not.
        if resource.get("id") and not resource.get("external"):
            ids[str(resource["type"]).rpartition(":")[2]].add(str(resource["id"]))
    history = json.loads(project.ask("stack", "history", "--stack", stack, "--json"))
    unsettled = bool((told.get("deployment") or {}).get("pending_operations"))
    return State(
        exported=told,
        ids={kind: frozenset(each) for kind, each in ids.items()},
        protected=tuple(str(one["id"]) for one in resources if one.get("protect") and one.get("id")),
        doomed=tuple(emptying.doomed(told)),
        # One that was killed has left no history.
        begun=bool(resources) or unsettled or any(update["kind"] in ("update", "destroy") for update in history),
        unsettled=unsettled,
        root=next((str(one["urn"]) for one in resources if one["type"] == "pulumi:pulumi:Stack"), ""),
    )


def settle(project: Project, stack: str, state: State) -> None:
    """Have Pulumi forget what was being made by a deployment that was killed; raises `Unanswered`.

    It does so only while nobody else deploys the stack, which is how whoever removes something knows that. Only the
    stack itself is refreshed: nothing in it is looked at.
    """
    target = ["--target", state.root] if state.root else []
    project.ask("refresh", "--stack", stack, "--yes", "--skip-preview", "--clear-pending-creates", *target)
