"""A photo with its faces drawn over it."""

from __future__ import annotations

import base64
import io
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from PIL import Image

from facestamp import stamp
from facestamp.faces import FEATURES, Box, Face, Point, Size
from facestamp.http.photos.overlay import drawn
from facestamp.stamp import Stamp
from infra.local.cloud import LocalCloud
from tests import pictures
from tests.http.conftest import Api
from tests.laws.scenes import Scene, portrait

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def scene(cloud: LocalCloud) -> Scene:
    """The shared cloud, watched from the test's beginning."""
    return Scene(cloud)


def parsed(response: requests.Response) -> ElementTree.Element:
    """The drawing, as a program reads it."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].partition(";")[0] == "image/svg+xml"
    root = ElementTree.fromstring(response.content)  # noqa: S314 - what the API answered
    assert root.tag == f"{SVG}svg"
    assert not list(root.iter(f"{SVG}script"))
    return root


def text(root: ElementTree.Element, name: str) -> str:
    return root.findtext(f"{SVG}{name}") or ""


def image(root: ElementTree.Element) -> Image.Image:
    """The photo inside."""
    kind, _, data = root.find(f"{SVG}image").attrib["href"].partition(",")  # type: ignore[union-attr]  # fails the test
    assert kind == "data:image/jpeg;base64"
    return Image.open(io.BytesIO(base64.b64decode(data, validate=True)))


def faces(root: ElementTree.Element) -> list[ElementTree.Element]:
    return [group for group in root.findall(f"{SVG}g") if (group.findtext(f"{SVG}title") or "").startswith("Face ")]


def boxes(root: ElementTree.Element) -> list[tuple[int, ...]]:
    found = [face.find(f"{SVG}rect") for face in faces(root)]
    return [
        tuple(int(rect.attrib[side]) for side in ("x", "y", "width", "height")) for rect in found if rect is not None
    ]


# -- through the API --------------------------------------------------------------------------------------------------


def test_a_portrait_is_drawn_with_its_box_and_points(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    told = scene.stamp(key)
    assert told is not None

    root = parsed(api.get("/v1/photo/overlay.svg", key=key))

    assert (root.attrib["viewBox"], root.attrib["role"]) == ("0 0 512 512", "img")
    assert (text(root, "title"), text(root, "desc")) == (key, "One face.")
    assert image(root).size == (512, 512)
    assert boxes(root) == [tuple(told.faces[0].box or ())]
    features = {part.findtext(f"{SVG}title") for part in faces(root)[0].iter(f"{SVG}g")}
    assert {"left eye", "right eye brow", "mouth", "face profile"} <= features
    dots = "".join(part.attrib["d"] for part in faces(root)[0].iter(f"{SVG}path") if "h0" in part.attrib["d"])
    assert dots.count("h0") == 2 * 90


def test_a_large_photo_is_embedded_as_wide_as_asked_in_the_frame_of_its_stamp(
    api: Api, scene: Scene, name: str
) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key, pictures.jpeg(pictures.big(5000, 3500)))
    scene.settle()
    told = scene.stamp(key)
    assert told is not None

    standard = parsed(api.get("/v1/photo/overlay.svg", key=key))
    small = parsed(api.get("/v1/photo/overlay.svg", key=key, width=320))

    assert image(standard).size == (1280, 896)
    assert image(small).size == (320, 224)
    assert small.attrib["viewBox"] == standard.attrib["viewBox"] == "0 0 5000 3500"
    assert (small.attrib["width"], small.attrib["height"]) == ("320", "224")
    assert boxes(small) == boxes(standard) == [tuple(face.box or ()) for face in told.faces]


def test_the_widest_drawing_of_a_busy_photo_fits_into_what_scf_sends(api: Api, scene: Scene, name: str) -> None:
    noise = Image.effect_noise((4000, 4000), 120).convert("RGB")
    with scene.cloud.scf.hold():
        scene.upload(f"photos/{name}.jpg", pictures.jpeg(noise, 95))
        response = api.get("/v1/photo/overlay.svg", key=f"photos/{name}.jpg", width=4000)
    assert image(parsed(response)).size == (4000, 4000)
    assert len(response.content) < 6 * 1024 * 1024


def test_a_turned_photo_is_drawn_upright(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key, pictures.jpeg(pictures.portrait().crop((0, 0, 512, 400)), orientation=6))
    scene.settle()

    root = parsed(api.get("/v1/photo/overlay.svg", key=key))

    assert root.attrib["viewBox"] == "0 0 512 400"
    assert image(root).size == (512, 400)
    assert len(boxes(root)) == 1


def test_every_face_of_a_group_has_a_number_and_a_colour_of_its_own(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key, pictures.jpeg(pictures.group(3)))
    scene.settle()

    root = parsed(api.get("/v1/photo/overlay.svg", key=key))

    assert text(root, "desc") == "3 faces."
    assert [face.findtext(f"{SVG}title") for face in faces(root)] == ["Face 1", "Face 2", "Face 3"]
    assert ["".join(label.text or "" for label in face.iter(f"{SVG}text")) for face in faces(root)] == ["1", "2", "3"]
    assert len({face.attrib["color"] for face in faces(root)}) == 3


def test_a_key_with_markup_in_it_is_text(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name} \"</title><script>alert('&')</script>.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        root = parsed(api.get("/v1/photo/overlay.svg", key=key))
    assert text(root, "title") == key


def test_a_photo_with_nothing_to_draw_is_shown_as_it_is_and_says_why(api: Api, scene: Scene, name: str) -> None:
    with scene.cloud.scf.hold():
        scene.upload(f"photos/{name}-new.jpg")
        fresh = parsed(api.get("/v1/photo/overlay.svg", key=f"photos/{name}-new.jpg"))
    scene.upload(f"photos/{name}-cup.jpg", pictures.jpeg(pictures.landscape()))
    scene.settle()
    empty = parsed(api.get("/v1/photo/overlay.svg", key=f"photos/{name}-cup.jpg"))

    assert (text(fresh, "desc"), faces(fresh)) == ("Not stamped.", [])
    assert image(fresh).size == (512, 512)
    assert (text(empty, "desc"), faces(empty)) == ("No face in it.", [])
    assert image(empty).size == (600, 400)


def test_a_stamp_of_other_bytes_draws_nothing(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    old = {n: v for n, v in scene.head(key).items() if n in stamp.NAMES}
    with scene.cloud.scf.hold():
        scene.upload(key, portrait(0.8), Metadata=old)
        root = parsed(api.get("/v1/photo/overlay.svg", key=key))
    assert (text(root, "desc"), faces(root)) == ("Not stamped.", [])


def test_not_embedded_the_photo_is_named_by_the_buckets_own_domain(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()

    response = api.get("/v1/photo/overlay.svg", key=key, embed="false")
    root = parsed(response)
    address = root.find(f"{SVG}image").attrib["href"]  # type: ignore[union-attr]  # fails the test

    port = scene.cloud.endpoint.rpartition(":")[2]
    assert urlsplit(address).netloc == f"photos.localhost:{port}"
    assert len(response.content) < 40_000
    there = urlsplit(address)
    fetched = requests.get(
        f"{scene.cloud.endpoint}{there.path}?{there.query}", headers={"Host": there.netloc}, timeout=30
    )
    assert Image.open(io.BytesIO(fetched.content)).size == (512, 512)
    assert len(boxes(root)) == 1


def test_drawing_takes_two_requests(api: Api, scene: Scene, name: str) -> None:
    scene.upload(f"photos/{name}.jpg")
    scene.settle()
    watched = Scene(scene.cloud)
    parsed(api.get("/v1/photo/overlay.svg", key=f"photos/{name}.jpg"))
    assert [(c.service, c.action) for c in watched.calls()] == [("cos", "GetObject"), ("ci", "ImageMogr2")]


@pytest.mark.parametrize("body", [b"no picture at all", b""], ids=["text", "nothing"])
@pytest.mark.parametrize("embed", ["true", "false"])
def test_what_is_no_picture_cannot_be_drawn(api: Api, scene: Scene, name: str, body: bytes, embed: str) -> None:
    scene.cloud.cos().put_object(Bucket=scene.cloud.bucket, Key=f"photos/{name}.jpg", Body=body)
    scene.settle()
    response = api.get("/v1/photo/overlay.svg", key=f"photos/{name}.jpg", embed=embed)
    assert (response.status_code, response.json()["type"]) == (422, "/docs#unusable")


@pytest.mark.parametrize("width", ["63", "4001", "wide", "", "1e3"])
def test_a_width_that_cannot_be_is_400(api: Api, name: str, width: str) -> None:
    assert api.get("/v1/photo/overlay.svg", key=f"photos/{name}.jpg", width=width).status_code == 400


# -- whatever a stamp says --------------------------------------------------------------------------------------------

NUMBERS = some.integers(-(10**6), 10**6)
POINTS = some.lists(some.builds(Point, NUMBERS, NUMBERS), min_size=1, max_size=24).map(tuple)
FACES = some.builds(
    Face,
    some.none() | some.builds(Box, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    some.none() | some.dictionaries(some.sampled_from(list(FEATURES)), POINTS, min_size=1),
    some.none(),
)
SIZES = some.builds(Size, some.integers(1, 10**5), some.integers(1, 10**5))


# Making up faces takes long where the machine is busy.
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(name=some.text(max_size=30), size=SIZES, found=some.lists(FACES, max_size=12).map(tuple))
def test_any_stamp_of_any_photo_makes_a_drawing_that_parses(name: str, size: Size, found: tuple[Face, ...]) -> None:
    told = Stamp("1-1", "p", "ok", len(found), size, found)
    root = ElementTree.fromstring(drawn(name, "data:,", size, 1280, told, "Some."))  # noqa: S314 - drawn above

    assert len(faces(root)) == sum(1 for face in found if face.box or face.points)
    assert root.attrib["viewBox"] == f"0 0 {size.width} {size.height}"
    told_name = text(root, "title")
    assert re.sub(r"[\r\n\ufffd]", "", told_name) == re.sub(r"[\x00-\x08\x0a-\x1f\ufffe\uffff\ufffd]", "", name)
    for label in root.iter(f"{SVG}text"):
        assert float(label.attrib["x"]) >= 0
        assert float(label.attrib["y"]) >= 0
