"""A function whose log topic is set has its lines there: the platform's and its own."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.cloud import LocalCloud
from tests.local.cls.conftest import RULE

SOURCE = """
import json
def main_handler(event, context):
    print("a plain line")
    print(json.dumps({"happened": "told", "seconds": 0.5}))
    if event.get("fail"):
        raise ValueError("on purpose")
"""


@pytest.fixture
def topic(cloud: LocalCloud, name: str) -> Iterator[str]:
    """A topic of the shared cloud, with an index, in a log set that goes again."""
    logs = cloud.api("cls", "2020-10-16")
    logset = logs.call_json("CreateLogset", {"LogsetName": name})["Response"]["LogsetId"]
    topic = logs.call_json("CreateTopic", {"LogsetId": logset, "TopicName": name})["Response"]["TopicId"]
    logs.call_json("CreateIndex", {"TopicId": topic, "Rule": RULE})
    yield topic
    logs.call_json("DeleteTopic", {"TopicId": topic})
    logs.call_json("DeleteLogset", {"LogsetId": logset})


@pytest.fixture
def function(cloud: LocalCloud, name: str) -> Iterator[str]:
    """A function of the shared cloud that writes two lines, without a log topic."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        package.writestr("index.py", SOURCE)
    function = f"telling-{name}"
    functions = cloud.api("scf", "2018-04-16")
    asked = {"FunctionName": function, "Handler": "index.main_handler", "Runtime": "Python3.10"}
    code = {"ZipFile": base64.b64encode(content.getvalue()).decode()}
    functions.call_json("CreateFunction", {**asked, "Code": code})
    yield function
    functions.call_json("DeleteFunction", {"FunctionName": function})


def found(cloud: LocalCloud, topic: str, query: str = "") -> list[dict[str, str]]:
    span = {"From": 0, "To": round(cloud.clock.now() * 1000) + 1000, "Sort": "asc"}
    answer = cloud.api("cls", "2020-10-16").call_json("SearchLog", {**span, "TopicId": topic, "QueryString": query})
    return [json.loads(each["LogJson"]) for each in answer["Response"]["Results"]]


def logset_of(cloud: LocalCloud, topic: str) -> str:
    of_topic = {"Filters": [{"Key": "topicId", "Values": [topic]}]}
    (told,) = cloud.api("cls", "2020-10-16").call_json("DescribeTopics", of_topic)["Response"]["Topics"]
    return str(told["LogsetId"])


def point(cloud: LocalCloud, function: str, topic: str) -> None:
    asked: dict[str, Any] = {"FunctionName": function, "ClsLogsetId": logset_of(cloud, topic), "ClsTopicId": topic}
    cloud.api("scf", "2018-04-16").call_json("UpdateFunctionConfiguration", asked)


@pytest.mark.behaviour(
    service="cls",
    what="The lines of a function whose ClsTopicId is set arrive in that topic: the platform's and its own, in order",
    standing="documented",
    source="SCF 583/60336",
)
def test_a_functions_lines_arrive(cloud: LocalCloud, topic: str, function: str) -> None:
    point(cloud, function, topic)
    invocation, _ = cloud.scf.invoke(function, {})

    lines = found(cloud, topic)

    assert {line["SCF_FunctionName"] for line in lines} == {function}
    assert {line["SCF_RequestId"] for line in lines} == {invocation.request_id}
    told = [(line["SCF_Type"], line["SCF_Message"].split()[0]) for line in lines]
    assert [each for each in told if each[1] != "Init"] == [
        ("Platform", "START"),
        ("Custom", "a"),
        ("Custom", '{"happened":'),
        ("Platform", "Response"),
        ("Platform", "END"),
        ("Platform", "Report"),
    ]
    assert [line["seconds"] for line in found(cloud, topic, "happened:told")] == ["0.5"]


@pytest.mark.behaviour(
    service="cls",
    what="While a function runs its lines have the status 202; those after it have how it ended, how long it took and"
    " its memory",
    standing="documented",
    source="SCF 583/60336",
)
def test_how_an_invocation_ended_is_told(cloud: LocalCloud, topic: str, function: str) -> None:
    point(cloud, function, topic)
    invocation, _ = cloud.scf.invoke(function, {"fail": True})

    assert [line["SCF_StatusCode"] for line in found(cloud, topic, '"a plain line"')] == ["202"]
    [error] = found(cloud, topic, "ERROR AND SCF_StatusCode:430")
    assert "on purpose" in error["SCF_Message"]
    [report] = found(cloud, topic, "Report AND NOT Init")
    assert report["SCF_StatusCode"] == "430"
    assert report["SCF_Duration"] == str(round(invocation.duration * 1000))
    assert float(report["SCF_MemUsage"]) > 1
    assert int(report["SCF_StartTime"]) <= int(report["SCF_LogTime"])


def test_lines_go_where_they_are_to_go_when_they_are_written(cloud: LocalCloud, topic: str, function: str) -> None:
    cloud.scf.invoke(function, {})
    assert found(cloud, topic) == []

    point(cloud, function, topic)
    cloud.scf.invoke(function, {})
    kept = len(found(cloud, topic))
    logs, other = cloud.api("cls", "2020-10-16"), {"LogsetId": logset_of(cloud, topic), "TopicName": "another"}
    point(cloud, function, elsewhere := logs.call_json("CreateTopic", other)["Response"]["TopicId"])
    cloud.scf.invoke(function, {})
    logs.call_json("DeleteTopic", {"TopicId": elsewhere})

    assert kept > 4
    assert len(found(cloud, topic)) == kept
    assert len(cloud.scf.logs(function)) > 2 * kept
