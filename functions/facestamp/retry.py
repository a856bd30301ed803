"""Trying again: classified, jittered, and never past the deadline.

The SDKs' own retries stay off. The COS SDK's turn a lost reply into a false "exists", and the API 3.0 SDK's
`StandardRetryer` keeps a stale error after a success (release 3.1.195).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from facestamp.deadline import Deadline
from facestamp.errors import ServiceError, Verdict

ATTEMPTS = 5
_WAITS = wait_random_exponential(multiplier=0.2, max=4)
"""Seconds: up to 0.2, 0.4, 0.8 …, drawn at random so that throttled functions do not come back together."""

Result = TypeVar("Result")


def retried(call: Callable[[], Result], deadline: Deadline, call_seconds: float) -> Result:
    """Make the call until it succeeds, its failure is final, or another try no longer fits.

    `call_seconds` is the call's own time-out. Raises the last `ServiceError`.
    """

    def enough(state: RetryCallState) -> bool:
        return state.attempt_number >= ATTEMPTS or not deadline.allows(state.upcoming_sleep + call_seconds)

    return Retrying(retry=retry_if_exception(_passing), wait=_WAITS, stop=enough, reraise=True)(call)


def _passing(error: BaseException) -> bool:
    return isinstance(error, ServiceError) and error.verdict in (Verdict.RETRY, Verdict.THROTTLE)
