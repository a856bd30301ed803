"""The actions on log sets: CLS 614/58626 (CreateLogset), 614/58624 (DescribeLogsets) and their neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pydantic import Field

from infra.local import tags
from infra.local.actions import Action, Answer, Part
from infra.local.cls.store import Cls, Logset, new_id, told_time
from infra.local.gateway import Refused

TAGS: Final = 10
"""Tags that one request may give."""
VALUES: Final = 5
"""Of one filter of log sets; one of topics may have 100."""


class Tag(Part):
    """A tag."""

    key: str
    value: str


class Filter(Part):
    """A condition: any of `values` for what `key` names. Several conditions must all hold."""

    key: str
    values: list[str] = Field(max_length=100)


class CreateLogset(Action[Cls]):
    """Make a log set, whose name is unique in the region."""

    logset_name: str
    tags: list[Tag] = Field([], max_length=TAGS)

    def answer(self, state: Cls) -> Answer:
        """Its new id."""
        given = tags.pairs(tag.told() for tag in self.tags)
        with state.lock:
            _named(state, self.logset_name)
            logset = Logset(new_id(), self.logset_name, state.clock.now())
            state.logsets[logset.id] = logset
        state.cam.tags.put("cls", "logset", logset.id, given)
        return {"LogsetId": logset.id}


class DescribeLogsets(Action[Cls]):
    """List log sets by name (or a part of it), id and tags."""

    filters: list[Filter] = Field([], max_length=10)
    offset: int = Field(0, ge=0)
    limit: int = Field(20, ge=1, le=100)

    def answer(self, state: Cls) -> Answer:
        """A page of them."""
        with state.lock:
            found = [_told(state, logset) for logset in state.logsets.values()]
        for each in self.filters:
            if len(each.values) > VALUES:
                raise Refused("InvalidParameter", f"A filter of log sets has at most {VALUES} values.")
            found = [logset for logset in found if holds(each, logset, logsetId="LogsetId", logsetName="LogsetName")]
        return {"Logsets": found[self.offset : self.offset + self.limit], "TotalCount": len(found)}


class ModifyLogset(Action[Cls]):
    """Give a log set another name, or other tags in place of those that it has."""

    logset_id: str
    logset_name: str | None = None
    tags: list[Tag] | None = Field(None, max_length=TAGS)

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        given = None if self.tags is None else tags.pairs(tag.told() for tag in self.tags)
        with state.lock:
            logset = state.logset(self.logset_id)
            if self.logset_name not in (None, logset.name):
                _named(state, str(self.logset_name))
                state.logsets[logset.id] = replace(logset, name=str(self.logset_name))
        retag(state, "logset", logset.id, given)
        return {}


class DeleteLogset(Action[Cls]):
    """Drop a log set, which must have no topics."""

    logset_id: str

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        with state.lock:
            logset = state.logset(self.logset_id)
            if any(topic.logset == logset.id for topic in state.topics.values()):
                raise Refused("FailedOperation.LogsetNotEmpty", f"The log set {logset.name} still has topics.")
            del state.logsets[logset.id]
        state.cam.tags.drop("cls", "logset", logset.id)
        return {}


ACTIONS: tuple[type[Action[Cls]], ...] = (CreateLogset, DescribeLogsets, ModifyLogset, DeleteLogset)


def holds(condition: Filter, told: Answer, exact: tuple[str, ...] = (), **names: str) -> bool:
    """Whether a condition holds for something as it is told.

    `names` say which of its fields a condition's key means: an id whole, and a name in part unless `exact` has the
    key. Tags are meant by `tagKey` and `tag:<key>`. Raises `Refused` for any other key.
    """
    own = {tag["Key"]: tag["Value"] for tag in told["Tags"]}
    if condition.key == "tagKey":
        return any(key in condition.values for key in own)
    if condition.key.startswith("tag:"):
        return own.get(condition.key.removeprefix("tag:")) in condition.values
    if condition.key not in names:
        raise Refused("InvalidParameter", f"There is no filter {condition.key}.")
    value = str(told[names[condition.key]])
    if condition.key.endswith("Name") and condition.key not in exact:
        return any(part in value for part in condition.values)
    return value in condition.values


def retag(state: Cls, prefix: str, id: str, given: dict[str, str] | None) -> None:
    """Let a `logset`, `topic` or `alarm` have the tags `given` and no others; None changes nothing."""
    if given is not None:
        state.cam.tags.put("cls", prefix, id, given, set(state.tags(prefix, id)) - set(given))


def named(name: str) -> str:
    """A name of a log set or topic: 1 to 255 characters without `|`; raises `Refused`."""
    if not name or len(name) > 255 or "|" in name:
        raise Refused("InvalidParameter", f"{name!r} is not a name of 1 to 255 characters without |.")
    return name


def _named(state: Cls, name: str) -> None:
    if any(logset.name == named(name) for logset in state.logsets.values()):
        raise Refused("InvalidParameter.LogsetConflict", f"There is a log set {name} already.")


def _told(state: Cls, logset: Logset) -> Answer:
    return {
        "LogsetId": logset.id,
        "LogsetName": logset.name,
        "CreateTime": told_time(logset.created),
        "AssumerUin": 0,
        "AssumerName": "",
        "RoleName": "",
        "Tags": tags.told(state.tags("logset", logset.id)),
        "TopicCount": sum(topic.logset == logset.id for topic in state.topics.values()),
        "MetricTopicCount": 0,
    }
