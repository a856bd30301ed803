"""The faces that the engine finds, on pictures where we know where they are."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from facestamp.faces import FEATURES, Box, Point, Points
from infra.local.faces import Engine, Found, Unreadable, similarity
from tests import pictures


def the_face(engine: Engine, image: bytes, **how: bool) -> Found:
    look = engine.look(image, **how)
    assert len(look.faces) == 1
    return look.faces[0]


def points(face: Found) -> list[Point]:
    return [point for feature in FEATURES for point in face.points[feature]]


def inside(point: Point, box: Box) -> bool:
    return box.x <= point.x <= box.x + box.width and box.y <= point.y <= box.y + box.height


def covers(box: Box, face: tuple[float, float, float, float]) -> bool:
    """Whether a box is about where a face was put: their overlap is at least half of what they fill together."""
    left, top, right, bottom = face
    width = max(0.0, min(box.x + box.width, right) - max(box.x, left))
    height = max(0.0, min(box.y + box.height, bottom) - max(box.y, top))
    together = box.width * box.height + (right - left) * (bottom - top) - width * height
    return width * height / together > 0.5


def scaled(by: float, right: float = 0, down: float = 0) -> tuple[float, float, float, float]:
    """Where the portrait's face is, once the portrait has been resized and put somewhere."""
    left, top, far, bottom = (edge * by for edge in pictures.FACE)
    return left + right, top + down, far + right, bottom + down


@pytest.fixture(scope="module")
def face(engine: Engine) -> Found:
    return the_face(engine, pictures.png(pictures.portrait(640)))


@pytest.mark.behaviour(
    service="iai",
    what="Faces are really found: the box is where the face is in the picture",
    standing="assumed",
    source="dlib's HOG detector",
)
@pytest.mark.parametrize("size", [200, 512, 1800])
def test_the_portrait_is_found_at_any_size(engine: Engine, size: int) -> None:
    found = the_face(engine, pictures.png(pictures.portrait(size)))
    assert found.score >= 0.5
    assert covers(found.box, scaled(size / 512))
    assert 0.65 < found.box.width / found.box.height < 0.9


def test_no_face_is_found_where_there_is_none(engine: Engine) -> None:
    look = engine.look(pictures.jpeg(pictures.landscape()))
    assert (look.format, look.size, look.faces) == ("JPEG", (600, 400), ())


@pytest.mark.parametrize("people", [1, 2, 5, 12])
def test_everybody_in_a_group_is_found_largest_first(engine: Engine, people: int) -> None:
    faces = engine.look(pictures.jpeg(pictures.group(people))).faces
    assert len(faces) == people
    assert [face.area for face in faces] == sorted((face.area for face in faces), reverse=True)


def test_a_large_picture_is_measured_in_its_own_pixels(engine: Engine) -> None:
    look = engine.look(pictures.jpeg(pictures.big(3600, 2400)))
    assert look.size == (3600, 2400)
    assert covers(look.faces[0].box, scaled(2400 / 512, right=600))


def test_a_box_reaches_beyond_the_picture_where_the_face_does(engine: Engine) -> None:
    close = pictures.portrait(1000).crop((330, 140, 560, 370)).resize((800, 800))
    assert the_face(engine, pictures.png(close)).box.y < 0


@pytest.mark.behaviour(
    service="iai",
    what="A face has 90 points: 21 profile, 8 and 8 eyes, 8 and 8 brows, 22 mouth, 13 nose, 2 pupils",
    standing="documented",
    source="IAI 867/45019",
)
def test_a_face_has_ninety_points_inside_its_box(face: Found) -> None:
    assert {feature: len(face.points[feature]) for feature in FEATURES} == dict(FEATURES)
    assert all(inside(point, face.box) for point in points(face))


