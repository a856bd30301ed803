"""Alarm policies on functions: kept, told, changed and dropped; nothing measures, and nobody is told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.local.cam import Cam
from infra.local.clock import Clock
from tests.local.cam.conftest import allow, holding
from tests.local.monitor.conftest import ERRORS, Ask, notice, policy, refused

TOLD = {**ERRORS, "RuleType": "STATIC", "Description": "Error", "Unit": "", "Filter": None}


def described(ask: Ask, made: str) -> dict[str, Any]:
    return dict(ask("DescribeAlarmPolicy", PolicyId=made)["Policy"])


@pytest.mark.behaviour(
    service="monitor",
    what="CreateAlarmPolicy on the metrics of QCE/SCF_V2, and DescribeAlarmPolicy tells it as it was asked for",
    standing="documented",
    source="248/51287",
)
def test_a_policy_is_made_and_told(ask: Ask, clock: Clock) -> None:
    sent = ask("CreateAlarmNotice", **notice())["NoticeId"]
    before = int(clock.now())
    made = ask("CreateAlarmPolicy", **policy(Remark="of-the-stack_1", NoticeIds=[sent]))
    assert re.fullmatch(r"policy-[a-z0-9]{8}", made["PolicyId"])
    assert made["OriginId"].isdecimal()

    told = described(ask, made["PolicyId"])

    assert before <= told["InsertTime"] == told["UpdateTime"] <= clock.now()
    [listed] = told["Notices"]
    assert (listed["Id"], listed["PolicyIds"]) == (sent, [made["PolicyId"]])
    expected = {
        "PolicyId": made["PolicyId"],
        "OriginId": made["OriginId"],
        "PolicyName": "stamper fails",
        "MonitorType": "MT_QCE",
        "Namespace": "SCF_V2",
        "Remark": "of-the-stack_1",
        "Enable": 1,
        "ProjectId": -1,
        "Condition": {"IsUnionRule": 0, "Rules": [TOLD]},
        "EventCondition": {"Rules": []},
        "NoticeIds": [sent],
        "TriggerTasks": [],
        "TagInstances": [],
        "UseSum": 0,
    }
    assert {name: told[name] for name in expected} == expected


@pytest.mark.behaviour(
    service="monitor",
    what="A policy's name, remark, state, condition and notices are changed each by an action of its own",
    standing="documented",
    source="248/51278",
)
def test_a_policy_is_changed(ask: Ask, clock: Clock) -> None:
    sent = ask("CreateAlarmNotice", **notice())["NoticeId"]
    made = ask("CreateAlarmPolicy", **policy())["PolicyId"]
    before = described(ask, made)
    throttled = {**ERRORS, "MetricName": "Throttle", "Period": 300, "Operator": "ge", "Value": "1.5"}
    clock.skip(60)

    ask("ModifyAlarmPolicyInfo", PolicyId=made, Key="NAME", Value="stamper is throttled")
    ask("ModifyAlarmPolicyInfo", PolicyId=made, Key="REMARK", Value="since-2026")
    ask("ModifyAlarmPolicyStatus", PolicyId=made, Enable=0)
    ask("ModifyAlarmPolicyCondition", PolicyId=made, Condition={"IsUnionRule": 1, "Rules": [throttled]})
    ask("ModifyAlarmPolicyNotice", PolicyId=made, NoticeIds=[sent])

    after = described(ask, made)
    changes = {
        "PolicyName": "stamper is throttled",
        "Remark": "since-2026",
        "Enable": 0,
        "Condition": {"IsUnionRule": 1, "Rules": [{**TOLD, **throttled, "Description": "Throttle"}]},
        "NoticeIds": [sent],
    }
    assert {name: after[name] for name in changes} == changes
    same = before.keys() - changes.keys() - {"Notices", "UpdateTime"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert after["UpdateTime"] >= before["UpdateTime"] + 60


@pytest.mark.behaviour(
    service="monitor",
    what="The Pulumi provider's way to leave out what is only told: an empty Description, Unit and RuleType",
    standing="observed",
    source="tencentcloud_monitor_alarm_policy 1.83.25",
)
def test_a_rule_as_the_provider_asks_for_it(ask: Ask) -> None:
    rule = {**ERRORS, "Description": "", "Unit": "", "RuleType": ""}
    made = ask("CreateAlarmPolicy", **policy(Condition={"IsUnionRule": 0, "Rules": [rule]}))["PolicyId"]
    assert described(ask, made)["Condition"]["Rules"] == [TOLD]

    asked = {name: value for name, value in TOLD.items() if value is not None}
    ask("ModifyAlarmPolicyCondition", PolicyId=made, Condition={"IsUnionRule": 0, "Rules": [{**asked, "Value": "3"}]})
    assert described(ask, made)["Condition"]["Rules"] == [{**TOLD, "Value": "3"}]


@pytest.mark.behaviour(
    service="monitor",
    what="The policy type on functions is SCF_V2, or scf_alias, where errors are also metric 13007: no page that is"
    " known here names it",
    standing="assumed",
    source="248/50397 (ends before functions)",
)
def test_both_names_of_the_policy_type_are_taken(ask: Ask) -> None:
    numbered = {**ERRORS, "MetricName": "13007", "Period": 300}
    condition = {"IsUnionRule": 0, "Rules": [numbered, ERRORS]}
    made = ask("CreateAlarmPolicy", **policy(Namespace="scf_alias", Condition=condition))["PolicyId"]
    assert [rule["MetricName"] for rule in described(ask, made)["Condition"]["Rules"]] == ["13007", "Error"]

    assert refused(ask, "CreateAlarmPolicy", **policy(Condition=condition)) == "InvalidParameterValue"


@pytest.mark.behaviour(
    service="monitor",
    what="The metrics of functions, over 60, 300, 3600 or 86400 seconds",
    standing="documented",
    source="248/37207",
)
@pytest.mark.parametrize("metric", ["Error", "Throttle", "Duration", "DlqFailedNum", "FunctionErrorPercentage", "Mem"])
@pytest.mark.parametrize("period", [60, 300, 3600, 86_400])
def test_a_metric_of_functions(ask: Ask, metric: str, period: int) -> None:
    rule = {**ERRORS, "MetricName": metric, "Period": period}
    made = ask("CreateAlarmPolicy", **policy(Condition={"IsUnionRule": 0, "Rules": [rule]}))["PolicyId"]
    [told] = described(ask, made)["Condition"]["Rules"]
    assert {name: told[name] for name in rule} == rule


@pytest.mark.behaviour(
    service="monitor",
    what="A policy beyond what is documented is refused: names of more than 60 characters, remarks with other signs,"
    " unknown types, metrics, periods, operators, intervals and notices, values that are no numbers",
    standing="documented",
    source="248/51287",
)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"PolicyName": ""}, "InvalidParameterValue"),
        ({"PolicyName": "n" * 61}, "InvalidParameterValue"),
        ({"Remark": "two words"}, "InvalidParameterValue"),
        ({"Remark": "r" * 101}, "InvalidParameterValue"),
        ({"MonitorType": "MT_RUM"}, "InvalidParameter"),
        ({"Namespace": "cvm_device"}, "InvalidParameterValue"),
        ({"Enable": 2}, "InvalidParameter"),
        ({"NoticeIds": ["notice-nobody1"]}, "ResourceNotFound"),
        ({"Condition": {"IsUnionRule": 0, "Rules": []}}, "InvalidParameter"),
        ({"Condition": {"IsUnionRule": 2, "Rules": [ERRORS]}}, "InvalidParameter"),
        ({"EventCondition": {"Rules": []}}, "UnknownParameter"),
        ({"Module": "monitors"}, "InvalidParameter"),
    ],
)
def test_a_policy_beyond_the_limits(ask: Ask, changes: dict[str, Any], code: str) -> None:
    assert refused(ask, "CreateAlarmPolicy", **policy(**changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"MetricName": "Errors"}, "InvalidParameterValue"),
        ({"Period": 61}, "InvalidParameterValue"),
        ({"NoticeFrequency": 60}, "InvalidParameterValue"),
        ({"Value": "many"}, "InvalidParameterValue"),
        ({"Operator": ">"}, "InvalidParameter"),
        ({"ContinuePeriod": 0}, "InvalidParameter"),
        ({"IsPowerNotice": 2}, "InvalidParameter"),
        ({"RuleType": "DYNAMIC"}, "InvalidParameter"),
        ({"Value": 0}, "InvalidParameter"),
    ],
)
def test_a_rule_beyond_the_limits_changes_nothing(ask: Ask, changes: dict[str, Any], code: str) -> None:
    made = ask("CreateAlarmPolicy", **policy())["PolicyId"]
    condition = {"IsUnionRule": 0, "Rules": [ERRORS, {**ERRORS, **changes}]}

    assert refused(ask, "CreateAlarmPolicy", **policy(Condition=condition)) == code
    assert refused(ask, "ModifyAlarmPolicyCondition", PolicyId=made, Condition=condition) == code
    assert described(ask, made)["Condition"]["Rules"] == [TOLD]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Key": "NAME", "Value": ""}, "InvalidParameterValue"),
        ({"Key": "REMARK", "Value": "two words"}, "InvalidParameterValue"),
        ({"Key": "COLOUR", "Value": "red"}, "InvalidParameter"),
    ],
)
def test_a_name_beyond_the_limits_changes_nothing(ask: Ask, changes: dict[str, str], code: str) -> None:
    made = ask("CreateAlarmPolicy", **policy())["PolicyId"]
    assert refused(ask, "ModifyAlarmPolicyInfo", PolicyId=made, **changes) == code
    assert (described(ask, made)["PolicyName"], described(ask, made)["Remark"]) == ("stamper fails", "")


@pytest.mark.behaviour(
    service="monitor",
    what="A policy that is not there is ResourceNotFound, for every action",
    standing="documented",
    source="248/51278",
)
def test_a_dropped_policy_is_gone(ask: Ask) -> None:
    made = [ask("CreateAlarmPolicy", **policy())["PolicyId"] for _ in range(2)]
    assert refused(ask, "DeleteAlarmPolicy", PolicyIds=[*made, "policy-nobody1"]) == "ResourceNotFound"
    assert described(ask, made[0])["PolicyId"] == made[0]

    ask("DeleteAlarmPolicy", PolicyIds=made)

    asked: dict[str, dict[str, Any]] = {
        "DescribeAlarmPolicy": {},
        "ModifyAlarmPolicyInfo": {"Key": "NAME", "Value": "x"},
        "ModifyAlarmPolicyStatus": {"Enable": 1},
        "ModifyAlarmPolicyCondition": {"Condition": policy()["Condition"]},
        "ModifyAlarmPolicyNotice": {"NoticeIds": []},
    }
    for action, more in asked.items():
        assert refused(ask, action, PolicyId=made[0], **more) == "ResourceNotFound"


@pytest.mark.behaviour(
    service="monitor",
    what="BindingPolicyTag lets a policy watch what carries a tag, which DescribeAlarmPolicy tells as TagInstances",
    standing="observed",
    source="tencentcloud_monitor_alarm_policy 1.83.25",
)
def test_a_policy_watches_what_carries_a_tag(ask: Ask) -> None:
    made = ask("CreateAlarmPolicy", **policy())
    ask(
        "BindingPolicyTag",
        PolicyId=made["PolicyId"],
        GroupId=made["OriginId"],
        ServiceType="SCF_V2",
        Tag={"Key": "stage", "Value": "prod"},
    )
    [told] = described(ask, made["PolicyId"])["TagInstances"]
    assert (told["Key"], told["Value"]) == ("stage", "prod")


def test_a_role_needs_the_permission(ask: Ask, cam: Cam) -> None:
    made = ask("CreateAlarmPolicy", **policy())["PolicyId"]
    key = holding(cam, allow("monitor:DescribeAlarmPolicy"))
    assert ask("DescribeAlarmPolicy", by=key, PolicyId=made)["Policy"]["PolicyId"] == made
    assert refused(ask, "DeleteAlarmPolicy", by=key, PolicyIds=[made]) == "AuthFailure.UnauthorizedOperation"


@pytest.mark.behaviour(
    service="monitor",
    what="Nothing is measured and no alarm is raised, whatever functions do: there are no metrics and no history to ask"
    " for, and no notice is sent",
    standing="assumed",
    source="the local cloud alone",
)
@pytest.mark.parametrize("action", ["DescribeAlarmHistories", "GetMonitorData", "DescribeStatisticData"])
def test_no_alarm_is_ever_raised(ask: Ask, action: str) -> None:
    ask("CreateAlarmPolicy", **policy(NoticeIds=[ask("CreateAlarmNotice", **notice())["NoticeId"]]))
    assert refused(ask, action) == "InvalidAction"
