"""How the management API shows a function.

The answers have every field that the Pulumi provider reads without looking whether it is there, with the value that a
function has which has never asked for such a thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.local import tags
from infra.local.scf.function import Function
from infra.local.scf.triggers import told_time


def described(
    function: Function, tagged: Mapping[str, str], triggers: list[dict[str, Any]], now: float
) -> dict[str, Any]:
    """GetFunction's answer (SCF 583/18584)."""
    settings = function.settings
    return {
        **summary(function, tagged, now),
        "Handler": function.handler,
        "CodeInfo": "",
        "CodeSize": function.code_size,
        "CodeResult": "success",
        "CodeError": "",
        "ErrNo": 0,
        "Timeout": function.timeout,
        "InitTimeout": function.init_timeout,
        "MemorySize": function.memory,
        "FunctionVersion": "$LATEST",
        "Qualifier": "$LATEST",
        "Role": function.role,
        "Environment": {"Variables": [{"Key": k, "Value": v} for k, v in function.variables.items()]},
        "Triggers": triggers,
        "VpcConfig": settings.get("VpcConfig", {"VpcId": "", "SubnetId": ""}),
        "UseGpu": "FALSE",
        "L5Enable": settings.get("L5Enable", "FALSE"),
        "InstallDependency": settings.get("InstallDependency", "FALSE"),
        "EipConfig": {"EipFixed": "FALSE", "Eips": []},
        "AccessInfo": {"Host": "", "Vip": ""},
        "PublicNetConfig": _public(settings.get("PublicNetConfig") or {}),
        "Layers": settings.get("Layers", []),
        "DeadLetterConfig": settings.get("DeadLetterConfig", {"Type": "", "Name": "", "FilterType": ""}),
        "OnsEnable": "FALSE",
        "CfsConfig": {"CfsInsList": []},
        "ClsLogsetId": settings.get("ClsLogsetId", ""),
        "ClsTopicId": settings.get("ClsTopicId", ""),
        "AsyncRunEnable": settings.get("AsyncRunEnable", "FALSE"),
        "TraceEnable": settings.get("TraceEnable", "FALSE"),
        "DnsCache": settings.get("DnsCache", "FALSE"),
        "IntranetConfig": {"IpFixed": "DISABLE", "IpAddress": [], **settings.get("IntranetConfig", {})},
        "StatusReasons": [],
    }


def summary(function: Function, tagged: Mapping[str, str], now: float) -> dict[str, Any]:
    """What ListFunctions tells of each."""
    return {
        "FunctionId": function.id,
        "FunctionName": function.name,
        "Namespace": "default",
        "Runtime": function.runtime,
        "Description": function.description,
        "Type": "Event",
        "Status": function.status(now),
        "StatusDesc": "",
        "AvailableStatus": "Available",
        "AddTime": told_time(function.created),
        "ModTime": told_time(function.modified),
        "Tags": tags.told(tagged),
    }


def _public(given: Mapping[str, Any]) -> dict[str, Any]:
    eip = {"EipStatus": "DISABLE", "EipAddress": [], **(given.get("EipConfig") or {})}
    return {"PublicNetStatus": "ENABLE", **given, "EipConfig": eip}
