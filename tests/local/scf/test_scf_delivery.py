"""An upload wakes the function that is bound to it, at least once, for as long as the platform tries."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.readings import Readings
from infra.local.scf import Chaos, Scf, triggers
from infra.local.scf.function import retrying
from tests.local.scf.small import HOST, Bind, Deploy, described, uploaded, zipped

TELL = "import json\ndef main_handler(event, context):\n    print(json.dumps(event, ensure_ascii=False))\n"
FAIL = "def main_handler(event, context):\n    raise RuntimeError('not this time')\n"


def told(scf: Scf) -> list[Any]:
    """The events that functions have printed, in order."""
    return [json.loads(line.text) for line in scf.logs() if line.type == "Custom" and line.text.startswith("{")]


def keys(scf: Scf) -> list[str]:
    """The object keys of those events."""
    return [r["cos"]["cosObject"]["key"].split("/", 3)[3] for event in told(scf) for r in event["Records"]]


def until_left(scf: Scf, what: str) -> None:
    """Wait until just that is left to be done."""
    for _ in range(600):
        with pytest.raises(TimeoutError) as left:
            scf.settle(0.05)
        if re.search(what, str(left.value)):
            return
    raise AssertionError(left.value)


def retry(scf: Scf, **config: Any) -> None:
    """Configure the function's asynchronous retries."""
    scf.change("stamp", lambda function: retrying(function, {"AsyncTriggerConfig": config}))


@pytest.mark.behaviour(
    service="scf",
    what="An object event wakes the function whose trigger matches its event, bucket, prefix and suffix",
    standing="documented",
    source="SCF 583/9707",
)
def test_an_upload_wakes_its_function(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL)
    bind(suffix=".jpg")
    for event in (
        uploaded("in/a.jpg"),
        uploaded("out/b.jpg"),
        uploaded("in/c.png"),
        uploaded("in/d.jpg", "cos:ObjectCreated:Copy"),
    ):
        scf.notify(event)
    scf.settle()
    assert keys(scf) == ["in/a.jpg"]
    assert [(i.source, i.status, i.attempt) for i in scf.invocations] == [("cos", 200, 1)]


def test_a_pattern_wakes_for_every_creation(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL)
    bind(event="cos:ObjectCreated:*")
    scf.notify(uploaded("in/a.jpg", "cos:ObjectCreated:Copy"))
    scf.notify(uploaded("in/b.jpg", "cos:ObjectCreated:CompleteMultipartUpload"))
    scf.notify(uploaded("in/c.jpg", "cos:ObjectRemove:Delete"))
    scf.settle()
    assert sorted(keys(scf)) == ["in/a.jpg", "in/b.jpg"]


def test_a_closed_trigger_wakes_nobody(scf: Scf, deploy: Deploy) -> None:
    deploy(TELL)
    asked = {"TriggerName": HOST, "Type": "cos", "TriggerDesc": described(), "Enable": "CLOSE"}
    scf.bind(triggers.asked(asked, "stamp", scf.region, 0.0))
    scf.notify(uploaded())
    scf.settle()
    assert scf.invocations == []


@pytest.mark.parametrize("pattern", [False, True])
def test_the_event_is_told_as_the_readings_say(
    clock: Clock, cam: Cam, tmp_path: Path, pattern: bool, scf: Scf, deploy: Deploy, bind: Bind
) -> None:
    scf.readings = Readings(event_name="pattern" if pattern else "concrete", event_key="encoded", event_region="long")
    deploy(TELL)
    bind(event="cos:ObjectCreated:*")
    scf.notify(uploaded("in/a b.jpg"))
    scf.settle()
    record = told(scf)[0]["Records"][0]
    assert record["event"]["eventName"] == ("cos:ObjectCreated:*" if pattern else "cos:ObjectCreated:Put")
    assert record["event"]["eventQueue"] == "qcs:0:scf:ap-guangzhou:appid/1250000000:default.stamp.$LATEST"
    assert record["cos"]["cosObject"]["key"] == "/1250000000/photos/in/a%20b.jpg"


@pytest.mark.behaviour(
    service="scf",
    what="An asynchronous event whose run fails is tried again twice, a minute apart; then it is given up, to the dead"
    " letter queue if there is one",
    standing="documented",
    source="SCF 583/41138",
)
@pytest.mark.parametrize("how", ["raise ValueError('x')", "import os; os._exit(1)", "return {1}"])
def test_a_failing_run_is_tried_three_times(scf: Scf, clock: Clock, deploy: Deploy, bind: Bind, how: str) -> None:
    deploy(f"def main_handler(event, context):\n    {how}\n")
    bind()
    scf.notify(uploaded())
    scf.settle()
    assert [i.attempt for i in scf.invocations] == [1, 2, 3]
    first, second, third = (i.started for i in scf.invocations)
    assert 60 <= second - first < 70
    assert 60 <= third - second < 70
    (dead,) = scf.dead
    assert dead["RequestId"] == scf.invocations[0].request_id
    assert dead["Body"]["RetryNum"] == 2
    records = json.loads(dead["Body"]["ClientContext"])["Records"]
    assert records[0]["cos"]["cosObject"]["key"] == "/1250000000/photos/in/a.jpg"


