"""Pictures for the demo, the bench and every test, made when asked for and never committed.

The portrait is scikit-image's astronaut (a NASA photograph in the public domain). All pictures are Pillow images in
RGB; `jpeg`, `png`, `bmp`, `gif` and `webp` turn them into the bytes of a file. Where a face was put is exact, so that
tests can ask whether it was found there.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import skimage.data
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Region = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the upright picture."""

FACE = (176, 64, 271, 187)
"""The portrait's face: left, top, right and bottom in its 512 x 512 pixels, from brows to chin and ear to ear."""

_TURNS: dict[int, Callable[[Image.Image], Image.Image]] = {
    1: lambda image: image,
    2: ImageOps.mirror,
    3: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    4: ImageOps.flip,
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.transpose(Image.Transpose.ROTATE_90),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.transpose(Image.Transpose.ROTATE_270),
}
"""How a camera stores an upright scene under each EXIF orientation: the inverse of what a viewer does."""


@cache
def _astronaut() -> Image.Image:
    return Image.fromarray(np.asarray(skimage.data.astronaut()))


@cache
def _coffee() -> Image.Image:
    return Image.fromarray(np.asarray(skimage.data.coffee()))


def portrait(size: int = 512) -> Image.Image:
    """One face, frontal and smiling, in a square of `size` pixels; the face is at `FACE` scaled by size / 512."""
    return _astronaut().resize((size, size), Image.Resampling.LANCZOS) if size != 512 else _astronaut().copy()


def landscape(width: int = 600, height: int = 400) -> Image.Image:
    """A cup of coffee: no face."""
    return _coffee().resize((width, height), Image.Resampling.LANCZOS)


def group(people: int = 5) -> Image.Image:
    """`people` faces (1 to 12), each smaller than the one before, every second mirrored, in different light.

    They stand in rows of four on grey; the first is the largest. Their shares of the largest one's width fall evenly
    from 1 to 0.6.
    """
    cell, across = 360, min(people, 4)
    down = -(-people // 4)
    canvas = Image.new("RGB", (cell * across, cell * down), (118, 122, 126))
    for number, share in enumerate(_shares(people)):
        bust = lit(cropped(), 1.15 - 0.05 * number).resize((int(cell * share), int(cell * share)))
        canvas.paste(mirrored(bust) if number % 2 else bust, (cell * (number % 4), cell * (number // 4)))
    return canvas


def row(people: int = 5) -> Image.Image:
    """The busts of `group` side by side, on a plain backdrop."""
    sides = [int(360 * share) for share in _shares(people)]
    canvas = Image.new("RGB", (sum(sides), 360), (214, 206, 202))
    for number, side in enumerate(sides):
        bust = lit(cropped(), 1.15 - 0.05 * number).resize((side, side))
        canvas.paste(mirrored(bust) if number % 2 else bust, (sum(sides[:number]), 360 - side))
    return canvas


def row_faces(people: int = 5) -> list[Region]:
    """Where the faces of `row` are."""
    found, x = [], 0
    for number, share in enumerate(_shares(people)):
        found.append(_bust_face(x, 360 - int(360 * share), share, number % 2 == 1))
        x += int(360 * share)
    return found


def cropped() -> Image.Image:
    """Head and shoulders of the portrait, 360 x 360 pixels; its upper left corner is at (50, 0) of the portrait."""
    return _astronaut().crop((50, 0, 410, 360))


def mirrored(image: Image.Image) -> Image.Image:
    """Left and right exchanged."""
    return ImageOps.mirror(image)


def lit(image: Image.Image, brightness: float) -> Image.Image:
    """Darker below 1, lighter above."""
    return ImageEnhance.Brightness(image).enhance(brightness)


def blurred(image: Image.Image, radius: float = 6) -> Image.Image:
    """Out of focus."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def tilted(image: Image.Image, degrees: float) -> Image.Image:
    """Turned clockwise, as seen, about its centre; the corners are grey."""
    return image.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=(118, 122, 126))


def big(width: int, height: int) -> Image.Image:
    """The portrait in the middle of a plain picture of this size; its square is as large as the shorter side."""
    side = min(width, height)
    canvas = Image.new("RGB", (width, height), (118, 122, 126))
    canvas.paste(portrait(side), ((width - side) // 2, (height - side) // 2))
    return canvas


def big_face(width: int, height: int) -> Region:
    """Where the face of `big` is."""
    side = min(width, height)
    x, y, scale = (width - side) // 2, (height - side) // 2, side / 512
    return (x + FACE[0] * scale, y + FACE[1] * scale, x + FACE[2] * scale, y + FACE[3] * scale)


def jpeg(image: Image.Image, quality: int = 90, orientation: int = 1) -> bytes:
    """A JPEG whose scene is upright for viewers that heed EXIF; `orientation` 1 to 8 is how it is stored."""
    stored = _TURNS[orientation](image.convert("RGB"))
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    return _file(stored, "JPEG", quality=quality, exif=exif)


def png(image: Image.Image) -> bytes:
    """A PNG, in the image's own mode."""
    return _file(image, "PNG", compress_level=1)


def bmp(image: Image.Image) -> bytes:
    """A BMP."""
    return _file(image, "BMP")


def gif(image: Image.Image) -> bytes:
    """A GIF, which Tencent's face services do not take."""
    return _file(image, "GIF")


def webp(image: Image.Image) -> bytes:
    """A WebP, which Tencent's face services do not take."""
    return _file(image, "WEBP", quality=80)


def _shares(people: int) -> list[float]:
    return [1 - 0.4 * number / max(people - 1, 1) for number in range(people)]


def _bust_face(x: float, y: float, scale: float, mirror: bool) -> Region:
    left, right = FACE[0] - 50, FACE[2] - 50
    near, far = (360 - right, 360 - left) if mirror else (left, right)
    return (x + near * scale, y + FACE[1] * scale, x + far * scale, y + FACE[3] * scale)


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
