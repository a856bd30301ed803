"""Cloud Monitor at the gateway."""

from __future__ import annotations

from typing import Final

from infra.local.actions import Api
from infra.local.monitor import notices, objects, policies
from infra.local.monitor.store import Alarms

VERSION: Final = "2018-07-24"


def service(state: Alarms) -> Api[Alarms]:
    """The API of these alarms."""
    actions = (*policies.ACTIONS, *notices.ACTIONS, *objects.ACTIONS)
    return Api("monitor", VERSION, state.cam, state, actions)
