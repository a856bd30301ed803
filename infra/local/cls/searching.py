"""SearchLog: a topic's lines by time and condition (CLS 614/56447)."""

from __future__ import annotations

import json
from typing import Final, Literal

from pydantic import Field

from infra.local.actions import Action, Answer
from infra.local.cls.query import parsed
from infra.local.cls.records import Record
from infra.local.cls.store import Cls, Topic
from infra.local.gateway import Refused

QUERY_LIMIT: Final = 12 * 1024
"""Bytes of a condition."""


class SearchLog(Action[Cls]):
    """Find the lines of one topic between two times, in milliseconds of the cloud's clock."""

    from_: int = Field(alias="From")
    to: int
    topic_id: str
    query_string: str | None = None
    query: str | None = None
    """The name that it had before."""
    query_syntax: Literal[0, 1] = 1
    """What both syntaxes, Lucene's and CQL, have in common is understood."""
    syntax_rule: Literal[0, 1] | None = None
    sort: Literal["asc", "desc"] = "desc"
    limit: int = Field(100, ge=1, le=1000)
    offset: int | None = Field(None, ge=0)
    context: str | None = None
    use_new_analysis: bool = False
    """How SQL is answered, which there is none of."""

    def answer(self, state: Cls) -> Answer:
        """A page of lines, and the Context with which to ask for the next."""
        if self.offset and self.context:
            raise Refused("InvalidParameter", "Offset and Context are not given together.")
        first = self.offset or _place(self.context)
        text = self.query_string if self.query_string is not None else self.query or ""
        if len(text.encode()) > QUERY_LIMIT:
            raise Refused("InvalidParameter", "The condition is larger than 12 KB.")
        topic = state.topic(self.topic_id)
        if topic.index is None or not topic.index.status:
            raise Refused("FailedOperation.QueryError", f"The topic {topic.name} has no index that is open.")
        holds = parsed(text, topic.index.rule)
        found = [
            record
            for record in state.lines(topic)
            if self.from_ <= record.time * 1000 <= self.to and record.rule is not None and holds(record)
        ]
        if self.sort == "desc":
            found.reverse()
        shown = found[first : first + self.limit]
        return {
            "Context": str(first + len(shown)),
            "ListOver": first + len(shown) >= len(found),
            "Analysis": False,
            "Results": [_told(topic, record, first + place) for place, record in enumerate(shown)],
            "ColNames": None,
            "AnalysisResults": None,
            "AnalysisRecords": None,
            "Columns": None,
            "SamplingRate": 1,
            "Topics": None,
        }


ACTIONS: tuple[type[Action[Cls]], ...] = (SearchLog,)


def _place(context: str | None) -> int:
    if not context:
        return 0
    if not context.isdecimal():
        raise Refused("FailedOperation.InvalidContext", "The Context is none that was given.")
    return int(context)


def _told(topic: Topic, record: Record, place: int) -> Answer:
    return {
        "Time": round(record.time * 1000),
        "TopicId": topic.id,
        "TopicName": topic.name,
        "Source": "",
        "FileName": "",
        "PkgId": record.fields["SCF_RequestId"],
        "PkgLogId": str(place),
        "HighLights": [],
        "LogJson": json.dumps(record.fields, ensure_ascii=False),
        "HostName": "",
        "RawLog": "",
        "IndexStatus": "",
    }
