"""What is known of a photo of the bucket, named by `?key=`, for keys hold slashes and any ending."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from pydantic import Field

from facestamp import stamp
from facestamp.errors import ServiceError
from facestamp.faces import Size
from facestamp.forgetting import Eraser
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.models import Key, Model, Query
from facestamp.http.photos.description import PhotoAnswer, described
from facestamp.http.photos.overlay import drawn
from facestamp.http.replies.problems import BUSY, CONFLICT, FORBIDDEN, UNKNOWN, UNUSABLE, Problem
from facestamp.http.replies.reply import Text
from facestamp.picture import examine
from facestamp.settings import Settings
from facestamp.state import object_name
from facestamp.subject import Exactly, Subject, met
from facestamp.summary import confirmed

_ADDRESS_LIFE = 300
"""Seconds for which the address of a photo that is not embedded is good."""

_STATUS = {"no-face": "No face in it.", "rejected": "No service would look at it.", "forgotten": "It is forgotten."}


class KeyQuery(Query):
    """Which photo."""

    key: Key
    """Its key in the bucket."""


class PhotoQuery(KeyQuery):
    """Which photo, and how much of it."""

    record: bool = False
    """Whether to answer with the full record as well, and whether it confirms the stamp; by one request more."""


class OverlayQuery(KeyQuery):
    """Which photo, and how to show it."""

    width: Annotated[int, Field(ge=64, le=4000)] = 1280
    """The longer side in pixels; a smaller photo stays as it is."""
    embed: bool = True
    """Whether the photo is inside, so that the drawing shows in an `<img>`. Else it is named by an address that is good
    for five minutes, for a drawing that is opened by itself or stands in a page."""


class ForgetQuery(KeyQuery):
    """Which photo, or which content that it had."""

    identity: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{0,80}-[0-9]{1,16}$")] = ""
    """What stood for the content, as `GET /v1/photo` told it: for a photo that has been deleted or replaced since."""


class StampedAnswer(PhotoAnswer):
    """What is known of the photo now that its route has run."""

    outcome: Literal["stamped", "recorded", "already"]
    """`recorded`: COS takes no stamp on this object, so all there is to know is in the record; `already`: nothing was
    left to do."""


class Unenrolled(Model):
    """What a person lost."""

    person_id: str
    face_ids: tuple[str, ...]
    """The faces that this request deleted; none if the photo was not enrolled, or an earlier request deleted them."""
    person_deleted: bool
    """Whether the person is deleted, having had no other face."""


class ForgottenAnswer(Model):
    """What became of the photo."""

    key: str
    identity: str
    """The content that is forgotten."""
    outcome: Literal["stamped", "recorded", "gone"]
    """`stamped`: its stamp says that it is forgotten; `recorded`: COS takes no stamp on this object, so one from before
    stays there; `gone`: the photo is deleted or replaced, and nothing is known of this content any more."""
    people: tuple[Unenrolled, ...]
    """Whom the photo may have been enrolled for."""
    person_deleted: bool
    """Whether a person is deleted: by Tencent's rule each has at least one face, so that with the last face the person
    goes."""


def _read(call: Call) -> PhotoAnswer:
    key, services, route = call.query.key, call.services, call.services.route(call.query.key)
    if not call.query.record:
        return described(key, services.cos.look(route.bucket, key, first=1))
    subject = _met(call, route)
    record = services.state.record(subject.photo)
    return described(key, subject.look, record, record is not None and confirmed(subject, route.operations, record))


def _met(call: Call, route: Settings) -> Subject:
    key, cos = call.query.key, call.services.cos
    return met(key, cos.look(route.bucket, key), route, cos, call.services.pool)


def _run(call: Call) -> StampedAnswer:
    key, services, route = call.query.key, call.services, call.services.route(call.query.key)
    if route.person_id and "enrol" not in call.caller.scopes:
        raise Problem(FORBIDDEN, "This photo's route enrols people, which takes a key with the scope enrol.")
    if call.query.record:
        call.caller.demand("read")
    end = services.pipeline(route).run(Exactly(route.bucket, key))
    if end.outcome == "forgotten":
        raise Problem(CONFLICT, "This photo was forgotten; upload it again to have it stamped.")
    if end.outcome not in ("stamped", "recorded", "already"):
        raise Problem(BUSY, "The photo was replaced meanwhile; try again for what is there now.")
    # An upload's event may have failed before; now the work is done.
    services.state.unbury(object_name(route.route, route.bucket, key))
    return StampedAnswer(**dict(_read(call)), outcome=end.outcome)


def _forget(call: Call) -> ForgottenAnswer:
    """What its route learned, and every face that it became, by its route or by a request with its `key`. Of a picture
    that was sent itself, or by `url`, nobody knows that it is this photo: delete its face."""
    key, services, route = call.query.key, call.services, call.services.route(call.query.key)
    try:
        erased = Eraser(route, services.cos, services.state, services.desk).forget(key, call.query.identity)
    except ServiceError as error:
        if error.code != "NoSuchKey":
            raise
        raise Problem(UNKNOWN, "There is no such photo. One that was deleted is known by its identity only.") from None
    people = [
        Unenrolled(person_id=person_id, face_ids=withdrawn.faces, person_deleted=withdrawn.person)
        for person_id, withdrawn in erased.people.items()
    ]
    return ForgottenAnswer(
        key=key,
        identity=erased.identity,
        outcome=erased.outcome,
        people=tuple(people),
        person_deleted=any(person.person_deleted for person in people),
    )


def _overlay(call: Call) -> Text:
    key, width, route = call.query.key, call.query.width, call.services.route(call.query.key)
    subject = _met(call, route)
    found = stamp.read(subject.look.headers)
    current = found if found and found.identity == subject.look.identity else None
    rendering = f"imageMogr2/auto-orient/thumbnail/{width}x{width}>/strip/format/jpg/quality/85/size-limit/3600k"
    size = (current and current.size) or subject.picture.upright
    if call.query.embed or size is None:
        picture = call.services.cos.read(route.bucket, key, rendering)
        size = size or examine(picture).upright
        address = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
    else:
        origin = call.services.settings.photo_origin
        address = call.services.cos.presigner(route.bucket, origin).get(key, _ADDRESS_LIFE, rendering)
    if size is None or min(size) < 1:
        raise Problem(UNUSABLE, "This is no picture whose size can be told.")
    svg = drawn(key, address, Size(*size), width, current, _note(current))
    return Text(svg, "image/svg+xml")


def _note(found: stamp.Stamp | None) -> str:
    if found is None:
        return "Not stamped."
    return _STATUS.get(found.status) or (f"{found.count} faces." if found.count != 1 else "One face.")


_HEADING = Heading("photos", __doc__)

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/photo",
        name="readPhoto",
        summary="What is known of a photo",
        heading=_HEADING,
        scope="read",
        query=PhotoQuery,
        gives=PhotoAnswer,
        answer=_read,
        reach=frozenset({"photo"}),
        problems=(404,),
    ),
    Endpoint(
        method="GET",
        path="/v1/photo/overlay.svg",
        name="drawPhoto",
        summary="A photo with its faces drawn over it",
        heading=_HEADING,
        scope="read",
        query=OverlayQuery,
        gives="image/svg+xml",
        answer=_overlay,
        reach=frozenset({"photo"}),
        problems=(404, 422),
    ),
    Endpoint(
        method="POST",
        path="/v1/photo:stamp",
        name="stampPhoto",
        summary="Run the photo's route now",
        heading=_HEADING,
        scope="analyse",
        query=PhotoQuery,
        gives=StampedAnswer,
        answer=_run,
        reach=frozenset({"route"}),
        problems=(404, 409, 429),
    ),
    Endpoint(
        method="DELETE",
        path="/v1/photo/faces",
        name="forgetPhoto",
        summary="Forget a photo: its faces, its record, and what its stamp says",
        heading=_HEADING,
        scope="admin",
        query=ForgetQuery,
        gives=ForgottenAnswer,
        answer=_forget,
        changing=True,
        permissions=("iai:GetPersonBaseInfo", "iai:DeleteFace", "iai:DeletePerson"),
        reach=frozenset({"route", "people"}),
        problems=(404, 409),
    ),
)
