"""The actions on topics: CLS 614/56454 (DescribeTopics) and its neighbours.

How long lines are kept is real; the number of partitions and the kind of storage are kept and told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from pydantic import Field

from infra.local import tags
from infra.local.actions import Action, Answer
from infra.local.cls.sets import TAGS, Filter, Tag, holds, named, retag
from infra.local.cls.store import FOREVER, Cls, Topic, new_id, told_time
from infra.local.gateway import Refused

RESERVED: Final = (
    *("cls_service_log", "loglistener_status", "loglistener_alarm", "loglistener_business"),
    "cls_service_metric",
)
"""Names that no topic of a user's may have."""
DEFAULTS: Final[Mapping[str, Any]] = {
    "PartitionCount": 1,
    "AutoSplit": True,
    "MaxSplitPartitions": 50,
    "StorageType": "hot",
    "Period": 30,
    "HotPeriod": 0,
    "Describes": "",
    "IsWebTracking": False,
}
_NOT_SETTINGS: Final = frozenset({"LogsetId", "TopicId", "TopicName", "Tags", "BizType", "Encryption"})


class CreateTopic(Action[Cls]):
    """Make a topic, whose name is unique in its log set."""

    logset_id: str
    topic_name: str
    partition_count: int | None = Field(None, ge=1, le=10)
    tags: list[Tag] = Field([], max_length=TAGS)
    auto_split: bool | None = None
    max_split_partitions: int | None = Field(None, ge=1, le=50)
    storage_type: Literal["hot", "cold"] | None = None
    period: int | None = None
    hot_period: int | None = None
    describes: str | None = None
    is_web_tracking: Literal[False] | None = None
    """Nobody writes or reads without a key here."""
    biz_type: Literal[0] | None = None
    """There are log topics only."""
    encryption: Literal[0] | None = None
    """Only for those whom Tencent lets have it."""

    def answer(self, state: Cls) -> Answer:
        """Its new id."""
        given = tags.pairs(tag.told() for tag in self.tags)
        with state.lock:
            logset = state.logset(self.logset_id)
            _named(state, logset.id, self.topic_name)
            settings = _settled({**DEFAULTS, **_asked(self)})
            topic = Topic(new_id(), logset.id, self.topic_name, state.clock.now(), settings)
            state.topics[topic.id] = topic
        state.cam.tags.put("cls", "topic", topic.id, given)
        return {"TopicId": topic.id}


class DescribeTopics(Action[Cls]):
    """List topics by name (or a part of it), id, log set, storage and tags."""

    filters: list[Filter] = Field([], max_length=10)
    offset: int = Field(0, ge=0)
    limit: int = Field(20, ge=1, le=100)
    precise_search: int = Field(0, ge=0, le=3)
    """1: topicName must be met whole, 2: logsetName, 3: both."""
    biz_type: Literal[0] | None = None

    def answer(self, state: Cls) -> Answer:
        """A page of them."""
        exact = tuple(name for bit, name in ((1, "topicName"), (2, "logsetName")) if self.precise_search & bit)
        with state.lock:
            found = [(_told(state, topic), state.logset(topic.logset).name) for topic in state.topics.values()]
        for each in self.filters:
            found = [(told, name) for told, name in found if _holds(each, {**told, "LogsetName": name}, exact)]
        topics = [told for told, _ in found]
        return {"Topics": topics[self.offset : self.offset + self.limit], "TotalCount": len(topics)}


class ModifyTopic(Action[Cls]):
    """Change what can be changed of a topic; tags that are given take the place of all that it has."""

    topic_id: str
    topic_name: str | None = None
    tags: list[Tag] | None = Field(None, max_length=TAGS)
    auto_split: bool | None = None
    max_split_partitions: int | None = Field(None, ge=1)
    period: int | None = None
    hot_period: int | None = None
    describes: str | None = None
    is_web_tracking: Literal[False] | None = None

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        given = None if self.tags is None else tags.pairs(tag.told() for tag in self.tags)
        with state.lock:
            topic = state.topic(self.topic_id)
            name = self.topic_name if self.topic_name is not None else topic.name
            if name != topic.name:
                _named(state, topic.logset, name)
            settings = _settled({**topic.settings, **_asked(self)})
            state.topics[topic.id] = replace(topic, name=name, settings=settings)
        retag(state, "topic", topic.id, given)
        return {}


class DeleteTopic(Action[Cls]):
    """Drop a topic with its index and its lines."""

    topic_id: str

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        with state.lock:
            del state.topics[state.topic(self.topic_id).id]
        state.cam.tags.drop("cls", "topic", self.topic_id)
        return {}


ACTIONS: tuple[type[Action[Cls]], ...] = (CreateTopic, DescribeTopics, ModifyTopic, DeleteTopic)


def _asked(action: CreateTopic | ModifyTopic) -> dict[str, Any]:
    return {name: value for name, value in action.told().items() if name not in _NOT_SETTINGS}


def _settled(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings, whose times fit together; raises `Refused`."""
    period, hot, cold = settings["Period"], settings["HotPeriod"], settings["StorageType"] == "cold"
    if not (7 if cold else 1) <= period <= 3600 and period != FOREVER:
        raise Refused("FailedOperation.InvalidPeriod", f"Period {period} is not {7 if cold else 1} to 3600, or 3640.")
    if hot and (cold or not 7 <= hot < period):
        raise Refused("InvalidParameter", "HotPeriod is 0, or at least 7 and less than Period, with hot storage.")
    return settings


def _named(state: Cls, logset: str, name: str) -> None:
    if named(name) in RESERVED:
        raise Refused("InvalidParameter", f"{name} is a name of the service's own.")
    if any((topic.logset, topic.name) == (logset, name) for topic in state.topics.values()):
        raise Refused("InvalidParameter.TopicConflict", f"The log set has a topic {name} already.")


def _holds(condition: Filter, told: Answer, exact: tuple[str, ...]) -> bool:
    return holds(
        condition,
        told,
        exact,
        topicId="TopicId",
        topicName="TopicName",
        logsetId="LogsetId",
        logsetName="LogsetName",
        storageType="StorageType",
    )


def _told(state: Cls, topic: Topic) -> Answer:
    return {
        "LogsetId": topic.logset,
        "TopicId": topic.id,
        "TopicName": topic.name,
        "CreateTime": told_time(topic.created),
        **topic.settings,
        "Index": topic.index is not None and topic.index.status,
        "Status": True,
        "AssumerUin": 0,
        "AssumerName": "",
        "SubAssumerName": "",
        "RoleName": "",
        "Tags": tags.told(state.tags("topic", topic.id)),
        "Extends": None,
        "BizType": 0,
        "KeyId": "",
        "CustomKmsInfo": None,
    }
