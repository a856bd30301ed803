"""CreateFace, once: the protocol that lets a photo become a person's face and never two.

CreateFace has no client token, is not idempotent, refuses concurrent calls for one person, and takes effect within
five seconds. So each person has a chain of leases, and every generation of it ends in an outcome: the answer, nothing,
or unknown. A claim is one photo's content for one person with one set of parameters.

1. The newest outcome carries the ledger: every claim's answer so far. Ours is there: use it, make no call.
2. The newest generation has no outcome and is not over: busy.
3. Take the next generation.
4. Resolve what earlier holders left open: the person's faces, less those accounted for, show what their call did.
5. Write down the person's faces, then call, if the call's time-out fits before the lease's end; it is never retried.
6. Write the outcome. If there was no answer, there is none: the next holder looks, as in 4.

It assumes that nobody else adds faces to the person, and that the photo stays as it was while the service fetches it:
an overwrite in that moment enrols the new content under the old claim. `tests/functions/test_enrolment_model.py`
explores every interleaving of this very code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from facestamp.codes import ENROLMENT_UNKNOWN, NO_TIME
from facestamp.errors import ServiceError, Verdict, retcode
from facestamp.lease import Busy, Claimant, Lease, Store, look, part, succeed

Answer = Mapping[str, Any]

PERSON_MAY_CHANGE = frozenset({"InvalidParameterValue.PersonIdNotExist", "InvalidParameterValue.PersonFaceNumExceed"})
"""Refusals that speak of the person, not of the photo: a new upload of the same photo may ask again."""

_NOT_APPLIED = frozenset(
    {"FailedOperation.CreateFaceConcurrent", "FailedOperation.ConflictOperation", "NoSuchKey", NO_TIME}
)
"""Refusals after which trying again is right, and certain not to add a second face: with the last two there was no
photo to send, and no call.
"""


@dataclass(frozen=True)
class People:
    """The person library, as the protocol uses it."""

    faces: Callable[[str], frozenset[str]]
    """The face ids that a person has now."""
    create: Callable[[], Answer]
    """CreateFace, exactly once; raises `NoAnswer` if nobody knows whether it took effect."""


@dataclass(frozen=True)
class Ledger:
    """What is known of a person's chain, up to one generation."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    """Claim -> its answer."""
    accounted: frozenset[str] = frozenset()
    """Face ids that are explained."""

    def with_answer(self, claim: str, answer: Answer | None, faces: frozenset[str] = frozenset()) -> Ledger:
        """The ledger after one more generation."""
        if answer is None:
            return Ledger(self.answers, self.accounted | faces)
        ids = frozenset(answer.get("SucFaceIds") or ())
        return Ledger({**self.answers, claim: answer}, self.accounted | faces | ids)


def enrol(store: Store, people: People, person_id: str, prefix: str, claimant: Claimant, call_seconds: float) -> Answer:
    """The claim's answer, from CreateFace or from an earlier generation.

    `prefix` is the person's chain in the state bucket. Raises `Busy`, or `ServiceError` where another try can help.
    """
    lease = None
    while lease is None:
        seen = look(store, prefix)
        ledger = _ledger(store, prefix, seen.settled)
        if claimant.claim in ledger.answers:
            return ledger.answers[claimant.claim]
        lease = succeed(store, prefix, claimant, seen)
    chain = _Chain(store, people, person_id, prefix)
    if seen.open:
        ledger = chain.resolve(lease.generation)
    if claimant.claim in ledger.answers:
        chain.settle(lease.generation, claimant.claim, None, ledger)
        return ledger.answers[claimant.claim]
    return chain.call(lease, claimant.claim, call_seconds, ledger)


@dataclass(frozen=True)
class _Chain:
    """One person's generations."""

    store: Store
    people: People
    person_id: str
    prefix: str

    def resolve(self, mine: int) -> Ledger:
        """Give every earlier generation that is still open its outcome, by looking at the person's faces."""
        # Listed and read again: an earlier holder may have written its outcome after the first listing.
        seen = look(self.store, self.prefix)
        ledger = _ledger(self.store, self.prefix, seen.settled)
        for generation in sorted(n for n in seen.open if n < mine):
            claim = (self.store.kept(part(self.prefix, generation, "lock")) or {})["claim"]
            answer, faces = None, frozenset[str]()
            if generation in seen.marked:
                before = self.store.kept(part(self.prefix, generation, "before")) or {}
                faces = self.people.faces(self.person_id)
                answer = _recovered(faces - frozenset(before["faces"]) - ledger.accounted)
            ledger = self.settle(generation, claim, answer, ledger, faces)
        return ledger

    def call(self, lease: Lease, claim: str, call_seconds: float, ledger: Ledger) -> Answer:
        """Steps 5 and 6."""
        try:
            before = self.people.faces(self.person_id)
        except ServiceError:
            self.settle(lease.generation, claim, None, ledger)
            raise
        self.store.create(lease.part("before"), {"faces": sorted(before)})
        ledger = ledger.with_answer(claim, None, before)
        if self.store.now() + call_seconds > lease.not_after:
            self.settle(lease.generation, claim, None, ledger)
            raise Busy(same=False)
        try:
            answer = self.people.create()
        except ServiceError as error:
            if error.verdict is Verdict.REJECT and error.code not in _NOT_APPLIED:
                answer = {"Error": error.code}
            else:
                if error.verdict in (Verdict.THROTTLE, Verdict.OPERATOR) or error.code in _NOT_APPLIED:
                    self.settle(lease.generation, claim, None, ledger)
                raise
        passing = _passing_refusal(answer)
        final = None if passing or answer.get("Error") in PERSON_MAY_CHANGE else answer
        ledger = self.settle(lease.generation, claim, final, ledger)
        if passing:
            raise passing
        return ledger.answers.get(claim, answer)

    def settle(
        self,
        generation: int,
        claim: str,
        answer: Answer | None,
        ledger: Ledger,
        faces: frozenset[str] = frozenset(),
    ) -> Ledger:
        """Write a generation's outcome; the ledger up to it, which is another's if that came first."""
        ledger = ledger.with_answer(claim, answer, faces)
        body = {"claim": claim, "answers": dict(ledger.answers), "accounted": sorted(ledger.accounted)}
        if self.store.create(part(self.prefix, generation, "outcome"), body):
            return ledger
        return _ledger(self.store, self.prefix, generation)


def _ledger(store: Store, prefix: str, generation: int) -> Ledger:
    if not generation:
        return Ledger()
    outcome = store.kept(part(prefix, generation, "outcome")) or {}
    return Ledger(outcome["answers"], frozenset(outcome["accounted"]))


def _recovered(new: frozenset[str]) -> Answer | None:
    """The answer that a call must have had, told from the face ids that nothing else explains."""
    if not new:
        return None
    if len(new) > 1:
        return {"Error": ENROLMENT_UNKNOWN}
    return {"SucFaceNum": 1, "SucFaceIds": sorted(new), "RetCode": [0], "SucIndexes": [0]}


def _passing_refusal(answer: Answer) -> ServiceError | None:
    """An image that was not added for a reason that may pass: a RetCode beyond the documented ones."""
    for code in answer.get("RetCode") or ():
        if code and retcode(code).verdict is not Verdict.REJECT:
            return ServiceError("iai", "CreateFace", str(code), verdict=Verdict.RETRY)
    return None
