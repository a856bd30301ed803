"""The local cloud in the foreground: `make up`.

Ready means: deployed, the face models loaded, the group made. Then `.local/env` appears, and what happens is told line
by line until Ctrl-C, a SIGTERM, or the end of its terminal (SIGHUP); with that the file goes away, and `.local/ca.pem`
beside it, which is what https clients are to trust. Where several run, each on a port of its own, the files are the
last one's.
"""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

from facestamp import stamp
from infra.local import envfile, keeping, port
from infra.local.cloud import LocalCloud
from infra.local.demo import warm
from infra.local.iai import Outside
from infra.local.journal import Call
from infra.local.scf.outcome import RUNNING, Invocation

ENV: Final = Path(__file__).parents[2] / ".local" / "env"
TRUSTED: Final = "ca.pem"
"""Beside it: the certificate of the cloud's own authority."""
_UPLOADS: Final = ("PutObject", "PostObject", "CompleteMultipartUpload")
_LOOK_SECONDS: Final = 0.1

_TOLD: Final = """
Point any COS or Tencent client at it: its proxy for http, and http instead of https (or https too: trust .local/ca.pem).

    set -a; . .local/env; export HTTP_PROXY="$FACESTAMP_ENDPOINT"

Or paste this into .venv/bin/python:

    import skimage; from qcloud_cos import CosConfig, CosS3Client; from facestamp import stamp
    env = dict(line.split("=", 1) for line in open(".local/env").read().splitlines())
    keys = dict(SecretId=env["TENCENTCLOUD_SECRET_ID"], SecretKey=env["TENCENTCLOUD_SECRET_KEY"])
    cos = CosS3Client(CosConfig(Region=env["TENCENTCLOUD_REGION"], **keys, Scheme="http", Proxies={{"http": env["FACESTAMP_ENDPOINT"]}}))
    photo = dict(Bucket=env["FACESTAMP_BUCKET"], Key=env["FACESTAMP_PREFIX"] + "astronaut.png")
    cos.put_object(**photo, Body=open(skimage.data_dir + "/astronaut.png", "rb"))
    import time; time.sleep(3); print(stamp.read(cos.head_object(**photo)))

Open {api}/ in a browser and sign in with the key {key}, or call the API:

    set -a; . .local/env
    curl -H "Authorization: Bearer $FACESTAMP_API_KEY" "$FACESTAMP_API_URL/v1/photo?key=photos/astronaut.png"

What happened is at {endpoint}/ too. {waits} {keeps} Ctrl-C stops it.
"""  # noqa: E501 -- one line each, so that it can be pasted


def run(
    keep: Path | None = None,
    *,
    real_waits: bool = False,
    env: Path = ENV,
    asked: int | None = None,
    outside: tuple[str, ...] = (),
) -> int:
    """Serve until it is told to stop; 0 then. Raises ValueError with one sentence if it cannot start.

    `outside` are hosts on the real network whose pictures the face service may fetch.
    """
    asked = port.chosen() if asked is None else asked
    if asked and not port.is_free(asked):
        raise ValueError(f"Port {asked} is taken: stop what listens there, or set FACESTAMP_PORT to another one.")
    owner, keyring = (keeping.owner(keep), keeping.keyring(keep)) if keep else (None, None)
    env.unlink(missing_ok=True)
    told: dict[str, str] = {}
    trusted = ""
    stop = threading.Event()
    before = {number: signal.signal(number, _stopper(stop)) for number in _ends()}
    try:
        way = Outside(hosts=outside) if outside else None
        with LocalCloud(asked, fast=not real_waits, owner=owner, keyring=keyring, outside=way) as cloud:
            _say(f"Starting the local cloud on {cloud.endpoint}")
            try:
                restored = _ready(cloud, keep)
                told = envfile.settings(cloud)
                trusted = cloud.certificates.read_text("ascii")
                envfile.place(env.with_name(TRUSTED), trusted)
                envfile.place(env, envfile.lines(told))
                _say(_told(cloud, keep, real_waits, restored))
                watch(cloud, stop)
            finally:
                envfile.withdraw(env, envfile.lines(told))
                envfile.withdraw(env.with_name(TRUSTED), trusted)
                if keep and cloud.outputs:
                    cloud.scf.settle()
                    keeping.save(cloud, keep)
                    _say(f"Kept in {keep}.")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    _say("Stopped.")
    return 0


