"""Functions, what wakes them, and how often they run at once and again: calls of SCF."""

from __future__ import annotations

import time
from typing import Any

from infra.local.provider.calls import Calls, Inputs, State, pairs

ACTIVE_SECONDS = 30.0
"""How long a function may be in the making."""


def _function(calls: Calls, given: Inputs) -> tuple[str, State]:
    name, namespace = given.pop("name"), given.pop("namespace", "default")
    triggers = given.pop("triggers", [])
    asked: dict[str, Any] = {
        "FunctionName": name,
        "Namespace": namespace,
        # Without the APPID, which the provider takes off.
        "Code": {
            "CosBucketName": given.pop("cosBucketName").rpartition("-")[0],
            "CosObjectName": given.pop("cosObjectName"),
            "CosBucketRegion": given.pop("cosBucketRegion"),
        },
        "Handler": given.pop("handler"),
        "Description": given.pop("description", ""),
        "MemorySize": given.pop("memSize", 128),
        "Timeout": given.pop("timeout", 3),
        "Environment": {"Variables": pairs(given.pop("environment", {}))},
        "Runtime": given.pop("runtime"),
        "Role": given.pop("role", ""),
        "Type": "Event",
        "PublicNetConfig": {
            "PublicNetStatus": "ENABLE" if given.pop("enablePublicNet", False) else "DISABLE",
            "EipConfig": {"EipStatus": "DISABLE"},
        },
        "ClsLogsetId": given.pop("clsLogsetId", None),
        "ClsTopicId": given.pop("clsTopicId", None),
        "Tags": pairs(given.pop("tags", {})) or None,
    }
    calls.scf("CreateFunction", **{parameter: value for parameter, value in asked.items() if value is not None})
    _until_active(calls, name, namespace)
    for trigger in triggers:
        calls.scf(
            "CreateTrigger",
            FunctionName=name,
            Namespace=namespace,
            # A COS trigger is named by its bucket's host, which the provider completes from the bucket's name.
            TriggerName=f"{trigger['name']}.cos.{trigger['cosRegion']}.myqcloud.com",
            Type=trigger["type"],
            TriggerDesc=trigger["triggerDesc"],
            Enable="OPEN",
        )
    found = calls.scf("GetFunction", FunctionName=name, Namespace=namespace)
    return f"{namespace}+{name}", {"functionId": found.get("FunctionId", ""), "status": found.get("Status", "")}


def _address(calls: Calls, given: Inputs) -> tuple[str, State]:
    name, namespace, kind = given.pop("functionName"), given.pop("namespace"), given.pop("type")
    calls.scf(
        "CreateTrigger",
        FunctionName=name,
        Namespace=namespace,
        TriggerName="url-trigger",
        Type=kind,
        TriggerDesc=given.pop("triggerDesc"),
        Qualifier=given.pop("qualifier", "$LATEST"),
        Enable=given.pop("enable", "OPEN"),
    )
    listed = calls.scf("ListTriggers", FunctionName=name, Namespace=namespace).get("Triggers") or ()
    told = next((trigger["TriggerDesc"] for trigger in listed if trigger["Type"] == kind), "")
    return f"{name}#{namespace}#url-trigger", {"triggerName": "url-trigger", "triggerAttribute": told}


def _retries(calls: Calls, given: Inputs) -> tuple[str, State]:
    name, namespace, config = given.pop("functionName"), given.pop("namespace"), given.pop("asyncTriggerConfig")
    calls.scf(
        "UpdateFunctionEventInvokeConfig",
        FunctionName=name,
        Namespace=namespace,
        AsyncTriggerConfig={
            "RetryConfig": [{"RetryNum": retry["retryNum"]} for retry in config["retryConfigs"]],
            "MsgTTL": config["msgTtl"],
        },
    )
    return f"{name}#{namespace}", {}


def _quota(calls: Calls, given: Inputs) -> tuple[str, State]:
    name, namespace = given.pop("functionName"), given.pop("namespace")
    calls.scf(
        "PutReservedConcurrencyConfig",
        FunctionName=name,
        Namespace=namespace,
        ReservedConcurrencyMem=given.pop("reservedConcurrencyMem"),
    )
    return f"{namespace}#{name}", {}


CREATES = {
    "ScfFunction": _function,
    "ScfTrigger": _address,
    "ScfFunctionEventInvokeConfig": _retries,
    "ScfReservedConcurrencyConfig": _quota,
}


def _until_active(calls: Calls, name: str, namespace: str) -> None:
    """Ask again and again, as the provider does: SCF tells nobody when a function has been made."""
    end = time.monotonic() + ACTIVE_SECONDS
    while (status := calls.scf("GetFunction", FunctionName=name, Namespace=namespace)["Status"]) != "Active":
        if status not in ("Creating", "Updating") or time.monotonic() > end:
            raise TimeoutError(f"The function {name} is {status}, not Active.")
        time.sleep(0.05)
