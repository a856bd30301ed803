"""Anything a user and a bad day can do to a few photos, in any order: afterwards every photo has its own stamp."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from infra.local.scf.delivery import Chaos
from tests.conftest import Clouds
from tests.http.conftest import Api
from tests.laws.scenes import Scene, portrait, put_event

ROUTE = {"name": "photos", "prefix": "photos/", "operations": {"DetectFace": {}, "AnalyzeFace": {}}}
FACE_CALLS = {"DetectFace", "AnalyzeFace"}
NAMES = some.sampled_from(["ada.jpg", "bob.jpg", "eve.jpg"])
LOOKS = some.sampled_from([1.0, 0.9, 0.8])
TROUBLES = some.sampled_from(
    [
        ("drop", "before", "", "", 500),
        ("drop", "after", "", "", 500),
        ("fail", "before", "cos", "InternalError", 500),
        ("fail", "after", "cos", "ServiceUnavailable", 503),
        ("fail", "before", "cos", "SlowDown", 503),
        ("fail", "before", "iai", "RequestLimitExceeded", 200),
        ("fail", "before", "iai", "FailedOperation.NobodyKnows", 200),
        ("fail", "before", "ci", "RequestTimeout", 400),
    ]
)
MOST_TROUBLES = 2
"""Between two quiet moments; SCF tries an event three times."""


class Album(RuleBasedStateMachine):
    """A few photos under one prefix of their own, and what is known of them."""

    numbers = iter(range(10**6))

    def __init__(self, cloud: LocalCloud) -> None:
        super().__init__()
        self.scene, self.cloud = Scene(cloud), cloud
        self.left = self.scene.unfinished()
        self.folder = f"photos/{next(self.numbers)}"
        self.live: dict[str, float] = {}
        self.contents: set[tuple[str, float]] = set()
        self.changed: Counter[str] = Counter()
        self.forgotten: set[str] = set()
        self.unanswered: set[str] = set()
        self.forgets = 0
        self.busy: set[str] = set()
        self.troubles: list[Fault] = []
        self.past: list[Fault] = []

    # -- what users do ----------------------------------------------------------------------------------------------

    @rule(name=NAMES, look=LOOKS)
    def upload(self, name: str, look: float) -> None:
        key = self._key(name)
        self.scene.upload(key, portrait(look))
        self.live[key] = look
        self.contents.add((key, look))
        self._remember(key)

    @precondition(lambda self: self.live)
    @rule(data=some.data())
    def upload_the_same_again(self, data: some.DataObject) -> None:
        key = self._key(data.draw(some.sampled_from(sorted(self.live))))
        self.scene.upload(key, portrait(self.live[key]))
        self._remember(key)

    @precondition(lambda self: self.live)
    @rule(data=some.data())
    def delete(self, data: some.DataObject) -> None:
        key = self._key(data.draw(some.sampled_from(sorted(self.live))))
        self.scene.delete(key)
        del self.live[key]
        self._remember(key)

    @precondition(lambda self: self.live)
    @rule(data=some.data())
    def have_it_forgotten(self, data: some.DataObject) -> None:
        key = self._key(data.draw(some.sampled_from(sorted(self.live))))
        # Within one second COS's times do not tell who wrote last: `facestamp.forgetting` names the window.
        self.cloud.clock.skip(2)
        self._forget(key)

    # -- what days can be like --------------------------------------------------------------------------------------

    @rule(name=NAMES, age=some.sampled_from([0.0, 59.0, 3600.0]), times=some.integers(1, 4))
    def an_event_comes_again(self, name: str, age: float, times: int) -> None:
        for _ in range(times):
            self.scene.send(put_event(self.cloud, self._key(name, touched=False), age=age))

    @rule(seed=some.integers(0, 99), merged=some.integers(1, 3))
    def events_are_doubled_delayed_and_merged(self, seed: int, merged: int) -> None:
        self.cloud.scf.disturb(Chaos(seed, duplicate=0.5, delay=(0.0, 40.0), reorder=0.3))
        self.cloud.scf.merge(merged)

    @precondition(lambda self: len(self.troubles) < MOST_TROUBLES)
    @rule(trouble=TROUBLES, nth=some.integers(1, 12))
    def something_goes_wrong(self, trouble: tuple[str, str, str, str, int], nth: int) -> None:
        effect, when, service, code, status = trouble
        fault = Fault(effect, when, service, by_worker=True, nth=nth, code=code, status=status)  # type: ignore[arg-type]  # drawn as text
        self.troubles.append(self.cloud.faults.add(fault))

    @rule()
    def quiet(self) -> None:
        self._settle()

    # -- what holds -------------------------------------------------------------------------------------------------

    @invariant()
    def every_photo_has_its_own_stamp_once_all_is_quiet(self) -> None:
        if self.busy or self.troubles:
            return
        for key in self.live:
            stamp, head = self.scene.stamp(key), self.scene.head(key)
            assert stamp is not None, key
            assert stamp.identity == f"{head['x-cos-hash-crc64ecma']}-{head['content-length']}"
            if key in self.forgotten:
                assert (stamp.status, stamp.count, stamp.faces) == ("forgotten", 0, ())
                continue
            assert (stamp.status, stamp.count, stamp.errors) == ("ok", 1, {})
            assert stamp.result in self.scene.state(stamp.result)

    def teardown(self) -> None:
        self._settle()
        self.every_photo_has_its_own_stamp_once_all_is_quiet()
        assert not self.cloud.scf.dead
        assert not {key for key in self.scene.letters() if key.startswith(f"{self.folder}/")}
        assert self.scene.unfinished() <= self.left
        lost = sum(f.seen >= f.nth and f.effect == "drop" and f.when == "after" for f in self.past)
        for operation, times in self.scene.paid().items():
            assert times <= len(self.contents) + self.changed.total() + self.forgets + lost, operation

    def _settle(self) -> None:
        self.cloud.scf.settle()
        self.cloud.faults.clear()
        self.cloud.scf.disturb(None)
        self.cloud.scf.merge(1)
        self.past += self.troubles
        self.troubles = []
        for key in sorted(self.unanswered):
            self.cloud.clock.skip(60)
            self._forget(key)
            assert key in self.forgotten
        self.busy.clear()

    def _forget(self, key: str) -> None:
        self.forgets += 1
        if Api(self.cloud, self.cloud.keyring.api["all"]).delete("/v1/photo/faces", key=key).status_code == 200:
            self.forgotten.add(key)
            self.unanswered.discard(key)
        else:
            self.unanswered.add(key)

    def _remember(self, key: str) -> None:
        self.forgotten.discard(key)
        self.unanswered.discard(key)

    def _key(self, name: str, touched: bool = True) -> str:
        key = name if "/" in name else f"{self.folder}/{name}"
        if touched and key in self.busy:
            self.changed[key] += 1
        self.busy.add(key)
        return key


def test_whatever_comes_every_photo_ends_with_its_own_stamp_paid_for_once(clouds: Clouds) -> None:
    cloud = clouds(None, {"facestamp:routes": [ROUTE]})

    class OfThisCloud(Album):
        def __init__(self) -> None:
            super().__init__(cloud)

    run_state_machine_as_test(
        OfThisCloud,
        settings=settings(
            max_examples=25,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
