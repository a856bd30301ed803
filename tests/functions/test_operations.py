"""The operations against their documents: each example, each limit, and what each answer says about the photo."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from werkzeug import Request, Response

from facestamp.attributes import KINDS
from facestamp.cos import Cos
from facestamp.deadline import Deadline
from facestamp.errors import ServiceError
from facestamp.faces import FEATURES, Box, Enrolment, Size
from facestamp.operations import OPERATIONS, Answer, Desk, Findings, Operation, Photo
from facestamp.operations.analyze_face import AnalyzeFace
from facestamp.operations.base import plan
from facestamp.operations.create_face import CreateFace, person_id_refusal
from facestamp.operations.detect_face import DetectFace
from facestamp.operations.detect_face_attributes import DetectFaceAttributes
from facestamp.settings import Credentials
from infra.local.clock import Clock
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Refused, Server, Wanted
from infra.local.journal import Call, Journal

FIVE_POINTS = json.loads((Path(__file__).parent / "vectors" / "analyze-face-example.json").read_text())["Response"]


class Sample(Desk):
    """A desk at which every service gives the documented answer, and remembers what it was asked."""

    def __init__(self, answer: Answer | None = None, *errors: ServiceError) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self._answer, self._errors = answer or {}, list(errors)

    def call(self, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((action, version, dict(parameters)))
        if self._errors:
            raise self._errors.pop(0)
        return dict(self._answer)

    def detect(self, photo: Photo, max_face_num: int) -> dict[str, Any]:
        return self.call("ci:DetectFace", "", {"max-face-num": max_face_num})

    def enrol(self, person_id: str, claim: str, parameters: Mapping[str, Any], photo: Photo, version: str) -> Answer:
        return {**self.call("CreateFace", version, {**parameters, "PersonId": person_id}), "PersonId": person_id}


def photo(person_id: str = "", as_stored: bool = True) -> Photo:
    return Photo(
        bucket="b-1250000000",
        key="a.jpg",
        identity="1-2",
        as_stored=as_stored,
        url=lambda: "http://address",
        base64=lambda: "aW1hZ2U=",
        unchanged=lambda: True,
        person_id=person_id,
    )


# -- DetectFace (CI 460/63223) -----------------------------------------------------------------------------------------

FIRST_EXAMPLE = """<Response>
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
"""The page's first answer says model 4.0, and its second 3.0."""
SECOND_EXAMPLE = FIRST_EXAMPLE.replace("4.0", "3.0").replace(
    "</Response>", "<FaceInfos><X>600</X><Y>-5</Y><Width>117</Width><Height>173</Height></FaceInfos></Response>"
)
_NOBODY = "<ImageWidth>616</ImageWidth><ImageHeight>442</ImageHeight><RequestId>N</RequestId>"
_FACE = Box(312, -5, 117, 173)

XML: dict[str, tuple[str, tuple[Box, ...]]] = {
    "the page's first example, one face": (FIRST_EXAMPLE, (_FACE,)),
    "the page's second example, two faces": (SECOND_EXAMPLE, (_FACE, Box(600, -5, 117, 173))),
    "the table's Status and Score as well": (
        FIRST_EXAMPLE.replace("<FaceInfos>", "<Status>1</Status><FaceInfos><Score>98</Score>"),
        (_FACE,),
    ),
    "nobody, by Status": (f"<Response>{_NOBODY}<Status>0</Status></Response>", ()),
    "nobody, by Status beside an empty face": (f"<Response>{_NOBODY}<Status>0</Status><FaceInfos/></Response>", ()),
    "nobody, by saying nothing": (f"<Response>{_NOBODY}</Response>", ()),
    "nobody, by an empty list": (f"<Response>{_NOBODY}<FaceInfos></FaceInfos></Response>", ()),
}


class Infinite:
    """Cloud Infinite, saying what it is told to."""

    def __init__(self) -> None:
        self.body, self.kind = "", "application/xml"
        self.requests: list[Mapping[str, str]] = []

    def wanted(self, request: Request) -> Wanted:
        return Wanted("ci", "DetectFace")

    def answer(self, request: Request, call: Call) -> Response:
        self.requests.append(request.args.to_dict())
        return Response(self.body, content_type=self.kind)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        return Response(status=500)


