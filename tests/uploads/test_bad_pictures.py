"""Pictures that the services refuse, or cannot take as they are."""

from __future__ import annotations

import io
import random
from typing import NamedTuple

import pytest
from PIL import Image

from facestamp.stamp import Stamp
from infra.local.cloud import LocalCloud
from infra.local.readings import Readings
from tests import pictures
from tests.conftest import Clouds
from tests.uploads.owner import Owner

EVERY_OPERATION = ("AnalyzeFace", "DetectFace", "DetectFaceAttributes")
THREE_CALLS = ["ci:DetectFace", "iai:AnalyzeFace", "iai:DetectFaceAttributes"]
"""What one ordinary photo costs on the route of the shared cloud."""
THREE_CALLS_ON_A_THUMBNAIL = ["iai:AnalyzeFace", "iai:DetectFace", "iai:DetectFaceAttributes"]


class Bad(NamedTuple):
    """A file, and the code with which every operation must be refused."""

    body: bytes
    code: str


def portrait() -> bytes:
    return pictures.jpeg(pictures.portrait())


def small(width: int, height: int) -> bytes:
    return pictures.jpeg(pictures.portrait().resize((width, height)))


TOLD_BY_FIRST_BYTES = {
    "a GIF": Bad(pictures.gif(pictures.portrait(100)), "FailedOperation.ImageDecodeFailed"),
    "a WebP": Bad(pictures.webp(pictures.portrait(100)), "FailedOperation.ImageDecodeFailed"),
    "a text": Bad(b"Dear diary, today I took no photo.\n" * 40, "FailedOperation.ImageDecodeFailed"),
    "a web page of an error": Bad(b"<html><h1>502 Bad Gateway</h1></html>", "FailedOperation.ImageDecodeFailed"),
    "nothing": Bad(b"", "InvalidParameterValue.ImageEmpty"),
    "one byte": Bad(b"\xff", "FailedOperation.ImageDecodeFailed"),
    "a JPEG that ends in its header": Bad(portrait()[:100], "FailedOperation.ImageDecodeFailed"),
    "a PNG that ends in its header": Bad(
        pictures.png(pictures.portrait(100))[:20], "FailedOperation.ImageDecodeFailed"
    ),
    "a JPEG 63 px high": Bad(small(200, 63), "FailedOperation.ImageResolutionTooSmall"),
    "a PNG 1 px wide": Bad(
        pictures.png(pictures.portrait().resize((1, 90))), "FailedOperation.ImageResolutionTooSmall"
    ),
}


@pytest.mark.parametrize("bad", TOLD_BY_FIRST_BYTES.values(), ids=TOLD_BY_FIRST_BYTES.keys())
def test_what_the_first_bytes_tell_is_rejected_without_asking_anybody(owner: Owner, name: str, bad: Bad) -> None:
    calls, key = owner.calls(), f"photos/{name}.jpg"

    owner.put(key, bad.body)

    stamp = owner.stamped(key)
    assert (stamp.status, stamp.count, stamp.faces) == ("rejected", 0, ())
    assert stamp.errors == dict.fromkeys(EVERY_OPERATION, bad.code)
    assert calls.faces() == []
    assert owner.bytes(key) == bad.body
    record = owner.kept(stamp.result)
    assert record is not None
    assert {answer["Response"]["Error"] for answer in record["answers"].values()} == {bad.code}

    owner.again(key)
    assert calls.faces() == []
    assert owner.stamped(key) == stamp


CUT = {
    "a JPEG": portrait()[:20_000],
    "a PNG": pictures.png(pictures.portrait())[:60_000],
    "a BMP": pictures.bmp(pictures.portrait())[:60_000],
}


@pytest.mark.parametrize("body", CUT.values(), ids=CUT.keys())
def test_a_picture_cut_in_its_pixels_is_rejected_by_the_services(owner: Owner, name: str, body: bytes) -> None:
    calls, key = owner.calls(), f"photos/{name}.jpg"

    owner.put(key, body)

    stamp = owner.stamped(key)
    assert stamp.status == "rejected"
    assert stamp.errors == dict.fromkeys(EVERY_OPERATION, "FailedOperation.ImageDecodeFailed")
    assert calls.faces() == THREE_CALLS
    assert calls.paid() == []

    owner.again(key)
    assert calls.faces() == THREE_CALLS


