"""What the log service keeps: log sets, topics, each topic's index and lines, and alarms.

Everything is frozen and replaced as a whole, except a topic's lines, of which the oldest go first.
"""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.cls.records import Record, record
from infra.local.gateway import Refused
from infra.local.scf import LogLine

KEPT: Final = 50_000
"""Lines kept of one topic."""
DAY: Final = 86_400.0
FOREVER: Final = 3640
"""The Period, in days, that stands for no end."""


@dataclass(frozen=True)
class Logset:
    """A log set."""

    id: str
    name: str
    created: float


@dataclass(frozen=True)
class Index:
    """A topic's index: `rule` in the form of the API, with what it was not given left out."""

    rule: Mapping[str, Any]
    status: bool
    include_internal_fields: bool
    metadata_flag: int
    modified: float


@dataclass(frozen=True)
class Topic:
    """A topic, with its settings in the names of the API."""

    id: str
    logset: str
    name: str
    created: float
    settings: Mapping[str, Any]
    index: Index | None = None
    lines: deque[Record] = field(default_factory=lambda: deque(maxlen=KEPT), compare=False)


@dataclass(frozen=True)
class Alarm:
    """An alarm, with its settings in the names of the API."""

    id: str
    created: float
    modified: float
    settings: Mapping[str, Any]


class Cls:
    """The logs of one account in one region; `lock` is around every change and every look."""

    def __init__(self, clock: Clock, cam: Cam, region: str) -> None:
        self.clock, self.cam, self.region = clock, cam, region
        self.logsets: dict[str, Logset] = {}
        self.topics: dict[str, Topic] = {}
        self.alarms: dict[str, Alarm] = {}
        self.has_notice: Callable[[str], bool] = lambda notice: False
        """Whether Cloud Monitor has such a notice."""
        self.lock = threading.RLock()
        cam.tags.carry("cls", "logset", self.logsets.__contains__, region)
        cam.tags.carry("cls", "topic", self.topics.__contains__, region)
        cam.tags.carry("cls", "alarm", self.alarms.__contains__, region)

    def take(self, topic: str, line: LogLine) -> None:
        """Keep a function's line in a topic; for a topic that is not there it is lost."""
        with self.lock:
            found = self.topics.get(topic)
            if found is not None:
                index = found.index if found.index and found.index.status else None
                found.lines.append(record(line, index.rule if index else None))

    def lines(self, topic: Topic) -> list[Record]:
        """The lines of a topic that its Period has left, oldest first."""
        with self.lock:
            kept = list(topic.lines)
        days = topic.settings["Period"]
        since = 0.0 if days == FOREVER else self.clock.now() - days * DAY
        return [each for each in kept if each.time >= since]

    def logset(self, id: str) -> Logset:
        """The log set of this id; raises `Refused`."""
        if id not in self.logsets:
            raise Refused("ResourceNotFound.LogsetNotExist", f"There is no log set {id}.")
        return self.logsets[id]

    def topic(self, id: str) -> Topic:
        """The topic of this id; raises `Refused`."""
        if id not in self.topics:
            raise Refused("ResourceNotFound.TopicNotExist", f"There is no topic {id}.")
        return self.topics[id]

    def alarm(self, id: str) -> Alarm:
        """The alarm of this id; raises `Refused`."""
        if id not in self.alarms:
            raise Refused("ResourceNotFound.AlarmNotExist", f"There is no log alarm {id}.")
        return self.alarms[id]

    def has(self, logset: str, topic: str) -> bool:
        """Whether there is such a topic in such a log set."""
        found = self.topics.get(topic)
        return found is not None and found.logset == logset

    def tags(self, prefix: str, id: str) -> dict[str, str]:
        """The tags of a `logset`, `topic` or `alarm`."""
        return self.cam.tags.of("cls", prefix, id)


def new_id() -> str:
    """An id of the form that CLS gives to log sets and topics."""
    return str(uuid.uuid4())


def told_time(seconds: float) -> str:
    """A time as CLS tells it, `YYYY-MM-DD HH:MM:SS`, in Beijing's as SCF and CAM do: no page says which zone."""
    return datetime.fromtimestamp(seconds, timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")
