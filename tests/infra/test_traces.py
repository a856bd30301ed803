"""What is left over from a deployment that failed is told from what others have deployed, by the state's own words."""

from __future__ import annotations

from typing import Any

import pytest

from infra.account import traces
from infra.account.traces import moments

MADE = moments("2026-11-21T12:05:00Z")


def ran(kind: str, result: str, begun: str, ended: str) -> dict[str, Any]:
    """A line of `pulumi stack history --json`."""
    return {
        "kind": kind,
        "result": result,
        **{f"{at}Time": f"2026-11-21T{time}:00.000Z" for at, time in (("start", begun), ("end", ended))},
    }


FAILED = ran("update", "failed", "12:00", "12:10")


@pytest.mark.parametrize(
    "history",
    [
        [FAILED],
        [ran("refresh", "succeeded", "12:20", "12:21"), FAILED],
        [ran("destroy", "failed", "12:20", "12:21"), FAILED],
        [FAILED, ran("update", "succeeded", "11:00", "11:10")],
        [ran("update", "failed", "13:00", "13:01"), FAILED],
    ],
)
def test_what_was_made_while_a_deployment_failed_is_left_over(history: list[dict[str, Any]]) -> None:
    assert traces.read({}, history).lead_to("ScfFunction", "facestamp-dev-photos", MADE)


@pytest.mark.parametrize(
    "history",
    [
        [],
        [ran("update", "succeeded", "12:00", "12:10")],
        [ran("update", "succeeded", "12:20", "12:30"), FAILED],
        [ran("destroy", "succeeded", "12:20", "12:30"), FAILED],
        # Whichever way round they are told.
        [FAILED, ran("destroy", "succeeded", "12:20", "12:30")],
        [ran("update", "failed", "11:00", "12:00")],
        [ran("update", "failed", "12:10", "12:30")],
        [ran("destroy", "failed", "12:00", "12:10")],
        [ran("refresh", "failed", "12:00", "12:10")],
    ],
)
def test_all_else_is_somebody_elses(history: list[dict[str, Any]]) -> None:
    assert not traces.read({}, history).lead_to("ScfFunction", "facestamp-dev-photos", MADE)


def test_what_does_not_tell_when_it_was_made_is_somebody_elses() -> None:
    for told in (None, "", "yesterday"):
        assert not traces.read({}, [FAILED]).lead_to("CosBucket", "fs-dev-photos-1250000000", moments(told))


def test_clocks_may_differ_by_some_seconds() -> None:
    read = traces.read({}, [FAILED])
    assert read.lead_to("CamRole", "facestamp-dev-photos", moments("2026-11-21T11:59:30Z"))
    assert read.lead_to("CamRole", "facestamp-dev-photos", moments("2026-11-21T12:10:30Z"))


@pytest.mark.parametrize("told", ["2026-11-21 20:05:00", "2026-11-21 12:05:00"])
def test_a_time_without_a_zone_is_beijings_or_utc(told: str) -> None:
    assert traces.read({}, [FAILED]).lead_to("ScfFunction", "facestamp-dev-photos", moments(told))


def test_what_was_being_made_when_a_deployment_was_killed_is_left_over() -> None:
    kind = "tencentcloud:index/scfFunction:ScfFunction"
    making = {
        "type": "creating",
        "resource": {"type": kind, "inputs": {"name": "facestamp-dev-photos", "memSize": 256}},
    }
    changing = {"type": "updating", "resource": {"type": kind, "inputs": {"name": "facestamp-dev-members"}}}

    read = traces.read({"pending_operations": [making, changing]}, [])

    assert read.lead_to("ScfFunction", "facestamp-dev-photos", ())
    assert not read.lead_to("ScfFunction", "facestamp-dev-members", ())
    assert not read.lead_to("CamRole", "facestamp-dev-photos", ())
