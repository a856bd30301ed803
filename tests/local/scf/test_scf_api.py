"""SCF's management API, called by Tencent's own SDK as a provider would call it."""

from __future__ import annotations

import base64
import io
import json
import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.local.cam import Cam
from infra.local.faults import Fault
from infra.local.gateway import Gateway, Server
from infra.local.scf import Scf
from tests.local.scf.small import HOST, Ask, Deploy, described, refused, uploaded, zipped

CODE = {"ZipFile": zipped(index="def main_handler(event, context):\n    print('ran')\n    return [event]\n")}


def asked(**other: Any) -> dict[str, Any]:
    """CreateFunction's parameters."""
    return {"FunctionName": "stamp", "Handler": "index.main_handler", "Runtime": "Python3.10", "Code": CODE, **other}


def variables(**values: str) -> dict[str, Any]:
    """The parameter Environment."""
    return {"Variables": [{"Key": key, "Value": value} for key, value in values.items()]}


@pytest.mark.behaviour(
    service="scf",
    what="CreateFunction takes the code inline; GetFunction tells the function, with what the provider reads unasked;"
    " it is Active at once",
    standing="documented",
    source="SCF 583/18586, 583/18584",
)
def test_a_function_is_made_and_read_back(ask: Ask) -> None:
    ask(
        "CreateFunction",
        **asked(Role="stamper", Timeout=60, MemorySize=512, Environment=variables(FACESTAMP_ROUTE="people")),
    )
    told = ask("GetFunction", FunctionName="stamp")
    assert {key: told[key] for key in ("FunctionName", "Handler", "Runtime", "Role", "Timeout", "MemorySize")} == {
        "FunctionName": "stamp",
        "Handler": "index.main_handler",
        "Runtime": "Python3.10",
        "Role": "stamper",
        "Timeout": 60,
        "MemorySize": 512,
    }
    assert told["Environment"] == variables(FACESTAMP_ROUTE="people")
    assert told["Status"] == "Active"
    for needed in ("VpcConfig", "L5Enable", "InstallDependency", "EipConfig", "AccessInfo", "FunctionId"):
        assert told[needed] is not None
    listed = ask("ListFunctions")
    assert (listed["TotalCount"], [f["FunctionName"] for f in listed["Functions"]]) == (1, ["stamp"])


@pytest.mark.behaviour(
    service="scf",
    what="A function has 3 seconds and 128 MB, and is loaded within 65 seconds, unless told otherwise",
    standing="documented",
    source="SCF 583/18586",
)
def test_defaults(ask: Ask) -> None:
    ask("CreateFunction", **asked())
    told = ask("GetFunction", FunctionName="stamp")
    assert (told["Timeout"], told["MemorySize"], told["InitTimeout"]) == (3, 128, 65)
    assert ask("GetFunctionEventInvokeConfig", FunctionName="stamp")["AsyncTriggerConfig"] == {
        "RetryConfig": [{"RetryNum": 2}],
        "MsgTTL": 21600,
    }


@pytest.mark.behaviour(
    service="scf",
    what="Code may lie in COS, under the bucket's name without the appid and a key that begins with a slash",
    standing="documented",
    source="SCF 583/17244 (Code)",
)
def test_code_from_cos(ask: Ask, scf: Scf) -> None:
    read = []

    def fetch(bucket: str, key: str) -> bytes:
        read.append((bucket, key))
        return base64.b64decode(CODE["ZipFile"])

    scf.fetch = fetch
    ask("CreateFunction", **asked(Code={"CosBucketName": "code", "CosObjectName": "/facestamp.zip"}))
    ask("UpdateFunctionCode", FunctionName="stamp", CosBucketName="code", CosObjectName="/facestamp-2.zip")
    assert read == [("code-1250000000", "facestamp.zip"), ("code-1250000000", "facestamp-2.zip")]
    assert scf.invoke("stamp", 1)[1].result == "[1]"


def test_updating(ask: Ask) -> None:
    ask("CreateFunction", **asked())
    assert ask("Invoke", FunctionName="stamp", ClientContext="1")["Result"]["RetMsg"] == "[1]"
    code = zipped(other="import os\ndef handler(event, context):\n    return os.environ['NAME']\n")
    ask("UpdateFunctionCode", FunctionName="stamp", ZipFile=code, Handler="other.handler")
    ask("UpdateFunctionConfiguration", FunctionName="stamp", Timeout=9, Environment=variables(NAME="Ada"))
    assert ask("Invoke", FunctionName="stamp")["Result"]["RetMsg"] == '"Ada"'
    assert ask("GetFunction", FunctionName="stamp")["Timeout"] == 9
    # The provider asks for no variables at all with one that is empty.
    ask("UpdateFunctionConfiguration", FunctionName="stamp", Environment=variables(**{"": ""}))
    assert ask("GetFunction", FunctionName="stamp")["Environment"] == {"Variables": []}


