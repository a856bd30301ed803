"""The story of one upload, from the event to the stamp.

1. Look: one ranged GET brings the object's headers, its content's identity, the stamp if there is one, and the
   picture's first bytes. Stamped with this content and plan: done, after that one request.
2. Refuse what the services would refuse, at no cost.
3. Lease: only one invocation works on a photo's content. Answers that an earlier one bought are used.
4. Ask the operations that are missing, side by side. The services fetch the photo themselves, so no pixel passes
   through here. Each answer is kept as it comes, the last one with the record.
5. Fold the answers into faces, write the record, then the stamp: one conditional copy of the object onto itself.

What another try can mend is raised, so that SCF tries again; what it cannot is recorded. `facestamp.upload` tells
what becomes of the errors.
"""

from __future__ import annotations

import base64
import queue
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from facestamp import stamp
from facestamp.cos import Cos, Look
from facestamp.desk import WorkDesk
from facestamp.enrolment import PERSON_MAY_CHANGE
from facestamp.errors import NO_FACE, ServiceError, Verdict
from facestamp.events import Upload
from facestamp.lease import Busy, Claimant, Lease, create, end, follow, part
from facestamp.operations import Answer, Operation, Photo
from facestamp.restamp import Unstampable, obstacle, restamp
from facestamp.settings import Settings
from facestamp.state import Record, State, lease_prefix
from facestamp.subject import Subject, find
from facestamp.summary import summary

_CHANGED = frozenset({"PreconditionFailed", "NoSuchKey", "NoSuchCopySource"})

Outcome = Literal["stamped", "recorded", "already", "outside", "gone"]
"""`recorded`: COS takes no stamp on this object; `outside`: not this route's; `gone`: changed or deleted meanwhile."""


@dataclass(frozen=True)
class End:
    """How a record ended."""

    outcome: Outcome
    first: bool = True
    """Nobody has worked on this content before, as far as the leases tell."""


class Unfinished(Exception):
    """Some operations have no final answer yet; holds why, and all that is known has been kept."""

    def __init__(self, errors: tuple[ServiceError, ...], busy: bool = False) -> None:
        super().__init__(", ".join(f"{error.action}: {error.code}" for error in errors) or "a person's chain is busy")
        self.errors = errors
        self.busy = busy


