"""The function platform: it hears what happened, runs what is deployed for it, and keeps what became of it.

`Scf` hears of object events from COS (`notify`), and runs functions through the queue (`delivery`) or at once
(`invoke`). What is deployed is its base; the management API is in `api`, and `Scf` is that service at the gateway.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.events import ObjectEvent, cos_event
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call
from infra.local.readings import Readings
from infra.local.scf import api
from infra.local.scf.delivery import Chaos, Delivery, Message, Patience
from infra.local.scf.deployed import Deployed
from infra.local.scf.function import Function
from infra.local.scf.instances import Instances
from infra.local.scf.invoking import ASYNCHRONOUS_LIMIT, SYNCHRONOUS_LIMIT
from infra.local.scf.logs import LogLine, Logs
from infra.local.scf.outcome import Invocation, Outcome, failed
from infra.local.scf.quotas import Quotas


class Scf(Deployed):
    """The platform in one region. `fast` skips its waits; `instances` are how many events run side by side."""

    def __init__(
        self,
        clock: Clock,
        cam: Cam,
        readings: Readings,
        workdir: Path,
        fast: bool = True,
        *,
        region: str = "ap-guangzhou",
        instances: int = 10,
    ) -> None:
        super().__init__(clock, cam, workdir, region)
        self.readings = readings
        self.invocations: list[Invocation] = []
        """Every attempt, from its start, in order."""
        self.dead: list[dict[str, Any]] = []
        """The stand-in for a dead letter queue: what was given up, in that queue's own form (SCF 583/50345)."""
        self.quotas = Quotas(region)
        self._troubles: dict[str, list[int]] = {}
        self.ship: Callable[[str, LogLine], None] = lambda topic, line: None
        """Takes the lines of functions that have a log topic: its id, and the line. The composition sets it."""
        self._logs = Logs(hear=self._shipped)
        self._instances = Instances(clock, cam, self._logs, region)
        self._delivery = Delivery(clock, self._perform, self._bury, fast=fast, limit=instances)

    # -- a service at the gateway --------------------------------------------------------------------------------

    def wanted(self, request: Request) -> Wanted:
        """Name the action."""
        return api.wanted(request)

    def answer(self, request: Request, call: Call) -> Response:
        """Answer a management call; raises `Refused`."""
        return api.answer(self, request)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """The refusal in the envelope of API 3.0."""
        return api.refusal(refused)

    # -- events --------------------------------------------------------------------------------------------------

    def notify(self, event: ObjectEvent) -> None:
        """Hear of an object operation from COS: queue it for each function whose trigger wants it."""
        for trigger in self.waking(event):
            queue = f"{trigger.function}/{trigger.name}/{trigger.description}"
            parts = [(event, trigger.event)]
            self._delivery.send(Message(trigger.function, "cos", queue, "", self.clock.now(), parts=parts))

    def send(self, name: str, event: object) -> str:
        """Invoke asynchronously with any event; the request id. Raises `Refused` for an unknown function."""
        self.serving(name)
        message = Message(name, "invoke", f"{name}/invoke", json.dumps(event), self.clock.now())
        self._delivery.send(message, orderly=True)
        return message.request_id

    def invoke(self, name: str, event: object, source: str = "invoke") -> tuple[Invocation, Outcome]:
        """Invoke synchronously, in this thread; a failure is an outcome, and nothing is tried again."""
        function = self.serving(name)
        with self._delivery.busy():
            return self._attempt(function, json.dumps(event), str(uuid.uuid4()), source, 1, SYNCHRONOUS_LIMIT)

    def settle(self, timeout: float = 60.0) -> None:
        """Wait until no event is queued and no function runs; raises TimeoutError naming what is left."""
        self._delivery.settle(timeout)

    def hold(self) -> contextlib.AbstractContextManager[None]:
        """Start no queued event inside the `with`; what arrives can then be merged or reordered."""
        return self._delivery.hold()

    # -- what can go wrong ---------------------------------------------------------------------------------------

    def kill(self, worker: str) -> None:
        """Kill an instance at once; the invocation in it ends with 439."""
        self._instances.kill(worker)

    def disturb(self, chaos: Chaos | None) -> None:
        """Double, delay and reorder COS events from now on, or behave again."""
        self._delivery.disturb(chaos)

    def trouble(self, function: str, status: int, times: int = 1) -> None:
        """Let the next `times` attempts at a function meet a platform error: 429, 432, 449 or 500."""
        with self._lock:
            self._troubles.setdefault(function, []).extend([status] * times)

    def merge(self, messages: int) -> None:
        """Merge up to so many waiting messages of one trigger into one event."""
        self._delivery.merge = messages

    # -- what became of it ---------------------------------------------------------------------------------------

    def logs(self, function: str | None = None, invocation: str | None = None) -> list[LogLine]:
        """The lines of one function or invocation, or all, in order."""
        return self._logs.lines(function, invocation)

    def retire(self, function: str | None = None) -> None:
        """Reclaim the instances that wait, of one function or of all: the next event starts cold."""
        self._instances.retire(function)

    def close(self) -> None:
        """End everything: no process is left, and the unpacked code is gone."""
        self._delivery.stop()
        self._instances.close()
        self._delivery.close()
        self._instances.close()
        self._packages.close()

    def _shipped(self, line: LogLine) -> None:
        function = self._functions.get(line.function)
        if function is not None and function.settings.get("ClsTopicId"):
            self.ship(function.settings["ClsTopicId"], line)

    def _changed(self, name: str) -> None:
        self._instances.retire(name)

    def _gone(self, name: str) -> None:
        self._delivery.forget(name)
        self.quotas.reserve(name, None)
        self._instances.retire(name)

    def _perform(self, message: Message) -> tuple[Outcome, Patience]:
        try:
            function = self.serving(message.function)
        except Refused:
            return failed(435), Patience(0, 0.0)
        if not message.payload:
            message.payload = self._payload(message)
        patience = Patience(function.retries, function.message_seconds)
        return self._attempt(
            function, message.payload, message.request_id, message.source, message.attempt, ASYNCHRONOUS_LIMIT
        )[1], patience

    def _payload(self, message: Message) -> str:
        records = []
        for event, subscribed in message.parts:
            records += cos_event([event], self.readings, subscribed=subscribed, function=message.function)["Records"]
        return json.dumps({"Records": records}, ensure_ascii=False)

    def _attempt(
        self, function: Function, payload: str, request_id: str, source: str, attempt: int, limit: int
    ) -> tuple[Invocation, Outcome]:
        invocation = Invocation(request_id, function.name, source, attempt, self.clock.now())
        with self._lock:
            self.invocations.append(invocation)
            troubles = self._troubles.get(function.name)
            refused = failed(troubles.pop(0)) if troubles else None
        if len(payload.encode()) > limit:
            refused = failed(406)
        elif refused is None and (full := self.quotas.enter(function)):
            refused = failed(432, message=full)
        if refused is not None:
            invocation.status, invocation.error = refused.status, refused.message
            return invocation, refused
        try:
            return invocation, self._instances.run(function, invocation, payload)
        finally:
            self.quotas.leave(function)

    def _bury(self, message: Message, outcome: Outcome) -> None:
        self.dead.append(
            {
                "RequestId": message.request_id,
                "ErrorCode": -1 if outcome.status == 430 else outcome.status,
                "ErrorMessage": outcome.trace or outcome.message,
                "Body": {
                    "AppId": int(self.cam.appid),
                    "Uin": self.cam.uin,
                    "FunctionName": message.function,
                    "Namespace": "default",
                    "Qualifier": "$DEFAULT",
                    "InvocationType": "Event",
                    "ClientContext": message.payload,
                    "RequestId": message.request_id,
                    "RetryNum": message.attempt - 1,
                    "PushTime": self.clock.now(),
                },
            }
        )
