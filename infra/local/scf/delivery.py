"""The asynchronous queue: at least once, tried again as documented, and as disorderly as a test wants it.

Each message waits until it is due, by the cloud's clock. A failed run is tried again a minute later, RetryNum times;
a platform error every minute until MsgTTL is over; an error of the request not at all (SCF 583/41138). What is given
up goes to the dead letters. A message keeps its request id and its exact event through all tries.

Waits cost nothing when the queue is `fast`: whenever nothing runs and nothing is due, the clock is moved on to the next
message. It never moves while an invocation runs, since a function's own time is real.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Final

from infra.local.clock import Clock
from infra.local.events import ObjectEvent
from infra.local.scf.outcome import Outcome

RETRY_SECONDS: Final = 60.0
"""Between two tries, whatever failed."""
POLL_SECONDS: Final = 0.2
"""How often a queue that is not fast looks whether someone has moved the clock."""


@dataclass(frozen=True)
class Chaos:
    """How COS events misbehave, drawn from a seed: none of it is ruled out by the documents."""

    seed: int
    duplicate: float = 0.0
    """The share of events that come twice."""
    delay: tuple[float, float] = (0.0, 0.0)
    """Seconds that an event takes to arrive, from and to."""
    reorder: float = 0.0
    """The share of events that are held back until those of the next second are through."""


@dataclass
class Message:
    """One event on its way to one function."""

    function: str
    source: str
    queue: str
    """Which trigger's queue it is in."""
    payload: str
    """The event's JSON; empty until it is built from `parts` for the first try."""
    queued: float
    """The cloud clock's seconds."""
    due: float = 0.0
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    attempt: int = 1
    failures: int = 0
    """Failed runs, which RetryNum limits; platform errors do not count."""
    parts: list[tuple[ObjectEvent, str]] = field(default_factory=list)
    """What the payload is made of: object events, each with the event that its trigger subscribed to."""


@dataclass(frozen=True)
class Patience:
    """How long a function's messages are tried."""

    retries: int
    seconds: float


class Delivery:
    """The queues of all triggers, one thread that watches them, and up to `limit` runs side by side."""

    def __init__(
        self,
        clock: Clock,
        perform: Callable[[Message], tuple[Outcome, Patience]],
        bury: Callable[[Message, Outcome], None],
        *,
        fast: bool,
        limit: int,
    ) -> None:
        self.fast = fast
        self.merge = 1
        """How many messages of one queue may be merged in one event."""
        self._clock, self._perform, self._bury, self._limit = clock, perform, bury, limit
        self._queue: list[tuple[float, int, Message]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._running: list[str] = []
        self._busy = self._held = 0
        self._closed = False
        self._broken: BaseException | None = None
        self._random, self._chaos = Random(), Chaos(0)  # noqa: S311 -- disorder from a seed, nothing secret
        self._pool = ThreadPoolExecutor(max_workers=limit, thread_name_prefix="scf-run")
        self._thread = threading.Thread(target=self._watch, name="scf-delivery", daemon=True)
        self._thread.start()

    def disturb(self, chaos: Chaos | None) -> None:
        """Misbehave from now on; None ends it."""
        with self._changed:
            self._chaos = chaos or Chaos(0)
            self._random.seed(self._chaos.seed)

    def send(self, message: Message, *, orderly: bool = False) -> None:
        """Queue a message; unless `orderly`, the chaos in force may double, delay or reorder it."""
        with self._changed:
            copies = [message]
            if not orderly and self._random.random() < self._chaos.duplicate:
                copies.append(
                    Message(
                        message.function,
                        message.source,
                        message.queue,
                        message.payload,
                        message.queued,
                        parts=list(message.parts),
                    )
                )
            for copy in copies:
                wait = 0.0 if orderly else self._random.uniform(*self._chaos.delay)
                if not orderly and self._random.random() < self._chaos.reorder:
                    wait += self._chaos.delay[1] + 1.0
                self._put(copy, self._clock.now() + wait)

    def settle(self, seconds: float) -> None:
        """Wait, in real time, until nothing is queued or running; raises TimeoutError that names what is left."""
        with self._changed:
            done = self._changed.wait_for(self._settled, seconds)
            if self._broken is not None:
                broken, self._broken = self._broken, None
                raise broken
            if not done:
                queued = [f"{m.function} ({m.source}, attempt {m.attempt})" for _, _, m in sorted(self._queue)]
                raise TimeoutError(
                    f"after {seconds} s: running {self._running or 'nothing'} and {self._busy} synchronous;"
                    f" queued {queued or 'nothing'}"
                )

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Start nothing new meanwhile, so that what arrives can be merged, reordered, or seen to wait."""
        with self._changed:
            self._held += 1
        try:
            yield
        finally:
            with self._changed:
                self._held -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """A synchronous run: the clock stays while it lasts."""
        with self._changed:
            self._busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def forget(self, function: str) -> None:
        """Drop what is queued for a function."""
        with self._changed:
            self._queue = [entry for entry in self._queue if entry[2].function != function]
            heapq.heapify(self._queue)
            self._changed.notify_all()

    def stop(self) -> None:
        """Start nothing any more; what runs is left to end, or to be ended."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
        self._thread.join()

    def close(self) -> None:
        """`stop`, and wait for what runs."""
        self.stop()
        self._pool.shutdown()

    def _settled(self) -> bool:
        return self._broken is not None or not (self._queue or self._running or self._busy)

    def _put(self, message: Message, due: float) -> None:
        message.due = due
        heapq.heappush(self._queue, (due, next(self._order), message))
        self._changed.notify_all()

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                self._changed.wait(self._step())

    def _step(self) -> float | None:
        """Start what is due; how long to wait then, at most."""
        if self._held:
            return None
        while self._queue and len(self._running) < self._limit:
            wait = self._queue[0][0] - self._clock.now()
            if wait > 0 and self.fast and not self._running and not self._busy:
                self._clock.skip(wait)
            elif wait > 0:
                break
            else:
                self._start(heapq.heappop(self._queue)[2])
        return POLL_SECONDS if self._queue and not self.fast else None

    def _start(self, message: Message) -> None:
        while len(message.parts) < self.merge and self._queue:
            due, _, other = self._queue[0]
            if other.queue != message.queue or due > self._clock.now() or message.payload or other.payload:
                break
            message.parts += heapq.heappop(self._queue)[2].parts
        self._running.append(message.request_id)
        self._pool.submit(self._run, message)

    def _run(self, message: Message) -> None:
        try:
            outcome, patience = self._perform(message)
            again = _again(message, outcome, patience, self._clock.now())
            if not outcome.ok and not again:
                self._bury(message, outcome)
        except BaseException as error:
            with self._changed:
                self._broken, again = error, False
        with self._changed:
            if again and not self._closed:
                message.attempt += 1
                self._put(message, self._clock.now() + RETRY_SECONDS)
            self._running.remove(message.request_id)
            self._changed.notify_all()


def _again(message: Message, outcome: Outcome, patience: Patience, now: float) -> bool:
    if outcome.retry == "counted":
        message.failures += 1
        if message.failures > patience.retries:
            return False
    return outcome.retry != "none" and now + RETRY_SECONDS <= message.queued + patience.seconds
