"""A person's faces, whatever happens: every interleaving of the real protocol, in a small world.

Workers enrol photos for one person, delete faces, delete the person and make a new one. Between any two of its requests
a worker may be overtaken or crash; a call to the face service may take effect although its reply is lost, and later
than the crash; a reply of the state bucket may be lost after the write. The world explores all of it: a worker is the
protocol's own code, run again from the start with the answers that it has had so far, up to the first request that it
has not asked before.

What is assumed is what the protocol says: a call takes effect before its lease's end and the settling time, and nobody
else adds faces. Somebody may delete them, in the console. An event tells of an upload at the beginning of the world,
and may come twice: once its face was deleted, it never is one again. Nor does anything then tell of the face.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

import pytest

from facestamp.chain import Chain
from facestamp.codes import FACE_DELETED
from facestamp.enrolment import LAST_FACE, NOBODY, Deletions, Wanted, begin, enrol, withdraw
from facestamp.errors import NoAnswer, ServiceError
from facestamp.lease import Busy, Claimant
from facestamp.ledger import Answer, faces_of

PREFIX = "enrolments/ada"
LEASE = 30.0
CALL = 8.0
SETTLED = 1000.0
"""Long enough for every lease to be over, settling time and all."""

Request = tuple[Any, ...]


@dataclass(frozen=True)
class Work:
    """What a worker is to do."""

    kind: Literal["enrol", "forget", "delete", "begin"]
    """`forget`: withdraw what the photos became; `delete`: the person."""
    photos: tuple[str, ...] = ()
    uploaded: float | None = None
    """When, if an event asks; a request asks for what it wants now."""


class NotYet(BaseException):
    """The worker has come to a request that it has no answer to; nothing of the protocol may catch it."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.request = request


class Lost:
    """A reply that never came."""


@dataclass(frozen=True)
class Refused:
    """A refusal that is certain not to have had an effect."""

    code: str


@dataclass(frozen=True)
class Worker:
    """One invocation: what it wants, what it was answered so far, and how it ended."""

    number: int
    work: Work
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
    console: int = 0
    """How many faces, but for the first, may be deleted by somebody else yet."""
    objects: tuple[tuple[str, str], ...] = ()
    faces: tuple[str, ...] | None = ("first",)
    """None: there is no such person."""
    deleted: frozenset[str] = frozenset()
    under_way: tuple[Request, ...] = ()
    """Calls that were sent, unanswered, and may take effect yet."""
    now: float = 0.0


class Replay:
    """A worker's state bucket and face service: gives the answers had so far, then stops it."""

    def __init__(self, answers: tuple[Any, ...]) -> None:
        self._answers = iter(answers)

    def _ask(self, *request: Any) -> Any:
        for answer in self._answers:
            return answer
        raise NotYet(request)

    def _call(self, *request: Any) -> Any:
        answer = self._ask(*request)
        if answer is Lost:
            raise NoAnswer("iai", request[0])
        if isinstance(answer, Refused):
            raise ServiceError("iai", request[0], answer.code)
        return answer

    def create(self, key: str, body: Mapping[str, Any]) -> bool:
        return bool(self._ask("create", key, json.dumps(body, sort_keys=True)))

    def keep(self, key: str, body: Mapping[str, Any]) -> None:
        self._ask("keep", key, json.dumps(body, sort_keys=True))

    def kept(self, key: str) -> dict[str, Any] | None:
        text = self._ask("kept", key)
        return json.loads(text) if text else None

    def keys(self, prefix: str, after: str = "") -> list[str]:
        return list(self._ask("keys", prefix))

    def now(self) -> float:
        return float(self._ask("now"))

    def faces(self) -> frozenset[str] | None:
        told = self._ask("faces")
        return None if told is None else frozenset(told)

    def create_face(self, photos: tuple[str, ...]) -> Answer:
        ids = self._call("CreateFace", photos)
        return {"SucFaceIds": list(ids), "SucIndexes": list(range(len(ids))), "RetCode": [0] * len(ids)}

    def create_person(self, photo: str) -> Answer:
        return {"SucFaceIds": list(self._call("CreatePerson", (photo,)))}

    def delete_faces(self, ids: Sequence[str]) -> dict[str, Any]:
        return {"SucFaceIds": list(self._call("DeleteFace", tuple(ids)))}

    def delete_person(self) -> None:
        self._call("DeletePerson", ())


SERVICE = ("CreateFace", "CreatePerson", "DeleteFace", "DeletePerson")


