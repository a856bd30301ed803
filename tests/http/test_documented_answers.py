"""The examples of Tencent's documents: what is asked for arrives as documented, and what is answered comes out."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from pydantic.alias_generators import to_pascal, to_snake
from qcloud_cos.xml2dict import Xml2Dict
from tencentcloud.iai.v20180301 import models as models_2018
from tencentcloud.iai.v20200303 import models as models_2020

from facestamp.cos import Look
from facestamp.errors import ServiceError
from facestamp.http.endpoint import Call, Endpoint
from facestamp.http.faces import attributes, responses
from facestamp.http.faces.operations import ENDPOINTS
from facestamp.http.keys import Caller
from facestamp.http.models import Told
from facestamp.http.models import told as model_of
from facestamp.http.services import Services
from facestamp.operations import Answer, Desk, Photo
from tests import pictures

DETECT, ANALYZE, ATTRIBUTES = ENDPOINTS
URL = "http://test.image.myqcloud.com/testA.jpg"
VECTORS = Path(__file__).parents[1] / "functions" / "vectors"
SHAPES: dict[str, Any] = json.loads((VECTORS / "analyze-face-example.json").read_text("utf-8"))["Response"]

ATTRIBUTES_ANSWER = {
    "ImageWidth": 550,
    "ImageHeight": 366,
    "FaceModelVersion": "3.0",
    "FaceDetailInfos": [
        {
            "FaceRect": {"X": 375, "Y": 37, "Width": 63, "Height": 82},
            "FaceDetailAttributesInfo": {"Age": 30, "Beauty": 75, "Gender": {"Type": 0, "Probability": 0.95}},
        }
    ],
    "RequestId": "b2c154b9-4620-4d37-8fd1-f6af3748f998",
}
"""DetectFaceAttributes (867/47396)."""

ONE_FACE = """<Response>
<ImageWidth>616</ImageWidth>
<ImageHeight>442</ImageHeight>
<FaceModelVersion>4.0</FaceModelVersion>
<RequestId>NjEzZjBlZGRfOTBmYTUwNjRfZWUx****</RequestId>
<FaceInfos>
<X>312</X>
<Y>-5</Y>
<Width>117</Width>
<Height>173</Height>
</FaceInfos>
</Response>"""
SECOND_FACE = "<FaceInfos>\n<X>600</X>\n<Y>-5</Y>\n<Width>117</Width>\n<Height>173</Height>\n</FaceInfos>\n"
"""Cloud Infinite's DetectFace (460/63223)."""