def test_a_large_picture_cut_in_its_pixels_has_no_thumbnail(owner: Owner, name: str) -> None:
    whole = pictures.jpeg(pictures.big(6000, 4000))
    calls, runs, key = owner.calls(), owner.runs(), f"photos/{name}.jpg"

    owner.put(key, whole[: len(whole) // 2])
    owner.again(key)

    assert owner.stamped(key).status == "rejected"
    assert owner.stamped(key).errors.keys() == set(EVERY_OPERATION)
    assert calls.paid() == []
    assert runs() == [200, 200]


def test_the_smallest_picture_that_is_taken(owner: Owner, name: str) -> None:
    owner.put(f"photos/{name}.jpg", small(64, 64))
    assert owner.stamped(f"photos/{name}.jpg").errors == {}


# -- too large -----------------------------------------------------------------------------------------------------


def noisy(size: int, quality: int) -> bytes:
    """A portrait that hardly compresses: film grain over all of it."""
    grain = Image.frombytes("RGB", (size, size), random.Random(1).randbytes(3 * size * size))  # noqa: S311 - grain, the same each time
    return pictures.jpeg(Image.blend(pictures.portrait(size), grain, 0.25), quality)


TOO_LARGE = {
    "a JPEG of 6000 x 4000": (lambda: pictures.jpeg(pictures.big(6000, 4000)), (6000, 4000), 4000 / 512, 1000),
    "a JPEG of 4001 x 2400": (lambda: pictures.jpeg(pictures.big(4001, 2400)), (4001, 2400), 2400 / 512, 800),
    "a PNG of 2400 x 2000": (lambda: pictures.png(pictures.big(2400, 2000)), (2400, 2000), 2000 / 512, 200),
    "a BMP of 2001 x 1200": (lambda: pictures.bmp(pictures.big(2001, 1200)), (2001, 1200), 1200 / 512, 400),
    "a JPEG over 5 MB in base64": (lambda: noisy(2000, 98), (2000, 2000), 2000 / 512, 0),
}
"""The file, its size, and where its portrait is: scale, and offset to the right."""


@pytest.mark.parametrize("case", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_a_picture_too_large_for_the_services_is_measured_on_a_thumbnail(owner: Owner, name: str, case: tuple) -> None:  # type: ignore[type-arg] # one table, four kinds of things
    make, size, scale, right = case
    calls, key = owner.calls(), f"photos/{name}.jpg"
    body = make()

    owner.put(key, body)

    stamp = owner.stamped(key)
    assert (stamp.status, stamp.size) == ("ok", size)
    assert_on_the_portrait(stamp, scale, right)
    assert calls.paid() == THREE_CALLS_ON_A_THUMBNAIL
    assert owner.bytes(key) == body
    moved = [call for call in calls(service="cos", action="GetObject") if call.sent > 100_000]
    assert moved == []


def assert_on_the_portrait(stamp: Stamp, scale: float, right: float = 0, count: int = 1) -> None:
    """Box, points and attributes are on the portrait's face, to within a tenth of it; dlib finds it so on any scale."""
    assert stamp.count == count
    face = stamp.faces[0]
    assert face.box is not None
    assert face.points is not None
    assert face.attributes is not None
    left, top, end, bottom = (side * scale for side in pictures.FACE)
    width, height = end - left, bottom - top
    assert_near(face.box.x + face.box.width / 2 - right, (left + end) / 2, width / 8)
    assert_near(face.box.y + face.box.height / 2, (top + bottom) / 2, height / 8)
    assert_near(face.box.width, width, 0.4 * width)
    for feature, across in (("LeftPupil", 205), ("RightPupil", 244)):
        (eye,) = face.points[feature]
        assert_near(eye.x, across * scale + right, width / 10)
        assert_near(eye.y, 113 * scale, height / 10)


def assert_near(found: float, expected: float, tolerance: float) -> None:
    assert abs(found - expected) <= tolerance, f"{found} is not within {tolerance} of {expected}"


def test_coordinates_are_the_small_versions_scaled(owner: Owner, name: str) -> None:
    """Within 1 % of the picture's width: what resampling alone may move."""
    owner.put(f"photos/{name}-small.jpg", pictures.jpeg(pictures.big(1500, 1000)))
    owner.put(f"photos/{name}-large.jpg", pictures.jpeg(pictures.big(6000, 4000)))

    (small,), (large,) = (
        owner.stamped(f"photos/{name}-small.jpg").faces,
        owner.stamped(f"photos/{name}-large.jpg").faces,
    )

    assert small.box is not None
    assert large.box is not None
    assert small.points is not None
    assert large.points is not None
    for side, other_side in zip(small.box, large.box, strict=True):
        assert_near(other_side, 4 * side, 60)
    for feature, points in small.points.items():
        for point, other in zip(points, large.points[feature], strict=True):
            assert_near(other.x, 4 * point.x, 60)
            assert_near(other.y, 4 * point.y, 60)


def test_over_32_mb_not_even_a_thumbnail_can_be_made(owner: Owner, name: str) -> None:
    calls, key = owner.calls(), f"photos/{name}.jpg"
    body = pictures.jpeg(pictures.portrait()) + b"\0" * (32 * 1024 * 1024)

    owner.put(key, body)

    stamp = owner.stamped(key)
    assert stamp.status == "rejected"
    assert stamp.errors == dict.fromkeys(EVERY_OPERATION, "FailedOperation.ImageSizeExceed")
    assert calls.faces() == []
    owner.again(key)
    assert calls.faces() == []


def test_a_header_behind_a_large_profile_is_read_on_for(owner: Owner, name: str) -> None:
    plain = portrait()
    profile = b"".join(b"\xff\xe2\xff\xff" + b"ICC_PROFILE\0" + bytes(65521) for _ in range(3))
    calls = owner.calls()

    owner.put(f"photos/{name}.jpg", plain[:2] + profile + plain[2:])

    stamp = owner.stamped(f"photos/{name}.jpg")
    assert (stamp.status, stamp.size) == ("ok", (512, 512))
    assert calls.paid() == THREE_CALLS


# -- turned by EXIF ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
def test_coordinates_are_in_the_upright_frame_whatever_exif_says(owner: Owner, name: str, orientation: int) -> None:
    _check_orientation(owner, name, orientation)


@pytest.mark.parametrize("exif", ["ignored", "applied"])
def test_coordinates_do_not_depend_on_whether_the_services_heed_exif(clouds: Clouds, exif: str) -> None:
    cloud = clouds(Readings(exif=exif))  # type: ignore[arg-type] # one of its two values
    for orientation in (2, 3, 6, 8):
        _check_orientation(Owner(cloud), f"turned-{orientation}", orientation)


def _check_orientation(owner: Owner, name: str, orientation: int) -> None:
    key, calls = f"photos/{name}.jpg", owner.calls()
    scene = pictures.big(700, 512)
    body = pictures.jpeg(scene, orientation=orientation)

    owner.put(key, body)

    stamp = owner.stamped(key)
    assert (stamp.status, stamp.size) == ("ok", (700, 512))
    assert_on_the_portrait(stamp, 1, 94)
    assert len(calls.paid()) == 3
    assert owner.bytes(key) == body


# -- nobody there --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("no_face", ["status", "empty", "error"])
def test_nobody_in_the_photo_however_the_services_say_so(clouds: Clouds, no_face: str) -> None:
    cloud: LocalCloud = clouds(Readings(no_face=no_face))  # type: ignore[arg-type] # one of its three values
    owner = Owner(cloud)
    owner.put("photos/coffee.jpg", pictures.jpeg(pictures.landscape()))

    stamp = owner.stamped("photos/coffee.jpg")
    assert (stamp.status, stamp.count, stamp.faces, stamp.errors) == ("no-face", 0, (), {})
    assert stamp.size == (600, 400)
    calls = owner.calls()
    owner.again("photos/coffee.jpg")
    assert len(calls()) == 1
    assert owner.stamped("photos/coffee.jpg") == stamp


UNUSUAL: dict[str, tuple[str, str, dict[str, bool]]] = {
    "a PNG with transparency": ("PNG", "RGBA", {}),
    "a grey PNG": ("PNG", "L", {}),
    "a PNG with a palette": ("PNG", "P", {}),
    "a grey JPEG": ("JPEG", "L", {}),
    "a JPEG for print": ("JPEG", "CMYK", {}),
    "a progressive JPEG": ("JPEG", "RGB", {"progressive": True}),
}


@pytest.mark.parametrize(("kind", "mode", "options"), UNUSUAL.values(), ids=UNUSUAL.keys())
def test_an_unusual_picture_of_a_usual_format(
    owner: Owner, name: str, kind: str, mode: str, options: dict[str, bool]
) -> None:
    out = io.BytesIO()
    pictures.portrait().convert(mode).save(out, kind, **options)
    owner.put(f"photos/{name}.jpg", out.getvalue())
    assert_on_the_portrait(owner.stamped(f"photos/{name}.jpg"), 1)


def test_a_crowd_has_all_its_faces_counted_and_recorded_though_not_all_lines_fit(owner: Owner, name: str) -> None:
    key = f"photos/{name}.jpg"
    owner.put(key, pictures.jpeg(pictures.group(10)))

    stamp = owner.stamped(key)
    assert (stamp.status, stamp.count) == ("ok", 10)
    sizes = [face.box.width * face.box.height for face in stamp.faces if face.box]
    assert len(sizes) == 10
    assert sizes == sorted(sizes, reverse=True)
    record = owner.kept(stamp.result)
    assert record is not None
    answers = {answer["Operation"]: answer["Response"] for answer in record["answers"].values()}
    assert len(answers["AnalyzeFace"]["FaceShapeSet"]) == 10
    described = [info["FaceDetailAttributesInfo"] for info in answers["DetectFaceAttributes"]["FaceDetailInfos"]]
    assert [bool(attributes) for attributes in described] == [True] * 5 + [False] * 5
    assert [bool(face.attributes) for face in stamp.faces] == [True] * 5 + [False] * 5
    assert sum(len(n) + len(v) for n, v in owner.head(key).items() if n.startswith("x-cos-meta-")) <= 2048
