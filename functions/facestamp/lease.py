"""Who may do this now: generations of objects that are created if absent, never overwritten and never deleted.

A person's chain alone overwrites some (`facestamp.chain`), and never a lock.

A lease is the object `<prefix>/<generation>/lock`, and it is the intent: one without an outcome can be listed and
found. Whoever creates the next generation holds it, until the time that it names. A newcomer takes over by creating
the generation after it, once the newest one has an outcome or has been over for `SETTLE` seconds. Time is COS's, never
the function's. Generations are numbered downwards, so that a listing meets the newest first.

The bucket must never have had versioning: `x-cos-forbid-overwrite` does nothing there (COS 436/7749).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

SETTLE = 10.0
"""Seconds after a lease's end in which its holder's last call may still take effect: CreateFace's 5, doubled."""

_HIGHEST = 99_999_999


class Store(Protocol):
    """What leases need of the state bucket."""

    def create(self, key: str, body: Mapping[str, Any]) -> bool:
        """Create the object; False if there is one of that key."""

    def kept(self, key: str) -> dict[str, Any] | None:
        """The object's body, or None."""

    def keys(self, prefix: str, after: str = "") -> list[str]:
        """Up to 1,000 keys in order, from the first one after `after`."""

    def now(self) -> float:
        """COS's time in seconds."""


class Busy(Exception):
    """Somebody else holds the lease; `same` if for the same claim, whose own event will be tried again."""

    def __init__(self, same: bool) -> None:
        super().__init__("another invocation is working on this")
        self.same = same


class Claimant(NamedTuple):
    """Who asks, for what, and for how long."""

    token: str
    """Unique to this attempt: it tells a lost reply from a rival's success."""
    claim: str
    """What the lease is wanted for; the same for every event that wants the same work done."""
    seconds: float


class Lease(NamedTuple):
    """A generation that we hold."""

    prefix: str
    generation: int
    not_after: float

    def part(self, name: str) -> str:
        """Key of one of this generation's objects."""
        return part(self.prefix, self.generation, name)


class Generations(NamedTuple):
    """What a listing showed: the newest generation, and those without an outcome, the newest first."""

    newest: int = 0
    open: tuple[int, ...] = ()
    settled: int = 0
    """The newest generation that has an outcome; those before it have one too."""
    marked: frozenset[int] = frozenset()
    """Open generations that hold a `before`."""


def part(prefix: str, generation: int, name: str) -> str:
    """Key of one object of a generation: its `lock`, `before` or `outcome`."""
    return f"{prefix}/{_HIGHEST - generation:08d}/{name}"


def create(store: Store, prefix: str, generation: int, claimant: Claimant) -> Lease | None:
    """Take a generation; None if it is somebody else's."""
    lease = Lease(prefix, generation, store.now() + claimant.seconds)
    body = {"token": claimant.token, "claim": claimant.claim, "not_after": lease.not_after}
    if store.create(lease.part("lock"), body):
        return lease
    held = store.kept(lease.part("lock"))
    return lease if held and held["token"] == claimant.token else None


def parts_back_to(store: Store, prefix: str, name: str) -> dict[int, set[str]]:
    """The names of each generation's parts, back to the newest generation that has one of this name, at least."""
    parts: dict[int, set[str]] = {}
    after = ""
    while True:
        page = store.keys(f"{prefix}/", after)
        for key in page:
            number, _, found = key[len(prefix) + 1 :].partition("/")
            if number.isdigit():
                parts.setdefault(_HIGHEST - int(number), set()).add(found)
        if len(page) < 1000 or any(name in names for names in parts.values()):
            return parts
        after = page[-1]


def look(store: Store, prefix: str) -> Generations:
    """List the generations, back to the newest one that has an outcome."""
    parts = parts_back_to(store, prefix, "outcome")
    settled = max((n for n, names in parts.items() if "outcome" in names), default=0)
    open_ = tuple(sorted((n for n in parts if n > settled), reverse=True))
    marked = frozenset(n for n in open_ if "before" in parts[n])
    return Generations(max(parts, default=0), open_, settled, marked)


def succeed(store: Store, prefix: str, claimant: Claimant, seen: Generations, ended: int = 0) -> Lease | None:
    """Take the generation after those `seen`; None if a rival did. Raises `Busy`.

    Generations up to `ended` are known to be over, though they have no outcome here.
    """
    if seen.newest > ended and seen.newest in seen.open:
        see_over(store, prefix, claimant, seen.newest)
    return create(store, prefix, seen.newest + 1, claimant)


def see_over(store: Store, prefix: str, claimant: Claimant, generation: int) -> float:
    """For how many seconds a generation that has no outcome is over; raises `Busy` if it is not."""
    held = store.kept(part(prefix, generation, "lock")) or {}
    since = store.now() - held.get("not_after", 0) - SETTLE
    if held.get("token") != claimant.token and since < 0:
        raise Busy(same=held.get("claim") == claimant.claim)
    return float(since)


def follow(store: Store, prefix: str, claimant: Claimant, ended: int = 0) -> Lease:
    """Take the next generation, whatever it takes; raises `Busy`."""
    lease = None
    while lease is None:
        lease = succeed(store, prefix, claimant, look(store, prefix), ended)
    return lease


def end(store: Store, lease: Lease) -> None:
    """Give the lease back without a result, so that the next attempt need not wait for its end."""
    store.create(lease.part("outcome"), {})
