"""What can be bound to a bucket, and what conflicts."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from infra.local.clock import Clock
from infra.local.readings import Readings
from infra.local.scf import Scf
from tests.local.scf.small import HOST, Ask, Deploy, described, refused

NOTHING = "def main_handler(event, context):\n    pass\n"


@pytest.fixture(autouse=True)
def _two_functions(deploy: Deploy) -> None:
    deploy(NOTHING, "people")
    deploy(NOTHING, "things")


def bound(function: str = "people", name: str = HOST, **rule: str) -> dict[str, Any]:
    """CreateTrigger's parameters."""
    return {"FunctionName": function, "TriggerName": name, "Type": "cos", "TriggerDesc": described(**rule)}


@pytest.mark.behaviour(
    service="scf",
    what="One function can have several COS triggers of one name, its bucket's host, each with one event; they are told"
    " apart, and deleted, by their description",
    standing="documented",
    source="SCF 583/18589, 583/18588",
)
def test_triggers_are_made_listed_and_deleted(ask: Ask) -> None:
    kinds = ("Put", "Post", "CompleteMultipartUpload")
    for kind in kinds:
        told = ask("CreateTrigger", **bound(event=f"cos:ObjectCreated:{kind}"))["TriggerInfo"]
        assert (told["TriggerName"], told["Type"], told["Enable"]) == (HOST, "cos", 1)
    listed = ask("ListTriggers", FunctionName="people", Filters=[{"Name": "TriggerName", "Values": [HOST]}])
    assert [json.loads(trigger["TriggerDesc"])["event"] for trigger in listed["Triggers"]] == [
        f"cos:ObjectCreated:{kind}" for kind in kinds
    ]
    assert len(ask("GetFunction", FunctionName="people")["Triggers"]) == 3
    ask("DeleteTrigger", **bound(event="cos:ObjectCreated:Post"))
    assert ask("ListTriggers", FunctionName="people")["TotalCount"] == 2
    assert refused(ask, "DeleteTrigger", **bound(event="cos:ObjectCreated:Post")) == "ResourceNotFound.Trigger"


@pytest.mark.behaviour(
    service="scf",
    what="A COS trigger whose event, prefix and suffix all overlap with those of another on the bucket is refused:"
    " InvalidParameterValue.CosNotifyRuleConflict",
    standing="documented",
    source="SCF 583/9707",
)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"prefix": ""}, {"prefix": "in/"}),
        ({"prefix": "in/people/"}, {"prefix": "in/"}),
        ({"event": "cos:ObjectCreated:*", "prefix": ""}, {"event": "cos:ObjectCreated:Copy"}),
        ({"event": "cos:ObjectCreated:Put"}, {"event": "cos:ObjectCreated:*"}),
        ({"suffix": ""}, {"suffix": ".jpg"}),
        ({"suffix": ".jpg"}, {"suffix": ".small.jpg"}),
    ],
)
def test_rules_that_conflict(ask: Ask, first: dict[str, str], second: dict[str, str]) -> None:
    ask("CreateTrigger", **bound(**first))
    for function in ("people", "things"):
        assert refused(ask, "CreateTrigger", **bound(function, **second)) == (
            "InvalidParameterValue.CosNotifyRuleConflict"
        )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"prefix": "in/"}, {"prefix": "out/"}),
        ({"prefix": "people/"}, {"prefix": "people2/"}),
        ({"suffix": ".jpg"}, {"suffix": ".png"}),
        ({"event": "cos:ObjectCreated:*"}, {"event": "cos:ObjectRemove:*"}),
        ({"event": "cos:ObjectCreated:Put"}, {"event": "cos:ObjectCreated:Post"}),
        ({}, {"name": "other-1250000000.cos.ap-guangzhou.myqcloud.com"}),
    ],
)
def test_rules_that_do_not(ask: Ask, first: dict[str, str], second: dict[str, str]) -> None:
    ask("CreateTrigger", **bound(**first))
    ask("CreateTrigger", **bound("things", **second))


