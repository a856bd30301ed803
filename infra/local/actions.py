"""A service of API 3.0: actions by their names, each a frozen model of its request that knows its answer.

What they act on is the service's state, whatever that is. Signature, version, region, parameters and permission are
checked here, in this order, before an action is asked.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_pascal
from werkzeug import Request, Response

from infra.local import tc3
from infra.local.cam import Cam, Denied
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call

Answer = dict[str, Any]
State = TypeVar("State")


class Part(BaseModel):
    """Something in a request, in Tencent's names: exactly what is known, of exactly its type."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_pascal)

    def told(self) -> Answer:
        """As it was asked for, without what was left out or null."""
        return self.model_dump(by_alias=True, exclude_none=True, exclude_unset=True)


class Action(Part, Generic[State]):
    """One action on the service's state."""

    @abstractmethod
    def answer(self, state: State) -> Answer:
        """Do it; raises `Refused` with the service's own code."""


class Api(Generic[State]):
    """The service at the gateway: `name` is its host's first part, and what CAM and the journal call it."""

    def __init__(
        self, name: str, version: str, cam: Cam, state: State, actions: Iterable[type[Action[State]]], region: str = ""
    ) -> None:
        """With a `region`, requests for another one are refused."""
        self.name, self.version, self.cam, self.state, self.region = name, version, cam, state, region
        self._actions = {action.__name__: action for action in actions}

    @property
    def host(self) -> str:
        """The host names to mount it under."""
        return rf"{self.name}(\.[a-z-]+)?\.tencentcloudapi\.com"

    def wanted(self, request: Request) -> Wanted:
        """The action as the header names it."""
        return Wanted(self.name, tc3.wanted_action(request), secret_id=tc3.wanted_secret_id(request))

    def answer(self, request: Request, call: Call) -> Response:
        """Check all that there is to check, and act."""
        caller = tc3.authenticate(request, self.name, self.cam)
        if request.headers.get("X-TC-Version") != self.version:
            raise Refused("NoSuchVersion", f"{self.name} has version {self.version} only.")
        kind = self._actions.get(call.action)
        if kind is None:
            raise Refused("InvalidAction", f"The local cloud has no {self.name} action {call.action!r}.")
        if self.region and request.headers.get("X-TC-Region") not in (None, self.region):
            raise Refused("UnsupportedRegion", f"The local cloud has {self.name} in {self.region} only.")
        try:
            action = kind.model_validate(tc3.parameters(request))
        except ValidationError as error:
            raise misfit(error) from None
        try:
            self.cam.require(caller, f"{self.name}:{call.action}")
        except Denied as denied:
            raise tc3.unauthorized(denied) from None
        return tc3.respond(action.answer(self.state))

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The API 3.0 envelope."""
        return tc3.refuse(refused.code, refused.message, refused.status)


def misfit(error: ValidationError) -> Refused:
    """What API 3.0 says to parameters that are not of the documented form: the first of them."""
    first = error.errors(include_input=False, include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    code = {"missing": "MissingParameter", "extra_forbidden": "UnknownParameter"}.get(first["type"], "InvalidParameter")
    return Refused(code, f"{name}: {first['msg']}.")
