"""What is known of a person's faces: what became of each claim, and which face ids are explained.

A claim is one photo's content for one person with one set of parameters, and begins with the content and a slash. Its
answer is CreateFace's own about that one photo, or `{"Error": code}`. Where a call for several photos was not answered,
and as many faces were there afterwards, nobody can tell which photo became which of them: then each answer names them
all, as `OneOf`.

Of a claim whose face was deleted, a time is left. An upload from before is the one that was enrolled, however late or
often its event comes, and is not enrolled again; one from after is a wish of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from facestamp.codes import ENROLMENT_UNKNOWN, FACE_DELETED
from facestamp.errors import NoAnswer
from facestamp.lease import SETTLE

Answer = Mapping[str, Any]

_UNLIKE = -1604
"""RetCode of a face that is too little like those that the person has: with others, it may be otherwise."""


@dataclass(frozen=True)
class Ledger:
    """What is known of a person's chain, up to one generation."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Claim -> its answer."""
    accounted: frozenset[str] = frozenset()
    """Face ids that are explained: the person's when they were last looked at, and those of answers."""
    at: Mapping[str, float] = field(default_factory=dict)
    """Claim -> COS's time of its answer, in seconds."""
    withdrawn: Mapping[str, float] = field(default_factory=dict)
    """Claim whose face was deleted -> until when an upload, by COS's time, is one of those from before."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Ledger:
        """As an outcome holds it."""
        return cls(body["answers"], frozenset(body["accounted"]), body.get("at", {}), body.get("withdrawn", {}))

    def body(self) -> dict[str, Any]:
        """For an outcome to hold."""
        told = {"answers": dict(self.answers), "accounted": sorted(self.accounted), "at": dict(self.at)}
        return {**told, "withdrawn": dict(self.withdrawn)}

    def told(self, uploaded: float | None) -> Mapping[str, Answer]:
        """What each claim is answered for a photo uploaded then, in COS's seconds; None: it is asked for now."""
        if uploaded is None:
            return self.answers
        late = [claim for claim, until in self.withdrawn.items() if uploaded <= until]
        return {**{claim: {"Error": FACE_DELETED} for claim in late}, **self.answers}

    def explaining(self, faces: frozenset[str]) -> Ledger:
        """With these faces accounted for, which are all that there are; an answer's may not show yet."""
        ids = faces.union(*(faces_of(answer) for answer in self.answers.values()))
        return Ledger(self.answers, ids, self.at, self.withdrawn)

    def knowing(self, answers: Mapping[str, Answer], now: float) -> Ledger:
        """With these answers, and their faces accounted for."""
        ids = frozenset().union(*(faces_of(answer) for answer in answers.values()))
        at = {**self.at, **dict.fromkeys(answers, now)}
        return Ledger({**self.answers, **answers}, self.accounted | ids, at, self.withdrawn)

    def standing(self, faces: frozenset[str] | None, now: float) -> Ledger:
        """What still holds of somebody who has these faces; None: who does not exist.

        A face may have been deleted by others, in the console or with its group; when, nobody knows, so all that was
        uploaded since its answer can be enrolled. A new one takes its time to show.
        """

        def holds(claim: str, answer: Answer) -> bool:
            if now < self.at.get(claim, 0) + SETTLE:
                return True
            ids = faces_of(answer)
            return faces is not None and (not ids or bool(ids & faces))

        return self._where(holds, 0.0)

    def without(self, gone: frozenset[str], now: float) -> Ledger:
        """After these faces have been deleted."""

        def holds(claim: str, answer: Answer) -> bool:
            ids = faces_of(answer)
            return _UNLIKE not in (answer.get("RetCode") or ()) and not (ids and ids <= gone)

        left = self._where(holds, now)
        answers = {claim: _less(answer, gone) for claim, answer in left.answers.items()}
        return Ledger(answers, self.accounted - gone, left.at, left.withdrawn)

    def ended(self, now: float) -> Ledger:
        """After the person has been deleted."""
        left = self._where(lambda claim, answer: False, now)
        return Ledger({}, frozenset(), {}, left.withdrawn)

    def _where(self, holds: Callable[[str, Answer], bool], deleted: float) -> Ledger:
        """The claims that still hold; the others' faces are gone, and were there until `deleted` at least."""
        answers = {claim: answer for claim, answer in self.answers.items() if holds(claim, answer)}
        # An object's date has whole seconds: in that of the deletion, an upload counts as one that came after.
        before = math.floor(deleted) - 1.0
        gone = {
            claim: max(self.at.get(claim, 0.0), before)
            for claim, answer in self.answers.items()
            if claim not in answers and faces_of(answer)
        }
        at = {claim: at for claim, at in self.at.items() if claim in answers}
        return Ledger(answers, self.accounted, at, {**self.withdrawn, **gone})


def faces_of(answer: Answer) -> frozenset[str]:
    """The faces that the photo became, or among which its own is."""
    return frozenset(answer.get("SucFaceIds") or ()) | frozenset(answer.get("OneOf") or ())


def _less(answer: Answer, gone: frozenset[str]) -> Answer:
    """An answer that names several faces, without these."""
    several = frozenset(answer.get("OneOf") or ())
    return {**answer, "OneOf": sorted(several - gone)} if several & gone else answer


def apart(answer: Answer, claims: Sequence[str]) -> dict[str, Answer]:
    """CreateFace's answer about several photos as one answer each; raises `NoAnswer` where its lists do not agree."""
    if len(claims) == 1:
        return {claims[0]: answer}
    shared = {name: answer[name] for name in ("FaceModelVersion", "RequestId") if name in answer}
    codes, indexes, ids = answer.get("RetCode") or (), answer.get("SucIndexes") or (), answer.get("SucFaceIds") or ()
    rects = answer.get("SucFaceRects") or ()
    if len(codes) != len(claims) or len(ids) != len(indexes) or set(indexes) - set(range(len(claims))):
        raise NoAnswer("iai", "CreateFace")
    told: dict[str, Answer] = {}
    for index, claim in enumerate(claims):
        place = indexes.index(index) if index in indexes else len(indexes)
        told[claim] = {
            "SucFaceNum": len(ids[place : place + 1]),
            "SucFaceIds": list(ids[place : place + 1]),
            "RetCode": [codes[index]],
            "SucIndexes": [0] * len(ids[place : place + 1]),
            "SucFaceRects": list(rects[place : place + 1]),
            **shared,
        }
    return told


def recovered(claims: Sequence[str], new: frozenset[str]) -> dict[str, Answer]:
    """The answers that a call must have had, told from the face ids that nothing else explains."""
    if not new or not claims:
        return {}
    told: Answer = {"SucFaceNum": 1, "RetCode": [0], "SucIndexes": [0]}
    if len(new) != len(claims):
        answer: Answer = {"Error": ENROLMENT_UNKNOWN, "OneOf": sorted(new)}
    elif len(claims) == 1:
        answer = {**told, "SucFaceIds": sorted(new)}
    else:
        answer = {**told, "SucFaceIds": [], "OneOf": sorted(new)}
    return dict.fromkeys(claims, answer)