@pytest.mark.behaviour(
    service="scf",
    what="A function has at most ten COS triggers, and a bucket ten rules",
    standing="documented",
    source="SCF 583/11637; older pages of 583/9707",
)
def test_ten_triggers(ask: Ask) -> None:
    for number in range(10):
        ask("CreateTrigger", **bound(prefix=f"{number}/"))
    assert refused(ask, "CreateTrigger", **bound("things", prefix="x/")) == "LimitExceeded.Trigger"
    other = "other-1250000000.cos.ap-guangzhou.myqcloud.com"
    assert refused(ask, "CreateTrigger", **bound("people", name=other)) == "LimitExceeded.Trigger"
    ask("CreateTrigger", **bound("things", name=other))


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"FunctionName": "nobody"}, "ResourceNotFound.Function"),
        ({"TriggerName": ""}, "MissingParameter"),
        ({"TriggerName": "photos-1250000000"}, "InvalidParameterValue.TriggerName"),
        ({"TriggerName": "photos-1250000000.cos.ap-beijing.myqcloud.com"}, "InvalidParameterValue.TriggerName"),
        ({"Type": "ckafka"}, "UnsupportedOperation.Trigger"),
        ({"Enable": "MAYBE"}, "InvalidParameterValue.Enable"),
        ({"Qualifier": "3"}, "InvalidParameterValue.Qualifier"),
        ({"TriggerDesc": "in/"}, "InvalidParameterValue.TriggerDesc"),
        ({"TriggerDesc": json.dumps({"event": "cos:ObjectCreated:Put"})}, "InvalidParameterValue.TriggerDesc"),
        ({"TriggerDesc": described(event="cos:ObjectCreated:Move")}, "InvalidParameterValue.TriggerDesc"),
        ({"TriggerDesc": described(suffix="jpg")}, "InvalidParameterValue.TriggerDesc"),
    ],
)
def test_what_cannot_be_bound(ask: Ask, wrong: dict[str, str], code: str) -> None:
    assert refused(ask, "CreateTrigger", **{**bound(), **wrong}) == code
    assert ask("ListTriggers", FunctionName="people")["TotalCount"] == 0


@pytest.mark.behaviour(
    service="scf",
    what="A bucket that is not there wakes nobody: ResourceNotFound.Cos",
    standing="documented",
    source="SCF 583/18589 (error codes)",
)
def test_a_bucket_must_be_there(ask: Ask, scf: Scf) -> None:
    scf.has_bucket = lambda bucket: bucket == "other-1250000000"
    assert refused(ask, "CreateTrigger", **bound()) == "ResourceNotFound.Cos"
    ask("CreateTrigger", **bound(name="other-1250000000.cos.ap-guangzhou.myqcloud.com"))


def test_the_bucket_may_stand_in_the_description(ask: Ask) -> None:
    text = json.dumps({"bucketUrl": HOST, "event": "cos:ObjectCreated:Put", "filter": {}}, separators=(",", ":"))
    ask("CreateTrigger", FunctionName="people", TriggerName="uploads", Type="cos", TriggerDesc=text)
    assert refused(ask, "CreateTrigger", **bound("things")) == "InvalidParameterValue.CosNotifyRuleConflict"


@pytest.mark.behaviour(
    service="scf",
    what="A version has one function URL, under a host of its own; its description then tells the addresses of the"
    " networks that it asked for",
    standing="documented",
    source="SCF 583/96099",
)
def test_a_function_url_is_told(ask: Ask) -> None:
    text = json.dumps({"AuthType": "NONE", "NetConfig": {"EnableExtranet": True}}, separators=(",", ":"))
    asked: dict[str, Any] = {
        "FunctionName": "people",
        "TriggerName": "url-trigger",
        "Type": "http",
        "TriggerDesc": text,
    }
    told = json.loads(ask("CreateTrigger", **asked)["TriggerInfo"]["TriggerDesc"])
    assert re.fullmatch(
        r"https://1250000000-[a-z0-9]{10}\.ap-guangzhou\.tencentscf\.com", told["NetConfig"]["ExtranetUrl"]
    )
    assert (told["AuthType"], told["NetConfig"].keys()) == ("NONE", {"EnableExtranet", "ExtranetUrl"})
    assert json.loads(ask("GetFunction", FunctionName="people")["Triggers"][0]["TriggerDesc"]) == told
    assert refused(ask, "CreateTrigger", **asked) == "ResourceInUse.Trigger"
    wrong = {**asked, "FunctionName": "things", "TriggerDesc": '{"AuthType":"OPEN"}'}
    assert refused(ask, "CreateTrigger", **wrong) == "InvalidParameterValue.TriggerDesc"
    ask("DeleteTrigger", **asked)
    assert ask("ListTriggers", FunctionName="people")["TotalCount"] == 0


def url(enabled: bool = True, auth: str = "NONE", **net: bool) -> str:
    """A function URL's TriggerDesc."""
    net = {"EnableExtranet": enabled, "EnableIntranet": False, **net}
    return json.dumps({"AuthType": auth, "NetConfig": net}, separators=(",", ":"))


