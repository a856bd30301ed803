"""Alarm notices: whom a policy would tell, and how."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.local.clock import Clock
from tests.local.monitor.conftest import Ask, notice, policy, refused

HOOK = {"URL": "https://example.com/hook", "StartTime": 0, "EndTime": 86_399, "Weekday": [1, 7]}
USER = {
    "ReceiverType": "USER",
    "StartTime": 0,
    "EndTime": 86_399,
    "NoticeWay": ["EMAIL", "SMS"],
    "UserIds": [10_001],
    "Weekday": [1, 2, 3, 4, 5],
}
TOPIC = {"Region": "ap-guangzhou", "LogSetId": "its", "TopicId": "own"}


def listed(ask: Ask, **asked: Any) -> list[dict[str, Any]]:
    return list(ask("DescribeAlarmNotices", **{"PageNumber": 1, "PageSize": 200, **asked})["Notices"])


@pytest.mark.behaviour(
    service="monitor",
    what="CreateAlarmNotice, and DescribeAlarmNotices tells it as it was asked for, with the policies that send it",
    standing="documented",
    source="248/51280",
)
def test_a_notice_is_made_and_told(ask: Ask) -> None:
    made = ask("CreateAlarmNotice", **notice(URLNotices=[HOOK], UserNotices=[USER], CLSNotices=[TOPIC]))["NoticeId"]
    assert re.fullmatch(r"notice-[a-z0-9]{8}", made)
    sender = ask("CreateAlarmPolicy", **policy(NoticeIds=[made]))["PolicyId"]

    [told] = listed(ask, NoticeIds=[made])

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told.pop("UpdatedAt"))
    [user], [hook], [topic] = (told.pop(name) for name in ("UserNotices", "URLNotices", "CLSNotices"))
    assert {name: user[name] for name in USER} == USER
    assert {name: hook[name] for name in HOOK} == HOOK
    assert topic == {**TOPIC, "Enable": 1}
    assert told == {
        "Id": made,
        "Name": "operators",
        "NoticeType": "ALL",
        "NoticeLanguage": "en-US",
        "UpdatedBy": "100000000001",
        "IsPreset": 0,
        "PolicyIds": [sender],
        "AMPConsumerId": "",
    }


@pytest.mark.behaviour(
    service="monitor",
    what="The Pulumi provider's way to leave out what it was not given: zeros and empty lists",
    standing="observed",
    source="tencentcloud_monitor_alarm_notice 1.83.25",
)
def test_a_receiver_as_the_provider_asks_for_it(ask: Ask) -> None:
    unset = {"PhoneCircleTimes": 0, "PhoneInnerInterval": 0, "PhoneCircleInterval": 0, "NeedPhoneArriveNotice": 0}
    user = {**USER, **unset, "GroupIds": [], "PhoneOrder": [], "PhoneCallType": ""}
    hook = {**HOOK, "IsValid": 0}
    ask("CreateAlarmNotice", **notice(UserNotices=[user], URLNotices=[hook], CLSNotices=[{**TOPIC, "Enable": 1}]))
    [told] = listed(ask)
    assert told["UserNotices"] == [user]
    assert told["URLNotices"] == [{**hook, "ValidationCode": ""}]


@pytest.mark.behaviour(
    service="monitor",
    what="DescribeAlarmNotices finds by ids and by a part of the name, by pages, by when they were changed",
    standing="documented",
    source="248/51280",
)
def test_notices_are_listed(ask: Ask, clock: Clock) -> None:
    made = {}
    for name in ("one", "two", "another one"):
        made[name] = ask("CreateAlarmNotice", **notice(Name=name))["NoticeId"]
        clock.skip(1)
    ask("ModifyAlarmNotice", NoticeId=made["one"], **notice(Name="one"))

    def names(**asked: Any) -> list[str]:
        return [each["Name"] for each in listed(ask, **asked)]

    assert names() == ["two", "another one", "one"]
    assert names(Order="DESC") == ["one", "another one", "two"]
    assert names(Name="one") == ["another one", "one"]
    assert names(NoticeIds=[made["two"], "notice-nobody1"]) == ["two"]
    assert names(PageNumber=2, PageSize=2) == ["one"]
    assert names(NoticeIds=["notice-nobody1"]) == []


@pytest.mark.behaviour(
    service="monitor",
    what="ModifyAlarmNotice puts another notice in a notice's place, and what is not named is gone",
    standing="documented",
    source="248/51280",
)
def test_a_notice_is_changed(ask: Ask) -> None:
    made = ask("CreateAlarmNotice", **notice(UserNotices=[USER]))["NoticeId"]
    ask("ModifyAlarmNotice", NoticeId=made, **notice(Name="others", NoticeType="ALARM"))

    [told] = listed(ask)
    assert (told["Id"], told["Name"], told["NoticeType"], told["UserNotices"]) == (made, "others", "ALARM", [])
    assert refused(ask, "ModifyAlarmNotice", NoticeId="notice-nobody1", **notice()) == "ResourceNotFound"


@pytest.mark.behaviour(
    service="monitor",
    what="A notice that a policy sends is not deleted",
    standing="assumed",
    source="248/51280 (says nothing of it)",
)
def test_a_notice_is_deleted_when_nobody_sends_it(ask: Ask) -> None:
    made = ask("CreateAlarmNotice", **notice())["NoticeId"]
    sender = ask("CreateAlarmPolicy", **policy(NoticeIds=[made]))["PolicyId"]
    assert refused(ask, "DeleteAlarmNotices", NoticeIds=[made]) == "FailedOperation"

    ask("ModifyAlarmPolicyNotice", PolicyId=sender)
    ask("DeleteAlarmNotices", NoticeIds=[made])

    assert listed(ask) == []
    assert refused(ask, "DeleteAlarmNotices", NoticeIds=[made]) == "ResourceNotFound"


@pytest.mark.behaviour(
    service="monitor",
    what="A notice has at most five receivers, six addresses of 256 characters and one log topic; its name has 60"
    " characters, its times are within a day",
    standing="documented",
    source="248/51280",
)
@pytest.mark.parametrize(
    "changes",
    [
        {"Name": ""},
        {"Name": "n" * 61},
        {"NoticeType": "SOME"},
        {"NoticeLanguage": "fr-FR"},
        {"UserNotices": [USER] * 6},
        {"URLNotices": [HOOK] * 7},
        {"CLSNotices": [TOPIC] * 2},
        {"URLNotices": [{**HOOK, "URL": "https://" + "x" * 249}]},
        {"URLNotices": [{**HOOK, "EndTime": 86_400}]},
        {"UserNotices": [{**USER, "NoticeWay": ["PIGEON"]}]},
        {"UserNotices": [{**USER, "ReceiverType": "ALL"}]},
    ],
)
def test_a_notice_beyond_the_limits(ask: Ask, changes: dict[str, Any]) -> None:
    assert refused(ask, "CreateAlarmNotice", **notice(**changes)) == "InvalidParameter"
    assert listed(ask) == []


def test_a_notice_at_the_limits(ask: Ask) -> None:
    longest = {**HOOK, "URL": "https://" + "x" * 248}
    many = notice(Name="n" * 60, UserNotices=[USER] * 5, URLNotices=[longest] * 6, CLSNotices=[TOPIC])
    ask("CreateAlarmNotice", **many)
    [told] = listed(ask)
    assert [len(told[name]) for name in ("UserNotices", "URLNotices", "CLSNotices")] == [5, 6, 1]
