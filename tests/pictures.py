"""The pictures that tests upload: the demo's own, so that both speak of the same faces."""

from infra.local.scenes import (
    FACE,
    big,
    blurred,
    bmp,
    cropped,
    gif,
    group,
    jpeg,
    landscape,
    lit,
    mirrored,
    png,
    portrait,
    tilted,
    webp,
)

__all__ = [
    "FACE",
    "big",
    "blurred",
    "bmp",
    "cropped",
    "gif",
    "group",
    "jpeg",
    "landscape",
    "lit",
    "mirrored",
    "png",
    "portrait",
    "tilted",
    "webp",
]
