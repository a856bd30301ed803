"""What the management actions may be asked with.

A parameter that no page has is refused. So is one whose effect the local cloud does not have: a function that was
given layers or a private network would otherwise run here as it could not run there. What changes nothing about how a
function runs (tags, its log topic, a fixed address) is taken, kept, and told again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from infra.local.gateway import Refused

_OF_A_FUNCTION: Final = frozenset({"FunctionName", "Namespace"})
_CONFIGURATION: Final = _OF_A_FUNCTION | {
    *("Description", "MemorySize", "Timeout", "InitTimeout", "Runtime", "Environment", "Role", "VpcConfig"),
    *("ClsLogsetId", "ClsTopicId", "Layers", "DeadLetterConfig", "PublicNetConfig", "CfsConfig", "IntranetConfig"),
    *("InstallDependency", "DnsCache", "ProtocolParams", "InstanceConcurrencyConfig"),
}
_OF_A_TRIGGER: Final = _OF_A_FUNCTION | {
    *("TriggerName", "Type", "TriggerDesc", "Qualifier", "Enable", "CustomArgument", "Description"),
}
_PAGE: Final = frozenset({"Offset", "Limit", "Order", "Filters"})
_CODE: Final = frozenset({"ZipFile", "CosBucketName", "CosObjectName", "CosBucketRegion"})

PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "CreateFunction": _CONFIGURATION
    | {"Code", "CodeSource", "Handler", "Type", "Tags", "AsyncRunEnable", "TraceEnable", "ProtocolType"}
    | {"AutoDeployClsTopicIndex", "AutoCreateClsTopic"},
    "UpdateFunctionCode": _OF_A_FUNCTION
    | _CODE
    | {"Code", "CodeSource", "Handler", "InstallDependency", "EnvId", "Publish"},
    "UpdateFunctionConfiguration": _CONFIGURATION | {"Publish", "L5Enable", "IgnoreSysLog"},
    "GetFunction": _OF_A_FUNCTION | {"Qualifier", "ShowCode"},
    "ListFunctions": _PAGE | {"Orderby", "SearchKey", "Namespace", "Description"},
    "DeleteFunction": _OF_A_FUNCTION | {"Qualifier"},
    "CreateTrigger": _OF_A_TRIGGER,
    "UpdateTrigger": _OF_A_TRIGGER,
    "ListTriggers": _OF_A_FUNCTION | _PAGE | {"OrderBy"},
    "DeleteTrigger": _OF_A_FUNCTION | {"TriggerName", "Type", "TriggerDesc", "Qualifier"},
    "Invoke": _OF_A_FUNCTION | {"InvocationType", "Qualifier", "ClientContext", "LogType", "RoutingKey"},
    "InvokeFunction": _OF_A_FUNCTION | {"Qualifier", "Event", "LogType", "RoutingKey"},
    "UpdateFunctionEventInvokeConfig": _OF_A_FUNCTION | {"AsyncTriggerConfig"},
    "GetFunctionEventInvokeConfig": _OF_A_FUNCTION | {"Qualifier"},
    "PutReservedConcurrencyConfig": _OF_A_FUNCTION | {"ReservedConcurrencyMem"},
    "GetReservedConcurrencyConfig": _OF_A_FUNCTION,
    "DeleteReservedConcurrencyConfig": _OF_A_FUNCTION,
}
"""The parameters of each action, as its page in product 583 lists them."""

_ONLY: Final[Mapping[str, Callable[[Any], bool]]] = {
    "Type": lambda value: value == "Event",
    "Layers": lambda value: not value,
    "VpcConfig": lambda value: not any(value.values()),
    "CfsConfig": lambda value: not value.get("CfsInsList"),
    "InstallDependency": lambda value: value == "FALSE",
    "AsyncRunEnable": lambda value: value == "FALSE",
    "Publish": lambda value: value == "FALSE",
    "AutoCreateClsTopic": lambda value: value == "FALSE",
    "AutoDeployClsTopicIndex": lambda value: value == "FALSE",
    "ProtocolType": lambda value: not value,
    "ProtocolParams": lambda value: not value,
    "InstanceConcurrencyConfig": lambda value: not value,
    "Code": lambda value: isinstance(value, dict) and not {name for name in value if value[name]} - _CODE,
    # "Only with a private network can public access be disabled", as the provider's page of the function says.
    "PublicNetConfig": lambda value: value.get("PublicNetStatus") == "ENABLE",
}
"""The values with which a function runs there as it runs here."""


def checked(action: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was asked, without what was left empty; raises `Refused` for what is unknown there or cannot be had here."""
    given = {name: value for name, value in asked.items() if value is not None}
    if unknown := sorted(set(given) - PARAMETERS[action]):
        raise Refused("UnknownParameter", f"{action} has no parameter `{unknown[0]}`.")
    for name, possible in _ONLY.items() if action.endswith(("Function", "FunctionCode", "Configuration")) else ():
        if name in given and not _holds(possible, given[name]):
            raise Refused("UnsupportedOperation", f"The local cloud has no functions with such a {name}.")
    return given


def _holds(possible: Callable[[Any], bool], value: Any) -> bool:
    try:
        return possible(value)
    except AttributeError:
        return False
