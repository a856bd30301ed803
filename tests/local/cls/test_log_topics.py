"""Log sets and topics: made, listed, changed, dropped, as the Pulumi provider and a user ask for it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from infra.local.cam import Cam
from tests.local.cam.conftest import allow, holding
from tests.local.cls.conftest import RULE, Ask, refused

TEAM = [{"Key": "team", "Value": "faces"}]


def logsets(ask: Ask, *filters: tuple[str, list[str]], **page: Any) -> list[str]:
    asked = [{"Key": key, "Values": values} for key, values in filters]
    return [each["LogsetName"] for each in ask("DescribeLogsets", Filters=asked, **page)["Logsets"]]


def topics(ask: Ask, *filters: tuple[str, list[str]], **more: Any) -> list[str]:
    asked = [{"Key": key, "Values": values} for key, values in filters]
    return [each["TopicName"] for each in ask("DescribeTopics", Filters=asked, **more)["Topics"]]


def described(ask: Ask, topic: str) -> dict[str, Any]:
    [told] = ask("DescribeTopics", Filters=[{"Key": "topicId", "Values": [topic]}])["Topics"]
    return dict(told)


@pytest.mark.behaviour(
    service="cls",
    what="CreateLogset, and DescribeLogsets by id, by name and by tags",
    standing="documented",
    source="614/58624",
)
def test_a_log_set_is_made_and_found(ask: Ask) -> None:
    made = ask("CreateLogset", LogsetName="functions", Tags=TEAM)["LogsetId"]
    ask("CreateLogset", LogsetName="web")
    assert re.fullmatch(r"[0-9a-f-]{36}", made)

    [told] = ask("DescribeLogsets", Filters=[{"Key": "logsetId", "Values": [made]}])["Logsets"]

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told.pop("CreateTime"))
    assert told == {
        "LogsetId": made,
        "LogsetName": "functions",
        "AssumerUin": 0,
        "AssumerName": "",
        "RoleName": "",
        "Tags": TEAM,
        "TopicCount": 0,
        "MetricTopicCount": 0,
    }
    assert logsets(ask) == ["functions", "web"]
    assert logsets(ask, ("logsetName", ["web", "function"])) == ["functions", "web"]
    assert logsets(ask, ("tagKey", ["team"])) == ["functions"]
    assert logsets(ask, ("tag:team", ["faces"])) == ["functions"]
    assert logsets(ask, ("tag:team", ["others"])) == []
    assert logsets(ask, ("logsetId", [made]), ("logsetName", ["web"])) == []
    assert logsets(ask, Offset=1, Limit=1) == ["web"]


@pytest.mark.behaviour(
    service="cls",
    what="A log set's name is unique, and has 1 to 255 characters without |",
    standing="documented",
    source="614/58626",
)
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("functions", "InvalidParameter.LogsetConflict"),
        ("", "InvalidParameter"),
        ("a|b", "InvalidParameter"),
        ("n" * 256, "InvalidParameter"),
    ],
)
def test_a_log_sets_name(ask: Ask, name: str, code: str) -> None:
    ask("CreateLogset", LogsetName="functions")
    other = ask("CreateLogset", LogsetName="n" * 255)["LogsetId"]

    assert refused(ask, "CreateLogset", LogsetName=name) == code
    assert refused(ask, "ModifyLogset", LogsetId=other, LogsetName=name) == code
    assert logsets(ask) == ["functions", "n" * 255]


@pytest.mark.behaviour(
    service="cls",
    what="ModifyLogset gives another name, and other tags in place of those there are",
    standing="documented",
    source="614/58626",
)
def test_a_log_set_is_changed(ask: Ask) -> None:
    made = ask("CreateLogset", LogsetName="functions", Tags=TEAM)["LogsetId"]
    ask("ModifyLogset", LogsetId=made, LogsetName="all", Tags=[{"Key": "stage", "Value": "dev"}])
    ask("ModifyLogset", LogsetId=made, LogsetName="all")

    [told] = ask("DescribeLogsets")["Logsets"]
    assert (told["LogsetName"], told["Tags"]) == ("all", [{"Key": "stage", "Value": "dev"}])


@pytest.mark.behaviour(
    service="cls",
    what="A log set with topics is not deleted: FailedOperation.LogsetNotEmpty",
    standing="documented",
    source="614/58626",
)
def test_a_log_set_is_deleted_when_it_is_empty(ask: Ask, topic: str) -> None:
    logset = described(ask, topic)["LogsetId"]
    assert refused(ask, "DeleteLogset", LogsetId=logset) == "FailedOperation.LogsetNotEmpty"

    ask("DeleteTopic", TopicId=topic)
    ask("DeleteLogset", LogsetId=logset)

    assert logsets(ask) == []
    for action in ("DeleteLogset", "ModifyLogset"):
        assert refused(ask, action, LogsetId=logset) == "ResourceNotFound.LogsetNotExist"


@pytest.mark.behaviour(
    service="cls",
    what="CreateTopic: one partition that splits into 50 at most, hot storage, thirty days; the days are assumed",
    standing="documented",
    source="614/56454",
)
def test_a_topic_is_made_with_what_is_usual(ask: Ask, topic: str) -> None:
    told = described(ask, topic)

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told.pop("CreateTime"))
    assert told == {
        "LogsetId": ask("DescribeLogsets")["Logsets"][0]["LogsetId"],
        "TopicId": topic,
        "TopicName": "stamper",
        "PartitionCount": 1,
        "AutoSplit": True,
        "MaxSplitPartitions": 50,
        "StorageType": "hot",
        "Period": 30,
        "HotPeriod": 0,
        "Describes": "",
        "IsWebTracking": False,
        "Index": False,
        "Status": True,
        "AssumerUin": 0,
        "AssumerName": "",
        "SubAssumerName": "",
        "RoleName": "",
        "Tags": [],
        "Extends": None,
        "BizType": 0,
        "KeyId": "",
        "CustomKmsInfo": None,
    }
    assert ask("DescribeLogsets")["Logsets"][0]["TopicCount"] == 1


def test_a_topic_is_made_as_it_was_asked_for(ask: Ask) -> None:
    logset = ask("CreateLogset", LogsetName="functions")["LogsetId"]
    asked: dict[str, Any] = {
        "PartitionCount": 2,
        "AutoSplit": False,
        "MaxSplitPartitions": 10,
        "StorageType": "hot",
        "Period": 3640,
        "HotPeriod": 30,
        "Describes": "of the stamper",
        "IsWebTracking": False,
    }
    made = ask("CreateTopic", LogsetId=logset, TopicName="stamper", Tags=TEAM, **asked)["TopicId"]

    told = described(ask, made)
    assert {name: told[name] for name in asked} == asked
    assert told["Tags"] == TEAM


@pytest.mark.behaviour(
    service="cls", what="ModifyTopic changes what it names, and nothing else", standing="documented", source="614/56454"
)
def test_a_topic_is_changed(ask: Ask, topic: str) -> None:
    before = described(ask, topic)
    ask("ModifyTopic", TopicId=topic, TopicName="api", Period=90, Describes="of the API", Tags=TEAM)
    assert described(ask, topic) == {
        **before,
        "TopicName": "api",
        "Period": 90,
        "Describes": "of the API",
        "Tags": TEAM,
    }


@pytest.mark.behaviour(
    service="cls",
    what="DescribeTopics finds by a part of a name, with PreciseSearch by the whole; by log set, id, storage and tags",
    standing="documented",
    source="614/56454",
)
def test_topics_are_found(ask: Ask, topic: str) -> None:
    other = ask("CreateLogset", LogsetName="other functions")["LogsetId"]
    ask("CreateTopic", LogsetId=other, TopicName="stamper of others", StorageType="cold", Period=7, Tags=TEAM)

    assert topics(ask) == ["stamper", "stamper of others"]
    assert topics(ask, ("topicName", ["stamper"])) == ["stamper", "stamper of others"]
    assert topics(ask, ("topicName", ["stamper"]), PreciseSearch=1) == ["stamper"]
    assert topics(ask, ("logsetName", ["functions"])) == ["stamper", "stamper of others"]
    assert topics(ask, ("logsetName", ["functions"]), PreciseSearch=2) == ["stamper"]
    assert topics(ask, ("logsetName", ["functions"]), ("topicName", ["stamp"]), PreciseSearch=3) == []
    assert topics(ask, ("logsetId", [other])) == ["stamper of others"]
    assert topics(ask, ("topicId", [topic, "nobody"])) == ["stamper"]
    assert topics(ask, ("storageType", ["cold"])) == ["stamper of others"]
    assert topics(ask, ("tag:team", ["faces"])) == ["stamper of others"]
    assert topics(ask, Offset=1) == ["stamper of others"]
    assert ask("DescribeTopics", Limit=1)["TotalCount"] == 2


@pytest.mark.behaviour(
    service="cls",
    what="Period is 1 to 3600 days, 7 to 3600 in cold storage, or 3640; HotPeriod is 7 or more and less than Period;"
    " names are unique in the log set, without |, and some are the service's own",
    standing="documented",
    source="614/56454",
)
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Period": 0}, "FailedOperation.InvalidPeriod"),
        ({"Period": 3601}, "FailedOperation.InvalidPeriod"),
        ({"Period": 6, "StorageType": "cold"}, "FailedOperation.InvalidPeriod"),
        ({"HotPeriod": 6}, "InvalidParameter"),
        ({"HotPeriod": 30}, "InvalidParameter"),
        ({"HotPeriod": 7, "StorageType": "cold"}, "InvalidParameter"),
        ({"TopicName": "stamper"}, "InvalidParameter.TopicConflict"),
        ({"TopicName": "cls_service_log"}, "InvalidParameter"),
        ({"TopicName": ""}, "InvalidParameter"),
        ({"PartitionCount": 11}, "InvalidParameter"),
        ({"StorageType": "warm"}, "InvalidParameter"),
        ({"BizType": 1}, "InvalidParameter"),
        ({"IsWebTracking": True}, "InvalidParameter"),
        ({"Retention": 7}, "UnknownParameter"),
        ({"Tags": [{"Key": f"k{n}", "Value": "v"} for n in range(11)]}, "InvalidParameter"),
        ({"LogsetId": "nobody"}, "ResourceNotFound.LogsetNotExist"),
    ],
)
def test_a_topic_beyond_the_limits(ask: Ask, topic: str, asked: dict[str, Any], code: str) -> None:
    logset = described(ask, topic)["LogsetId"]
    assert refused(ask, "CreateTopic", **{"LogsetId": logset, "TopicName": "other", **asked}) == code
    assert topics(ask) == ["stamper"]


def test_a_change_beyond_the_limits_changes_nothing(ask: Ask, topic: str) -> None:
    before = described(ask, topic)
    assert refused(ask, "ModifyTopic", TopicId=topic, Describes="x", Period=4000) == "FailedOperation.InvalidPeriod"
    assert refused(ask, "ModifyTopic", TopicId="nobody", Describes="x") == "ResourceNotFound.TopicNotExist"
    assert described(ask, topic) == before


def test_a_topic_goes_with_its_index(ask: Ask, topic: str) -> None:
    ask("CreateIndex", TopicId=topic, Rule=RULE)
    assert described(ask, topic)["Index"] is True
    ask("DeleteTopic", TopicId=topic)

    assert topics(ask) == []
    for action in ("DeleteTopic", "DescribeIndex", "DeleteIndex"):
        assert refused(ask, action, TopicId=topic) == "ResourceNotFound.TopicNotExist"


@pytest.mark.behaviour(
    service="tag",
    what="qcs::cls:<region>:uin/<uin>:logset/<id> and …:topic/<id>: the same tags through CLS and the tag service",
    standing="observed",
    source="tencentcloud_cls_logset 1.83.25",
)
def test_tags_are_the_same_through_the_tag_service(ask: Ask, topic: str) -> None:
    logset = described(ask, topic)["LogsetId"]
    for prefix, each in (("logset", logset), ("topic", topic)):
        ask(
            "ModifyResourceTags",
            service="tag",
            Resource=f"qcs::cls:ap-guangzhou:uin/:{prefix}/{each}",
            ReplaceTags=[{"TagKey": "team", "TagValue": "faces"}],
        )
        told = ask(
            "DescribeResourceTagsByResourceIds",
            service="tag",
            ServiceType="cls",
            ResourcePrefix=prefix,
            ResourceIds=[each],
            ResourceRegion="ap-guangzhou",
        )["Tags"]
        assert [(tag["TagKey"], tag["TagValue"]) for tag in told] == [("team", "faces")]
    assert described(ask, topic)["Tags"] == TEAM
    assert ask("DescribeLogsets")["Logsets"][0]["Tags"] == TEAM


@pytest.mark.parametrize("action", ["DescribeLogsets", "DescribeTopics"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Filters": [{"Key": "colour", "Values": ["red"]}]}, "InvalidParameter"),
        ({"Filters": [{"Key": "tagKey", "Values": ["k"]}] * 11}, "InvalidParameter"),
        ({"Limit": 101}, "InvalidParameter"),
        ({"Offset": -1}, "InvalidParameter"),
        ({"Limit": "20"}, "InvalidParameter"),
    ],
)
def test_a_list_that_cannot_be_asked_for(ask: Ask, topic: str, action: str, asked: dict[str, Any], code: str) -> None:
    assert refused(ask, action, **asked) == code


def test_a_filter_of_log_sets_has_at_most_five_values(ask: Ask, topic: str) -> None:
    six = [{"Key": "logsetName", "Values": ["a", "b", "c", "d", "e", "f"]}]
    assert refused(ask, "DescribeLogsets", Filters=six) == "InvalidParameter"
    assert ask("DescribeTopics", Filters=[{"Key": "topicName", "Values": six[0]["Values"]}])["TotalCount"] == 1


def test_another_region_has_no_logs_here(ask: Ask) -> None:
    assert refused(ask, "DescribeTopics", region="ap-beijing") == "UnsupportedRegion"


def test_a_role_needs_the_permission(ask: Ask, cam: Cam) -> None:
    key = holding(cam, allow("cls:DescribeTopics"))
    assert ask("DescribeTopics", by=key)["Topics"] == []
    assert refused(ask, "CreateLogset", by=key, LogsetName="mine") == "AuthFailure.UnauthorizedOperation"
    assert logsets(ask) == []


def test_an_action_that_is_not_known(ask: Ask) -> None:
    assert refused(ask, "UploadLog") == "InvalidAction"
