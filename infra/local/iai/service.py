"""The face service as the gateway sees it.

1. The signature is checked, then version and region.
2. The action is looked up, and its parameters are read by its model.
3. CAM is asked, for the operation or the person library.
4. The action's function answers.

Which of several errors Tencent would name first is not documented; this order is assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from werkzeug import Request, Response

from infra.local import tc3
from infra.local.cam import Cam, Denied, Identity
from infra.local.clock import Clock
from infra.local.faces import Engine
from infra.local.gateway import Refused, Wanted
from infra.local.iai import analysis, enrolment, people, searching
from infra.local.iai.actions import ACTIONS, VERSIONS, Action, Desk
from infra.local.iai.library import Library
from infra.local.iai.parameters import Parameters, parse
from infra.local.journal import Call
from infra.local.readings import Readings

__all__ = ["HOST", "REGIONS", "Iai", "analysis", "enrolment", "people", "searching"]

HOST = r"iai(\.[a-z0-9-]+)?\.tencentcloudapi\.com"
"""For `Gateway.mount`: the host, also with a region in it, as API 3.0 allows."""

REGIONS = frozenset(
    {"ap-beijing", "ap-chengdu", "ap-chongqing", "ap-guangzhou", "ap-nanjing", "ap-shanghai", "ap-singapore"}
)
"""Where 2020-03-03 is served (AnalyzeFace, IAI 867/45019); 2018-03-01 does not heed the region."""


class Iai:
    """Answers for iai.tencentcloudapi.com, under both versions of the API.

    `settle` is how many seconds of the cloud's clock a new face takes to show, 0 to 5; it may be changed at any time.
    """

    def __init__(
        self, clock: Clock, cam: Cam, engine: Engine, download: Callable[[str], bytes], readings: Readings
    ) -> None:
        self.library = Library(clock)
        self._cam = cam
        self._desk = Desk(clock, engine, download, readings, self.library)

    @property
    def settle(self) -> float:
        """Seconds until a new face takes effect."""
        return self.library.settle

    @settle.setter
    def settle(self, seconds: float) -> None:
        self.library.settle = seconds

    def wanted(self, request: Request) -> Wanted:
        """The action as the header names it."""
        return Wanted("iai", tc3.wanted_action(request), secret_id=tc3.wanted_secret_id(request))

    def answer(self, request: Request, call: Call) -> Response:
        """Check, do and answer; raises `Refused`."""
        identity = tc3.authenticate(request, "iai", self._cam)
        version, region = request.headers.get("X-TC-Version", ""), request.headers.get("X-TC-Region", "")
        if version not in VERSIONS:
            raise Refused("NoSuchVersion", f"IAI has no version {version}.")
        if version == "2020-03-03" and region and region not in REGIONS:
            raise Refused("UnsupportedRegion", f"IAI {version} is not served in {region}.")
        name = tc3.wanted_action(request)
        found = ACTIONS.get(name)
        if found is None:
            raise Refused("InvalidAction", f"The action {name} does not exist, or the local cloud does not have it.")
        asked = parse(found.model, tc3.parameters(request))
        self._permit(identity, name, found, region, asked)
        answer = found.answer(asked, replace(self._desk, version=version))
        call.paid = found.paid
        return tc3.respond(answer)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """API 3.0's envelope, with HTTP 200; without a code, a broken machine in between."""
        return tc3.refuse(refused.code, refused.message, refused.status)

    def _permit(self, identity: Identity, name: str, found: Action, region: str, asked: Parameters) -> None:
        resources = ["*"]
        if found.on_group:
            groups = getattr(asked, "GroupIds", None) or [getattr(asked, "GroupId", "*")]
            resources = [f"qcs::iai:{region}:uin/{self._cam.uin}:groupid/{group}" for group in groups]
        try:
            for resource in resources:
                self._cam.require(identity, f"iai:{name}", resource)
        except Denied as denied:
            raise tc3.unauthorized(denied) from None
