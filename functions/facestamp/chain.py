"""A person's chain: one turn after another, and what each left behind.

A turn is a generation of `facestamp.lease`. It ends in an outcome, which carries the whole ledger. A holder whose call
was not answered writes none; whoever comes next, once the call can have no more effect, sees by the person's faces what
it did.

Turns stay, for they are what tells a latecomer that there were others, but once one has its outcome, nobody needs what
is in those before it. So whoever deletes a face empties them (`Chain.clean`), and nothing is left that tells of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

from facestamp.codes import NO_TIME, PHOTO_FORGOTTEN
from facestamp.errors import ServiceError, Verdict
from facestamp.lease import Busy, Claimant, Generations, Lease, Store, look, part, parts_back_to, succeed
from facestamp.ledger import Ledger, recovered

NOT_APPLIED = frozenset(
    {
        *("FailedOperation.CreateFaceConcurrent", "FailedOperation.ConflictOperation"),
        *("FailedOperation.ImageDownloadError", "NoSuchKey", PHOTO_FORGOTTEN, NO_TIME),
    }
)
"""Refusals that say nothing of the photo, and are certain to have had no effect: it was not there to be added, or there
was no call.
"""

_CERTAIN = (Verdict.REJECT, Verdict.THROTTLE, Verdict.OPERATOR)
"""Verdicts on a call that had no effect."""

_AT_ONCE = 100
"""Turns after which `clean` notes how far it has come, so that a long chain is cleaned though the time runs out."""

Result = TypeVar("Result")


class ChainStore(Store, Protocol):
    """What chains need of the state bucket."""

    def keep(self, key: str, body: Mapping[str, Any]) -> None:
        """Write the object, over one of that key."""


class Chain(NamedTuple):
    """One person's turns."""

    store: ChainStore
    prefix: str
    """Where they are in the state bucket."""
    faces: Callable[[], frozenset[str] | None]
    """The ids of the person's faces now; None if there is no such person."""
    call_seconds: float
    """How long one call to the face service may take."""

    def look(self) -> tuple[Generations, Ledger]:
        """The turns there were, and what is known by the last one that ended."""
        seen = look(self.store, self.prefix)
        return seen, self._kept(seen.settled)

    def take(self, claimant: Claimant, seen: Generations, ledger: Ledger) -> Turn | None:
        """The turn after those seen; None if a rival took it. Raises `Busy`."""
        lease = succeed(self.store, self.prefix, claimant, seen)
        if lease is None:
            return None
        if seen.open:
            ledger = self._resolve(lease.generation)
        try:
            faces = self.faces()
        except ServiceError:
            self.settle(lease.generation, claimant.claim, ledger)
            raise
        known = ledger.standing(faces, self.store.now()).explaining(faces or frozenset())
        return Turn(self, lease, claimant.claim, known, faces)

    def turn(self, claimant: Claimant) -> Turn:
        """The next turn; raises `Busy`."""
        turn = None
        while turn is None:
            turn = self.take(claimant, *self.look())
        return turn

    def settle(self, generation: int, claim: str, ledger: Ledger) -> Ledger:
        """Write a turn's outcome; the ledger up to it, which is another's if that came first."""
        if self.store.create(part(self.prefix, generation, "outcome"), {"claim": claim, **ledger.body()}):
            return ledger
        return self._kept(generation)

    def clean(self, generation: int) -> None:
        """See to it that no turn up to this one tells of a face but by its outcome, which it has.

        What they hold is written over, and never deleted, for a latecomer creates what is not there.
        """
        turns = parts_back_to(self.store, self.prefix, "clean")
        since = max((turn for turn, names in turns.items() if "clean" in names), default=0)
        for count, turn in enumerate(sorted(turn for turn in turns if since <= turn <= generation), 1):
            if turn < generation:
                self.store.keep(part(self.prefix, turn, "outcome"), Ledger().body())
            if turn > since:
                self.store.keep(part(self.prefix, turn, "before"), {"faces": [], "claims": []})
            if turn == generation or count % _AT_ONCE == 0:
                self.store.create(part(self.prefix, turn, "clean"), {})

    def _resolve(self, mine: int) -> Ledger:
        """Give every earlier turn that is still open its outcome, by looking at the person's faces."""
        # Listed and read again: an earlier holder may have written its outcome after the first listing.
        seen, ledger = self.look()
        for generation in sorted(n for n in seen.open if n < mine):
            claim = (self.store.kept(part(self.prefix, generation, "lock")) or {})["claim"]
            if generation in seen.marked:
                before = self.store.kept(part(self.prefix, generation, "before")) or {}
                faces = self.faces()
                there = faces or frozenset()
                new = there - frozenset(before["faces"]) - ledger.accounted
                told = recovered(before.get("claims", [claim]), new)
                now = self.store.now()
                ledger = ledger.knowing(told, now).standing(faces, now).explaining(there)
            ledger = self.settle(generation, claim, ledger)
        return ledger

    def _kept(self, generation: int) -> Ledger:
        if not generation:
            return Ledger()
        return Ledger.of(self.store.kept(part(self.prefix, generation, "outcome")) or {})


class Turn(NamedTuple):
    """A generation that we hold, with nothing open before it."""

    chain: Chain
    lease: Lease
    claim: str
    ledger: Ledger
    """What is known, of faces that are still there."""
    faces: frozenset[str] | None
    """The person's, now; None if there is no such person."""

    def end(self, ledger: Ledger) -> Ledger:
        """Give the turn back with this ledger; the one that stands."""
        return self.chain.settle(self.lease.generation, self.claim, ledger)

    def clean(self) -> None:
        """Empty all turns up to this one, which has been given back."""
        self.chain.clean(self.lease.generation)

    def call(self, claims: Iterable[str], make: Callable[[], Result], seconds: float = 0.0) -> Result:
        """Write down what is about to be done, and do it, if it fits before the lease's end.

        `claims` are the photos that become faces. The turn is given back if the call certainly had no effect, and stays
        open if nobody knows. Raises `Busy`, `ServiceError`.
        """
        store = self.chain.store
        store.create(self.lease.part("before"), {"faces": sorted(self.faces or ()), "claims": list(claims)})
        if store.now() + (seconds or self.chain.call_seconds) > self.lease.not_after:
            self.end(self.ledger)
            raise Busy(same=False)
        try:
            return make()
        except ServiceError as error:
            if error.verdict in _CERTAIN or error.code in NOT_APPLIED:
                self.end(self.ledger)
            raise
