"""Asking the operations that are missing, side by side.

Each answer is kept in the state bucket as it comes, so that a crash repeats no more than the calls in flight. Only the
last one is not, because the record that is about to be written holds it: no upload waits longer than for the slowest
call.
"""

from __future__ import annotations

import queue
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from facestamp.errors import NO_FACE, ServiceError, Verdict
from facestamp.lease import Busy
from facestamp.operations import Answer, Desk, Operation, Photo
from facestamp.state import State

CHANGED = frozenset({"PreconditionFailed", "NoSuchKey", "NoSuchCopySource"})
"""COS's codes for an object that is not any more what was looked at."""


class Unfinished(Exception):
    """Some operations have no final answer yet; holds why, and all that is known has been kept."""

    def __init__(self, errors: tuple[ServiceError, ...], busy: bool = False) -> None:
        super().__init__(", ".join(f"{error.action}: {error.code}" for error in errors) or "a person's chain is busy")
        self.errors = errors
        self.busy = busy


@dataclass(frozen=True)
class Asking:
    """One photo's operations, at one invocation's desk."""

    photo: Photo
    name: str
    """What stands for this content of this photo in the state bucket."""
    desk: Desk
    state: State
    pool: ThreadPoolExecutor
    _beside: list[Future[None]] = field(default_factory=list)
    """The operations under way; each ends when its answer has been kept."""

    def answers(self, missing: Mapping[str, Operation]) -> dict[str, Answer]:
        """The answer to each, as it is kept. Raises `Unfinished`, or what nobody expected, once every other is kept."""
        results: queue.Queue[tuple[str, Answer | BaseException]] = queue.Queue()
        waiting = set(missing)

        def ask(code: str, operation: Operation) -> None:
            try:
                answer = answered(operation, self._final(operation))
            except BaseException as error:
                results.put((code, error))
                return
            results.put((code, answer))
            waiting.discard(code)
            # One that failed waits for ever, so then every answer is kept.
            if waiting:
                self.state.keep_answer(self.name, code, answer)

        self._beside.extend(self.pool.submit(ask, code, operation) for code, operation in missing.items())
        found = dict(results.get() for _ in missing)
        errors = [found[code] for code in missing if isinstance(found[code], BaseException)]
        if errors:
            raise _unfinished([*errors, *self._not_kept()])
        return {code: answer for code, answer in found.items() if not isinstance(answer, BaseException)}

    def wait(self) -> None:
        """Wait until every answer under way has been kept, or not."""
        self._not_kept()

    def see_kept(self) -> None:
        """Raise where an answer was not kept for want of a permission: the record has it, but somebody must act."""
        for error in self._not_kept():
            if isinstance(error, ServiceError) and error.verdict is Verdict.OPERATOR:
                raise error

    def _not_kept(self) -> list[BaseException]:
        return [error for error in (future.exception() for future in self._beside) if error]

    def _final(self, operation: Operation) -> Answer:
        """The operation's answer, or its error if no other try could end otherwise; raises the others."""
        try:
            return operation.ask(self.photo, self.desk)
        except ServiceError as error:
            if error.code in CHANGED:
                # It says nothing about the photo, should that come back.
                raise ServiceError(
                    error.service, error.action, error.code, request_id=error.request_id, verdict=Verdict.RETRY
                ) from None
            if error.verdict is not Verdict.REJECT and error.code not in NO_FACE:
                raise
            return {"Error": error.code}


def answered(operation: Operation, answer: Answer) -> Answer:
    """An answer as it is kept, with what was asked."""
    return {"Operation": operation.name, "Parameters": operation.model_dump(by_alias=True), "Response": answer}


def _unfinished(errors: Iterable[object]) -> BaseException:
    """One exception for all that went wrong; something that nobody expected goes first."""
    known: list[ServiceError | Busy] = []
    for error in errors:
        if isinstance(error, (ServiceError, Busy)):
            known.append(error)
        elif isinstance(error, BaseException):
            return error
    told = tuple(error for error in known if isinstance(error, ServiceError))
    return Unfinished(told, busy=len(told) < len(known))
