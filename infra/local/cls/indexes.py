"""The actions on a topic's index, which decides what of its lines can be searched for (CLS 614/50922).

The full text index has every field; the key-value index has the fields that it names, each of a type. Rules hold for
lines that come after them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final, Literal

from pydantic import Field

from infra.local.actions import Action, Answer, Part
from infra.local.cls.store import Cls, Index, Topic, told_time
from infra.local.gateway import Refused

KEYS: Final = 300
"""Fields that one index may name."""
LEVELS: Final = 10
"""Of a field's name, with dots between."""
_KEY: Final = re.compile(r"[A-Za-z0-9\-./@][A-Za-z0-9_\-./@]*")


class FullText(Part):
    """The index over everything: `tokenizer` are the characters that part words."""

    case_sensitive: bool
    tokenizer: str
    contain_z_h: bool = False


class Value(Part):
    """How a field is indexed; numbers have no words to part."""

    type: Literal["long", "text", "double"]
    tokenizer: str = ""
    sql_flag: bool = False
    contain_z_h: bool = False
    alias: str = ""
    open_index_for_child_only: Literal[False] = False
    child_node: list[Any] = Field([], max_length=0)
    """Of fields of the type json, which is for some users only."""


class KeyValue(Part):
    """A field that is indexed."""

    key: str
    value: Value


class Keys(Part):
    """The index over single fields."""

    case_sensitive: bool
    key_values: list[KeyValue] = Field([])


class Dynamic(Part):
    """Whether fields that nobody named are indexed as they come."""

    status: bool


class Rule(Part):
    """All that is indexed."""

    full_text: FullText | None = None
    key_value: Keys | None = None
    tag: Keys | None = None
    dynamic_index: Dynamic | None = None


class CreateIndex(Action[Cls]):
    """Give a topic its index (international 614/42805)."""

    topic_id: str
    rule: Rule
    status: bool = True
    include_internal_fields: bool = False
    metadata_flag: int = Field(0, ge=0, le=2)

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        with state.lock:
            topic = state.topic(self.topic_id)
            if topic.index is not None:
                raise Refused("InvalidParameter.IndexConflict", f"The topic {topic.name} has an index already.")
            index = Index(
                _checked(self.rule, topic),
                self.status,
                self.include_internal_fields,
                self.metadata_flag,
                state.clock.now(),
            )
            state.topics[topic.id] = replace(topic, index=index)
        return {}


class DescribeIndex(Action[Cls]):
    """Tell a topic's index (international 614/42803)."""

    topic_id: str

    def answer(self, state: Cls) -> Answer:
        """All of it."""
        index = _index(state.topic(self.topic_id))
        return {
            "TopicId": self.topic_id,
            "Status": index.status,
            "Rule": {"FullText": None, "KeyValue": None, "Tag": None, "DynamicIndex": None, **index.rule},
            "ModifyTime": told_time(index.modified),
            "IncludeInternalFields": index.include_internal_fields,
            "MetadataFlag": index.metadata_flag,
            "CoverageField": "",
        }


class ModifyIndex(Action[Cls]):
    """Change a topic's index; a rule takes the place of the one before, whole."""

    topic_id: str
    rule: Rule | None = None
    status: bool | None = None
    include_internal_fields: bool | None = None
    metadata_flag: int | None = Field(None, ge=0, le=2)

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        with state.lock:
            topic = state.topic(self.topic_id)
            changes: dict[str, Any] = {
                "rule": _checked(self.rule, topic) if self.rule else None,
                "status": self.status,
                "include_internal_fields": self.include_internal_fields,
                "metadata_flag": self.metadata_flag,
                "modified": state.clock.now(),
            }
            given = {name: value for name, value in changes.items() if value is not None}
            state.topics[topic.id] = replace(topic, index=replace(_index(topic), **given))
        return {}


class DeleteIndex(Action[Cls]):
    """Take a topic's index away; its lines stay, and cannot be found any more."""

    topic_id: str

    def answer(self, state: Cls) -> Answer:
        """Nothing."""
        with state.lock:
            topic = state.topic(self.topic_id)
            _index(topic)
            state.topics[topic.id] = replace(topic, index=None)
        return {}


ACTIONS: tuple[type[Action[Cls]], ...] = (CreateIndex, DescribeIndex, ModifyIndex, DeleteIndex)


def _index(topic: Topic) -> Index:
    if topic.index is None:
        raise Refused("ResourceNotFound.IndexNotExist", f"The topic {topic.name} has no index.")
    return topic.index


def _checked(rule: Rule, topic: Topic) -> Answer:
    """The rule in the form of the API; raises `Refused`."""
    named = [each for keys in (rule.key_value, rule.tag) if keys for each in keys.key_values]
    if len(named) > KEYS:
        raise Refused("LimitExceeded.IndexKeyOverLimit", f"An index names at most {KEYS} fields.")
    if named and topic.settings["StorageType"] == "cold":
        raise Refused(
            "InvalidParameter.InValidIndexRuleForSearchLow", "Cold storage has a full text index, and no other."
        )
    for keys in (rule.key_value, rule.tag):
        names = [each.key for each in keys.key_values] if keys else []
        for name in names:
            if not _KEY.fullmatch(name) or name.count(".") >= LEVELS:
                raise Refused("InvalidParameter", f"{name!r} is not the name of a field that can be indexed.")
            if names.count(name) > 1 or any(other.startswith(f"{name}.") for other in names):
                raise Refused("InvalidParameter", f"The field {name} is named twice, or beside a part of it.")
    for each in named:
        if each.value.type != "text" and (each.value.tokenizer or each.value.contain_z_h):
            raise Refused("InvalidParameter", f"{each.key} is a number, and has no words.")
    return rule.told()
