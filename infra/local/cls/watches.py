"""What a log alarm is asked to be: what it looks for and when, what raises it, whom it tells (CLS 614/56471).

A trigger condition (614/39576) is kept as it is, and nothing works it out; only the statements that it speaks of, `$1`
and so on, must be there.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from pydantic import Field

from infra.local.actions import Answer, Part
from infra.local.cls.store import Cls
from infra.local.gateway import Refused

DAY: Final = 1440
"""Minutes: how far back a query may look, and how long anything about an alarm may take."""
TARGETS: Final = 10
"""Of an alarm whose statements each have a topic of their own."""
_CLASS: Final = re.compile(r"[a-z][a-z0-9_]{0,49}")
_STATEMENT: Final = re.compile(r"\$(\d+)\.")

Level = Literal[0, 1, 2]
"""Warn, Info, Critical."""


class Target(Part):
    """A query on a topic, over minutes that end before it is made, or now."""

    topic_id: str
    logset_id: str
    query: str = Field(min_length=1)
    number: int = Field(ge=1)
    start_time_offset: int = Field(ge=-DAY, le=0)
    end_time_offset: int = Field(ge=-DAY, le=0)
    syntax_rule: Literal[0, 1] = 0


class MonitorTime(Part):
    """When it looks: every so many minutes, at a minute of the day, or as cron would."""

    type: Literal["Period", "Fixed", "Cron"]
    time: int | None = Field(None, ge=1, le=DAY)
    cron_expression: str | None = None


class MultiCondition(Part):
    """A trigger condition with a level of its own."""

    condition: str = Field(min_length=1)
    alarm_level: Level = 0


class MonitorNoticeRule(Part):
    """A notice of Cloud Monitor's, and the levels of which it tells."""

    notice_id: str
    content_tmpl_id: str | None = None
    alarm_levels: list[Level] = Field([])


class MonitorNotice(Part):
    """The notices of Cloud Monitor's that are sent."""

    notices: list[MonitorNoticeRule] = Field(min_length=1)


class CallBack(Part):
    """What is posted, to those who are posted to."""

    body: str
    headers: list[str] = Field([])


class Detail(Part):
    """One setting of an analysis."""

    key: Literal["SyntaxRule", "QueryIndex", "CustomQuery", "Fields", "Format", "Limit"]
    value: str


class Analysis(Part):
    """What a message tells of the lines: a query's answer, a field's commonest values, or the lines themselves."""

    name: str
    type: Literal["query", "field", "original"]
    content: str
    config_info: list[Detail] = Field([])


class Classification(Part):
    """A word to sort alarms by."""

    key: str
    value: str = Field(max_length=200)


def checked(state: Cls, asked: Answer) -> Answer:
    """An alarm's settings in the names of the API, if they fit together and all that they name is there.

    Raises `Refused` with the codes of CreateAlarm (614/56466): for the topics, the notices, and InvalidParameter.
    """
    name = asked["Name"]
    if not 1 <= len(name.encode()) <= 255 or "|" in name:
        raise _refused(f"{name!r} is not a name of 1 to 255 bytes without |.")
    targets = asked["AlarmTargets"]
    if [target["Number"] for target in targets] != list(range(1, len(targets) + 1)):
        raise _refused("The Number of the AlarmTargets counts them from 1.")
    if asked["MonitorObjectType"] == 1 and len(targets) > TARGETS:
        raise _refused(f"There are at most {TARGETS} AlarmTargets with a topic each.")
    for target in targets:
        if target["StartTimeOffset"] >= target["EndTimeOffset"]:
            raise _refused("StartTimeOffset is before EndTimeOffset.")
        if not state.has(target["LogsetId"], target["TopicId"]):
            raise Refused("ResourceNotFound.TopicNotExist", f"There is no topic {target['TopicId']} in that log set.")
        if state.topic(target["TopicId"]).settings["StorageType"] == "cold":
            raise Refused("OperationDenied.AlarmNotSupportForSearchLow", "Nothing watches what is in cold storage.")
    _check_time(asked["MonitorTime"])
    _check_conditions(asked, len(targets))
    _check_notices(state, asked)
    keys = [each["Key"] for each in asked["Classifications"]]
    if len(set(keys)) < len(keys) or not all(_CLASS.fullmatch(key) for key in keys):
        raise _refused("A classification's key is its own: a small letter, then up to 49 of a-z, 0-9 and _.")
    return asked


def _check_time(asked: Answer) -> None:
    if asked["Type"] == "Cron":
        if len((asked.get("CronExpression") or "").split()) != 5:
            raise _refused("A CronExpression has five fields.")
    elif asked.get("Time") is None:
        raise _refused("MonitorTime has a Time, in minutes.")


def _check_conditions(asked: Answer, targets: int) -> None:
    conditions = [each["Condition"] for each in asked["MultiConditions"]]
    if bool(asked["Condition"]) == bool(conditions):
        raise _refused("An alarm has either a Condition, or MultiConditions.")
    for condition in conditions or [asked["Condition"]]:
        spoken_of = [int(number) for number in _STATEMENT.findall(condition)]
        if not spoken_of or not all(1 <= number <= targets for number in spoken_of):
            raise _refused(f"{condition!r} speaks of no statement that there is.")


def _check_notices(state: Cls, asked: Answer) -> None:
    ours, monitors = asked["AlarmNoticeIds"], (asked["MonitorNotice"] or {}).get("Notices", [])
    if bool(ours) == bool(monitors):
        raise _refused("An alarm has either AlarmNoticeIds, or a MonitorNotice.")
    unknown = [*ours, *(each["NoticeId"] for each in monitors if not state.has_notice(each["NoticeId"]))]
    if unknown:
        raise Refused("ResourceNotFound.AlarmNoticeNotExist", f"There is no alarm notice {unknown[0]}.")


def whole(value: Any) -> Any:
    """A value in the names of the API, its parts with what they were not given."""
    if isinstance(value, list):
        return [whole(each) for each in value]
    return value.model_dump(by_alias=True) if isinstance(value, Part) else value


def _refused(why: str) -> Refused:
    return Refused("InvalidParameter", why)
