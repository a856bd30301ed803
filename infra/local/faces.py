"""Faces that are really found: the engine behind the local face services.

`Engine.look` may be called from any thread. The work is done in processes of its own (dlib crashes when two threads
share a detector), which start at the first look and load their models once. A picture that was looked at lately is
remembered by its digest, and one that is being looked at is not begun again.
"""

from __future__ import annotations

import hashlib
import math
import multiprocessing
import threading
from collections import OrderedDict
from concurrent.futures import Future, ProcessPoolExecutor

from infra.local import detector
from infra.local.detector import Found, Look, Quality
from infra.local.landmarks import Measures
from infra.local.pictures import Unreadable

__all__ = ["Engine", "Found", "Look", "Measures", "Quality", "Unreadable", "similarity"]

REMEMBERED = 256
"""Looks, of a few kilobytes for each face."""

_Asked = tuple[str, bool, bool]


class Engine:
    """A pool of detectors. `close` it, or use it in a `with`."""

    def __init__(self, workers: int = 2) -> None:
        # A fork would copy the threads' locks in whatever state they are.
        self._pool = ProcessPoolExecutor(
            workers, mp_context=multiprocessing.get_context("spawn"), initializer=detector.load
        )
        self._looks: OrderedDict[_Asked, Future[Look]] = OrderedDict()
        self._lock = threading.Lock()

    def look(self, image: bytes, *, exif: bool = True, rotate: bool = False) -> Look:
        """The faces in `image`, largest first; raises `Unreadable` where the bytes are no whole picture.

        With `exif` the picture is turned as its orientation says, and size and coordinates are of the picture as it
        is then seen; without, as stored. With `rotate` a picture without an upright face is tried on its other sides.
        """
        asked = (hashlib.sha256(image).hexdigest(), exif, rotate)
        with self._lock:
            look = self._looks.get(asked)
            if look is None:
                look = self._looks[asked] = self._pool.submit(detector.look, image, exif, rotate)
                if len(self._looks) > REMEMBERED:
                    self._looks.popitem(last=False)
            else:
                self._looks.move_to_end(asked)
        return look.result()

    def close(self) -> None:
        """End the processes; what is being looked at is finished first."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def similarity(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """How alike two descriptors are, from 0 to 100: distance 0 is 100, and 0.6, dlib's bound of one person, is 60."""
    return max(0.0, 100.0 - math.dist(one, other) * 40 / 0.6)
