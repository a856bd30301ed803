"""CreateFace is never applied twice for one claim: every interleaving of the real protocol, in a small world.

Three workers enrol two photos for one person. Between any two of its requests a worker may be overtaken or crash; a
CreateFace may take effect although its reply is lost, and later than the crash; a reply of the state bucket may be lost
after the write. The world explores all of it: a worker is the protocol's own code, run again from the start with the
answers that it has had so far, up to the first request that it has not asked before.

What is assumed is what the protocol says: a call takes effect before its lease's end and the settling time, and nobody
else adds faces.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from facestamp.chain import Chain
from facestamp.enrolment import enrol
from facestamp.errors import NoAnswer, ServiceError
from facestamp.lease import Busy, Claimant
from facestamp.ledger import Answer

PREFIX = "enrolments/ada"
LEASE = 30.0
CALL = 8.0
SETTLED = 1000.0
"""Long enough for every lease to be over, settling time and all."""


class NotYet(BaseException):
    """The worker has come to a request that it has no answer to; nothing of the protocol may catch it."""

    def __init__(self, request: tuple[Any, ...]) -> None:
        super().__init__(request)
        self.request = request


class Lost:
    """A reply that never came."""


class Throttled:
    """A refusal that is certain not to have had an effect."""


@dataclass(frozen=True)
class Worker:
    """One invocation: what it wants, what it was answered so far, and how it ended."""

    number: int
    claim: str
    answers: tuple[Any, ...] = ()
    ended: str = ""
    result: Any = None


@dataclass(frozen=True)
class World:
    """The state bucket, the person's faces, calls under way, the time, and what may still go wrong."""

    workers: tuple[Worker, ...]
    crashes: int
    lost: int
    expiries: int
    objects: tuple[tuple[str, str], ...] = ()
    faces: tuple[str, ...] = ()
    under_way: tuple[str, ...] = ()
    """Claims whose CreateFace was sent, unanswered, and may take effect yet."""
    now: float = 0.0


class Replay:
    """A worker's state bucket and face service: gives the answers had so far, then stops it."""

    def __init__(self, answers: tuple[Any, ...]) -> None:
        self._answers = iter(answers)

    def _ask(self, *request: Any) -> Any:
        for answer in self._answers:
            return answer
        raise NotYet(request)

    def create(self, key: str, body: Mapping[str, Any]) -> bool:
        return bool(self._ask("create", key, json.dumps(body, sort_keys=True)))

    def kept(self, key: str) -> dict[str, Any] | None:
        text = self._ask("kept", key)
        return json.loads(text) if text else None

    def keys(self, prefix: str, after: str = "") -> list[str]:
        return list(self._ask("keys", prefix))

    def now(self) -> float:
        return float(self._ask("now"))

    def faces(self) -> frozenset[str]:
        return frozenset(self._ask("faces"))

    def create_face(self, claims: tuple[str, ...]) -> Answer:
        answer = self._ask("create_face")
        if answer is Lost:
            raise NoAnswer("iai", "CreateFace")
        if answer is Throttled:
            raise ServiceError("iai", "CreateFace", "RequestLimitExceeded")
        return {"SucFaceNum": 1, "SucFaceIds": [answer], "RetCode": [0]}


@cache
def step(worker: Worker) -> Worker | tuple[Any, ...]:
    """Run the worker on: its next request, or the worker as it ended."""
    replay = Replay(worker.answers)
    claimant = Claimant(f"token{worker.number}", worker.claim, LEASE)
    try:
        chain = Chain(replay, PREFIX, replay.faces, CALL)
        answer = enrol(chain, claimant, (worker.claim,), replay.create_face)[worker.claim]
    except NotYet as stopped:
        return stopped.request
    except (Busy, ServiceError) as error:
        return replace(worker, ended=type(error).__name__)
    return replace(worker, ended="answered", result=tuple(answer.get("SucFaceIds", ())) or answer["Error"])


def answered(world: World, worker: Worker, *answers: Any) -> World:
    """The world after the worker has had these answers, moved on to its next request that others can come between.

    An object that exists never changes, so reading it commutes with whatever the others do.
    """
    objects = dict(world.objects)
    worker = replace(worker, answers=(*worker.answers, *answers))
    following = step(worker)
    while not isinstance(following, Worker):
        if following[0] == "now" and not world.expiries:
            answer: Any = world.now
        elif following[0] == "kept" and following[1] in objects:
            answer = objects[following[1]]
        else:
            break
        worker = replace(worker, answers=(*worker.answers, answer))
        following = step(worker)
    worker = following if isinstance(following, Worker) else worker
    return replace(world, workers=tuple(worker if w.number == worker.number else w for w in world.workers))


