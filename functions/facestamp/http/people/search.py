"""Who is in a picture: its faces, each with the enrolled people who are most like it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from facestamp.desk import VERSION
from facestamp.errors import NO_FACE, ServiceError
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.faces.responses import FaceRect
from facestamp.http.models import Many, Maybe, Told, in_pascal_case, readable
from facestamp.http.people.limits import Flag, GroupId, MaxFaceNum, MaxPersonNum, QualityControl, Threshold, few
from facestamp.http.pictures.bodies import Pictured
from facestamp.http.pictures.frame import placed

_NOBODY_ENROLLED = "InvalidParameterValue.NoFaceInGroups"


class Search(Pictured):
    """A picture, and where to look for the people in it."""

    group_ids: Annotated[
        tuple[GroupId, ...],
        AfterValidator(few(1, 100, "InvalidParameterValue.GroupIdsExceed")),
        Field(json_schema_extra={"minItems": 1, "maxItems": 100}),
    ]
    """The groups to search, of one version of the algorithm."""
    max_face_num: MaxFaceNum = 1
    """How many of the picture's faces, the largest first."""
    min_face_size: Annotated[int, Field(ge=1, le=4000)] = 34
    """In pixels: smaller faces are passed over. Below 34 none is recognized; Tencent advises 80."""
    max_person_num: MaxPersonNum = 5
    """How many people for each face; Tencent advises 10 at most."""
    need_person_info: Flag = 0
    """1: names, genders and groups, too; it takes a key with the scope `read` as well."""
    quality_control: QualityControl = 0
    """0: any face is searched for, up to 4: the best only."""
    face_match_threshold: Threshold = 0.0
    """How alike somebody must be, 0 to 100; about 80 suits most uses."""
    need_rotate_detection: Flag = 0
    """1: look for turned faces in a picture without EXIF, too; some hundred milliseconds slower."""


class CandidateGroup(Told):
    """A group that a candidate is in."""

    group_id: str
    person_ex_descriptions: Many[str] = ()
    """In the order of the group's description fields."""


class Candidate(Told):
    """Somebody who is like the face."""

    person_id: str
    face_id: Maybe[str] = None
    """Which of the person's faces is most like it."""
    score: float
    """How alike, 0 to 100. Among 10,000 faces one in a hundred strangers has 70, one in a thousand 80."""
    person_name: Maybe[str] = None
    gender: Maybe[int] = None
    """0: not told, 1: male, 2: female."""
    person_group_infos: Maybe[tuple[CandidateGroup, ...]] = None


class FaceFound(Told):
    """One of the picture's faces."""

    candidates: Many[Candidate] = ()
    """The people who are most like it, the likest first."""
    face_rect: FaceRect
    ret_code: int = 0
    """0, or -1601: the face is not good enough to be searched for."""


class SearchAnswer(Told):
    """Who is in the picture (SearchFaces, 867/44994). Without a face in it, or among those enrolled, nobody."""

    results: Many[FaceFound] = ()
    """The picture's faces, the largest first."""
    face_num: Maybe[int] = None
    """How many faces there are in the groups; left out for a picture without one."""
    face_model_version: Maybe[str] = None
    request_id: str = ""


def _search(call: Call) -> SearchAnswer:
    """Each face of somebody is compared by itself. One paid call."""
    body: Search = call.body
    if body.need_person_info:
        call.caller.demand("read")
    source = body.source(call.services)
    asked = in_pascal_case(body.model_dump(exclude={"image", "key", "url"}, exclude_defaults=True))
    try:
        answer = source.ask(call.services.desk, "SearchFaces", VERSION, asked)
    except ServiceError as error:
        if error.code == _NOBODY_ENROLLED:
            return SearchAnswer(face_num=0, request_id=error.request_id)
        if error.code not in NO_FACE:
            raise
        return SearchAnswer(request_id=error.request_id)
    found = [
        {**each, "FaceRect": placed(each["FaceRect"], source)} if each.get("FaceRect") else each
        for each in answer.get("Results") or ()
    ]
    return readable(SearchAnswer, "SearchFaces", {**answer, "Results": found})


_HEADING = Heading("searching", __doc__)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/v1/persons:search",
        name="searchPersons",
        summary="Who is in a picture",
        heading=_HEADING,
        scope="analyse",
        body=Search,
        gives=SearchAnswer,
        answer=_search,
        permissions=("iai:SearchFaces",),
        reach=frozenset({"photo"}),
        problems=(404, 409, 422),
    ),
)
