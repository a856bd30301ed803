"""The actions on log alarms: CLS 614/56466 (CreateAlarm), 614/56461 (DescribeAlarms), 614/56459 (ModifyAlarm).

Kept and told. Nothing looks, so no alarm is ever raised: whoever wants to know whether one would be asks SearchLog for
what its query finds. CLS's own notices are not here, only Cloud Monitor's are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import Field

from infra.local import tags
from infra.local.actions import Action, Answer
from infra.local.cls.sets import TAGS, Filter, Tag, retag
from infra.local.cls.store import Alarm, Cls, new_id, told_time
from infra.local.cls.watches import (
    DAY,
    Analysis,
    CallBack,
    Classification,
    Level,
    MonitorNotice,
    MonitorTime,
    MultiCondition,
    Target,
    checked,
    whole,
)
from infra.local.gateway import Refused

DEFAULTS: Final[Mapping[str, Any]] = {
    "Status": True,
    "Condition": "",
    "AlarmLevel": 0,
    "MultiConditions": [],
    "AlarmNoticeIds": [],
    "MonitorNotice": None,
    "MessageTemplate": "",
    "CallBack": None,
    "Analysis": [],
    "GroupTriggerStatus": False,
    "GroupTriggerCondition": [],
    "MonitorObjectType": 0,
    "Classifications": [],
}
EITHER: Final = (("Condition", "MultiConditions"), ("AlarmNoticeIds", "MonitorNotice"))
"""What takes the other's place."""
VALUES: Final = 5
"""Of one filter."""
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


class Asked(Action[Cls]):
    """What an alarm can be asked to be."""

    name: str | None = None
    alarm_targets: list[Target] | None = Field(None, min_length=1)
    monitor_time: MonitorTime | None = None
    trigger_count: int | None = Field(None, ge=1, le=2000)
    """So many times in a row."""
    alarm_period: int | None = Field(None, ge=0, le=DAY)
    """Minutes between two messages about the same."""
    condition: str | None = None
    alarm_level: Level | None = None
    multi_conditions: list[MultiCondition] | None = None
    alarm_notice_ids: list[str] | None = None
    monitor_notice: MonitorNotice | None = None
    status: bool | None = None
    message_template: str | None = None
    call_back: CallBack | None = None
    analysis: list[Analysis] | None = None
    group_trigger_status: bool | None = None
    group_trigger_condition: list[str] | None = None
    monitor_object_type: int | None = Field(None, ge=0, le=1)
    classifications: list[Classification] | None = Field(None, max_length=20)
    tags: list[Tag] | None = Field(None, max_length=TAGS)

    def settings(self, before: Mapping[str, Any]) -> Answer:
        """The settings that there are then; raises `Refused` where two are given of which one would do."""
        given: Answer = {}
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if value is not None and name not in ("tags", "alarm_id"):
                given[str(field.alias)] = whole(value)
        for one, other in EITHER:
            if given.get(one) and given.get(other):
                raise Refused("InvalidParameter", f"{one} and {other} are not given together.")
        replaced = {a: DEFAULTS[a] for pair in EITHER for a, b in (pair, pair[::-1]) if given.get(b)}
        return {**before, **replaced, **given}


class CreateAlarm(Asked):
    """Make an alarm, whose name is unique in the region."""

    name: str
    alarm_targets: list[Target] = Field(min_length=1)
    monitor_time: MonitorTime
    trigger_count: int = Field(ge=1, le=2000)
    alarm_period: int = Field(ge=0, le=DAY)

    def answer(self, state: Cls) -> Answer:
        """Its new id."""
        given = tags.pairs(tag.told() for tag in self.tags or ())
        with state.lock:
            settings = checked(state, self.settings(DEFAULTS))
            _named(state, self.name)
            now = state.clock.now()
            alarm = Alarm(f"alarm-{new_id()}", now, now, settings)
            state.alarms[alarm.id] = alarm
        state.cam.tags.put("cls", "alarm", alarm.id, given)
        return {"AlarmId": alarm.id}


class DescribeAlarms(Action[Cls]):
    """List alarms by name (or a part of it), id, topic, and whether they are on."""

    filters: list[Filter] = Field([], max_length=10)
    offset: int = Field(0, ge=0)
    limit: int = Field(20, ge=1, le=100)

    def answer(self, state: Cls) -> Answer:
        """A page of them."""
        with state.lock:
            found = list(state.alarms.values())
            for each in self.filters:
                found = [alarm for alarm in found if _holds(each, alarm)]
            shown = [_told(state, alarm) for alarm in found[self.offset : self.offset + self.limit]]
        return {"Alarms": shown, "TotalCount": len(found)}


class ModifyAlarm(Asked):
    """Change what is given of an alarm; tags that are given take the place of all that it has."""

    alarm_id: str

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        given = None if self.tags is None else tags.pairs(tag.told() for tag in self.tags)
        if not self.model_fields_set - {"alarm_id"}:
            raise Refused("InvalidParameter", "There is nothing to change.")
        with state.lock:
            alarm = state.alarm(self.alarm_id)
            if self.name not in (None, alarm.settings["Name"]):
                _named(state, str(self.name))
            settings = checked(state, self.settings(alarm.settings))
            state.alarms[alarm.id] = replace(alarm, settings=settings, modified=state.clock.now())
        retag(state, "alarm", alarm.id, given)
        return {}


class DeleteAlarm(Action[Cls]):
    """Drop an alarm."""

    alarm_id: str

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        with state.lock:
            del state.alarms[state.alarm(self.alarm_id).id]
        state.cam.tags.drop("cls", "alarm", self.alarm_id)
        return {}


ACTIONS: tuple[type[Action[Cls]], ...] = (CreateAlarm, DescribeAlarms, ModifyAlarm, DeleteAlarm)


def _named(state: Cls, name: str) -> None:
    if any(alarm.settings["Name"] == name for alarm in state.alarms.values()):
        raise Refused("InvalidParameter.AlarmConflict", f"There is a log alarm {name} already.")


def _holds(condition: Filter, alarm: Alarm) -> bool:
    if len(condition.values) > VALUES:
        raise Refused("InvalidParameter", f"A filter of alarms has at most {VALUES} values.")
    if condition.key == "name":
        return any(part in alarm.settings["Name"] for part in condition.values)
    if condition.key == "alarmId":
        return alarm.id in condition.values
    if condition.key == "topicId":
        return any(target["TopicId"] in condition.values for target in alarm.settings["AlarmTargets"])
    if condition.key == "enable" and set(condition.values) <= {*_TRUE, *_FALSE}:
        return any(alarm.settings["Status"] == (value in _TRUE) for value in condition.values)
    raise Refused("InvalidParameter", f"There is no filter {condition.key} with such values.")


def _told(state: Cls, alarm: Alarm) -> Answer:
    return {
        "AlarmId": alarm.id,
        **alarm.settings,
        "AlarmTargets": [
            {
                **target,
                "LogsetName": state.logsets[target["LogsetId"]].name if target["LogsetId"] in state.logsets else "",
                "TopicName": state.topics[target["TopicId"]].name if target["TopicId"] in state.topics else "",
                "BizType": 0,
            }
            for target in alarm.settings["AlarmTargets"]
        ],
        "CreateTime": told_time(alarm.created),
        "UpdateTime": told_time(alarm.modified),
        "Tags": tags.told(state.tags("alarm", alarm.id)),
    }
