"""Forgetting a photo: its faces leave the person library, its record is emptied, and its stamp says no more.

1. Look at the object: what content it has. Of a photo that is deleted or replaced, the caller names the content.
2. Take the lease on that content, once nobody is at work on it, or can still be about to put a stamp on.
3. Put `forgotten` in the record's place, before anything else: whatever happens from here on, no answer comes back, and
   a late event ends there. It keeps whose faces may still have to be deleted.
4. Withdraw every face that the content became, through each person's chain, which also finds a face of which no answer
   was ever heard. The persons are the route's, and those for whom a request named the photo: each request writes that
   down first, and adds the photo only if, in its turn, it finds no such record as 3. left. By Tencent's rule a person
   has at least one face: with the last one the person goes.
5. Delete the answers on their way, and the dead letter.
6. Write the stamp `forgotten`, with everything of the uploader's. Where COS takes none (archived, locked, encrypted
   with the uploader's own key), what is in the state bucket has to do, and a stamp from before stays.

What is left are names without a face: leases, turns, and the record that says `forgotten`. What the API answered to a
request with an Idempotency-Key goes by itself within a day.

A crash anywhere leaves something that forgetting again finishes, once the lease is over. The same bytes uploaded later
are another photo: they come without the stamp, and where it cannot be, after `Forgotten.until`. Bytes that one person
has under two keys are one face, which both lose.

A window remains: a photo that was uploaded with a stamp of ours among its headers, and is forgotten in the moment in
which that is about to be corrected, is stamped anew if this falls into the same second, or if If-Match alone decides
(`facestamp.restamp`). No record confirms that stamp, and forgetting again takes it off.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from facestamp import stamp
from facestamp.cos import Cos, Look
from facestamp.desk import WorkDesk
from facestamp.enrolment import Wanted, Withdrawn
from facestamp.errors import ServiceError
from facestamp.lease import Claimant, Lease, end, follow, part, parts_back_to, see_over
from facestamp.lease import look as generations
from facestamp.operations.base import plan
from facestamp.operations.create_face import CreateFace, person_id_refusal
from facestamp.restamp import obstacle, put
from facestamp.settings import Settings
from facestamp.state import Answer, Forgotten, Record, State, lease_prefix, object_name, photo_name
from facestamp.subject import still
from facestamp.summary import forgotten

_LONGEST = 900.0
"""Seconds that a function can run (CreateFunction's Timeout): whoever began before one that has been over for so long
is over, too.
"""


@dataclass(frozen=True)
class Erased:
    """What became of a photo that is forgotten."""

    identity: str
    """Of the content that is forgotten."""
    outcome: Literal["stamped", "recorded", "gone"]
    """`recorded`: COS takes no stamp on this object; `gone`: there is no object of this content any more."""
    people: Mapping[str, Withdrawn]
    """Who may have been enrolled, by PersonId, and what was deleted of them."""


@dataclass(frozen=True)
class _Content:
    """One content of one photo."""

    key: str
    identity: str
    name: str
    """In the state bucket."""
    look: Look | None
    """None if the object is gone, or has other content."""
    plan: str
    person_id: str


@dataclass(frozen=True)
class Eraser:
    """One invocation's route and seams."""

    settings: Settings
    cos: Cos
    state: State
    desk: WorkDesk

    def forget(self, key: str, identity: str = "") -> Erased:
        """Forget what the object of this key shows, or what it showed when it had this content.

        Raises `Busy`, or `ServiceError`: NoSuchKey for a photo that is not there, or of whose content nothing is known.
        """
        content = self._content(key, identity)
        record = self.state.record(content.name)
        lease = self._lease(content, record)
        try:
            return self._forget(content, record)
        finally:
            # Should this fail, then the lease is over when its time is.
            with suppress(ServiceError):
                end(self.state, lease)

    def _content(self, key: str, identity: str) -> _Content:
        try:
            look: Look | None = self.cos.look(self.settings.bucket, key, first=1)
        except ServiceError as error:
            if error.code != "NoSuchKey" or not identity:
                raise
            look = None
        if look and identity not in ("", look.identity):
            look = None
        identity = look.identity if look else identity
        name = photo_name(self.settings.route, self.settings.bucket, key, identity)
        if look is None and not (generations(self.state, lease_prefix(name)).newest or self.state.asked(name)):
            raise ServiceError("cos", "GetObject", "NoSuchKey")
        person_id = self.settings.person(key)
        return _Content(key, identity, name, look, plan(self.settings.operations, person_id), person_id)

    def _lease(self, content: _Content, record: Record | None) -> Lease:
        """The next generation; raises `Busy`.

        Whoever wrote a record may still be about to put its stamp on, until the time of that lease is over. Only a
        stamp that is there, or cannot be, tells otherwise, and only of one: of two, nobody knows whose it is.
        """
        look = content.look
        there = stamp.read(look.headers) if look else None
        stamped = there is not None and (there.identity, there.plan) == (content.identity, content.plan)
        over = record.lease if record and (stamped or not look or obstacle(look)) else 0
        claimant = Claimant(self.desk.token, "forget", self.desk.seconds())
        prefix = lease_prefix(content.name)
        parts = parts_back_to(self.state, prefix, "outcome")
        without = [generation for generation in sorted(parts, reverse=True) if "outcome" not in parts[generation]]
        if over and without == [over]:
            # Said outright, so that it counts no more when the same content comes again.
            self.state.create(part(prefix, over, "outcome"), {})
            return follow(self.state, prefix, claimant)
        for generation in without:
            if see_over(self.state, prefix, claimant, generation) > _LONGEST:
                break
        return follow(self.state, prefix, claimant)

    def _forget(self, content: _Content, record: Record | None) -> Erased:
        """Steps 3 to 6."""
        answers = {**self.state.answers(content.name), **(record.answers if record else {})}
        people = {*_enrolled(answers), *(record.forgotten.pending if record and record.forgotten else ())}
        tombstone = Forgotten(_until(content, record), tuple(sorted(people)))
        self._keep(content, tombstone)
        withdrawn = self._withdrawn(content, people)
        self.state.forget_answers(content.name)
        self.state.unbury(object_name(self.settings.route, self.settings.bucket, content.key))
        outcome = self._stamp(content)
        until = None
        if outcome == "recorded":
            now = still(self.cos, self.settings.bucket, content.key, content.identity)
            until, outcome = (now.modified, outcome) if now else (None, "gone")
        if outcome == "gone":
            # Nobody has this content any more, so nobody need know that it is forgotten.
            self.state.forget(content.name)
        elif tombstone != Forgotten(until):
            self._keep(content, Forgotten(until))
        return Erased(content.identity, outcome, withdrawn)

    def _keep(self, content: _Content, forgotten: Forgotten) -> None:
        photo = {"bucket": self.settings.bucket, "key": content.key, "identity": content.identity}
        # The lease has an outcome of its own: until then, nobody is to take it for over.
        self.state.keep_record(content.name, Record(photo, {}, 0, forgotten))

    def _withdrawn(self, content: _Content, people: set[str]) -> dict[str, Withdrawn]:
        """Withdraw the photo from these people, and from whom it may be enrolled for without our having heard of it."""
        # Only now that the record says so: whoever asks later finds that.
        asked = {key: told for key, told in self.state.asked(content.name).items() if told}
        people = people | {told["person"] for told in asked.values()}
        if any(isinstance(operation, CreateFace) for operation in self.settings.operations):
            people |= {content.person_id} if not person_id_refusal(content.person_id) else set()
        wanted = Wanted(contents=frozenset({content.identity}), person="if-last")
        withdrawn = {person_id: self.desk.withdraw(person_id, wanted) for person_id in sorted(people)}
        for key, told in asked.items():
            if content.look is None or told["modified"] <= content.look.modified:
                self.state.settle_asked(key)
        return withdrawn

    def _stamp(self, content: _Content) -> Literal["stamped", "recorded", "gone"]:
        if content.look is None:
            return "gone"
        told, bucket = forgotten(content.identity, content.plan), self.settings.bucket
        written = put(self.cos, bucket, content.key, told, content.look, lambda: self.cos.acl(bucket, content.key))
        return written if written in ("recorded", "gone") else "stamped"


def _enrolled(answers: Mapping[str, Answer]) -> set[str]:
    """The persons whose faces these answers became."""
    return {
        str(answer["Response"].get("PersonId", ""))
        for answer in answers.values()
        if answer["Operation"] == "CreateFace" and answer["Response"].get("SucFaceIds")
    }


def _until(content: _Content, record: Record | None) -> float | None:
    """When the object that is being forgotten was written, other than by forgetting it."""
    there = stamp.read(content.look.headers) if content.look else None
    if record and record.forgotten and there and there.status == "forgotten":
        return record.forgotten.until
    return content.look.modified if content.look else 0.0
