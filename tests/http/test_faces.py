"""Asking about a picture: inline, by its key in the bucket, or at an allowed address."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from facestamp.attributes import KINDS
from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from infra.local.keyring import Keyring
from infra.local.readings import Readings
from infra.local.scenes import Region, big_face
from tests import pictures
from tests.conftest import Clouds
from tests.http.conftest import Api

DETECT, ANALYZE, ATTRIBUTES = "/v1/faces:detect", "/v1/faces:analyze", "/v1/faces:attributes"
LISTS = {DETECT: "face_infos", ANALYZE: "face_shape_set", ATTRIBUTES: "face_detail_infos"}
PORTRAIT = pictures.jpeg(pictures.portrait())
MEASURED = ["head_pose", "smile", "mouth", "eye"]
"""What the local face service can tell of a face; it says null of the rest."""

Asked = Callable[[], list[str]]


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def watched(cloud: LocalCloud) -> Asked:
    """What the API's function asks of Tencent from now on."""
    start = len(cloud.journal)

    def asked() -> list[str]:
        mine = [call for call in cloud.journal.since(start) if call.role.endswith("-api") and not call.by]
        return [f"{call.service}:{call.action}" for call in mine]

    return asked


@pytest.fixture
def asked(cloud: LocalCloud) -> Asked:
    return watched(cloud)


def shelved(cloud: LocalCloud, key: str, content: bytes, **headers: str) -> str:
    """A photo that is in the bucket without having been uploaded there: a copy wakes no function."""
    cos = cloud.cos()
    cos.put_object(Bucket=cloud.bucket, Key=f"shelf/{key}", Body=content)
    source = {"Bucket": cloud.bucket, "Key": f"shelf/{key}", "Region": "ap-guangzhou"}
    cos.copy_object(Bucket=cloud.bucket, Key=f"photos/{key}", CopySource=source, **headers)
    return f"photos/{key}"


