"""What a deployment changes about a function that is there: step by step, as it is told, and as it runs then."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from infra.local.clock import Clock
from infra.local.scf import Scf
from tests.local.scf.small import HOST, Ask, Bind, Deploy, described, refused, uploaded, zipped


def saying(word: str) -> str:
    """A module whose function returns a word and its variable NAME."""
    return f"import os\ndef main_handler(event, context):\n    return ['{word}', os.environ.get('NAME')]\n"


def says(ask: Ask) -> str:
    """What the function returns."""
    return str(ask("Invoke", FunctionName="stamp")["Result"]["RetMsg"])


def status(ask: Ask) -> str:
    """What GetFunction and ListFunctions say of it."""
    told, [listed] = ask("GetFunction", FunctionName="stamp"), ask("ListFunctions")["Functions"]
    assert told["Status"] == listed["Status"]
    return str(told["Status"])


NEW = {"ZipFile": zipped(index=saying("new"))}
NAMED: dict[str, Any] = {"Environment": {"Variables": [{"Key": "NAME", "Value": "Ada"}]}}
BOUND = {"FunctionName": "stamp", "TriggerName": HOST, "Type": "cos", "TriggerDesc": described()}


@pytest.mark.behaviour(
    service="scf",
    what="A function is Creating, then Active; after each change Updating, then Active; while it is Updating, what was"
    " there before runs",
    standing="documented",
    source="SCF 583/37883 (function and layer status)",
)
def test_a_change_takes_its_time(ask: Ask, scf: Scf, deploy: Deploy, clock: Clock) -> None:
    scf.deploying = 60
    deploy(saying("old"))
    assert status(ask) == "Creating"
    clock.skip(60)
    assert status(ask) == "Active"
    assert says(ask) == '["old", null]'

    ask("UpdateFunctionCode", FunctionName="stamp", Code=NEW)
    assert (status(ask), says(ask)) == ("Updating", '["old", null]')
    clock.skip(60)
    assert (status(ask), says(ask)) == ("Active", '["new", null]')

    ask("UpdateFunctionConfiguration", FunctionName="stamp", **NAMED)
    assert (status(ask), says(ask)) == ("Updating", '["new", null]')
    clock.skip(60)
    assert (status(ask), says(ask)) == ("Active", '["new", "Ada"]')


@pytest.mark.behaviour(
    service="scf",
    what="UpdateFunctionCode on a function that is Updating is refused: FailedOperation.UpdateFunctionCode",
    standing="observed",
    source="developers.weixin.qq.com: a deployment that did not wait",
)
@pytest.mark.behaviour(
    service="scf",
    what="Nor can anything else be done to a function that is Creating or Updating, each with its action's code",
    standing="assumed",
    source="SCF 583/37883, and the codes of each action",
)
def test_nothing_else_is_done_to_a_function_that_is_not_active(
    ask: Ask, scf: Scf, deploy: Deploy, clock: Clock
) -> None:
    refusals: list[tuple[str, dict[str, Any], str]] = [
        ("UpdateFunctionCode", {"Code": NEW}, "FailedOperation.UpdateFunctionCode"),
        ("UpdateFunctionConfiguration", {"Timeout": 9}, "FailedOperation.UpdateFunctionConfiguration"),
        ("CreateTrigger", BOUND, "FailedOperation.CreateTrigger"),
        (
            "UpdateFunctionEventInvokeConfig",
            {"AsyncTriggerConfig": {"MsgTTL": 60}},
            "FailedOperation.FunctionVersionStatusNotActive",
        ),
        (
            "PutReservedConcurrencyConfig",
            {"ReservedConcurrencyMem": 128},
            "FailedOperation.FunctionVersionStatusNotActive",
        ),
        ("DeleteFunction", {}, "FailedOperation.FunctionStatusError"),
    ]
    scf.deploying = 60
    deploy(saying("old"))
    for action, parameters, code in refusals:
        assert refused(ask, action, **{"FunctionName": "stamp", **parameters}) == code
    assert refused(ask, "Invoke", FunctionName="stamp") == "FailedOperation.FunctionStatusError"
    assert refused(ask, "Invoke", FunctionName="stamp", InvocationType="Event") == "FailedOperation.FunctionStatusError"
    clock.skip(60)
    ask("UpdateFunctionConfiguration", FunctionName="stamp", **NAMED)
    for action, parameters, code in refusals:
        assert refused(ask, action, **{"FunctionName": "stamp", **parameters}) == code
    clock.skip(60)
    assert says(ask) == '["old", "Ada"]'


def test_an_upload_meets_what_was_there_before_until_the_update_is_over(
    ask: Ask, scf: Scf, deploy: Deploy, bind: Bind
) -> None:
    deploy("def main_handler(event, context):\n    print('old')\n")
    bind()
    scf.deploying = 3600
    ask("UpdateFunctionCode", FunctionName="stamp", Code={"ZipFile": zipped(index="def main_handler(*_): print(2)")})
    scf.notify(uploaded())
    scf.settle()
    assert [line.text for line in scf.logs() if line.type == "Custom"] == ["old"]


@pytest.mark.behaviour(
    service="scf",
    what="UpdateFunctionCode replaces the code, and the instances that run it; the rest of the function stays",
    standing="documented",
    source="SCF 583/18581",
)
def test_new_code_and_nothing_else(ask: Ask, scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(saying("old"), Timeout=20, MemorySize=256, **NAMED)
    bind()
    ask("PutReservedConcurrencyConfig", FunctionName="stamp", ReservedConcurrencyMem=1280)
    assert says(ask) == '["old", "Ada"]'
    before = ask("GetFunction", FunctionName="stamp")

    ask("UpdateFunctionCode", FunctionName="stamp", Handler="index.main_handler", Namespace="default", Code=NEW)

    after = ask("GetFunction", FunctionName="stamp")
    assert says(ask) == '["new", "Ada"]'
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"RequestId", "ModTime", "CodeSize"}
    assert ask("GetReservedConcurrencyConfig", FunctionName="stamp")["ReservedMem"] == 1280
    assert [invocation.coldstart for invocation in scf.invocations] == [True, True]


def test_other_retries_leave_the_instances_alone(ask: Ask, scf: Scf, deploy: Deploy) -> None:
    deploy(saying("old"))
    says(ask)
    before = ask("GetFunction", FunctionName="stamp")
    config = {"RetryConfig": [{"RetryNum": 1}], "MsgTTL": 600}
    ask("UpdateFunctionEventInvokeConfig", FunctionName="stamp", AsyncTriggerConfig=config)
    says(ask)
    assert ask("GetFunctionEventInvokeConfig", FunctionName="stamp")["AsyncTriggerConfig"] == config
    assert {**ask("GetFunction", FunctionName="stamp"), "RequestId": ""} == {**before, "RequestId": ""}
    assert [invocation.coldstart for invocation in scf.invocations] == [True, False]


@pytest.mark.behaviour(
    service="scf",
    what="Code is a ZipFile or an object in COS, never both; the bucket is named without a region that is not its own",
    standing="documented",
    source="SCF 583/18586, 583/17244",
)
@pytest.mark.behaviour(
    service="scf",
    what="Code that is not in COS is refused with ResourceNotFound.CosObject",
    standing="documented",
    source="SCF 583/18586 (error codes)",
)
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({**NEW, "CosBucketName": "code", "CosObjectName": "/new.zip"}, "InvalidParameterValue.Code"),
        ({"CosBucketName": "Code_", "CosObjectName": "/new.zip"}, "InvalidParameterValue.CosBucketName"),
        ({"CosObjectName": "/new.zip"}, "InvalidParameterValue.CosBucketName"),
        ({"CosBucketName": "code"}, "InvalidParameterValue.CosObjectName"),
        ({"CosBucketName": "code", "CosObjectName": "new.zip"}, "InvalidParameterValue.CosObjectName"),
        (
            {"CosBucketName": "code", "CosObjectName": "/new.zip", "CosBucketRegion": "ap-beijing"},
            "InvalidParameterValue.CosBucketRegion",
        ),
        (
            {"CosBucketName": "code", "CosObjectName": "/gone.zip", "CosBucketRegion": "ap-guangzhou"},
            "ResourceNotFound.CosObject",
        ),
        ({"ImageConfig": {"ImageUri": "x"}}, "UnsupportedOperation"),
    ],
)
def test_code_that_cannot_be_had(ask: Ask, scf: Scf, deploy: Deploy, wrong: dict[str, Any], code: str) -> None:
    stored = {("code-1250000000", "new.zip"): base64.b64decode(NEW["ZipFile"])}
    scf.fetch = lambda bucket, key: stored.get((bucket, key))
    deploy(saying("old"))
    assert refused(ask, "UpdateFunctionCode", FunctionName="stamp", Code=wrong) == code
    assert says(ask) == '["old", null]'
    fine = {"CosBucketName": "code", "CosObjectName": "/new.zip", "CosBucketRegion": "ap-guangzhou"}
    ask("UpdateFunctionCode", FunctionName="stamp", Code=fine)
    assert says(ask) == '["new", null]'


@pytest.mark.behaviour(
    service="scf",
    what="A parameter that an action does not have is refused: UnknownParameter",
    standing="documented",
    source="SCF 583/17241 (common error codes)",
)
@pytest.mark.parametrize(
    ("action", "unknown"),
    [
        ("CreateFunction", "Colour"),
        ("UpdateFunctionConfiguration", "Handler"),
        ("UpdateFunctionConfiguration", "Tags"),
        ("UpdateFunctionCode", "Timeout"),
        ("GetFunction", "Name"),
        ("DeleteTrigger", "Enable"),
    ],
)
def test_unknown_parameters(ask: Ask, deploy: Deploy, action: str, unknown: str) -> None:
    deploy(saying("old"))
    assert refused(ask, action, FunctionName="stamp", **{unknown: "x"}) == "UnknownParameter"


@pytest.mark.behaviour(
    service="scf",
    what="What would make a function run as it cannot here (layers, a private network, a file system, a web function,"
    " asynchronous runs) is refused: UnsupportedOperation",
    standing="assumed",
    source="the local cloud's own limits",
)
@pytest.mark.behaviour(
    service="scf",
    what="A function without a private network cannot do without public access",
    standing="assumed",
    source="tencentcloud_scf_function 1.83.25 (enable_public_net)",
)
@pytest.mark.parametrize(
    "wanted",
    [
        {"Layers": [{"LayerName": "numpy", "LayerVersion": 1}]},
        {"VpcConfig": {"VpcId": "vpc-1", "SubnetId": "subnet-1"}},
        {"CfsConfig": {"CfsInsList": [{"CfsId": "cfs-1"}]}},
        {"PublicNetConfig": {"PublicNetStatus": "DISABLE", "EipConfig": {"EipStatus": "DISABLE"}}},
        {"InstanceConcurrencyConfig": {"MaxConcurrency": 10}},
        {"InstallDependency": "TRUE"},
    ],
)
def test_what_the_local_cloud_cannot_do(ask: Ask, deploy: Deploy, wanted: dict[str, Any]) -> None:
    deploy(saying("old"))
    assert refused(ask, "UpdateFunctionConfiguration", FunctionName="stamp", **wanted) == "UnsupportedOperation"


def test_what_asks_for_nothing_special_is_taken_and_told(ask: Ask, deploy: Deploy) -> None:
    public = {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}}
    logged = {"ClsLogsetId": "set-1", "ClsTopicId": "topic-1"}
    deploy(saying("old"), PublicNetConfig=public, Layers=[], DnsCache="TRUE", Type="Event", **logged)
    told = ask("GetFunction", FunctionName="stamp")
    assert {name: told[name] for name in ("DnsCache", "Layers", "Type", *logged)} == {
        "DnsCache": "TRUE",
        "Layers": [],
        "Type": "Event",
        **logged,
    }
    assert told["PublicNetConfig"] == {
        "PublicNetStatus": "ENABLE",
        "EipConfig": {"EipStatus": "DISABLE", "EipAddress": []},
    }


@pytest.mark.behaviour(
    service="scf",
    what="A function's log topic is named with its log set, and must be there: InvalidParameterValue.Cls",
    standing="documented",
    source="SCF 583/18586 (error codes)",
)
@pytest.mark.parametrize(
    ("logset", "topic"), [("set-1", "topic-2"), ("set-2", "topic-1"), ("set-1", None), (None, "topic-1")]
)
def test_logs_go_where_there_is_a_topic(
    ask: Ask, scf: Scf, deploy: Deploy, logset: str | None, topic: str | None
) -> None:
    scf.has_topic = lambda *asked: asked == ("set-1", "topic-1")
    deploy(saying("old"))
    code = refused(ask, "UpdateFunctionConfiguration", FunctionName="stamp", ClsLogsetId=logset, ClsTopicId=topic)
    assert code == "InvalidParameterValue.Cls"
    ask("UpdateFunctionConfiguration", FunctionName="stamp", ClsLogsetId="set-1", ClsTopicId="topic-1")
    assert ask("GetFunction", FunctionName="stamp")["ClsTopicId"] == "topic-1"


def test_another_function_of_the_same_name_is_another(ask: Ask, deploy: Deploy) -> None:
    deploy(saying("old"))
    first = ask("GetFunction", FunctionName="stamp")["FunctionId"]
    ask("UpdateFunctionCode", FunctionName="stamp", Code=NEW)
    assert ask("GetFunction", FunctionName="stamp")["FunctionId"] == first
    ask("DeleteFunction", FunctionName="stamp")
    deploy(saying("old"))
    assert ask("GetFunction", FunctionName="stamp")["FunctionId"] != first
