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


def described(function: Function, tagged: Mapping[str, str], triggers: list[dict[str, Any]]) -> dict[str, Any]:
    """GetFunction's answer (SCF 583/18584)."""
    return {
        **summary(function, tagged),
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
        "VpcConfig": function.settings.get("VpcConfig", {"VpcId": "", "SubnetId": ""}),
        "UseGpu": "FALSE",
        "L5Enable": function.settings.get("L5Enable", "FALSE"),
        "InstallDependency": function.settings.get("InstallDependency", "FALSE"),
        "EipConfig": {"EipFixed": "FALSE", "Eips": []},
        "AccessInfo": {"Host": "", "Vip": ""},
        "PublicNetConfig": function.settings.get(
            "PublicNetConfig", {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE", "EipAddress": []}}
        ),
        "Layers": function.settings.get("Layers", []),
        "DeadLetterConfig": function.settings.get("DeadLetterConfig", {"Type": "", "Name": "", "FilterType": ""}),
        "OnsEnable": "FALSE",
        "CfsConfig": {"CfsInsList": []},
        "ClsLogsetId": function.settings.get("ClsLogsetId", ""),
        "ClsTopicId": function.settings.get("ClsTopicId", ""),
        "AsyncRunEnable": "FALSE",
        "TraceEnable": "FALSE",
        "DnsCache": "FALSE",
        "IntranetConfig": {"IpFixed": "DISABLE", "IpAddress": []},
        "StatusReasons": [],
    }


def summary(function: Function, tagged: Mapping[str, str]) -> dict[str, Any]:
    """What ListFunctions tells of each."""
    return {
        "FunctionId": f"lam-{function.name}",
        "FunctionName": function.name,
        "Namespace": "default",
        "Runtime": function.runtime,
        "Description": function.description,
        "Type": "Event",
        "Status": "Active",
        "StatusDesc": "",
        "AvailableStatus": "Available",
        "AddTime": told_time(function.created),
        "ModTime": told_time(function.modified),
        "Tags": tags.told(tagged),
    }
