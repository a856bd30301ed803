"""Events of shapes that nobody promised."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.events import ObjectEvent, cos_event
from tests import pictures
from tests.uploads.owner import Owner

PORTRAIT = pictures.jpeg(pictures.portrait())
SAMPLES = Path(__file__).parents[2] / "events"

Null = object()
"""A JSON null, where None takes a part out."""


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def record(**changes: Any) -> dict[str, Any]:
    """The documented record with parts of it exchanged or, by None, taken out."""
    made: dict[str, Any] = copy.deepcopy(sample("cos-put.json")["Records"][0])
    for path, value in changes.items():
        *way, last = path.split("__")
        inner = made
        for step in way:
            inner = inner[step]
        if value is None:
            del inner[last]
        else:
            inner[last] = None if value is Null else value
    return made


UNKNOWN = {
    "an empty object": {},
    "an empty list": [],
    "a text": "text",
    "nothing": None,
    "a number": 42,
    "true": True,
    "Records that are no list": {"Records": {"cos": {}}},
    "Records that are nothing": {"Records": None},
    "Records that are empty": {"Records": []},
    "a timer": sample("timer.json"),
    "an HTTP request": sample("function-url.json"),
    "an old HTTP request": sample("api-gateway.json"),
    "a record that is nothing": {"Records": [None]},
    "a record that is a text": {"Records": ["photos/a.jpg"]},
    "a record of S3": {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "a.jpg"}}}]},
    "a record without cos": {"Records": [record(cos=None)]},
    "a record without its object": {"Records": [record(cos__cosObject=None)]},
    "a record without its key": {"Records": [record(cos__cosObject__key=None)]},
    "a record whose key is a number": {"Records": [record(cos__cosObject__key=7)]},
    "a record without its bucket": {"Records": [record(cos__cosBucket=None)]},
    "a record whose bucket has no name": {"Records": [record(cos__cosBucket__name=None)]},
    "a record whose bucket has no appid": {"Records": [record(cos__cosBucket__appid=None)]},
}


@pytest.mark.parametrize("event", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_an_unknown_event_leaves_one_line_and_a_dead_letter(owner: Owner, event: object) -> None:
    lines, runs, before = owner.lines(), owner.runs(), owner.letters()

    owner.deliver(event)

    assert runs() == [200]
    (line,) = lines()
    assert (line["level"], line["verdict"]) == ("ERROR", "operator")
    assert "event" in line["happened"] or "record" in line["happened"]
    (letter,) = owner.letters() - before
    kept = owner.kept(letter)
    assert kept is not None
    assert kept["at"] > "2026"
    assert kept["why"] == line["happened"]
    assert "q-sign" not in json.dumps(kept)

    owner.deliver(event)
    assert owner.letters() - before == {letter}


LOOSE = {
    "no event at all": {"event": None},
    "no eventName": {"event__eventName": None},
    "an eventTime as text": {"event__eventTime": "2026-11-21T10:00:00Z"},
    "an eventTime with a fraction": {"event__eventTime": 1545205770.5},
    "a size as text": {"cos__cosObject__size": "1029"},
    "no size": {"cos__cosObject__size": None},
    "no meta": {"cos__cosObject__meta": None},
    "no url": {"cos__cosObject__url": None},
    "an address that is none": {"cos__cosObject__url": "http://[cos"},
    "fields that are null": {"cos__cosObject__url": Null, "cos__cosObject__meta": Null, "cos__cosBucket__region": Null},
    "no vid": {"cos__cosObject__vid": None},
    "no region": {"cos__cosBucket__region": None},
    "an appid as a number": {"cos__cosBucket__appid": 1250000000},
    "meta with numbers": {"cos__cosObject__meta": {"Content-Length": 12, "x-cos-meta-a": None}},
    "an unknown field": {"cos__cosObject__eTag": "abc"},
}


@pytest.mark.parametrize("changes", LOOSE.values(), ids=LOOSE.keys())
def test_a_record_that_is_only_unusual_is_understood(owner: Owner, name: str, changes: dict[str, Any]) -> None:
    key = f"photos/{name}.jpg"
    owner.put(key, PORTRAIT)
    owner.strip(key)
    bucket, appid = owner.bucket.rsplit("-", 1)
    ours = {"cos__cosObject__key": f"/{appid}/{bucket}/{key}", "cos__cosBucket__name": bucket}
    runs = owner.runs()
    owner.deliver({"Records": [record(**{"cos__cosBucket__appid": appid, **ours, **changes})]})
    assert runs() == [200]
    assert owner.stamped(key).count == 1


def test_a_bad_record_does_not_stop_the_others(owner: Owner, name: str) -> None:
    keys = [f"photos/{name}-{n}.jpg" for n in range(2)]
    for key in keys:
        owner.put(key, PORTRAIT)
        owner.strip(key)
    first, second = cos_event([ObjectEvent(owner.bucket, key, "cos:ObjectCreated:Put") for key in keys])["Records"]
    runs, before = owner.runs(), owner.letters()

    owner.deliver({"Records": [first, {"cos": {}}, second]})

    assert [owner.stamped(key).count for key in keys] == [1, 1]
    assert runs() == [200]
    assert len(owner.letters() - before) == 1


@pytest.mark.parametrize("event", ["cos:ObjectRemove:Delete", "cos:ObjectCreated:Copy"])
def test_an_event_that_nobody_subscribed_to_does_no_harm(owner: Owner, name: str, event: str) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    owner.put(key, PORTRAIT)
    owner.again(key, event)
    owner.cloud.cos().delete_object(Bucket=owner.bucket, Key=key)
    owner.again(key, event)
    assert not owner.exists(key)
    assert len(calls.paid()) == 3


def test_the_event_of_another_bucket_is_none_of_ours(owner: Owner, name: str) -> None:
    calls, runs = owner.calls(), owner.runs()
    owner.send([ObjectEvent("strangers-1250000000", f"photos/{name}.jpg", "cos:ObjectCreated:Put")])
    assert (calls(), runs()) == ([], [200])