@pytest.fixture
def infinite() -> Iterator[tuple[Infinite, Cos]]:
    """A Cloud Infinite of the test's own, and the seam to it."""
    service, gateway = Infinite(), Gateway(Clock(), Journal(), Faults())
    gateway.mount(r".*", service)
    server = Server(gateway, 0)
    credentials = Credentials("AKIDexample", "example", "token")
    yield service, Cos(credentials, "ap-guangzhou", f"http://127.0.0.1:{server.port}", Deadline(30))
    server.stop()


@pytest.mark.parametrize("kind", ["application/xml", "application/xml; charset=utf-8", "text/xml"])
@pytest.mark.parametrize(("body", "boxes"), XML.values(), ids=XML.keys())
def test_detect_face_reads_every_documented_answer(
    infinite: tuple[Infinite, Cos], body: str, boxes: tuple[Box, ...], kind: str
) -> None:
    service, cos = infinite
    service.body, service.kind = body, kind

    answer = cos.detect_face("examplebucket-1250000000", "test.jpg", 7)

    assert DetectFace().findings(answer) == Findings(size=Size(616, 442), boxes=boxes)
    # The page's example request says ci-process=detect-face; its text and its table say DetectFace.
    (asked,) = service.requests
    assert (asked["ci-process"], asked["max-face-num"]) == ("DetectFace", "7")


def test_detect_face_asks_cloud_infinite_about_a_photo_as_stored() -> None:
    desk = Sample({"ImageWidth": "9", "ImageHeight": "9"})
    DetectFace(max_face_num=3).ask(photo(), desk)
    assert desk.asked == [("ci:DetectFace", "", {"max-face-num": 3})]


def test_detect_face_asks_the_face_service_about_a_rendering() -> None:
    desk = Sample({"ImageWidth": 9, "ImageHeight": 9, "FaceInfos": [{"X": 1, "Y": -2, "Width": 3, "Height": 4}]})
    answer = DetectFace(max_face_num=3).ask(photo(as_stored=False), desk)
    assert desk.asked == [("DetectFace", "2020-03-03", {"MaxFaceNum": 3, "Url": "http://address"})]
    assert DetectFace().findings(answer).boxes == (Box(1, -2, 3, 4),)


# -- AnalyzeFace (IAI 867/45019, 867/32779) ----------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2020-03-03", "2018-03-01"])
def test_analyze_face_reads_its_example(version: str) -> None:
    """Both documents print the same face; that of 2018-03-01 has no FaceModelVersion."""
    answer = {n: v for n, v in FIVE_POINTS.items() if version == "2020-03-03" or n != "FaceModelVersion"}
    desk = Sample(answer)
    operation = AnalyzeFace.model_validate({"Version": version})

    found = operation.findings(operation.ask(photo(), desk))

    assert desk.asked == [("AnalyzeFace", version, {"Url": "http://address"})]
    assert found.size == (550, 366)
    (shape,) = found.shapes
    assert {feature: len(points) for feature, points in shape.items()} == FEATURES
    assert shape["FaceProfile"][0] == (63, 335)
    assert sum(map(len, shape.values())) == 90
    assert found.faces == 1


def test_analyze_face_sends_its_parameters_under_tencents_names() -> None:
    desk = Sample(FIVE_POINTS)
    AnalyzeFace(mode=1, face_model_version="2.0", need_rotate_detection=1).ask(photo(), desk)
    assert desk.asked[0][2] == {
        "Mode": 1,
        "FaceModelVersion": "2.0",
        "NeedRotateDetection": 1,
        "Url": "http://address",
    }


@pytest.mark.parametrize("feature", FEATURES)
def test_a_shape_with_other_numbers_of_points_is_not_taken_for_one(feature: str) -> None:
    (shape,) = FIVE_POINTS["FaceShapeSet"]
    short = {**FIVE_POINTS, "FaceShapeSet": [{**shape, feature: shape[feature][1:]}]}
    with pytest.raises(ValidationError):
        AnalyzeFace().findings(short)


# -- DetectFaceAttributes (IAI 867/47396) ------------------------------------------------------------------------------