def test_deleting(ask: Ask, scf: Scf) -> None:
    ask("CreateFunction", **asked())
    ask("CreateTrigger", FunctionName="stamp", TriggerName=HOST, Type="cos", TriggerDesc=described())
    ask("DeleteFunction", FunctionName="stamp")
    assert refused(ask, "GetFunction", FunctionName="stamp") == "ResourceNotFound.Function"
    scf.notify(uploaded())
    scf.settle()
    assert scf.invocations == []


@pytest.mark.behaviour(
    service="scf",
    what="What CreateFunction does not allow is refused with Tencent's code: name, handler, runtime, timeout 1 to 900,"
    " memory 64 or 128 to 3072 in steps of 128, variables, description, role, code",
    standing="documented",
    source="SCF 583/18586, 583/11637, 583/14570",
)
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"FunctionName": "s"}, "InvalidParameter.FunctionName"),
        ({"FunctionName": "1stamp"}, "InvalidParameter.FunctionName"),
        ({"FunctionName": "stamp-"}, "InvalidParameter.FunctionName"),
        ({"FunctionName": "s" * 61}, "InvalidParameter.FunctionName"),
        ({"Namespace": "other"}, "ResourceNotFound.Namespace"),
        ({"Handler": "index"}, "InvalidParameterValue.Handler"),
        ({"Handler": "a.b.c"}, "InvalidParameterValue.Handler"),
        ({"Handler": "index.h"}, "InvalidParameterValue.Handler"),
        ({"Handler": "folder/index.main"}, "InvalidParameterValue.Handler"),
        ({"Runtime": "Python3.12"}, "InvalidParameterValue.Runtime"),
        ({"Timeout": 0}, "LimitExceeded.Timeout"),
        ({"Timeout": 901}, "LimitExceeded.Timeout"),
        ({"Timeout": "60"}, "LimitExceeded.Timeout"),
        ({"MemorySize": 3073}, "LimitExceeded.Memory"),
        ({"MemorySize": 192}, "InvalidParameterValue.MemorySize"),
        ({"InitTimeout": 301}, "LimitExceeded.InitTimeout"),
        ({"Description": "x" * 1001}, "InvalidParameterValue.Description"),
        ({"Role": "nobody"}, "ResourceNotFound.Role"),
        ({"Environment": variables(_NAME="value")}, "InvalidParameterValue.Environment"),
        ({"Environment": variables(NAME="v")}, "InvalidParameterValue.Environment"),
        ({"Environment": variables(NAME="v" * 65)}, "InvalidParameterValue.Environment"),
        ({"Environment": variables(SCF_NAME="value")}, "InvalidParameterValue.EnvironmentSystemProtect"),
        ({"Environment": variables(QCLOUD_X="value")}, "InvalidParameterValue.EnvironmentSystemProtect"),
        ({"Environment": variables(TENCENTCLOUD_X="value")}, "InvalidParameterValue.EnvironmentSystemProtect"),
        (
            {"Environment": variables(**{f"NAME{i:04}": "v" * 64 for i in range(57)})},
            "InvalidParameterValue.EnvironmentExceededLimit",
        ),
        ({"Code": {}}, "InvalidParameterValue.Code"),
        ({"Code": None}, "MissingParameter.Code"),
        ({"Code": {"ZipFile": "%"}}, "InvalidParameterValue.ZipFileBase64BinasciiError"),
        ({"Code": {"ZipFile": "bm8gemlw"}}, "InvalidParameterValue.ZipFile"),
        ({"Code": {"CosBucketName": "code", "CosObjectName": "/a"}}, "ResourceNotFound.Cos"),
    ],
)
def test_what_cannot_be_made(ask: Ask, wrong: dict[str, Any], code: str) -> None:
    assert refused(ask, "CreateFunction", **asked(**wrong)) == code
    assert ask("ListFunctions")["TotalCount"] == 0


def test_the_limits_themselves_are_allowed(ask: Ask) -> None:
    allowed: list[dict[str, Any]] = [
        {"Timeout": 900, "MemorySize": 3072},
        {"Timeout": 1, "MemorySize": 64},
        {"Environment": variables(**{f"NAME{i:04}": "v" * 64 for i in range(56)})},
        {"Environment": variables(ab="cd")},
        {"Handler": "on_upload.main_handler"},
    ]
    for number, parameters in enumerate(allowed):
        ask("CreateFunction", **asked(FunctionName=f"stamp{number}", **parameters))
    assert ask("ListFunctions")["TotalCount"] == len(allowed)


