"""Cloud Infinite on the object's own host: faces of a stored picture, and thumbnails.

Both look at an object that the caller may read, and neither changes it. Faces need a bucket that was bound to Cloud
Infinite; a thumbnail binds it by itself (COS 436/44880).
Where Tencent's documents leave open what a picture without a face gets, `Readings.no_face` decides. Documents: face
detection, CI 460/63223; actions, CI 460/41741.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from werkzeug import Response

from infra.local import pictures
from infra.local.cos import markup, objects, thumbnails
from infra.local.cos.errors import Unprocessed, refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.markup import Bare
from infra.local.cos.target import processing
from infra.local.gateway import Refused
from infra.local.journal import Call
from infra.local.pictures import Unreadable

if TYPE_CHECKING:
    from infra.local.faces import Found, Look

MOST_FACES = 120
MODEL = "3.0"


class Eyes(Protocol):
    """What finds faces: `infra.local.faces.Engine`."""

    def look(self, image: bytes, *, exif: bool = True, rotate: bool = False) -> Look:
        """The faces in `image`, largest first; raises `Unreadable`."""


def detect_face(exchange: Exchange, eyes: Eyes, call: Call) -> Response:
    """ci-process=DetectFace: up to `max-face-num` (1 to 120, 1 if not given) faces, largest first; paid if it works."""
    exchange.may(f"ci:{exchange.readings.detect_face_action}", exchange.target.resource)
    image = _image(exchange)
    bucket = exchange.bucket()
    if not bucket.processed:
        raise Unprocessed("NoProcessAuthority", "The bucket is not bound to Cloud Infinite.", -46661, 403)
    if exchange.readings.recognition == "needed" and not bucket.recognised:
        raise Unprocessed("NoProcessAuthority", "The bucket has no AI content recognition.", -46661, 403)
    asked = exchange.target.value("max-face-num") or "1"
    if not asked.isdigit() or not 1 <= int(asked) <= MOST_FACES:
        raise Refused("InvalidParameter.InvalidParameter", f"max-face-num is 1 to {MOST_FACES}.")
    pictures.check(image)
    try:
        look = eyes.look(image, exif=exchange.readings.exif == "applied")
    except Unreadable:
        raise pictures.undecodable() from None
    if not look.faces and exchange.readings.no_face == "error":
        raise Refused("InvalidParameterValue.NoFaceInPhoto", "There is no face in the photo.")
    call.paid = True
    response = markup.answer("Response", _faces(exchange, look, int(asked)))
    response.headers["x-ci-request-id"] = exchange.request_id
    return response


def thumbnail(exchange: Exchange) -> Response:
    """imageMogr2 on download."""
    body, kind = thumbnails.process(_image(exchange), processing(exchange.target.query))
    return Bare(body, content_type=kind, headers={"x-ci-request-id": exchange.request_id})


def other(exchange: Exchange) -> Response:
    """Any other ci-process: not here."""
    raise refuse("NotImplemented", f"The local cloud has no ci-process={exchange.target.action}.")


def _image(exchange: Exchange) -> bytes:
    exchange.may("cos:GetObject", exchange.target.resource)
    with exchange.store.lock:
        version = exchange.version()
        objects.readable(exchange, version)
        return version.body()


def _faces(exchange: Exchange, look: Look, most: int) -> dict[str, Any]:
    content: dict[str, Any] = {
        "ImageWidth": look.size.width,
        "ImageHeight": look.size.height,
        "FaceModelVersion": MODEL,
        "RequestId": exchange.request_id,
    }
    # The page's table has Status and Score, its examples have neither.
    as_table = exchange.readings.no_face == "status"
    if as_table:
        content["Status"] = 1 if look.faces else 0
    content["FaceInfos"] = [_face(found, as_table) for found in look.faces[:most]]
    return content


def _face(found: Found, with_score: bool) -> dict[str, int]:
    box = found.box
    score = {"Score": min(100, round(50 + 50 * found.score))} if with_score else {}
    return {**score, "X": box.x, "Y": box.y, "Width": box.width, "Height": box.height}