def told(api: Api, path: str, **body: Any) -> dict[str, Any]:
    answer = api.post(path, body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def refusal(api: Api, path: str, **body: Any) -> tuple[int, str, str]:
    """Status, kind and code."""
    answer = api.post(path, body)
    problem = answer.json()
    assert problem["status"] == answer.status_code
    return answer.status_code, problem["type"].removeprefix("/docs#"), problem.get("code", "")


def boxes(answer: dict[str, Any]) -> list[dict[str, int]]:
    """A box of each face, whatever was asked: around the points, where there are but these."""
    if "face_infos" in answer:
        return [{side: info[side] for side in ("x", "y", "width", "height")} for info in answer["face_infos"]]
    if "face_detail_infos" in answer:
        return [info["face_rect"] for info in answer["face_detail_infos"]]
    found = []
    for shape in answer["face_shape_set"]:
        xs, ys = zip(*((point["x"], point["y"]) for feature in shape.values() for point in feature), strict=True)
        found.append({"x": min(xs), "y": min(ys), "width": max(xs) - min(xs), "height": max(ys) - min(ys)})
    return found


def on(box: dict[str, int], face: Region) -> bool:
    """Whether box and face have most of their area in common."""
    left, top, right, bottom = face
    across = min(box["x"] + box["width"], right) - max(box["x"], left)
    down = min(box["y"] + box["height"], bottom) - max(box["y"], top)
    shared = max(across, 0) * max(down, 0)
    return shared > 0.5 * (right - left) * (bottom - top) and shared > 0.5 * box["width"] * box["height"]


def size(answer: dict[str, Any]) -> tuple[int, int]:
    return answer["image_width"], answer["image_height"]


# -- the three ways to name a picture ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_an_inline_picture_costs_one_call(api: Api, asked: Asked, path: str) -> None:
    answer = told(api, path, image=b64(PORTRAIT))
    assert size(answer) == (512, 512)
    assert [on(box, pictures.FACE) for box in boxes(answer)] == [True]
    assert answer["face_model_version"] == "3.0"
    assert answer["request_id"]
    assert len(asked()) == 1


@pytest.mark.parametrize(
    ("path", "call"),
    [(DETECT, "ci:DetectFace"), (ANALYZE, "iai:AnalyzeFace"), (ATTRIBUTES, "iai:DetectFaceAttributes")],
)
def test_a_photo_in_the_bucket_costs_a_look_and_a_call(
    api: Api, cloud: LocalCloud, asked: Asked, name: str, path: str, call: str
) -> None:
    answer = told(api, path, key=shelved(cloud, f"{name} größe.jpg", PORTRAIT))
    assert size(answer) == (512, 512)
    assert [on(box, pictures.FACE) for box in boxes(answer)] == [True]
    assert asked() == ["cos:GetObject", call]


def test_nothing_of_a_picture_or_an_answer_is_kept(api: Api, cloud: LocalCloud, name: str) -> None:
    def state() -> list[str]:
        found = cloud.cos().list_objects(Bucket=cloud.state_bucket).get("Contents", [])
        return [entry["Key"] for entry in found]

    key, before = shelved(cloud, f"{name}.jpg", PORTRAIT), state()
    for path in LISTS:
        told(api, path, key=key)
        told(api, path, image=b64(PORTRAIT))
    assert state() == before


@pytest.fixture
def allowing(clouds: Clouds) -> Api:
    """An API that takes addresses in its own bucket, and at `http://test.image.myqcloud.com`."""
    bucket = "facestamp-photos-1250000000.cos.ap-guangzhou.myqcloud.com"
    keyring = Keyring()
    config = {**keyring.config(), "urlHosts": [bucket, "http://test.image.myqcloud.com"]}
    return Api(clouds(changes={"facestamp:api": config}), keyring.api["all"])


def test_a_picture_at_an_allowed_address_costs_one_call_and_is_fetched_by_the_face_service(
    allowing: Api, name: str
) -> None:
    cloud = allowing.cloud
    key = shelved(cloud, f"{name}.jpg", PORTRAIT)
    url = cloud.cos().get_presigned_url(Bucket=cloud.bucket, Key=key, Method="GET").replace("http://", "https://")
    for path, action in ((DETECT, "DetectFace"), (ANALYZE, "AnalyzeFace"), (ATTRIBUTES, "DetectFaceAttributes")):
        asked, start = watched(cloud), len(cloud.journal)
        answer = told(allowing, path, url=url)
        assert [on(box, pictures.FACE) for box in boxes(answer)] == [True]
        assert size(answer) == (512, 512)
        assert asked() == [f"iai:{action}"]
        assert [call.by for call in cloud.journal.since(start) if call.action == "GetObject"] == ["iai"]
    nobody = shelved(cloud, f"{name}-none.jpg", pictures.jpeg(pictures.landscape()))
    url = cloud.cos().get_presigned_url(Bucket=cloud.bucket, Key=nobody, Method="GET").replace("http://", "https://")
    for path, faces in LISTS.items():
        answer = told(allowing, path, url=url)
        assert answer[faces] == []
        assert answer["request_id"]
        assert "image_width" not in answer
    asked = watched(cloud)
    missing = f"https://{cloud.bucket}.cos.ap-guangzhou.myqcloud.com/photos/{name}-missing.jpg"
    assert refusal(allowing, DETECT, url=missing) == (422, "unusable", "FailedOperation.ImageDownloadError")
    assert refusal(allowing, DETECT, url="http://test.image.myqcloud.com/testA.jpg")[0] == 422
    assert asked() == ["iai:DetectFace"] * 2
    for url in (missing.replace("https", "http"), missing.replace("facestamp", "other"), "https://169.254.169.254/"):
        assert refusal(allowing, DETECT, url=url) == (400, "parameter", "InvalidParameterValue.UrlIllegal")
    assert asked() == ["iai:DetectFace"] * 2


@pytest.mark.parametrize("path", LISTS)
def test_no_address_is_taken_unless_it_is_allowed(api: Api, asked: Asked, path: str) -> None:
    for url in ("https://pictures.example.com/ada.jpg", "http://127.0.0.1/", "ada", ""):
        assert refusal(api, path, url=url) == (400, "parameter", "InvalidParameterValue.UrlIllegal")
    assert asked() == []


@pytest.mark.parametrize("path", LISTS)
def test_a_picture_has_exactly_one_name(api: Api, asked: Asked, path: str) -> None:
    missing = (400, "parameter", "MissingParameter.ErrorParameterEmpty")
    several = (400, "parameter", "InvalidParameter.InvalidParameter")
    assert refusal(api, path) == missing
    assert refusal(api, path, image=b64(PORTRAIT), key="photos/ada.jpg") == several
    assert refusal(api, path, url="https://a.example/", key="photos/ada.jpg") == several
    assert refusal(api, path, image=None, key="photos/ada.jpg")[:2] == (400, "parameter")
    assert asked() == []


def test_a_photo_that_the_face_service_cannot_fetch_is_sent_inline(
    api: Api, cloud: LocalCloud, asked: Asked, name: str
) -> None:
    key = shelved(cloud, f"{name}.jpg", PORTRAIT)
    cloud.faults.add(Fault("fail", service="iai", action="AnalyzeFace", code="FailedOperation.ImageDownloadError"))
    assert len(told(api, ANALYZE, key=key)["face_shape_set"]) == 1
    assert asked() == ["cos:GetObject", "iai:AnalyzeFace", "cos:GetObject", "iai:AnalyzeFace"]


def test_analysing_takes_its_scope(api: Api, cloud: LocalCloud, asked: Asked) -> None:
    assert refusal(Api(cloud, cloud.keyring.api["read"]), DETECT, image=b64(PORTRAIT))[:2] == (403, "forbidden")
    assert refusal(Api(cloud), DETECT, image=b64(PORTRAIT))[:2] == (401, "unauthenticated")
    assert asked() == []
    assert told(Api(cloud, cloud.keyring.api["analyse"]), DETECT, image=b64(PORTRAIT))["status"] == 1


# -- the picture as one sees it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_a_photo_too_large_for_the_services_is_told_in_its_own_pixels(
    api: Api, cloud: LocalCloud, name: str, path: str
) -> None:
    key = shelved(cloud, f"{name}.jpg", pictures.jpeg(pictures.big(6000, 4000), quality=60))
    answer = told(api, path, key=key)
    assert size(answer) == (6000, 4000)
    assert [on(box, big_face(6000, 4000)) for box in boxes(answer)] == [True]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("orientation", [3, 6])