@pytest.mark.behaviour(
    service="iai",
    what="Left and right are the picture's, and points come in the order of the documented example",
    standing="documented",
    source="IAI 867/32779",
)
def test_points_come_in_the_documented_order(face: Found) -> None:
    def xs(feature: str, *indices: int) -> list[int]:
        return [face.points[feature][index].x for index in indices]

    def y(feature: str, index: int) -> int:
        return face.points[feature][index].y

    profile = face.points["FaceProfile"]
    assert profile[0].x < profile[10].x < profile[20].x
    assert max(profile, key=lambda point: point.y) in profile[9:12]
    for eye, outward in (("LeftEye", 1), ("RightEye", -1)):
        along = [outward * x for x in xs(eye, 0, 1, 2, 3, 4)]
        assert along == sorted(along)
        assert [outward * x for x in xs(eye, 4, 5, 6, 7)] == sorted(outward * x for x in xs(eye, 4, 5, 6, 7))[::-1]
        assert y(eye, 2) > y(eye, 6)
    for brow, outward in (("LeftEyeBrow", 1), ("RightEyeBrow", -1)):
        along = [outward * x for x in xs(brow, 0, 1, 2, 3, 4)]
        assert along == sorted(along)
        assert y(brow, 2) > y(brow, 6)
    assert xs("LeftEye", 0) < xs("RightEye", 0)
    assert xs("Mouth", 0, 3, 6) == sorted(xs("Mouth", 0, 3, 6))
    assert y("Mouth", 3) > y("Mouth", 14) > y("Mouth", 19) > y("Mouth", 9)
    assert xs("Mouth", 12, 13, 14, 15, 16) == sorted(xs("Mouth", 12, 13, 14, 15, 16))
    assert xs("Mouth", 17, 18, 19, 20, 21) == sorted(xs("Mouth", 17, 18, 19, 20, 21))[::-1]
    assert y("Nose", 1) < y("Nose", 3) < y("Nose", 0) < y("Nose", 7)
    assert xs("Nose", 5, 6, 7, 8, 9) == sorted(xs("Nose", 5, 6, 7, 8, 9))
    for pupil, eye in (("LeftPupil", "LeftEye"), ("RightPupil", "RightEye")):
        assert min(xs(eye, 0, 4)) < xs(pupil, 0)[0] < max(xs(eye, 0, 4))


MIRRORED = {
    "FaceProfile": ("FaceProfile", [20 - index for index in range(21)]),
    "LeftEye": ("RightEye", list(range(8))),
    "RightEye": ("LeftEye", list(range(8))),
    "LeftEyeBrow": ("RightEyeBrow", list(range(8))),
    "RightEyeBrow": ("LeftEyeBrow", list(range(8))),
    "Mouth": ("Mouth", [6, 5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 16, 15, 14, 13, 12, 21, 20, 19, 18, 17]),
    "Nose": ("Nose", [0, 1, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]),
    "LeftPupil": ("RightPupil", [0]),
    "RightPupil": ("LeftPupil", [0]),
}


def apart(one: Points, other: Points) -> float:
    """The mean distance of two sets of points."""
    distances = [math.dist(a, b) for feature in FEATURES for a, b in zip(one[feature], other[feature], strict=True)]
    return sum(distances) / len(distances)


def test_a_mirrored_face_has_mirrored_points(engine: Engine, face: Found) -> None:
    mirrored = the_face(engine, pictures.png(pictures.mirrored(pictures.portrait(640))))
    expected = {
        feature: tuple(Point(639 - face.points[source][index].x, face.points[source][index].y) for index in order)
        for feature, (source, order) in MIRRORED.items()
    }
    assert apart(mirrored.points, expected) < 0.03 * face.box.width


@pytest.mark.behaviour(
    service="iai",
    what="Roll is positive for a face turned clockwise, as seen",
    standing="assumed",
    source="IAI 867/45020",
)
def test_tilting_turns_the_roll(engine: Engine, face: Found) -> None:
    clockwise = the_face(engine, pictures.png(pictures.tilted(pictures.portrait(640), 15))).measures.roll
    counter = the_face(engine, pictures.png(pictures.tilted(pictures.portrait(640), -15))).measures.roll
    assert clockwise - face.measures.roll == pytest.approx(15, abs=4)
    assert counter - face.measures.roll == pytest.approx(-15, abs=4)


def test_the_portrait_smiles_with_open_eyes_into_the_camera(face: Found) -> None:
    assert face.measures.smile > 60
    assert face.measures.eyes_open > 0.5
    assert abs(face.measures.yaw) < 10
    assert abs(face.measures.pitch) < 10


def test_a_mirrored_face_looks_the_other_way(engine: Engine) -> None:
    turned = pictures.portrait(640).resize((500, 640))
    one = the_face(engine, pictures.png(turned)).measures
    other = the_face(engine, pictures.png(pictures.mirrored(turned))).measures
    assert one.roll > 0 > other.roll
    assert abs(one.yaw + other.yaw) < 6


@pytest.mark.behaviour(
    service="iai",
    what="Faces are compared for real: distance 0 is score 100, and 0.6, the bound of one person, is score 60",
    standing="assumed",
    source="dlib's face recognition model",
)
def test_the_same_face_is_similar_and_noise_is_not(engine: Engine, face: Found) -> None:
    darker = the_face(engine, pictures.png(pictures.lit(pictures.portrait(), 0.6)))
    assert similarity(face.descriptor, face.descriptor) == 100
    assert 60 < similarity(face.descriptor, darker.descriptor) < 100
    assert similarity((0.6, 0.0), (0.0, 0.0)) == pytest.approx(60)
    assert similarity((2.0, 0.0), (0.0, 0.0)) == 0


