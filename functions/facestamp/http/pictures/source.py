"""Where a request's picture comes from, and what the face service is given for it.

1. `image`, the picture itself in base64: checked here by its first bytes, and passed on.
2. `key`, an object of a route's: one ranged GET tells whether the services would take it. They get a presigned address,
   of a rendering where the photo is too large for them or turned by EXIF, and the picture itself where they cannot
   fetch that.
3. `url`, at a host that the operator allows: the face service fetches it, never we, so that nobody can have the
   function look around. Such an address is `https://`, a host exactly as the operator allowed it, and a path, all in
   plain ASCII. There is nothing to parse differently: no user, no port, no literal IP address, no letter in upper case
   before the path, no backslash, no character that has to be encoded. An entry `http://host` allows that host over http
   as well.

What the services would refuse is refused before any call, under their own codes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from facestamp import picture
from facestamp.codes import PHOTO_FORGOTTEN
from facestamp.desk import Sent
from facestamp.errors import ServiceError
from facestamp.http.replies.problems import PARAMETER, UNUSABLE, Problem
from facestamp.http.services import Services
from facestamp.operations import Desk, Photo
from facestamp.picture import Limits, Picture
from facestamp.provenance import forgotten
from facestamp.state import State, photo_name
from facestamp.subject import see

BASE64 = 5 * 1024 * 1024
"""Characters: Tencent's "5 MB" by its larger reading, for between the two it is for Tencent to say, at no cost."""

LONGEST = 8192
"""Characters; a signed address of an object with the longest key has some 4,000."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}"
"""A name with a dot in it, whose last label has a letter: `10.0.0.1` and `[::1]` are none."""
_CHARACTER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})"
_ADDRESS = re.compile(rf"(?P<scheme>https?)://(?P<host>{_HOST})/{_CHARACTER}*(?:\?(?:{_CHARACTER}|\?)*)?", re.ASCII)

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
    name: str = ""
    """What stands for a `key`'s content in the state bucket."""
    modified: float = 0.0
    """When that was written, in COS's seconds."""

    @classmethod
    def of(cls, way: str, named: str, services: Services) -> Source:
        """What is named in this way, `image`, `key` or `url`; raises `Problem`, and `ServiceError` for a `key`."""
        if way == "key":
            return _of_key(named, services)
        return _of_url(named, services) if way == "url" else _of_image(named)

    @property
    def sent(self) -> Sent:
        """The picture for the desk, which sends it when its turn comes, if it is still the same."""
        photo = self.photo
        return Sent(self.address, self.inline, photo.unchanged) if photo else Sent(self.address, self.inline)

    def keep_asked(self, person_id: str, state: State) -> None:
        """Write down for whom it is about to be enrolled, so that whoever has the photo forgotten finds the face."""
        if self.name:
            state.keep_asked(self.name, person_id, self.modified)

    def ask(self, desk: Desk, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Call the face service about the picture; raises `ServiceError`."""
        if self.photo:
            return desk.ask_about(self.photo, action, version, parameters)
        sent = {"Url": self.address()} if self.address else {"Image": self.inline() if self.inline else ""}
        return desk.call(action, version, {**parameters, **sent})


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
    route, cos = services.route(key), services.cos
    bucket = route.bucket
    seen = see(cos.look(bucket, key), bucket, key, cos)
    code, rendering, identity = seen.refusal(), seen.rendering, seen.look.identity
    if code:
        raise refused(code)
    name = photo_name(route.route, bucket, key, identity)

    def unchanged() -> bool:
        # In this order: by the time that a record says no more of when, the stamp does.
        record = services.state.record(name)
        look = cos.look(bucket, key, first=1)
        if record and forgotten(record, look):
            raise ServiceError("cos", "GetObject", PHOTO_FORGOTTEN)
        return look.identity == identity

    photo = Photo(
        bucket=bucket,
        key=key,
        identity=identity,
        as_stored=not rendering,
        url=lambda: cos.address(bucket, key, rendering),
        base64=lambda: base64.b64encode(cos.read(bucket, key, rendering)).decode(),
        unchanged=unchanged,
    )
    return Source(identity, seen.picture, photo, photo.url, photo.base64, name, seen.look.modified)


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


def allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether the face service may be asked to fetch this address; `hosts` are the operator's."""
    match = _ADDRESS.fullmatch(url) if len(url) <= LONGEST else None
    if match is None:
        return False
    host = match["host"]
    return f"http://{host}" in hosts or (match["scheme"] == "https" and host in hosts)
