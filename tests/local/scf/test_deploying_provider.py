"""A function's life as the deploying provider leads it: its calls with its parameters, in its order."""

from __future__ import annotations

import base64
import json
from typing import Any

from infra.local.clock import Clock
from infra.local.scf import Scf
from tests.local.scf.small import HOST, Ask, refused, uploaded, zipped

NAMED: dict[str, Any] = {"FunctionName": "stamp", "Namespace": "default"}
PUBLIC = {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}}
ADDRESS: dict[str, Any] = {"TriggerName": "url-trigger", "Type": "http", "Qualifier": "$LATEST", "Enable": "OPEN"}
EVENTS = ("Put", "Post", "CompleteMultipartUpload")
READ_BLINDLY = ("Environment", "VpcConfig", "L5Enable", "InstallDependency", "EipConfig", "AccessInfo", "FunctionId")


def stored(word: str) -> dict[str, str]:
    """Where the code is that says this word."""
    return {"CosBucketName": "code", "CosBucketRegion": "ap-guangzhou", "CosObjectName": f"/{word}.zip"}


def bound(event: str, prefix: str = "in/") -> dict[str, Any]:
    """An upload trigger as the provider names it."""
    rule = json.dumps({"event": f"cos:ObjectCreated:{event}", "filter": {"Prefix": prefix}}, separators=(",", ":"))
    return {**NAMED, "TriggerName": HOST, "Type": "cos", "TriggerDesc": rule}


def url(auth: str) -> str:
    """A function URL's description."""
    told = {"AuthType": auth, "NetConfig": {"EnableExtranet": True, "EnableIntranet": False}}
    return json.dumps(told, separators=(",", ":"))


def ready(ask: Ask, clock: Clock) -> dict[str, Any]:
    """Ask until the function is active; what is told then, with all that is read without looking."""
    statuses = []
    for _ in range(10):
        told = dict(ask("GetFunction", **NAMED))
        assert all(told[name] is not None for name in READ_BLINDLY)
        statuses.append(told["Status"])
        if told["Status"] == "Active":
            assert len(statuses) > 1
            return told
        assert told["Status"] in ("Creating", "Updating")
        clock.skip(1)
    raise AssertionError(f"It is never active: {statuses}")


def says(ask: Ask) -> str:
    """What the function returns."""
    return str(ask("Invoke", FunctionName="stamp")["Result"]["RetMsg"])


def test_a_function_is_deployed_changed_and_destroyed(ask: Ask, scf: Scf, clock: Clock) -> None:
    scf.deploying = 2.5
    source = "import os\ndef main_handler(event, context):\n    return ['{}', os.environ.get('NAME')]\n"
    packages = {f"{word}.zip": base64.b64decode(zipped(index=source.format(word))) for word in ("one", "two")}
    scf.fetch = lambda bucket, key: packages.get(key) if bucket == "code-1250000000" else None

    ask(
        "CreateFunction",
        **NAMED,
        Code=stored("one"),
        Description="",
        Environment={"Variables": [{"Key": "NAME", "Value": "Ada"}]},
        Handler="index.main_handler",
        MemorySize=256,
        PublicNetConfig=PUBLIC,
        Role="stamper",
        Runtime="Python3.10",
        Tags=[{"Key": "team", "Value": "faces"}],
        Timeout=30,
        Type="Event",
    )
    made = ready(ask, clock)
    for event in EVENTS:
        ask("CreateTrigger", **bound(event), Enable="OPEN")
    ask("CreateTrigger", **NAMED, **ADDRESS, TriggerDesc=url("NONE"))
    retries = {"RetryConfig": [{"RetryNum": 0}], "MsgTTL": 600}
    ask("UpdateFunctionEventInvokeConfig", **NAMED, AsyncTriggerConfig=retries)
    ask("PutReservedConcurrencyConfig", **NAMED, ReservedConcurrencyMem=1280)
    named: dict[str, Any] = {"Filters": [{"Name": "TriggerName", "Values": ["url-trigger"]}], "Limit": 20, "Offset": 0}
    [first] = ask("ListTriggers", **NAMED, **named)["Triggers"]
    assert (made["PublicNetConfig"]["PublicNetStatus"], made["Type"], made["Role"]) == ("ENABLE", "Event", "stamper")
    assert says(ask) == '["one", "Ada"]'

    ask("UpdateFunctionCode", **NAMED, Code=stored("two"), Handler="index.main_handler")
    ready(ask, clock)
    nothing = {"Variables": [{"Key": "", "Value": ""}]}
    ask("UpdateFunctionConfiguration", **NAMED, Environment=nothing, PublicNetConfig=PUBLIC, Timeout=9)
    changed = ready(ask, clock)
    for event in EVENTS:
        ask("DeleteTrigger", **bound(event))
    for event in EVENTS:
        ask("CreateTrigger", **bound(event, "out/"), Enable="OPEN")
    ask("UpdateTrigger", **NAMED, **ADDRESS, TriggerDesc=url("CAM"))
    [second] = ask("ListTriggers", **NAMED, **named)["Triggers"]
    assert (changed["FunctionId"], changed["Timeout"], changed["MemorySize"]) == (made["FunctionId"], 9, 256)
    addresses = [json.loads(told["TriggerDesc"])["NetConfig"]["ExtranetUrl"] for told in (first, second)]
    assert addresses[0] == addresses[1]
    scf.notify(uploaded("in/a.jpg"))
    scf.notify(uploaded("out/a.jpg"))
    scf.settle()
    assert [(i.source, i.status) for i in scf.invocations] == [("invoke", 200), ("cos", 200)]
    assert says(ask) == '["two", null]'
    assert ask("GetFunctionEventInvokeConfig", **NAMED)["AsyncTriggerConfig"] == retries
    assert ask("GetReservedConcurrencyConfig", **NAMED)["ReservedMem"] == 1280

    ask("DeleteReservedConcurrencyConfig", **NAMED)
    ask("DeleteTrigger", **NAMED, TriggerName="url-trigger", Type="http", TriggerDesc=url("CAM"), Qualifier="$LATEST")
    ask("DeleteFunction", **NAMED)
    assert refused(ask, "GetFunction", **NAMED) == "ResourceNotFound.Function"
    assert (scf.functions(), scf.triggers()) == ([], [])
