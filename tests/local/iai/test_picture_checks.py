"""What the face services refuse by a picture's first bytes."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facestamp.faces import Size
from infra.local import pictures as checks
from infra.local.gateway import Refused
from tests import pictures


def blank(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (118, 122, 126))


def refusal(image: bytes, base64_length: int | None = None) -> str:
    with pytest.raises(Refused) as refused:
        checks.check(image, base64_length)
    return refused.value.code


@pytest.mark.behaviour(service="iai", what="PNG, JPEG and BMP are taken", standing="documented", source="IAI 867/45019")
@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (pictures.jpeg(pictures.portrait()), "JPEG"),
        (pictures.png(pictures.portrait()), "PNG"),
        (pictures.bmp(pictures.portrait()), "BMP"),
    ],
    ids=["jpeg", "png", "bmp"],
)
def test_these_formats_are_taken(image: bytes, kind: str) -> None:
    assert checks.check(image) == checks.Picture(kind, Size(512, 512), 1)


@pytest.mark.behaviour(
    service="iai",
    what="GIF, WebP and what is no picture get FailedOperation.ImageDecodeFailed",
    standing="assumed",
    source="IAI 867/45019",
)
@pytest.mark.parametrize(
    "image",
    [pictures.gif(pictures.portrait()), pictures.webp(pictures.portrait()), b"a text named .jpg", b"\xff\xd8\xff"],
    ids=["gif", "webp", "text", "three bytes of jpeg"],
)
def test_other_formats_fail_to_decode(image: bytes) -> None:
    assert refusal(image) == "FailedOperation.ImageDecodeFailed"


@pytest.mark.behaviour(
    service="iai",
    what="An empty picture gets InvalidParameterValue.ImageEmpty",
    standing="documented",
    source="IAI 867/45019",
)
def test_nothing_is_an_empty_picture() -> None:
    assert refusal(b"") == "InvalidParameterValue.ImageEmpty"


@pytest.mark.behaviour(
    service="iai",
    what="More than 5 MB of base64 (5,242,880 characters) gets FailedOperation.ImageSizeExceed",
    standing="assumed",
    source="IAI 867/45019",
)
def test_the_base64_has_at_most_five_megabytes() -> None:
    image = pictures.jpeg(blank(100, 100))
    largest = image + b"\0" * (3_932_160 - len(image))
    assert checks.check(largest).format == "JPEG"
    assert refusal(largest + b"\0") == "FailedOperation.ImageSizeExceed"
    assert refusal(image, checks.BASE64_LIMIT + 1) == "FailedOperation.ImageSizeExceed"


@pytest.mark.behaviour(
    service="iai",
    what="A short side under 64 px gets FailedOperation.ImageResolutionTooSmall",
    standing="documented",
    source="IAI 867/47396",
)
def test_the_short_side_has_at_least_64_pixels() -> None:
    assert checks.check(pictures.png(blank(64, 64))).size == (64, 64)
    assert refusal(pictures.png(blank(500, 63))) == "FailedOperation.ImageResolutionTooSmall"
    assert refusal(pictures.jpeg(blank(63, 500))) == "FailedOperation.ImageResolutionTooSmall"


@pytest.mark.behaviour(
    service="iai",
    what="A long side over 4,000 px (JPEG) or 2,000 px (others) gets FailedOperation.ImageResolutionExceed",
    standing="documented",
    source="IAI 867/45019",
)
def test_the_long_side_depends_on_the_format() -> None:
    assert checks.check(pictures.jpeg(blank(4000, 100))).size == (4000, 100)
    assert refusal(pictures.jpeg(blank(4001, 100))) == "FailedOperation.ImageResolutionExceed"
    assert checks.check(pictures.png(blank(100, 2000))).size == (100, 2000)
    assert refusal(pictures.png(blank(100, 2001))) == "FailedOperation.ImageResolutionExceed"
    assert refusal(pictures.bmp(blank(2001, 100))) == "FailedOperation.ImageResolutionExceed"


def test_a_picture_of_a_hundred_million_pixels_is_refused_and_not_decoded() -> None:
    header = pictures.png(blank(64, 64))
    # A PNG's width and height are its 17th to 24th byte, guarded by a checksum that follows the header.
    chunk = b"IHDR" + (20_000).to_bytes(4, "big") * 2 + header[24:29]
    bomb = header[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + header[33:]
    assert refusal(bomb) == "FailedOperation.ImageResolutionExceed"


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_the_orientation_is_read_from_the_header(orientation: int) -> None:
    picture = checks.read(pictures.jpeg(blank(300, 200), orientation=orientation))
    assert picture.orientation == orientation
    assert picture.size == ((300, 200) if orientation == 1 else (200, 300))


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF89a"]))
def test_no_bytes_are_too_strange_to_be_refused(noise: bytes, magic: bytes) -> None:
    assert refusal(magic + noise) in {
        "InvalidParameterValue.ImageEmpty",
        "FailedOperation.ImageDecodeFailed",
        "FailedOperation.ImageResolutionTooSmall",
        "FailedOperation.ImageResolutionExceed",
    }