def done(work: Work, replay: Replay, token: str) -> Any:
    """Do the work; each photo's answer, or the faces that were deleted."""
    chain = Chain(replay, PREFIX, replay.faces, CALL)
    claimant = Claimant(token, " ".join(work.photos), LEASE)
    if work.kind == "enrol":
        return tuple(enrol(chain, claimant, work.photos, replay.create_face, work.uploaded).values())
    if work.kind == "begin":
        return (begin(chain, claimant, lambda: replay.create_person(work.photos[0])),)
    whole = work.kind == "delete"
    wanted = Wanted(contents=frozenset(work.photos), person="goes" if whole else "stays")
    return withdraw(chain, claimant, wanted, Deletions(replay.delete_faces, replay.delete_person)).faces


@cache
def step(worker: Worker) -> Worker | Request:
    """Run the worker on: its next request, or the worker as it ended."""
    try:
        return run(worker, Replay(worker.answers))
    except NotYet as stopped:
        return stopped.request


def run(worker: Worker, replay: Replay) -> Worker:
    """The worker as it ends."""
    try:
        result = done(worker.work, replay, f"token{worker.number}")
    except (Busy, ServiceError) as error:
        return replace(worker, ended=type(error).__name__, result=getattr(error, "code", ""))
    if worker.work.kind in ("enrol", "begin"):
        result = tuple(tuple(sorted(faces_of(answer))) or str(answer.get("Error", "")) for answer in result)
    return replace(worker, ended="answered", result=result)


def effect(world: World, request: Request) -> tuple[World, Any]:
    """The world after a request that goes well, and its reply."""
    objects = dict(world.objects)
    match request:
        case ("create", key, _) if key in objects:
            return world, False
        case ("create" | "keep" as how, key, body):
            written = replace(world, objects=tuple(sorted({**objects, key: body}.items())))
            return written, True if how == "create" else None
        case ("kept", key):
            return world, objects.get(key, "")
        case ("keys", prefix):
            return world, tuple(sorted(key for key in objects if key.startswith(prefix)))
        case ("now",):
            return world, world.now
        case ("faces",):
            return world, world.faces
        case _:
            return applied(world, request)


def applied(world: World, request: Request) -> tuple[World, Any]:
    """The world after a call to the face service took effect, and its reply."""
    action, what = request
    has, deleted = world.faces, world.deleted
    number = len(deleted) + len(has or ())
    if action == "CreatePerson":
        if has is not None:
            return world, Refused("InvalidParameterValue.PersonIdAlreadyExist")
        return replace(world, faces=(f"{what[0]}-{number}",)), (f"{what[0]}-{number}",)
    if has is None:
        return world, Refused(NOBODY)
    if action == "CreateFace":
        new = tuple(f"{photo}-{number + place}" for place, photo in enumerate(what))
        return replace(world, faces=(*has, *new)), new
    if action == "DeletePerson":
        return replace(world, faces=None, deleted=deleted | set(has)), ()
    gone = tuple(face for face in has if face in what)
    if gone and len(gone) == len(has):
        return world, Refused(LAST_FACE)
    left = tuple(face for face in has if face not in what)
    return replace(world, faces=left, deleted=deleted | set(gone)), gone


def answered(world: World, worker: Worker, *answers: Any) -> World:
    """The world after the worker has had these answers, moved on to its next request that others can come between.

    An object that exists never changes, so reading it commutes with whatever the others do; unless somebody deletes,
    who empties all but the locks. Whether that comes before or after, and in what order, is explored where two are at
    work: three have too many ways.
    """
    objects = dict(world.objects)
    deletes = any(w.work.kind in ("forget", "delete") and not w.ended for w in world.workers)
    many = len(world.workers) > 2
    worker = replace(worker, answers=(*worker.answers, *answers))
    following = step(worker)
    while not isinstance(following, Worker):
        if following[0] == "now" and not world.expiries:
            answer: Any = world.now
        elif following[0] == "kept" and following[1] in objects and (many or not deletes or "/lock" in following[1]):
            answer = objects[following[1]]
        elif many and (following[0] == "keep" or "/clean" in str(following[1:2])):
            _, key, body = following
            answer = key not in objects
            objects[key] = body
        else:
            break
        worker = replace(worker, answers=(*worker.answers, answer))
        following = step(worker)
    # Of a worker that has ended, only the end matters.
    worker = replace(following, answers=()) if isinstance(following, Worker) else worker
    workers = tuple(worker if w.number == worker.number else w for w in world.workers)
    return replace(world, workers=workers, objects=tuple(sorted(objects.items())))


