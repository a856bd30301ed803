"""The runner inside a worker process: loads the function's module once, then runs one event after another.

It is run by path (`python -I -S -B bootstrap.py <fd> <package> <handler>`) and imports the standard library alone, and
little of it, so that a function finds nothing but what was packaged. It does what Tencent's own runner does: the root
logger writes everything to stdout before user code loads, the pairs of `context["environ"]` are put into the
environment before every event, and the result is turned into JSON here.

The control channel is a descriptor of its own, with frames of a 4-byte length and JSON; stdout and stderr stay the
function's. A frame holds a mark, which is written to stdout behind the event's last line: what comes before it
belongs to that event.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import logging
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

RESULT_LIMIT = 6 * 1024 * 1024
"""Bytes of a result's JSON (SCF 583/11637)."""

Handler = Callable[[Any, "dict[str, Any]"], object]


def main(channel: int, package: str, entry: str) -> None:
    """Serve until the platform closes the channel."""
    os.set_inheritable(channel, False)
    sys.path.insert(0, package)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Each line leaves at once, so that a process that is killed has said what it said.
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    root.addHandler(logging.StreamHandler(sys.stdout))
    first = receive(channel)
    if first is None:
        return
    began = time.perf_counter()
    handler, failure = load(entry)
    answer(channel, first["mark"], {**failure, "seconds": time.perf_counter() - began})
    while handler is not None and (frame := receive(channel)) is not None:
        context = frame["context"]
        for pair in context["environ"].split(";"):
            name, separator, value = pair.partition("=")
            if separator:
                os.environ[name] = value
        began = time.process_time()
        reply = run(handler, json.loads(frame["event"]), context)
        answer(channel, frame["mark"], {**reply, "processor": time.process_time() - began})


def load(entry: str) -> tuple[Handler | None, dict[str, Any]]:
    """The handler named `<file>.<function>`, or None and why not."""
    file, _, name = entry.rpartition(".")
    try:
        if importlib.util.find_spec(file) is None:
            return None, {"status": 437, "trace": f"{file}.py is not at the root of the package"}
        handler = getattr(importlib.import_module(file), name, None)
    except Exception as error:
        return None, {"status": 443, "trace": told(error)}
    if not callable(handler):
        return None, {"status": 437, "trace": f"module '{file}' has no attribute '{name}'"}
    return handler, {}


def run(handler: Handler, event: object, context: dict[str, Any]) -> dict[str, Any]:
    """The result as JSON, or the failure. What is no Exception, such as SystemExit, ends the process."""
    try:
        result = json.dumps(handler(event, context), ensure_ascii=False)
    except Exception as error:
        return {"status": 430, "trace": told(error)}
    if len(result.encode("utf-8", "surrogatepass")) > RESULT_LIMIT:
        return {"status": 407}
    return {"result": result}


def told(error: Exception) -> str:
    """The stack trace without this file's own frame."""
    below = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(traceback.format_exception(type(error), error, below)).rstrip()


def peak() -> float:
    """The most memory that this process has held, in MB. Linux counts the parent's, from before exec, in ru_maxrss."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def answer(channel: int, mark: str, message: dict[str, Any]) -> None:
    """Close the event's output with its mark, then report."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
    os.write(1, f"{mark}\n".encode())
    body = json.dumps({**message, "memory": peak()}).encode()
    left = memoryview(len(body).to_bytes(4, "big") + body)
    while left:
        left = left[os.write(channel, left) :]


def receive(channel: int) -> dict[str, Any] | None:
    """The next frame; None when the platform is gone."""
    length = exactly(channel, 4)
    body = exactly(channel, int.from_bytes(length, "big")) if length else b""
    return dict(json.loads(body)) if body else None


def exactly(channel: int, size: int) -> bytes:
    """`size` bytes, or none at the channel's end."""
    parts = []
    while size:
        part = os.read(channel, min(size, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