ATTRIBUTES_EXAMPLE = {
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


def test_detect_face_attributes_reads_its_example() -> None:
    desk = Sample(ATTRIBUTES_EXAMPLE)
    operation = DetectFaceAttributes(face_attributes_type="Age,Gender,Beauty", max_face_num=1)

    found = operation.findings(operation.ask(photo(), desk))

    ((action, version, parameters),) = desk.asked
    assert (action, version) == ("DetectFaceAttributes", "2020-03-03")
    assert set(parameters.pop("FaceAttributesType").split(",")) == {"Age", "Gender", "Beauty"}
    assert parameters == {"Url": "http://address"}
    assert found.size == (550, 366)
    assert found.attributes == (
        (Box(375, 37, 63, 82), {"Age": 30, "Beauty": 75, "Gender": {"Type": 0, "Probability": 0.95}}),
    )


def test_its_documented_failure_is_nobody_in_the_photo() -> None:
    found = DetectFaceAttributes().read({"Error": "InvalidParameterValue.NoFaceInPhoto"})
    assert (found.faces, found.rejected) == (0, "")


def test_what_was_not_asked_for_reaches_nobody() -> None:
    operation = DetectFaceAttributes(face_attributes_type="Age")
    answer = operation.ask(photo(), Sample(ATTRIBUTES_EXAMPLE))
    assert "Beauty" not in json.dumps(answer)
    assert "Gender" not in json.dumps(answer)
    assert operation.findings(answer).attributes == ((Box(375, 37, 63, 82), {"Age": 30}),)


def test_without_kinds_only_the_boxes_stay() -> None:
    operation = DetectFaceAttributes()
    answer = operation.ask(photo(), Sample(ATTRIBUTES_EXAMPLE))
    assert operation.findings(answer).attributes == ((Box(375, 37, 63, 82), {}),)


def test_the_sixth_largest_face_has_no_attributes() -> None:
    """Whatever order the answer has: the smallest comes first here."""
    sizes = [10, 60, 50, 40, 30, 20, 70]
    infos = [
        {
            "FaceRect": {"X": 0, "Y": 0, "Width": size, "Height": size},
            "FaceDetailAttributesInfo": {"Age": size, "Beauty": 1},
        }
        for size in sizes
    ]
    operation = DetectFaceAttributes(max_face_num=7, face_attributes_type="Age")
    answer = operation.ask(photo(), Sample({**ATTRIBUTES_EXAMPLE, "FaceDetailInfos": infos}))
    found = operation.findings(answer)
    ages = {box.width: attributes.get("Age") for box, attributes in found.attributes}
    assert ages == {10: None, 20: None, 30: 30, 40: 40, 50: 50, 60: 60, 70: 70}
    assert found.faces == 7


def test_nulls_are_left_out() -> None:
    given = {"Age": None, "Eye": {"EyeOpen": {"Type": 0, "Probability": None}, "Glass": None}, "Hat": {"Style": None}}
    infos = [{"FaceRect": {"X": 0, "Y": 0, "Width": 9, "Height": 9}, "FaceDetailAttributesInfo": given}]
    operation = DetectFaceAttributes(face_attributes_type="Age,Eye,Hat")
    answer = operation.ask(photo(), Sample({**ATTRIBUTES_EXAMPLE, "FaceDetailInfos": infos}))
    ((_, attributes),) = operation.findings(answer).attributes
    assert attributes == {"Eye": {"EyeOpen": {"Type": 0}}}


def test_all_sixteen_kinds_in_any_case() -> None:
    assert len(KINDS) == 16
    for spelling in (str.upper, str.lower, str.title):
        asked = DetectFaceAttributes(face_attributes_type=",".join(map(spelling, KINDS)))
        assert asked == DetectFaceAttributes(face_attributes_type="All")
        assert len(asked.kinds) == 16
    assert "Headpose" in DetectFaceAttributes(face_attributes_type="headPOSE").face_attributes_type
    assert DetectFaceAttributes(face_attributes_type="headPOSE").kinds == ("HeadPose",)
    assert DetectFaceAttributes(face_attributes_type=" age , SMILE,").face_attributes_type == "Age,Smile"


def test_the_order_of_kinds_makes_no_other_operation() -> None:
    one, other = (DetectFaceAttributes(face_attributes_type=kinds) for kinds in ("Age,Smile", "smile,age"))
    assert one.digest() == other.digest()


# -- CreateFace (IAI 867/32795, 867/32793) -----------------------------------------------------------------------------

CREATE_EXAMPLE = {
    "SucFaceNum": 1,
    "SucFaceIds": ["2875186538564559728"],
    "RetCode": [0],
    "SucIndexes": [0],
    "SucFaceRects": [{"X": 135, "Y": 42, "Width": 98, "Height": 136}],
    "FaceModelVersion": "2.0",
    "RequestId": "07d63403-a199-4bbe-b9e0-692356ac738d",
}


@pytest.mark.parametrize("version", ["2020-03-03", "2018-03-01"])
def test_create_face_reads_its_example(version: str) -> None:
    desk = Sample(CREATE_EXAMPLE)
    operation = CreateFace.model_validate({"Version": version})

    found = operation.findings(operation.ask(photo("1001"), desk))

    assert desk.asked == [("CreateFace", version, {"PersonId": "1001"})]
    assert found == Findings(enrolment=Enrolment("1001", ("2875186538564559728",)))
    assert found.faces == 1


def test_its_documented_error_is_a_refusal_for_good() -> None:
    error = ServiceError("iai", "CreateFace", "InvalidParameterValue.UploadFaceNumExceed")
    assert error.verdict is not None
    assert error.verdict.value == "reject"
    assert CreateFace().read({"Error": error.code}) == Findings(rejected=error.code)


RETCODES = {
    -1101: Findings(),
    -1102: Findings(rejected="FailedOperation.ImageDecodeFailed"),
    -1109: Findings(rejected="-1109"),
    -1601: Findings(rejected="FailedOperation.FaceQualityNotQualified"),
    -1604: Findings(rejected="-1604"),
}


@pytest.mark.parametrize(("number", "findings"), RETCODES.items(), ids=map(str, RETCODES))
def test_a_success_can_hold_a_refusal_of_the_image(number: int, findings: Findings) -> None:
    answer = {"SucFaceNum": 0, "SucFaceIds": [], "RetCode": [number], "SucIndexes": [], "SucFaceRects": []}
    assert CreateFace().findings({**answer, "PersonId": "1001"}) == findings


PERSON_IDS = {
    "": "MissingParameter.ErrorParameterEmpty",
    "1001": "",
    "aZ9-%@#&_": "",
    "p" * 64: "",
    "p" * 65: "InvalidParameterValue.PersonIdTooLong",
    "宇" * 22: "InvalidParameterValue.PersonIdTooLong",
    "宇航员": "InvalidParameterValue.PersonIdIllegal",
    "a b": "InvalidParameterValue.PersonIdIllegal",
    "a.b": "InvalidParameterValue.PersonIdIllegal",
    "a\n": "InvalidParameterValue.PersonIdIllegal",
}


@pytest.mark.parametrize(("person_id", "code"), PERSON_IDS.items())
def test_a_person_id_that_tencent_would_refuse_costs_no_call(person_id: str, code: str) -> None:
    assert person_id_refusal(person_id) == code
    desk = Sample(CREATE_EXAMPLE)
    CreateFace().ask(photo(person_id), desk)
    assert len(desk.asked) == (0 if code else 1)


# -- limits ------------------------------------------------------------------------------------------------------------

Wrong = tuple[Callable[..., Operation], dict[str, Any]]
LIMITS: list[Wrong] = [
    (DetectFace, {"MaxFaceNum": 0}),
    (DetectFace, {"MaxFaceNum": 121}),
    (DetectFace, {"MinFaceSize": 34}),
    (AnalyzeFace, {"Mode": 2}),
    (AnalyzeFace, {"Mode": -1}),
    (AnalyzeFace, {"Version": "2017-01-01"}),
    (AnalyzeFace, {"FaceModelVersion": "4.0"}),
    (AnalyzeFace, {"NeedRotateDetection": 2}),
    (DetectFaceAttributes, {"MaxFaceNum": 0}),
    (DetectFaceAttributes, {"MaxFaceNum": 121}),
    (DetectFaceAttributes, {"Version": "2018-03-01"}),
    (DetectFaceAttributes, {"FaceModelVersion": "2.0"}),
    (DetectFaceAttributes, {"FaceAttributesType": "Age,Wealth"}),
    (DetectFaceAttributes, {"FaceAttributesType": "Age;Smile"}),
    (CreateFace, {"FaceMatchThreshold": -0.1}),
    (CreateFace, {"FaceMatchThreshold": 100.1}),
    (CreateFace, {"QualityControl": 5}),
    (CreateFace, {"QualityControl": -1}),
    (CreateFace, {"NeedRotateDetection": 2}),
    (CreateFace, {"Version": "2019-03-03"}),
    (CreateFace, {"PersonId": "1001"}),
]


@pytest.mark.parametrize(("kind", "parameters"), LIMITS)
def test_a_parameter_beyond_its_documented_limits_is_refused(
    kind: Callable[..., Operation], parameters: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        kind(**parameters)


WITHIN: list[Wrong] = [
    (DetectFace, {"MaxFaceNum": 1}),
    (DetectFace, {"MaxFaceNum": 120}),
    (AnalyzeFace, {"Mode": 1, "FaceModelVersion": "2.0", "NeedRotateDetection": 1}),
    (DetectFaceAttributes, {"MaxFaceNum": 120, "FaceAttributesType": "None"}),
    (CreateFace, {"FaceMatchThreshold": 0, "QualityControl": 4}),
    (CreateFace, {"FaceMatchThreshold": 100}),
]


@pytest.mark.parametrize(("kind", "parameters"), WITHIN)
def test_a_parameter_at_its_documented_limit_is_taken(
    kind: Callable[..., Operation], parameters: dict[str, Any]
) -> None:
    assert kind(**parameters).model_dump(by_alias=True).items() >= parameters.items()


# -- what operations share ---------------------------------------------------------------------------------------------


def test_there_are_four_operations() -> None:
    assert sorted(OPERATIONS) == ["AnalyzeFace", "CreateFace", "DetectFace", "DetectFaceAttributes"]


@pytest.mark.parametrize("code", ["FailedOperation.ImageDownloadError", "InvalidParameterValue.UrlIllegal"])
def test_a_photo_that_was_not_fetched_is_sent_inline(code: str) -> None:
    desk = Sample(FIVE_POINTS, ServiceError("iai", "AnalyzeFace", code))
    AnalyzeFace().ask(photo(), desk)
    assert [parameters for _, _, parameters in desk.asked] == [{"Url": "http://address"}, {"Image": "aW1hZ2U="}]


def test_another_error_is_not_paid_for_twice() -> None:
    desk = Sample(FIVE_POINTS, ServiceError("iai", "AnalyzeFace", "FailedOperation.ImageDecodeFailed"))
    with pytest.raises(ServiceError):
        AnalyzeFace().ask(photo(), desk)
    assert len(desk.asked) == 1


def test_a_plan_is_the_operations_whatever_their_order_and_for_one_person() -> None:
    one, other = DetectFace(), CreateFace()
    assert plan((one, other), "ada") == plan((other, one), "ada")
    assert plan((one, other), "ada") != plan((one, other), "bob")
    assert plan((one,), "ada") == plan((one,), "bob")
    assert plan((one,), "") != plan((DetectFace(max_face_num=2),), "")


# -- answers in no form that a document has ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        pytest.param(
            AnalyzeFace(), {"ImageWidth": 1, "ImageHeight": 1, "FaceShapeSet": [{"Nose": []}]}, id="no points"
        ),
        pytest.param(AnalyzeFace(), {"FaceShapeSet": []}, id="no size"),
        pytest.param(DetectFace(), {"FaceInfos": [{"X": "left"}]}, id="no number"),
        pytest.param(DetectFaceAttributes(), {"ImageWidth": 1, "ImageHeight": 1, "FaceDetailInfos": [3]}, id="no face"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_refusal_of_its_own(operation: Operation, answer: Answer) -> None:
    assert operation.read(answer) == Findings(rejected="Facestamp.AnswerUnreadable")


def test_attributes_that_cannot_be_sifted_are_not_kept() -> None:
    desk = Sample({"FaceDetailInfos": [{"FaceDetailAttributesInfo": {"Age": 30}}]})

    assert DetectFaceAttributes(face_attributes_type="Smile").ask(photo(), desk) == {
        "Error": "Facestamp.AnswerUnreadable"
    }