@dataclass(frozen=True)
class Pipeline:
    """One invocation's route and seams."""

    settings: Settings
    cos: Cos
    state: State
    desk: WorkDesk
    pool: ThreadPoolExecutor
    beside: list[Future[None]] = field(default_factory=list)
    """The operations under way; each ends when its answer has been kept."""

    def run(self, upload: Upload) -> End:
        """Take one record of an event to its end.

        Raises `Busy`, `Unfinished` or `ServiceError`; what was learned until then is kept.
        """
        subject = find(upload, self.settings, self.cos, self.pool)
        if subject is None:
            return End("outside")
        present = stamp.read(subject.look.headers)
        genuine = present is not None and present.identity == subject.look.identity and present.plan == subject.plan
        if genuine:
            if _from_us(upload, subject.look):
                return End("already")
            # It may have come with the upload, and counts only if the record says the same.
            earlier = self.state.record(subject.photo)
            if earlier and not self._missing(subject, _lasting(earlier.answers)):
                return End(self._stamp(subject, earlier))
        try:
            record, first = self._record(subject)
        except Unfinished:
            if self._still(subject):
                raise
            # What was answered until then may be about the new content.
            self.state.forget(subject.photo)
            return End("gone", first=False)
        outcome = self._stamp(subject, record)
        self._kept()
        return End(outcome, first)

    def _record(self, subject: Subject) -> tuple[Record, bool]:
        """Steps 2 to 4: the complete record, from the state bucket as far as it is there; and if this began it."""
        claimant = Claimant(self.desk.token, subject.plan, self.desk.seconds())
        prefix = lease_prefix(subject.photo)
        known: dict[str, Answer] = {}
        lease = create(self.state, prefix, 1, claimant)
        first = lease is not None
        if lease is None:
            earlier = self.state.record(subject.photo)
            known = _lasting(earlier.answers) if earlier else {}
            if earlier and not self._missing(subject, known):
                return earlier, first
            lease = follow(self.state, prefix, claimant, ended=earlier.lease if earlier else 0)
            known = {**_lasting(self.state.answers(subject.photo)), **known}
        refusal = subject.refusal()
        if refusal:
            missing = self._missing(subject, known)
            known.update({code: _answered(operation, {"Error": refusal}) for code, operation in missing.items()})
        else:
            known.update(self._ask(subject, self._missing(subject, known), lease))
        photo = {"bucket": self.settings.bucket, "key": subject.key, "identity": subject.look.identity}
        record = Record(photo, known, lease.generation)
        try:
            self.state.keep_record(subject.photo, record)
        except ServiceError:
            for code, answer in known.items():
                self.state.keep_answer(subject.photo, code, answer)
            end(self.state, lease)
            raise
        return record, first

    def _missing(self, subject: Subject, known: Mapping[str, Answer]) -> dict[str, Operation]:
        wanted = {operation.digest(subject.person_id): operation for operation in self.settings.operations}
        return {code: operation for code, operation in wanted.items() if code not in known}

    def _ask(self, subject: Subject, missing: Mapping[str, Operation], lease: Lease) -> dict[str, Answer]:
        """Step 4: ask side by side; keep each answer as it comes, but leave the last to the record.

        Raises `Unfinished` with what is missing, after all that is known has been kept and the lease given back.
        """
        bucket, key, rendering = self.settings.bucket, subject.key, subject.rendering
        photo = Photo(
            bucket=bucket,
            key=key,
            identity=subject.look.identity,
            as_stored=not rendering,
            url=lambda: self.cos.address(bucket, key, rendering),
            base64=lambda: base64.b64encode(self.cos.read(bucket, key, rendering)).decode(),
            person_id=subject.person_id,
        )
        results: queue.Queue[tuple[str, Answer | BaseException]] = queue.Queue()
        waiting = set(missing)

        def ask(code: str, operation: Operation) -> None:
            try:
                answer = _answered(operation, _final(operation, photo, self.desk))
            except BaseException as error:
                results.put((code, error))
                return
            results.put((code, answer))
            waiting.discard(code)
            # One that failed waits for ever, so then every answer is kept.
            if waiting:
                self.state.keep_answer(subject.photo, code, answer)

        answers: dict[str, Answer] = {}
        errors: dict[str, BaseException] = {}
        self.beside.extend(self.pool.submit(ask, code, operation) for code, operation in missing.items())
        subject.acl.start()
        for _ in missing:
            code, result = results.get()
            if isinstance(result, BaseException):
                errors[code] = result
            else:
                answers[code] = result
        if errors:
            not_kept = [error for error in (future.exception() for future in self.beside) if error]
            end(self.state, lease)
            raise _unfinished([*(errors[code] for code in missing if code in errors), *not_kept])
        return answers

    def _kept(self) -> None:
        """Raise where an answer was not kept for want of a permission: the record has it, but somebody must act."""
        for error in (future.exception() for future in self.beside):
            if isinstance(error, ServiceError) and error.verdict is Verdict.OPERATOR:
                raise error

    def _stamp(self, subject: Subject, record: Record) -> Outcome:
        """Step 5. The photo may have changed meanwhile: then its own event will come, and nothing is left on it."""
        told = summary(subject, self.settings.operations, record.answers)
        look, acl = subject.look, subject.acl.result
        for _ in range(3):
            lines = stamp.write(told, stamp.room_beside(look.headers))
            there = {name: value for name, value in look.headers.items() if name in stamp.NAMES}
            if obstacle(look):
                return "recorded"
            if lines is None and not there:
                return "recorded" if self._still(subject) else self._forget(subject, record)
            if there == lines:
                return "already"
            try:
                # Where there is no room for a stamp, one that came with the upload goes all the same.
                restamp(self.cos, self.settings.bucket, subject.key, look, lines or {}, acl())
                return "stamped" if lines else "recorded"
            except Unstampable:
                return "recorded"
            except ServiceError as error:
                if error.code not in _CHANGED:
                    raise
                refused = error
            now = self._still(subject)
            if now is None:
                return self._forget(subject, record)
            # Whoever wrote it anew may have given it another ACL.
            look, acl = now, lambda: self.cos.acl(self.settings.bucket, subject.key)
        raise refused

    def _still(self, subject: Subject) -> Look | None:
        """The object as it is now, if its content is still the one that we work on."""
        try:
            look = self.cos.look(self.settings.bucket, subject.key)
        except ServiceError as error:
            if error.code != "NoSuchKey":
                raise
            return None
        return look if look.identity == subject.look.identity else None

    def _forget(self, subject: Subject, record: Record) -> Outcome:
        """Leave nothing behind: the services may have seen the new content, and a deleted photo's faces are nobody's.

        The lease is over first, so that the same content can come again.
        """
        self.state.create(part(lease_prefix(subject.photo), record.lease, "outcome"), {})
        self.state.forget(subject.photo)
        return "gone"


def _from_us(upload: Upload, look: Look) -> bool:
    """Whether a stamp on the object can only be ours, so that the record need not be asked.

    The event lists the metadata that came with the upload, so a stamp that it does not list was put on later. A
    multipart upload's event may list none; but our copy leaves a plain ETag, so a stamp beside a multipart one is not
    ours. Nor does any document say that a form's fields are listed.
    """
    sent = upload.cos.object.meta
    if sent is None or upload.event.name.endswith(":Post") or re.search(r"-\d+\"?$", look.etag):
        return False
    return not any(name.lower() in stamp.NAMES for name in sent)


def _final(operation: Operation, photo: Photo, desk: WorkDesk) -> Answer:
    """The operation's answer, or its error if no other try could end otherwise; raises the others."""
    try:
        answer = operation.ask(photo, desk)
    except ServiceError as error:
        if error.code in _CHANGED:
            # It says nothing about the photo, should that come back.
            raise ServiceError(
                error.service, error.action, error.code, request_id=error.request_id, verdict=Verdict.RETRY
            ) from None
        if error.verdict is not Verdict.REJECT and error.code not in NO_FACE:
            raise
        return {"Error": error.code}
    operation.read(answer)
    return answer


def _answered(operation: Operation, answer: Answer) -> Answer:
    """An answer as it is kept, with what was asked."""
    return {"Operation": operation.name, "Parameters": operation.model_dump(by_alias=True), "Response": answer}


def _lasting(answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """The answers that still hold: a refusal that spoke of the person may be otherwise by now."""
    return {
        code: answer for code, answer in answers.items() if answer["Response"].get("Error") not in PERSON_MAY_CHANGE
    }


def _unfinished(errors: Iterable[BaseException]) -> BaseException:
    """One exception for all that went wrong; something that nobody expected goes first."""
    known: list[Any] = []
    for error in errors:
        if not isinstance(error, (ServiceError, Busy)):
            return error
        known.append(error)
    told = tuple(error for error in known if isinstance(error, ServiceError))
    return Unfinished(told, busy=len(told) < len(known))
