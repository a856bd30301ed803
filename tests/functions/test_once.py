"""A changing request is done once: whenever its twin comes in between, and wherever a window ends.

A twin is another invocation with the same request. It comes in right before any one of the first one's requests to the
state bucket, or while the work is done, and runs to its end there. Each window's end is tried at each of them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from facestamp.errors import ServiceError
from facestamp.http.gate.idempotency import WINDOW, Once
from facestamp.http.replies.problems import ACCOUNT, BUSY, CONFLICT, UNKNOWN, UNUSABLE, Kind, Problem
from facestamp.http.replies.reply import Reply
from facestamp.lease import SETTLE, Busy, Claimant
from facestamp.log import Log

START = 1_000 * WINDOW + 100.0
LEASE = 30.0
STEPS = range(4)
"""Of a first attempt: the lease, a listing, the work, the answer."""


class Bucket:
    """The state bucket and its clock; something can happen right before any one request."""

    def __init__(self, now: float = START) -> None:
        self.objects: dict[str, Mapping[str, Any]] = {}
        self.time = now
        self.requests = 0
        self.before: dict[int, Callable[[], None]] = {}

    def now(self) -> float:
        return self.time

    def create(self, key: str, body: Mapping[str, Any]) -> bool:
        self._step()
        return self.objects.setdefault(key, body) is body

    def kept(self, key: str) -> dict[str, Any] | None:
        self._step()
        found = self.objects.get(key)
        return dict(found) if found is not None else None

    def keys(self, prefix: str, after: str = "") -> list[str]:
        self._step()
        return sorted(key for key in self.objects if key.startswith(prefix) and key > after)

    def _step(self) -> None:
        happens = self.before.pop(self.requests, None)
        self.requests += 1
        if happens:
            happens()


class Shop:
    """What the work has an effect on, and what became of each attempt."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket, self.orders, self.attempts = bucket, 0, 0

    def order(self, claim: str = "one", name: str = "ada", fails: Exception | None = None) -> Reply | Exception:
        """Ask once, as an invocation of its own."""
        self.attempts += 1

        def work() -> Reply:
            self.bucket._step()
            self.orders += 1
            if fails:
                raise fails
            return Reply(201, f"order {self.orders}", "application/json", request_id="a8eb-45")

        once = Once(self.bucket, name, Claimant(f"invocation {self.attempts}", claim, LEASE), Log())
        try:
            return once.reply(work)
        except (Problem, Busy, ServiceError, Killed) as error:
            return error


class Killed(Exception):
    """The instance went away."""


@pytest.fixture
def shop() -> Shop:
    return Shop(Bucket())


def replayed(reply: Reply | Exception) -> bool:
    return isinstance(reply, Reply) and reply.headers.get("idempotent-replayed") == "true"


def kind(reply: Reply | Exception) -> Kind:
    assert isinstance(reply, Problem)
    return reply.kind


def test_the_same_request_has_the_same_answer(shop: Shop) -> None:
    first, again, and_again = shop.order(), shop.order(), shop.order()
    assert isinstance(first, Reply)
    assert isinstance(again, Reply)
    assert not replayed(first)
    assert replayed(again)
    assert replayed(and_again)
    assert (again.status, again.content, again.request_id) == (201, "order 1", "a8eb-45")
    assert shop.orders == 1


def test_it_costs_three_requests_and_four_once_more(shop: Shop) -> None:
    shop.order()
    # The work itself is a step of the clock here, but no request.
    assert shop.bucket.requests - 1 == 3
    shop.order()
    assert shop.bucket.requests - 1 == 3 + 4


def test_another_request_under_the_same_key_is_refused(shop: Shop) -> None:
    shop.order("one")
    assert kind(shop.order("another")) is CONFLICT
    assert replayed(shop.order("one"))
    assert shop.orders == 1


def test_another_callers_key_is_another_key(shop: Shop) -> None:
    shop.order(name="ada")
    assert not replayed(shop.order(name="bob"))
    assert shop.orders == 2


@pytest.mark.parametrize("step", STEPS)
def test_a_twin_at_any_moment_never_orders_a_second_time(shop: Shop, step: int) -> None:
    twins: list[Reply | Exception] = []
    shop.bucket.before[step] = lambda: twins.append(shop.order())
    first = shop.order()

    assert shop.orders == 1
    assert all(isinstance(each, Busy) or each.content == "order 1" for each in (first, *twins))  # type: ignore[union-attr]  # or a Reply
    assert replayed(shop.order())


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("later", range(3))
def test_nor_does_one_that_comes_where_a_window_ends(step: int, later: int) -> None:
    shop = Shop(Bucket(START - 100 + WINDOW - 1))
    twins: list[Reply | Exception] = []

    def pass_on() -> None:
        shop.bucket.time += 2
        shop.bucket.before[shop.bucket.requests + later] = lambda: twins.append(shop.order())

    shop.bucket.before[step] = pass_on
    first = shop.order()
    assert shop.orders == 1
    assert all(isinstance(each, Busy) or each.content == "order 1" for each in (first, *twins))  # type: ignore[union-attr]  # or a Reply
    assert replayed(shop.order())
    assert shop.orders == 1


