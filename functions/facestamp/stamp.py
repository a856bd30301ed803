"""What was learned about a photo, as the `x-cos-meta-face-*` headers of its object, and back.

One line a header; all but the first two are there only if they say something:

    x-cos-meta-face-stamp       1;12577829398441352218-348;9f2c41d0a7e1   format version; content identity; plan digest
    x-cos-meta-face-status      ok | no-face | rejected | forgotten
    x-cos-meta-face-count       2
    x-cos-meta-face-size        550x366
    x-cos-meta-face-boxes       375,37,63,82;-5,12,40,41     x,y,width,height of each face; empty for one without
    x-cos-meta-face-landmarks   EIg3AzgU….AzgUx5PC…          each face's points (`facestamp.landmarks`), `.` between
    x-cos-meta-face-attributes  Age,Gender;30,0:.95;28,1:.9  a table (`facestamp.attributes`)
    x-cos-meta-face-person      1001;2875186538564559728     PersonId, and the ids of the faces enrolled
    x-cos-meta-face-error       CreateFace=-1604             Operation=Code, `;` between, sorted
    x-cos-meta-face-result      records/5d/5d41402abc4b2a76  key of the full record in the state bucket

Texts are words (`facestamp.words`). Each list is in the order of the faces and ends with the last face that it says
something about.

COS allows 2 KB of user metadata in all (436/7749) and does not say what counts, so each line counts with its whole
name and its value. What does not fit leaves by whole lines, in the order of `LEAVING`; a value is never cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Literal, cast, get_args

from facestamp import attributes, landmarks
from facestamp.faces import Box, Enrolment, Face, Points, Size
from facestamp.words import text, word

VERSION = "1"
LIMIT = 2048
"""Bytes of user metadata that an object can have, names and values together."""

META = "x-cos-meta-"
_LINES = ("stamp", "status", "count", "size", "boxes", "landmarks", "attributes", "person", "error", "result")
NAMES = tuple(f"{META}face-{line}" for line in _LINES)
"""The stamp's headers; every other `x-cos-meta-*` is the uploader's."""

LEAVING = ("landmarks", "attributes", "boxes")
"""The lines that leave, in this order, when room is short."""

Status = Literal["ok", "no-face", "rejected", "forgotten"]
_STATUSES = get_args(Status)


@dataclass(frozen=True)
class Stamp:
    """A photo's stamp."""

    identity: str
    """Of the content: CRC64 and length, or what stands in for them."""
    plan: str
    """Digest of what was asked: operations, versions, parameters, PersonId."""
    status: Status
    count: int = 0
    """Faces found; those of which the stamp says more are in `faces`."""
    size: Size | None = None
    """The frame that the coordinates refer to."""
    faces: tuple[Face, ...] = ()
    """Up to the last face that the stamp says something about."""
    enrolment: Enrolment | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    """The code of each operation that failed for good."""
    result: str = ""
    """Key of the full record in the state bucket."""


def write(stamp: Stamp, room: int) -> dict[str, str] | None:
    """The headers, in at most `room` bytes and `LIMIT`; None where not even the lines that never leave fit.

    Raises ValueError for a point of a feature that AnalyzeFace does not have.
    """
    lines = _lines(stamp)
    for leaving in ("", *LEAVING):
        lines.pop(leaving, "")
        headers = {f"{META}face-{line}": value for line, value in lines.items() if value}
        if _bytes(headers) <= min(room, LIMIT):
            return headers
    return None


def read(headers: Mapping[str, str]) -> Stamp | None:
    """The stamp among an object's response headers, whatever else is there and however their names are spelt.

    None where there is no stamp, or none of this version. Headers may come from anybody: a line that is damaged or
    forged reads as if it were not there, and nothing is raised. Whether to believe what is read is the reader's
    decision: a stamp counts only if its identity and plan are the expected ones and its record exists.
    """
    lines = {
        name.lower().removeprefix(f"{META}face-"): value.strip()
        for name, value in headers.items()
        if name.lower() in NAMES and isinstance(value, str) and len(value) <= LIMIT
    }
    version, *words = lines.get("stamp", "").split(";")
    status = lines.get("status")
    identity_and_plan = _tried(_words, words)
    if version != VERSION or status not in _STATUSES or identity_and_plan is None or len(identity_and_plan) != 2:
        return None
    faces = _faces(lines)
    count = _tried(_integer, lines.get("count"))
    return Stamp(
        identity=identity_and_plan[0],
        plan=identity_and_plan[1],
        status=cast(Status, status),
        count=len(faces) if count is None else count,
        size=_tried(_size, lines.get("size")),
        faces=faces,
        enrolment=_tried(_enrolment, lines.get("person")),
        errors=_tried(_errors, lines.get("error")) or {},
        result=_tried(text, lines.get("result")) or "",
    )


