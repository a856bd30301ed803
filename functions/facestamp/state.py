"""What is kept in the state bucket: records, answers on their way there, leases and dead letters.

Names are hashes of fixed length, as a photo's own key may take up all 850 bytes; the photo's key is inside. Those of
photos begin with their route, so that no route's role can reach what another knows. A person's chain is one, whichever
route enrols.

| key                                          | holds                                                        |
|----------------------------------------------|--------------------------------------------------------------|
| `records/<route>/<photo>.json`               | every answer about one content of one photo; or that it is   |
|                                              | forgotten: `facestamp.forgetting`                            |
| `leases/<route>/<photo>/<generation>/…`      | who works on it: `facestamp.lease`                           |
| `answers/<route>/<photo>/<operation>.json`   | an answer that came before the others did                    |
| `enrolments/<person>/<generation>/…`         | a person's chain: `facestamp.enrolment`                      |
| `enrolments/photos/<route>/<photo>/…`        | for whom somebody asked to enrol the photo by its key        |
| `dead/<route>/<object>.json`                 | the last failed attempt at an object; success supersedes it  |
| `requests/<window>/<request>/<generation>/…` | what the API answered: `facestamp.http.gate.idempotency`     |
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from facestamp.cos import Cos

Answer = Mapping[str, Any]


class Forgotten(NamedTuple):
    """What a record says of a photo that is forgotten."""

    until: float | None
    """When the forgotten object was written, in COS's seconds; the same content written later is another photo. None
    once the object's own stamp says it."""
    pending: tuple[str, ...] = ()
    """The persons of whom faces may still have to be deleted."""


class Record(NamedTuple):
    """All that is known of one content of one photo."""

    photo: Mapping[str, Any]
    """bucket, key, identity and, where known, size."""
    answers: Mapping[str, Answer]
    """An operation's digest -> its answer, with `Operation` and `Version` beside Tencent's own fields."""
    lease: int
    """The generation that wrote it, which is thereby over; 0 where that has an outcome of its own."""
    forgotten: Forgotten | None = None
    """There is nothing to know of this content any more."""

    def body(self) -> dict[str, Any]:
        """As it is kept."""
        told = {"format": 1, "photo": dict(self.photo), "lease": self.lease, "answers": dict(self.answers)}
        return {**told, "forgotten": self.forgotten._asdict()} if self.forgotten else told


def digest(*parts: str) -> str:
    """40 hex digits that stand for these texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def photo_name(route: str, bucket: str, key: str, identity: str) -> str:
    """What stands for one content of one photo in the state bucket."""
    return f"{route}/{digest(bucket, key, identity)}"


def object_name(route: str, *parts: str) -> str:
    """What stands for an object, or for an event that names none, among the dead letters."""
    return f"{route}/{digest(*parts)}"


class State:
    """The state bucket; also the `Store` that leases are kept in."""

    def __init__(self, cos: Cos, bucket: str) -> None:
        self._cos, self._bucket = cos, bucket
        self.now = cos.now

    def create(self, key: str, body: Mapping[str, Any]) -> bool:
        """Create the object; False if there is one of that key."""
        return self._cos.create(self._bucket, key, body)

    def keep(self, key: str, body: Mapping[str, Any]) -> None:
        """Write the object, over one of that key."""
        self._cos.keep(self._bucket, key, body)

    def kept(self, key: str) -> dict[str, Any] | None:
        """The object's body, or None."""
        return self._cos.kept(self._bucket, key)

    def keys(self, prefix: str, after: str = "") -> list[str]:
        """Up to 1,000 keys in order, from the first one after `after`."""
        return self._cos.keys(self._bucket, prefix, after)

    def record(self, photo: str) -> Record | None:
        """The record of a photo's content, by its name here."""
        body = self.kept(record_key(photo))
        if body is None:
            return None
        told = body.get("forgotten")
        forgotten = Forgotten(told["until"], tuple(told["pending"])) if told else None
        return Record(body["photo"], body["answers"], body["lease"], forgotten)

    def keep_record(self, photo: str, record: Record) -> None:
        """Write the record, over an earlier one that knew less."""
        self._cos.keep(self._bucket, record_key(photo), record.body())

    def forget(self, photo: str) -> None:
        """Delete the record, and the answers that came before it."""
        self._cos.delete(self._bucket, record_key(photo))
        self.forget_answers(photo)

    def forget_answers(self, photo: str) -> None:
        """Delete the answers that an unfinished attempt left."""
        for key in self.keys(f"answers/{photo}/"):
            self._cos.delete(self._bucket, key)

    def answers(self, photo: str) -> dict[str, Answer]:
        """The answers that an unfinished attempt left, by the operation's digest."""
        prefix = f"answers/{photo}/"
        found = {key[len(prefix) : -len(".json")]: self.kept(key) for key in self.keys(prefix)}
        return {operation: answer for operation, answer in found.items() if answer}

    def keep_answer(self, photo: str, operation: str, answer: Answer) -> None:
        """Keep an answer until the record holds it; the first one stays."""
        self.create(f"answers/{photo}/{operation}.json", answer)

    def keep_asked(self, photo: str, person: str, modified: float) -> None:
        """Write down that the photo, as it was written then, is about to be enrolled for somebody."""
        name = digest(person, str(modified))
        self.keep(f"{_asked(photo)}{name}.json", {"person": person, "modified": modified})

    def asked(self, photo: str) -> dict[str, dict[str, Any]]:
        """What was so written down, by its key; empty where it is over."""
        keys: list[str] = []
        while page := self.keys(_asked(photo), keys[-1] if keys else ""):
            keys += page
        return {key: self.kept(key) or {} for key in keys}

    def settle_asked(self, key: str) -> None:
        """Nothing is left of this one. The role of whoever forgets may not delete what is among the enrolments."""
        self.keep(key, {})

    def bury(self, name: str, letter: Mapping[str, Any]) -> None:
        """Leave a dead letter, over the one of an earlier attempt."""
        self._cos.keep(self._bucket, f"dead/{name}.json", letter)

    def unbury(self, name: str) -> None:
        """Take the dead letter away: the work has been done."""
        self._cos.delete(self._bucket, f"dead/{name}.json")


def record_key(photo: str) -> str:
    """Where the record of a photo's content is kept."""
    return f"records/{photo}.json"


def _asked(photo: str) -> str:
    return f"enrolments/photos/{photo}/"


def lease_prefix(photo: str) -> str:
    """Where the generations of a photo's content are."""
    return f"leases/{photo}"


def person_prefix(person_id: str) -> str:
    """Where a person's chain is."""
    return f"enrolments/{digest(person_id)}"
