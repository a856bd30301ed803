"""What a user does and sees, in a few words: photos go up, people are made, stamps and dead letters are read."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from facestamp import stamp
from facestamp.stamp import Stamp
from facestamp.state import object_name
from infra.local.cloud import LocalCloud
from infra.local.events import ObjectEvent, cos_event
from infra.local.faults import Fault
from infra.local.journal import Call
from tests import pictures


@cache
def portrait(brightness: float = 1.0) -> bytes:
    """One smiling face; a different `brightness` makes another photo of the same person."""
    return pictures.jpeg(pictures.lit(pictures.portrait(), brightness))


class Scene:
    """One cloud, watched from now on."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self._start, self._lines, self._runs = len(cloud.journal), len(cloud.scf.logs()), len(cloud.scf.invocations)

    # -- what a user does -------------------------------------------------------------------------------------------

    def upload(self, key: str, body: bytes | None = None, **more: Any) -> None:
        """Put a photo, and leave the rest to the cloud."""
        self.cloud.cos().put_object(Bucket=self.cloud.bucket, Key=key, Body=body or portrait(), **more)

    def delete(self, key: str) -> None:
        """Delete a photo."""
        self.cloud.cos().delete_object(Bucket=self.cloud.bucket, Key=key)

    def person(self, name: str, photo: bytes | None = None) -> None:
        """Make somebody, known by one face."""
        iai = self.cloud.api("iai", "2020-03-03")
        groups = iai.call_json("GetGroupList", {"Limit": 1000})["Response"]["GroupInfos"]
        if not any(group["GroupId"] == "members" for group in groups):
            iai.call_json("CreateGroup", {"GroupId": "members", "GroupName": "Members"})
        image = base64.b64encode(photo or portrait()).decode()
        told = {"GroupId": "members", "PersonId": name, "PersonName": name, "Image": image}
        iai.call_json("CreatePerson", told)

    def send(self, event: object, route: str = "photos") -> None:
        """Send a function an event, as its queue would."""
        self.cloud.scf.send(self.cloud.outputs["functions"][route], event)

    def settle(self) -> None:
        """Wait until nothing is under way."""
        self.cloud.scf.settle()

    @contextmanager
    def fault(self, effect: Any, when: Any = "before", **more: Any) -> Iterator[Fault]:
        """Let something go wrong meanwhile."""
        fault = self.cloud.faults.add(Fault(effect, when, by_worker=True, **more))
        try:
            yield fault
            self.settle()
        finally:
            self.cloud.faults.clear()

    # -- what a user sees -------------------------------------------------------------------------------------------

    def stamp(self, key: str) -> Stamp | None:
        """The stamp on a photo."""
        return stamp.read(self.head(key))

    def head(self, key: str) -> dict[str, str]:
        """A photo's headers, names in lower case, less those that tell of the request."""
        told = {n.lower(): v for n, v in self.cloud.cos().head_object(Bucket=self.cloud.bucket, Key=key).items()}
        return {name: value for name, value in told.items() if name not in ("date", "x-cos-request-id")}

    def faces(self, person: str) -> list[str]:
        """The face ids of a person."""
        told = self.cloud.api("iai", "2020-03-03").call_json("GetPersonBaseInfo", {"PersonId": person})
        ids: list[str] = told["Response"]["FaceIds"]
        return ids

    def keys(self, prefix: str) -> list[str]:
        """The keys of the state bucket under a prefix."""
        cos, bucket, found = self.cloud.cos(), self.cloud.state_bucket, list[str]()
        while True:
            marker = found[-1] if found else ""
            page = cos.list_objects(Bucket=bucket, Prefix=prefix, Marker=marker).get("Contents", [])
            found += [entry["Key"] for entry in page]
            if len(page) < 1000:
                return found

    def state(self, prefix: str) -> dict[str, dict[str, Any]]:
        """What the state bucket holds under a prefix, by key."""
        cos, bucket = self.cloud.cos(), self.cloud.state_bucket
        answers = {key: cos.get_object(Bucket=bucket, Key=key) for key in self.keys(prefix)}
        return {key: json.loads(answer["Body"].get_raw_stream().read()) for key, answer in answers.items()}

    def letter(self, key: str) -> dict[str, Any] | None:
        """The dead letter about a photo."""
        name = f"dead/{object_name(key.partition('/')[0], self.cloud.bucket, key)}.json"
        return self.state(name).get(name)

    def letters(self) -> dict[str, dict[str, Any]]:
        """Every dead letter, by the key of its photo."""
        return {letter.get("key", name): letter for name, letter in self.state("dead/").items()}

    def unfinished(self) -> set[str]:
        """What a caretaker would list: photos that have a lease, but neither outcome nor record."""
        parts = [key.split("/") for key in self.keys("leases/")]
        newest: dict[str, str] = {}
        for _, route, photo, generation, _ in parts:
            newest[f"{route}/{photo}"] = min(generation, newest.get(f"{route}/{photo}", generation))
        ended = {(f"{route}/{photo}", generation) for _, route, photo, generation, name in parts if name == "outcome"}
        records = {key.removeprefix("records/").removesuffix(".json") for key in self.keys("records/")}
        return {photo for photo, generation in newest.items() if (photo, generation) not in ended} - records

    # -- what the cloud noticed -------------------------------------------------------------------------------------

    def calls(self, **like: object) -> list[Call]:
        """The requests that workers have made since the scene began."""
        return [c for c in self.cloud.journal.calls(**like) if c.number > self._start and c.worker]

    def paid(self) -> Counter[str]:
        """How often each operation was paid for."""
        return Counter(call.action for call in self.calls(paid=True))

    def runs(self) -> int:
        """How often a function ran; an attempt that its quota refuses is tried again."""
        return sum(run.status != 432 for run in self.cloud.scf.invocations[self._runs :])

    def said(self) -> list[dict[str, Any]]:
        """What the functions wrote to their logs, line by line."""
        lines = self.cloud.scf.logs()[self._lines :]
        return [json.loads(line.text) for line in lines if line.type == "Custom" and line.text.startswith("{")]


def put_event(cloud: LocalCloud, *keys: str, age: float = 0.0, meta: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The event of a Put of these keys, `age` seconds ago."""
    at = cloud.clock.now() - age
    told = {"Content-Type": "image/jpeg", **(meta or {})}
    events = [ObjectEvent(cloud.bucket, key, "cos:ObjectCreated:Put", meta=told, at=at) for key in keys]
    return cos_event(events, cloud.readings)
