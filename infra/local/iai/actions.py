"""What an action is here: a model of its parameters, and a function that answers it.

    class GetGroupInfo(Parameters):
        GroupId: GroupId

    @action(GetGroupInfo, on_group=True)
    def get_group_info(asked: GetGroupInfo, desk: Desk) -> Answer: ...

registers it for both versions of the API under the model's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from infra.local.clock import Clock
from infra.local.faces import Engine, Look, Unreadable
from infra.local.gateway import Refused
from infra.local.iai.library import Library
from infra.local.iai.parameters import Parameters
from infra.local.pictures import undecodable
from infra.local.readings import Readings

VERSIONS = ("2018-03-01", "2020-03-03")
MODEL_VERSION = "3.0"
"""The only algorithm version that accounts opened after November 2020 have."""

Answer = dict[str, Any]


@dataclass(frozen=True)
class Desk:
    """What an action works with."""

    clock: Clock
    engine: Engine
    download: Callable[[str], bytes]
    readings: Readings
    library: Library
    version: str = VERSIONS[-1]
    """The API version of the call at hand."""

    def look(self, image: bytes, rotate: int) -> Look:
        """The faces in a checked picture, largest first; a truncated one fails to decode."""
        try:
            return self.engine.look(image, exif=self.readings.exif == "applied", rotate=rotate == 1)
        except Unreadable:
            raise undecodable() from None


@dataclass(frozen=True)
class Action:
    """One entry of the registry."""

    model: type[Parameters]
    answer: Callable[[Any, Desk], Answer]
    paid: bool
    on_group: bool


ACTIONS: dict[str, Action] = {}

_Asked = TypeVar("_Asked", bound=Parameters)
_Function = Callable[[_Asked, Desk], Answer]


def action(
    model: type[_Asked], *, paid: bool = False, on_group: bool = False
) -> Callable[[_Function[_Asked]], _Function[_Asked]]:
    """Register the function that answers `model`'s action.

    `paid` ones are billed when they succeed. `on_group` ones are authorised by CAM on the person library (IAI
    867/35076), the others as operations, on `*`.
    """

    def register(function: _Function[_Asked]) -> _Function[_Asked]:
        ACTIONS[model.__name__] = Action(model, function, paid, on_group)
        return function

    return register


def no_face() -> Refused:
    """The error of a picture without a face."""
    return Refused("InvalidParameterValue.NoFaceInPhoto", "There are no faces in the image.")