def test_a_turned_photo_in_the_bucket_is_told_upright(
    api: Api, cloud: LocalCloud, name: str, path: str, orientation: int
) -> None:
    scene = pictures.big(900, 600)
    answer = told(api, path, key=shelved(cloud, f"{name}.jpg", pictures.jpeg(scene, orientation=orientation)))
    assert size(answer) == (900, 600)
    assert [on(box, big_face(900, 600)) for box in boxes(answer)] == [True]


@pytest.mark.parametrize("orientation", range(2, 9))
def test_a_turned_inline_picture_is_told_upright(api: Api, orientation: int) -> None:
    answer = told(api, ATTRIBUTES, image=b64(pictures.jpeg(pictures.big(900, 600), orientation=orientation)))
    assert size(answer) == (900, 600)
    assert [on(box, big_face(900, 600)) for box in boxes(answer)] == [True]


def test_a_turned_inline_picture_is_told_upright_by_services_that_heed_no_exif(clouds: Clouds) -> None:
    cloud = clouds(Readings(exif="ignored"))
    api = Api(cloud, cloud.keyring.api["all"])
    for orientation in (5, 6, 7, 8):
        image = b64(pictures.jpeg(pictures.big(900, 600), orientation=orientation))
        for path in LISTS:
            answer = told(api, path, image=image, need_rotate_detection=1)
            assert size(answer) == (900, 600)
            assert [on(box, big_face(900, 600)) for box in boxes(answer)] == [True], (orientation, path)


