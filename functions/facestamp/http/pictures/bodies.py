"""How a request names its picture, and what the face service is given for it.

1. `image`, the picture itself in base64: checked here by its first bytes, and passed on.
2. `key`, an object of a route's: one ranged GET tells whether the services would take it. They get a presigned address,
   of a rendering where the photo is too large for them or turned by EXIF, and the picture itself where they cannot
   fetch that.
3. `url`, at a host that the operator allows (`facestamp.http.addresses`): the face service fetches it, never we, so
   that nobody can have the function look around.

What the services would refuse is refused before any call, under their own codes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal
from typing_extensions import Self

from facestamp import picture
from facestamp.desk import Sent
from facestamp.http.addresses import LONGEST, allowed
from facestamp.http.models import KEY, Model
from facestamp.http.problems import PARAMETER, UNUSABLE, Problem
from facestamp.http.services import Services
from facestamp.operations import Desk, Photo
from facestamp.picture import Limits, Picture
from facestamp.subject import see

BASE64 = 5 * 1024 * 1024
"""Characters: Tencent's "5 MB" by its larger reading, for between the two it is for Tencent to say, at no cost."""

PICTURES = 4
"""How many CreateFace takes at once (867/32793)."""

_ADVICE: Mapping[str, str] = {
    "InvalidParameterValue.ImageEmpty": "it is empty.",
    "FailedOperation.ImageDecodeFailed": "it is no PNG, JPG or BMP, or not a whole one; convert other formats first.",
    "FailedOperation.ImageResolutionTooSmall": "its short side must have 64 pixels at least.",
    "FailedOperation.ImageResolutionExceed": "a JPG can have 4,000 pixels a side, a PNG or BMP 2,000. Make it smaller, "
    "or put it into the bucket and name it by key: then a smaller rendering is looked at.",
    "FailedOperation.ImageSizeExceed": "it can have 5 MB in base64, or 32 MB in the bucket, where it is named by key.",
    "SsecDecryptHeaderInvalid": "it is encrypted with its uploader's own key, so nobody else can read it.",
    "InvalidObjectState": "it is archived; restore it first.",
}
"""What to say of a picture that the services would refuse, by the code with which they would."""


def _named(**schema: Any) -> Any:
    """A field whose empty default stands for its absence, and is no value to send."""

    def extra(told: dict[str, Any]) -> None:
        told.pop("default", None)
        told.update(schema)

    return Field(json_schema_extra=extra, repr=False)


_IMAGE: Mapping[str, Any] = {"minLength": 1, "maxLength": BASE64, "contentEncoding": "base64"}
_URL: Mapping[str, Any] = {"minLength": 1, "maxLength": LONGEST, "format": "uri"}


def _few(item: Mapping[str, Any]) -> Any:
    return _named(minItems=1, maxItems=PICTURES, items={"type": "string", **item})


def _one_of(*names: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [name]} for name in names]})


class _Naming(Model):
    """What names pictures in one of three ways."""

    def way(self, *names: str) -> str:
        """The one of these fields that was sent; raises `Problem` for none, and for more than one."""
        sent = [name for name in names if name in self.model_fields_set]
        if len(sent) == 1:
            return sent[0]
        code = "InvalidParameter.InvalidParameter" if sent else "MissingParameter.ErrorParameterEmpty"
        raise Problem(PARAMETER, f"Send exactly one of {', '.join(names[:-1])} and {names[-1]}.", code)