@pytest.mark.behaviour(
    service="scf",
    what="Every try of an event has the same request id and exactly the same event; log lines count tries in RetryNum",
    standing="assumed",
    source="SCF 583/52637 (a line has both a request id and SCF_RetryNum)",
)
def test_a_retry_is_the_same_event(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL + "    raise RuntimeError\n")
    bind()
    scf.notify(uploaded(at=1_700_000_000.0))
    scf.settle()
    assert len(told(scf)) == 3
    assert all(event == told(scf)[0] for event in told(scf))
    assert len({i.request_id for i in scf.invocations}) == 1
    assert [line.retry for line in scf.logs() if line.text.startswith("START")] == [0, 1, 2]


def test_success_ends_the_tries(scf: Scf, deploy: Deploy, bind: Bind, tmp_path: Path) -> None:
    deploy(
        "import os\n"
        "def main_handler(event, context):\n"
        f"    marker = {str(tmp_path / 'once')!r}\n"
        "    if not os.path.exists(marker):\n"
        "        open(marker, 'w').close()\n"
        "        raise RuntimeError\n"
    )
    bind()
    scf.notify(uploaded())
    scf.settle()
    assert [i.status for i in scf.invocations] == [430, 200]
    assert scf.dead == []


@pytest.mark.behaviour(
    service="scf",
    what="RetryNum (0 to 2) says how often a failed run is tried again, and MsgTTL for how many seconds at most",
    standing="documented",
    source="SCF 583/53639",
)
@pytest.mark.parametrize(
    ("config", "attempts"),
    [
        ({"RetryConfig": [{"RetryNum": 0}]}, 1),
        ({"RetryConfig": [{"RetryNum": 1}]}, 2),
        ({"MsgTTL": 90}, 2),
        ({"MsgTTL": 30}, 1),
    ],
)
def test_retries_can_be_configured(scf: Scf, deploy: Deploy, bind: Bind, config: dict[str, Any], attempts: int) -> None:
    deploy(FAIL)
    bind()
    retry(scf, **config)
    scf.notify(uploaded())
    scf.settle()
    assert len(scf.invocations) == attempts
    assert len(scf.dead) == 1


@pytest.mark.behaviour(
    service="scf",
    what="The platform's own errors (429, 432, 449, 500) are tried again every minute until MsgTTL is over, and do not"
    " count as failed runs",
    standing="documented",
    source="SCF 583/41138",
)
@pytest.mark.parametrize("status", [429, 432, 449, 500])
def test_platform_errors_are_tried_for_long(scf: Scf, deploy: Deploy, bind: Bind, status: int) -> None:
    deploy(TELL)
    bind()
    scf.trouble("stamp", status, times=7)
    scf.notify(uploaded())
    scf.settle()
    assert [i.status for i in scf.invocations] == [status] * 7 + [200]
    assert scf.invocations[-1].started - scf.invocations[0].started >= 7 * 60
    scf.trouble("stamp", status, times=1000)
    scf.notify(uploaded("in/b.jpg"))
    scf.settle()
    assert len(scf.invocations) == 8 + 6 * 60
    assert len(scf.dead) == 1


