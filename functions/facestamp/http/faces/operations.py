"""What is seen in a picture, be it inline, an object of the bucket, or at an allowed address: the face operations.

Each is one paid call; a `key` costs one look at the object before it. Nothing is kept: what is to stay with a photo is
stamped on it (`POST /v1/photo:stamp`). "No face" is an answer, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from facestamp.attributes import KINDS, pruned
from facestamp.codes import UNREADABLE
from facestamp.errors import NO_FACE, ServiceError
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.faces.responses import AnalyzeAnswer, AttributesAnswer, DetectAnswer, Seen
from facestamp.http.models import told, undefaulted
from facestamp.http.pictures.bodies import Pictured
from facestamp.http.pictures.frame import upright
from facestamp.http.pictures.source import Source
from facestamp.operations.analyze_face import AnalyzeFace
from facestamp.operations.detect_face import DetectFace
from facestamp.operations.detect_face_attributes import DetectFaceAttributes

_VERSION: Final = "2020-03-03"
_WITH_ATTRIBUTES, _WITH_QUALITY = 5, 30
"""Of how many of the largest faces DetectFace says something that means anything (867/44989)."""

_ASKED: Final = tuple("Headpose" if kind == "HeadPose" else kind for kind in KINDS)
"""The kinds of attributes as they are asked for."""

Flag = Annotated[int, Field(ge=0, le=1)]
MaxFaceNum = Annotated[int, Field(ge=1, le=120)]
ModelVersion = Annotated[Literal["2.0", "3.0"], Field(json_schema_extra=undefaulted)]
Answer = TypeVar("Answer", bound=Seen)


def _kinds(asked: Sequence[str] | str) -> str:
    text = asked if isinstance(asked, str) else ",".join(asked)
    try:
        return DetectFaceAttributes(face_attributes_type=text).face_attributes_type
    except ValidationError:
        raise ValueError(f"name kinds of {', '.join(_ASKED)}; or None, or All") from None


_ONE_KIND = f"({'|'.join(_ASKED)})"
Kinds = Annotated[
    tuple[str, ...] | str,
    AfterValidator(_kinds),
    Field(
        json_schema_extra={
            "anyOf": [
                {"type": "array", "items": {"enum": [*_ASKED, "None"]}},
                {"type": "string", "pattern": f"^({_ONE_KIND}(,{_ONE_KIND})*|None|All)$"},
            ],
        }
    ),
]


class Detect(Pictured):
    """Where the faces in a picture are."""

    max_face_num: MaxFaceNum = 1
    """How many faces at most, the largest first."""
    min_face_size: Literal[34, 20] = 34
    """In pixels: smaller faces are passed over."""
    need_face_attributes: Flag = 0
    """1: what the five largest faces look like, too."""
    need_quality_detection: Flag = 0
    """1: how well the thirty largest faces can be recognized, too."""
    face_model_version: ModelVersion = "3.0"
    """Of the algorithm; left out, the account's own default holds. Accounts opened after 2020-11-26 have 3.0 only."""
    need_rotate_detection: Flag = 0
    """1: look for turned faces in a picture without EXIF, too; some hundred milliseconds slower."""


class Analyze(Pictured):
    """The 90 points of the faces in a picture."""

    version: Literal["2020-03-03", "2018-03-01"] = "2020-03-03"
    """Of Tencent's AnalyzeFace."""
    mode: Flag = 0
    """0: every face, up to ten; 1: the largest."""
    face_model_version: ModelVersion = "3.0"
    """Of the algorithm; left out, the account's own default holds. Accounts opened after 2020-11-26 have 3.0 only."""
    need_rotate_detection: Flag = 0
    """1: look for turned faces in a picture without EXIF, too; some hundred milliseconds slower."""


class Attributes(Pictured):
    """What the faces in a picture look like."""

    max_face_num: MaxFaceNum = 1
    """How many faces at most, the largest first; the five largest have attributes."""
    face_attributes_type: Kinds = "None"
    """The kinds of attributes, in any case and order: as a list, or between commas as Tencent has it. `None` is none
    and `All` is all sixteen."""
    need_rotate_detection: Flag = 0
    """1: look for turned faces in a picture without EXIF, too; some hundred milliseconds slower."""
    face_model_version: Literal["3.0"] = "3.0"
    """Of the algorithm."""


