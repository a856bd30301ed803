"""What Pulumi has written down of a stack: what it made and knows, and which deployments failed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.account import emptying, traces
from infra.account.traces import Traces
from infra.engine.project import Project

PAGE: Final = "100"
"""As many deployments are looked through for those that failed after the last that did not."""


@dataclass(frozen=True)
class State:
    """One stack's state."""

    resources: tuple[Mapping[str, Any], ...]
    """All that is in it, as `pulumi stack export` tells that."""
    ids: Mapping[str, frozenset[str]]
    """The ids of each type, such as `ScfFunction`."""
    protected: tuple[str, ...]
    """The ids of what is protected."""
    doomed: tuple[str, ...]
    """The buckets that destroying the stack takes away with all that is in them."""
    traces: Traces
    """What it tells of deployments that failed or were killed."""
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
    history = json.loads(project.ask("stack", "history", "--stack", stack, "--json", "--page-size", PAGE))
    deployment = told.get("deployment") or {}
    return State(
        resources=tuple(resources),
        ids={kind: frozenset(each) for kind, each in ids.items()},
        protected=tuple(str(one["id"]) for one in resources if one.get("protect") and one.get("id")),
        doomed=tuple(emptying.doomed(told)),
        traces=traces.read(deployment, history),
        unsettled=bool(deployment.get("pending_operations")),
        root=next((str(one["urn"]) for one in resources if one["type"] == "pulumi:pulumi:Stack"), ""),
    )


def settle(project: Project, stack: str, state: State, *, forget: bool = False) -> None:
    """See that nobody else deploys the stack now, which Pulumi refuses then; raises `Unanswered`.

    Only the stack itself is refreshed: nothing in it is looked at. With `forget` Pulumi also forgets what was being
    made by a deployment that was killed, and with that what shows who has left it: for when it is gone.
    """
    target = ["--target", state.root] if state.root else []
    forgotten = ["--clear-pending-creates"] if forget else []
    project.ask("refresh", "--stack", stack, "--yes", "--skip-preview", *forgotten, *target)
