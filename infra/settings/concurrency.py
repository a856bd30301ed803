"""How many instances each function may have at once, so that together they stay below what the face service answers.

IAI answers 50 requests a second and group of APIs (867/50269); what is more gets an error and is tried again. An upload
takes about a second and a request to the API half a second, during which each asks what it has to ask. The functions
share those requests evenly, so one that asks more per photo gets fewer instances. This is also what a runaway costs at
most: an instance is billed by its memory and time. The rest of what is uploaded waits in the platform's queue.
"""

from __future__ import annotations

from collections.abc import Iterable

SECOND = 50
"""Requests."""
UPLOAD, REQUEST = 1.0, 0.5
"""Seconds that one of these takes at least, in a warm instance."""


def instances(actions: Iterable[str], functions: int, seconds: float) -> int:
    """For a function that asks each of these `actions` in so many `seconds`, one of so many `functions`; at least 1."""
    asked = sum(1 for action in set(actions) if action.startswith("iai:"))
    return max(1, int(SECOND * seconds / functions / max(1, asked)))
