"""Something that is fetched beside other work, or else when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor


class Ahead:
    """Headers that will be needed later."""

    def __init__(self, pool: ThreadPoolExecutor, call: Callable[[], Mapping[str, str]]) -> None:
        self._pool, self._call = pool, call
        self._future: Future[Mapping[str, str]] | None = None

    def start(self) -> None:
        """Fetch them from now on."""
        self._future = self._pool.submit(self._call)

    def result(self) -> Mapping[str, str]:
        """What was fetched; raises what fetching raised."""
        return self._future.result() if self._future else self._call()