class Pictured(_Naming):
    """A request about one picture, named by exactly one of `image`, `key` and `url`."""

    model_config = _one_of("image", "key", "url")

    image: Annotated[str, _named(**_IMAGE)] = ""
    """The picture in base64, in one piece and without `data:` before it: PNG, JPG or BMP, 5 MB at most."""
    key: Annotated[str, _named(**KEY)] = ""
    """The key of a photo in the bucket, of any size up to 32 MB."""
    url: Annotated[str, _named(**_URL)] = ""
    """The address of the picture, at a host that this deployment allows."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        self.way("image", "key", "url")
        return self

    def source(self, services: Services) -> Source:
        """Where the picture comes from, once it has passed the checks that cost nothing; raises `Problem`."""
        return _source(self.way("image", "key", "url"), self, services)

    def parameters(self) -> dict[str, Any]:
        """What is asked besides the picture, under Tencent's names; less our defaults, which are Tencent's as well.

        But for the model's version: there it is the account that has a default.
        """
        asked = self.model_dump(include=self.model_fields_set - {"image", "key", "url", "version"})
        usual = {name: field.default for name, field in type(self).model_fields.items()}
        chosen = "face_model_version"
        return {to_pascal(name): told for name, told in asked.items() if name == chosen or told != usual[name]}


class Pictures(_Naming):
    """A request about one to four pictures, named by exactly one of `images`, `keys` and `urls`."""

    model_config = _one_of("images", "keys", "urls")

    images: Annotated[tuple[str, ...], _few(_IMAGE)] = ()
    """The pictures in base64, each in one piece and without `data:` before it; SCF takes 6 MB in all."""
    keys: Annotated[tuple[str, ...], _few(KEY)] = ()
    """The keys of photos in the bucket."""
    urls: Annotated[tuple[str, ...], _few(_URL)] = ()
    """The addresses of the pictures, at hosts that this deployment allows."""

    @model_validator(mode="after")
    def _one_to_four(self) -> Self:
        pictures = getattr(self, self.way("images", "keys", "urls"))
        if not pictures:
            raise Problem(PARAMETER, "Send one picture at least.", "MissingParameter.ErrorParameterEmpty")
        if len(pictures) > PICTURES:
            raise Problem(PARAMETER, "Send four pictures at most.", "InvalidParameterValue.UploadFaceNumExceed")
        return self

    def sources(self, services: Services) -> tuple[Source, ...]:
        """Where each picture comes from; raises `Problem` for the first that the services would refuse."""
        way = self.way("images", "keys", "urls")
        return tuple(_source(way[:-1], Pictured(**{way[:-1]: each}), services) for each in getattr(self, way))


@dataclass(frozen=True)
class Source:
    """A picture that has passed the checks that cost nothing, as the face service can be given it."""

    identity: str
    """What content this is, as far as can be told; of a `url`, only which address."""
    picture: Picture | None = None
    """What its first bytes told; None for an address, at which nobody here has looked."""
    photo: Photo | None = None
    """The object, for a `key`."""
    address: Callable[[], str] | None = None
    """What to send as `Url`; None for an inline picture."""
    inline: Callable[[], str] | None = None
    """What to send as `Image`: instead of an address that could not be fetched, too. None for a `url`."""

    @property
    def sent(self) -> Sent:
        """The picture for the desk, which sends it when its turn comes, if it is still the same."""
        photo = self.photo
        return Sent(self.address, self.inline, photo.unchanged) if photo else Sent(self.address, self.inline)

    def ask(self, desk: Desk, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call the face service about the picture; raises `ServiceError`."""
        if self.photo:
            return desk.ask_about(self.photo, action, version, parameters)
        sent = {"Url": self.address()} if self.address else {"Image": self.inline() if self.inline else ""}
        return desk.call(action, version, {**parameters, **sent})


def _source(way: str, given: Pictured, services: Services) -> Source:
    if way == "key":
        return _of_key(given.key, services)
    return _of_url(given.url, services) if way == "url" else _of_image(given.image)


def _of_image(image: str) -> Source:
    raw = _decoded(image)
    seen = picture.examine(raw)
    code = picture.refusal(seen, len(raw))
    if not code and not picture.fits(seen, len(raw), Limits(base64=BASE64)):
        code = "FailedOperation.ImageResolutionExceed"
    if code:
        raise refused(code)
    return Source(hashlib.sha256(raw).hexdigest(), seen, inline=lambda: image)


def _decoded(image: str) -> bytes:
    """The picture's bytes; raises `Problem` for what is not strictly base64."""
    if not image:
        raise refused("InvalidParameterValue.ImageEmpty")
    if len(image) > BASE64:
        raise refused("FailedOperation.ImageSizeExceed")
    wrong = ""
    if image[:5].lower() == "data:":
        wrong = "send the base64 alone, without the data: and all up to the comma."
    elif re.search(r"\s", image):
        wrong = "send the base64 in one piece, without line breaks and spaces."
    elif len(image) % 4 or not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", image):
        wrong = "it is not base64, or not all of it: A to Z, a to z, 0 to 9, + and /, and = up to a multiple of four."
    if wrong:
        raise Problem(UNUSABLE, f"The picture cannot be used: {wrong}", "FailedOperation.ImageDecodeFailed")
    return base64.b64decode(image)


def _of_key(key: str, services: Services) -> Source:
    bucket, cos = services.route(key).bucket, services.cos
    seen = see(cos.look(bucket, key), bucket, key, cos)
    code, rendering, identity = seen.refusal(), seen.rendering, seen.look.identity
    if code:
        raise refused(code)
    photo = Photo(
        bucket=bucket,
        key=key,
        identity=identity,
        as_stored=not rendering,
        url=lambda: cos.address(bucket, key, rendering),
        base64=lambda: base64.b64encode(cos.read(bucket, key, rendering)).decode(),
        unchanged=lambda: cos.look(bucket, key, first=1).identity == identity,
    )
    return Source(identity, seen.picture, photo, photo.url, photo.base64)


def _of_url(url: str, services: Services) -> Source:
    hosts = services.settings.url_hosts
    if not allowed(url, hosts):
        where = "https://, a host that is allowed here, and a path, in plain ASCII"
        what = f"An address is {where}." if hosts else "This deployment takes no url; send image or key."
        raise Problem(PARAMETER, what, "InvalidParameterValue.UrlIllegal")
    return Source(hashlib.sha256(url.encode()).hexdigest(), address=lambda: url)


def refused(code: str) -> Problem:
    """What to answer for a picture that the services would refuse with this code."""
    return Problem(UNUSABLE, f"The picture cannot be used: {_ADVICE.get(code, 'the services refuse it.')}", code)