# -- no face ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_nobody_is_an_answer(api: Api, cloud: LocalCloud, name: str, path: str) -> None:
    nobody = pictures.jpeg(pictures.landscape())
    for body in ({"image": b64(nobody)}, {"key": shelved(cloud, f"{name}.jpg", nobody)}):
        answer = told(api, path, **body)
        assert answer[LISTS[path]] == []
        assert size(answer) == (600, 400)
        assert answer.get("status", 0) == 0


@pytest.mark.parametrize("said", ["empty", "error"])
def test_nobody_is_an_answer_however_cloud_infinite_says_it(clouds: Clouds, said: Any, name: str) -> None:
    cloud = clouds(Readings(no_face=said, detect_face_action="CreateDetectFaceJob"))
    api = Api(cloud, cloud.keyring.api["all"])
    answer = told(api, DETECT, key=shelved(cloud, f"{name}.jpg", pictures.jpeg(pictures.landscape())))
    assert (answer["face_infos"], answer["status"], size(answer)) == ([], 0, (600, 400))
    assert told(api, DETECT, key=shelved(cloud, f"{name}-ada.jpg", PORTRAIT))["status"] == 1


# -- pictures that cannot be used -------------------------------------------------------------------------------------

DECODE, EMPTY = "FailedOperation.ImageDecodeFailed", "InvalidParameterValue.ImageEmpty"
SMALL, LARGE, HEAVY = (
    "FailedOperation.ImageResolutionTooSmall",
    "FailedOperation.ImageResolutionExceed",
    "FailedOperation.ImageSizeExceed",
)


def plain(width: int, height: int) -> Image.Image:
    return Image.new("RGB", (width, height), (118, 122, 126))


UNUSABLE = {
    "a GIF": (pictures.gif(pictures.portrait(100)), DECODE),
    "a WebP": (pictures.webp(pictures.portrait(100)), DECODE),
    "a text": (b"These are no pixels.", DECODE),
    "a PNG of which there is but the beginning": (pictures.png(pictures.portrait(100))[:12], DECODE),
    "a JPG of which there is but the beginning": (PORTRAIT[:20], DECODE),
    "63 pixels high": (pictures.jpeg(plain(400, 63)), SMALL),
    "63 pixels wide": (pictures.bmp(plain(63, 100)), SMALL),
}


