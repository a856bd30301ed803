"""Short-lived signatures with which a browser uploads straight to the bucket, so that no photo meets SCF's 6 MB.

Each is for one key of a route, one type, and one length (a PUT's) or a longest one (a form's). A stamp that is brought
along is believed by nobody, and is replaced by ours.

What remains to whoever holds one is what is not signed, for COS does not look at that (436/35153). By fields or headers
of his own he can give this one photo metadata, a storage class, or grants to other accounts. A PUT can do more, as far
as the role that signed it can: with `x-cos-copy-source` it is a copy of another object, with `?acl` it changes who may
read a photo that is there. A form knows neither. So a PUT is signed only for those whose key may do all of that anyway,
and everybody else, the page included, gets a form.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, RootModel, Tag

from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.keys import Scope
from facestamp.http.models import Key, Model
from facestamp.http.replies.problems import PARAMETER, Problem
from facestamp.subject import RENDERED_BYTES

_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/bmp": (".bmp",),
}
"""What the keys of a type end in; of any other ending any type can be."""

_FILE_NAME = "${filename}"
"""What COS replaces in a form's key by the name of the file (436/14690)."""

_BENT: tuple[Scope, ...] = ("read", "admin")
"""What the holder of a signed PUT can be up to."""

Length = Annotated[int, Field(ge=1, le=RENDERED_BYTES)]


class _Upload(Model):
    key: Key
    """The photo's key, which must be one of a route's. A route that enrols takes the scope `enrol` as well."""
    content_type: Literal["image/jpeg", "image/png", "image/bmp"]
    """The photo's type, as its key's ending says it."""
    expires_in: Annotated[int, Field(ge=60, le=900)] = 300
    """Seconds for which the signature is good."""


class PutUpload(_Upload):
    """An upload by PUT: the file and nothing else. It takes a key with the scopes `read` and `admin` as well."""

    method: Literal["PUT"] = "PUT"
    content_length: Length
    """Exactly how many bytes the photo has; Cloud Infinite takes no larger one than 32 MB."""
    overwrite: bool = False
    """Whether the photo may take the place of one with this key; else COS refuses it with `FileAlreadyExists`.

    In a bucket that ever had versioning COS does not refuse, but keeps both.
    """


class FormUpload(_Upload):
    """An upload by an HTML form (`multipart/form-data`)."""

    method: Literal["POST"]
    max_content_length: Length
    """How many bytes the photo may have."""
    overwrite: Literal[True]
    """True, for you know: with a form COS always lets a photo take the place of one with its key."""


def _method(given: Any) -> str | None:
    return given.get("method", "PUT") if isinstance(given, dict) else getattr(given, "method", None)


_By = Discriminator(_method, "method", "Give a JSON object whose method is PUT, which it is if left out, or POST")


class UploadRequest(RootModel[Annotated[Annotated[PutUpload, Tag("PUT")] | Annotated[FormUpload, Tag("POST")], _By]]):
    """Which photo is to be uploaded, and how."""


class SignedUpload(Model):
    """What to send to the bucket, as it stands here."""

    method: Literal["PUT", "POST"]
    url: str
    """Where to."""
    headers: dict[str, str]
    """Headers to send with a PUT, beside Host and Content-Length, which are signed too and which any client sends."""
    fields: dict[str, str]
    """Fields of the form to POST, in this order; the file comes after them, in a field called `file`."""
    key: str
    expires_at: str
    """Until when the signature is good (RFC 3339)."""


def _sign(call: Call) -> SignedUpload:
    """Sign the upload of one photo.

    Send what comes back within its time, and the route's function stamps the photo as soon as it is there.
    """
    asked: PutUpload | FormUpload = call.body.root
    route = call.services.route(asked.key)
    if route.person_id:
        call.caller.demand("enrol")
    if isinstance(asked, PutUpload):
        for scope in _BENT:
            call.caller.demand(scope, "or upload by a form, with the method POST")
    if not _fits(asked.key, asked.content_type):
        raise Problem(PARAMETER, "Give the content_type that the key's ending says.", "InvalidParameterValue")
    ends = datetime.fromtimestamp(int(time.time()) + asked.expires_in, timezone.utc)
    signer = call.services.cos.presigner(route.bucket, call.services.settings.photo_origin)
    url = f"{signer.origin}/"
    headers: dict[str, str] = {}
    fields: dict[str, str] = {}
    if isinstance(asked, FormUpload):
        if _FILE_NAME in asked.key:
            raise Problem(PARAMETER, f"Use PUT for a key with {_FILE_NAME}: in a form it stands for the file's name.")
        named = {"key": asked.key, "Content-Type": asked.content_type}
        fields = signer.form(named, asked.max_content_length, asked.expires_in)
    else:
        kept = {} if asked.overwrite else {"x-cos-forbid-overwrite": "true"}
        wanted = {"Content-Type": asked.content_type, **kept}
        url, headers = signer.put(asked.key, asked.content_length, wanted, asked.expires_in)
    return SignedUpload(
        method=asked.method, url=url, headers=headers, fields=fields, key=asked.key, expires_at=f"{ends:%FT%TZ}"
    )


def _fits(key: str, content_type: str) -> bool:
    said = [kind for kind, endings in _ENDINGS.items() if key.lower().endswith(endings)]
    return said in ([], [content_type])


_HEADING = Heading("uploads", __doc__)

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/v1/uploads",
        name="signUpload",
        summary="Sign the upload of a photo",
        heading=_HEADING,
        scope="analyse",
        body=UploadRequest,
        gives=SignedUpload,
        answer=_sign,
        reach=frozenset({"upload"}),
        problems=(403, 404),
    ),
)
