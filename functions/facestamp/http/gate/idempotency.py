"""A changing request is done once, however often it is sent: its answer is kept beside its Idempotency-Key.

The key is the caller's own; the same key of another caller is another. What is kept are generations of leases
(`facestamp.lease`) in the state bucket, under `requests/<window>/<caller and key>`; an outcome holds the answer.

| what is found under the key           | what becomes of the request                             |
|---------------------------------------|---------------------------------------------------------|
| nothing                               | it is done, and its answer kept                         |
| an answer to the same request         | it is sent once more, with `Idempotent-Replayed: true`  |
| another request, done or under way    | 409, conflict                                           |
| the same one, under way               | 409, busy: try again                                    |
| one that broke off, or failed for now | it is done                                              |

Kept are successes and final refusals. What is refused before the work begins (401, 403, a wrong parameter) and what may
pass (409 busy, 429, 5xx) is not, so that trying again really tries. An attempt that broke off may have had its effect;
the operations bear that, as CreateFace goes through the person's chain and the others meet an id that exists.

A window is as long as a signature can be replayed, twice over. A request looks at its own and at the one before, so an
answer is remembered for one to two windows, and what is older than a day can expire. Windows are of COS's time: whoever
has created a lease in a window that is over, or by a clock that is wrong, begins again, so that nobody is overlooked
where one ends.

It costs three requests to COS (the lease, a listing, the answer), and four where an answer is sent once more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from facestamp.errors import ServiceError, sentence
from facestamp.http.gate.authentication import WINDOW as REPLAY
from facestamp.http.replies.problems import CONFLICT, Problem
from facestamp.http.replies.refusals import problem_of
from facestamp.http.replies.reply import Reply
from facestamp.lease import SETTLE, Busy, Claimant, Lease, Store, create, end, follow, look, part
from facestamp.log import Log

WINDOW = 2 * REPLAY
"""Seconds for which an answer is remembered, at least."""

ROOM = "requests"
"""The folder of the state bucket."""


@dataclass(frozen=True)
class Once:
    """One changing request."""

    store: Store
    name: str
    """What stands for the caller and the key: fixed length, and safe in an object's key."""
    claimant: Claimant
    """Its claim is what stands for the request itself."""
    log: Log

    def reply(self, work: Callable[[], Reply]) -> Reply:
        """Do the work, unless that was done before. Raises what the work raises, `Busy`, and `Problem`."""
        lease, earlier = self._begin()
        if lease is None:
            return Reply.once_more(earlier)
        try:
            reply = work()
        except Exception as error:
            problem = problem_of(error)
            final = problem.kind.status < 500 and not problem.kind.retry
            self._keep(lease, Reply.refusing(problem) if final else None)
            raise
        self._keep(lease, reply)
        return reply

    def _begin(self) -> tuple[Lease | None, Mapping[str, Any]]:
        """The lease, or what was kept of the answer."""
        timed = False
        while True:
            window = self._window()
            here, before = (f"{ROOM}/{number}/{self.name}" for number in (window, window - 1))
            lease = None if timed else create(self.store, here, 1, self.claimant)
            if lease is None and self._window() == window:
                if earlier := self._earlier(here):
                    return None, earlier["reply"]
                lease = follow(self.store, here, self.claimant)
            # Only an answer of COS's tells the time for sure, and some of it has passed.
            if lease is None or self._window() != window or self._mistimed(lease):
                if lease:
                    end(self.store, lease)
                timed = True
                continue
            try:
                # Whoever had the turn before ours may have ended it since we looked.
                earlier = self._outcome(here, lease.generation - 1) or self._earlier(before)
            except Exception:
                end(self.store, lease)
                raise
            if earlier:
                self.store.create(lease.part("outcome"), earlier)
                return None, earlier["reply"]
            return lease, {}

    def _mistimed(self, lease: Lease) -> bool:
        """Whether the lease's end was told by a clock that is not COS's: others would take it for over, or wait."""
        return abs(self.store.now() + self.claimant.seconds - lease.not_after) > SETTLE / 2

    def _window(self) -> int:
        return int(self.store.now() // WINDOW)

    def _earlier(self, prefix: str) -> Mapping[str, Any]:
        """The outcome of an earlier attempt, if it holds an answer."""
        seen = look(self.store, prefix)
        if seen.newest in seen.open:
            held = self.store.kept(part(prefix, seen.newest, "lock")) or {}
            self._agree(held)
            if held and self.store.now() < held["not_after"] + SETTLE:
                raise Busy(same=True)
            return {}
        return self._outcome(prefix, seen.newest)

    def _outcome(self, prefix: str, generation: int) -> Mapping[str, Any]:
        outcome = (self.store.kept(part(prefix, generation, "outcome")) or {}) if generation else {}
        self._agree(outcome)
        return outcome

    def _agree(self, found: Mapping[str, Any]) -> None:
        if found and found["claim"] != self.claimant.claim:
            raise Problem(CONFLICT, "Choose another Idempotency-Key: this one was sent with another request.")

    def _keep(self, lease: Lease, reply: Reply | None) -> None:
        """Write the outcome. The answer goes out even where this fails; then the lease ends by itself."""
        try:
            if reply:
                self.store.create(lease.part("outcome"), {"claim": self.claimant.claim, "reply": reply.kept()})
            else:
                end(self.store, lease)
        except ServiceError as error:
            self.log.error(sentence(error), action=f"{error.service}:{error.action}", code=error.code)