def _detect(call: Call) -> DetectAnswer:
    """An object that needs no rendering is measured where it is, by Cloud Infinite, unless more is asked than that can
    do; then, and for all other pictures, the face service is asked.
    """
    body: Detect = call.body
    desk, parameters = call.services.desk, body.parameters()

    def ask(source: Source) -> Mapping[str, Any]:
        if source.photo and source.photo.as_stored and parameters.keys() <= {"MaxFaceNum"}:
            return desk.detect(source.photo, body.max_face_num)
        return source.ask(desk, DetectFace.__name__, _VERSION, parameters)

    def kept(answer: Mapping[str, Any]) -> Mapping[str, Any]:
        infos = answer.get("FaceInfos") or ()
        if str(answer.get("Status", 1)) == "0":
            infos = ()
        faces = [infos] if isinstance(infos, Mapping) else list(infos)
        largest = sorted(range(len(faces)), key=lambda n: -int(faces[n]["Width"]) * int(faces[n]["Height"]))
        for rank, n in enumerate(largest):
            unasked = {
                "FaceAttributesInfo": not body.need_face_attributes or rank >= _WITH_ATTRIBUTES,
                "FaceQualityInfo": not body.need_quality_detection or rank >= _WITH_QUALITY,
            }
            faces[n] = {name: pruned(part) for name, part in faces[n].items() if not unasked.get(name)}
        return {**answer, "FaceInfos": faces, "Status": int(bool(faces))}

    return _answered(call, DetectFace.__name__, DetectAnswer, ask, kept)


def _analyze(call: Call) -> AnalyzeAnswer:
    """Up to ten faces: contour, eyes, brows, mouth, nose and pupils."""
    body: Analyze = call.body

    def ask(source: Source) -> Mapping[str, Any]:
        return source.ask(call.services.desk, AnalyzeFace.__name__, body.version, body.parameters())

    return _answered(call, AnalyzeFace.__name__, AnalyzeAnswer, ask, dict)


def _attributes(call: Call) -> AttributesAnswer:
    """Of the kinds that are asked for, what can be told; the others, of which Tencent tells as well, are left out."""
    body: Attributes = call.body
    asked = body.model_dump(include=DetectFaceAttributes.model_fields.keys() - {"version"})
    operation = DetectFaceAttributes.model_validate(asked)

    def ask(source: Source) -> Mapping[str, Any]:
        return source.ask(call.services.desk, operation.name, operation.version, operation.parameters())

    return _answered(call, operation.name, AttributesAnswer, ask, operation.without_meaningless)


def _answered(
    call: Call,
    action: str,
    model: type[Answer],
    ask: Callable[[Source], Mapping[str, Any]],
    kept: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> Answer:
    """What is kept of the answer about the request's picture, as one sees that. Raises `Problem`, `ServiceError`."""
    source = call.body.source(call.services)
    try:
        answer = ask(source)
    except ServiceError as error:
        if error.code not in NO_FACE:
            raise
        answer = {"RequestId": error.request_id}
    try:
        return told(model, upright(kept(answer), source.picture))
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ServiceError("iai", action, UNREADABLE, request_id=str(answer.get("RequestId", ""))) from None


_HEADING = Heading("faces", __doc__)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/v1/faces:detect",
        name="detectFaces",
        summary="Where the faces in a picture are",
        heading=_HEADING,
        scope="analyse",
        body=Detect,
        gives=DetectAnswer,
        answer=_detect,
        permissions=DetectFace.permissions,
        reach=frozenset({"photo"}),
        problems=(404, 422),
    ),
    Endpoint(
        method="POST",
        path="/v1/faces:analyze",
        name="analyzeFaces",
        summary="The 90 points of the faces in a picture",
        heading=_HEADING,
        scope="analyse",
        body=Analyze,
        gives=AnalyzeAnswer,
        answer=_analyze,
        permissions=AnalyzeFace.permissions,
        reach=frozenset({"photo"}),
        problems=(404, 422),
    ),
    Endpoint(
        method="POST",
        path="/v1/faces:attributes",
        name="describeFaces",
        summary="What the faces in a picture look like",
        heading=_HEADING,
        scope="analyse",
        body=Attributes,
        gives=AttributesAnswer,
        answer=_attributes,
        permissions=DetectFaceAttributes.permissions,
        reach=frozenset({"photo"}),
        problems=(404, 422),
    ),
)
