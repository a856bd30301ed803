"""The API gateway in front of functions, as deployed accounts have it: integrated request, integrated response.

Tencent takes no new gateways since 2024 and has shut the product down (628/106651); new deployments have a Function
URL. But functions that hung on a gateway were written for its event (SCF 583/12513), and what took its place is asked
to send the same one. So the local cloud keeps a gateway before every function that has a URL, at
`service-<8 characters>-<appid>.<region>.apigw.tencentcs.com/release/<path>`, and `api-gateway.localhost` for the first.
It has one API, `ANY /`, without authentication.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from werkzeug import Request, Response

from infra.local.events import SHORT_REGIONS
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call
from infra.local.scf import integration

if TYPE_CHECKING:
    from infra.local.scf.platform import Scf
    from infra.local.scf.triggers import Trigger

NICKNAME: Final = "api-gateway.localhost"
HOSTS: Final = r"service-[a-z0-9]{8}-\d+\.[a-z0-9-]+\.apigw\.tencentcs\.com|api-gateway\.localhost"
"""Every host of a gateway, as a regular expression to mount `ApiGateways` with."""
STAGE: Final = "release"
MALFORMED: Final = {"errno": 403, "error": "Invalid scf response format. please check your scf response format."}


class ApiGateways:
    """One gateway for each Function URL."""

    def __init__(self, scf: Scf) -> None:
        self._scf = scf

    def wanted(self, request: Request) -> Wanted:
        """The call, by its path."""
        return Wanted("apigw", "Invoke", integration.split(request)[0])

    def answer(self, request: Request, call: Call) -> Response:
        """Run the function, once; raises `Refused` for an address that no gateway has."""
        trigger = self._trigger(request)
        event = self._event(request, trigger)
        invocation, outcome = self._scf.invoke(trigger.function, event, source="apigw")
        if not outcome.ok:
            # "The response is 200, but the content is the error message."
            return integration.as_json(outcome.failure(invocation.request_id), 413 if outcome.status == 406 else 200)
        returned = outcome.value()
        try:
            response = integration.integrated(returned, request.method)
            if not isinstance(returned.get("isBase64Encoded"), bool) or not isinstance(returned.get("headers"), dict):
                raise integration.Malformed("isBase64Encoded or headers is missing.")
        except integration.Malformed:
            return integration.as_json(MALFORMED, 403)
        response.headers.remove("Location")
        return response

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The refusal in the gateway's own shape."""
        return integration.as_json({"message": refused.message}, refused.status)

    def host(self, trigger: Trigger) -> str:
        """Of the gateway of a function URL."""
        region = SHORT_REGIONS.get(self._scf.region, self._scf.region)
        return f"{_service(trigger)}-{self._scf.cam.appid}.{region}.apigw.tencentcs.com"

    def _trigger(self, request: Request) -> Trigger:
        host = request.host.partition(":")[0].lower()
        for trigger in self._scf.triggers():
            if trigger.type == "http" and host in (NICKNAME, self.host(trigger)):
                return trigger
        raise Refused("NotFound", f"There is no gateway {host}.", 404)

    def _event(self, request: Request, trigger: Trigger) -> dict[str, Any]:
        readings, event = self._scf.readings, integration.event(request, self._scf.readings)
        _, stage, inside = f"{event['path']}/".split("/", 2)
        if stage != STAGE:
            raise Refused("NotFound", f"There is no stage {stage}: the gateway's is {STAGE}.", 404)
        if readings.gateway_path == "without-stage":
            event["path"] = f"/{inside[:-1]}"
        return {
            "requestContext": {
                "serviceId": _service(trigger),
                "path": "/",
                "httpMethod": "ANY",
                "requestId": str(uuid.uuid4()),
                "identity": {},
                "sourceIp": str(request.remote_addr or ""),
                "stage": STAGE,
            },
            "pathParameters": {},
            "queryStringParameters": {},
            "headerParameters": {},
            "stageVariables": {"stage": STAGE},
            **event,
        }


def _service(trigger: Trigger) -> str:
    return f"service-{trigger.url_id[:8]}"
