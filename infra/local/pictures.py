"""What Tencent's face services take for a picture, told from its first bytes before any pixel is decoded.

PNG, JPEG and BMP; at most 5 MB as base64; at least 64 pixels on the short side; at most 4,000 pixels on the long side
for JPEG and 2,000 for the others. GIF, WebP and everything else fail to decode (which code they get is not
documented; ImageDecodeFailed is assumed). Both IAI (867/45020) and Cloud Infinite (460/63223) state these limits.
"""

from __future__ import annotations

import io
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from facestamp.faces import Size
from infra.local.gateway import Refused

BASE64_LIMIT = 5 * 1024 * 1024
"""Characters of base64; 3,932,160 bytes of picture."""
SHORT_SIDE = 64
"""Pixels."""
LONG_SIDE = {"JPEG": 4000, "PNG": 2000, "BMP": 2000}
"""Pixels, by format; a format that is not here is not taken."""

_ORIENTATION = 0x0112


class Unreadable(Exception):
    """The bytes are no picture, or not a whole one."""


class Picture(NamedTuple):
    """What a picture's header says."""

    format: str
    """Pillow's name of the format: PNG, JPEG, BMP, GIF, WEBP …"""
    size: Size
    """As stored, before any turn."""
    orientation: int
    """EXIF orientation, 1 to 8; 1 where there is none."""


def read(image: bytes) -> Picture:
    """Format, size and orientation, without decoding pixels: a truncated picture passes.

    Raises `Unreadable`, or `Refused` with ImageResolutionExceed above Pillow's own bound of some 89 million pixels.
    """
    try:
        with Image.open(io.BytesIO(image)) as opened:
            # A phone's JPEG with a second picture inside is a JPEG to everybody else.
            kind = "JPEG" if opened.format == "MPO" else str(opened.format)
            orientation = opened.getexif().get(_ORIENTATION, 1)
            turn = orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
            return Picture(kind, Size(*opened.size), turn)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("FailedOperation.ImageResolutionExceed", "The image resolution is too high.") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, OverflowError):
        raise Unreadable("The bytes are not a picture.") from None


def check(image: bytes, base64_length: int | None = None) -> Picture:
    """The picture's header, if the face services would take it; `base64_length` where it came as base64.

    Raises `Refused` with InvalidParameterValue.ImageEmpty, FailedOperation.ImageSizeExceed, ImageDecodeFailed,
    ImageResolutionTooSmall or ImageResolutionExceed. Truncation shows only when the pixels are read (`Engine.look`).
    """
    if not image:
        raise Refused("InvalidParameterValue.ImageEmpty", "Empty image.")
    if (base64_length or -(-len(image) // 3) * 4) > BASE64_LIMIT:
        raise Refused("FailedOperation.ImageSizeExceed", "The base64 of the image cannot exceed 5 MB.")
    try:
        picture = read(image)
    except Unreadable:
        raise undecodable() from None
    if picture.format not in LONG_SIDE:
        raise undecodable()
    if min(picture.size) < SHORT_SIDE:
        raise Refused("FailedOperation.ImageResolutionTooSmall", "The short side of the image is below 64 pixels.")
    if max(picture.size) > LONG_SIDE[picture.format]:
        raise Refused("FailedOperation.ImageResolutionExceed", "The image resolution is too high.")
    return picture


def undecodable() -> Refused:
    """What becomes of a picture that turns out to be unreadable."""
    return Refused("FailedOperation.ImageDecodeFailed", "Image decoding failed.")
