"""What Cloud Monitor keeps: policies, notices, and the objects that policies are bound to."""

from __future__ import annotations

import itertools
import secrets
import string
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.gateway import Refused

_LETTERS: Final = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Bound:
    """An object that a policy watches: its dimensions as they were given, and its region's short name."""

    id: str
    dimensions: str
    region: str


@dataclass(frozen=True)
class Policy:
    """An alarm policy; what was asked for is in the names of the API."""

    id: str
    group: int
    """The number that it is also known by: OriginId, and GroupId of the older actions."""
    asked: Mapping[str, Any]
    """PolicyName, MonitorType, Namespace, Remark, Enable, ProjectId, Condition, NoticeIds."""
    created: float
    modified: float
    objects: tuple[Bound, ...] = ()
    tag: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Notice:
    """A notice: whom to tell, and how."""

    id: str
    asked: Mapping[str, Any]
    """Name, NoticeType, NoticeLanguage, UserNotices, URLNotices, CLSNotices."""
    modified: float


class Alarms:
    """The alarms of one account; `lock` is around every change. Policies know nothing of regions, their objects do."""

    def __init__(self, clock: Clock, cam: Cam) -> None:
        self.clock, self.cam = clock, cam
        self.policies: dict[str, Policy] = {}
        self.notices: dict[str, Notice] = {}
        self.numbers = itertools.count(4_739_573)
        self.lock = threading.RLock()

    def policy(self, id: str) -> Policy:
        """The policy of this id; raises `Refused`."""
        if id not in self.policies:
            raise Refused("ResourceNotFound", f"There is no alarm policy {id}.")
        return self.policies[id]

    def change(self, id: str, **changes: Any) -> None:
        """Put an altered policy in a policy's place."""
        with self.lock:
            self.policies[id] = replace(self.policy(id), modified=self.clock.now(), **changes)

    def ask(self, id: str, **asked: Any) -> None:
        """Change some of what was asked for of a policy."""
        with self.lock:
            self.change(id, asked={**self.policy(id).asked, **asked})

    def known(self, notices: list[str]) -> list[str]:
        """The ids, if each is a notice's; raises `Refused`."""
        for each in notices:
            if each not in self.notices:
                raise Refused("ResourceNotFound", f"There is no alarm notice {each}.")
        return notices


def new_id(kind: str) -> str:
    """An id of the form that Cloud Monitor gives: `policy-gh892hg0`, `notice-l9ziyxw6`."""
    return f"{kind}-{''.join(secrets.choice(_LETTERS) for _ in range(8))}"