def test_an_instance_whose_clock_is_behind_does_not_overlook_what_was_done() -> None:
    shop = Shop(Bucket(START - 100 + WINDOW + 1))
    shop.order()
    # The clock that it starts from is its own; COS's first answer puts it right.
    shop.bucket.time -= 2
    shop.bucket.before[shop.bucket.requests] = lambda: setattr(shop.bucket, "time", shop.bucket.time + 2)
    assert replayed(shop.order())
    assert shop.orders == 1


def test_an_answer_is_remembered_for_a_window_and_not_for_three(shop: Shop) -> None:
    shop.order()
    shop.bucket.time += WINDOW
    assert replayed(shop.order())
    shop.bucket.time += 2 * WINDOW
    assert not replayed(shop.order())
    assert shop.orders == 2


def test_another_request_in_the_next_window_is_refused_and_spoils_nothing(shop: Shop) -> None:
    shop.order("one")
    shop.bucket.time += WINDOW
    assert kind(shop.order("another")) is CONFLICT
    assert replayed(shop.order("one"))
    assert kind(shop.order("another")) is CONFLICT


@pytest.mark.parametrize("window", [0, WINDOW], ids=["the same window", "the next one"])
def test_while_it_is_under_way_its_twin_waits_and_another_request_is_refused(shop: Shop, window: float) -> None:
    told: list[Reply | Exception] = []

    def meanwhile() -> None:
        shop.bucket.time += min(window, LEASE)
        told.extend((shop.order("one"), shop.order("another")))

    if window:
        shop.bucket.time = START - 100 + WINDOW - 1
    shop.bucket.before[2] = meanwhile
    assert not isinstance(shop.order("one"), Exception)
    assert isinstance(told[0], Busy)
    assert kind(told[1]) is CONFLICT


@pytest.mark.parametrize("refused", [UNKNOWN, CONFLICT, UNUSABLE])
def test_a_final_refusal_is_an_answer_too(shop: Shop, refused: Kind) -> None:
    first = shop.order(fails=Problem(refused, "Choose another.", "Tencents.Code", "a8eb-45"))
    again = shop.order()
    assert kind(first) is refused
    assert isinstance(again, Reply)
    assert replayed(again)
    assert (again.status, again.media_type) == (refused.status, "application/problem+json")
    assert "Choose another." in again.content
    assert shop.orders == 1


@pytest.mark.parametrize(
    "failure",
    [
        Problem(BUSY, "Try again."),
        Problem(ACCOUNT, "Tell the operator."),
        Busy(same=False),
        ServiceError("iai", "CreateGroup", "RequestLimitExceeded"),
        ServiceError("iai", "CreateGroup", "InternalError"),
        ServiceError("iai", "CreateGroup", "BrandNew"),
    ],
    ids=str,
)
def test_after_a_failure_that_may_pass_trying_again_really_tries_and_at_once(shop: Shop, failure: Exception) -> None:
    assert shop.order(fails=failure) is failure
    assert not replayed(shop.order())
    assert replayed(shop.order())
    assert shop.orders == 2


@pytest.mark.parametrize("step", range(4))
def test_what_broke_off_is_tried_again_once_its_lease_is_over(shop: Shop, step: int) -> None:
    def crash() -> None:
        shop.bucket.before = dict.fromkeys(range(shop.bucket.requests, shop.bucket.requests + 20), gone)
        gone()

    def gone() -> None:
        raise Killed

    shop.bucket.before[step] = crash
    assert isinstance(shop.order(), Killed)
    shop.bucket.before = {}
    done = shop.orders
    if step:
        assert isinstance(shop.order(), Busy)
        assert kind(shop.order("another")) is CONFLICT
    shop.bucket.time += LEASE + SETTLE
    assert not isinstance(shop.order(), Exception)
    assert shop.orders == done + 1
    assert replayed(shop.order())


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    def throttled() -> None:
        raise ServiceError("cos", "PutObject", "SlowDown")

    shop.bucket.before[3] = throttled
    assert isinstance(shop.order(), Reply)
    assert "cos:PutObject" in capsys.readouterr().out
    assert isinstance(shop.order(), Busy)
