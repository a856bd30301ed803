"""Function URLs: the address that a function has for HTTP (SCF 583/96099).

A URL is a function's `http` trigger and has a host of its own. `api.localhost`, a name that browsers resolve by
themselves, stands for the first one that is deployed. A call is synchronous and never tried again; 6 MB in and out.
With AuthType CAM the caller signs (583/96100) and needs `scf:InvokeFunctionUrl`.

How a failure of the platform is told, no page says: here it is the error object that a synchronous caller gets, with
the HTTP status that the page of the former HTTP functions had for it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from werkzeug import Request, Response

from infra.local import tc3
from infra.local.cam import Denied
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call
from infra.local.scf import integration
from infra.local.scf.outcome import Outcome, failed

if TYPE_CHECKING:
    from infra.local.scf.platform import Scf
    from infra.local.scf.triggers import Trigger

NICKNAME: Final = "api.localhost"
HOSTS: Final = r"\d+-[a-z0-9]{10}(\.in)?\.[a-z0-9-]+\.tencentscf\.com|api\.localhost"
"""Every host of a Function URL, as a regular expression to mount `FunctionUrls` with."""
STATUSES: Final = {406: 413, 429: 429, 432: 429, 435: 404, 449: 500, 500: 500}
"""The HTTP status of the platform's failures; of any other, 502."""


class FunctionUrls:
    """All Function URLs of a region."""

    def __init__(self, scf: Scf) -> None:
        self._scf = scf

    def wanted(self, request: Request) -> Wanted:
        """The call, by its path."""
        return Wanted("scf", "InvokeFunctionUrl", integration.split(request)[0], tc3.wanted_secret_id(request))

    def answer(self, request: Request, call: Call) -> Response:
        """Run the function, once; raises `Refused` for an address that no function has, or a caller who may not."""
        trigger = self._trigger(request)
        if trigger.settings["AuthType"] == "CAM":
            self._authorize(request, trigger)
        event = integration.event(request, self._scf.readings)
        invocation, outcome = self._scf.invoke(trigger.function, event, source="http")
        response = _answered(outcome, invocation.request_id, request.method)
        response.headers["X-Scf-Request-Id"] = invocation.request_id
        return response

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The refusal in the platform's own shape."""
        told = {"errorCode": -1, "errorMessage": f"{refused.code}: {refused.message}", "requestId": str(uuid.uuid4())}
        return integration.as_json({**told, "statusCode": refused.status}, refused.status)

    def _trigger(self, request: Request) -> Trigger:
        host = request.host.partition(":")[0].lower()
        for trigger in self._scf.triggers():
            if trigger.type == "http" and trigger.enabled and host in (NICKNAME, *trigger.addresses.values()):
                return trigger
        raise Refused("ResourceNotFound.Function", f"No function has the address {host}.", 404)

    def _authorize(self, request: Request, trigger: Trigger) -> None:
        try:
            caller = tc3.authenticate(request, "scf", self._scf.cam)
            self._scf.cam.require(caller, "scf:InvokeFunctionUrl", self._scf.resource(trigger.function))
        except Refused as refused:
            raise Refused(refused.code, refused.message, 401) from None
        except Denied as denied:
            raise Refused("AuthFailure.UnauthorizedOperation", str(denied), 403) from None


def _answered(outcome: Outcome, request_id: str, method: str) -> Response:
    """An integrated response, any other return as JSON, or the failure."""
    if not outcome.ok:
        return integration.as_json(outcome.failure(request_id), STATUSES.get(outcome.status, 502))
    returned = outcome.value()
    if not isinstance(returned, dict) or "statusCode" not in returned:
        return integration.plain(outcome.result)
    try:
        return integration.integrated(returned, method)
    except integration.Malformed as malformed:
        return integration.as_json(failed(443, message=str(malformed)).failure(request_id), 502)
