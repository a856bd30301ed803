"""SCF's management API, version 2018-04-16: the calls that the Pulumi provider and a user make of it.

Each action takes the request's parameters and gives its answer, in Tencent's names. Documents: the pages of product
583 that each action names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from werkzeug import Request, Response

from infra.local import tc3
from infra.local.cam import Denied
from infra.local.gateway import Refused, Wanted
from infra.local.scf import triggers
from infra.local.scf.descriptions import described, summary
from infra.local.scf.function import configured, name_of, retrying
from infra.local.scf.invoking import invoke, invoke_function
from infra.local.scf.parameters import checked

if TYPE_CHECKING:
    from infra.local.scf.platform import Scf

HOST: Final = r"scf(\.[a-z-]+)?\.tencentcloudapi\.com"
"""The host names to mount the service under."""
VERSION: Final = "2018-04-16"
ADDRESS_SECONDS: Final = 5.0
"""After which a Function URL's addresses are told, under the reading that they come later."""
NOT_ACTIVE: Final = "FailedOperation.FunctionVersionStatusNotActive"

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
    asked = checked(name, tc3.parameters(request))
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
    scf.change(name_of(asked), lambda function: scf.with_code(function, asked), "FailedOperation.UpdateFunctionCode")
    return {}


def update_function_configuration(scf: Scf, asked: Asked) -> Answer:
    """583/18580."""
    code = "FailedOperation.UpdateFunctionConfiguration"
    scf.change(name_of(asked), lambda function: configured(function, asked), code)
    return {}


def get_function(scf: Scf, asked: Asked) -> Answer:
    """583/18584, with all that the provider reads without looking whether it is there."""
    function = scf.function(name_of(asked))
    triggers.qualifier(asked.get("Qualifier"))
    told = [_told(scf, trigger) for trigger in scf.triggers(function.name)]
    return described(function, scf.tags(function.name), told, scf.clock.now())


def list_functions(scf: Scf, asked: Asked) -> Answer:
    """583/18582."""
    found = [f for f in scf.functions() if str(asked.get("SearchKey", "")) in f.name]
    first = int(asked.get("Offset", 0))
    page = found[first : first + int(asked.get("Limit", 20))]
    told = [summary(function, scf.tags(function.name), scf.clock.now()) for function in page]
    return {"Functions": told, "TotalCount": len(found)}


def delete_function(scf: Scf, asked: Asked) -> Answer:
    """583/18585."""
    scf.delete(name_of(asked))
    return {}


def create_trigger(scf: Scf, asked: Asked) -> Answer:
    """583/18589."""
    trigger = triggers.asked(asked, name_of(asked), scf.region, scf.clock.now())
    return {"TriggerInfo": _told(scf, scf.bind(trigger))}


def update_trigger(scf: Scf, asked: Asked) -> Answer:
    """583/96828; only a function URL can be changed, of the types that are here."""
    meant = triggers.meant(asked, name_of(asked))
    if meant.type != "http":
        raise Refused("InvalidParameterValue.Type", f"A {meant.type} trigger cannot be updated.")
    scf.rebind(meant, lambda trigger: triggers.updated(trigger, asked, scf.clock.now()))
    return {}


def list_triggers(scf: Scf, asked: Asked) -> Answer:
    """583/44267; a filter by TriggerName, as the provider asks."""
    function = scf.function(name_of(asked))
    found = scf.triggers(function.name)
    for condition in asked.get("Filters", []):
        if condition.get("Name") == "TriggerName":
            found = [trigger for trigger in found if trigger.name in condition.get("Values", [])]
    first = int(asked.get("Offset", 0))
    page = found[first : first + int(asked.get("Limit", 20))]
    return {"Triggers": [_told(scf, trigger) for trigger in page], "TotalCount": len(found)}


def delete_trigger(scf: Scf, asked: Asked) -> Answer:
    """583/18588; a COS trigger is meant by its description, for several share one name."""
    name = name_of(asked)
    meant = triggers.meant(asked, name)
    scf.unbind(meant if meant.type == "http" else triggers.asked(asked, name, scf.region, scf.clock.now()))
    return {}


def update_function_event_invoke_config(scf: Scf, asked: Asked) -> Answer:
    """583/53639."""
    scf.adjust(name_of(asked), lambda function: retrying(function, asked), NOT_ACTIVE)
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


def put_reserved_concurrency_config(scf: Scf, asked: Asked) -> Answer:
    """583/51247, in MB."""
    function, megabytes = scf.settled(name_of(asked), NOT_ACTIVE), asked.get("ReservedConcurrencyMem")
    if megabytes is None:
        raise Refused("MissingParameter", "The request is missing a required parameter `ReservedConcurrencyMem`.")
    if not isinstance(megabytes, int) or megabytes < 0:
        raise Refused("InvalidParameterValue", f"ReservedConcurrencyMem is a number of MB, not {megabytes!r}.")
    scf.quotas.reserve(function.name, megabytes)
    return {}


def get_reserved_concurrency_config(scf: Scf, asked: Asked) -> Answer:
    """583/51248; null for a function that has none."""
    return {"ReservedMem": scf.quotas.reserved(scf.function(name_of(asked)).name)}


def delete_reserved_concurrency_config(scf: Scf, asked: Asked) -> Answer:
    """583/51250."""
    scf.quotas.reserve(scf.function(name_of(asked)).name, None)
    return {}


ACTIONS: Final[dict[str, Callable[[Scf, Asked], Answer]]] = {
    "".join(word.title() for word in action.__name__.split("_")): action
    for action in (
        *(create_function, update_function_code, update_function_configuration),
        *(get_function, list_functions, delete_function),
        *(create_trigger, update_trigger, list_triggers, delete_trigger),
        *(invoke, invoke_function),
        *(update_function_event_invoke_config, get_function_event_invoke_config),
        *(put_reserved_concurrency_config, get_reserved_concurrency_config, delete_reserved_concurrency_config),
    )
}


def _told(scf: Scf, trigger: triggers.Trigger) -> Answer:
    at_once = scf.readings.url_told == "at-once"
    return trigger.told(at_once or scf.clock.now() >= trigger.added + ADDRESS_SECONDS)
