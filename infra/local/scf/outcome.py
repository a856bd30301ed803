"""How an invocation can end, and what the platform does about it.

Status codes and their messages are those of SCF 583/42611; what is tried again, and how often, is SCF 583/41138.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

SUCCESS: Final = 200
RUNNING: Final = 202

MESSAGES: Final[dict[int, str]] = {
    400: "InvalidParameterValue",
    406: "RequestTooLarge",
    407: "The size of response exceeds the upper limit (6MB)",
    429: "ResourceLimit",
    430: "user code exception caught",
    432: "ResourceLimitReached",
    433: "TimeLimitReached",
    434: "MemoryLimitReached",
    435: "FunctionNotFound",
    437: "HandlerNotFound",
    439: "User process exit when running",
    441: "UnauthorizedOperation",
    443: "UserCodeError",
    449: "InsufficientResources",
    450: "InitContainerTimeout",
    500: "InternalError",
}

PLATFORM: Final[frozenset[int]] = frozenset({429, 432, 449, 500})
"""The platform's own errors: tried again every minute for as long as the message is kept."""
REQUEST: Final[frozenset[int]] = frozenset({400, 406, 435, 441})
"""Errors of the call itself: not tried again."""

Retry = Literal["none", "counted", "lasting"]


@dataclass(frozen=True)
class Outcome:
    """The end of one attempt."""

    status: int
    result: str = ""
    """What the handler returned, as JSON; empty on failure."""
    message: str = ""
    """errorMessage; empty on success."""
    trace: str = ""
    """The function's stack trace, where there is one."""

    @property
    def ok(self) -> bool:
        """Whether the handler returned."""
        return self.status == SUCCESS

    def value(self) -> Any:
        """What the handler returned."""
        return json.loads(self.result)

    @property
    def retry(self) -> Retry:
        """Whether an asynchronous event is tried again: RetryNum times, until MsgTTL is over, or not at all."""
        if self.ok or self.status in REQUEST:
            return "none"
        return "lasting" if self.status in PLATFORM else "counted"

    def failure(self, request_id: str) -> dict[str, Any]:
        """What a synchronous caller is given in place of a result."""
        told: dict[str, Any] = {"errorCode": -1, "errorMessage": self.message, "requestId": request_id}
        if self.trace:
            told["stackTrace"] = self.trace
        return {**told, "statusCode": self.status}

    def returned(self, request_id: str) -> str:
        """RetMsg: the result, or the failure, as JSON."""
        return self.result if self.ok else json.dumps(self.failure(request_id), ensure_ascii=False)


def failed(status: int, *, trace: str = "", message: str = "") -> Outcome:
    """A failure with its documented message."""
    return Outcome(status, message=message or MESSAGES[status], trace=trace)


@dataclass
class Invocation:
    """One attempt to run a function, for tests and for the front page; it holds no event and no result."""

    request_id: str
    function: str
    source: str
    """What woke it: cos, invoke, http or apigw."""
    attempt: int
    """1 for the first."""
    started: float
    """The cloud clock's seconds."""
    worker: str = ""
    coldstart: bool = False
    duration: float = 0.0
    """Seconds in the handler, without the start of the instance."""
    memory: float = 0.0
    """The instance's peak in MB."""
    processor: float = 0.0
    """Seconds of processor time that the event took."""
    status: int = RUNNING
    error: str = ""
    """errorMessage, empty on success."""