def foreign(headers: Mapping[str, str]) -> dict[str, str]:
    """The uploader's own `x-cos-meta-*` among any headers, names and values as they came."""
    return {
        name: value for name, value in headers.items() if name.lower().startswith(META) and name.lower() not in NAMES
    }


def room_beside(metadata: Mapping[str, str]) -> int:
    """Bytes that the uploader's `x-cos-meta-*` leave for a stamp; less than none where they are over the limit.

    Headers that are not metadata do not count, nor does a stamp that is there already: it will be replaced.
    """
    return LIMIT - _bytes(foreign(metadata))


def _bytes(headers: Mapping[str, str]) -> int:
    return sum(_length(name) + _length(value) for name, value in headers.items())


def _length(value: str) -> int:
    # Clients decode header bytes as Latin-1, so one character is one byte unless somebody decoded further.
    return (
        len(value) if all(character <= "\xff" for character in value) else len(value.encode("utf-8", "surrogatepass"))
    )


def _lines(stamp: Stamp) -> dict[str, str]:
    person = stamp.enrolment and [stamp.enrolment.person_id, *stamp.enrolment.face_ids]
    return {
        "stamp": ";".join([VERSION, word(stamp.identity), word(stamp.plan)]),
        "status": stamp.status,
        "count": str(stamp.count),
        "size": f"{stamp.size.width}x{stamp.size.height}" if stamp.size else "",
        "boxes": ";".join(",".join(map(str, face.box or ())) for face in stamp.faces).rstrip(";"),
        "landmarks": ".".join(landmarks.pack(face.points or {}) for face in stamp.faces).rstrip("."),
        "attributes": attributes.write([face.attributes for face in stamp.faces]),
        "person": ";".join(map(word, person or ())),
        "error": ";".join(f"{word(operation)}={word(code)}" for operation, code in sorted(stamp.errors.items())),
        "result": word(stamp.result) if stamp.result else "",
    }


def _tried(parse: Any, value: Any) -> Any:
    """What `parse` makes of a line that is there, or None where the line is damaged."""
    if value is None:
        return None
    try:
        return parse(value)
    except ValueError:
        return None


def _faces(lines: Mapping[str, str]) -> tuple[Face, ...]:
    boxes: list[Box | None] = _tried(_boxes, lines.get("boxes")) or []
    points: list[Points | None] = _tried(_points, lines.get("landmarks")) or []
    details: list[Mapping[str, Any] | None] = _tried(attributes.read, lines.get("attributes")) or []
    return tuple(Face(*parts) for parts in zip_longest(boxes, points, details))


def _words(words: Sequence[str]) -> list[str]:
    return [text(each) for each in words]


def _integer(digits: str) -> int:
    if not re.fullmatch(r"-?[0-9]+", digits):
        raise ValueError("not a whole number")
    return int(digits)


def _size(line: str) -> Size:
    width, height = map(_integer, line.split("x"))
    return Size(width, height)


def _boxes(line: str) -> list[Box | None]:
    def box(entry: str) -> Box:
        x, y, width, height = map(_integer, entry.split(","))
        return Box(x, y, width, height)

    return [box(entry) if entry else None for entry in line.split(";")]


def _points(line: str) -> list[Points | None]:
    return [landmarks.unpack(face) or None for face in line.split(".")]


def _enrolment(line: str) -> Enrolment:
    person, *faces = _words(line.split(";"))
    return Enrolment(person, tuple(faces))


def _errors(line: str) -> dict[str, str]:
    pairs = (entry.split("=") for entry in line.split(";"))
    return {text(operation): text(code) for operation, code in pairs}
