"""What is known of a photo, and having its route run now."""

from __future__ import annotations

import base64
import hashlib

import pytest
import requests

from facestamp import stamp
from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from infra.local.scf.delivery import Chaos
from tests.http.conftest import Api
from tests.laws.scenes import Scene, portrait

THREE = {"DetectFace": 1, "AnalyzeFace": 1, "DetectFaceAttributes": 1}
FEATURES = {
    "face_profile": 21,
    "left_eye": 8,
    "right_eye": 8,
    "left_eye_brow": 8,
    "right_eye_brow": 8,
    "mouth": 22,
    "nose": 13,
    "left_pupil": 1,
    "right_pupil": 1,
}


@pytest.fixture
def scene(cloud: LocalCloud) -> Scene:
    """The shared cloud, watched from the test's beginning."""
    return Scene(cloud)


def problem(response: requests.Response) -> tuple[int, str, bool]:
    """Status, type and whether trying again helps."""
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    return response.status_code, told["type"].rpartition("#")[2], told["retry"]


# -- reading ----------------------------------------------------------------------------------------------------------


def test_a_stamped_photo_is_told_whole(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/größe {name}.jpg"
    scene.upload(key, ContentType="image/jpeg")
    scene.settle()

    told = api.get("/v1/photo", key=key).json()

    head, onto = scene.head(key), scene.stamp(key)
    assert onto is not None
    assert told["key"] == key
    assert told["identity"] == onto.identity
    assert told["object"]["length"] == len(portrait())
    assert told["object"]["content_type"] == "image/jpeg"
    assert told["object"]["etag"] == head["etag"]
    assert told["object"]["last_modified"].endswith("Z")
    assert (told["record"], told["confirmed"]) == (None, None)
    read = told["stamp"]
    assert (read["current"], read["status"], read["count"], read["errors"]) == (True, "ok", 1, {})
    assert read["size"] == {"width": 512, "height": 512}
    assert (read["identity"], read["plan"], read["result"]) == (onto.identity, onto.plan, onto.result)
    assert read["enrolment"] is None
    [face], [found] = read["faces"], onto.faces
    assert found.box is not None
    assert face["box"] == found.box._asdict()
    assert {feature: len(points) for feature, points in face["points"].items()} == FEATURES
    assert found.points is not None
    assert face["points"]["mouth"][3] == found.points["Mouth"][3]._asdict()
    assert found.attributes is not None
    assert face["attributes"]["head_pose"]["yaw"] == found.attributes["HeadPose"]["Yaw"]
    assert "age" not in face["attributes"]


def test_a_member_is_told_with_person_and_face(api: Api, scene: Scene, name: str) -> None:
    key = f"members/{name}/photo.jpg"
    scene.person(name)
    scene.upload(key)
    scene.settle()

    told = api.get("/v1/photo", key=key).json()["stamp"]

    assert told["enrolment"] == {"person_id": name, "face_ids": scene.faces(name)[1:]}
    assert told["faces"][0]["points"] is None


def test_reading_a_photo_makes_one_request_for_one_byte(api: Api, scene: Scene, name: str) -> None:
    scene.upload(f"photos/{name}.jpg")
    scene.settle()
    watched = Scene(scene.cloud)

    assert api.get("/v1/photo", key=f"photos/{name}.jpg").status_code == 200

    assert [(c.service, c.action, c.status) for c in watched.calls()] == [("cos", "GetObject", 206)]


def test_the_record_is_one_request_more_and_confirms_the_stamp(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    watched = Scene(scene.cloud)

    told = api.get("/v1/photo", key=key, record="true").json()

    assert [(c.service, c.action) for c in watched.calls()] == [("cos", "GetObject")] * 2
    assert told["confirmed"] is True
    assert told["record"]["forgotten"] is False
    answers = {answer["operation"]: answer for answer in told["record"]["answers"]}
    assert set(answers) == set(THREE)
    assert len(answers["AnalyzeFace"]["response"]["face_shape_set"][0]["mouth"]) == 22
    assert answers["DetectFaceAttributes"]["parameters"]["face_attributes_type"] == "Eye,Headpose,Mask,Mouth,Smile"


def test_a_stamp_that_came_with_an_upload_is_told_and_not_confirmed(api: Api, scene: Scene, name: str) -> None:
    real, key = f"photos/{name}.jpg", f"photos/{name}-2.jpg"
    scene.upload(real)
    scene.settle()
    forged = {n: v for n, v in scene.head(real).items() if n in stamp.NAMES}
    forged["x-cos-meta-face-boxes"] = "1,2,3,4"
    with scene.cloud.scf.hold():
        scene.upload(key, Metadata=forged)
        told = api.get("/v1/photo", key=key, record="true").json()
        assert told["stamp"]["faces"][0]["box"] == {"x": 1, "y": 2, "width": 3, "height": 4}
        assert (told["record"], told["confirmed"]) == (None, False)
    scene.settle()

    told = api.get("/v1/photo", key=key, record="true").json()
    assert told["confirmed"] is True
    assert told["stamp"]["faces"][0]["box"]["width"] > 4


def test_a_stamp_of_other_bytes_is_not_current(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    old = {n: v for n, v in scene.head(key).items() if n in stamp.NAMES}
    with scene.cloud.scf.hold():
        scene.upload(key, portrait(0.8), Metadata=old)
        told = api.get("/v1/photo", key=key, record="true").json()
    assert told["stamp"]["current"] is False
    assert told["confirmed"] is False
    assert told["stamp"]["identity"] != told["identity"]


def test_a_photo_that_is_not_stamped_yet_has_no_stamp(api: Api, scene: Scene, name: str) -> None:
    with scene.cloud.scf.hold():
        scene.upload(f"photos/{name}.jpg")
        told = api.get("/v1/photo", key=f"photos/{name}.jpg", record="true").json()
    assert (told["stamp"], told["record"], told["confirmed"]) == (None, None, False)


def test_a_photo_under_its_uploaders_own_key_tells_nothing(api: Api, scene: Scene, name: str) -> None:
    secret = bytes(range(32))
    own = {
        "SSECustomerAlgorithm": "AES256",
        "SSECustomerKey": base64.b64encode(secret).decode(),
        "SSECustomerKeyMD5": base64.b64encode(hashlib.md5(secret, usedforsecurity=False).digest()).decode(),
    }
    scene.upload(f"photos/{name}.jpg", None, **own)
    told = api.get("/v1/photo", key=f"photos/{name}.jpg").json()
    assert told["object"] == {"length": None, "content_type": None, "last_modified": None, "etag": None}
    assert told["stamp"] is None


def test_an_empty_object_has_no_bytes(api: Api, scene: Scene, name: str) -> None:
    scene.cloud.cos().put_object(Bucket=scene.cloud.bucket, Key=f"photos/{name}.jpg", Body=b"")
    scene.settle()
    told = api.get("/v1/photo", key=f"photos/{name}.jpg").json()
    assert (told["object"]["length"], told["stamp"]["status"]) == (0, "rejected")


@pytest.mark.parametrize("path", ["/v1/photo", "/v1/photo/overlay.svg"])
def test_an_unknown_photo_is_404(api: Api, name: str, path: str) -> None:
    assert problem(api.get(path, key=f"photos/{name}.jpg")) == (404, "unknown", False)
    assert problem(api.get(path, key=f"elsewhere/{name}.jpg")) == (404, "unknown", False)


def test_a_key_with_an_empty_folder_is_one_like_any_other(api: Api, scene: Scene, name: str) -> None:
    key = f"photos//{name}//a.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        assert api.post("/v1/photo:stamp", key=key).json()["outcome"] == "stamped"
    scene.settle()
    assert api.get("/v1/photo", key=key).json()["stamp"]["count"] == 1
    assert api.get("/v1/photo/overlay.svg", key=key).status_code == 200
    assert api.post("/v1/faces:detect", {"key": key}).json()["status"] == 1
    assert api.delete("/v1/photo/faces", key=key).json()["outcome"] == "stamped"
    assert scene.paid() == {**THREE, "DetectFace": 2}


LONG = f"photos/{'ö' * 430}.jpg"


@pytest.mark.parametrize("key", ["/photos/a.jpg", "photos/../a.jpg", "photos/./a.jpg", "", LONG])
def test_a_key_that_no_photo_can_have_is_400(api: Api, key: str) -> None:
    assert problem(api.get("/v1/photo", key=key)) == (400, "parameter", False)


@pytest.mark.parametrize(
    "query", [{}, {"key": "photos/a.jpg", "records": "true"}, {"key": "photos/a.jpg", "record": "7"}]
)
def test_other_parameters_are_400(api: Api, query: dict[str, str]) -> None:
    assert problem(api.get("/v1/photo", **query)) == (400, "parameter", False)


# -- having the route run ---------------------------------------------------------------------------------------------


def test_a_photo_is_stamped_on_the_spot_and_its_event_finds_it_done(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        told = api.post("/v1/photo:stamp", key=key).json()
        assert (told["outcome"], told["stamp"]["status"], told["stamp"]["count"]) == ("stamped", "ok", 1)
        assert told["record"] is None
    scene.settle()

    assert scene.paid() == THREE
    assert scene.stamp(key) is not None
    assert scene.letter(key) is None


def test_asking_again_pays_nothing_and_changes_nothing(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    before, watched = scene.head(key), Scene(scene.cloud)

    told = api.post("/v1/photo:stamp", key=key, record="true").json()

    assert (told["outcome"], told["confirmed"]) == ("already", True)
    assert watched.paid() == {}
    assert scene.head(key) == before


def test_a_photo_that_its_upload_is_still_at_is_409_and_paid_for_once(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    found: list[requests.Response] = []

    def ask() -> None:
        found.append(api.post("/v1/photo:stamp", key=key))

    scene.cloud.faults.add(Fault("run", action="AnalyzeFace", action_run=ask))
    scene.upload(key)
    scene.settle()

    assert [problem(response) for response in found] == [(409, "busy", True)]
    assert "retry-after" in found[0].headers
    assert scene.paid() == THREE
    assert api.post("/v1/photo:stamp", key=key).json()["outcome"] == "already"
    assert scene.paid() == THREE


def test_events_in_any_number_beside_a_request_pay_once(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.cloud.scf.disturb(Chaos(1, duplicate=1.0))
    scene.upload(key)
    answers = [api.post("/v1/photo:stamp", key=key).status_code for _ in range(3)]
    scene.cloud.scf.disturb(None)
    scene.settle()
    assert set(answers) <= {200, 409}
    assert scene.paid() == THREE
    assert api.post("/v1/photo:stamp", key=key).json()["outcome"] == "already"


def test_a_forged_stamp_is_replaced_on_the_spot(api: Api, scene: Scene, name: str) -> None:
    real, key = f"photos/{name}.jpg", f"photos/{name}-2.jpg"
    scene.upload(real)
    scene.settle()
    forged = {n: v for n, v in scene.head(real).items() if n in stamp.NAMES} | {"x-cos-meta-face-count": "9"}
    with scene.cloud.scf.hold():
        scene.upload(key, Metadata=forged)
        told = api.post("/v1/photo:stamp", key=key).json()
    assert (told["outcome"], told["stamp"]["count"]) == ("stamped", 1)


def test_what_fails_on_the_spot_is_told_to_the_caller_and_leaves_no_letter(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        with_fault = Fault("fail", action="AnalyzeFace", code="RequestLimitExceeded", times=0, by_worker=True)
        scene.cloud.faults.add(with_fault)
        response = api.post("/v1/photo:stamp", key=key)
        scene.cloud.faults.clear()
        assert problem(response) == (429, "throttled", True)
        assert response.json()["code"] == "RequestLimitExceeded"
        assert scene.letter(key) is None

        told = api.post("/v1/photo:stamp", key=key).json()
        assert told["outcome"] == "stamped"
    assert scene.paid() == THREE


def test_what_an_event_failed_at_is_mended_and_its_letter_taken_away(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.cloud.faults.add(Fault("fail", action="AnalyzeFace", code="UnauthorizedOperation", by_worker=True))
    scene.upload(key)
    scene.settle()
    assert scene.letter(key) is not None
    scene.cloud.faults.clear()

    assert api.post("/v1/photo:stamp", key=key).json()["outcome"] == "stamped"
    assert scene.letter(key) is None


def test_a_photo_that_takes_no_stamp_is_recorded(api: Api, scene: Scene, name: str) -> None:
    key, meta = f"photos/{name}.jpg", {"x-cos-meta-mine": "m" * 2030}
    with scene.cloud.scf.hold():
        scene.upload(key, Metadata=meta)
        told = api.post("/v1/photo:stamp", key=key, record="true").json()
    assert (told["outcome"], told["stamp"], told["confirmed"]) == ("recorded", None, False)
    assert {answer["operation"] for answer in told["record"]["answers"]} == set(THREE)


def test_a_picture_that_no_service_takes_is_rejected_at_no_cost(api: Api, scene: Scene, name: str) -> None:
    with scene.cloud.scf.hold():
        scene.upload(f"photos/{name}.jpg", b"not a picture")
        told = api.post("/v1/photo:stamp", key=f"photos/{name}.jpg").json()
    assert (told["outcome"], told["stamp"]["status"]) == ("stamped", "rejected")
    assert scene.paid() == {}


def test_a_photo_replaced_meanwhile_is_409(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    with scene.cloud.scf.hold():
        scene.upload(key)
        replaced = Fault("run", action="PutObjectCopy", action_run=lambda: scene.upload(key, portrait(0.8)))
        scene.cloud.faults.add(replaced)
        response = api.post("/v1/photo:stamp", key=key)
        scene.cloud.faults.clear()
    scene.settle()
    assert problem(response) == (409, "busy", True)
    told = scene.stamp(key)
    assert told is not None
    assert told.identity == api.get("/v1/photo", key=key).json()["identity"]


def test_an_unknown_photo_cannot_be_stamped(api: Api, name: str) -> None:
    assert problem(api.post("/v1/photo:stamp", key=f"photos/{name}.jpg")) == (404, "unknown", False)


# -- who may --------------------------------------------------------------------------------------------------------


def test_each_needs_its_scope(api: Api, scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    keys = {scope: Api(scene.cloud, scene.cloud.keyring.api[scope]) for scope in ("read", "analyse", "enrol", "admin")}

    def may(method: str, path: str) -> set[str]:
        return {scope for scope, one in keys.items() if one.call(method, path, {"key": key}).status_code != 403}

    assert may("GET", "/v1/photo") == {"read"}
    assert may("GET", "/v1/photo/overlay.svg") == {"read"}
    assert may("POST", "/v1/photo:stamp") == {"analyse"}
    assert may("DELETE", "/v1/photo/faces") == {"admin"}
    assert Api(scene.cloud).get("/v1/photo", key=key).status_code == 401


def test_a_route_that_enrols_needs_a_key_that_may(api: Api, scene: Scene, name: str) -> None:
    analyst, key = Api(scene.cloud, scene.cloud.keyring.api["analyse"]), f"members/{name}/photo.jpg"
    scene.person(name)
    with scene.cloud.scf.hold():
        scene.upload(key)
        assert problem(analyst.post("/v1/photo:stamp", key=key)) == (403, "forbidden", False)
        assert scene.paid() == {}
        told = api.post("/v1/photo:stamp", key=key).json()
    assert told["stamp"]["enrolment"] == {"person_id": name, "face_ids": scene.faces(name)[1:]}
