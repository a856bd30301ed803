"""Cloud Infinite on the object's host: faces, and thumbnails."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from qcloud_cos import CosServiceError
from qcloud_cos.ai_recognition import AIRecognitionClient

from facestamp.faces import Box, Size
from infra.local.cos import thumbnails
from infra.local.cos.errors import Unprocessed
from infra.local.readings import Readings
from tests.local.cos.conftest import PHOTOS, REGION, LocalCos, Start, code, found

SMALL, LARGE = Box(10, 20, 30, 40), Box(100, -5, 117, 173)
DETECT = {"ci-process": "DetectFace"}


def picture(
    width: int = 512, height: int = 512, kind: str = "JPEG", *, orientation: int = 1, noise: bool = False
) -> bytes:
    """A picture whose upper left quarter is red, seen from above."""
    image = Image.new("RGB", (width, height), "white")
    if noise:
        image = Image.fromarray(np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8))
    image.paste((255, 0, 0), (0, 0, width // 2, height // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Camera maker"
    out = io.BytesIO()
    image.save(out, kind, **({"exif": exif.tobytes(), "quality": 95} if kind == "JPEG" else {}))
    return out.getvalue()


@pytest.fixture
def bound(start: Start) -> LocalCos:
    return bind(start(Readings()))


def bind(cloud: LocalCos) -> LocalCos:
    cloud.ask("PUT", door="pic")
    cloud.put("photo.jpg", picture())
    return cloud


class TestDetectFace:
    @pytest.mark.behaviour(
        service="ci",
        what="ci-process=DetectFace answers with the picture's size and the largest faces first, boxes maybe negative",
        standing="documented",
        source="CI 460/63223",
    )
    def test_faces_come_largest_first(self, bound: LocalCos) -> None:
        bound.eyes.faces = [found(SMALL), found(LARGE)]
        _, answer = AIRecognitionClient(bound.config(), retry=0).cos_ai_detect_face(
            Bucket=PHOTOS, ObjectKey="photo.jpg", MaxFaceNum=5
        )
        assert (answer["ImageWidth"], answer["ImageHeight"], answer["FaceModelVersion"]) == ("512", "512", "3.0")
        assert answer["RequestId"]
        boxes = [tuple(int(face[name]) for name in ("X", "Y", "Width", "Height")) for face in answer["FaceInfos"]]
        assert boxes == [LARGE, SMALL]

    @pytest.mark.behaviour(
        service="ci",
        what="max-face-num is 1 to 120 and 1 if it is not given; anything else is InvalidParameter.InvalidParameter",
        standing="documented",
        source="CI 460/63223",
    )
    def test_how_many(self, bound: LocalCos) -> None:
        bound.eyes.faces = [found(SMALL), found(LARGE)]
        assert bound.ask("GET", "photo.jpg", DETECT).text.count("<FaceInfos>") == 1
        assert bound.ask("GET", "photo.jpg", {**DETECT, "max-face-num": "120"}).text.count("<FaceInfos>") == 2
        for number in ("0", "121", "-1", "many"):
            response = bound.ask("GET", "photo.jpg", {**DETECT, "max-face-num": number})
            assert (response.status_code, code(response)) == (400, "InvalidParameter.InvalidParameter")

    def test_the_documents_other_spelling(self, bound: LocalCos) -> None:
        bound.eyes.faces = [found(SMALL)]
        assert "<FaceInfos>" in bound.ask("GET", "photo.jpg", {"ci-process": "detect-face"}).text

    @pytest.mark.behaviour(
        service="ci",
        what="A success is billed, a refusal is not",
        standing="documented",
        source="CI 460/63223",
    )
    def test_what_is_paid(self, bound: LocalCos) -> None:
        bound.ask("GET", "photo.jpg", DETECT)
        [call] = bound.journal.paid()
        assert (call.service, call.action, call.resource) == ("ci", "DetectFace", f"{PHOTOS}/photo.jpg")
        bound.ask("GET", "not there.jpg", DETECT)
        bound.ask("GET", "photo.jpg", DETECT, identity=bound.role("cos:GetObject"))
        assert bound.journal.paid() == [call]

    @pytest.mark.behaviour(
        service="ci",
        what="A picture without a face: Status 0, or neither Status nor FaceInfos, or NoFaceInPhoto",
        standing="assumed",
        source="CI 460/63223",
    )
    def test_no_face(self, start: Start) -> None:
        as_status = bind(start(Readings(no_face="status"))).ask("GET", "photo.jpg", DETECT)
        assert "<Status>0</Status>" in as_status.text
        assert "<FaceInfos>" not in as_status.text
        as_nothing = bind(start(Readings(no_face="empty"))).ask("GET", "photo.jpg", DETECT)
        assert as_nothing.status_code == 200
        assert "Status" not in as_nothing.text
        assert "<FaceInfos>" not in as_nothing.text
        cloud = bind(start(Readings(no_face="error")))
        as_error = cloud.ask("GET", "photo.jpg", DETECT)
        assert (as_error.status_code, code(as_error)) == (400, "InvalidParameterValue.NoFaceInPhoto")
        assert cloud.journal.paid() == []

    @pytest.mark.behaviour(
        service="ci",
        what="DetectFace needs CreateFaceEffectJob (the API page) or CreateDetectFaceJob (the granularity page) on"
        " qcs::ci:<region>:uid/<appid>:bucket/<bucket>/<key>, and cos:GetObject",
        standing="documented",
        source="CI 460/63223, CI 460/41741",
    )
    @pytest.mark.parametrize("reading", ["CreateFaceEffectJob", "CreateDetectFaceJob"])
    def test_permissions(self, start: Start, reading: str) -> None:
        effect = reading == "CreateFaceEffectJob"
        cloud = bind(start(Readings(detect_face_action="CreateFaceEffectJob" if effect else "CreateDetectFaceJob")))
        resource = f"qcs::ci:{REGION}:uid/1250000000:bucket/{PHOTOS}/photo.jpg"
        refused = cloud.ask("GET", "photo.jpg", DETECT, identity=cloud.role("cos:GetObject"))
        assert (refused.status_code, code(refused)) == (403, "AccessDenied")
        assert f"perform ci:{reading} on resource {resource}." in refused.text
        refused = cloud.ask("GET", "photo.jpg", DETECT, identity=cloud.role(f"ci:{reading}", resource=resource))
        assert "perform cos:GetObject " in refused.text
        both = cloud.role(f"ci:{reading}", "cos:GetObject")
        assert cloud.ask("GET", "photo.jpg", DETECT, identity=both).status_code == 200

    @pytest.mark.behaviour(
        service="ci",
        what="A bucket that is not bound to Cloud Infinite gets 403 NoProcessAuthority",
        standing="assumed",
        source="CI 460/63223",
    )
    def test_an_unbound_bucket(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", picture())
        response = cloud.ask("GET", "photo.jpg", DETECT)
        assert (response.status_code, code(response)) == (403, "NoProcessAuthority")

    @pytest.mark.behaviour(
        service="ci",
        what="A thumbnail needs no binding beforehand, and no permission but cos:GetObject",
        standing="documented",
        source="COS 436/44880",
    )
    def test_a_thumbnail_of_an_unbound_bucket(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", picture())
        query = {"imageMogr2/thumbnail/10x10": ""}
        assert cloud.ask("GET", "photo.jpg", query, identity=cloud.role("cos:GetObject")).status_code == 200
        refused = cloud.ask("GET", "photo.jpg", query, identity=cloud.role("ci:*"))
        assert "perform cos:GetObject " in refused.text

    @pytest.mark.behaviour(
        service="ci",
        what="What is no PNG, JPEG or BMP within 5 MB of base64 and the pixel limits is refused with its own code",
        standing="documented",
        source="CI 460/63223",
    )
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (b"", "InvalidParameterValue.ImageEmpty"),
            (b"text named .jpg", "FailedOperation.ImageDecodeFailed"),
            (picture(kind="GIF"), "FailedOperation.ImageDecodeFailed"),
            (picture(63, 200), "FailedOperation.ImageResolutionTooSmall"),
            (picture(4001, 64), "FailedOperation.ImageResolutionExceed"),
            (picture(2001, 64, "PNG"), "FailedOperation.ImageResolutionExceed"),
            (picture() + b"\0" * 3_932_161, "FailedOperation.ImageSizeExceed"),
        ],
        ids=["empty", "text", "gif", "narrow", "wide jpeg", "wide png", "large"],
    )
    def test_limits(self, bound: LocalCos, body: bytes, expected: str) -> None:
        bound.put("bad.jpg", body)
        response = bound.ask("GET", "bad.jpg", DETECT)
        assert (response.status_code, code(response)) == (400, expected)

    def test_a_picture_that_ends_too_soon(self, bound: LocalCos) -> None:
        bound.eyes.unreadable = True
        assert code(bound.ask("GET", "photo.jpg", DETECT)) == "FailedOperation.ImageDecodeFailed"

    @pytest.mark.behaviour(
        service="ci",
        what="An archived object cannot be processed: 403 InvalidObjectState",
        standing="documented",
        source="CI 460/63223",
    )
    def test_archived(self, bound: LocalCos) -> None:
        bound.put("old.jpg", picture(), x_cos_storage_class="ARCHIVE")
        with pytest.raises(CosServiceError) as raised:
            AIRecognitionClient(bound.config(), retry=0).cos_ai_detect_face(Bucket=PHOTOS, ObjectKey="old.jpg")
        assert raised.value.get_error_code() == "InvalidObjectState"

    @pytest.mark.parametrize("reading", ["applied", "ignored"])
    def test_orientation_is_heeded_as_the_readings_say(self, start: Start, reading: str) -> None:
        cloud = bind(start(Readings(exif="applied" if reading == "applied" else "ignored")))
        cloud.eyes.size = Size(64, 128)
        assert "<ImageWidth>64</ImageWidth>" in cloud.ask("GET", "photo.jpg", DETECT).text
        assert cloud.eyes.exif is (reading == "applied")

    def test_any_other_process_is_not_there(self, bound: LocalCos) -> None:
        assert code(bound.ask("GET", "photo.jpg", {"ci-process": "AILicenseRec"})) == "NotImplemented"


def opened(body: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


class TestThumbnails:
    @pytest.mark.behaviour(
        service="ci",
        what="imageMogr2 turns a photo upright, shrinks it, re-codes it as JPG, and takes the orientation out",
        standing="documented",
        source="COS 436/44880, COS international 436/36366",
    )
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_a_photo_for_the_face_service(self, bound: LocalCos, orientation: int) -> None:
        bound.put("large.jpg", picture(1200, 800, orientation=orientation))
        chain = "imageMogr2/auto-orient/thumbnail/600x600>/format/jpg/quality/85"
        response = bound.ask("GET", "large.jpg", {chain: ""})
        assert response.headers["Content-Type"] == "image/jpeg"
        image = opened(response.content)
        assert image.size == ((600, 400) if orientation < 5 else (400, 600))
        assert image.getexif().get(0x0112, 1) == 1
        call = bound.journal.calls()[-1]
        assert (call.service, call.action, call.paid) == ("ci", "ImageMogr2", False)

    def test_a_presigned_address_with_a_token(self, bound: LocalCos) -> None:
        key = bound.role("cos:GetObject")
        chain = "imageMogr2/auto-orient/thumbnail/100x100>/format/jpg"
        params = {chain: "", "x-cos-security-token": key.token}
        address = bound.client(key).get_presigned_url(Bucket=PHOTOS, Key="photo.jpg", Method="GET", Params=params)
        response = bound.get(address)
        assert response.status_code == 200
        assert opened(response.content).size == (100, 100)
        refused = bound.get(address.replace("100x100", "200x200"))
        assert (refused.status_code, code(refused)) == (403, "SignatureDoesNotMatch")

    @pytest.mark.parametrize(
        ("argument", "size"),
        [
            ("100x100", (100, 50)),
            ("100x100>", (100, 50)),
            ("800x800>", (400, 200)),
            ("100x100<", (400, 200)),
            ("800x800<", (800, 400)),
            ("100x", (100, 50)),
            ("x100", (200, 100)),
            ("!50p", (200, 100)),
            ("100x100!", (100, 100)),
            ("20000@", (200, 100)),
        ],
    )
    def test_scaling(self, argument: str, size: tuple[int, int]) -> None:
        body, kind = thumbnails.process(picture(400, 200), f"imageMogr2/thumbnail/{argument}")
        assert (opened(body).size, kind) == (size, "image/jpeg")

    @pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP"])
    def test_other_formats_become_jpg(self, kind: str) -> None:
        body, _ = thumbnails.process(picture(200, 200, kind), "imageMogr2/format/jpg")
        assert opened(body).format == "JPEG"

    def test_transparency_becomes_jpg_too(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (200, 200), (255, 0, 0, 128)).save(out, "PNG")
        body, _ = thumbnails.process(out.getvalue(), "imageMogr2/thumbnail/100x100>/format/jpg")
        assert opened(body).mode == "RGB"

    def test_quality_makes_it_smaller(self) -> None:
        image = picture(300, 300, noise=True)
        fine, _ = thumbnails.process(image, "imageMogr2/quality/95")
        coarse, _ = thumbnails.process(image, "imageMogr2/quality/30")
        assert len(coarse) < len(fine)

    @pytest.mark.behaviour(
        service="ci",
        what="size-limit holds a JPG under so many k or m; with ! the picture that came in wins if it is smaller",
        standing="documented",
        source="COS international 436/42704",
    )
    def test_a_size_limit(self) -> None:
        noisy = picture(600, 600, noise=True)
        small, _ = thumbnails.process(noisy, "imageMogr2/strip/format/jpg/size-limit/40k")
        assert len(small) <= 40 * 1024
        assert Image.open(io.BytesIO(small)).size == (600, 600)
        plain = picture(64, 64)
        assert thumbnails.process(plain, "imageMogr2/quality/100/size-limit/1m!") == (plain, "image/jpeg")

    def test_strip_takes_what_is_beside_the_picture(self) -> None:
        kept, _ = thumbnails.process(picture(orientation=6), "imageMogr2/thumbnail/100x100")
        bare, _ = thumbnails.process(picture(orientation=6), "imageMogr2/thumbnail/100x100/strip")
        assert opened(kept).getexif()[0x010F] == "Camera maker"
        assert dict(opened(bare).getexif()) == {}

    @pytest.mark.behaviour(
        service="ci",
        what="A picture that cannot be processed has X-ErrNo beside its error: -167 over 32 MB, -443 no picture, -441"
        " not a whole one",
        standing="assumed",
        source="COS 436/7730",
    )
    @pytest.mark.parametrize(
        ("body", "number", "expected"),
        [
            (b"text", "-443", "InvalidImageFormat"),
            (picture(noise=True)[:20000], "-441", "InvalidImageFormat"),
            (b"\xff\xd8" + b"\0" * 32 * 1024 * 1024, "-167", "ImageTooLarge"),
        ],
        ids=["text", "truncated", "large"],
    )
    def test_what_cannot_be_processed(self, bound: LocalCos, body: bytes, number: str, expected: str) -> None:
        bound.put("bad.jpg", body)
        response = bound.ask("GET", "bad.jpg", {"imageMogr2/thumbnail/100x100": ""})
        assert (response.status_code, response.headers["X-ErrNo"], code(response)) == (400, number, expected)

    @pytest.mark.parametrize(
        "chain", ["thumbnail/axb", "thumbnail", "thumbnail/x", "quality/101", "rotate/north", "sepia/1", "format/tiff"]
    )
    def test_what_is_no_step(self, chain: str) -> None:
        with pytest.raises(Unprocessed):
            thumbnails.process(picture(), f"imageMogr2/{chain}")

    def test_a_result_that_is_too_large(self) -> None:
        with pytest.raises(Unprocessed) as raised:
            thumbnails.process(picture(), "imageMogr2/thumbnail/10000x10000!")
        assert raised.value.number == -442
