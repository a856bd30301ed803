"""Logs and alarms: calls of CLS and Cloud Monitor."""

from __future__ import annotations

from typing import Any

from infra.local.provider.calls import Calls, Inputs, State, pairs

_REGIONS = {"ap-guangzhou": "gz"}
"""Cloud Monitor's short names."""


def _logset(calls: Calls, given: Inputs) -> tuple[str, State]:
    logset = calls.cls("CreateLogset", LogsetName=given.pop("logsetName"))["LogsetId"]
    calls.tag("cls", "logset", logset, given.pop("tags", {}), calls.region)
    return logset, {}


def _topic(calls: Calls, given: Inputs) -> tuple[str, State]:
    topic = calls.cls(
        "CreateTopic",
        LogsetId=given.pop("logsetId"),
        TopicName=given.pop("topicName"),
        Period=given.pop("period"),
        Tags=pairs(given.pop("tags", {})),
    )["TopicId"]
    return topic, {}


def _index(calls: Calls, given: Inputs) -> tuple[str, State]:
    topic, rule = given.pop("topicId"), given.pop("rule")
    values = [{"Key": each["key"], "Value": _cls(each["value"])} for each in rule["keyValue"]["keyValues"]]
    calls.cls(
        "CreateIndex",
        TopicId=topic,
        Status=given.pop("status"),
        Rule={
            "FullText": _cls(rule["fullText"]),
            "KeyValue": {"CaseSensitive": rule["keyValue"]["caseSensitive"], "KeyValues": values},
        },
    )
    return topic, {}


def _log_alarm(calls: Calls, given: Inputs) -> tuple[str, State]:
    targets, notices = given.pop("alarmTargets"), given.pop("monitorNotice")["notices"]
    alarm = calls.cls(
        "CreateAlarm",
        Name=given.pop("name"),
        AlarmTargets=[_cls(target) for target in targets],
        MonitorTime=_cls(given.pop("monitorTime")),
        Condition=given.pop("condition"),
        AlarmLevel=given.pop("alarmLevel"),
        TriggerCount=given.pop("triggerCount"),
        AlarmPeriod=given.pop("alarmPeriod"),
        MonitorNotice={"Notices": [_cls(notice) for notice in notices]},
        Status=given.pop("status"),
    )["AlarmId"]
    calls.tag("cls", "alarm", alarm, given.pop("tags", {}), calls.region)
    return alarm, {}


def _cls(given: dict[str, Any]) -> dict[str, Any]:
    """In the names of CLS, which differ in their capitals only."""
    return {f"{name[0].upper()}{name[1:]}": value for name, value in given.items()}


def _notice(calls: Calls, given: Inputs) -> tuple[str, State]:
    notice = calls.monitor(
        "CreateAlarmNotice",
        Name=given.pop("name"),
        NoticeType=given.pop("noticeType"),
        NoticeLanguage=given.pop("noticeLanguage"),
        URLNotices=[_monitor(each) for each in given.pop("urlNotices", ())],
        UserNotices=[_monitor(each) for each in given.pop("userNotices", ())],
    )["NoticeId"]
    return notice, {}


def _alarm(calls: Calls, given: Inputs) -> tuple[str, State]:
    conditions = given.pop("conditions")
    policy = calls.monitor(
        "CreateAlarmPolicy",
        PolicyName=given.pop("policyName"),
        MonitorType=given.pop("monitorType"),
        Namespace=given.pop("namespace"),
        Enable=given.pop("enable"),
        NoticeIds=given.pop("noticeIds", []),
        Condition={
            "IsUnionRule": conditions["isUnionRule"],
            "Rules": [_monitor(rule) for rule in conditions["rules"]],
        },
    )["PolicyId"]
    return policy, {}


def _watched(calls: Calls, given: Inputs) -> tuple[str, State]:
    policy = given.pop("policyId")
    objects = [
        {"Region": _REGIONS[each["region"]], "Dimensions": each["dimensionsJson"]} for each in given.pop("dimensions")
    ]
    calls.monitor("BindingPolicyObject", GroupId=0, PolicyId=policy, Dimensions=objects)
    return policy, {}


def _monitor(given: dict[str, Any]) -> dict[str, Any]:
    """In the names of Cloud Monitor."""
    other = {"url": "URL", "weekdays": "Weekday", "noticeWays": "NoticeWay"}
    return {other.get(name, f"{name[0].upper()}{name[1:]}"): value for name, value in given.items()}


CREATES = {
    "ClsLogset": _logset,
    "ClsTopic": _topic,
    "ClsIndex": _index,
    "ClsAlarm": _log_alarm,
    "MonitorAlarmNotice": _notice,
    "MonitorAlarmPolicy": _alarm,
    "MonitorPolicyBindingObject": _watched,
}
