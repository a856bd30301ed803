"""imageMogr2: a picture is made smaller, turned or re-coded while it is downloaded.

A chain is read from left to right into steps, and the steps are applied to the whole picture: `imageMogr2/auto-orient/
thumbnail/4000x4000>/format/jpg/quality/85`. Documents: scaling, and with it limits and permission, COS 436/44880
(international 436/36366); size-limit, international 436/42704; X-ErrNo, COS 436/7730.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from PIL import Image, ImageOps, UnidentifiedImageError

from infra.local.cos.errors import Unprocessed

SIZE_LIMIT: Final = 32 * 1024 * 1024
"""Bytes of the picture that goes in."""
SIDE_LIMIT: Final = 50_000
PIXEL_LIMIT: Final = 250_000_000
OUTPUT_SIDE: Final = 9_999
"""Pixels on a side of the picture that comes out."""
DEFAULT_QUALITY: Final = 85
"""Where the chain names none and the source, not being JPEG, has none."""

# Pillow warns of decompression bombs below what Cloud Infinite takes.
Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT

_ARGUMENTS: Final[Mapping[str, int]] = {
    "thumbnail": 1,
    "format": 1,
    "quality": 1,
    "rotate": 1,
    "interlace": 1,
    "size-limit": 1,
    "ignore-error": 1,
    "auto-orient": 0,
    "strip": 0,
}
_FORMATS: Final[Mapping[str, str]] = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "bmp": "BMP", "webp": "WEBP"}


def steps(chain: str) -> list[tuple[str, str]]:
    """The steps of a chain, each with its argument; raises `Unprocessed` for what is not one."""
    words = unquote(chain).split("/")[1:]
    found = []
    while words:
        name = words.pop(0)
        if name not in _ARGUMENTS or len(words) < _ARGUMENTS[name]:
            raise _invalid(f"{name} is not a step of imageMogr2.")
        found.append((name, words.pop(0) if _ARGUMENTS[name] else ""))
    return found


def process(image: bytes, chain: str) -> tuple[bytes, str]:
    """The picture after all steps, and its content type.

    Raises `Unprocessed`: over 32 MB -167, no picture -443, not a whole one -441, too many pixels -447, a step that
    is not one -106.
    """
    asked = dict(steps(chain))
    if len(image) > SIZE_LIMIT:
        raise Unprocessed("ImageTooLarge", "The image file is larger than 32 MB.", -167)
    picture, kind = _open(image)
    exif = picture.getexif()
    for name, argument in steps(chain):
        if name == "auto-orient":
            picture = ImageOps.exif_transpose(picture)
            exif = picture.getexif()
        elif name == "thumbnail":
            picture = _scaled(picture, argument)
        elif name == "rotate":
            if not argument.isdigit() or int(argument) > 360:
                raise _invalid("rotate takes degrees from 0 to 360.")
            picture = picture.rotate(-int(argument), expand=True)
    kind = _FORMATS.get(asked.get("format", "").lower(), "") if "format" in asked else kind
    if kind not in _FORMATS.values():
        raise Unprocessed("InvalidImageFormat", "The image's format is not supported.", -443)
    picture = picture.convert("RGB") if kind in ("JPEG", "BMP") else picture
    kept = b"" if "strip" in asked else exif.tobytes()
    options: dict[str, Any] = {"exif": kept} if kept and kind in ("JPEG", "PNG", "WEBP") else {}
    if kind in ("JPEG", "WEBP"):
        options["quality"] = _quality(asked.get("quality", ""))
    made = _encoded(picture, kind, options)
    if kind == "JPEG" and "size-limit" in asked:
        limit, compares = _bytes(asked["size-limit"])
        while len(made) > limit and options["quality"] > 1:
            # How Cloud Infinite gets there is not documented; less quality is the one way that keeps every pixel.
            options["quality"] = max(1, options["quality"] - 10)
            made = _encoded(picture, kind, options)
        if compares and len(made) >= len(image):
            return image, "image/jpeg"
    return made, f"image/{kind.lower()}"


def _encoded(picture: Image.Image, kind: str, options: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _open(image: bytes) -> tuple[Image.Image, str]:
    try:
        opened = Image.open(io.BytesIO(image))
    except (UnidentifiedImageError, SyntaxError, ValueError, OSError):
        raise Unprocessed("InvalidImageFormat", "The object is not an image.", -443) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    if max(opened.size) > SIDE_LIMIT or opened.width * opened.height > PIXEL_LIMIT:
        raise _too_many_pixels()
    kind = "JPEG" if opened.format == "MPO" else str(opened.format)
    try:
        opened.load()
    except (OSError, SyntaxError, ValueError):
        raise Unprocessed("InvalidImageFormat", "The image cannot be decoded.", -441) from None
    return opened, kind


def _scaled(picture: Image.Image, argument: str) -> Image.Image:
    width, height = _size(picture, argument)
    if max(width, height) > OUTPUT_SIDE:
        raise Unprocessed("ImageResolutionExceed", "A side of the result has over 9,999 pixels.", -442)
    if (width, height) == picture.size:
        return picture
    modes = picture if picture.mode in ("L", "RGB", "RGBA") else picture.convert("RGB")
    return modes.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _size(picture: Image.Image, argument: str) -> tuple[int, int]:
    if match := re.fullmatch(r"!(\d+)p", argument):
        ratio = int(match[1]) / 100
    elif match := re.fullmatch(r"(\d+)@", argument):
        ratio = min(1.0, (int(match[1]) / (picture.width * picture.height)) ** 0.5)
    elif (match := re.fullmatch(r"(\d*)x(\d*)([<>!]?)", argument)) and (match[1] or match[2]):
        if match[3] == "!":
            return int(match[1] or picture.width), int(match[2] or picture.height)
        ratios = [int(a) / b for a, b in ((match[1], picture.width), (match[2], picture.height)) if a]
        ratio = min(ratios)
        if (match[3] == ">" and ratio > 1) or (match[3] == "<" and ratio < 1):
            ratio = 1.0
    else:
        raise _invalid(f"thumbnail does not take {argument}.")
    return max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio))


def _quality(argument: str) -> int:
    if not argument:
        return DEFAULT_QUALITY
    match = re.fullmatch(r"(\d{1,3})!?", argument)
    if match is None or int(match[1]) > 100:
        raise _invalid("quality is 0 to 100.")
    return max(1, int(match[1]))


def _bytes(argument: str) -> tuple[int, bool]:
    """A size limit in bytes, and whether the picture that came in is to be preferred if it is smaller."""
    match = re.fullmatch(r"(\d+)([km])(!?)", argument)
    if match is None:
        raise _invalid("size-limit is a number of k or m.")
    return int(match[1]) * {"k": 1024, "m": 1024 * 1024}[match[2]], bool(match[3])


def _invalid(message: str) -> Unprocessed:
    return Unprocessed("InvalidArgument", message, -106)


def _too_many_pixels() -> Unprocessed:
    return Unprocessed("ImageResolutionExceed", "The image has too many pixels.", -447)
