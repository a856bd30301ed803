"""When a policy on functions would raise an alarm: metrics of QCE/SCF_V2, and what is compared how (248/37207).

The page of policy types (248/50397) does not reach as far as functions; a public deployment that says it was tried out
has `scf_alias` with a metric's number, and the metrics' own namespace is SCF_V2. Both are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from infra.local.actions import Answer, Part
from infra.local.gateway import Refused

METRICS: Final = frozenset(
    {
        *("Invocation", "Error", "Throttle", "ConcurrentExecutions", "DlqFailedNum", "Syserr"),
        *("Duration", "BillDuration", "Mem", "MemDuration", "ConfigMem", "OutFlow"),
        *("FunctionErrorPercentage", "ServerErrorPercentage"),
        *("Http2xx", "Http4xx", "Http432", "Http433", "Http434"),
    }
)
NAMESPACES: Final[Mapping[str, frozenset[str]]] = {"SCF_V2": METRICS, "scf_alias": METRICS | {"13007"}}
"""The policy types on functions, and the metrics of each; 13007 are errors."""
PERIODS: Final = (60, 300, 3600, 86_400)
"""Seconds over which a metric is added up."""
FREQUENCIES: Final = (0, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Seconds between notices of one alarm; 0 is once only."""

Compared = Literal["eq", "ge", "gt", "le", "lt", "ne"]
Changed = Literal[
    "day_increase",
    "day_decrease",
    "day_wave",
    "week_increase",
    "week_decrease",
    "week_wave",
    "cycle_increase",
    "cycle_decrease",
    "cycle_wave",
]


class Rule(Part):
    """One metric and its threshold."""

    metric_name: str
    period: int
    operator: Compared | Changed
    value: str
    continue_period: int = Field(ge=1)
    """For so many periods in a row."""
    notice_frequency: int = 0
    is_power_notice: Literal[0, 1] = 0
    rule_type: Literal["", "STATIC"] = ""
    description: str = ""
    """The metric's name on the console, which is only told."""
    unit: str = ""
    """Likewise."""


class Condition(Part):
    """What raises an alarm: any of the rules (0), or all of them together (1)."""

    is_union_rule: Literal[0, 1]
    rules: list[Rule] = Field(min_length=1)


def checked(condition: Condition, namespace: str) -> Answer:
    """The condition as it will be told, for a policy of this type; raises `Refused`."""
    for rule in condition.rules:
        if rule.metric_name not in NAMESPACES[namespace]:
            raise _refused(f"{namespace} has no metric {rule.metric_name}.")
        if rule.period not in PERIODS:
            raise _refused(f"Period {rule.period} is not one of {PERIODS}.")
        if rule.notice_frequency not in FREQUENCIES:
            raise _refused(f"NoticeFrequency {rule.notice_frequency} is not one of {FREQUENCIES}.")
        try:
            float(rule.value)
        except ValueError:
            raise _refused(f"Value {rule.value!r} is not a number.") from None
    return {"IsUnionRule": condition.is_union_rule, "Rules": [_told(rule) for rule in condition.rules]}


def _told(rule: Rule) -> Answer:
    return {
        **rule.model_dump(by_alias=True),
        "RuleType": "STATIC",
        "Description": rule.description or rule.metric_name,
        "Filter": None,
    }


def _refused(why: str) -> Refused:
    return Refused("InvalidParameterValue", why)