class Scripted(Desk):
    """Gives one answer to whatever is asked, and remembers what was."""

    def __init__(self, answer: Mapping[str, Any] | ServiceError) -> None:
        self.answer, self.asked = answer, list[tuple[Any, ...]]()

    def call(self, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((action, version, dict(parameters)))
        if isinstance(self.answer, ServiceError):
            raise self.answer
        return dict(self.answer)

    def detect(self, photo: Photo, max_face_num: int) -> dict[str, Any]:
        return self.call("ci:DetectFace", photo.key, {"max-face-num": max_face_num})

    def enrol(self, person_id: str, claim: str, parameters: Mapping[str, Any], photo: Photo, version: str) -> Answer:
        raise AssertionError("nobody is enrolled by looking")


class Shelf:
    """Object storage in which every key is the same picture."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def look(self, bucket: str, key: str, first: int = 64 * 1024) -> Look:
        return Look({"x-cos-hash-crc64ecma": "1"}, self.content[:first], len(self.content))

    def address(self, bucket: str, key: str, rendering: str = "") -> str:
        return f"https://{bucket}/{key}?{rendering}"


def answer(
    endpoint: Endpoint, body: dict[str, Any], desk: Scripted, picture: bytes = b"", pascal: bool = False
) -> dict[str, Any]:
    """What the endpoint tells about this request, as JSON; `pascal` turns the parameters' names into our own."""
    given = {to_snake(name): value for name, value in body.items()} if pascal else body
    route = SimpleNamespace(route="photos", bucket="photos-1250000000")
    services = SimpleNamespace(
        desk=desk,
        cos=Shelf(picture),
        settings=SimpleNamespace(url_hosts=("http://test.image.myqcloud.com",)),
        route=lambda key: route,
    )
    assert endpoint.body
    request = endpoint.body.model_validate_json(json.dumps(given))
    told = endpoint.answer(Call({}, None, request, Caller("a", frozenset()), cast(Services, services)))
    assert isinstance(told, Told)
    return json.loads(told.model_dump_json())  # type: ignore[no-any-return] # JSON has no type


def snake(value: Any) -> Any:
    if isinstance(value, dict):
        return {to_snake(name): snake(part) for name, part in value.items()}
    return [snake(part) for part in value] if isinstance(value, list) else value


def xml(text: str) -> dict[str, Any]:
    """As the COS SDK reads it."""
    return dict(Xml2Dict(ElementTree.fromstring(text)))  # noqa: S314 - the document's own example


# -- examples ---------------------------------------------------------------------------------------------------------


def test_detect_face_attributes() -> None:
    desk = Scripted(ATTRIBUTES_ANSWER)
    example = {"Url": URL, "FaceAttributesType": "Age,Gender,Beauty", "MaxFaceNum": 1}
    assert answer(ATTRIBUTES, example, desk, pascal=True) == snake(ATTRIBUTES_ANSWER)
    assert desk.asked == [
        ("DetectFaceAttributes", "2020-03-03", {"Url": URL, "FaceAttributesType": "Age,Beauty,Gender"})
    ]


@pytest.mark.parametrize("version", ["2020-03-03", "2018-03-01"])
def test_analyze_face(version: str) -> None:
    told = {name: part for name, part in SHAPES.items() if version == "2020-03-03" or name != "FaceModelVersion"}
    desk = Scripted(told)
    found = answer(ANALYZE, {"Mode": 0, "Url": URL, "Version": version}, desk, pascal=True)
    assert found == snake(told)
    assert desk.asked == [("AnalyzeFace", version, {"Url": URL})]
    assert sum(len(points) for points in found["face_shape_set"][0].values()) == 90


@pytest.mark.parametrize(
    ("text", "faces"), [(ONE_FACE, 1), (ONE_FACE.replace("</Response>", SECOND_FACE + "</Response>"), 2)]
)
def test_detect_face_of_cloud_infinite(text: str, faces: int) -> None:
    desk, picture = Scripted(xml(text)), pictures.jpeg(pictures.landscape(616, 442))
    found = answer(DETECT, {"key": "test.jpg", "max_face_num": 2}, desk, picture)
    assert found == {
        "image_width": 616,
        "image_height": 442,
        "face_model_version": "4.0",
        "request_id": "NjEzZjBlZGRfOTBmYTUwNjRfZWUx****",
        "status": 1,
        "face_infos": [{"x": x, "y": -5, "width": 117, "height": 173} for x in (312, 600)[:faces]],
    }
    assert desk.asked == [("ci:DetectFace", "test.jpg", {"max-face-num": 2})]


def test_cloud_infinite_tells_a_score_and_a_status() -> None:
    picture = pictures.jpeg(pictures.landscape(616, 442))
    scored = Scripted(
        xml(ONE_FACE.replace("<X>", "<Score>97</Score>\n<X>").replace("<FaceInfos>", "<Status>1</Status>\n<FaceInfos>"))
    )
    found = answer(DETECT, {"key": "test.jpg"}, scored, picture)
    assert (found["face_infos"][0]["score"], found["status"]) == (97, 1)
    for nobody in ("<Status>0</Status>", "", "<Status>0</Status><FaceInfos></FaceInfos>"):
        found = answer(DETECT, {"key": "test.jpg"}, Scripted(xml(f"<Response>{nobody}</Response>")), picture)
        assert (found["face_infos"], found["status"], found["image_width"]) == ([], 0, 616)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_no_face_in_photo(endpoint: Endpoint) -> None:
    refused = ServiceError("iai", "", "InvalidParameterValue.NoFaceInPhoto", request_id="ab0ebc1d-7a0e-4327-808b")
    found = answer(endpoint, {"url": URL}, Scripted(refused))
    assert [value for value in found.values() if isinstance(value, list)] == [[]]
    assert found["request_id"] == "ab0ebc1d-7a0e-4327-808b"


# -- parameters, as documented ----------------------------------------------------------------------------------------

ALL_PARAMETERS = [
    (
        DETECT,
        "DetectFace",
        "2020-03-03",
        {
            "MaxFaceNum": 120,
            "MinFaceSize": 20,
            "NeedFaceAttributes": 1,
            "NeedQualityDetection": 1,
            "FaceModelVersion": "2.0",
            "NeedRotateDetection": 1,
        },
    ),
    (ANALYZE, "AnalyzeFace", "2020-03-03", {"Mode": 1, "FaceModelVersion": "2.0", "NeedRotateDetection": 1}),
    (
        ATTRIBUTES,
        "DetectFaceAttributes",
        "2020-03-03",
        {"MaxFaceNum": 120, "FaceAttributesType": "Hair,Smile", "NeedRotateDetection": 1},
    ),
]


@pytest.mark.parametrize(("endpoint", "action", "version", "parameters"), ALL_PARAMETERS)
def test_every_parameter_arrives(endpoint: Endpoint, action: str, version: str, parameters: dict[str, Any]) -> None:
    image = base64.b64encode(pictures.jpeg(pictures.landscape(100, 100))).decode()
    for picture in ({"Url": URL}, {"Image": image}):
        desk = Scripted({"ImageWidth": 100, "ImageHeight": 100, "RequestId": "1"})
        answer(endpoint, {**parameters, **picture}, desk, pascal=True)
        assert desk.asked == [(action, version, {**parameters, **picture})]


@pytest.mark.parametrize(
    ("endpoint", "action"), [(DETECT, "DetectFace"), (ANALYZE, "AnalyzeFace"), (ATTRIBUTES, "DetectFaceAttributes")]
)
def test_no_documented_parameter_is_missing(endpoint: Endpoint, action: str) -> None:
    assert endpoint.body
    for models in (models_2018, models_2020):
        documented = {to_snake(name) for name in _fields(getattr(models, f"{action}Request"))}
        assert documented <= set(endpoint.body.model_fields)


# -- structures, as documented ----------------------------------------------------------------------------------------

STRUCTURES: dict[str, type[Told]] = {
    "FaceInfo": responses.FaceInfo,
    "FaceAttributesInfo": attributes.FaceAttributesInfo,
    "FaceHairAttributesInfo": attributes.HairStyle,
    "FaceQualityInfo": attributes.FaceQualityInfo,
    "FaceQualityCompleteness": attributes.Completeness,
    "FaceShape": responses.FaceShape,
    "Point": responses.Point,
    "FaceRect": responses.FaceRect,
    "FaceDetailInfo": responses.FaceDetailInfo,
    "FaceDetailAttributesInfo": attributes.FaceDetailAttributesInfo,
    "AttributeItem": attributes.AttributeItem,
    "Eye": attributes.Eye,
    "Eyebrow": attributes.Eyebrow,
    "Hair": attributes.Hair,
    "Hat": attributes.Hat,
    "HeadPose": attributes.HeadPose,
    "Mouth": attributes.Mouth,
    "DetectFaceResponse": responses.DetectAnswer,
    "AnalyzeFaceResponse": responses.AnalyzeAnswer,
    "DetectFaceAttributesResponse": responses.AttributesAnswer,
}
OURS = {"FaceInfo": {"score"}, "DetectFaceResponse": {"status"}}
"""Cloud Infinite's own."""


def _fields(structure: type) -> set[str]:
    return {name for name, part in vars(structure).items() if isinstance(part, property)}


@pytest.mark.parametrize(("name", "model"), STRUCTURES.items(), ids=STRUCTURES)
def test_a_structure_has_the_fields_that_are_documented(name: str, model: type[Told]) -> None:
    documented = {to_snake(field) for field in _fields(getattr(models_2020, name))}
    assert set(model.model_fields) == documented | OURS.get(name, set())


def filled(model: type) -> dict[str, Any]:
    """A value for each field of a structure, as Tencent's SDK has them."""
    values: dict[str, Any] = {}
    for field, part in vars(model).items():
        if isinstance(part, property):
            kind = (part.fget.__doc__ or "").partition(":rtype:")[2].strip().strip("`").rpartition(".")[2].strip("`~")
            flat: dict[str, Any] = {"int": 7, "float": 0.5, "bool": True, "str": "text"}
            values[field] = flat[kind] if kind in flat else filled(getattr(models_2020, kind))
    return values


@pytest.mark.parametrize("name", ["FaceAttributesInfo", "FaceQualityInfo", "FaceDetailAttributesInfo"])
def test_every_value_of_a_structure_comes_out(name: str) -> None:
    values = filled(getattr(models_2020, name))
    assert json.loads(model_of(STRUCTURES[name], values).model_dump_json()) == snake(values)
    assert {to_pascal(field) for field in STRUCTURES[name].model_fields} == set(values)


def test_what_tencent_adds_and_what_it_does_not_know_is_left_out() -> None:
    rect = {"X": 1, "Y": 2, "Width": 3, "Height": 4}
    told = {
        "ImageWidth": 100,
        "ImageHeight": 100,
        "FaceInfos": [
            {**rect, "FaceQualityInfo": {"Score": None, "Sharpness": 80, "Completeness": {"Eye": None}}, "New": 1}
        ],
        "FaceModelVersion": "3.0",
        "RequestId": "1",
        "New": {"Very": "new"},
    }
    found = answer(DETECT, {"url": URL, "need_quality_detection": 1}, Scripted(told))
    assert found["face_infos"] == [{"x": 1, "y": 2, "width": 3, "height": 4, "face_quality_info": {"sharpness": 80}}]
    assert "new" not in found
    assert answer(DETECT, {"url": URL}, Scripted({**told, "FaceInfos": None}))["face_infos"] == []


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        (DETECT, {"FaceInfos": [{"X": "left"}]}),
        (DETECT, {"FaceInfos": 5}),
        (ANALYZE, {"FaceShapeSet": [{"Nose": [{"X": 1}]}]}),
        (ANALYZE, {"ImageWidth": "wide", "FaceShapeSet": []}),
        (ATTRIBUTES, {"FaceDetailInfos": [{"FaceRect": None}]}),
        (ATTRIBUTES, {"FaceDetailInfos": "many"}),
    ],
)
def test_an_answer_in_no_documented_form_is_told_as_such(endpoint: Endpoint, told: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as error:
        answer(endpoint, {"url": URL}, Scripted({"ImageWidth": 100, "ImageHeight": 100, "RequestId": "r-1", **told}))
    assert (error.value.code, error.value.request_id) == ("Facestamp.AnswerUnreadable", "r-1")


def test_each_endpoint_asks_for_what_it_needs() -> None:
    permissions = {endpoint.path: set(endpoint.permissions) for endpoint in ENDPOINTS}
    assert permissions == {
        "/v1/faces:detect": {"ci:CreateDetectFaceJob", "ci:CreateFaceEffectJob", "iai:DetectFace"},
        "/v1/faces:analyze": {"iai:AnalyzeFace"},
        "/v1/faces:attributes": {"iai:DetectFaceAttributes"},
    }