@pytest.mark.parametrize(("content", "code"), UNUSABLE.values(), ids=UNUSABLE)
def test_what_the_services_would_refuse_costs_nothing(
    api: Api, cloud: LocalCloud, asked: Asked, name: str, content: bytes, code: str
) -> None:
    for path in LISTS:
        assert refusal(api, path, image=b64(content)) == (422, "unusable", code)
    assert asked() == []
    key = shelved(cloud, f"{name}.jpg", content)
    for path in LISTS:
        assert refusal(api, path, key=key) == (422, "unusable", code)
    assert asked() == ["cos:GetObject"] * 3


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (b64(pictures.jpeg(plain(4001, 64))), LARGE),
        (b64(pictures.png(plain(64, 2001))), LARGE),
        (b64(pictures.bmp(plain(2001, 64))), LARGE),
        (b64(PORTRAIT + bytes(5 * 1024 * 1024 * 3 // 4 - len(PORTRAIT) + 1)), HEAVY),
        ("", EMPTY),
        ("data:image/jpeg;base64," + b64(PORTRAIT), DECODE),
        ("DATA:," + b64(PORTRAIT), DECODE),
        (base64.encodebytes(PORTRAIT).decode(), DECODE),
        (b64(PORTRAIT) + "\n", DECODE),
        (" " + b64(PORTRAIT), DECODE),
        (b64(PORTRAIT).rstrip("=") + "A" * 3, DECODE),
        (b64(PORTRAIT)[:-1], DECODE),
        (b64(PORTRAIT) + "====", DECODE),
        (base64.urlsafe_b64encode(b"\xfb\xff" * 60).decode(), DECODE),
        ("größe===", DECODE),
        ("=", DECODE),
    ],
)
def test_what_is_no_picture_in_base64_costs_nothing(api: Api, asked: Asked, image: str, code: str) -> None:
    answer = api.post(DETECT, {"image": image})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert len(image) < 20 or image[:20] not in answer.text
    assert asked() == []


def test_pictures_at_the_limits_are_taken(api: Api) -> None:
    for picture in (
        *(pictures.jpeg(pictures.big(4000, 400)), pictures.png(pictures.big(2000, 400))),
        *(pictures.bmp(pictures.big(900, 600)), pictures.jpeg(plain(64, 64)), pictures.png(plain(64, 100))),
        PORTRAIT + bytes(5 * 1024 * 1024 * 3 // 4 - len(PORTRAIT)),
    ):
        assert told(api, DETECT, image=b64(picture))["request_id"]


def test_a_picture_that_breaks_off_is_refused_by_the_service_which_is_not_paid(
    api: Api, cloud: LocalCloud, asked: Asked, name: str
) -> None:
    half = PORTRAIT[: len(PORTRAIT) // 2]
    for body in ({"image": b64(half)}, {"key": shelved(cloud, f"{name}.jpg", half)}):
        for path in LISTS:
            start = len(cloud.journal)
            assert refusal(api, path, **body) == (422, "unusable", DECODE)
            assert not any(call.paid for call in cloud.journal.since(start))


def test_a_photo_that_nobody_can_read_costs_nothing(api: Api, cloud: LocalCloud, asked: Asked, name: str) -> None:
    cloud.cos().put_object(Bucket=cloud.bucket, Key=f"photos/{name}.jpg", Body=PORTRAIT, StorageClass="ARCHIVE")
    cloud.scf.settle()
    assert refusal(api, DETECT, key=f"photos/{name}.jpg") == (422, "unusable", "InvalidObjectState")
    assert not any(call.startswith(("ci:", "iai:")) for call in asked())


def test_a_key_without_a_photo_is_unknown(api: Api, asked: Asked, name: str) -> None:
    for key in (f"photos/{name}.jpg", f"elsewhere/{name}.jpg", f"photos/{name}.txt"):
        assert refusal(api, ANALYZE, key=key) == (404, "unknown", "NoSuchKey")
    for key in ("", "/photos/a.jpg", "photos/../a.jpg", "photos/./a.jpg", f"photos/{'a' * 850}.jpg"):
        assert refusal(api, ANALYZE, key=key)[:2] == (400, "parameter")
    assert asked() == ["cos:GetObject"]


# -- parameters -------------------------------------------------------------------------------------------------------


def test_as_many_faces_are_told_as_are_asked_for_the_largest_first(
    api: Api, cloud: LocalCloud, asked: Asked, name: str
) -> None:
    five = pictures.jpeg(pictures.group(5))
    key = shelved(cloud, f"{name}.jpg", five)
    for path, faces in ((DETECT, "face_infos"), (ATTRIBUTES, "face_detail_infos")):
        for body in ({"key": key}, {"image": b64(five)}):
            assert [len(told(api, path, max_face_num=n, **body)[faces]) for n in (1, 3, 120)] == [1, 3, 5]
            areas = [box["width"] * box["height"] for box in boxes(told(api, path, max_face_num=5, **body))]
            assert areas == sorted(areas, reverse=True)
    assert "iai:DetectFace" in asked()
    assert "ci:DetectFace" in asked()


def test_analyze_tells_every_face_or_the_largest(api: Api) -> None:
    image = b64(pictures.jpeg(pictures.group(3)))
    everybody = told(api, ANALYZE, image=image)
    assert told(api, ANALYZE, image=image, mode=0)["face_shape_set"] == everybody["face_shape_set"]
    assert told(api, ANALYZE, image=image, mode=1)["face_shape_set"] == everybody["face_shape_set"][:1]
    assert [sum(map(len, shape.values())) for shape in everybody["face_shape_set"]] == [90, 90, 90]


@pytest.mark.parametrize("version", ["2018-03-01", "2020-03-03"])
def test_analyze_speaks_both_versions(api: Api, cloud: LocalCloud, name: str, version: str) -> None:
    for body in ({"image": b64(PORTRAIT)}, {"key": shelved(cloud, f"{name}.jpg", PORTRAIT)}):
        answer = told(api, ANALYZE, version=version, mode=1, face_model_version="3.0", need_rotate_detection=0, **body)
        assert [on(box, pictures.FACE) for box in boxes(answer)] == [True]


@pytest.mark.parametrize("path", LISTS)
def test_a_picture_on_its_side_is_seen_if_turned_faces_are_looked_for(api: Api, path: str) -> None:
    image = b64(pictures.jpeg(pictures.portrait().transpose(Image.Transpose.ROTATE_90)))
    assert told(api, path, image=image, need_rotate_detection=0)[LISTS[path]] == []
    assert len(told(api, path, image=image, need_rotate_detection=1)[LISTS[path]]) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"min_face_size": 20},
        {"need_face_attributes": 1},
        {"need_quality_detection": 1},
        {"face_model_version": "3.0"},
        {"need_rotate_detection": 1},
    ],
)
def test_what_cloud_infinite_cannot_tell_is_asked_of_the_face_service(
    api: Api, cloud: LocalCloud, asked: Asked, name: str, more: dict[str, Any]
) -> None:
    key = shelved(cloud, f"{name}.jpg", PORTRAIT)
    assert len(told(api, DETECT, key=key, **more)["face_infos"]) == 1
    assert asked() == ["cos:GetObject", "iai:DetectFace"]
    usual = {"max_face_num": 1, "min_face_size": 34, "need_face_attributes": 0, "need_quality_detection": 0}
    told(api, DETECT, key=key, **usual, need_rotate_detection=0)
    assert asked()[2:] == ["cos:GetObject", "ci:DetectFace"]


