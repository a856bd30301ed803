"""The story of one upload, from the event to the stamp.

1. Look: one ranged GET brings the object's headers, its content's identity, the stamp if there is one, and the
   picture's first bytes. Stamped with this content and plan, or forgotten: done, after that one request.
2. Refuse what the services would refuse, at no cost.
3. Lease: only one invocation works on a photo's content, and only who has the lease puts a stamp on. Answers that an
   earlier one bought are used; but whether a face is still there, the person's chain alone knows, and no photo is
   stamped with one that was deleted.
4. Ask the operations that are missing, side by side (`facestamp.asking`). The services fetch the photo themselves, so
   no pixel passes through here.
5. Fold the answers into faces, write the record, then the stamp: one conditional copy of the object onto itself.

What another try can mend is raised, so that SCF tries again; what it cannot is recorded. `facestamp.upload` tells
what becomes of the errors.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, NamedTuple

from facestamp import stamp
from facestamp.asking import Asking, Unfinished, answered
from facestamp.codes import ENROLMENT_UNKNOWN, FACE_DELETED, UNREADABLE
from facestamp.cos import Cos, Look
from facestamp.desk import WorkDesk
from facestamp.enrolment import PERSON_MAY_CHANGE
from facestamp.errors import ServiceError
from facestamp.lease import Claimant, Lease, create, end, follow, part
from facestamp.ledger import faces_of
from facestamp.operations import Answer, Operation, Photo
from facestamp.operations.create_face import CreateFace
from facestamp.provenance import forgotten, from_us, uploaded
from facestamp.restamp import obstacle, put
from facestamp.settings import Settings
from facestamp.stamp import Stamp
from facestamp.state import Record, State, lease_prefix
from facestamp.subject import Named, Subject, find, still
from facestamp.summary import confirmed, summary

Outcome = Literal["stamped", "recorded", "already", "forgotten", "outside", "gone"]
"""`recorded`: COS takes no stamp on this object; `forgotten`: somebody had the photo forgotten; `outside`: not this
route's; `gone`: changed or deleted meanwhile.
"""


class End(NamedTuple):
    """How a record ended."""

    outcome: Outcome
    first: bool = True
    """Nobody has worked on this content before, as far as the leases tell."""


@dataclass(frozen=True)
class Pipeline:
    """One invocation's route and seams."""

    settings: Settings
    cos: Cos
    state: State
    desk: WorkDesk
    pool: ThreadPoolExecutor

    def run(self, named: Named) -> End:
        """Take one object, which an event or a request names, to its end.

        Raises `Busy`, `Unfinished` or `ServiceError`; what was learned until then is kept.
        """
        subject = find(named, self.settings, self.cos, self.pool)
        if subject is None:
            return End("outside")
        present = stamp.read(subject.look.headers)
        photo = self._photo(subject, uploaded(named, subject.look, present))
        asking = Asking(photo, subject.photo, self.desk, self.state, self.pool)
        over = present is not None and present.status == "forgotten"
        if present and present.identity == subject.look.identity and (over or present.plan == subject.plan):
            if from_us(named, subject.look):
                _call_somebody(present)
                return End("forgotten" if over else "already")
            # It may have come with the upload, and counts only if the record says the same.
            earlier = self.state.record(subject.photo)
            if earlier and forgotten(earlier, subject.look):
                return End("forgotten")
            if earlier and self._complete(subject, earlier) and confirmed(subject, self.settings.operations, earlier):
                _call_somebody(present)
                return End("already")
        try:
            record, first = self._record(subject, asking)
        except Unfinished:
            if self._now(subject):
                raise
            # What was answered until then may be about the new content.
            self._forget(subject, self.state.record(subject.photo))
            return End("gone", first=False)
        if record.forgotten:
            return End("forgotten", first)
        return End(self._stamp(subject, record, asking), first)

    def _record(self, subject: Subject, asking: Asking) -> tuple[Record, bool]:
        """Steps 2 to 4: the complete record, from the state bucket as far as it is there; and if this began it.

        Or the record that says that this very object is forgotten.
        """
        claimant = Claimant(self.desk.token, subject.plan, self.desk.seconds())
        prefix = lease_prefix(subject.photo)
        known: dict[str, Answer] = {}
        lease = create(self.state, prefix, 1, claimant)
        first = lease is not None
        if lease is None:
            earlier = self.state.record(subject.photo)
            if earlier and forgotten(earlier, subject.look):
                return earlier, first
            if earlier and obstacle(subject.look) and self._complete(subject, earlier):
                return earlier, first
            lease = follow(self.state, prefix, claimant, ended=earlier.lease if earlier else 0)
        try:
            if not first:
                # Read again under the lease: the photo may have been forgotten since we looked.
                earlier = self.state.record(subject.photo)
                if earlier and earlier.forgotten and forgotten(earlier, self._now(subject) or subject.look):
                    end(self.state, lease)
                    return earlier, first
                known = _lasting(earlier.answers) if earlier else {}
                if self._missing(subject, known):
                    known = {**_lasting(self.state.answers(subject.photo)), **known}
            return self._completed(subject, known, asking, lease), first
        except Exception:
            # Should this fail as well, then the lease is over when its time is.
            with suppress(ServiceError):
                end(self.state, lease)
            raise

    def _completed(self, subject: Subject, known: dict[str, Answer], asking: Asking, lease: Lease) -> Record:
        """The record with every answer that the route asks for; written, or its answers kept."""
        missing = self._missing(subject, known)
        refusal = subject.refusal()
        if refusal:
            found = {code: answered(operation, {"Error": refusal}) for code, operation in missing.items()}
        else:
            subject.acl.start()
            found = asking.answers(missing)
        photo = {"bucket": self.settings.bucket, "key": subject.key, "identity": subject.look.identity}
        record = Record(photo, {**known, **found}, lease.generation)
        try:
            self.state.keep_record(subject.photo, record)
        except ServiceError:
            for code, answer in record.answers.items():
                self.state.keep_answer(subject.photo, code, answer)
            raise
        return record

    def _wanted(self, subject: Subject) -> dict[str, Operation]:
        return {operation.digest(subject.person_id): operation for operation in self.settings.operations}

    def _missing(self, subject: Subject, known: Mapping[str, Answer]) -> dict[str, Operation]:
        return {code: operation for code, operation in self._wanted(subject).items() if code not in known}

    def _complete(self, subject: Subject, record: Record) -> bool:
        """Whether the record has every answer, and its faces are still there, as far as can be told without a lease."""
        for code, operation in self._missing(subject, _lasting(record.answers)).items():
            if code not in record.answers or not isinstance(operation, CreateFace):
                return False
            claim = operation.claim(subject.look.identity, subject.person_id)
            if not faces_of(record.answers[code]["Response"]):
                return False
            if not self.desk.stands(subject.person_id, claim, operation.version):
                return False
        return True

    def _photo(self, subject: Subject, since: float) -> Photo:
        bucket, key, rendering = self.settings.bucket, subject.key, subject.rendering
        return Photo(
            bucket=bucket,
            key=key,
            identity=subject.look.identity,
            as_stored=not rendering,
            url=lambda: self.cos.address(bucket, key, rendering),
            base64=lambda: base64.b64encode(self.cos.read(bucket, key, rendering)).decode(),
            unchanged=lambda: self._now(subject) is not None,
            person_id=subject.person_id,
            uploaded=since,
        )

    def _stamp(self, subject: Subject, record: Record, asking: Asking) -> Outcome:
        """Step 5. What is on the stamp may still call for somebody; raises `ServiceError` then."""
        told = summary(subject, self.settings.operations, record.answers)
        outcome = put(self.cos, self.settings.bucket, subject.key, told, subject.look, subject.acl.result)
        asking.wait()
        if outcome == "gone":
            self._forget(subject, record)
        elif outcome != "forgotten":
            _call_somebody(told)
        asking.see_kept()
        return outcome

    def _now(self, subject: Subject) -> Look | None:
        """The object as it is now, if it still has the content that we work on."""
        return still(self.cos, self.settings.bucket, subject.key, subject.look.identity)

    def _forget(self, subject: Subject, record: Record | None) -> None:
        """Leave nothing behind: the services may have seen the new content, and a deleted photo's faces are nobody's.

        The lease is over first, so that the same content can come again. If it came just now, then another invocation
        may have stamped it by this record, which therefore is put back.
        """
        if record and record.lease:
            self.state.create(part(lease_prefix(subject.photo), record.lease, "outcome"), {})
        self.state.forget(subject.photo)
        if record and self._now(subject):
            self.state.keep_record(subject.photo, record)


def _call_somebody(told: Stamp) -> None:
    """Raise for an answer that is final and yet not as it should be: a person must look."""
    for operation, code in told.errors.items():
        if code in (ENROLMENT_UNKNOWN, UNREADABLE):
            raise ServiceError("iai", operation, code)


def _lasting(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers that hold for good: a refusal that spoke of the person may be otherwise by now, and a face gone."""
    passing = PERSON_MAY_CHANGE | {FACE_DELETED}
    return {
        code: answer
        for code, answer in answers.items()
        if answer["Response"].get("Error") not in passing and not faces_of(answer["Response"])
    }
