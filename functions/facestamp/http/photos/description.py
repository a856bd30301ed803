"""What is known of a photo, as the API tells it: the object, its stamp decoded, and the record behind it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any

from pydantic import Field, ValidationError

from facestamp import stamp
from facestamp.cos import SSE_C, Look
from facestamp.faces import Face
from facestamp.http.faces.attributes import FaceDetailAttributesInfo
from facestamp.http.faces.responses import FaceRect, FaceShape
from facestamp.http.models import Model, in_snake_case
from facestamp.stamp import Stamp, Status
from facestamp.state import Record


class PhotoObject(Model):
    """The object, as COS tells of it. Of one that is encrypted with the uploader's own key, COS tells nothing."""

    length: Annotated[int, Field(ge=0)] | None
    """Bytes."""
    content_type: str | None
    last_modified: datetime | None
    """When it was written; putting the stamp on counts."""
    etag: str | None
    """As COS quotes it."""


class PhotoSize(Model):
    """Pixels."""

    width: int
    height: int


class PhotoFace(Model):
    """One face, the largest first; what was not asked for, or did not fit on the stamp, is null."""

    box: FaceRect | None
    points: FaceShape | None
    """Up to 90, by feature."""
    attributes: FaceDetailAttributesInfo | None
    """Those that the route asks for."""


class PhotoEnrolment(Model):
    """Whom the photo was enrolled for, and as which faces."""

    person_id: str
    face_ids: tuple[str, ...]


class PhotoStamp(Model):
    """The stamp, decoded."""

    current: bool
    """Whether it belongs to the bytes that are there; one that does not says nothing about them."""
    status: Status
    """`ok`: there are faces; `rejected`: no service would look at it; `forgotten`: somebody had the photo forgotten."""
    count: int
    """Faces found; `faces` has those of which the stamp says more."""
    size: PhotoSize | None
    """Of the upright photo, which is the frame of all coordinates."""
    faces: tuple[PhotoFace, ...]
    enrolment: PhotoEnrolment | None
    errors: dict[str, str]
    """Why an operation failed for good: its name, and Tencent's code."""
    result: str
    """Key of the full record in the state bucket."""
    identity: str
    """The content that it was made for."""
    plan: str
    """Stands for all that was asked about it."""


class RecordedAnswer(Model):
    """What one operation was asked and answered."""

    operation: str
    parameters: dict[str, Any]
    response: dict[str, Any]
    """Tencent's own answer with its names in snake case, or `error` and the code."""


class PhotoRecord(Model):
    """The full record of this content."""

    forgotten: bool
    """Somebody had it forgotten: then there are no answers."""
    answers: tuple[RecordedAnswer, ...]


class PhotoAnswer(Model):
    """What is known of a photo."""

    key: str
    identity: str
    """What stands for the content that is there now: its CRC64 and length."""
    object: PhotoObject
    stamp: PhotoStamp | None
    record: PhotoRecord | None
    """If it was asked for, and there is one."""
    confirmed: bool | None
    """Whether the stamp is, to the letter, what the record and the route's present settings make; null if the record
    was not asked for. A stamp can come with an upload: unless it is confirmed, believe it as you would the uploader."""


def described(key: str, look: Look, record: Record | None = None, confirmed: bool | None = None) -> PhotoAnswer:
    """What a look at the object tells, and its record if that was read."""
    found = stamp.read(look.headers)
    return PhotoAnswer(
        key=key,
        identity=look.identity,
        object=_object(look),
        stamp=_stamp(found, found.identity == look.identity) if found else None,
        record=_recorded(record) if record else None,
        confirmed=confirmed,
    )


def _recorded(record: Record) -> PhotoRecord:
    answers = [
        RecordedAnswer(
            operation=answer["Operation"],
            parameters=in_snake_case(answer["Parameters"]),
            response=in_snake_case(answer["Response"]),
        )
        for answer in record.answers.values()
    ]
    return PhotoRecord(forgotten=record.forgotten is not None, answers=tuple(answers))


def _object(look: Look) -> PhotoObject:
    told = look.headers.get("last-modified")
    return PhotoObject(
        length=None if SSE_C in look.headers else look.length,
        content_type=look.headers.get("content-type"),
        last_modified=datetime.fromtimestamp(look.modified, timezone.utc) if told else None,
        etag=look.etag or None,
    )


def _stamp(found: Stamp, current: bool) -> PhotoStamp:
    enrolment = found.enrolment
    return PhotoStamp(
        current=current,
        status=found.status,
        count=found.count,
        size=found.size and PhotoSize(width=found.size.width, height=found.size.height),
        faces=tuple(map(_face, found.faces)),
        enrolment=PhotoEnrolment(person_id=enrolment.person_id, face_ids=enrolment.face_ids) if enrolment else None,
        errors=dict(found.errors),
        result=found.result,
        identity=found.identity,
        plan=found.plan,
    )


def _face(face: Face) -> PhotoFace:
    points = {name: [point._asdict() for point in points] for name, points in (face.points or {}).items()}
    return PhotoFace(
        box=face.box and FaceRect(**face.box._asdict()),
        points=FaceShape.model_validate(in_snake_case(points)) if points else None,
        attributes=_attributes(face.attributes) if face.attributes else None,
    )


def _attributes(attributes: object) -> FaceDetailAttributesInfo | None:
    """Null where they are in no form that the documents have: anybody can have written them."""
    try:
        return FaceDetailAttributesInfo.model_validate(in_snake_case(attributes))
    except ValidationError:
        return None
