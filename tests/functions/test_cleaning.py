"""A person's chain tells of no face that was deleted, however long it is, and however often the time runs out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from facestamp.chain import Chain
from facestamp.enrolment import Deletions, Wanted, enrol, withdraw
from facestamp.errors import ServiceError
from facestamp.lease import Claimant

ANSWERS = 300
"""Requests that one attempt has the time for; every turn takes two."""


class Bucket:
    """The state bucket, which answers so many requests and then no more."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.answers = 1_000_000

    def create(self, key: str, body: Mapping[str, Any]) -> bool:
        self._answer()
        return self.objects.setdefault(key, text := json.dumps(body)) is text

    def keep(self, key: str, body: Mapping[str, Any]) -> None:
        self._answer()
        self.objects[key] = json.dumps(body)

    def kept(self, key: str) -> dict[str, Any] | None:
        self._answer()
        return json.loads(self.objects[key]) if key in self.objects else None

    def keys(self, prefix: str, after: str = "") -> list[str]:
        self._answer()
        return sorted(key for key in self.objects if key.startswith(prefix) and key > after)[:1000]

    def now(self) -> float:
        return 1_000.0

    def _answer(self) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise ServiceError("cos", "PutObject", "Facestamp.NoTimeLeft")


class Library:
    """A person's faces."""

    def __init__(self) -> None:
        self.faces = ["first"]

    def add(self, claims: tuple[str, ...]) -> dict[str, Any]:
        added = [f"face of {claim}" for claim in claims]
        self.faces += added
        return {"SucFaceIds": added, "SucIndexes": [0], "RetCode": [0]}

    def delete(self, ids: Any) -> dict[str, Any]:
        self.faces = [face for face in self.faces if face not in ids]
        return {"SucFaceIds": list(ids)}


@pytest.mark.parametrize("turns", [1, 99, 100, 101, 400])
def test_what_does_not_fit_into_one_attempt_is_done_by_the_next_ones(turns: int) -> None:
    bucket, library = Bucket(), Library()
    chain = Chain(bucket, "enrolments/ada", lambda: frozenset(library.faces), 8.0)
    deletions = Deletions(library.delete, lambda: None)
    for number in range(turns):
        claim = f"photo-{number}/plain"
        enrol(chain, Claimant(f"upload {number}", claim, 30.0), [claim], library.add)
    attempts = 0
    while attempts < 20:
        attempts += 1
        bucket.answers = ANSWERS
        try:
            wanted = Wanted(contents=frozenset({f"photo-{number}" for number in range(turns - 1)}))
            withdraw(chain, Claimant(f"deletion {attempts}", "withdraw", 30.0), wanted, deletions)
            break
        except ServiceError:
            continue

    assert library.faces == ["first", f"face of photo-{turns - 1}/plain"]
    left = [body for body in bucket.objects.values() if "face of" in body]
    assert not any(f"face of photo-{number}/" in body for number in range(turns - 1) for body in left)
    assert (attempts > 1) == (2 * turns > ANSWERS)
    bucket.answers = 100
    kept = enrol(chain, Claimant("again", "", 30.0), [f"photo-{turns - 1}/plain"], library.add)
    assert [answer["SucFaceIds"] for answer in kept.values()] == [[f"face of photo-{turns - 1}/plain"]]
