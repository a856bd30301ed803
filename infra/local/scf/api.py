"""SCF's management API, version 2018-04-16: the calls that the Pulumi provider and a user make of it.

Each action takes the request's parameters and gives its answer, in Tencent's names. A function is active as soon as
it is made. Documents: the pages of product 583 that each action names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from werkzeug import Request, Response

from infra.local import tc3
from infra.local.cam import Denied
from infra.local.gateway import Refused, Wanted
from infra.local.scf import triggers
from infra.local.scf.descriptions import described, summary
from infra.local.scf.function import configured, name_of, retrying

if TYPE_CHECKING:
    from infra.local.scf.platform import Scf

HOST: Final = r"scf(\.[a-z-]+)?\.tencentcloudapi\.com"
"""The host names to mount the service under."""
VERSION: Final = "2018-04-16"
LOG_TAIL: Final = 4096
"""Bytes of log that a synchronous answer brings."""

Answer = dict[str, Any]
Asked = Mapping[str, Any]


def wanted(request: Request) -> Wanted:
    """The action by its name, whatever it is."""
    return Wanted("scf", tc3.wanted_action(request), secret_id=tc3.wanted_secret_id(request))


def refusal(refused: Refused) -> Response:
    """The error in the envelope."""
    return tc3.refuse(refused.code, refused.message, refused.status)


def answer(scf: Scf, request: Request) -> Response:
    """Check the caller, then act."""
    caller = tc3.authenticate(request, "scf", scf.cam)
    name = tc3.wanted_action(request)
    action = ACTIONS.get(name)
    if request.headers.get("X-TC-Version") != VERSION:
        raise Refused("NoSuchVersion", f"SCF's version is {VERSION}.")
    if action is None:
        raise Refused("InvalidAction", f"The local cloud has no action {name}.")
    if request.headers.get("X-TC-Region") not in (None, scf.region):
        raise Refused("UnsupportedRegion", f"The local cloud has functions in {scf.region} only.")
    asked = {key: value for key, value in tc3.parameters(request).items() if value is not None}
    resource = "*"
    if name != "ListFunctions":
        resource = scf.resource(name_of(asked))
    try:
        scf.cam.require(caller, f"scf:{name}", resource)
    except Denied as denied:
        raise tc3.unauthorized(denied) from None
    return tc3.respond(action(scf, asked))


def create_function(scf: Scf, asked: Asked) -> Answer:
    """583/18586."""
    scf.create(asked)
    return {}


def update_function_code(scf: Scf, asked: Asked) -> Answer:
    """583/18581."""
    scf.change(name_of(asked), lambda function: scf.with_code(function, asked))
    return {}


def update_function_configuration(scf: Scf, asked: Asked) -> Answer:
    """583/18580."""
    scf.change(name_of(asked), lambda function: configured(function, asked))
    return {}


def get_function(scf: Scf, asked: Asked) -> Answer:
    """583/18584, with all that the provider reads without looking whether it is there."""
    function = scf.function(name_of(asked))
    triggers.qualifier(asked.get("Qualifier"))
    return described(function, scf.tags(function.name), [trigger.told() for trigger in scf.triggers(function.name)])


def list_functions(scf: Scf, asked: Asked) -> Answer:
    """583/18582."""
    found = [f for f in scf.functions() if str(asked.get("SearchKey", "")) in f.name]
    first = int(asked.get("Offset", 0))
    page = found[first : first + int(asked.get("Limit", 20))]
    return {"Functions": [summary(function, scf.tags(function.name)) for function in page], "TotalCount": len(found)}


def delete_function(scf: Scf, asked: Asked) -> Answer:
    """583/18585."""
    scf.delete(name_of(asked))
    return {}


def create_trigger(scf: Scf, asked: Asked) -> Answer:
    """583/18589."""
    trigger = triggers.asked(asked, name_of(asked), scf.region, scf.clock.now())
    return {"TriggerInfo": scf.bind(trigger).told()}


def list_triggers(scf: Scf, asked: Asked) -> Answer:
    """583/44267; a filter by TriggerName, as the provider asks."""
    function = scf.function(name_of(asked))
    found = scf.triggers(function.name)
    for condition in asked.get("Filters", []):
        if condition.get("Name") == "TriggerName":
            found = [trigger for trigger in found if trigger.name in condition.get("Values", [])]
    first = int(asked.get("Offset", 0))
    page = found[first : first + int(asked.get("Limit", 20))]
    return {"Triggers": [trigger.told() for trigger in page], "TotalCount": len(found)}


def delete_trigger(scf: Scf, asked: Asked) -> Answer:
    """583/18588; a COS trigger is meant by its description, for several share one name."""
    scf.unbind(triggers.asked(asked, name_of(asked), scf.region, scf.clock.now()))
    return {}


def invoke(scf: Scf, asked: Asked) -> Answer:
    """583/17243: RequestResponse answers with the result, Event with a request id."""
    name, kind = name_of(asked), asked.get("InvocationType", "RequestResponse")
    triggers.qualifier(asked.get("Qualifier"))
    text = str(asked.get("ClientContext") or "{}")
    if kind == "RequestResponse":
        return _invoked(scf, name, _event(text, 6 * 1024 * 1024), asked)
    if kind != "Event":
        raise Refused("InvalidParameterValue.InvokeType", f"InvocationType {kind!r} is not RequestResponse or Event.")
    request_id = scf.send(name, _event(text, 128 * 1024))
    return {"Result": _result(request_id)}


def invoke_function(scf: Scf, asked: Asked) -> Answer:
    """583/58400: always synchronous, and the event is called Event."""
    triggers.qualifier(asked.get("Qualifier"))
    return _invoked(scf, name_of(asked), _event(str(asked.get("Event") or "{}"), 6 * 1024 * 1024), asked)


def update_function_event_invoke_config(scf: Scf, asked: Asked) -> Answer:
    """583/53639."""
    scf.change(name_of(asked), lambda function: retrying(function, asked))
    return {}


def get_function_event_invoke_config(scf: Scf, asked: Asked) -> Answer:
    """583/53640."""
    function = scf.function(name_of(asked))
    return {
        "AsyncTriggerConfig": {
            "RetryConfig": [{"RetryNum": function.retries}],
            "MsgTTL": int(function.message_seconds),
        }
    }


ACTIONS: Final[dict[str, Callable[[Scf, Asked], Answer]]] = {
    "".join(word.title() for word in action.__name__.split("_")): action
    for action in (
        *(create_function, update_function_code, update_function_configuration),
        *(get_function, list_functions, delete_function),
        *(create_trigger, list_triggers, delete_trigger),
        *(invoke, invoke_function),
        *(update_function_event_invoke_config, get_function_event_invoke_config),
    )
}


def _event(text: str, limit: int) -> Any:
    if len(text.encode()) > limit:
        raise Refused("InvalidParameterValue.LimitExceeded", f"The event is larger than {limit} bytes.")
    try:
        return json.loads(text)
    except ValueError:
        raise Refused("InvalidParameterValue.Param", "The event is not JSON.") from None


def _invoked(scf: Scf, name: str, event: Any, asked: Asked) -> Answer:
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


def _result(request_id: str) -> Answer:
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
