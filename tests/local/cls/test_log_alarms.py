"""Alarms on a log topic: kept, told, changed and dropped; nothing looks, and nobody is told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.local.cam import Cam
from infra.local.clock import Clock
from tests.local.cam.conftest import allow, holding
from tests.local.cls.conftest import Ask, refused

TEAM = [{"Key": "team", "Value": "faces"}]
HOURLY: dict[str, Any] = {
    "Name": "given up",
    "MonitorTime": {"Type": "Period", "Time": 5},
    "Condition": "[$1.__QUERYCOUNT__] > 0",
    "TriggerCount": 1,
    "AlarmPeriod": 60,
}
LATER: dict[str, Any] = {
    "Name": "given up twice",
    "MonitorTime": {"Type": "Cron", "CronExpression": "0 9 * * 1"},
    "TriggerCount": 2000,
    "AlarmPeriod": 0,
    "MultiConditions": [{"Condition": "$1.__QUERYCOUNT__ > 9", "AlarmLevel": 2}, {"Condition": "$1.a == 1"}],
    "Status": False,
    "MessageTemplate": "{{.Label}}",
    "CallBack": {"Body": "{}", "Headers": ["Content-Type: application/json"]},
    "Analysis": [
        {"Name": "lines", "Type": "original", "Content": "", "ConfigInfo": [{"Key": "Fields", "Value": "code"}]}
    ],
    "Classifications": [{"Key": "kind", "Value": "dead letter"}],
}


@pytest.fixture
def target(ask: Ask, topic: str) -> dict[str, Any]:
    """What is looked for in the topic."""
    [told] = ask("DescribeTopics", Filters=[{"Key": "topicId", "Values": [topic]}])["Topics"]
    span = {"StartTimeOffset": -10, "EndTimeOffset": 0}
    return {"LogsetId": told["LogsetId"], "TopicId": topic, "Number": 1, "Query": "level:ERROR", **span}


@pytest.fixture
def asked(ask: Ask, target: dict[str, Any]) -> dict[str, Any]:
    """An alarm as it is asked for, with a notice of Cloud Monitor's."""
    notice = ask(
        "CreateAlarmNotice",
        service="monitor",
        Module="monitor",
        Name="operators",
        NoticeType="ALL",
        NoticeLanguage="en-US",
    )["NoticeId"]
    told = {"Notices": [{"NoticeId": notice, "AlarmLevels": [0, 2]}]}
    return {**HOURLY, "AlarmTargets": [target], "MonitorNotice": told}


def names(ask: Ask, *filters: tuple[str, list[str]], **page: Any) -> list[str]:
    conditions = [{"Key": key, "Values": values} for key, values in filters]
    return [each["Name"] for each in ask("DescribeAlarms", Filters=conditions, **page)["Alarms"]]


def described(ask: Ask, alarm: str) -> dict[str, Any]:
    [told] = ask("DescribeAlarms", Filters=[{"Key": "alarmId", "Values": [alarm]}])["Alarms"]
    return dict(told)


@pytest.mark.behaviour(
    service="cls",
    what="CreateAlarm, and DescribeAlarms tells it as it was asked for, with the names of its log set and topic",
    standing="documented",
    source="614/56466",
)
def test_an_alarm_is_made_and_told(ask: Ask, asked: dict[str, Any], clock: Clock) -> None:
    made = ask("CreateAlarm", **asked, Tags=TEAM)["AlarmId"]
    assert re.fullmatch(r"alarm-[0-9a-f-]{36}", made)

    told = described(ask, made)

    for time in ("CreateTime", "UpdateTime"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told.pop(time))
    [target], [notice] = asked["AlarmTargets"], asked["MonitorNotice"]["Notices"]
    assert told == {
        **HOURLY,
        "AlarmId": made,
        "AlarmTargets": [{**target, "SyntaxRule": 0, "LogsetName": "functions", "TopicName": "stamper", "BizType": 0}],
        "MonitorTime": {"Type": "Period", "Time": 5, "CronExpression": None},
        "MonitorNotice": {"Notices": [{**notice, "ContentTmplId": None}]},
        "AlarmNoticeIds": [],
        "AlarmLevel": 0,
        "MultiConditions": [],
        "Status": True,
        "MessageTemplate": "",
        "CallBack": None,
        "Analysis": [],
        "GroupTriggerStatus": False,
        "GroupTriggerCondition": [],
        "MonitorObjectType": 0,
        "Classifications": [],
        "Tags": TEAM,
    }


