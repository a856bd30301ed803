"""What the first bytes of a file tell about the picture in it, and what the face services would say to that.

Nothing is decoded, and no bytes make this raise: they are a stranger's.

- PNG: the first chunk, IHDR, holds the size; an `eXIf` chunk may hold the orientation.
- JPEG: segments until the frame header (SOF), which holds the size; an APP1 segment before it may hold Exif. Profiles
  and thumbnails can push the frame header beyond what was read: `size` is None then, and `broken` is not set.
- BMP: the header's own length tells OS/2 (16-bit sizes) from Windows (32-bit, a negative height meaning top-down).

What the face services take (AnalyzeFace 867/45019, DetectFaceAttributes 867/47396, Cloud Infinite 460/63223): PNG, JPG
and BMP; at most 5 MB as base64; the short side at least 64 pixels; the long side at most 4,000 pixels for JPG, 2,000
for the others.
"""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

from facestamp.faces import Size

Format = Literal["PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "HEIC", "AVIF", "SVG", "TEXT", "EMPTY", "UNKNOWN"]

ACCEPTED = frozenset({"PNG", "JPEG", "BMP"})

FIRST_BYTES = 64 * 1024
"""What is worth reading first: nearly every picture tells its size within."""


class Picture(NamedTuple):
    """What the first bytes of a file told."""

    format: Format
    size: Size | None = None
    """In pixels as stored, before any turn; None where the bytes do not reach so far."""
    orientation: int = 1
    """EXIF's: 1 upright, 2 to 8 turned or mirrored; 1 where none is given."""
    broken: bool = False
    """Whether the header is such that further bytes cannot mend it."""
    seen: int = 0
    """How many bytes were looked at."""

    @property
    def upright(self) -> Size | None:
        """The size after turning the picture as its orientation says."""
        if self.size is None or self.orientation < 5:
            return self.size
        return Size(self.size.height, self.size.width)


class Limits(NamedTuple):
    """What a face service takes."""

    short_side: int = 64
    jpeg_side: int = 4000
    other_side: int = 2000
    base64: int = 5_000_000
    """Characters. Tencent writes "5M" and "5 MB" and does not say which; the smaller one holds under both readings,
    and a picture between the two only takes the way of the larger ones."""


IAI = Limits()
"""The limits of IAI 2020-03-03, which Cloud Infinite's DetectFace shares."""


def examine(head: bytes) -> Picture:
    """What the first bytes of a file tell; `FIRST_BYTES` of them are enough for nearly every picture."""
    kind = _format(head)
    if kind == "PNG":
        return _png(head)
    if kind == "JPEG":
        return _jpeg(head)
    if kind == "BMP":
        return _bmp(head)
    return Picture(kind, seen=len(head))


def wants_more(picture: Picture, length: int) -> bool:
    """Whether reading more of the `length` bytes of the file can tell the size."""
    return picture.format in ACCEPTED and picture.size is None and not picture.broken and picture.seen < length


def refusal(picture: Picture, length: int, limits: Limits = IAI) -> str | None:
    """The code that Tencent would refuse a file of `length` bytes with; None where nothing tells against it yet.

    Too large is no refusal: such a picture is looked at through a thumbnail (`fits`).
    """
    if not length or picture.format == "EMPTY":
        return "InvalidParameterValue.ImageEmpty"
    if picture.format not in ACCEPTED or picture.broken:
        return "FailedOperation.ImageDecodeFailed"
    if picture.size is None:
        return None if wants_more(picture, length) else "FailedOperation.ImageDecodeFailed"
    return "FailedOperation.ImageResolutionTooSmall" if min(picture.size) < limits.short_side else None


def fits(picture: Picture, length: int, limits: Limits = IAI) -> bool:
    """Whether the services take the file as it is, as far as its size in bytes and pixels is concerned."""
    side = limits.jpeg_side if picture.format == "JPEG" else limits.other_side
    return picture.size is not None and max(picture.size) <= side and 4 * -(-length // 3) <= limits.base64


def _format(head: bytes) -> Format:
    if not head:
        return "EMPTY"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"BM") and head[14:18] in _BMP_HEADERS:
        return "BMP"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if head[4:8] == b"ftyp":
        brands = re.findall(rb"....", head[8 : min(int.from_bytes(head[:4], "big"), 256)], re.DOTALL)
        if {b"avif", b"avis"} & set(brands):
            return "AVIF"
        if {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"} & set(brands):
            return "HEIC"
    return _text(head[:1024])


def _text(head: bytes) -> Format:
    if any(byte < 0x20 and byte not in b"\t\n\f\r" for byte in head):
        return "UNKNOWN"
    try:
        # Not the last bytes of the file: they may end within a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "UNKNOWN"
    return "SVG" if re.search(r"<svg[\s>]", text, re.IGNORECASE) else "TEXT"


def _png(head: bytes) -> Picture:
    size, orientation, at = None, 1, 8
    while at + 8 <= len(head):
        length, name = struct.unpack_from(">I4s", head, at)
        body = head[at + 8 : at + 8 + length]
        if at == 8 and (name != b"IHDR" or length != 13):
            return Picture("PNG", broken=True, seen=len(head))
        if name == b"IHDR" and len(body) == 13:
            size = Size(*struct.unpack_from(">II", body))
        elif name == b"eXIf":
            orientation = _orientation(body)
        elif name == b"IDAT":
            break
        at += 12 + length
    return _told("PNG", size, orientation, head)


def _jpeg(head: bytes) -> Picture:
    orientation = 0
    for marker, body, whole in _segments(head):
        if marker == 0xE1 and body.startswith(b"Exif\0\0") and not orientation:
            orientation = _orientation(body[6:])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if len(body) < 5:
                return Picture("JPEG", None, orientation or 1, whole, len(head))
            height, width = struct.unpack_from(">HH", body, 1)
            return _told("JPEG", Size(width, height), orientation or 1, head)
        elif marker in (0xD9, 0xDA):
            # The picture itself, or its end, without a frame header before it.
            return Picture("JPEG", None, orientation or 1, True, len(head))
    return Picture("JPEG", None, orientation or 1, False, len(head))


def _segments(head: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """The segments of a JPEG as marker, body, and whether the body is all there; bytes between them are skipped."""
    at = 2
    while (at := head.find(b"\xff", at)) >= 0 and at + 1 < len(head):
        marker = head[at + 1]
        if marker in (0x00, 0xFF):
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD9:
            yield marker, b"", True
            at += 2
        else:
            end = at + 2 + max(int.from_bytes(head[at + 2 : at + 4], "big"), 2)
            yield marker, head[at + 4 : end], end <= len(head)
            at = end


_BMP_HEADERS = frozenset(struct.pack("<I", length) for length in (12, 16, 40, 52, 56, 64, 108, 124))


def _bmp(head: bytes) -> Picture:
    layout = "<HH" if head[14] == 12 else "<ii"
    if len(head) < 18 + struct.calcsize(layout):
        return Picture("BMP", seen=len(head))
    width, height = struct.unpack_from(layout, head, 18)
    return _told("BMP", Size(width, abs(height)), 1, head)


def _told(kind: Format, size: Size | None, orientation: int, head: bytes) -> Picture:
    """The picture, broken if its size is no size; also a JPEG that tells its height later, which nobody writes."""
    if size is not None and min(size) <= 0:
        return Picture(kind, None, orientation, True, len(head))
    return Picture(kind, size, orientation, False, len(head))


def _orientation(tiff: bytes) -> int:
    """The orientation in a TIFF structure's first directory; 1 where there is none that makes sense."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return 1
    (directory,) = struct.unpack_from(order + "I", tiff, 4)
    entries = tiff[directory + 2 :]
    if directory + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(order + "H", tiff, directory)
    for at in range(0, min(12 * count, len(entries) - 11), 12):
        tag, kind, values, value = struct.unpack_from(order + "HHIH", entries, at)
        if tag == 0x0112 and kind == 3 and values == 1 and 1 <= value <= 8:
            return int(value)
    return 1