def after(world: World, worker: Worker) -> Iterator[World]:
    """Every way in which the worker's next request can go."""
    request = step(worker)
    assert not isinstance(request, Worker)
    objects = dict(world.objects)
    match request:
        case ("create", key, body):
            if key in objects:
                yield answered(world, worker, False)
                return
            written = replace(world, objects=tuple(sorted({**objects, key: body}.items())))
            yield answered(written, worker, True)
            if world.lost:
                yield answered(replace(written, lost=world.lost - 1), worker, False)
        case ("kept", key):
            yield answered(world, worker, objects.get(key, ""))
        case ("keys", prefix):
            yield answered(world, worker, tuple(sorted(key for key in objects if key.startswith(prefix))))
        case ("now",):
            yield answered(world, worker, world.now)
        case ("faces",):
            yield answered(world, worker, world.faces)
        case ("create_face",):
            face = f"{worker.claim}-{len(world.faces)}"
            applied = replace(world, faces=(*world.faces, face))
            yield answered(applied, worker, face)
            yield answered(world, worker, Throttled)
            if world.lost:
                yield answered(replace(applied, lost=world.lost - 1), worker, Lost)
                sent = replace(world, lost=world.lost - 1, under_way=(*world.under_way, worker.claim))
                yield answered(sent, worker, Lost)


def neighbours(world: World) -> Iterator[World]:
    """Every world that may come next."""
    running = [worker for worker in world.workers if not worker.ended]
    for worker in running:
        yield from after(world, worker)
        if world.crashes:
            dead = replace(worker, ended="crashed")
            workers = tuple(dead if w is worker else w for w in world.workers)
            yield replace(world, workers=workers, crashes=world.crashes - 1)
            following = step(worker)
            if isinstance(following, tuple) and following[0] == "create_face":
                yield replace(
                    world, workers=workers, crashes=world.crashes - 1, under_way=(*world.under_way, worker.claim)
                )
    for claim in set(world.under_way):
        rest = list(world.under_way)
        rest.remove(claim)
        yield replace(world, under_way=tuple(rest), faces=(*world.faces, f"{claim}-{len(world.faces)}"))
        yield replace(world, under_way=tuple(rest))
    calling = any(step(worker) == ("create_face",) for worker in running)
    if world.expiries and not world.under_way and not calling:
        yield replace(world, now=world.now + SETTLED, expiries=world.expiries - 1)


def enrolled(world: World, claim: str) -> list[str]:
    return [face for face in world.faces if face.startswith(claim)]


def alone(world: World, claim: str) -> World:
    """The world after one more worker, for the same claim, has had it to itself once every lease was over."""
    calm = replace(world, now=world.now + 10 * SETTLED, crashes=0, lost=0, expiries=0)
    worker = Worker(99, claim)
    calm = answered(replace(calm, workers=(worker,)), worker)
    while not calm.workers[0].ended:
        calm = next(after(calm, calm.workers[0]))
    return calm


@pytest.mark.parametrize(
    ("claims", "crashes", "lost", "expiries"),
    [
        pytest.param(("photo-a", "photo-a"), 1, 1, 1, id="two events of one photo, a crash, a lost reply"),
        pytest.param(("photo-a", "photo-b"), 1, 1, 1, id="two photos, a crash, a lost reply"),
        pytest.param(("photo-a", "photo-a"), 2, 0, 2, id="two events of one photo, two crashes and takeovers"),
        pytest.param(("photo-a", "photo-a", "photo-b"), 0, 0, 1, id="three workers, two photos, a takeover"),
    ],
)
def test_no_interleaving_enrols_a_photo_twice_and_every_one_can_be_finished(
    claims: tuple[str, ...], crashes: int, lost: int, expiries: int
) -> None:
    start = World(tuple(Worker(number, claim) for number, claim in enumerate(claims)), crashes, lost, expiries)
    for worker in start.workers:
        start = answered(start, worker)
    seen, todo = {start}, [start]
    ends = 0
    while todo:
        world = todo.pop()
        for claim in claims:
            assert len(enrolled(world, claim)) <= 1, world
        for worker in world.workers:
            if worker.ended == "answered":
                assert worker.result == tuple(enrolled(world, worker.claim)), world
        following = [w for w in neighbours(world) if w not in seen]
        seen.update(following)
        todo.extend(following)
        if not world.under_way and all(worker.ended for worker in world.workers):
            ends += 1
            for claim in claims:
                finished = alone(world, claim)
                assert finished.workers[0].result == tuple(enrolled(finished, claim)), finished
                assert len(enrolled(finished, claim)) == 1, finished
    assert ends > 100