@pytest.mark.behaviour(
    service="cls",
    what="DescribeAlarms by name, id, topic and whether they are on, by pages",
    standing="documented",
    source="614/56461",
)
def test_alarms_are_found(ask: Ask, asked: dict[str, Any], topic: str) -> None:
    first = ask("CreateAlarm", **asked)["AlarmId"]
    ask("CreateAlarm", **{**asked, "Name": "too slow", "Status": False})

    assert names(ask) == ["given up", "too slow"]
    assert names(ask, ("name", ["slow"])) == ["too slow"]
    assert names(ask, ("alarmId", [first])) == ["given up"]
    assert names(ask, ("topicId", [topic])) == ["given up", "too slow"]
    assert names(ask, ("topicId", ["another"])) == []
    assert names(ask, ("enable", ["T"])) == ["given up"]
    assert names(ask, ("enable", ["0"]), ("topicId", [topic])) == ["too slow"]
    assert names(ask, Offset=1, Limit=1) == ["too slow"]
    for key, values in (("enable", ["yes"]), ("colour", ["red"]), ("name", ["a"] * 6)):
        assert refused(ask, "DescribeAlarms", Filters=[{"Key": key, "Values": values}]) == "InvalidParameter"


@pytest.mark.behaviour(
    service="cls",
    what="ModifyAlarm changes what it is given; MultiConditions take a Condition's place, and the other way round",
    standing="documented",
    source="614/56459",
)
def test_an_alarm_is_changed(ask: Ask, asked: dict[str, Any]) -> None:
    made = ask("CreateAlarm", **asked, Tags=TEAM)["AlarmId"]
    before = described(ask, made)

    ask("ModifyAlarm", AlarmId=made, **LATER)

    after = described(ask, made)
    conditions = [LATER["MultiConditions"][0], {**LATER["MultiConditions"][1], "AlarmLevel": 0}]
    cron = {**LATER["MonitorTime"], "Time": None}
    changed = {**LATER, "Condition": "", "MultiConditions": conditions, "MonitorTime": cron}
    assert {name: after[name] for name in changed} == changed
    same = before.keys() - changed.keys() - {"UpdateTime"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}

    ask("ModifyAlarm", AlarmId=made, Condition="$1.__QUERYCOUNT__ > 1", AlarmLevel=1, Tags=[])
    last = described(ask, made)
    assert (last["Condition"], last["AlarmLevel"], last["MultiConditions"]) == ("$1.__QUERYCOUNT__ > 1", 1, [])
    assert last["Tags"] == []
    assert refused(ask, "ModifyAlarm", AlarmId=made) == "InvalidParameter"