def test_a_blurred_face_is_less_sharp_and_a_dark_one_less_bright(engine: Engine, face: Found) -> None:
    blurred = the_face(engine, pictures.png(pictures.blurred(pictures.portrait(1000), 4)))
    dark = the_face(engine, pictures.png(pictures.lit(pictures.portrait(640), 0.5)))
    assert face.quality.sharpness > 80 > 60 > blurred.quality.sharpness
    assert 30 <= face.quality.brightness <= 70
    assert dark.quality.brightness < 30


@pytest.mark.behaviour(
    service="iai",
    what="A photo is turned as its EXIF orientation says before it is measured (the reading can be changed)",
    standing="assumed",
    source="IAI 867/45020",
)
@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_coordinates_are_of_the_picture_as_seen(engine: Engine, orientation: int) -> None:
    picture = pictures.big(700, 500)
    look = engine.look(pictures.jpeg(picture, orientation=orientation))
    assert look.size == (700, 500)
    assert [covers(face.box, scaled(500 / 512, right=100)) for face in look.faces] == [True]


def test_the_stored_picture_is_measured_where_exif_is_not_heeded(engine: Engine) -> None:
    look = engine.look(pictures.jpeg(pictures.big(700, 500), orientation=6), exif=False)
    assert look.size == (500, 700)
    assert look.faces == ()
    mirrored = engine.look(pictures.jpeg(pictures.big(700, 500), orientation=2), exif=False)
    assert covers(mirrored.faces[0].box, scaled(500 / 512, right=100)) is False


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_picture_on_its_side_is_read_when_asked_to(engine: Engine, degrees: int) -> None:
    lying = pictures.png(pictures.portrait(400).rotate(degrees))
    upright = the_face(engine, pictures.png(pictures.portrait(400)))
    assert engine.look(lying).faces == ()
    found = the_face(engine, lying, rotate=True)
    back: Callable[[Point], Point] = {
        90: lambda point: Point(399 - point.y, point.x),
        180: lambda point: Point(399 - point.x, 399 - point.y),
        270: lambda point: Point(point.y, 399 - point.x),
    }[degrees]
    assert apart({feature: tuple(map(back, found.points[feature])) for feature in FEATURES}, upright.points) < 1
    assert all(inside(point, found.box) for point in points(found))


def _in_mode(mode: str, kind: str) -> bytes:
    out = io.BytesIO()
    picture = pictures.portrait()
    if mode == "I;16":
        grey = picture.convert("L")
        picture = Image.frombytes("I;16", grey.size, b"".join(bytes((0, value)) for value in grey.tobytes()))
    elif mode == "PA":
        picture = picture.convert("P")
        picture.info["transparency"] = 0
    else:
        picture = picture.convert(mode)
    picture.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("L", "PNG"),
        ("P", "PNG"),
        ("PA", "PNG"),
        ("RGBA", "PNG"),
        ("LA", "PNG"),
        ("I;16", "PNG"),
        ("RGB", "BMP"),
        ("L", "JPEG"),
        ("CMYK", "JPEG"),
        ("RGB", "GIF"),
        ("RGB", "WEBP"),
    ],
)
def test_the_face_is_found_in_every_kind_of_picture(engine: Engine, mode: str, kind: str) -> None:
    look = engine.look(_in_mode(mode, kind))
    assert (look.format, look.size, len(look.faces)) == (kind, (512, 512), 1)


@pytest.mark.parametrize(
    "image",
    [
        b"",
        b"this is not a picture",
        pictures.jpeg(pictures.portrait())[:9000],
        pictures.png(pictures.portrait())[:9000],
        pictures.bmp(pictures.portrait())[:9000],
    ],
    ids=["empty", "text", "half a jpeg", "half a png", "half a bmp"],
)
def test_what_is_no_whole_picture_is_unreadable(engine: Engine, image: bytes) -> None:
    with pytest.raises(Unreadable):
        engine.look(image)


def test_many_threads_look_at_once_and_see_the_same(engine: Engine) -> None:
    images = [pictures.jpeg(pictures.portrait(), quality) for quality in (70, 80, 90)] * 4
    with ThreadPoolExecutor(12) as threads:
        looks = list(threads.map(engine.look, images))
    assert all(len(look.faces) == 1 for look in looks)
    assert looks[:3] * 4 == looks