def address(ask: Ask) -> dict[str, Any]:
    """What ListTriggers tells of the one trigger of `people`."""
    [told] = ask("ListTriggers", FunctionName="people")["Triggers"]
    return {**told, "TriggerDesc": json.loads(told["TriggerDesc"])}


@pytest.mark.behaviour(
    service="scf",
    what="UpdateTrigger changes a function URL and leaves its address; what is not given stays, and only Description"
    " and CustomArgument may be given empty",
    standing="documented",
    source="SCF 583/96828",
)
def test_a_function_url_is_changed_and_keeps_its_address(ask: Ask) -> None:
    named: dict[str, Any] = {
        "FunctionName": "people",
        "TriggerName": "url-trigger",
        "Type": "http",
        "Qualifier": "$DEFAULT",
    }
    ask("CreateTrigger", **named, TriggerDesc=url(), Description="open to all")
    before = address(ask)

    ask("UpdateTrigger", **named, TriggerDesc=url(auth="CAM", EnableIntranet=True))
    after = address(ask)
    assert after["TriggerDesc"]["AuthType"] == "CAM"
    assert after["TriggerDesc"]["NetConfig"]["ExtranetUrl"] == before["TriggerDesc"]["NetConfig"]["ExtranetUrl"]
    assert after["TriggerDesc"]["NetConfig"]["IntranetUrl"].endswith(".in.ap-guangzhou.tencentscf.com")
    assert (after["Description"], after["Enable"]) == ("open to all", 1)

    ask("UpdateTrigger", **named, Enable="CLOSE", Description="")
    closed = address(ask)
    assert (closed["Enable"], closed["Description"]) == (0, "")
    assert closed["TriggerDesc"] == after["TriggerDesc"]

    ask("DeleteTrigger", **named)
    assert ask("ListTriggers", FunctionName="people")["TotalCount"] == 0


@pytest.mark.behaviour(
    service="scf",
    what="A function URL's addresses are told at once, or some seconds after it was made",
    standing="assumed",
    source="SCF 583/100227 shows them; those who script it report that they come late",
)
def test_an_address_may_be_told_later(ask: Ask, scf: Scf, clock: Clock) -> None:
    scf.readings = Readings(url_told="later")
    ask("CreateTrigger", FunctionName="people", TriggerName="url-trigger", Type="http", TriggerDesc=url())
    assert address(ask)["TriggerDesc"] == json.loads(url())
    clock.skip(10)
    assert "ExtranetUrl" in address(ask)["TriggerDesc"]["NetConfig"]


@pytest.mark.behaviour(
    service="scf",
    what="A trigger is meant with the version or alias that it was made for: $DEFAULT is not $LATEST, and each can have"
    " a function URL",
    standing="documented",
    source="SCF 583/96828, 583/18588, 583/96099",
)
def test_a_trigger_belongs_to_its_version(ask: Ask) -> None:
    named: dict[str, Any] = {"FunctionName": "people", "TriggerName": "url-trigger", "Type": "http"}
    ask("CreateTrigger", **named, TriggerDesc=url(), Qualifier="$DEFAULT")
    assert refused(ask, "UpdateTrigger", **named, Enable="CLOSE") == "ResourceNotFound.Trigger"
    assert refused(ask, "DeleteTrigger", **named) == "ResourceNotFound.Trigger"
    ask("CreateTrigger", **named, TriggerDesc=url())
    assert ask("ListTriggers", FunctionName="people")["TotalCount"] == 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"FunctionName": "nobody"}, "ResourceNotFound.Function"),
        ({"TriggerName": "other"}, "ResourceNotFound.Trigger"),
        ({"Type": "cos"}, "InvalidParameterValue.Type"),
        ({"Type": "timer"}, "UnsupportedOperation.Trigger"),
        ({"Enable": ""}, "InvalidParameterValue.Enable"),
        ({"TriggerDesc": ""}, "InvalidParameterValue.TriggerDesc"),
        ({"TriggerDesc": '{"AuthType":"ALL"}'}, "InvalidParameterValue.TriggerDesc"),
    ],
)
def test_what_cannot_be_updated(ask: Ask, wrong: dict[str, str], code: str) -> None:
    named: dict[str, Any] = {"FunctionName": "people", "TriggerName": "url-trigger", "Type": "http"}
    ask("CreateTrigger", **named, TriggerDesc=url())
    before = address(ask)
    assert refused(ask, "UpdateTrigger", **{**named, **wrong}) == code
    assert address(ask) == before