def test_detect_tells_of_looks_and_quality_only_if_asked(api: Api) -> None:
    image = b64(pictures.jpeg(pictures.group(6)))
    plainly = told(api, DETECT, image=image, max_face_num=6)["face_infos"]
    assert [set(info) for info in plainly] == [{"x", "y", "width", "height"}] * 6
    fully = told(api, DETECT, image=image, max_face_num=6, need_face_attributes=1, need_quality_detection=1)[
        "face_infos"
    ]
    assert ["face_attributes_info" in info for info in fully] == [True] * 5 + [False]
    assert all(set(info["face_quality_info"]) == {"score", "sharpness", "brightness"} for info in fully)
    looks = fully[0]["face_attributes_info"]
    assert set(looks) == {"expression", "pitch", "yaw", "roll", "eye_open"}
    assert 0 <= looks["expression"] <= 100
    assert looks["eye_open"] in (True, False)


@pytest.mark.parametrize(
    ("asked_for", "there"),
    [
        ([], []),
        (["None"], []),
        ("None", []),
        (["Smile"], ["smile"]),
        (["headPOSE", "sMILE", "Smile"], ["head_pose", "smile"]),
        ("Headpose,Smile,Mouth", ["head_pose", "mouth", "smile"]),
        (["Age", "Gender", "Beauty", "Eye"], ["eye"]),
        (["All"], MEASURED),
        ("all", MEASURED),
        ([kind.replace("HeadPose", "Headpose") for kind in KINDS], MEASURED),
    ],
)
def test_only_the_attributes_that_were_asked_for_and_are_known_are_told(
    api: Api, asked_for: Any, there: list[str]
) -> None:
    answer = told(api, ATTRIBUTES, image=b64(PORTRAIT), face_attributes_type=asked_for)
    assert [set(info["face_detail_attributes_info"]) for info in answer["face_detail_infos"]] == [set(there)]


