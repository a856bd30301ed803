"""What the first bytes of a file tell, on pictures drawn by Pillow and on what strangers upload instead."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facestamp.faces import Size
from facestamp.picture import ACCEPTED, FIRST_BYTES, Limits, Picture, examine, fits, refusal, wants_more

EMPTY = "InvalidParameterValue.ImageEmpty"
UNDECODABLE = "FailedOperation.ImageDecodeFailed"
TOO_SMALL = "FailedOperation.ImageResolutionTooSmall"
ORIENTATION = 0x0112


def drawn(format: str, size: tuple[int, int] = (120, 80), mode: str = "RGB", **how: Any) -> bytes:
    picture = Image.linear_gradient("L").resize(size).convert(mode)
    file = io.BytesIO()
    picture.save(file, format, **how)
    return file.getvalue()


def exif(orientation: int, padding: int = 0) -> bytes:
    tags = Image.Exif()
    tags[0x010E] = "p" * padding
    tags[ORIENTATION] = orientation
    return tags.tobytes()


def behind_segments(jpeg: bytes, count: int, length: int = 65533) -> bytes:
    """The JPEG with `count` APP2 segments in front, as a large colour profile has."""
    segment = b"\xff\xe2" + struct.pack(">H", length + 2) + b"p" * length
    return jpeg[:2] + segment * count + jpeg[2:]


def dib(width: int, height: int, layout: str) -> bytes:
    """A BMP's file header and one of its picture headers."""
    if layout == "OS/2":
        header = struct.pack("<IHHHH", 12, width, height, 1, 24)
    elif layout == "OS/2 2":
        header = struct.pack("<IiiHH", 64, width, height, 1, 24).ljust(64, b"\0")
    else:
        length = {"Windows 3": 40, "Windows 4": 108, "Windows 5": 124}[layout]
        header = struct.pack("<IiiHHI", length, width, height, 1, 24, 0).ljust(length, b"\0")
    pixels = b"\x7f" * ((3 * width + 3) // 4 * 4 * abs(height))
    offset = 14 + len(header)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + header + pixels


@pytest.mark.parametrize(
    ("file", "format"),
    [
        pytest.param(drawn("JPEG"), "JPEG", id="baseline"),
        pytest.param(drawn("JPEG", progressive=True), "JPEG", id="progressive"),
        pytest.param(drawn("JPEG", mode="L"), "JPEG", id="grey"),
        pytest.param(drawn("JPEG", mode="CMYK"), "JPEG", id="CMYK"),
        pytest.param(drawn("JPEG", exif=exif(1, padding=60_000)), "JPEG", id="60 KB of Exif"),
        pytest.param(drawn("JPEG", icc_profile=b"i" * 40_000), "JPEG", id="40 KB of profile"),
        pytest.param(drawn("JPEG", comment=b"\xff\xc0 is no frame here"), "JPEG", id="a comment like a frame"),
        pytest.param(drawn("JPEG", restart_marker_blocks=1), "JPEG", id="restart markers"),
        pytest.param(drawn("PNG"), "PNG", id="PNG"),
        pytest.param(drawn("PNG", mode="P"), "PNG", id="palette"),
        pytest.param(drawn("PNG", mode="RGBA"), "PNG", id="transparent"),
        pytest.param(drawn("PNG", mode="1"), "PNG", id="one bit"),
        pytest.param(drawn("BMP"), "BMP", id="BMP"),
        pytest.param(drawn("BMP", mode="P"), "BMP", id="BMP with palette"),
        pytest.param(dib(120, 80, "OS/2"), "BMP", id="OS/2"),
        pytest.param(dib(120, 80, "OS/2 2"), "BMP", id="OS/2 2"),
        pytest.param(dib(120, 80, "Windows 3"), "BMP", id="Windows 3"),
        pytest.param(dib(120, -80, "Windows 3"), "BMP", id="top-down"),
        pytest.param(dib(120, 80, "Windows 4"), "BMP", id="Windows 4"),
        pytest.param(dib(120, 80, "Windows 5"), "BMP", id="Windows 5"),
    ],
)
def test_an_accepted_picture_tells_its_format_and_size(file: bytes, format: str) -> None:
    told = examine(file[:FIRST_BYTES])

    assert (told.format, told.size) == (format, (120, 80))
    assert Image.open(io.BytesIO(file)).size == (120, 80)
    assert refusal(told, len(file)) is None
    assert fits(told, len(file))


@pytest.mark.parametrize(
    ("file", "format"),
    [
        pytest.param(drawn("GIF"), "GIF", id="GIF"),
        pytest.param(drawn("WEBP"), "WEBP", id="WebP"),
        pytest.param(drawn("WEBP", lossless=True), "WEBP", id="WebP, lossless"),
        pytest.param(drawn("TIFF"), "TIFF", id="TIFF"),
        pytest.param(drawn("TIFF", big_tiff=True), "UNKNOWN", id="BigTIFF"),
        pytest.param(drawn("AVIF"), "AVIF", id="AVIF"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC", id="HEIC"),
        pytest.param(b"\0\0\0\x18ftypmsf1\0\0\0\0hevcmsf1", "HEIC", id="HEIC sequence"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "UNKNOWN", id="MP4"),
        pytest.param(b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", id="SVG"),
        pytest.param(b"this is not a photo\n", "TEXT", id="text"),
        pytest.param("这不是照片".encode(), "TEXT", id="Chinese text"),
        pytest.param("片".encode()[:2], "TEXT", id="text cut within a character"),
        pytest.param(b"BMW makes cars and motorcycles, mostly.", "TEXT", id="text that begins like a BMP"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\0", "UNKNOWN", id="PDF"),
        pytest.param(b"\x89PNG\r\n", "UNKNOWN", id="a PNG cut within its signature"),
        pytest.param(b"\xff\xd8", "UNKNOWN", id="a JPEG cut within its signature"),
        pytest.param(drawn("PPM"), "UNKNOWN", id="PPM"),
        pytest.param(bytes(100), "UNKNOWN", id="zeros"),
        pytest.param(b"\xff" * 100, "UNKNOWN", id="ones"),
    ],
)
def test_any_other_file_is_named_and_refused_as_undecodable(file: bytes, format: str) -> None:
    told = examine(file[:FIRST_BYTES])

    assert told.format == format
    assert refusal(told, len(file)) == UNDECODABLE
    assert not fits(told, len(file))
    assert not wants_more(told, len(file))


def test_an_empty_file_is_an_empty_image() -> None:
    told = examine(b"")
    assert told.format == "EMPTY"
    assert refusal(told, 0) == EMPTY


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_the_orientation_is_told_and_turns_the_size(format: str, orientation: int) -> None:
    file = drawn(format, exif=exif(orientation))
    told = examine(file)

    assert told.orientation == orientation
    assert told.size == (120, 80)
    assert told.upright == ((120, 80) if orientation < 5 else (80, 120))
    assert Image.open(io.BytesIO(file)).getexif()[ORIENTATION] == orientation


def test_an_orientation_in_motorolas_byte_order_is_told_too() -> None:
    tiff = b"MM\0*" + struct.pack(">IHHHIHH", 8, 1, ORIENTATION, 3, 1, 6, 0)
    assert examine(drawn("JPEG", exif=b"Exif\0\0" + tiff)).orientation == 6


@pytest.mark.parametrize(
    "tiff",
    [
        b"",
        b"II*\0",
        b"XX*\0\x08\0\0\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0",
        b"II*\0\x08\0\0\0\xff\xff" + b"\0" * 11,
        b"II*\0" + struct.pack("<IHHHIHH", 8, 1, ORIENTATION, 3, 1, 9, 0),
        b"II*\0" + struct.pack("<IHHHIHH", 8, 1, ORIENTATION, 3, 1, 0, 0),
        b"II*\0" + struct.pack("<IHHHIHH", 8, 1, ORIENTATION, 2, 1, 6, 0),
    ],
)
def test_exif_that_makes_no_sense_leaves_the_picture_upright(tiff: bytes) -> None:
    told = examine(drawn("JPEG", exif=b"Exif\0\0" + tiff))
    assert (told.orientation, told.size) == (1, (120, 80))


def test_no_picture_is_upright_before_its_size_is_known() -> None:
    assert Picture("JPEG", orientation=6).upright is None


def test_a_size_behind_large_segments_is_read_on_for() -> None:
    file = behind_segments(drawn("JPEG", exif=exif(6)), count=3)
    first = examine(file[:FIRST_BYTES])

    assert (first.format, first.size) == ("JPEG", None)
    assert wants_more(first, len(file))
    assert refusal(first, len(file)) is None
    assert not fits(first, len(file))

    further = examine(file)
    assert (further.size, further.orientation) == (Size(120, 80), 6)
    assert not wants_more(further, len(file))


@pytest.mark.parametrize("format", sorted(ACCEPTED))
def test_a_file_that_ends_within_its_header_is_undecodable(format: str) -> None:
    whole = drawn(format)
    told_at = next(n for n in range(len(whole)) if examine(whole[:n]).size)

    for length in range(4, told_at):
        told = examine(whole[:length])
        assert refusal(told, length) == UNDECODABLE
        assert refusal(told, len(whole)) in (None, UNDECODABLE)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(drawn("JPEG")[:2] + b"\xff\xd9", id="a JPEG that ends before its frame"),
        pytest.param(b"\xff\xd8\xff\xda" + drawn("JPEG")[2:], id="a JPEG's scan before its frame"),
        pytest.param(b"\xff\xd8\xff\xc0\x00\x04\x08\x00" + bytes(50), id="a frame header without a size"),
        pytest.param(b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x00\x78\x03" + bytes(50), id="a JPEG without height"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\x04IDAT" + bytes(50), id="a PNG without IHDR"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + bytes(50), id="a PNG of no size"),
        pytest.param(dib(0, 0, "Windows 3") + bytes(50), id="a BMP of no size"),
        pytest.param(dib(0, 80, "OS/2") + bytes(50), id="an OS/2 BMP without width"),
        pytest.param(b"BM" + bytes(12) + struct.pack("<Iii", 40, -120, 80) + bytes(90), id="a BMP of negative width"),
    ],
)
def test_a_header_that_contradicts_itself_is_undecodable_and_nothing_more_is_read(file: bytes) -> None:
    told = examine(file)

    assert told.broken
    assert not wants_more(told, 10 * len(file))
    assert refusal(told, 10 * len(file)) == UNDECODABLE


@pytest.mark.parametrize(
    ("size", "code"),
    [((64, 64), None), ((63, 64), TOO_SMALL), ((64, 63), TOO_SMALL), ((1000, 63), TOO_SMALL), ((1, 1), TOO_SMALL)],
)
@pytest.mark.parametrize("format", sorted(ACCEPTED))
def test_a_short_side_below_64_pixels_is_too_small(format: str, size: tuple[int, int], code: str | None) -> None:
    file = drawn(format, size)
    assert refusal(examine(file), len(file)) == code


@pytest.mark.parametrize(
    ("format", "side", "whole"),
    [
        ("JPEG", 4000, True),
        ("JPEG", 4001, False),
        ("PNG", 2000, True),
        ("PNG", 2001, False),
        ("BMP", 2000, True),
        ("BMP", 2001, False),
    ],
)
def test_a_long_side_over_the_limit_goes_through_a_thumbnail(format: str, side: int, whole: bool) -> None:
    for size in [(side, 64), (64, side)]:
        file = drawn(format, size, "L")
        assert fits(examine(file), len(file)) is whole
        assert refusal(examine(file), len(file)) is None


def test_more_than_five_million_characters_of_base64_go_through_a_thumbnail() -> None:
    told = Picture("JPEG", Size(3000, 2000))

    assert fits(told, 3_750_000)
    assert not fits(told, 3_750_001)
    assert fits(told, 3_750_001, Limits(base64=5 * 1024 * 1024))


def test_a_png_that_tells_its_orientation_behind_other_chunks() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    plain = drawn("PNG")
    tiff = b"II*\0" + struct.pack("<IHHHIHH", 8, 1, ORIENTATION, 3, 1, 8, 0)
    file = plain[:33] + chunk(b"tEXt", b"Title\0portrait") + chunk(b"eXIf", tiff) + plain[33:]

    assert examine(file).orientation == 8
    assert Image.open(io.BytesIO(file)).size == examine(file).size


SEEDS = [drawn("JPEG", exif=exif(6)), drawn("PNG", exif=exif(6)), drawn("BMP"), dib(64, 64, "OS/2"), drawn("GIF")]


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(file: bytes) -> None:
    told = examine(file)
    assert refusal(told, len(file)) is not None or told.size is not None


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 1000),
)
def test_no_damaged_picture_makes_it_raise(file: bytes, damages: list[tuple[int, bytes]], cut: int) -> None:
    damaged = bytearray(file)
    for at, bytes_ in damages:
        damaged[at : at + len(bytes_)] = bytes_
    told = examine(bytes(damaged[: len(damaged) - cut]))

    assert told.size is None or min(told.size) > 0
    assert 1 <= told.orientation <= 8
