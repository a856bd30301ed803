"""The bench: one upload with three operations, beside the plain script and beside its bound. `make bench`.

In one run, against one cloud, every COS request is made to take `COS` longer and every face call `FACE`. These are
settings, not claims about Tencent: of the order that a request within a region and a face call take, and what counts
is how many of them follow one another. The faces were found before, so the local engine's own time does not count; the
worker is warm, as is the script.

The bound is what has to follow one another: ranged GET, lease, the slowest face call, record, copy. The wall time is
the handler's; the script's is from its first request to its last.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from infra.local import envfile, plain, scenes
from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from infra.local.journal import Call

COS: Final = 0.050
FACE: Final = 0.400
"""Seconds that are added to each request."""
ROUNDS: Final = 9
BOUND: Final = 4 * COS + FACE
AGAINST_BOUND, AGAINST_SCRIPT = 1.25, 0.6
"""What the wall time may be at most, as a share of the bound and of the script's."""
AIMS: Final = (1.10, 0.5)


@dataclass(frozen=True)
class Run:
    """What one upload took."""

    wall: float
    processor: float
    """Seconds of processor time."""
    requests: int
    pixels: int
    """Bytes of the photo, plain or in base64, that went in and out."""
    paid: int


def run() -> int:
    """Measure and tell; 0 if both limits are kept."""
    photo = scenes.jpeg(scenes.big(4000, 3000), quality=92)
    print(
        f"{ROUNDS} uploads of a {len(photo) / 1e6:.1f} MB photo each way; every COS request takes {COS * 1000:.0f} ms"
        f" longer, every face call {FACE * 1000:.0f} ms.",
        flush=True,
    )
    with LocalCloud() as cloud:
        cloud.deploy()
        uploaded(cloud, "photos/first.jpg", photo)
        slow(cloud)
        with script(cloud) as program:
            scripted(cloud, program, "plain/first.jpg", photo)
            ours, theirs = [], []
            for number in range(ROUNDS):
                ours.append(uploaded(cloud, f"photos/{number}.jpg", photo))
                theirs.append(scripted(cloud, program, f"plain/{number}.jpg", photo))
                print(f"  {number + 1}: {_ms(ours[-1].wall)} and {_ms(theirs[-1].wall)}", flush=True)
    return _verdict(ours, theirs)


def slow(cloud: LocalCloud, cos: float = COS, face: float = FACE) -> None:
    """Fix the latencies. What the face service downloads is part of the face call, and not slowed again."""
    cloud.faults.add(Fault("delay", service="cos", direct=True, times=0, seconds=cos))
    for service in ("ci", "iai"):
        cloud.faults.add(Fault("delay", service=service, direct=True, times=0, seconds=face))


def pixels(calls: Sequence[Call], least: int) -> int:
    """Bytes of photo that these calls carried: bodies too large to be anything else, and ranges of the photo."""
    looks = sum(call.sent for call in calls if (call.service, call.action) == ("cos", "GetObject"))
    return looks + sum(call.received for call in calls if call.received >= least)


def uploaded(cloud: LocalCloud, key: str, photo: bytes) -> Run:
    """Upload a photo and let the function stamp it."""
    before = len(cloud.journal)
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=photo)
    cloud.scf.settle()
    calls = [call for call in cloud.journal.since(before) if call.worker and not call.by]
    invocation = cloud.scf.invocations[-1]
    on_photos = [call for call in calls if not call.resource.startswith(cloud.state_bucket)]
    return Run(
        invocation.duration,
        invocation.processor,
        len(calls),
        pixels(on_photos, len(photo)),
        sum(call.paid for call in calls),
    )


def scripted(cloud: LocalCloud, program: subprocess.Popen[str], key: str, photo: bytes) -> Run:
    """Upload a photo and let the plain script stamp it."""
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=photo)
    before = len(cloud.journal)
    assert program.stdin is not None  # noqa: S101 -- it was opened as a pipe
    assert program.stdout is not None  # noqa: S101 -- it was opened as a pipe
    program.stdin.write(f"{key}\n")
    program.stdin.flush()
    wall, processor = json.loads(program.stdout.readline())
    calls = cloud.journal.since(before)
    return Run(wall, processor, len(calls), pixels(calls, len(photo)), sum(call.paid for call in calls))


@contextmanager
def script(cloud: LocalCloud) -> Iterator[subprocess.Popen[str]]:
    """The plain script, started."""
    with subprocess.Popen(  # noqa: S603 -- our own interpreter and our own file
        [sys.executable, "-m", plain.__name__],
        env={**os.environ, **envfile.settings(cloud)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield program


def _verdict(ours: Sequence[Run], theirs: Sequence[Run]) -> int:
    wall, other = (statistics.median(run.wall for run in runs) for runs in (ours, theirs))
    rows = [
        ("", "facestamp", "plain script"),
        ("requests", *(str(_middle(runs, "requests")) for runs in (ours, theirs))),
        ("face calls paid", *(str(_middle(runs, "paid")) for runs in (ours, theirs))),
        ("bytes of the photo moved", *(f"{_middle(runs, 'pixels'):,}" for runs in (ours, theirs))),
        ("wall time", _ms(wall), _ms(other)),
        ("processor time", *(_ms(statistics.median(run.processor for run in runs)) for runs in (ours, theirs))),
    ]
    print(f"\nMedians of {ROUNDS}:")
    for row in rows:
        print(f"  {row[0]:26}{row[1]:>12}{row[2]:>16}")
    by_bound, by_script = wall / BOUND, wall / other
    print(f"\n  bound {_ms(BOUND)}: {by_bound:.2f} of it (at most {AGAINST_BOUND}, aim {AIMS[0]:.2f})")
    print(f"  script {_ms(other)}: {by_script:.2f} of it (at most {AGAINST_SCRIPT}, aim {AIMS[1]:.2f})")
    if by_bound > AGAINST_BOUND or by_script > AGAINST_SCRIPT:
        print("Slower than it may be.")
        return 1
    return 0


def _middle(runs: Sequence[Run], what: str) -> int:
    return int(statistics.median(getattr(run, what) for run in runs))


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
