"""The API hosts of access management: CAM, and the few actions of STS and the tag service that go with it."""

from __future__ import annotations

from pydantic import ValidationError
from werkzeug import Request, Response

from infra.local import granting, management, neighbours, tc3
from infra.local.actions import misfit
from infra.local.cam import Cam
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call

HOST = r"(cam|sts|tag)(\.[a-z-]+)?\.tencentcloudapi\.com"
"""The host names to mount `Control` under."""
VERSIONS = {"cam": "2019-01-16", "sts": "2018-08-13", "tag": "2018-08-13"}
ALL = (*management.ACTIONS, *granting.ACTIONS, *neighbours.ACTIONS)
ACTIONS = {(kind.host, kind.__name__): kind for kind in ALL}


class Control:
    """The gateway's service for these hosts."""

    def __init__(self, cam: Cam) -> None:
        self.cam = cam

    def wanted(self, request: Request) -> Wanted:
        """The action as the header names it."""
        return Wanted(_host(request), tc3.wanted_action(request), secret_id=tc3.wanted_secret_id(request))

    def answer(self, request: Request, call: Call) -> Response:
        """Check signature, version, parameters and permission, and do it."""
        service = _host(request)
        caller = tc3.authenticate(request, service, self.cam)
        if request.headers.get("X-TC-Version") != VERSIONS[service]:
            raise Refused("NoSuchVersion", f"{service} has version {VERSIONS[service]} only.")
        kind = ACTIONS.get((service, call.action))
        if kind is None:
            raise Refused("InvalidAction", f"The local cloud has no {service} action {call.action!r}.")
        try:
            action = kind.model_validate(tc3.parameters(request))
        except ValidationError as error:
            raise misfit(error) from None
        return tc3.respond(action.answer(self.cam, caller))

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The API 3.0 envelope."""
        return tc3.refuse(refused.code, refused.message, refused.status)


def _host(request: Request) -> str:
    return request.host.partition(".")[0].lower()