def test_attributes_are_structured_as_documented_and_of_the_five_largest_faces(api: Api) -> None:
    image = b64(pictures.jpeg(pictures.group(6)))
    answer = told(api, ATTRIBUTES, image=image, max_face_num=6, face_attributes_type="All")
    *five, sixth = (info["face_detail_attributes_info"] for info in answer["face_detail_infos"])
    assert sixth == {}
    for looks in five:
        assert set(looks["head_pose"]) == {"pitch", "yaw", "roll"}
        assert set(looks["mouth"]) == {"mouth_open"}
        assert set(looks["eye"]) == {"eye_open"}
        assert looks["eye"]["eye_open"]["type"] in (0, 1)
        assert 0 <= looks["eye"]["eye_open"]["probability"] <= 1


WRONG: list[tuple[str, dict[str, Any]]] = [
    *((path, {"max_face_num": wrong}) for path in (DETECT, ATTRIBUTES) for wrong in (0, 121, -1, "1", True, 1.5, None)),
    *((DETECT, {"min_face_size": wrong}) for wrong in (33, 21, 0, "34", None)),
    *((DETECT, {"need_face_attributes": wrong}) for wrong in (2, -1, True, "1")),
    *((DETECT, {"need_quality_detection": wrong}) for wrong in (2, -1, True, "1")),
    *((path, {"need_rotate_detection": wrong}) for path in LISTS for wrong in (2, -1, False, "0")),
    *((path, {"face_model_version": wrong}) for path in LISTS for wrong in ("", "1.0", "4.0", 3.0, None)),
    (ATTRIBUTES, {"face_model_version": "2.0"}),
    *((ANALYZE, {"mode": wrong}) for wrong in (2, -1, True, "0", None)),
    *((ANALYZE, {"version": wrong}) for wrong in ("2019-01-01", "", None)),
    *((ATTRIBUTES, {"face_attributes_type": wrong}) for wrong in ("Height", ["Age", "Height"], [1], {"Age": 1}, None)),
    *((path, {"max_face_number": 1}) for path in LISTS),
    (ANALYZE, {"max_face_num": 1}),
    (ATTRIBUTES, {"version": "2020-03-03"}),
    *((path, {"MaxFaceNum": 1}) for path in LISTS),
]


def test_a_parameter_that_is_not_as_documented_is_refused_at_no_cost(api: Api, asked: Asked) -> None:
    image = b64(PORTRAIT)
    for path, wrong in WRONG:
        (field,) = wrong
        answer = api.post(path, {"image": image, **wrong})
        assert (answer.status_code, answer.json()["type"]) == (400, "/docs#parameter"), (path, wrong)
        assert field in answer.json()["detail"], (path, wrong)
    assert asked() == []


def test_a_refusal_of_the_services_is_told_by_its_code(api: Api, cloud: LocalCloud) -> None:
    image = b64(PORTRAIT)
    for code, status in (
        ("FailedOperation.FaceSizeTooSmall", 422),
        ("FailedOperation.ImageFacedetectFailed", 200),
        ("InvalidParameterValue.FaceModelVersionIllegal", 400),
        ("ResourceUnavailable.InArrears", 503),
        ("ResourceUnavailable.LowBalance", 503),
        ("FailedOperation.RequestTimeout", 504),
        ("FailedOperation.ServerError", 502),
    ):
        cloud.faults.add(Fault("fail", service="iai", action="DetectFaceAttributes", code=code, times=5))
        answer = api.post(ATTRIBUTES, {"image": image})
        cloud.faults.clear()
        assert answer.status_code == status, answer.text
        if status != 200:
            assert answer.json()["code"] == code