@pytest.mark.behaviour(
    service="cls",
    what="An alarm beyond what is documented is refused: names of more than 255 bytes or with |, times, counts and"
    " periods out of range, two kinds of condition or notice at once or none, levels, and what is named and not there",
    standing="documented",
    source="614/56466",
)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Name": ""}, "InvalidParameter"),
        ({"Name": "名" * 86}, "InvalidParameter"),
        ({"Name": "a|b"}, "InvalidParameter"),
        ({"AlarmTargets": []}, "InvalidParameter"),
        ({"MonitorTime": {"Type": "Period"}}, "InvalidParameter"),
        ({"MonitorTime": {"Type": "Period", "Time": 0}}, "InvalidParameter"),
        ({"MonitorTime": {"Type": "Fixed", "Time": 1441}}, "InvalidParameter"),
        ({"MonitorTime": {"Type": "Cron", "CronExpression": "* * *"}}, "InvalidParameter"),
        ({"MonitorTime": {"Type": "Now", "Time": 1}}, "InvalidParameter"),
        ({"TriggerCount": 0}, "InvalidParameter"),
        ({"TriggerCount": 2001}, "InvalidParameter"),
        ({"AlarmPeriod": -1}, "InvalidParameter"),
        ({"AlarmPeriod": 1441}, "InvalidParameter"),
        ({"Condition": ""}, "InvalidParameter"),
        ({"Condition": "many"}, "InvalidParameter"),
        ({"Condition": "$2.__QUERYCOUNT__ > 0"}, "InvalidParameter"),
        ({"MultiConditions": LATER["MultiConditions"]}, "InvalidParameter"),
        ({"AlarmLevel": 3}, "InvalidParameter"),
        ({"MonitorNotice": None}, "InvalidParameter"),
        ({"MonitorNotice": {"Notices": []}}, "InvalidParameter"),
        ({"MonitorNotice": {"Notices": [{"NoticeId": "notice-nobody1"}]}}, "ResourceNotFound.AlarmNoticeNotExist"),
        ({"AlarmNoticeIds": ["notice-1"]}, "InvalidParameter"),
        ({"AlarmNoticeIds": ["notice-1"], "MonitorNotice": None}, "ResourceNotFound.AlarmNoticeNotExist"),
        ({"Classifications": [{"Key": "Kind", "Value": ""}]}, "InvalidParameter"),
        ({"Classifications": [{"Key": "kind", "Value": ""}] * 2}, "InvalidParameter"),
        ({"Classifications": [{"Key": "kind", "Value": "v" * 201}]}, "InvalidParameter"),
        ({"Classifications": [{"Key": f"k{n}", "Value": ""} for n in range(21)]}, "InvalidParameter"),
        ({"Analysis": [{"Name": "n", "Type": "chart", "Content": ""}]}, "InvalidParameter"),
        ({"Tags": [{"Key": f"k{n}", "Value": "v"} for n in range(11)]}, "InvalidParameter"),
        ({"Tags": TEAM * 2}, "InvalidParameter"),
        ({"Colour": "red"}, "UnknownParameter"),
    ],
)
def test_an_alarm_beyond_the_limits(ask: Ask, asked: dict[str, Any], changes: dict[str, Any], code: str) -> None:
    alarm = {name: value for name, value in {**asked, **changes}.items() if value is not None}
    assert refused(ask, "CreateAlarm", **alarm) == code
    assert names(ask) == []


@pytest.mark.parametrize("missing", ["Name", "AlarmTargets", "MonitorTime", "TriggerCount", "AlarmPeriod"])
def test_an_alarm_without_what_it_needs(ask: Ask, asked: dict[str, Any], missing: str) -> None:
    assert refused(ask, "CreateAlarm", **{k: v for k, v in asked.items() if k != missing}) == "MissingParameter"


