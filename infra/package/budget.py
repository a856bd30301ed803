"""What a package may cost: its size, and the import of the function that each upload may start cold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from infra.package.coldstart import Timing

BYTES: Final = 8_000_000
"""Of the zip, bytecode included."""
ENTRY: Final = "on_upload"
RATIO: Final = 1.15
"""How much longer its import may take than that of the SDKs alone."""


def exceeded(size: int, timings: Iterable[Timing]) -> Iterator[str]:
    """Say what of a package is over its budget; nothing if it is within."""
    if size > BYTES:
        yield f"its zip has {size / 1e6:.2f} MB, and may have {BYTES / 1e6:.0f}"
    for timing in timings:
        if timing.entry == ENTRY and timing.seconds > RATIO * timing.bare:
            yield (
                f"importing {ENTRY} takes {timing.seconds / timing.bare:.2f} times as long as importing the SDKs"
                f" ({told(timing)}), and may take {RATIO} times as long"
            )


def told(timing: Timing) -> str:
    """Both times, in milliseconds."""
    return f"{timing.seconds * 1000:.0f} ms against {timing.bare * 1000:.0f} ms"