def after(world: World, worker: Worker) -> Iterator[World]:
    """Every way in which the worker's next request can go."""
    request = step(worker)
    assert not isinstance(request, Worker)
    changed, reply = effect(world, request)
    yield answered(changed, worker, reply)
    if request[0] == "create" and reply and world.lost:
        yield answered(replace(changed, lost=world.lost - 1), worker, False)
    if request[0] in SERVICE:
        if not isinstance(reply, Refused):
            yield answered(world, worker, Refused("RequestLimitExceeded"))
        if world.lost:
            yield answered(replace(changed, lost=world.lost - 1), worker, Lost)
            sent = replace(world, lost=world.lost - 1, under_way=(*world.under_way, request))
            yield answered(sent, worker, Lost)


def neighbours(world: World) -> Iterator[World]:
    """Every world that may come next."""
    running = [worker for worker in world.workers if not worker.ended]
    for worker in running:
        yield from after(world, worker)
        if world.crashes:
            dead = replace(worker, ended="crashed", answers=())
            workers = tuple(dead if w is worker else w for w in world.workers)
            yield replace(world, workers=workers, crashes=world.crashes - 1)
            following = step(worker)
            if isinstance(following, tuple) and following[0] in SERVICE:
                yield replace(
                    world, workers=workers, crashes=world.crashes - 1, under_way=(*world.under_way, following)
                )
    for request in set(world.under_way):
        rest = list(world.under_way)
        rest.remove(request)
        yield replace(applied(world, request)[0], under_way=tuple(rest))
        yield replace(world, under_way=tuple(rest))
    for face in (world.faces or ())[1:] if world.console else ():
        left = replace(world, faces=tuple(each for each in world.faces or () if each != face))
        yield replace(left, deleted=left.deleted | {face}, console=world.console - 1)
    calling = any(step(worker)[0] in SERVICE for worker in running)  # type: ignore[index]  # none has ended
    if world.expiries and not world.under_way and not calling:
        yield replace(world, now=world.now + SETTLED, expiries=world.expiries - 1)


def enrolled(world: World, photo: str) -> tuple[str, ...]:
    return tuple(face for face in world.faces or () if face.startswith(f"{photo}-"))


class Calm(Replay):
    """A world in which everything goes well."""

    def __init__(self, world: World) -> None:
        self.world = world

    def _ask(self, *request: Any) -> Any:
        self.world, reply = effect(self.world, request)
        return reply


@cache
def alone(world: World, work: Work) -> World:
    """The world after one more worker has had it to itself."""
    calm = Calm(replace(world, workers=()))
    worker = run(Worker(99, work), calm)
    return replace(calm.world, workers=(worker,))


def calmed(world: World) -> World:
    """The world when every lease is over, and nothing goes wrong any more."""
    return replace(world, workers=(), now=world.now + 10 * SETTLED, crashes=0, lost=0, expiries=0, console=0)


def told_of(world: World, faces: Iterable[str]) -> list[str]:
    """Which of these faces anything in the state bucket tells of."""
    return [face for face in faces if any(f'"{face}"' in body for _, body in world.objects)]


def check(world: World) -> None:
    """What holds at any moment."""
    for photo in {photo for worker in world.workers for photo in worker.work.photos}:
        assert len(enrolled(world, photo)) <= 1, world
    for worker in world.workers:
        if worker.ended != "answered":
            continue
        if worker.work.kind in ("enrol", "begin"):
            for photo, faces in zip(worker.work.photos, worker.result, strict=True):
                had = {*(world.faces or ()), *world.deleted}
                if faces == FACE_DELETED:
                    assert any(face.startswith(f"{photo}-") for face in world.deleted), world
                    continue
                assert faces == NOBODY or any(face in had and face.startswith(f"{photo}-") for face in faces), world
        else:
            assert not set(worker.result) & set(world.faces or ()), world
            assert not told_of(world, worker.result), world
            for photo in {photo for face in worker.result for photo in (A, B) if face.startswith(f"{photo}-")}:
                asked = [w.work for w in world.workers if w.work.kind == "enrol" and photo in w.work.photos]
                if all(work.uploaded is not None for work in asked):
                    assert enrolled(world, photo) == (), world


