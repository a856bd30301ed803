"""The doors through which HTTP comes to functions: the Function URL (SCF 583/96099).

A URL belongs to one function's `http` trigger and has a host of its own. `api.localhost`, a name that browsers resolve
by themselves, stands for the first one that is deployed.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from werkzeug import Request, Response

from infra.local import tc3
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call
from infra.local.scf import integration

if TYPE_CHECKING:
    from infra.local.scf.platform import Scf
    from infra.local.scf.triggers import Trigger

NICKNAME: Final = "api.localhost"
URL_HOSTS: Final = r"\d+-[a-z0-9]{10}(\.in)?\.[a-z0-9-]+\.tencentscf\.com|api\.localhost"
"""Every host of a Function URL, as a regular expression to mount it with."""


class FunctionUrls:
    """All Function URLs of a region."""

    def __init__(self, scf: Scf) -> None:
        self._scf = scf

    def wanted(self, request: Request) -> Wanted:
        """The call, by its path."""
        return Wanted("scf", "InvokeFunctionUrl", integration.split(request)[0], tc3.wanted_secret_id(request))

    def answer(self, request: Request, call: Call) -> Response:
        """Run the function, once; raises `Refused` where no function has this address."""
        trigger = self._trigger(request)
        invocation, outcome = self._scf.invoke(
            trigger.function, integration.event(request, self._scf.readings), source="http"
        )
        return integration.answered(outcome, invocation.request_id, self._scf.readings)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The refusal in the platform's own shape."""
        request_id = str(uuid.uuid4())
        told = {"errorCode": -1, "errorMessage": refused.message, "requestId": request_id, "statusCode": refused.status}
        return integration.failure(told, request_id)

    def _trigger(self, request: Request) -> Trigger:
        host = request.host.partition(":")[0].lower()
        for trigger in self._scf.triggers():
            if trigger.type == "http" and host in (NICKNAME, *trigger.addresses.values()):
                return trigger
        raise Refused("FunctionNotFound", f"No function has the address {host}.", 404)
