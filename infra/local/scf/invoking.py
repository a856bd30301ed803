"""The two actions that run a function: `Invoke`, at once or through the queue, and `InvokeFunction`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from infra.local.gateway import Refused
from infra.local.scf.function import name_of
from infra.local.scf.triggers import qualifier

if TYPE_CHECKING:
    from infra.local.scf.platform import Scf

LOG_TAIL: Final = 4096
"""Bytes of log that a synchronous answer brings."""
SYNCHRONOUS_LIMIT: Final = 6 * 1024 * 1024
ASYNCHRONOUS_LIMIT: Final = 128 * 1024
"""Bytes of an event (SCF 583/11637)."""


def invoke(scf: Scf, asked: Mapping[str, Any]) -> dict[str, Any]:
    """583/17243: RequestResponse answers with the result, Event with a request id."""
    name, kind = name_of(asked), asked.get("InvocationType", "RequestResponse")
    qualifier(asked.get("Qualifier"))
    text = str(asked.get("ClientContext") or "{}")
    if kind == "RequestResponse":
        return _invoked(scf, name, _event(text, SYNCHRONOUS_LIMIT), asked)
    if kind != "Event":
        raise Refused("InvalidParameterValue.InvokeType", f"InvocationType {kind!r} is not RequestResponse or Event.")
    request_id = scf.send(name, _event(text, ASYNCHRONOUS_LIMIT))
    return {"Result": _result(request_id)}


def invoke_function(scf: Scf, asked: Mapping[str, Any]) -> dict[str, Any]:
    """583/58400: always synchronous, and the event is called Event."""
    qualifier(asked.get("Qualifier"))
    return _invoked(scf, name_of(asked), _event(str(asked.get("Event") or "{}"), SYNCHRONOUS_LIMIT), asked)


def _event(text: str, limit: int) -> Any:
    if len(text.encode()) > limit:
        raise Refused("InvalidParameterValue.LimitExceeded", f"The event is larger than {limit} bytes.")
    try:
        return json.loads(text)
    except ValueError:
        raise Refused("InvalidParameterValue.Param", "The event is not JSON.") from None


def _invoked(scf: Scf, name: str, event: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    invocation, outcome = scf.invoke(name, event)
    milliseconds = invocation.duration * 1000
    result = _result(invocation.request_id) | {
        "RetMsg": outcome.returned(invocation.request_id),
        "ErrMsg": outcome.trace or outcome.message,
        "InvokeResult": 0 if outcome.ok else 1,
        "Duration": milliseconds,
        "BillDuration": max(1, round(milliseconds)),
        "MemUsage": int(invocation.memory * 1_048_576),
    }
    if asked.get("LogType") == "Tail":
        lines = [line.text for line in scf.logs(invocation=invocation.request_id) if line.type == "Custom"]
        result["Log"] = "\n".join(lines).encode()[-LOG_TAIL:].decode("utf-8", "ignore")
    return {"Result": result}


def _result(request_id: str) -> dict[str, Any]:
    return {
        "Log": "",
        "RetMsg": "",
        "ErrMsg": "",
        "MemUsage": 0,
        "Duration": 0,
        "BillDuration": 0,
        "FunctionRequestId": request_id,
        "InvokeResult": 0,
    }
