"""What an error means for the event at hand: try again, slow down, give the photo up, or call somebody.

- `RETRY`: it passes. Try again inside the deadline, then raise for the platform to try.
- `THROTTLE`: the same, after a longer wait.
- `REJECT`: the photo's own fault, or the request's, or what COS says about the object's state: it stays as it is
  however often it is asked. Record it; do not raise.
- `OPERATOR`: account, permission or configuration: somebody must act, and then the photo can be stamped.

A code that no document knows has no verdict: raise it, and record it. "No face" is among the rejections, being as
final as they are, but it is an answer rather than a fault: `NO_FACE` tells it apart.

Codes are those of `facestamp.codes`. Tencent's message never becomes part of an exception's text, for it can hold a
signed address.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from facestamp import codes


class Verdict(str, Enum):
    """What is to be done about an error."""

    RETRY = "retry"
    THROTTLE = "throttle"
    REJECT = "reject"
    OPERATOR = "operator"


NO_FACE = frozenset({"InvalidParameterValue.NoFaceInPhoto", "FailedOperation.ImageFacedetectFailed"})
"""Codes that say no more than that there is nobody in the photo."""


class Refusal(NamedTuple):
    """One of Tencent's numbers under the name of an error code."""

    code: str
    verdict: Verdict


def classify(code: str, service: str = "") -> Verdict | None:
    """The verdict on an error code; None for one that no document knows.

    One code has two meanings: `NoSuchVersion` is an object's version where `service` is "cos", else an interface's.
    """
    if (code, service) == ("NoSuchVersion", "cos"):
        return Verdict.REJECT
    verdict = _VERDICTS.get(code)
    if verdict is None and (family := code.partition(".")[0]) in codes.FAMILIES:
        verdict = _VERDICTS[family]
    return verdict


def retcode(number: int) -> Refusal:
    """What a non-zero RetCode in CreateFace's answer says of its image (867/32795).

    The code is the error code that says the same, as an error line shows it, or else the number itself.
    """
    code = codes.RETCODES.get(number, codes.RETCODE_OTHER)
    return Refusal(code, _VERDICTS[code])


def errno(number: int) -> Refusal | None:
    """What a number in Cloud Infinite's `X-ErrNo` header says, under the nearest error code; None if unknown."""
    code = codes.ERRNOS.get(number)
    return None if code is None else Refusal(code, _VERDICTS[code])


class ServiceError(Exception):
    """A service refused or failed a call. The verdict is its code's unless another one is given."""

    def __init__(
        self,
        service: str,
        action: str,
        code: str,
        message: str = "",
        request_id: str = "",
        verdict: Verdict | None = None,
    ) -> None:
        super().__init__(f"{service}:{action} {code}" + (f" (request {request_id})" if request_id else ""))
        self.service, self.action, self.code = service, action, code
        self.message, self.request_id = message, request_id
        """The message is Tencent's own and can hold an address with a signature: never log it."""
        self.verdict = verdict or classify(code, service)


class NoAnswer(ServiceError):
    """A time-out or a lost connection: nobody knows whether the call took effect."""

    def __init__(self, service: str, action: str, message: str = "") -> None:
        super().__init__(service, action, "NoAnswer", message, verdict=Verdict.RETRY)


def sentence(error: ServiceError) -> str:
    """One sentence, or two, for whoever reads the log: what happened, and what to do about it."""
    action = f"{error.service}:{error.action}"
    if isinstance(error, NoAnswer):
        return f"{action} did not answer; it is tried again."
    permission = codes.PERMISSIONS.get(action, f"{action} to the function's role")
    return f"{error}: {_advice(error).format(action=action, permission=permission)}"


def _advice(error: ServiceError) -> str:
    if error.verdict is Verdict.OPERATOR:
        family = error.code.partition(".")[0]
        return _ADVICE.get(error.code) or _ADVICE.get(family) or "Somebody has to look at {action}."
    return {
        Verdict.RETRY: "This passes; it is tried again.",
        Verdict.THROTTLE: "Too many calls at once; it is tried again later.",
        Verdict.REJECT: "This is final for this photo.",
        None: "No document knows this code; it is tried again, and recorded.",
    }[error.verdict]


_ADVICE = {code: advice for advice, group in codes.OPERATOR.items() for code in group}
_VERDICTS = {
    **dict.fromkeys(codes.RETRY, Verdict.RETRY),
    **dict.fromkeys(codes.THROTTLE, Verdict.THROTTLE),
    **dict.fromkeys(codes.REJECT, Verdict.REJECT),
    **dict.fromkeys(_ADVICE, Verdict.OPERATOR),
}
