"""The rules of `infra.policy.rules` as a Pulumi policy pack: `pulumi preview --policy-pack infra/policy`.

Building the pack starts its server, which Pulumi's engine asks about each resource, and about all of them at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ResourceValidationPolicy,
    StackValidationPolicy,
)

from infra.policy.resources import Resource
from infra.policy.rules import RULES, TAGGED, TOGETHER, Rule, RuleTogether, tagged

Report = Callable[[str], Any]


def alone(rule: Rule, kinds: tuple[str, ...]) -> Any:
    """A rule over one resource of some kinds."""

    def validate(given: Any, report: Report) -> None:
        resource = _resource(given)
        if resource.kind in kinds:
            for said in rule(resource):
                report(said)

    return ResourceValidationPolicy(name=_name(rule), description=str(rule.__doc__), validate=validate)


def together(rule: RuleTogether) -> Any:
    """A rule over all resources of the stack."""

    def validate(given: Any, report: Report) -> None:
        for said in rule(tuple(_resource(each) for each in given.resources)):
            report(said)

    return StackValidationPolicy(name=_name(rule), description=str(rule.__doc__), validate=validate)


def _resource(given: Any) -> Resource:
    return Resource(given.resource_type.rpartition(":")[2], given.name, given.props)


def _name(rule: Callable[..., Any]) -> str:
    return rule.__name__.replace("_", "-")


if __name__ == "__main__":
    PolicyPack(
        name="facestamp",
        enforcement_level=EnforcementLevel.MANDATORY,
        policies=[
            *(alone(rule, (kind,)) for kind, several in RULES.items() for rule in several),
            alone(tagged, TAGGED),
            *(together(rule) for rule in TOGETHER),
        ],
    )