def watch(cloud: LocalCloud, stop: threading.Event) -> None:
    """Tell of uploads and of what becomes of them, until `stop` is set."""
    seen, begun = len(cloud.journal), 0
    uploads: list[Call] = []
    runs: list[Invocation] = []
    while not stop.wait(_LOOK_SECONDS):
        new = cloud.journal.since(seen)
        seen += len(new)
        uploads += [call for call in new if call.action in _UPLOADS and not call.worker and _on(call, cloud.bucket)]
        started = cloud.scf.invocations[begun:]
        begun += len(started)
        runs += started
        for call in [call for call in uploads if call.status]:
            _say(f"{_clock()}  {call.action} {_key(call)}: {call.code or 'stored'}")
            uploads.remove(call)
        for run in [run for run in runs if run.status != RUNNING]:
            _say(f"{_clock()}  {' '.join(ended(cloud, run))}")
            runs.remove(run)


def ended(cloud: LocalCloud, run: Invocation) -> Iterator[str]:
    """How an invocation ended, in words: object, end (and HTTP status), faces, what it cost."""
    calls = [call for call in cloud.journal.calls(invocation=run.request_id) if not call.by]
    key = next((_key(call) for call in calls if _on(call, cloud.bucket)), "")
    yield f"  {key or run.function}:"
    ends = [line.text for line in cloud.scf.logs(invocation=run.request_id) if line.type == "Custom"]
    yield f"{_happened(ends[-1]) if ends else run.error or 'done'},"
    found = cloud.storage.store.find(cloud.storage.store.bucket(cloud.bucket), key) if key else None
    stamped = stamp.read(found.facts.meta) if found else None
    if stamped:
        yield f"{stamped.status}, {stamped.count} face{'' if stamped.count == 1 else 's'},"
    attempt = f", attempt {run.attempt}" if run.attempt > 1 else ""
    yield f"{sum(call.paid for call in calls)} paid, {len(calls)} requests, {run.duration:.1f} s{attempt}"


def _ready(cloud: LocalCloud, keep: Path | None) -> int:
    cloud.deploy()
    restored = keeping.load(cloud, keep) if keep else 0
    _say("Provisioned. Loading the face models.")
    warm(cloud)
    group = cloud.outputs["groups"][envfile.ENROLLING]
    if group not in {kept.id for kept in cloud.iai.library.groups()}:
        faces = cloud.api("iai", "2020-03-03")
        faces.call_json("CreateGroup", {"GroupName": group, "GroupId": group})
    return restored


def _told(cloud: LocalCloud, keep: Path | None, real_waits: bool, restored: int) -> str:
    waits = (
        "The platform's waits are real: a failed event is tried again after a minute."
        if real_waits
        else "The platform's waits are skipped (WAITS=real has them): a failed event is tried again at once."
    )
    keeps = (
        f"Objects and people are kept in {keep}: {restored} versions were there."
        if keep
        else "It forgets everything when it stops (KEEP=folder does not)."
    )
    key = cloud.keyring.api["all"]
    return _TOLD.format(endpoint=cloud.endpoint, api=cloud.api_url, key=key, waits=waits, keeps=keeps)


def _ends() -> list[signal.Signals]:
    """The signals that stop it; not that of a closed terminal where nohup has it go on."""
    heeded = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if heeded else [])]


def _stopper(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    return handle


def _happened(line: str) -> str:
    try:
        told = json.loads(line)
        return " ".join(str(told[name]) for name in ("happened", "status") if name in told) or line[:100]
    except (ValueError, TypeError):
        return line[:100]


def _on(call: Call, bucket: str) -> bool:
    return call.resource.startswith(f"{bucket}/")


def _key(call: Call) -> str:
    return call.resource.partition("/")[2]


def _clock() -> str:
    return time.strftime("%H:%M:%S")


def _say(line: str) -> None:
    print(line, flush=True)
