"""One instance of a function: a process that has loaded it, and is given one event at a time.

The process knows nothing of the machine that it runs on: its environment is replaced, its import path is the unpacked
package and the standard library, and it reaches the cloud through what the function's own variables say. It is a
session of its own, so that killing it takes what it has started along.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, Final

BOOTSTRAP: Final = Path(__file__).with_name("bootstrap.py")
COMMAND: Final = (sys.executable, "-I", "-S", "-B", "-X", "utf8", str(BOOTSTRAP))
"""-I and -S leave the standard library alone on the path; -B because -I makes it deaf to the variable."""
LOOK_SECONDS: Final = 0.1
"""How often a running instance's memory is looked at."""
DRAIN_SECONDS: Final = 2.0
"""How long to wait for the last lines of an event; a process that has closed its stdout never sends them."""


class Ended(Exception):
    """The instance is gone and the event failed with `status`: 433, 434, 439 or 450."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Worker:
    """A process with one function in it; `write` is given each line of its output."""

    def __init__(
        self,
        name: str,
        function: str,
        package: Path,
        handler: str,
        environ: Mapping[str, str],
        write: Callable[[str], None],
    ) -> None:
        self.name, self.function = name, function
        self.loaded = False
        self.again = True
        """Whether it may be given another event."""
        self._write = write
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and our own file
                [*COMMAND, str(theirs.fileno()), str(package), handler],
                env=dict(environ),
                cwd=package,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._mark = b""
        self._marked = threading.Event()
        self._reader = threading.Thread(target=self._read, name=f"log-{name}", daemon=True)
        self._reader.start()

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def load(self, seconds: float) -> dict[str, Any]:
        """Import the function's module; raises `Ended` (450 after `seconds`, or 439)."""
        reply = self._ask({}, seconds, late=450, megabytes=None)
        self.loaded = "status" not in reply
        return reply

    def run(self, event: str, context: Mapping[str, Any], seconds: float, megabytes: int) -> dict[str, Any]:
        """Give it an event, as JSON; raises `Ended` (433 after `seconds`, 434 above `megabytes`, or 439)."""
        return self._ask({"event": event, "context": dict(context)}, seconds, late=433, megabytes=megabytes)

    def kill(self) -> None:
        """End the process now, with all that it has started."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it and wait until it and its last lines are in."""
        self.kill()
        self._process.wait()
        self._reader.join(DRAIN_SECONDS)
        self._channel.close()
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _ask(self, frame: dict[str, Any], seconds: float, late: int, megabytes: int | None) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        mark = secrets.token_hex(16)
        self._marked.clear()
        self._mark = mark.encode()
        try:
            body = json.dumps({**frame, "mark": mark}).encode()
            self._channel.settimeout(seconds)
            self._channel.sendall(len(body).to_bytes(4, "big") + body)
            reply = self._reply(deadline, late, megabytes)
        except TimeoutError:
            self._end(late)
        except OSError:
            self._end(439)
        self._marked.wait(DRAIN_SECONDS)
        if megabytes is not None and reply["memory"] > megabytes:
            self._end(434)
        return reply

    def _reply(self, deadline: float, late: int, megabytes: int | None) -> dict[str, Any]:
        while not wait([self._channel], min(LOOK_SECONDS, max(0.0, deadline - time.monotonic()))):
            if time.monotonic() >= deadline:
                self._end(late)
            if megabytes is not None and _resident(self._process.pid) > megabytes:
                self._end(434)
        length = int.from_bytes(self._exactly(4), "big")
        return dict(json.loads(self._exactly(length)))

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            part = self._channel.recv(min(size, 1 << 20))
            if not part:
                self._end(439)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _end(self, status: int) -> Any:
        self.close()
        raise Ended(status)

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 -- it was opened as a pipe
        for raw in self._process.stdout:
            line = raw.rstrip(b"\r\n")
            marked = bool(self._mark) and line.endswith(self._mark)
            if marked:
                # What was printed without a newline at its end stands before the mark.
                line = line[: -len(self._mark)]
            if line or not marked:
                self._write(line.decode("utf-8", "replace"))
            if marked:
                self._marked.set()
        self._marked.set()


def _resident(pid: int) -> float:
    """A process's memory in MB; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / 1_048_576
