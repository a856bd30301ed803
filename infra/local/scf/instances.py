"""Runs invocations: takes an instance that waits or starts one, passes the event in, and writes the platform's lines.

1. START. A cold instance then loads the function, within its init timeout, which is told in an Init Report.
2. The execution role is taken on for this one invocation, and its key handed over in `context["environ"]`.
3. The handler runs within the function's timeout and memory; what it prints is the invocation's log.
4. ERROR or none, Response, END, Report: as the log structure page shows them (SCF 583/52637).

An instance is used again unless the invocation ended it, or the function has changed since.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from infra.local.cam import Cam, Denied
from infra.local.clock import Clock
from infra.local.scf.function import Function
from infra.local.scf.logs import LogLine, Logs
from infra.local.scf.outcome import SUCCESS, Invocation, Outcome, failed
from infra.local.scf.worker import Ended, Worker

if TYPE_CHECKING:
    from infra.local.cam import Identity

VERSION: Final = "$LATEST"
NAMESPACE: Final = "default"


class Instances:
    """The instances of all functions."""

    def __init__(self, clock: Clock, cam: Cam, logs: Logs, region: str) -> None:
        self._clock, self._cam, self._logs, self._region = clock, cam, logs, region
        self._idle: dict[tuple[str, int], list[Worker]] = {}
        self._workers: dict[str, Worker] = {}
        self._serving: dict[str, Invocation] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def run(self, function: Function, invocation: Invocation, event: str) -> Outcome:
        """Run one event (JSON) to its end; fills in `invocation`."""
        self._platform(invocation, f"START RequestId:{invocation.request_id}")
        worker = self._take(function, invocation)
        try:
            outcome = self._serve(worker, function, invocation, event)
        except Ended as ended:
            outcome = _ended(ended.status, function)
        finally:
            self._leave(worker, function)
        invocation.status, invocation.error = outcome.status, outcome.message
        if not outcome.ok:
            told = json.dumps(outcome.failure(invocation.request_id), ensure_ascii=False)
            self._platform(invocation, f"ERROR RequestId:{invocation.request_id} Result:{told}")
        self._platform(
            invocation,
            f"Response RequestId:{invocation.request_id} RetMsg:{outcome.returned(invocation.request_id)}",
        )
        self._platform(invocation, f"END RequestId:{invocation.request_id}")
        self._platform(
            invocation,
            f"Report RequestId:{invocation.request_id} Duration:{invocation.duration * 1000:.0f}ms"
            f" Memory:{function.memory}MB MemUsage:{invocation.memory:.6f}MB",
        )
        return outcome

    def kill(self, worker: str) -> None:
        """Kill an instance by its name, in the middle of what it does; unknown names are ignored."""
        with self._lock:
            found = self._workers.get(worker)
        if found is not None:
            found.kill()

    def retire(self, function: str | None = None) -> None:
        """End the instances that wait, of one function or of all; those that run end when they have run."""
        with self._lock:
            for worker in self._workers.values():
                worker.again = worker.again and function not in (None, worker.function)
            keys = [key for key in self._idle if function in (None, key[0])]
            waiting = [worker for key in keys for worker in self._idle.pop(key)]
            for worker in waiting:
                del self._workers[worker.name]
        for worker in waiting:
            worker.close()

    def close(self) -> None:
        """End every instance, also those that run."""
        with self._lock:
            workers = list(self._workers.values())
        for worker in workers:
            worker.kill()
        self.retire()

    def _take(self, function: Function, invocation: Invocation) -> Worker:
        with self._lock:
            waiting = self._idle.get((function.name, function.revision), [])
            while waiting:
                worker = waiting.pop()
                if worker.alive:
                    break
                del self._workers[worker.name]
                worker.close()
            else:
                worker = self._start(function)
                invocation.coldstart = True
            self._serving[worker.name] = invocation
            invocation.worker = worker.name
            return worker

    def _start(self, function: Function) -> Worker:
        name = f"{function.name}-{next(self._numbers)}"

        def write(text: str) -> None:
            invocation = self._serving.get(name)
            if invocation is not None:
                self._line(invocation, "Custom", text)

        worker = Worker(name, function.name, function.package, function.handler, self._environ(function), write)
        self._workers[name] = worker
        return worker

    def _serve(self, worker: Worker, function: Function, invocation: Invocation, event: str) -> Outcome:
        if not worker.loaded:
            began = time.perf_counter()
            reply = worker.load(function.init_timeout)
            seconds, invocation.memory = time.perf_counter() - began, reply["memory"]
            if "status" in reply:
                return failed(reply["status"], trace=reply["trace"])
            init = reply["seconds"]
            self._platform(
                invocation,
                f"Init Report RequestId: {invocation.request_id} Coldstart: {seconds * 1000:.0f}ms"
                f" (PullCode: 0ms InitRuntime: {(seconds - init) * 1000:.0f}ms InitFunction: {init * 1000:.0f}ms)"
                f" Memory: {function.memory}MB MemUsage: {invocation.memory:.2f}MB",
            )
        try:
            key = self._cam.assume(function.role, worker.name, invocation.request_id) if function.role else None
        except Denied as denied:
            return failed(441, trace=str(denied))
        began = time.perf_counter()
        try:
            reply = worker.run(event, self._context(function, invocation, key), function.timeout, function.memory)
        finally:
            invocation.duration = time.perf_counter() - began
        invocation.memory, invocation.processor = reply["memory"], reply["processor"]
        if "status" in reply:
            return failed(reply["status"], trace=reply.get("trace", ""))
        return Outcome(SUCCESS, result=reply["result"])

    def _leave(self, worker: Worker, function: Function) -> None:
        with self._lock:
            again = worker.again and worker.loaded and worker.alive
            if again:
                self._idle.setdefault((function.name, function.revision), []).append(worker)
            else:
                self._workers.pop(worker.name, None)
        if not again:
            worker.close()

    def _environ(self, function: Function) -> dict[str, str]:
        """The documented variables and the function's own: nothing of this machine's, and no credentials yet."""
        return {
            "HOME": "/home/qcloud",
            "LANG": "en_US.UTF8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONDONTWRITEBYTECODE": "x",
            "PYTHONPATH": f"{function.package}:/opt",
            "PWD": str(function.package),
            "TZ": "UTC",
            "USER_CODE_ROOT": f"{function.package}/",
            "_SCF_SERVER_PORT": "28902",
            "SCF_FUNCTIONNAME": function.name,
            "SCF_FUNCTIONVERSION": VERSION,
            "SCF_NAMESPACE": NAMESPACE,
            "SCF_RUNTIME": function.runtime,
            "TENCENTCLOUD_APPID": self._cam.appid,
            "TENCENTCLOUD_REGION": self._region,
            "TENCENTCLOUD_RUNENV": "SCF",
            "TENCENTCLOUD_TZ": "UTC",
            "TENCENTCLOUD_UIN": self._cam.uin,
            **function.variables,
        }

    def _context(self, function: Function, invocation: Invocation, key: Identity | None) -> Mapping[str, Any]:
        pairs = {"SCF_NAMESPACE": NAMESPACE, "TRIGGER_SRC": invocation.source}
        if key is not None:
            pairs |= {
                "TENCENTCLOUD_SECRETID": key.secret_id,
                "TENCENTCLOUD_SECRETKEY": key.secret_key,
                "TENCENTCLOUD_SESSIONTOKEN": key.token,
            }
        return {
            "memory_limit_in_mb": function.memory,
            "time_limit_in_ms": function.timeout * 1000,
            "request_id": invocation.request_id,
            "environment": json.dumps({"SCF_NAMESPACE": NAMESPACE}, separators=(",", ":")),
            "environ": ";".join(f"{name}={value}" for name, value in pairs.items()),
            "function_version": VERSION,
            "function_name": function.name,
            "namespace": NAMESPACE,
            "tencentcloud_region": self._region,
            "tencentcloud_appid": self._cam.appid,
            "tencentcloud_uin": self._cam.uin,
        }

    def _platform(self, invocation: Invocation, text: str) -> None:
        self._line(invocation, "Platform", text)

    def _line(self, invocation: Invocation, kind: Literal["Platform", "Custom"], text: str) -> None:
        self._logs.write(
            LogLine(
                self._clock.now(),
                invocation.function,
                invocation.request_id,
                kind,
                text,
                retry=invocation.attempt - 1,
                started=invocation.started,
                duration=invocation.duration,
                memory=invocation.memory,
                status=invocation.status,
            )
        )


def _ended(status: int, function: Function) -> Outcome:
    if status == 433:
        return failed(433, message=f"Invoking task timed out after {function.timeout} seconds")
    return failed(status)
