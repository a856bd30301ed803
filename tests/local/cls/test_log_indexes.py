"""A topic's index: what of its lines can be searched for."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.local.cls.conftest import RULE, Ask, refused

FULL = RULE["FullText"]


def keyed(*keys: dict[str, Any], case: bool = False) -> dict[str, Any]:
    return {"KeyValue": {"CaseSensitive": case, "KeyValues": list(keys)}}


def text(key: str, **more: Any) -> dict[str, Any]:
    return {"Key": key, "Value": {"Type": "text", "Tokenizer": " ", **more}}


@pytest.mark.behaviour(
    service="cls",
    what="CreateIndex, and DescribeIndex tells the rule as it was given, with null for what was not",
    standing="documented",
    source="international 614/42805",
)
def test_an_index_is_made_and_told(ask: Ask, topic: str) -> None:
    ask("CreateIndex", TopicId=topic, Rule=RULE)

    told = ask("DescribeIndex", TopicId=topic)

    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", told.pop("ModifyTime"))
    told.pop("RequestId")
    assert told == {
        "TopicId": topic,
        "Status": True,
        "Rule": {**RULE, "Tag": None, "DynamicIndex": None},
        "IncludeInternalFields": False,
        "MetadataFlag": 0,
        "CoverageField": "",
    }


@pytest.mark.behaviour(
    service="cls",
    what="The Pulumi provider's way to leave out what it was not given: empty texts and false",
    standing="observed",
    source="tencentcloud_cls_index 1.83.25",
)
def test_a_field_as_the_provider_asks_for_it(ask: Ask, topic: str) -> None:
    value = {"SqlFlag": True, "Tokenizer": "", "ContainZH": False, "Alias": "", "OpenIndexForChildOnly": False}
    keys = [{"Key": "status", "Value": {"Type": "long", **value}}, {"Key": "key", "Value": {"Type": "text", **value}}]
    ask("CreateIndex", TopicId=topic, Rule=keyed(*keys), Status=True)
    assert ask("DescribeIndex", TopicId=topic)["Rule"]["KeyValue"]["KeyValues"] == keys


@pytest.mark.behaviour(
    service="cls",
    what="ModifyIndex: a rule takes the place of the one before, whole; what is not named stays",
    standing="documented",
    source="614/50922",
)
def test_an_index_is_changed(ask: Ask, topic: str) -> None:
    ask("CreateIndex", TopicId=topic, Rule=RULE, IncludeInternalFields=True, MetadataFlag=1)
    ask("ModifyIndex", TopicId=topic, Rule={"FullText": FULL}, MetadataFlag=2)
    ask("ModifyIndex", TopicId=topic, Status=False)

    told = ask("DescribeIndex", TopicId=topic)
    assert (told["Status"], told["IncludeInternalFields"], told["MetadataFlag"]) == (False, True, 2)
    assert told["Rule"] == {"FullText": FULL, "KeyValue": None, "Tag": None, "DynamicIndex": None}
    assert ask("DescribeTopics")["Topics"][0]["Index"] is False


@pytest.mark.behaviour(
    service="cls",
    what="A topic has one index: IndexConflict for another, IndexNotExist where there is none",
    standing="documented",
    source="614/50922",
)
def test_a_topic_has_one_index_or_none(ask: Ask, topic: str) -> None:
    for action in ("DescribeIndex", "ModifyIndex", "DeleteIndex"):
        assert refused(ask, action, TopicId=topic) == "ResourceNotFound.IndexNotExist"
    ask("CreateIndex", TopicId=topic, Rule=RULE)
    assert refused(ask, "CreateIndex", TopicId=topic, Rule=RULE) == "InvalidParameter.IndexConflict"

    ask("DeleteIndex", TopicId=topic)

    assert refused(ask, "DescribeIndex", TopicId=topic) == "ResourceNotFound.IndexNotExist"
    assert refused(ask, "CreateIndex", TopicId="nobody", Rule=RULE) == "ResourceNotFound.TopicNotExist"


@pytest.mark.behaviour(
    service="cls",
    what="An index names at most 300 fields, each once, of letters, digits and _-./@ with no _ first, ten levels deep,"
    " none beside a part of it; numbers have no tokenizer; json is for some users only",
    standing="documented",
    source="614/50922",
)
@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (keyed(*(text(f"key{number}") for number in range(301))), "LimitExceeded.IndexKeyOverLimit"),
        (keyed(text("_hidden")), "InvalidParameter"),
        (keyed(text("two words")), "InvalidParameter"),
        (keyed(text("")), "InvalidParameter"),
        (keyed(text("a.b.c.d.e.f.g.h.i.j.k")), "InvalidParameter"),
        (keyed(text("a"), text("a")), "InvalidParameter"),
        (keyed(text("a.b"), text("a")), "InvalidParameter"),
        (keyed({"Key": "a", "Value": {"Type": "long", "Tokenizer": " "}}), "InvalidParameter"),
        (keyed({"Key": "a", "Value": {"Type": "double", "ContainZH": True}}), "InvalidParameter"),
        (keyed({"Key": "a", "Value": {"Type": "json"}}), "InvalidParameter"),
        (keyed(text("a", ChildNode=[text("b")])), "InvalidParameter"),
        (keyed({"Key": "a"}), "MissingParameter"),
        ({"FullText": {"CaseSensitive": False}}, "MissingParameter"),
        ({"Words": {}}, "UnknownParameter"),
    ],
)
def test_a_rule_beyond_the_limits(ask: Ask, topic: str, rule: dict[str, Any], code: str) -> None:
    assert refused(ask, "CreateIndex", TopicId=topic, Rule=rule) == code
    assert refused(ask, "DescribeIndex", TopicId=topic) == "ResourceNotFound.IndexNotExist"


def test_a_rule_at_the_limits(ask: Ask, topic: str) -> None:
    keys = [*(text(f"key-{number}") for number in range(298)), text("a.b.c.d.e.f.g.h.i.j"), text("ab/c@d_")]
    ask("CreateIndex", TopicId=topic, Rule=keyed(*keys))
    assert ask("DescribeIndex", TopicId=topic)["Rule"]["KeyValue"]["KeyValues"] == keys


@pytest.mark.behaviour(
    service="cls", what="Cold storage has a full text index only", standing="documented", source="614/50922"
)
def test_cold_storage_has_no_fields(ask: Ask) -> None:
    logset = ask("CreateLogset", LogsetName="archive")["LogsetId"]
    cold = ask("CreateTopic", LogsetId=logset, TopicName="cold", StorageType="cold")["TopicId"]

    code = refused(ask, "CreateIndex", TopicId=cold, Rule=RULE)
    ask("CreateIndex", TopicId=cold, Rule={"FullText": FULL})

    assert code == "InvalidParameter.InValidIndexRuleForSearchLow"
