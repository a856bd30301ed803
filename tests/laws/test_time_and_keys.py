"""Time that runs out, and keys that are no longer good, in the middle of the work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from qcloud_cos import CosServiceError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from facestamp.state import lease_prefix, person_prefix, photo_name
from infra.local.cam import Identity
from infra.local.faults import Fault
from tests.conftest import Clouds
from tests.http.conftest import Api
from tests.http.library import PORTRAIT
from tests.laws.scenes import Scene
from tests.uploads.owner import Owner, identity

ROUTE = {
    "name": "photos",
    "prefix": "photos/",
    "operations": {"DetectFace": {}, "AnalyzeFace": {}},
}


@pytest.fixture
def scene_of(clouds: Clouds) -> Callable[[int], Scene]:
    """A function that has so many seconds."""

    def start(seconds: int) -> Scene:
        scene = Scene(clouds(None, {"facestamp:routes": [ROUTE]}))
        scf, function = scene.cloud.api("scf", "2018-04-16"), scene.cloud.outputs["functions"]["photos"]
        scf.call_json("UpdateFunctionConfiguration", {"FunctionName": function, "Timeout": seconds})
        return scene

    return start


def test_an_answer_that_takes_too_long_is_asked_for_once_more_and_the_others_are_kept(
    scene_of: Callable[[int], Scene], name: str
) -> None:
    scene, key = scene_of(12), f"photos/{name}.jpg"
    with scene.fault("delay", action="AnalyzeFace", seconds=8.5):
        scene.upload(key)

    told = scene.stamp(key)
    assert told is not None
    assert told.faces[0].points
    assert [run.status for run in scene.cloud.scf.invocations] == [430, 200]
    assert [line["code"] for line in scene.said() if line["level"] == "ERROR"] == ["NoAnswer"]
    assert (len(scene.calls(action="DetectFace")), len(scene.calls(action="AnalyzeFace"))) == (1, 2)
    assert not scene.letters()


def test_a_function_without_the_time_for_an_answer_pays_for_none_and_says_so(
    scene_of: Callable[[int], Scene], name: str
) -> None:
    scene, key = scene_of(10), f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()

    letter = scene.letter(key)
    assert letter is not None
    assert {error["code"] for error in letter["errors"]} == {"Facestamp.NoTimeLeft"}
    assert scene.runs() == 3
    assert not scene.paid()


def test_a_function_that_is_ended_by_its_time_limit_is_tried_again(scene_of: Callable[[int], Scene], name: str) -> None:
    scene, key = scene_of(1), f"photos/{name}.jpg"
    with scene.fault("delay", action="GetObject", times=0, seconds=1.5):
        scene.upload(key)

    assert [run.status for run in scene.cloud.scf.invocations] == [433, 433, 433]
    assert len(scene.cloud.scf.dead) == 1


def test_a_token_that_expires_during_the_work_is_named_and_the_next_try_has_a_new_one(scene: Scene, name: str) -> None:
    key = f"photos/{name}.jpg"
    expire = Fault("run", action="PutObjectCopy", action_run=lambda: scene.cloud.clock.skip(7 * 3600))
    scene.cloud.faults.add(expire)
    scene.upload(key)
    scene.settle()

    named = [line for line in scene.said() if line.get("verdict") == "operator"]
    assert [(line["action"], line["code"]) for line in named] == [
        ("cos:PutObjectCopy", "ExpiredToken"),
        ("cos:PutObject", "ExpiredToken"),
    ]
    assert "role" in named[0]["happened"]
    assert "ExpiredToken" in {call.code for call in scene.calls()}
    assert max(scene.paid().values()) == 1


@pytest.mark.parametrize(
    ("service", "code"),
    [("cos", "SignatureDoesNotMatch"), ("cos", "InvalidAccessKeyId"), ("iai", "AuthFailure.SignatureFailure")],
)
def test_credentials_that_are_refused_call_the_operator_and_are_not_tried_again(
    scene: Scene, name: str, service: str, code: str
) -> None:
    key, action = f"photos/{name}.jpg", {"cos": "GetObjectACL", "iai": "AnalyzeFace"}[service]
    with scene.fault("fail", service=service, action=action, code=code, status=403 if service == "cos" else 200):
        scene.upload(key)

    (line,) = [line for line in scene.said() if line["level"] == "ERROR"]
    assert (line["verdict"], line["code"], line["action"]) == ("operator", code, f"{service}:{action}")
    assert scene.runs() == 1
    assert scene.letter(key) is not None


def test_a_key_that_is_wrong_is_told_so_by_each_service(scene: Scene) -> None:
    owner, cloud = scene.cloud.cam.owner, scene.cloud
    wrong = Identity(owner.secret_id, "not the key")

    with pytest.raises(CosServiceError) as by_cos:
        cloud.cos(wrong).get_object(Bucket=cloud.bucket, Key="photos/any.jpg")
    assert by_cos.value.get_error_code() == "SignatureDoesNotMatch"
    with pytest.raises(TencentCloudSDKException) as by_iai:
        cloud.api("iai", "2020-03-03", wrong).call_json("GetGroupList", {})
    assert by_iai.value.get_code() == "AuthFailure.SignatureFailure"


def test_a_token_that_is_over_is_told_so_by_each_service(clouds: Clouds) -> None:
    cloud = clouds()
    expired = cloud.cam.assume(cloud.outputs["functions"]["photos"], "worker", "invocation", seconds=60)
    cloud.clock.skip(61)

    with pytest.raises(CosServiceError) as by_cos:
        cloud.cos(expired).get_object(Bucket=cloud.bucket, Key="photos/any.jpg")
    assert by_cos.value.get_error_code() == "ExpiredToken"
    with pytest.raises(TencentCloudSDKException) as by_iai:
        cloud.api("iai", "2020-03-03", expired).call_json("AnalyzeFace", {"Url": "http://example.com/a.jpg"})
    assert by_iai.value.get_code() == "AuthFailure.TokenFailure"


def lasting(scene: Scene, prefix: str) -> list[float]:
    """For how many seconds more each lease lasts, by COS's clock, the newest first."""
    now = scene.cloud.clock.now()
    return [body["not_after"] - now for key, body in scene.state(f"{prefix}/").items() if key.endswith("/lock")]


def test_a_person_is_made_in_one_turn_by_a_machine_whose_clock_is_three_hours_behind(clouds: Clouds) -> None:
    """A lease by that clock would be over before it began, and one by a clock that is ahead keeps others out."""
    scene = Scene(clouds())
    api = Api(scene.cloud, scene.cloud.keyring.api["all"])
    api.post("/v1/groups", {"group_id": "members", "group_name": "members"})
    scene.cloud.clock.skip(3 * 3600)
    asked = {"group_id": "members", "person_id": "ada", "person_name": "Ada", "image": PORTRAIT}
    assert api.post("/v1/persons", asked).status_code == 200
    [left] = lasting(scene, person_prefix("ada"))
    assert 0 < left < 60


def test_a_photo_that_is_gone_is_forgotten_by_coss_time(clouds: Clouds) -> None:
    scene, key = Scene(clouds()), "photos/a.jpg"
    scene.upload(key)
    scene.settle()
    content = identity(Owner(scene.cloud).head(key))
    scene.delete(key)
    scene.cloud.clock.skip(3 * 3600)
    api = Api(scene.cloud, scene.cloud.keyring.api["all"])
    for _ in range(2):
        assert api.delete("/v1/photo/faces", key=key, identity=content).json()["outcome"] == "gone"
        newest, *_ = lasting(scene, lease_prefix(photo_name("photos", scene.cloud.bucket, key, content)))
        assert 0 < newest < 60
