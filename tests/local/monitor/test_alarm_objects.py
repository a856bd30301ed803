"""What alarm policies watch: functions, by the dimensions of their metrics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.monitor.conftest import Ask, policy, refused

STAMPER = '{"functionName": "stamper", "namespace":"default", "version":"$LATEST"}'
API = '{"functionName":"api","namspace":"default","alias":"$DEFAULT"}'


@pytest.fixture
def made(ask: Ask) -> dict[str, str]:
    """A policy's PolicyId and OriginId."""
    return dict(ask("CreateAlarmPolicy", **policy()))


def bind(ask: Ask, policy: str, *dimensions: str) -> None:
    bound = [{"Region": "gz", "Dimensions": each} for each in dimensions]
    ask("BindingPolicyObject", GroupId=0, PolicyId=policy, Dimensions=bound)


def watched(ask: Ask, policy: str, **page: Any) -> list[str]:
    found = ask("DescribeBindingPolicyObjectList", GroupId=0, PolicyId=policy, **page)["List"]
    return [each["Dimensions"] for each in found]


@pytest.mark.behaviour(
    service="monitor",
    what="BindingPolicyObject adds functions to what a policy watches, and DescribeBindingPolicyObjectList tells them,"
    " their dimensions to the letter",
    standing="documented",
    source="248/40421",
)
def test_functions_are_watched(ask: Ask, made: dict[str, str]) -> None:
    bind(ask, made["PolicyId"], STAMPER)
    bind(ask, made["PolicyId"], API, STAMPER)

    told = ask("DescribeBindingPolicyObjectList", GroupId=0, PolicyId=made["PolicyId"])

    assert [each["Dimensions"] for each in told["List"]] == [STAMPER, API]
    assert len({each["UniqueId"] for each in told["List"]}) == 2
    assert {(each["IsShielded"], each["Region"]) for each in told["List"]} == {(0, "gz")}
    assert (told["Total"], told["NoShieldedSum"]) == (2, 2)
    assert watched(ask, made["PolicyId"], Offset=1, Limit=1) == [API]
    policy = ask("DescribeAlarmPolicy", PolicyId=made["PolicyId"])["Policy"]
    assert (policy["UseSum"], policy["Region"]) == (2, ["gz"])


@pytest.mark.behaviour(
    service="monitor",
    what="DescribePolicyObjectCount counts by region what the policy of an OriginId watches",
    standing="observed",
    source="tencentcloud_monitor_policy_binding_object 1.83.25",
)
def test_what_is_watched_is_counted_by_region(ask: Ask, made: dict[str, str]) -> None:
    group = int(made["OriginId"])
    assert ask("DescribePolicyObjectCount", GroupId=group)["RegionList"] == []
    bind(ask, made["PolicyId"], STAMPER, API)
    assert ask("DescribePolicyObjectCount", GroupId=group)["RegionList"] == [{"Region": "gz", "Count": 2}]


@pytest.mark.behaviour(
    service="monitor",
    what="UnBindingAllPolicyObject lets a policy watch nothing",
    standing="documented",
    source="248/40568",
)
def test_nothing_is_watched_any_more(ask: Ask, made: dict[str, str]) -> None:
    other = ask("CreateAlarmPolicy", **policy())["PolicyId"]
    bind(ask, made["PolicyId"], STAMPER)
    bind(ask, other, STAMPER)

    ask("UnBindingAllPolicyObject", GroupId=0, PolicyId=made["PolicyId"])

    assert watched(ask, made["PolicyId"]) == []
    assert watched(ask, other) == [STAMPER]


def test_a_policy_is_also_meant_by_its_group(ask: Ask, made: dict[str, str]) -> None:
    group = int(made["OriginId"])
    ask("BindingPolicyObject", GroupId=group, Dimensions=[{"Region": "gz", "Dimensions": STAMPER}])
    assert watched(ask, made["PolicyId"]) == [STAMPER]
    assert refused(ask, "DescribePolicyObjectCount", GroupId=group + 1) == "ResourceNotFound"
    assert refused(ask, "DescribeBindingPolicyObjectList", PolicyId="policy-nobody1") == "ResourceNotFound"


@pytest.mark.behaviour(
    service="monitor",
    what="A function is named by functionName, with namespace (or namspace), version, alias or appid beside it",
    standing="documented",
    source="248/37207",
)
@pytest.mark.parametrize(
    "bound",
    [
        {"Region": "gz", "Dimensions": "stamper"},
        {"Region": "gz", "Dimensions": '["stamper"]'},
        {"Region": "gz", "Dimensions": '{"version":"$LATEST"}'},
        {"Region": "gz", "Dimensions": json.dumps({"functionName": "stamper", "unInstanceId": "ins-1"})},
        {"Region": "gz", "Dimensions": '{"functionName": 1}'},
        {"Region": "bj", "Dimensions": STAMPER},
    ],
)
def test_what_is_no_function_is_not_watched(ask: Ask, made: dict[str, str], bound: dict[str, Any]) -> None:
    good = {"Region": "gz", "Dimensions": STAMPER}
    code = refused(ask, "BindingPolicyObject", GroupId=0, PolicyId=made["PolicyId"], Dimensions=[good, bound])
    assert code == "InvalidParameterValue"
    assert watched(ask, made["PolicyId"]) == []
