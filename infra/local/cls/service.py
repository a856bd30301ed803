"""The log service at the gateway."""

from __future__ import annotations

from typing import Final

from infra.local.actions import Api
from infra.local.cls import alarms, indexes, searching, sets, topics
from infra.local.cls.store import Cls

VERSION: Final = "2020-10-16"


def service(state: Cls) -> Api[Cls]:
    """The API of these logs."""
    actions = (*sets.ACTIONS, *topics.ACTIONS, *indexes.ACTIONS, *searching.ACTIONS, *alarms.ACTIONS)
    return Api("cls", VERSION, state.cam, state, actions, state.region)
