"""What every action has in common: pictures and where they come from, parameters, versions, regions, permissions."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.local.cam import Identity
from infra.local.faults import Fault
from tests import pictures
from tests.local.iai.conftest import PORTRAIT, FaceCloud, b64


def refused(cloud: FaceCloud, action: str, **parameters: Any) -> TencentCloudSDKException:
    with pytest.raises(TencentCloudSDKException) as error:
        cloud.ask(action, **parameters)
    return error.value


def refusal(cloud: FaceCloud, action: str, **parameters: Any) -> str:
    return str(refused(cloud, action, **parameters).get_code())


def test_a_picture_may_come_by_url(cloud: FaceCloud) -> None:
    url = cloud.shelf.put("portrait.jpg", pictures.jpeg(pictures.portrait()))
    assert cloud.ask("AnalyzeFace", Url=url)["FaceShapeSet"] == cloud.ask("AnalyzeFace", Image=PORTRAIT)["FaceShapeSet"]


@pytest.mark.behaviour(
    service="iai",
    what="If Url and Image are both given, only the Url is used",
    standing="documented",
    source="IAI 867/45019",
)
def test_the_url_wins_over_the_image(cloud: FaceCloud) -> None:
    url = cloud.shelf.put("small.jpg", pictures.jpeg(pictures.portrait(300)))
    assert cloud.ask("DetectFace", Url=url, Image=PORTRAIT)["ImageWidth"] == 300


@pytest.mark.parametrize(
    "target",
    ["/a%20b.jpg", "/a+b.jpg", "/%E7%85%A7%E7%89%87.jpg?x=%2F&y", "/a%2Fb.jpg?q-sign-algorithm=sha1", "//a.jpg"],
)
def test_a_url_is_asked_for_exactly_as_it_is_written(cloud: FaceCloud, target: str) -> None:
    refusal(cloud, "DetectFace", Url=f"http://shelf.example.com{target}")
    assert cloud.shelf.asked == [target]


@pytest.mark.parametrize("name", ["a b.jpg", "照片.jpg", "100%.jpg"])
def test_names_are_found_whatever_they_hold(cloud: FaceCloud, name: str) -> None:
    cloud.shelf.put(name, pictures.jpeg(pictures.portrait()))
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    assert cloud.ask("DetectFace", Url=f"https://shelf.example.com/{encoded}")["FaceInfos"]


def test_a_content_encoding_is_the_uploaders_word_and_nothing_is_decoded(cloud: FaceCloud) -> None:
    url = cloud.shelf.put("portrait.jpg", pictures.jpeg(pictures.portrait()))
    cloud.shelf.headers["Content-Encoding"] = "gzip"
    assert cloud.ask("DetectFace", Url=url)["FaceInfos"]


@pytest.mark.behaviour(
    service="iai",
    what="A Url that cannot be fetched gets FailedOperation.ImageDownloadError; nothing is fetched from outside",
    standing="documented",
    source="IAI 867/45019",
)
def test_a_url_without_a_picture_is_a_download_error(cloud: FaceCloud) -> None:
    missing, elsewhere = "http://shelf.example.com/none.jpg", "http://www.example.org/portrait.jpg"
    assert refusal(cloud, "DetectFace", Url=missing) == "FailedOperation.ImageDownloadError"
    assert refusal(cloud, "DetectFace", Url=elsewhere) == "FailedOperation.ImageDownloadError"
    cloud.shelf.put("lost.jpg", pictures.jpeg(pictures.portrait()))
    cloud.faults.add(Fault("drop", service="shelf"))
    lost = "http://shelf.example.com/lost.jpg"
    assert refusal(cloud, "DetectFace", Url=lost) == "FailedOperation.ImageDownloadError"
    assert cloud.ask("DetectFace", Url=lost)["FaceInfos"]


@pytest.mark.behaviour(
    service="iai",
    what="What is no URL gets InvalidParameterValue.UrlIllegal",
    standing="documented",
    source="IAI 867/45019",
)
@pytest.mark.parametrize(
    "url",
    [
        "portrait.jpg",
        "ftp://shelf.example.com/a",
        "http://",
        "http://a b/",
        "http://[::1",
        "http://h:port/",
        "file:///a",
    ],
)
def test_what_is_no_url_is_illegal(cloud: FaceCloud, url: str) -> None:
    assert refusal(cloud, "DetectFace", Url=url) == "InvalidParameterValue.UrlIllegal"


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("", "InvalidParameterValue.ImageEmpty"),
        ("this is no base64!", "FailedOperation.ImageDecodeFailed"),
        (b64(b"no picture"), "FailedOperation.ImageDecodeFailed"),
        (b64(pictures.gif(pictures.portrait())), "FailedOperation.ImageDecodeFailed"),
        (b64(pictures.jpeg(pictures.portrait())[:8000]), "FailedOperation.ImageDecodeFailed"),
        (b64(pictures.png(pictures.portrait(60))), "FailedOperation.ImageResolutionTooSmall"),
        (b64(pictures.jpeg(pictures.landscape(4100, 100))), "FailedOperation.ImageResolutionExceed"),
        ("A" * (5 * 1024 * 1024 + 4), "FailedOperation.ImageSizeExceed"),
    ],
    ids=["empty", "no base64", "no picture", "gif", "truncated", "small", "long", "heavy"],
)
def test_a_bad_picture_gets_tencents_code(cloud: FaceCloud, image: str, code: str) -> None:
    assert refusal(cloud, "AnalyzeFace", Image=image) == code
    assert cloud.journal.paid() == []


@pytest.mark.behaviour(
    service="iai",
    what="A required parameter that is missing or empty gets MissingParameter.ErrorParameterEmpty",
    standing="documented",
    source="IAI 867/47396",
)
def test_a_required_parameter_must_be_there(cloud: FaceCloud) -> None:
    empty = "MissingParameter.ErrorParameterEmpty"
    assert refusal(cloud, "DetectFace") == empty
    assert refusal(cloud, "CreateFace", Images=[PORTRAIT]) == empty
    assert refusal(cloud, "CreateFace", PersonId="", Images=[PORTRAIT]) == empty
    assert refusal(cloud, "CreateFace", PersonId="ada", Images=[]) == empty


@pytest.mark.behaviour(
    service="iai",
    what="A parameter of the wrong type gets InvalidParameter.InvalidParameter, one that the action does not know"
    " UnknownParameter",
    standing="assumed",
    source="CVM 213/30435",
)
def test_parameters_are_strict(cloud: FaceCloud) -> None:
    assert refusal(cloud, "DetectFace", Image=PORTRAIT, MaxFaceNum="5") == "InvalidParameter.InvalidParameter"
    assert refusal(cloud, "DetectFace", Image=PORTRAIT, MaxFaceNum=True) == "InvalidParameter.InvalidParameter"
    assert refusal(cloud, "DetectFace", Image=PORTRAIT, MaxFaces=5) == "UnknownParameter"
    assert cloud.ask("DetectFace", Image=PORTRAIT, MaxFaceNum=None)["FaceInfos"]


@pytest.mark.behaviour(
    service="iai",
    what="An action or a version that does not exist gets InvalidAction or NoSuchVersion",
    standing="documented",
    source="CVM 213/30435",
)
def test_an_unknown_action_or_version_is_named(cloud: FaceCloud) -> None:
    assert refusal(cloud, "DetectMood", Image=PORTRAIT) == "InvalidAction"
    assert [call.action for call in cloud.journal.calls()] == ["DetectMood"]


@pytest.mark.behaviour(
    service="iai",
    what="2020-03-03 is served in seven regions and refuses others with UnsupportedRegion; 2018-03-01 heeds no region",
    standing="documented",
    source="IAI 867/45019",
)
def test_the_new_version_has_seven_regions(cloud: FaceCloud) -> None:
    for region in ("ap-guangzhou", "ap-singapore"):
        assert cloud.ask("AnalyzeFace", Image=PORTRAIT, region=region)["FaceShapeSet"]
    assert refusal(cloud, "AnalyzeFace", Image=PORTRAIT, region="ap-mumbai") == "UnsupportedRegion"
    assert cloud.ask("AnalyzeFace", version="2018-03-01", Image=PORTRAIT, region="ap-mumbai")["FaceShapeSet"]


@pytest.mark.behaviour(
    service="iai",
    what="A call without a region is taken under both versions, though one document of 2020-03-03 asks for it",
    standing="assumed",
    source="IAI 867/45019",
)
@pytest.mark.parametrize("version", ["2018-03-01", "2020-03-03"])
def test_the_region_may_be_left_out(cloud: FaceCloud, version: str) -> None:
    assert cloud.ask("AnalyzeFace", version=version, region=None, Image=PORTRAIT)["FaceShapeSet"]


def test_a_wrong_key_is_refused(cloud: FaceCloud) -> None:
    stranger = Identity(cloud.cam.owner.secret_id, "not-the-key")
    assert refusal(cloud, "DetectFace", by=stranger, Image=PORTRAIT) == "AuthFailure.SignatureFailure"


@pytest.mark.behaviour(
    service="iai",
    what="Without the permission iai:<action> on *, AuthFailure.UnauthorizedOperation, with the action in the message",
    standing="documented",
    source="CVM 213/30435",
)
@pytest.mark.parametrize("action", ["DetectFace", "AnalyzeFace", "DetectFaceAttributes"])
def test_an_operation_needs_its_own_permission(cloud: FaceCloud, action: str) -> None:
    others = {f"iai:{name}" for name in ("DetectFace", "AnalyzeFace", "DetectFaceAttributes")} - {f"iai:{action}"}
    role = cloud.role(*others)
    error = refused(cloud, action, by=role, Image=PORTRAIT)
    assert error.get_code() == "AuthFailure.UnauthorizedOperation"
    assert f"(iai:{action})" in str(error.get_message())
    assert cloud.journal.paid() == []


def test_with_the_permission_it_is_done_and_the_worker_is_in_the_journal(cloud: FaceCloud) -> None:
    role = cloud.role("iai:AnalyzeFace")
    assert cloud.ask("AnalyzeFace", by=role, Image=PORTRAIT)["FaceShapeSet"]
    (call,) = cloud.journal.paid(service="iai")
    assert (call.role, call.worker, call.invocation) == ("stamper", "worker", "invocation")


@pytest.mark.behaviour(
    service="iai",
    what="Person libraries are authorised as qcs::iai:<region>:uin/<uin>:groupid/<id>, but CreateFace only on *",
    standing="documented",
    source="IAI 867/35076",
)
def test_a_policy_may_name_a_person_library(cloud: FaceCloud) -> None:
    for group in ("staff", "guests"):
        cloud.ask("CreateGroup", GroupId=group, GroupName=group)
    cloud.somebody()
    actions = ("iai:GetPersonList", "iai:CreateFace")
    role = cloud.role(*actions, resource=f"qcs::iai:ap-guangzhou:uin/{cloud.cam.uin}:groupid/staff")
    assert cloud.ask("GetPersonList", by=role, GroupId="staff")["PersonNum"] == 1
    assert refusal(cloud, "GetPersonList", by=role, GroupId="guests") == "AuthFailure.UnauthorizedOperation"
    add = {"PersonId": "ada", "Images": [PORTRAIT]}
    assert refusal(cloud, "CreateFace", by=role, **add) == "AuthFailure.UnauthorizedOperation"


def test_a_fault_fails_a_call_in_the_services_own_shape(cloud: FaceCloud) -> None:
    cloud.faults.add(Fault("fail", service="iai", action="DetectFace", code="RequestLimitExceeded"))
    error = refused(cloud, "DetectFace", Image=PORTRAIT)
    assert error.get_code() == "RequestLimitExceeded"
    assert re.fullmatch(r"[0-9a-f-]{36}", str(error.get_request_id()))
    assert cloud.ask("DetectFace", Image=PORTRAIT)["FaceInfos"]