@pytest.mark.behaviour(
    service="cls",
    what="A statement looks back over minutes, 1440 at most, into a topic of that log set that is not in cold storage;"
    " statements are counted from 1, and with topics of their own (MonitorObjectType 1) there are ten",
    standing="documented",
    source="614/56471",
)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"StartTimeOffset": 0}, "InvalidParameter"),
        ({"StartTimeOffset": -1441}, "InvalidParameter"),
        ({"EndTimeOffset": 1}, "InvalidParameter"),
        ({"EndTimeOffset": -10}, "InvalidParameter"),
        ({"Number": 0}, "InvalidParameter"),
        ({"Number": 2}, "InvalidParameter"),
        ({"Query": ""}, "InvalidParameter"),
        ({"SyntaxRule": 2}, "InvalidParameter"),
        ({"TopicId": "nowhere"}, "ResourceNotFound.TopicNotExist"),
        ({"LogsetId": "nowhere"}, "ResourceNotFound.TopicNotExist"),
    ],
)
def test_a_statement_beyond_the_limits_changes_nothing(
    ask: Ask, asked: dict[str, Any], target: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    made = ask("CreateAlarm", **asked)["AlarmId"]
    before = described(ask, made)
    wrong = [{**target, **changes}]
    assert refused(ask, "CreateAlarm", **{**asked, "Name": "other", "AlarmTargets": wrong}) == code
    assert refused(ask, "ModifyAlarm", AlarmId=made, AlarmTargets=wrong) == code
    assert described(ask, made) == before


def test_statements_are_counted_and_few(ask: Ask, asked: dict[str, Any], target: dict[str, Any]) -> None:
    several = [{**target, "Number": number} for number in range(1, 12)]
    apart = {**asked, "AlarmTargets": several, "MonitorObjectType": 1, "Condition": "$11.__QUERYCOUNT__ > 0"}
    assert refused(ask, "CreateAlarm", **apart) == "InvalidParameter"
    assert ask("CreateAlarm", **{**apart, "MonitorObjectType": 0})["AlarmId"]


def test_nothing_watches_what_is_in_cold_storage(ask: Ask, asked: dict[str, Any], target: dict[str, Any]) -> None:
    cold = ask("CreateTopic", LogsetId=target["LogsetId"], TopicName="old", StorageType="cold")["TopicId"]
    code = refused(ask, "CreateAlarm", **{**asked, "AlarmTargets": [{**target, "TopicId": cold}]})
    assert code == "OperationDenied.AlarmNotSupportForSearchLow"


@pytest.mark.behaviour(
    service="cls",
    what="Two log alarms of one name are InvalidParameter.AlarmConflict",
    standing="assumed",
    source="614/56466 (the code, not its cause)",
)
def test_an_alarms_name_is_its_own(ask: Ask, asked: dict[str, Any]) -> None:
    ask("CreateAlarm", **asked)
    other = ask("CreateAlarm", **{**asked, "Name": "other"})["AlarmId"]
    assert refused(ask, "CreateAlarm", **asked) == "InvalidParameter.AlarmConflict"
    assert refused(ask, "ModifyAlarm", AlarmId=other, Name="given up") == "InvalidParameter.AlarmConflict"
    ask("ModifyAlarm", AlarmId=other, Name="other")
    assert names(ask) == ["given up", "other"]


@pytest.mark.behaviour(
    service="cls",
    what="DeleteAlarm; a log alarm that is not there is ResourceNotFound.AlarmNotExist",
    standing="documented",
    source="614/56459",
)
def test_a_dropped_alarm_is_gone(ask: Ask, asked: dict[str, Any]) -> None:
    made = ask("CreateAlarm", **asked)["AlarmId"]
    ask("DeleteAlarm", AlarmId=made)
    assert names(ask) == []
    assert refused(ask, "DeleteAlarm", AlarmId=made) == "ResourceNotFound.AlarmNotExist"
    assert refused(ask, "ModifyAlarm", AlarmId=made, Status=False) == "ResourceNotFound.AlarmNotExist"


@pytest.mark.behaviour(
    service="cls",
    what="The tag service tags log alarms, by the prefix alarm",
    standing="observed",
    source="tencentcloud_cls_alarm 1.83.25",
)
def test_an_alarm_is_tagged_by_the_tag_service(ask: Ask, asked: dict[str, Any]) -> None:
    made = ask("CreateAlarm", **asked)["AlarmId"]
    ask(
        "ModifyResourceTags",
        service="tag",
        Resource=f"qcs::cls:ap-guangzhou:uin/:alarm/{made}",
        ReplaceTags=[{"TagKey": "team", "TagValue": "faces"}],
    )
    assert described(ask, made)["Tags"] == TEAM


def test_a_role_needs_the_permission(ask: Ask, asked: dict[str, Any], cam: Cam) -> None:
    made = ask("CreateAlarm", **asked)["AlarmId"]
    key = holding(cam, allow("cls:DescribeAlarms"))
    assert [each["AlarmId"] for each in ask("DescribeAlarms", by=key)["Alarms"]] == [made]
    assert refused(ask, "DeleteAlarm", by=key, AlarmId=made) == "AuthFailure.UnauthorizedOperation"


@pytest.mark.behaviour(
    service="cls",
    what="No log alarm is raised, whatever lines arrive: there is no history to ask for, and nobody is told",
    standing="assumed",
    source="the local cloud alone",
)
@pytest.mark.parametrize("action", ["DescribeAlertRecordHistory", "GetAlarmLog", "CreateAlarmNotice"])
def test_no_alarm_is_ever_raised(ask: Ask, asked: dict[str, Any], action: str) -> None:
    ask("CreateAlarm", **asked)
    assert refused(ask, action) == "InvalidAction"
