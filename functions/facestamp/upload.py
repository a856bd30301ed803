"""What becomes of an event: its records one by one, each with an end that is written down.

| how a record ended                                | what is left                                   | raised |
|---------------------------------------------------|------------------------------------------------|--------|
| stamped, recorded, already, outside, gone         | stamp or record                                | no     |
| forgotten: somebody has had this photo forgotten  | a stamp, or a record, that says no more        | no     |
| another invocation is at the same photo           | nothing: its own event is tried again          | no     |
| something passing: throttled, no answer, 5xx      | answers so far, a dead letter                  | yes    |
| somebody must act: permission, account, settings  | answers so far, a dead letter, one clear line  | no     |
| a code or an error that nobody foresaw            | answers so far, a dead letter                  | yes    |

One bad record never stops the others. SCF tries the whole event again when anything is raised, and finds the finished
records stamped.

A dead letter names an object, and whoever finishes that object takes it away. Which attempt it is, SCF does not tell;
so the letter is deleted, by one request more, where there can be one: the leases show that somebody worked on this
content before, or the event is as old as a second try of it would be. The first try of an upload pays for no such
request. What remains is the letter of an event that was given up, until that event is sent again: whoever lists letters
sees by the object's own stamp whether another upload has finished it meanwhile.
"""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

from facestamp.asking import Unfinished
from facestamp.cos import Cos
from facestamp.deadline import Deadline
from facestamp.desk import WorkDesk
from facestamp.errors import ServiceError, Verdict, sentence
from facestamp.events import Unreadable, Upload, records
from facestamp.iai import FaceService
from facestamp.lease import Busy
from facestamp.log import Log, silence_libraries, where
from facestamp.pipeline import End, Pipeline
from facestamp.settings import Credentials, Settings
from facestamp.state import State, object_name

_SIDE_BY_SIDE = 6
"""Threads: every operation that there is, the ACL, and an answer on its way to the state bucket."""

_SECOND_TRY = 50.0
"""Seconds from an upload after which its event may be one that is sent again: SCF waits 60 (SCF 583/41138)."""

_LAST_TRY = 6 * 3600.0
"""Seconds for which SCF keeps an event (SCF 583/41138)."""


class TryAgain(Exception):
    """Raised to SCF, so that it sends the event again; names no photo."""