def test_a_code_bomb_is_refused(ask: Ask) -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open("zeros", "w") as zeros,
    ):
        for _ in range(501):
            zeros.write(bytes(1024 * 1024))
    code = {"ZipFile": base64.b64encode(content.getvalue()).decode()}
    assert refused(ask, "CreateFunction", **asked(Code=code)) == "InvalidParameterValue.Code"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateFunction", asked(), "ResourceInUse.FunctionName"),
        ("GetFunction", {"FunctionName": "other"}, "ResourceNotFound.Function"),
        ("GetFunction", {"FunctionName": "stamp", "Qualifier": "7"}, "InvalidParameterValue.Qualifier"),
        ("GetFunction", {}, "MissingParameter"),
        ("UpdateFunctionConfiguration", {"FunctionName": "other", "Timeout": 5}, "ResourceNotFound.Function"),
        (
            "UpdateFunctionConfiguration",
            {"FunctionName": "stamp", "Runtime": "Python3.9"},
            "InvalidParameterValue.Runtime",
        ),
        ("UpdateFunctionConfiguration", {"FunctionName": "stamp", "Role": "nobody"}, "ResourceNotFound.Role"),
        ("Invoke", {"FunctionName": "other"}, "ResourceNotFound.Function"),
        ("Invoke", {"FunctionName": "stamp", "ClientContext": "{"}, "InvalidParameterValue.Param"),
        ("Invoke", {"FunctionName": "stamp", "InvocationType": "Later"}, "InvalidParameterValue.InvokeType"),
        ("DeleteFunction", {"FunctionName": "other"}, "ResourceNotFound.Function"),
        ("PublishVersion", {"FunctionName": "stamp"}, "InvalidAction"),
        ("GetFunction", {"FunctionName": "stamp", "version": "2017-01-01"}, "NoSuchVersion"),
        (
            "UpdateFunctionEventInvokeConfig",
            {"FunctionName": "stamp", "AsyncTriggerConfig": {"RetryConfig": [{"RetryNum": 3}]}},
            "LimitExceeded.RetryNum",
        ),
        (
            "UpdateFunctionEventInvokeConfig",
            {"FunctionName": "stamp", "AsyncTriggerConfig": {"MsgTTL": 21601}},
            "LimitExceeded.MsgTTL",
        ),
        (
            "UpdateFunctionEventInvokeConfig",
            {"FunctionName": "stamp", "AsyncTriggerConfig": None},
            "InvalidParameterValue.AsyncTriggerConfig",
        ),
    ],
)
def test_refusals(ask: Ask, action: str, parameters: dict[str, Any], code: str) -> None:
    ask("CreateFunction", **asked())
    assert refused(ask, action, **parameters) == code


@pytest.mark.behaviour(
    service="scf",
    what="Invoke answers with the result as JSON, the duration in milliseconds, the memory in bytes and, with LogType"
    " Tail, the last 4 KB of the log",
    standing="documented",
    source="SCF 583/17243",
)
def test_invoking_and_waiting(ask: Ask) -> None:
    ask("CreateFunction", **asked())
    answer = ask("Invoke", FunctionName="stamp", ClientContext='{"名":1}', LogType="Tail")["Result"]
    assert json.loads(answer["RetMsg"]) == [{"名": 1}]
    assert (answer["Log"], answer["ErrMsg"], answer["InvokeResult"]) == ("ran", "", 0)
    assert answer["Duration"] > 0
    assert answer["MemUsage"] > 1_000_000
    assert ask("InvokeFunction", FunctionName="stamp", Event="2")["Result"]["RetMsg"] == "[2]"


@pytest.mark.behaviour(
    service="scf",
    what="A synchronous caller is told of a failure in RetMsg and ErrMsg, and nothing is tried again",
    standing="documented",
    source="SCF 583/41138",
)
def test_invoking_what_fails(ask: Ask, scf: Scf, deploy: Deploy) -> None:
    deploy("def main_handler(event, context):\n    raise KeyError('face')\n")
    answer = ask("Invoke", FunctionName="stamp")["Result"]
    assert json.loads(answer["RetMsg"])["statusCode"] == 430
    assert answer["ErrMsg"].endswith("KeyError: 'face'")
    assert answer["InvokeResult"] != 0
    scf.settle()
    assert len(scf.invocations) == 1


