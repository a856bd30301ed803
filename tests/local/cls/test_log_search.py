"""SearchLog: which lines are found, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.clock import Clock
from tests.local.cls.conftest import RULE, TOKENIZER, Ask, Write, refused

Find = Callable[..., list[dict[str, str]]]
DAY = 86_400


@pytest.fixture(autouse=True)
def index(ask: Ask, topic: str) -> None:
    ask("CreateIndex", TopicId=topic, Rule=RULE)


def messages(found: list[dict[str, str]]) -> list[str]:
    return [line["SCF_Message"] for line in found]


@pytest.mark.behaviour(
    service="cls",
    what="A function's line has the fourteen fields of SCF's log structure, as text",
    standing="documented",
    source="SCF 583/60336",
)
def test_a_line_has_the_fields_of_the_log_structure(find: Find, write: Write) -> None:
    write(
        "Report RequestId:r-1",
        time=1_800_000_000.5,
        type="Platform",
        started=1_800_000_000.25,
        duration=0.25,
        memory=41.5,
        status=200,
        retry=1,
    )
    assert find(To=2_000_000_000_000) == [
        {
            "SCF_FunctionName": "stamp",
            "SCF_Namespace": "default",
            "SCF_StartTime": "1800000000250",
            "SCF_LogTime": "1800000000500",
            "SCF_RequestId": "r-1",
            "SCF_Duration": "250",
            "SCF_Alias": "$DEFAULT",
            "SCF_Qualifier": "$LATEST",
            "SCF_MemUsage": "41.500000",
            "SCF_Level": "INFO",
            "SCF_Message": "Report RequestId:r-1",
            "SCF_Type": "Platform",
            "SCF_StatusCode": "200",
            "SCF_RetryNum": "1",
        }
    ]


@pytest.mark.behaviour(
    service="cls",
    what="A line that is one JSON object has its first level as fields, what lies deeper as JSON text",
    standing="documented",
    source="SCF 858/18032",
)
def test_a_json_lines_first_level_is_fields(find: Find, write: Write) -> None:
    line = {"happened": "stamped", "seconds": 0.5, "boxes": [{"x": 1}], "ok": True, "none": None, "who": "é"}
    write(line)

    [found] = find()

    told = {name: found[name] for name in line}
    expected = {"happened": "stamped", "seconds": "0.5", "boxes": '[{"x":1}]', "ok": "true", "none": "null", "who": "é"}
    assert told == expected
    assert json.loads(found["SCF_Message"]) == line


@pytest.mark.behaviour(
    service="cls",
    what="What SCF writes cannot be written over by a line, nor is a platform's line taken apart",
    standing="assumed",
    source="SCF 583/60336 (says nothing of it)",
)
@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ({"SCF_RequestId": "another"}, "Custom"),
        ({"happened": "something"}, "Platform"),
        ('["a", "list"]', "Custom"),
        ('{"no": json', "Custom"),
        ('{"a": 1} {"b": 2}', "Custom"),
    ],
)
def test_other_lines_have_no_fields_of_their_own(find: Find, write: Write, line: object, kind: str) -> None:
    write(line, type=kind)
    [found] = find()
    assert all(name.startswith("SCF_") for name in found)
    assert found["SCF_RequestId"] == "r-1"


@pytest.mark.behaviour(
    service="cls",
    what="SearchLog answers raw lines, newest first or oldest first, by pages that Context or Offset continue",
    standing="documented",
    source="614/56447",
)
def test_lines_come_by_pages(ask: Ask, topic: str, write: Write, clock: Clock) -> None:
    for number in range(5):
        write(f"line {number}")
    span: dict[str, Any] = {"TopicId": topic, "From": 0, "To": round(clock.now() * 1000) + 1000}

    first = ask("SearchLog", **span, Limit=2)
    second = ask("SearchLog", **span, Limit=2, Context=first["Context"])
    last = ask("SearchLog", **span, Limit=2, Context=second["Context"])
    skipped = ask("SearchLog", **span, Sort="asc", Offset=3)

    def numbers(answer: dict[str, Any]) -> list[str]:
        return [json.loads(each["LogJson"])["SCF_Message"][-1] for each in answer["Results"]]

    assert [numbers(page) for page in (first, second, last)] == [["4", "3"], ["2", "1"], ["0"]]
    assert [page["ListOver"] for page in (first, second, last)] == [False, False, True]
    assert numbers(skipped) == ["3", "4"]
    result = first["Results"][0]
    assert (result["TopicId"], result["TopicName"], first["Analysis"]) == (topic, "stamper", False)
    assert result["Time"] == round(float(json.loads(result["LogJson"])["SCF_LogTime"]))


def test_lines_are_found_between_two_times(find: Find, write: Write, clock: Clock) -> None:
    now = clock.now()
    for seconds in (-20, -10, 0):
        write(f"{seconds}", time=now + seconds)
    asked = {"From": round((now - 10) * 1000) - 1, "To": round((now - 10) * 1000) + 1}
    assert messages(find(**asked)) == ["-10"]


@pytest.mark.behaviour(
    service="cls",
    what="Lines are kept for the topic's Period",
    standing="documented",
    source="614/56454",
)
def test_lines_go_after_the_topics_period(ask: Ask, topic: str, find: Find, write: Write, clock: Clock) -> None:
    write("old")
    clock.skip(20 * DAY)
    write("new")
    clock.skip(11 * DAY)
    assert messages(find()) == ["new"]

    ask("ModifyTopic", TopicId=topic, Period=3640)
    clock.skip(4000 * DAY)
    assert messages(find()) == ["old", "new"]


@pytest.mark.behaviour(
    service="cls",
    what="Conditions: words and phrases by the full text index, fields and numbers by the key-value index, AND, OR, NOT"
    " and brackets",
    standing="documented",
    source="614/47044",
)
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "abcd"),
        ("*", "abcd"),
        ("stamped", "a"),
        ("STAMPED", "a"),
        ("stampe*", "a"),
        ("st?mped", "a"),
        ("amped", ""),
        ('"in/ada.jpg"', "a"),
        ('"ada.jpg in"', ""),
        ("photo/in", "b"),
        ("happened:stamped", "a"),
        ("happened:skipped", "b"),
        ('happened:"was skipped"', "b"),
        ('happened:"skipped was"', ""),
        ("happened:was/skipped", ""),
        ("happened:*", "abc"),
        ("NOT happened:*", "d"),
        ("SCF_RequestId:r-2", "b"),
        ("SCF_RequestId:r", ""),
        ("SCF_StatusCode:200", "abd"),
        ("SCF_StatusCode:>=500", "c"),
        ("SCF_StatusCode:< 500", "abd"),
        ("SCF_StatusCode:=430", ""),
        ("seconds:>0.4", "a"),
        ("seconds:<=0.4", "b"),
        ("stamped OR happened:skipped", "ab"),
        ("happened:* AND SCF_StatusCode:200", "ab"),
        ("happened:* and not stamped", "bc"),
        ("stamped OR skipped AND SCF_StatusCode:500", "a"),
        ("(stamped OR failed) AND SCF_StatusCode:500", "c"),
        ("NOT (stamped OR failed OR happened:skipped)", "d"),
    ],
)
def test_a_condition_finds(find: Find, write: Write, query: str, found: str) -> None:
    write({"line": "a", "happened": "stamped", "seconds": 0.5, "key": "in/ada.jpg"}, status=200)
    write({"line": "b", "happened": "was skipped", "seconds": 0.25, "key": "in/photo"}, status=200, request_id="r-2")
    write({"line": "c", "happened": "failed", "seconds": "unknown"}, status=500)
    write("d END RequestId", type="Platform", status=200)

    assert "".join(line.get("line", line["SCF_Message"][0]) for line in find(query)) == found


@pytest.mark.behaviour(
    service="cls",
    what="A field of whole numbers is found by whole numbers: a line that has a fraction in it is passed over",
    standing="assumed",
    source="614/50922",
)
def test_a_fraction_is_not_found_by_a_field_of_whole_numbers(find: Find, write: Write, ask: Ask, topic: str) -> None:
    fields = {"whole": "long", "any": "double"}
    values = [{"Key": name, "Value": {"Type": kind, "SqlFlag": True}} for name, kind in fields.items()]
    rule = {"KeyValue": {"CaseSensitive": False, "KeyValues": values}}
    ask("ModifyIndex", TopicId=topic, Rule=rule, Status=True)
    write({"whole": 44.6, "any": 44.6})
    write({"whole": 44, "any": 44})
    assert len(find("whole:>0")) == 1
    assert len(find("any:>0")) == 2


@pytest.mark.parametrize(
    "query",
    [
        "stamped failed",
        "stamped AND",
        "AND stamped",
        "(stamped",
        "stamped)",
        "OR",
        'happened:"open',
        "* | select count(*)",
        "key:x",
        "happened:>5",
        "SCF_StatusCode:ok",
        ">5",
        "seconds:[1 TO 5]",
    ],
)
@pytest.mark.behaviour(
    service="cls",
    what="A condition that cannot be read, that names a field which is not in the index, or has SQL is refused with"
    " FailedOperation.SyntaxError: CLS itself has more",
    standing="assumed",
    source="614/47044",
)
def test_what_is_no_condition_here_is_refused(ask: Ask, topic: str, query: str) -> None:
    code = refused(ask, "SearchLog", TopicId=topic, From=0, To=1, QueryString=query)
    assert code == "FailedOperation.SyntaxError"


@pytest.mark.behaviour(
    service="cls",
    what="What came while there was no open index cannot be found; a change of the rules holds for what comes after it",
    standing="documented",
    source="614/50922",
)
def test_an_index_holds_for_what_comes_after_it(ask: Ask, topic: str, find: Find, write: Write) -> None:
    write({"happened": "before", "stage": "dev"})
    ask("ModifyIndex", TopicId=topic, Status=False)
    write({"happened": "unseen", "stage": "dev"})
    stage = {"Key": "stage", "Value": {"Type": "text"}}
    rule = {**RULE, "KeyValue": {**RULE["KeyValue"], "KeyValues": [*RULE["KeyValue"]["KeyValues"], stage]}}
    ask("ModifyIndex", TopicId=topic, Status=True, Rule=rule)
    write({"happened": "after", "stage": "dev"})

    assert [line["happened"] for line in find()] == ["before", "after"]
    assert [line["happened"] for line in find("stage:dev")] == ["after"]


@pytest.mark.behaviour(
    service="cls",
    what="A search of a topic whose index is missing or closed is refused with FailedOperation.QueryError",
    standing="assumed",
    source="614/50922 (says that nothing is found)",
)
def test_a_topic_without_an_open_index_is_not_searched(ask: Ask, topic: str) -> None:
    asked = {"TopicId": topic, "From": 0, "To": 1}
    ask("ModifyIndex", TopicId=topic, Status=False)
    assert refused(ask, "SearchLog", **asked) == "FailedOperation.QueryError"
    ask("DeleteIndex", TopicId=topic)
    assert refused(ask, "SearchLog", **asked) == "FailedOperation.QueryError"


def test_case_and_chinese_as_the_index_says(ask: Ask, topic: str, find: Find, write: Write) -> None:
    full = {"CaseSensitive": True, "Tokenizer": TOKENIZER, "ContainZH": True}
    ask("ModifyIndex", TopicId=topic, Rule={"FullText": full, "DynamicIndex": {"Status": True}})
    write("Stamped 人脸照片", request_id="one")

    assert len(find("Stamped")) == len(find("Stampe*")) == 1
    assert find("stamped") == find("stampe*") == []
    assert len(find("照片")) == len(find('"人脸"')) == 1
    assert find('"脸人"') == []
    assert len(find("SCF_RequestId:one")) == 1


def test_without_a_full_text_index_a_field_is_named(ask: Ask, topic: str, find: Find, write: Write) -> None:
    ask("ModifyIndex", TopicId=topic, Rule={"KeyValue": RULE["KeyValue"]})
    write({"happened": "stamped"})
    asked = {"TopicId": topic, "From": 0, "To": 1}

    assert refused(ask, "SearchLog", **asked, QueryString="stamped") == "FailedOperation.SyntaxError"
    assert len(find("happened:stamped")) == 1


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Limit": 1001}, "InvalidParameter"),
        ({"Limit": 0}, "InvalidParameter"),
        ({"Sort": "up"}, "InvalidParameter"),
        ({"Offset": 1, "Context": "1"}, "InvalidParameter"),
        ({"Context": "mine"}, "FailedOperation.InvalidContext"),
        ({"QueryString": "x" * 12_289}, "InvalidParameter"),
        ({"TopicId": "nobody"}, "ResourceNotFound.TopicNotExist"),
        ({"Topics": []}, "UnknownParameter"),
        ({"From": "0"}, "InvalidParameter"),
    ],
)
def test_a_search_that_cannot_be_asked_for(ask: Ask, topic: str, asked: dict[str, Any], code: str) -> None:
    assert refused(ask, "SearchLog", **{"TopicId": topic, "From": 0, "To": 1, **asked}) == code


def test_the_older_names_of_a_condition_are_understood(find: Find, write: Write) -> None:
    write("stamped")
    write("failed")
    assert messages(find(QueryString=None, Query="stamped", SyntaxRule=1)) == ["stamped"]