@pytest.mark.behaviour(
    service="scf",
    what="A function with a reserved quota runs in as many instances as its memory fits into the quota; what is beyond"
    " meets 432",
    standing="documented",
    source="SCF 583/42611",
)
def test_reserved_concurrency(scf: Scf, deploy: Deploy, bind: Bind, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    deploy(
        f"def main_handler(event, context):\n    'a.jpg' in str(event) and open({str(gate)!r}).read()\n",
        Timeout=60,
    )
    bind()
    scf.quotas.reserve("stamp", 128)
    scf.notify(uploaded("in/a.jpg"))
    # Opening the pipe to write waits until the run has opened it to read.
    with open(gate, "w"):
        _, outcome = scf.invoke("stamp", {})
        scf.notify(uploaded("in/b.jpg"))
        until_left(scf, r"queued \['stamp \(cos, attempt 2\)'\]")
    scf.settle()
    assert (outcome.status, outcome.message) == (
        432,
        "Function [ stamp ] concurrency exceeded reserved quota 128 MB",
    )
    assert sorted((i.source, i.attempt, i.status) for i in scf.invocations) == [
        *(("cos", 1, 200), ("cos", 1, 432), ("cos", 2, 200), ("invoke", 1, 432)),
    ]
    scf.quotas.reserve("stamp", None)
    assert scf.invoke("stamp", {})[1].ok


@pytest.mark.behaviour(
    service="scf",
    what="Events that come together are run side by side, each in an instance of its own",
    standing="documented",
    source="SCF 583/9694",
)
def test_events_run_side_by_side(scf: Scf, deploy: Deploy, bind: Bind, tmp_path: Path) -> None:
    # Each run waits for the other: they end only if both are there at once.
    for pipe in ("a", "b"):
        os.mkfifo(tmp_path / pipe)
    deploy(
        "def main_handler(event, context):\n"
        "    mine = event['Records'][0]['cos']['cosObject']['key'][-5]\n"
        f"    folder = {str(tmp_path)!r}\n"
        "    for pipe in 'ab':\n"
        "        open(f'{folder}/{pipe}', 'w' if pipe == mine else 'r').close()\n",
        Timeout=60,
    )
    bind()
    scf.notify(uploaded("in/a.jpg"))
    scf.notify(uploaded("in/b.jpg"))
    scf.settle()
    assert [i.status for i in scf.invocations] == [200, 200]
    assert len({i.worker for i in scf.invocations}) == 2


def test_an_event_of_an_unknown_function_is_dropped(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL)
    bind()
    with scf.hold():
        scf.notify(uploaded())
        scf.delete("stamp")
    scf.settle()
    assert scf.invocations == []


@pytest.mark.behaviour(
    service="scf",
    what="An asynchronous event of more than 128 KB is refused with 406 and not tried again",
    standing="documented",
    source="SCF 583/42611",
)
def test_an_event_that_is_too_large(scf: Scf, deploy: Deploy) -> None:
    deploy(TELL)
    scf.send("stamp", {"text": "x" * 131_000})
    scf.send("stamp", {"text": "x" * 131_073})
    scf.settle()
    assert sorted(i.status for i in scf.invocations) == [200, 406]
    assert len(scf.dead) == 1


@pytest.mark.behaviour(
    service="scf",
    what="Several messages of one trigger may come merged in one event",
    standing="documented",
    source="SCF 583/9707",
)
def test_messages_can_be_merged(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL)
    bind()
    scf.merge(2)
    with scf.hold():
        for name in "abc":
            scf.notify(uploaded(f"in/{name}.jpg"))
    scf.settle()
    assert sorted(len(event["Records"]) for event in told(scf)) == [1, 2]
    assert sorted(keys(scf)) == ["in/a.jpg", "in/b.jpg", "in/c.jpg"]


def test_events_can_come_twice(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL)
    bind()
    scf.disturb(Chaos(1, duplicate=1.0))
    scf.notify(uploaded())
    scf.settle()
    assert keys(scf) == ["in/a.jpg", "in/a.jpg"]
    assert len({i.request_id for i in scf.invocations}) == 2
    scf.disturb(None)
    scf.notify(uploaded("in/b.jpg"))
    scf.settle()
    assert len(scf.invocations) == 3


def test_events_can_come_late_and_out_of_order(scf: Scf, deploy: Deploy, bind: Bind) -> None:
    deploy(TELL)
    bind()
    names = [f"in/{name}.jpg" for name in "abcdefgh"]
    orders = []
    for _ in range(2):
        before = len(keys(scf))
        scf.disturb(Chaos(7, delay=(1.0, 600.0), reorder=0.3))
        with scf.hold():
            for name in names:
                scf.notify(uploaded(name))
        scf.settle()
        orders.append(keys(scf)[before:])
    assert sorted(orders[0]) == names
    assert orders[0] != names
    assert orders[0] == orders[1], "the same seed gives the same disorder"


def test_waits_are_skipped_only_where_that_was_asked_for(clock: Clock, cam: Cam, tmp_path: Path) -> None:
    patient = Scf(clock, cam, Readings(), tmp_path / "patient", fast=False)
    try:
        code = {"ZipFile": zipped(index=FAIL)}
        patient.create({"FunctionName": "stamp", "Handler": "index.main_handler", "Code": code})
        patient.send("stamp", {})
        until_left(patient, r"queued \['stamp \(invoke, attempt 2\)'\]")
        clock.skip(60)
        until_left(patient, r"queued \['stamp \(invoke, attempt 3\)'\]")
    finally:
        patient.close()
    assert [i.attempt for i in patient.invocations] == [1, 2]
    assert clock.now() - time.time() < 61


def test_the_clock_stands_while_a_function_runs(scf: Scf, clock: Clock, deploy: Deploy, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    deploy(FAIL)
    deploy(f"def main_handler(event, context):\n    open({str(gate)!r}).read()\n", "slow", Timeout=60)
    thread = threading.Thread(target=scf.invoke, args=("slow", {}))
    thread.start()
    with open(gate, "w"):
        scf.send("stamp", {})
        until_left(scf, r"1 synchronous; queued \['stamp \(invoke, attempt 2\)'\]")
        assert [i.attempt for i in scf.invocations if i.function == "stamp"] == [1]
    thread.join()
    scf.settle()
    assert [i.attempt for i in scf.invocations if i.function == "stamp"] == [1, 2, 3]