def finish(world: World) -> None:
    """However it stands: each photo can be enrolled, and is then one face; forgotten, and is then none; and again."""
    calm = calmed(world)
    if calm.faces is None:
        calm = alone(calm, Work("begin", ("anew",)))
        assert calm.faces is not None, world
    for photo in sorted({photo for worker in world.workers for photo in worker.work.photos if photo != "anew"}):
        for _ in range(2):
            calm = alone(calm, Work("enrol", (photo,)))
            (present,) = enrolled(calm, photo)
            assert present in calm.workers[0].result[0], calm
            if len(calm.workers[0].result[0]) == 1:
                calm = alone(calm, Work("forget", (photo,)))
                assert (calm.workers[0].result, enrolled(calm, photo)) == ((present,), ()), calm
                assert told_of(calm, calm.deleted) == [], calm
                calm = alone(calm, Work("enrol", (photo,), uploaded=0.0))
                assert (calm.workers[0].result, enrolled(calm, photo)) == ((FACE_DELETED,), ()), calm
                anew = alone(calm, Work("enrol", (photo,), uploaded=calm.now + 1))
                calm = alone(anew, Work("enrol", (photo,), uploaded=0.0))
                assert calm.workers[0].result == anew.workers[0].result == (enrolled(calm, photo),), calm
                calm = alone(calm, Work("forget", (photo,)))
    calm = alone(calm, Work("delete"))
    assert calm.faces is None, calm
    assert told_of(calm, calm.deleted) == [], calm
    made = alone(calm, Work("begin", ("anew",)))
    for photo in {face[: len(A)] for face in calm.deleted} & {A, B}:
        late = alone(made, Work("enrol", (photo,), uploaded=0.0))
        assert (late.workers[0].result, enrolled(late, photo)) == ((FACE_DELETED,), ()), late
    again = alone(made, Work("begin", ("anew",)))
    assert again.workers[0].result == made.workers[0].result == (again.faces,), again


A, B = "photo-a", "photo-b"


@pytest.mark.parametrize(
    ("works", "crashes", "lost", "expiries", "console"),
    [
        pytest.param((Work("enrol", (A,)), Work("enrol", (A,))), 1, 1, 1, 0, id="two events, a crash, a lost reply"),
        pytest.param((Work("enrol", (A,)), Work("enrol", (B,))), 1, 1, 1, 0, id="two photos, a crash, a lost reply"),
        pytest.param(
            (Work("enrol", (A,)), Work("enrol", (A,))), 2, 0, 2, 0, id="two events, two crashes and takeovers"
        ),
        pytest.param(
            (Work("enrol", (A,)), Work("enrol", (A,)), Work("enrol", (B,))), 0, 0, 1, 0, id="three workers, a takeover"
        ),
        pytest.param((Work("enrol", (A, B)), Work("enrol", (A,))), 1, 1, 1, 0, id="two photos in one call"),
        pytest.param((Work("enrol", (A,)), Work("forget", (A,))), 1, 1, 1, 0, id="a photo, and its withdrawal"),
        pytest.param(
            (Work("enrol", (A,), 0.0), Work("forget", (A,))),
            1,
            1,
            1,
            1,
            id="an upload, its withdrawal, and the console",
        ),
        pytest.param(
            (Work("enrol", (A,), 0.0), Work("enrol", (A,), 0.0), Work("forget", (A,))),
            *(0, 0, 1, 0),
            id="one upload's event twice, its withdrawal, and a takeover",
        ),
        pytest.param(
            (Work("enrol", (A,), 0.0), Work("delete"), Work("begin", ("anew",))),
            *(0, 0, 1, 0),
            id="all of it, and a takeover",
        ),
        pytest.param((Work("enrol", (A,)), Work("enrol", (B,))), 0, 1, 1, 1, id="two photos, and one in the console"),
        pytest.param((Work("enrol", (A,)), Work("delete")), 1, 1, 1, 0, id="a photo, and the end of the person"),
        pytest.param((Work("delete"), Work("begin", ("anew",))), 1, 1, 1, 0, id="a person's end, and a new beginning"),
    ],
)
def test_whatever_comes_between_no_photo_is_enrolled_twice_and_no_deletion_is_lost(
    works: tuple[Work, ...], crashes: int, lost: int, expiries: int, console: int
) -> None:
    start = World(tuple(Worker(number, work) for number, work in enumerate(works)), crashes, lost, expiries, console)
    for worker in start.workers:
        start = answered(start, worker)
    seen, todo = {start}, [start]
    ends = 0
    while todo:
        world = todo.pop()
        check(world)
        following = [w for w in neighbours(world) if w not in seen]
        seen.update(following)
        todo.extend(following)
        if not world.under_way and all(worker.ended for worker in world.workers):
            ends += 1
            finish(world)
    assert ends > 20
