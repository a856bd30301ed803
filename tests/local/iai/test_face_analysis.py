"""DetectFace, AnalyzeFace and DetectFaceAttributes, asked by Tencent's SDK."""

from __future__ import annotations

from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.iai.v20180301 import models as models2018
from tencentcloud.iai.v20200303 import models as models2020

from facestamp.attributes import KINDS
from facestamp.faces import FEATURES
from infra.local.readings import Readings
from tests import pictures
from tests.local.iai.conftest import LANDSCAPE, PORTRAIT, FaceCloud, b64

VERSIONS = ("2018-03-01", "2020-03-03")
ANALYSING = ("DetectFace", "AnalyzeFace", "DetectFaceAttributes")
LISTS = {"DetectFace": "FaceInfos", "AnalyzeFace": "FaceShapeSet", "DetectFaceAttributes": "FaceDetailInfos"}
GROUP = b64(pictures.jpeg(pictures.group(12)))


def refusal(cloud: FaceCloud, action: str, **parameters: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refused:
        cloud.ask(action, **parameters)
    return str(refused.value.get_code())


def fields(model: object) -> set[str]:
    """What the SDK knows of an answer, by its documented names."""
    return {name.lstrip("_") for name in vars(model)}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("action", ANALYSING)
def test_an_answer_has_the_documented_fields(cloud: FaceCloud, action: str, version: str) -> None:
    models = {"2018-03-01": models2018, "2020-03-03": models2020}[version]
    answer = cloud.ask(action, version=version, Image=PORTRAIT)
    assert answer.keys() == fields(getattr(models, f"{action}Response")())
    assert (answer["ImageWidth"], answer["ImageHeight"], answer["FaceModelVersion"]) == (512, 512, "3.0")
    (face,) = answer[LISTS[action]]
    entry = {"DetectFace": "FaceInfo", "AnalyzeFace": "FaceShape", "DetectFaceAttributes": "FaceDetailInfo"}[action]
    assert face.keys() == fields(getattr(models, entry)())


@pytest.mark.behaviour(
    service="iai",
    what="A picture without a face gets InvalidParameterValue.NoFaceInPhoto",
    standing="documented",
    source="IAI 867/47396",
)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("action", ANALYSING)
def test_a_landscape_has_no_face_in_it(cloud: FaceCloud, action: str, version: str) -> None:
    assert refusal(cloud, action, version=version, Image=LANDSCAPE) == "InvalidParameterValue.NoFaceInPhoto"


@pytest.mark.behaviour(
    service="iai",
    what="Successful face calls are billed, errors are not",
    standing="assumed",
    source="IAI 867/50269",
)
def test_only_success_is_paid_for(cloud: FaceCloud) -> None:
    for action in ANALYSING:
        cloud.ask(action, Image=PORTRAIT)
        refusal(cloud, action, Image=LANDSCAPE)
    assert [call.action for call in cloud.journal.paid()] == list(ANALYSING)
    assert len(cloud.journal) == 6


@pytest.mark.behaviour(
    service="iai",
    what="DetectFace and DetectFaceAttributes give as many of the largest faces as MaxFaceNum says, one by default",
    standing="documented",
    source="IAI 867/47396",
)
@pytest.mark.parametrize("action", ["DetectFace", "DetectFaceAttributes"])
def test_max_face_num_takes_the_largest(cloud: FaceCloud, action: str) -> None:
    def widths(**parameters: Any) -> list[int]:
        faces = cloud.ask(action, Image=GROUP, **parameters)[LISTS[action]]
        return [face.get("FaceRect", face)["Width"] for face in faces]

    everybody = widths(MaxFaceNum=120)
    assert len(everybody) == 12
    assert widths() == everybody[:1]
    assert widths(MaxFaceNum=7) == everybody[:7]


@pytest.mark.behaviour(
    service="iai",
    what="MaxFaceNum over 120 gets LimitExceeded.ErrorFaceNumExceed",
    standing="assumed",
    source="IAI 867/47396",
)
@pytest.mark.parametrize("action", ["DetectFace", "DetectFaceAttributes"])
def test_max_face_num_lies_between_1_and_120(cloud: FaceCloud, action: str) -> None:
    assert refusal(cloud, action, Image=GROUP, MaxFaceNum=121) == "LimitExceeded.ErrorFaceNumExceed"
    assert refusal(cloud, action, Image=GROUP, MaxFaceNum=0) == "InvalidParameter.InvalidParameter"


@pytest.mark.behaviour(
    service="iai",
    what="Faces smaller than MinFaceSize are left out; if all are, FailedOperation.FaceSizeTooSmall. 2020-03-03 takes"
    " only 34 and 20",
    standing="documented",
    source="IAI 867/44989",
)
def test_small_faces_are_left_out(cloud: FaceCloud) -> None:
    infos = cloud.ask("DetectFace", version="2018-03-01", Image=GROUP, MaxFaceNum=120, MinFaceSize=80)["FaceInfos"]
    assert 0 < len(infos) < 12
    assert all(info["Width"] >= 80 for info in infos)
    tiny = {"version": "2018-03-01", "Image": PORTRAIT, "MinFaceSize": 500}
    assert refusal(cloud, "DetectFace", **tiny) == "FailedOperation.FaceSizeTooSmall"
    assert cloud.ask("DetectFace", Image=PORTRAIT, MinFaceSize=20)["FaceInfos"]
    assert refusal(cloud, "DetectFace", Image=PORTRAIT, MinFaceSize=80) == "InvalidParameter.InvalidParameter"


def test_detect_face_gives_attributes_and_quality_when_asked(cloud: FaceCloud) -> None:
    plain = cloud.ask("DetectFace", Image=PORTRAIT)["FaceInfos"][0]
    assert plain["FaceAttributesInfo"].keys() == fields(models2020.FaceAttributesInfo())
    assert plain["FaceAttributesInfo"]["Expression"] == 0
    assert plain["FaceQualityInfo"] is None
    full = cloud.ask("DetectFace", Image=PORTRAIT, NeedFaceAttributes=1, NeedQualityDetection=1)["FaceInfos"][0]
    assert full["FaceAttributesInfo"].keys() == fields(models2020.FaceAttributesInfo())
    assert full["FaceAttributesInfo"]["Expression"] > 60
    assert full["FaceAttributesInfo"]["EyeOpen"] is True
    assert full["FaceAttributesInfo"]["Age"] is None
    assert full["FaceQualityInfo"].keys() == fields(models2020.FaceQualityInfo())
    assert full["FaceQualityInfo"]["Score"] > 60


@pytest.mark.behaviour(
    service="iai",
    what="AnalyzeFace gives the points of at most ten faces, or of the largest with Mode 1",
    standing="documented",
    source="IAI 867/45019",
)
def test_analyze_face_gives_at_most_ten(cloud: FaceCloud) -> None:
    shapes = cloud.ask("AnalyzeFace", Image=GROUP)["FaceShapeSet"]
    assert len(shapes) == 10
    assert {feature: len(shapes[0][feature]) for feature in FEATURES} == dict(FEATURES)
    assert cloud.ask("AnalyzeFace", Image=GROUP, Mode=1)["FaceShapeSet"] == shapes[:1]
    assert refusal(cloud, "AnalyzeFace", Image=GROUP, Mode=2) == "InvalidParameter.InvalidParameter"


def test_points_lie_in_the_box_that_detect_face_gives(cloud: FaceCloud) -> None:
    box = cloud.ask("DetectFace", Image=PORTRAIT)["FaceInfos"][0]
    shape = cloud.ask("AnalyzeFace", Image=PORTRAIT)["FaceShapeSet"][0]
    for point in (point for feature in FEATURES for point in shape[feature]):
        assert 0 <= point["X"] - box["X"] <= box["Width"]
        assert 0 <= point["Y"] - box["Y"] <= box["Height"]


@pytest.mark.behaviour(
    service="iai",
    what="Attributes that were not asked for are in the answer all the same, and zero",
    standing="documented",
    source="IAI 867/47396",
)
def test_unrequested_attributes_are_there_and_mean_nothing(cloud: FaceCloud) -> None:
    def attributes(**parameters: Any) -> dict[str, Any]:
        answer = cloud.ask("DetectFaceAttributes", Image=PORTRAIT, **parameters)
        info: dict[str, Any] = answer["FaceDetailInfos"][0]["FaceDetailAttributesInfo"]
        assert info.keys() == fields(models2020.FaceDetailAttributesInfo())
        return info

    nothing = {
        **dict.fromkeys(("Age", "Beauty", "Smile"), 0),
        **{kind: {"Type": 0, "Probability": 0.0} for kind in ("Emotion", "Gender", "Mask", "Moustache", "Nose")},
    }
    for none in ({}, {"FaceAttributesType": "None"}, {"FaceAttributesType": ""}):
        assert nothing.items() <= attributes(**none).items()
    assert attributes(FaceAttributesType="sMILE")["Smile"] > 60
    assert attributes(FaceAttributesType="Age,HEADPOSE")["Smile"] == 0


@pytest.mark.behaviour(
    service="iai",
    what="Head pose, smile, open mouth and closed eyes are measured; what no local model can know is null",
    standing="assumed",
    source="IAI 867/45020",
)
def test_what_can_be_measured_is_and_the_rest_is_null(cloud: FaceCloud) -> None:
    answer = cloud.ask("DetectFaceAttributes", Image=PORTRAIT, FaceAttributesType=",".join(KINDS))
    info = answer["FaceDetailInfos"][0]["FaceDetailAttributesInfo"]
    measured = {"HeadPose", "Smile", "Mouth", "Eye"}
    assert {kind for kind, value in info.items() if value is not None} == measured
    assert info["HeadPose"].keys() == {"Pitch", "Yaw", "Roll"}
    assert info["Smile"] > 60
    assert info["Mouth"].keys() == {"MouthOpen"}
    assert info["Eye"]["EyeOpen"]["Type"] == 0
    assert info["Eye"]["EyeOpen"]["Probability"] > 0.5
    assert [info["Eye"][part] for part in ("Glass", "EyelidType", "EyeSize")] == [None, None, None]


@pytest.mark.behaviour(
    service="iai",
    what="Only the five largest faces have attributes that mean something",
    standing="documented",
    source="IAI 867/47396",
)
def test_only_the_five_largest_have_attributes(cloud: FaceCloud) -> None:
    answer = cloud.ask("DetectFaceAttributes", Image=GROUP, MaxFaceNum=12, FaceAttributesType="Smile")
    smiles = [info["FaceDetailAttributesInfo"]["Smile"] for info in answer["FaceDetailInfos"]]
    assert all(smile > 0 for smile in smiles[:5])
    assert smiles[5:] == [0] * 7


def test_an_attribute_that_does_not_exist_is_an_invalid_parameter(cloud: FaceCloud) -> None:
    code = refusal(cloud, "DetectFaceAttributes", Image=PORTRAIT, FaceAttributesType="Age,Height")
    assert code == "InvalidParameter.InvalidParameter"


@pytest.mark.behaviour(
    service="iai",
    what="An account opened after November 2020 has algorithm version 3.0 only; another gets FaceModelVersionIllegal",
    standing="documented",
    source="IAI 867/45019",
)
@pytest.mark.parametrize("action", ANALYSING)
def test_only_model_3_is_there(cloud: FaceCloud, action: str) -> None:
    assert cloud.ask(action, Image=PORTRAIT, FaceModelVersion="3.0")["FaceModelVersion"] == "3.0"
    illegal = refusal(cloud, action, Image=PORTRAIT, FaceModelVersion="2.0")
    assert illegal == "InvalidParameterValue.FaceModelVersionIllegal"


def test_a_picture_on_its_side_is_read_with_need_rotate_detection(cloud: FaceCloud) -> None:
    lying = b64(pictures.jpeg(pictures.portrait(400).rotate(90)))
    assert refusal(cloud, "AnalyzeFace", Image=lying) == "InvalidParameterValue.NoFaceInPhoto"
    assert len(cloud.ask("AnalyzeFace", Image=lying, NeedRotateDetection=1)["FaceShapeSet"]) == 1


@pytest.mark.parametrize("readings", [Readings(exif="applied"), Readings(exif="ignored")])
def test_exif_is_heeded_as_the_reading_says(cloud: FaceCloud, readings: Readings) -> None:
    picture = b64(pictures.jpeg(pictures.big(700, 500), orientation=2))
    x = cloud.ask("DetectFace", Image=picture)["FaceInfos"][0]["X"]
    upright = cloud.ask("DetectFace", Image=b64(pictures.jpeg(pictures.big(700, 500))))["FaceInfos"][0]["X"]
    assert (abs(x - upright) < 10) is (readings.exif == "applied")
