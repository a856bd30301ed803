"""The actions on what policies watch: 248/40421 (BindingPolicyObject), 248/40568 (UnBindingAllPolicyObject) and others.

An object is a function, by the dimensions of its metrics (248/37207), whose text is kept as it is.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final, Literal

from pydantic import Field

from infra.local.actions import Action, Answer, Part
from infra.local.gateway import Refused
from infra.local.monitor.store import Alarms, Bound, Policy

REGION: Final = "gz"
"""The short name of the local cloud's region, ap-guangzhou."""
DIMENSIONS: Final = frozenset({"functionName", "namespace", "namspace", "version", "alias", "appid"})
"""What a function is named by; one page spells `namspace`."""


class Dimension(Part):
    """An object: its dimensions as JSON, and its region's short name."""

    region: str
    dimensions: str


class OfPolicy(Action[Alarms]):
    """An action on one policy's objects; the group is the older way to name it, and 0 beside the id."""

    module: Literal["monitor"]
    group_id: int = 0
    policy_id: str = ""

    def policy(self, state: Alarms) -> Policy:
        """The policy that is meant."""
        if self.policy_id:
            return state.policy(self.policy_id)
        found = [policy for policy in state.policies.values() if policy.group == self.group_id]
        if not found:
            raise Refused("ResourceNotFound", f"There is no policy group {self.group_id}.")
        return found[0]


class BindingPolicyObject(OfPolicy):
    """Let a policy watch more objects; one that it watches already stays."""

    dimensions: list[Dimension] = Field(min_length=1)

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        bound = [_bound(each) for each in self.dimensions]
        with state.lock:
            policy = self.policy(state)
            state.change(policy.id, objects=tuple(dict.fromkeys((*policy.objects, *bound))))
        return {}


class DescribeBindingPolicyObjectList(OfPolicy):
    """List what a policy watches."""

    offset: int = Field(0, ge=0)
    limit: int = Field(20, ge=1, le=100)

    def answer(self, state: Alarms) -> Answer:
        """A page of it."""
        found = self.policy(state).objects
        return {
            "List": [
                {"UniqueId": each.id, "Dimensions": each.dimensions, "IsShielded": 0, "Region": each.region}
                for each in found[self.offset : self.offset + self.limit]
            ],
            "Total": len(found),
            "NoShieldedSum": len(found),
            "InstanceGroup": None,
        }


class DescribePolicyObjectCount(OfPolicy):
    """Count what a policy watches, region by region."""

    def answer(self, state: Alarms) -> Answer:
        """The counts; a region with none is not there."""
        found = self.policy(state).objects
        regions = sorted({each.region for each in found})
        return {
            "IsMultiRegion": True,
            "RegionList": [
                {"Region": region, "Count": sum(each.region == region for each in found)} for region in regions
            ],
        }


class UnBindingAllPolicyObject(OfPolicy):
    """Let a policy watch nothing."""

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        with state.lock:
            state.change(self.policy(state).id, objects=())
        return {}


ACTIONS: tuple[type[Action[Alarms]], ...] = (
    BindingPolicyObject,
    DescribeBindingPolicyObjectList,
    DescribePolicyObjectCount,
    UnBindingAllPolicyObject,
)


def _bound(asked: Dimension) -> Bound:
    try:
        told = json.loads(asked.dimensions)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        raise Refused("InvalidParameterValue", "Dimensions are an object of texts, as JSON.")
    if "functionName" not in told or not told.keys() <= DIMENSIONS:
        raise Refused("InvalidParameterValue", f"A function has a functionName, and others of {sorted(DIMENSIONS)}.")
    if asked.region != REGION:
        raise Refused("InvalidParameterValue", f"The local cloud is in {REGION}.")
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Bound(digest[:32], asked.dimensions, asked.region)
