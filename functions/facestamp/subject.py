"""The object that an event or a request is about, as one look shows it, and whether the services could take it.

What the services would refuse is refused here, at no cost. What they could not take as it is (a phone's photo is often
too large) they are sent as a rendering by Cloud Infinite: upright, smaller, a JPG. So is a photo that EXIF turns, for
which frame the services then answer in is not documented.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from facestamp import picture
from facestamp.ahead import Ahead
from facestamp.cos import SSE_C, Cos, Look
from facestamp.errors import ServiceError
from facestamp.operations.base import plan
from facestamp.picture import Picture
from facestamp.settings import Settings
from facestamp.state import photo_name

RENDERING = "imageMogr2/auto-orient/thumbnail/4000x4000>/strip/format/jpg/quality/85/size-limit/3600k"
"""As large as the services take it: 4,000 px a side, and under 5 MB in base64 (COS 436/44880, 436/42704)."""

RENDERED_BYTES = 32 * 1024 * 1024
"""Cloud Infinite renders no larger photo (CI 460/36365)."""

_FURTHER = 4 * 1024 * 1024
"""How far to read on where the dimensions lie behind an unusually large profile."""


class Named(Protocol):
    """Which object: an event's record, or `Exactly` one."""

    @property
    def bucket(self) -> str:
        """The full bucket name, with the appid."""

    @property
    def keys(self) -> tuple[str, ...]:
        """What its key may be, the likeliest first."""

    @property
    def brought(self) -> frozenset[str] | None:
        """The names of all metadata that came with its upload, in lower case; None where nobody says."""


class Exactly(NamedTuple):
    """One object by its own key. What its upload brought is not known, so its stamp counts if the record says it."""

    bucket: str
    key: str
    brought: frozenset[str] | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The key."""
        return (self.key,)


@dataclass(frozen=True)
class Seen:
    """An object as one request shows it."""

    look: Look
    picture: Picture

    @property
    def rendering(self) -> str:
        """What Cloud Infinite must make of the photo before the services look at it; empty if nothing."""
        fits = picture.fits(self.picture, self.look.length) and self.picture.orientation == 1
        return "" if fits else RENDERING

    def refusal(self) -> str:
        """The code with which the services would refuse the photo, or that says why they cannot see it; or empty."""
        if SSE_C in self.look.headers:
            return "SsecDecryptHeaderInvalid"
        if self.look.length and not self.look.first:
            return "InvalidObjectState"
        code = picture.refusal(self.picture, self.look.length)
        if not code and self.rendering and self.look.length > RENDERED_BYTES:
            return "FailedOperation.ImageSizeExceed"
        return code or ""


@dataclass(frozen=True)
class Subject(Seen):
    """One object of the route, as this invocation met it."""

    key: str
    person_id: str
    plan: str
    photo: str
    """What stands for this content of this photo in the state bucket."""
    acl: Ahead


def see(look: Look, bucket: str, key: str, cos: Cos) -> Seen:
    """What the look tells of the picture; one request more where its dimensions lie far inside."""
    seen = picture.examine(look.first)
    if picture.wants_more(seen, look.length):
        seen = picture.examine(cos.look(bucket, key, _FURTHER).first)
    return Seen(look, seen)


def find(named: Named, settings: Settings, cos: Cos, pool: ThreadPoolExecutor) -> Subject | None:
    """Look at the object; None if it is not one of the route's photos. Raises `ServiceError`, such as NoSuchKey."""
    keys = [key for key in named.keys if settings.takes(key)]
    if named.bucket != settings.bucket or not keys:
        return None
    return met(*_found(keys, settings.bucket, cos), settings, cos, pool)


def met(key: str, look: Look, settings: Settings, cos: Cos, pool: ThreadPoolExecutor) -> Subject:
    """What a look at the object of this key makes of it; `look` has its first 64 KB. Raises `ServiceError`."""
    person_id = settings.person(key)
    return Subject(
        key=key,
        look=look,
        picture=see(look, settings.bucket, key, cos).picture,
        person_id=person_id,
        plan=plan(settings.operations, person_id),
        photo=photo_name(settings.route, settings.bucket, key, look.identity),
        acl=Ahead(pool, lambda: cos.acl(settings.bucket, key)),
    )


def still(cos: Cos, bucket: str, key: str, identity: str) -> Look | None:
    """The object as it is now, if it still has this content."""
    try:
        look = cos.look(bucket, key, first=1)
    except ServiceError as error:
        if error.code != "NoSuchKey":
            raise
        return None
    return look if look.identity == identity else None


def _found(keys: list[str], bucket: str, cos: Cos) -> tuple[str, Look]:
    """The first of these spellings of the key that exists."""
    *others, last = keys
    for key in others:
        try:
            return key, cos.look(bucket, key)
        except ServiceError as error:
            if error.code != "NoSuchKey":
                raise
    return last, cos.look(bucket, last)