def test_invoking_without_waiting(ask: Ask, scf: Scf, deploy: Deploy) -> None:
    deploy("def main_handler(event, context):\n    print(event)\n    raise ValueError\n")
    answer = ask("Invoke", FunctionName="stamp", InvocationType="Event", ClientContext='"later"')["Result"]
    scf.settle()
    assert answer["RetMsg"] == ""
    assert [(i.request_id, i.attempt) for i in scf.invocations] == [(answer["FunctionRequestId"], n) for n in (1, 2, 3)]
    assert [line.text for line in scf.logs() if line.text == "later"] == ["later"] * 3


@pytest.mark.behaviour(
    service="scf",
    what="A synchronous event may have 6 MB, an asynchronous one 128 KB",
    standing="documented",
    source="SCF 583/17243",
)
def test_events_have_limits(ask: Ask, scf: Scf, deploy: Deploy) -> None:
    deploy("def main_handler(event, context):\n    return len(event)\n")
    fits = json.dumps("x" * (128 * 1024 - 2))
    assert ask("Invoke", FunctionName="stamp", ClientContext=fits)["Result"]["RetMsg"] == str(128 * 1024 - 2)
    ask("Invoke", FunctionName="stamp", ClientContext=fits, InvocationType="Event")
    scf.settle()
    too_large = json.dumps("x" * (128 * 1024 - 1))
    code = "InvalidParameterValue.LimitExceeded"
    assert refused(ask, "Invoke", FunctionName="stamp", ClientContext=too_large, InvocationType="Event") == code
    far_too_large = json.dumps("x" * (6 * 1024 * 1024 - 1))
    assert refused(ask, "Invoke", FunctionName="stamp", ClientContext=far_too_large) == code
    assert [i.status for i in scf.invocations] == [200, 200]


@pytest.mark.behaviour(
    service="scf",
    what="Each action needs the permission scf:<action> on the function; without it, the refusal names it",
    standing="documented",
    source="SCF 583/47933",
)
def test_permissions(ask: Ask, cam: Cam) -> None:
    statement = {
        "effect": "allow",
        "action": ["scf:GetFunction"],
        "resource": ["qcs::scf:ap-guangzhou:uin/100000000001:namespace/default/function/stamp"],
    }
    cam.attach("stamper", cam.create_policy("reading", json.dumps({"version": "2.0", "statement": [statement]})))
    reader = cam.assume("stamper", "worker", "invocation")
    ask("CreateFunction", **asked())
    assert ask("GetFunction", by=reader, FunctionName="stamp")["FunctionName"] == "stamp"
    assert refused(ask, "GetFunction", by=reader, FunctionName="other") == "AuthFailure.UnauthorizedOperation"
    assert refused(ask, "DeleteFunction", by=reader, FunctionName="stamp") == "AuthFailure.UnauthorizedOperation"
    assert refused(ask, "ListFunctions", by=reader) == "AuthFailure.UnauthorizedOperation"


def test_a_request_can_kill_the_worker_that_makes_it(
    ask: Ask, scf: Scf, gateway: Gateway, server: Server, deploy: Deploy, tmp_path: Path
) -> None:
    """The gateway knows by its key which instance a request comes from, and can take it down in the middle."""
    deploy(
        "import http.client, os\n"
        "def main_handler(event, context):\n"
        f"    connection = http.client.HTTPConnection('127.0.0.1', {server.port})\n"
        "    key = os.environ['TENCENTCLOUD_SECRETID']\n"
        "    authorization = f'TC3-HMAC-SHA256 Credential={key}/2026-01-01/scf/tc3_request,'"
        "        ' SignedHeaders=content-type;host, Signature=' + 64 * '0'\n"
        "    connection.request('POST', '/', '{}', {'Host': 'scf.tencentcloudapi.com', 'X-TC-Action': 'Suicide',"
        "        'Authorization': authorization, 'Content-Type': 'application/json'})\n"
        "    connection.getresponse()\n"
        "    return 'survived'\n",
        Timeout=60,
    )
    gateway.faults.add(Fault("kill", action="Suicide", by_worker=True))
    scf.send("stamp", {})
    scf.settle()
    assert [i.status for i in scf.invocations] == [439, 200]
    assert [call.worker for call in gateway.journal.calls(action="Suicide")] == ["stamp-1", "stamp-2"]


def test_a_synchronous_call_does_not_hold_up_others(ask: Ask, scf: Scf, deploy: Deploy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    deploy(f"def main_handler(event, context):\n    open({str(gate)!r}).read()\n", Timeout=60)
    thread = threading.Thread(target=ask, args=("Invoke",), kwargs={"FunctionName": "stamp"})
    thread.start()
    with open(gate, "w"):
        assert ask("GetFunction", FunctionName="stamp")["Status"] == "Active"
    thread.join()
    assert scf.invocations[0].status == 200
