"""COS events, as far as they can be relied upon (SCF 583/9707).

The documents and the samples disagree on the key's encoding, the region's form and the event's name, and an upload's
event may come twice, late, or merged with others. So an event only says which object to look at: what counts is read
from the object. It also carries the uploader's signature, so nothing of an event is ever logged as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

_REGION_LABELS = ("cos", "cos-internal")


class _Model(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, populate_by_name=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, given: Any) -> Any:
        return {k: v for k, v in given.items() if v is not None} if isinstance(given, Mapping) else given


class CosObject(_Model):
    """The object that the event is about."""

    key: str
    """`/<appid>/<bucket without appid>/<object key>`; very old events have the object key alone."""
    url: str = ""
    meta: Mapping[str, Any] | None = None
    """The request's Content-Type and x-cos-meta-*, where the event has them."""
    vid: str = ""
    """Version id; empty where versioning is off."""

    @field_validator("meta", mode="before")
    @classmethod
    def _names_at_least(cls, meta: Any) -> Any:
        return meta if isinstance(meta, Mapping) else None


class CosBucket(_Model):
    """The bucket: its name without, and its appid."""

    name: str
    appid: Annotated[str, Field(coerce_numbers_to_str=True)]
    region: str = ""
    """A short code (`gz`) in the documents, a long form in some samples."""
    s3_region: str = Field("", alias="s3Region")
    cos_region: str = Field("", alias="cosRegion")


class Cos(_Model):
    """Where."""

    object: CosObject = Field(alias="cosObject")
    bucket: CosBucket = Field(alias="cosBucket")


class What(_Model):
    """What happened; the name may be the subscribed pattern rather than the event's own."""

    name: str = Field("", alias="eventName")
    time: int | float | str = Field(0, alias="eventTime")


class Upload(_Model):
    """One record of a COS event."""

    cos: Cos
    event: What = What.model_construct()

    @property
    def bucket(self) -> str:
        """The full bucket name, with the appid."""
        return f"{self.cos.bucket.name}-{self.cos.bucket.appid}"

    @property
    def keys(self) -> tuple[str, ...]:
        """What the object's key may be: as it stands, or percent-decoded, the one that the address supports first."""
        raw = self.cos.object.key
        parts = raw.split("/", 3)
        long_form = len(parts) == 4 and parts[0] == "" and parts[1] == self.cos.bucket.appid
        key = parts[3] if long_form else raw.lstrip("/")
        decoded = unquote(key)
        if decoded == key:
            return (key,)
        addressed = unquote(_split(self.cos.object.url).path).lstrip("/")
        return (decoded, key) if addressed == decoded else (key, decoded)

    @property
    def brought(self) -> frozenset[str] | None:
        """The names of all metadata that came with the upload; None where the event may not list it.

        A multipart upload's event may list none, and no document says that a form's fields are listed.
        """
        if self.cos.object.meta is None or self.event.name.endswith(":Post"):
            return None
        return frozenset(name.lower() for name in self.cos.object.meta)

    def region(self, context: Mapping[str, Any], environment: Mapping[str, str]) -> str:
        """The bucket's region in its long form; a trigger and its bucket are always in the function's region."""
        told = (context.get("tencentcloud_region"), environment.get("TENCENTCLOUD_REGION"))
        bucket = self.cos.bucket
        for region in (*told, bucket.s3_region, bucket.cos_region, _region_of(self.cos.object.url), bucket.region):
            if region and "-" in region:
                return str(region)
        return bucket.region


class Unreadable(ValueError):
    """An event, or one record of it, is not of any shape that is known."""


def records(event: object) -> list[Upload | Unreadable]:
    """The event's records in order, each parsed on its own; raises `Unreadable` where there are none to parse."""
    found = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(found, list) or not found:
        raise Unreadable("the event has no list of Records: bind this function to COS triggers only")
    return [_record(record) for record in found]


def _record(record: object) -> Upload | Unreadable:
    try:
        return Upload.model_validate(record)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return Unreadable(f"the record's {where or 'shape'} is not as documented for COS events")


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _region_of(url: str) -> str:
    labels = (_split(url).hostname or "").split(".")
    for label, following in pairwise(labels):
        if label in _REGION_LABELS:
            return following
    return ""
