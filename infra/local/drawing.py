"""What was found, drawn onto the photo: boxes, and the 90 points of each face in a colour for each feature.

A picture has the photo on top, and below it each face enlarged, since 90 points are little to see in a group. All of
it is drawn three times as large and then made smaller, which is what makes the dots round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from facestamp.faces import FEATURES, Box, Face, Points, Size

COLOURS: Final[Mapping[str, tuple[int, int, int]]] = {
    "FaceProfile": (255, 214, 64),
    "LeftEye": (64, 224, 255),
    "RightEye": (64, 224, 255),
    "LeftEyeBrow": (120, 235, 110),
    "RightEyeBrow": (120, 235, 110),
    "Mouth": (255, 92, 138),
    "Nose": (255, 150, 50),
    "LeftPupil": (255, 255, 255),
    "RightPupil": (255, 255, 255),
}
LEGEND: Final = {
    "profile": "FaceProfile",
    "brows": "LeftEyeBrow",
    "eyes": "LeftEye",
    "pupils": "LeftPupil",
    "nose": "Nose",
    "mouth": "Mouth",
}
INK: Final = (24, 27, 33)
PAPER: Final = (236, 238, 241)
QUIET: Final = (150, 157, 168)
BOX: Final = (90, 200, 250)
FINE: Final = 3
"""How much larger everything is drawn at first."""
WIDE, TALL = 1200, 800
"""Pixels that the photo takes up at most."""
CLOSE: Final = (232, 340)
MOST: Final = 5
"""Pixels of an enlarged face, at least and at most, and how many there are: five fill `WIDE` with gaps of 10."""
TILE: Final = (600, 520)


def upright(photo: Image.Image, size: Size | None) -> Image.Image:
    """The photo in the frame of this size: turned as its EXIF orientation says, or as stored."""
    turned = ImageOps.exif_transpose(photo)
    return (photo if size is not None and turned.size != size and photo.size == size else turned).convert("RGB")


def picture(photo: Image.Image, faces: Sequence[Face], title: str, told: str) -> Image.Image:
    """The upright photo with its faces drawn on, a line about it, and the faces enlarged."""
    shown = marked(photo, faces)
    closer = [face for face in faces if face.box and face.points][:MOST]
    least, most = CLOSE
    wide = max(shown.width, (least + 10) * len(closer) - 10, 640)
    side = min(most, (wide + 10) // max(len(closer), 1) - 10)
    canvas = Image.new("RGB", (wide, 58 + shown.height + (side + 10 if closer else 0) + 44), INK)
    draw = ImageDraw.Draw(canvas)
    draw.text((16, 12), title, PAPER, _font(26))
    draw.text((wide - 16, 18), told, QUIET, _font(20), anchor="ra")
    canvas.paste(shown, ((wide - shown.width) // 2, 58))
    left = (wide - (side + 10) * len(closer) + 10) // 2
    for number, face in enumerate(closer):
        enlarged = _close(photo, face, faces.index(face) + 1, side)
        canvas.paste(enlarged, (left + number * (side + 10), 68 + shown.height))
    _legend(draw, 16, canvas.height - 32)
    return canvas


def sheet(tiles: Sequence[tuple[Image.Image | None, str, str]]) -> Image.Image:
    """All pictures on one sheet, three abreast, each over its title and a line; None where there is no picture."""
    wide, tall = TILE
    down = -(-len(tiles) // 3)
    canvas = Image.new("RGB", (wide * 3 + 40, tall * down + 60), INK)
    draw = ImageDraw.Draw(canvas)
    for number, (tile, title, told) in enumerate(tiles):
        left, top = 20 + wide * (number % 3), 20 + tall * (number // 3)
        room = Image.new("RGB", (wide - 20, tall - 80), (34, 38, 46))
        if tile is None:
            ImageDraw.Draw(room).text(
                (room.width // 2, room.height // 2), "This file is no picture.", QUIET, _font(24), anchor="mm"
            )
        else:
            small = ImageOps.contain(tile, room.size, Image.Resampling.LANCZOS)
            room.paste(small, ((room.width - small.width) // 2, (room.height - small.height) // 2))
        canvas.paste(room, (left, top))
        draw.text((left, top + tall - 74), title, PAPER, _font(24))
        draw.text((left, top + tall - 44), told, QUIET, _font(18))
    _legend(draw, 20, canvas.height - 40)
    return canvas


def marked(photo: Image.Image, faces: Sequence[Face]) -> Image.Image:
    """The photo alone with boxes and points, within `WIDE` by `TALL`."""
    scale = min(WIDE / photo.width, TALL / photo.height, 1.6)
    size = round(photo.width * scale), round(photo.height * scale)
    canvas = photo.resize((size[0] * FINE, size[1] * FINE), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(canvas)
    for number, face in enumerate(faces, 1):
        if face.box:
            _box(draw, face.box, scale * FINE, f"{number}", size[0] * FINE)
        if face.points:
            width = face.box.width if face.box else 100
            _dots(draw, face.points, (0, 0), scale * FINE, max(1.1, width * scale / 110) * FINE)
    return canvas.resize(size, Image.Resampling.LANCZOS)


def _close(photo: Image.Image, face: Face, number: int, wide: int) -> Image.Image:
    box = face.box or Box(0, 0, photo.width, photo.height)
    side = round(max(box.width, box.height) * 1.35)
    left, top = box.x + (box.width - side) // 2, box.y + (box.height - side) // 2
    crop = photo.crop((left, top, left + side, top + side))
    canvas = crop.resize((wide * FINE, wide * FINE), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(canvas)
    _dots(draw, face.points or {}, (left, top), wide * FINE / side, wide / 110 * FINE)
    small = canvas.resize((wide, wide), Image.Resampling.LANCZOS)
    _tag(ImageDraw.Draw(small), (0, 0), f"{number}", 15)
    return small


def _box(draw: ImageDraw.ImageDraw, box: Box, scale: float, label: str, right: float) -> None:
    corners = (box.x * scale, box.y * scale, (box.x + box.width) * scale, (box.y + box.height) * scale)
    draw.rounded_rectangle(corners, radius=5 * FINE, outline=BOX, width=2 * FINE)
    tall = 17 * FINE
    beside = corners[2] + tall < right
    _tag(draw, (corners[2] if beside else corners[0], corners[1]), label, tall)


def _tag(draw: ImageDraw.ImageDraw, at: tuple[float, float], label: str, tall: float) -> None:
    draw.rounded_rectangle((*at, at[0] + tall * 1.25, at[1] + tall * 1.3), radius=tall / 4, fill=BOX)
    draw.text((at[0] + tall * 0.62, at[1] + tall * 0.65), label, INK, _font(tall), anchor="mm")


def _dots(draw: ImageDraw.ImageDraw, points: Points, origin: tuple[int, int], scale: float, radius: float) -> None:
    for feature in FEATURES:
        for point in points.get(feature, ()):
            # A pixel's coordinate is its corner; the dot is put in its middle.
            x, y = (point.x + 0.5 - origin[0]) * scale, (point.y + 0.5 - origin[1]) * scale
            size = radius * (1.25 if feature.endswith("Pupil") else 1)
            rim = size + max(1.0, radius * 0.35)
            draw.ellipse((x - rim, y - rim, x + rim, y + rim), fill=INK)
            draw.ellipse((x - size, y - size, x + size, y + size), fill=COLOURS[feature])


def _legend(draw: ImageDraw.ImageDraw, left: int, top: int) -> None:
    for name, feature in LEGEND.items():
        draw.ellipse((left, top + 4, left + 12, top + 16), fill=COLOURS[feature])
        draw.text((left + 20, top), name, QUIET, _font(16))
        left += 48 + round(draw.textlength(name, _font(16)))


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