def on_upload(event: object, context: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Process a COS event; how many of its records ended how. Raises `TryAgain` where another try can help."""
    silence_libraries()
    log = Log(request_id=str(context.get("request_id", "")))
    deadline = Deadline(int(context.get("time_limit_in_ms", 30_000)) / 1000)
    settings = Settings.from_environment(environment)
    credentials = Credentials.from_environment(environment)
    ends: Counter[str] = Counter()
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        invocation = _Invocation(settings, credentials, deadline, context, environment, pool, log)
        try:
            found = records(event)
        except Unreadable as error:
            found = [error]
        for record in found:
            ends[invocation.take(record, event)] += 1
    again = ends["again"]
    if again:
        raise TryAgain(f"{again} of {len(found)} records could not be finished yet; their dead letters say why")
    return dict(ends)


class _Invocation:
    """Takes records in, and sees to it that none is lost."""

    def __init__(
        self,
        settings: Settings,
        credentials: Credentials,
        deadline: Deadline,
        context: Mapping[str, Any],
        environment: Mapping[str, str],
        pool: ThreadPoolExecutor,
        log: Log,
    ) -> None:
        self._settings, self._credentials, self._deadline = settings, credentials, deadline
        self._context, self._environment, self._pool, self._log = context, environment, pool, log

    def take(self, record: Upload | Unreadable, event: object) -> str:
        """Process one record; the name of its end, `again` if it needs another try."""
        if isinstance(record, Unreadable):
            region = str(self._context.get("tencentcloud_region") or self._environment.get("TENCENTCLOUD_REGION", ""))
            self._log.error(str(record), verdict=Verdict.OPERATOR.value)
            shape = sorted(event) if isinstance(event, Mapping) else type(event).__name__
            name = object_name(self._settings.route, "event", repr(event))
            buried = self._bury(self._state(region), name, {"shape": shape, "why": str(record)}, self._log)
            return "unreadable" if buried else "again"
        region = record.region(self._context, self._environment)
        cos = Cos(self._credentials, region, self._settings.endpoint, self._deadline)
        state = State(cos, self._settings.state_bucket)
        name = object_name(self._settings.route, record.bucket, record.keys[0])
        log = self._log.within(object=name.rpartition("/")[2][:12])
        service = FaceService(self._credentials, self._settings.face_region, self._settings.endpoint, self._deadline)
        desk = WorkDesk(cos, service, state, uuid.uuid4().hex, self._deadline.left)
        pipeline = Pipeline(self._settings, cos, state, desk, self._pool)
        try:
            end = _run(pipeline, record, log)
            if _tried_before(end, state.now() - _time(record)):
                state.unbury(name)
        except Busy as busy:
            log.info("another invocation is at this photo")
            return "busy" if busy.same else self._failed(state, name, record, (), True, log)
        except Unfinished as unfinished:
            return self._failed(state, name, record, unfinished.errors, unfinished.busy, log)
        except ServiceError as error:
            return self._failed(state, name, record, (error,), False, log)
        except Exception as error:
            # Nothing is lost: what nobody foresaw is written down, and raised at the end.
            kind, place = type(error).__name__, where(error)
            log.error("failed in a way that nobody foresaw; please report this line", error=kind, where=place)
            told = [{"code": kind, "where": place}]
            self._bury(state, name, {**_about(record), "errors": told, "again": True}, log)
            return "again"
        log.info(end.outcome)
        return end.outcome

    def _failed(
        self, state: State, name: str, record: Upload, errors: tuple[ServiceError, ...], busy: bool, log: Log
    ) -> str:
        again = busy or any(error.verdict not in (Verdict.OPERATOR, Verdict.REJECT) for error in errors)
        for error in errors:
            _tell(error, log)
        told = [{"action": f"{e.service}:{e.action}", "code": e.code, "request_id": e.request_id} for e in errors]
        if busy:
            told.append({"code": "Busy"})
        buried = self._bury(state, name, {**_about(record), "errors": told, "again": again}, log)
        return "again" if again or not buried else "failed"

    def _bury(self, state: State, name: str, letter: Mapping[str, Any], log: Log) -> bool:
        """Leave a dead letter; if even that fails (False), the platform's retries are all that is left."""
        at = datetime.fromtimestamp(state.now(), timezone.utc).isoformat(timespec="seconds")
        try:
            state.bury(name, {"at": at, "request_id": str(self._context.get("request_id", "")), **letter})
        except ServiceError as error:
            _tell(error, log)
            return False
        return True

    def _state(self, region: str) -> State:
        cos = Cos(self._credentials, region, self._settings.endpoint, self._deadline)
        return State(cos, self._settings.state_bucket)


def _run(pipeline: Pipeline, record: Upload, log: Log) -> End:
    try:
        return pipeline.run(record)
    except ServiceError as error:
        if error.code != "NoSuchKey":
            raise
    log.info("the photo is gone")
    return End("gone", first=False)


def _tried_before(end: End, age: float) -> bool:
    """Whether an earlier attempt may have left a dead letter; a photo found stamped costs no second request for it,
    unless the event is of an age at which it can only be late or sent again.
    """
    if end.outcome == "outside":
        return False
    return not end.first or (age >= _SECOND_TRY and (age <= _LAST_TRY or end.outcome not in ("already", "forgotten")))


def _time(record: Upload) -> float:
    """When the upload was, in COS's seconds; long ago where the event does not tell."""
    return 0.0 if isinstance(record.event.time, str) else float(record.event.time)


def _tell(error: ServiceError, log: Log) -> None:
    verdict = error.verdict.value if error.verdict else "unknown"
    log.error(sentence(error), action=f"{error.service}:{error.action}", code=error.code, verdict=verdict)


def _about(record: Upload) -> dict[str, Any]:
    """What of a record may be kept: enough to send it again, nothing that came with the request."""
    about = record.cos
    return {
        "bucket": record.bucket,
        "key": record.keys[0],
        "version_id": about.object.vid,
        "event": record.event.name,
        "event_time": record.event.time,
    }
