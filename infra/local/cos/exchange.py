"""One request while it is being answered: who asks for what, and what the handlers of all rooms need to answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from requests.structures import CaseInsensitiveDict
from werkzeug import Request

from infra.local.cos.acl import Acl, from_headers
from infra.local.cos.errors import refuse
from infra.local.cos.kept import Bucket, Version
from infra.local.cos.store import Store
from infra.local.cos.target import Target
from infra.local.events import ObjectEvent
from infra.local.gateway import Refused
from infra.local.readings import Readings

if TYPE_CHECKING:
    from infra.local.cam import Identity

KEY_LIMIT = 850
"""Bytes of UTF-8 in a key (COS 436/13324)."""
UNDERSCORED = "infra.local.underscored"
"""Where the gateway's server leaves headers with a `_` in their names, which WSGI has no place for."""


@dataclass
class Exchange:
    """A request, understood and known; handlers take it and give a response."""

    request: Request
    target: Target
    headers: CaseInsensitiveDict[str]
    identity: Identity | None
    store: Store
    readings: Readings
    uin: str
    appid: str
    request_id: str
    may: Callable[[str, str], None]
    """`may("cos:GetObject", "<bucket>/<key>")` raises `Refused` AccessDenied unless the caller may."""
    events: list[ObjectEvent] = field(default_factory=list)
    """What has been applied, for the cloud to be told once the answer is made."""

    def bucket(self) -> Bucket:
        """The bucket; raises `Refused` NoSuchBucket."""
        return self.store.bucket(self.target.bucket, self.target.region)

    def version(self) -> Version:
        """The object, or the version of it that the query names; raises `Refused` NoSuchKey or NoSuchVersion."""
        return self.store.get(self.bucket(), self.target.key, self.target.value("versionid"))

    def body(self) -> bytes:
        """The request's body."""
        return self.request.get_data()

    def applied(self, event: str, version: Version | None, key: str | None = None) -> None:
        """Remember that `event` (`ObjectCreated:Put`) happened to an object."""
        facts = version.facts if version is not None and not version.marker else None
        bucket = self.bucket()
        numbered = version is not None and version.version_id != "null"
        self.events.append(
            ObjectEvent(
                bucket=bucket.name,
                key=self.target.key if key is None else key,
                event=f"cos:{event}",
                size=version.size if version is not None else 0,
                region=bucket.region,
                meta={"Content-Type": facts.headers["Content-Type"], **facts.meta} if facts else {},
                version_id=version.version_id if version is not None and numbered else "",
                request_id=self.request_id,
                source_ip=self.request.remote_addr or "127.0.0.1",
                headers=dict(self.headers),
                at=self.store.clock.now(),
            )
        )

    def writable(self, key: str) -> None:
        """Raise `Refused` unless an object of this key may be written by this request.

        A write that also sets an ACL or tags needs the permission for that too, if `Readings` say so.
        """
        check_key(key)
        bucket = self.bucket()
        acl: Acl | None = from_headers(self.headers)
        if self.readings.headers_need_permissions:
            if acl is not None and not acl.is_default:
                self.may("cos:PutObjectACL", f"{bucket.name}/{key}")
            if self.headers.get("x-cos-tagging"):
                self.may("cos:PutObjectTagging", f"{bucket.name}/{key}")
        # It does nothing in a bucket that ever had versioning.
        if self.headers.get("x-cos-forbid-overwrite", "").lower() == "true" and not bucket.versioning:
            found = self.store.find(bucket, key)
            if found is not None and not found.marker:
                raise refuse("FileAlreadyExists", "The object you specified already exists and can not be overwritten.")


def check_key(key: str) -> None:
    """Raise `Refused` for what cannot be a key: empty, over 850 bytes, not UTF-8, or begun with `/` or `\\`."""
    try:
        size = len(key.encode())
    except UnicodeEncodeError:
        raise refuse("InvalidURI", "The key is not UTF-8.") from None
    if size > KEY_LIMIT:
        raise refuse("KeyTooLong", f"Your key has {size} bytes, more than {KEY_LIMIT}.")
    if not key or key[0] in "/\\":
        raise refuse("InvalidObjectName", "A key is not empty, and does not begin with / or \\.")


def headers_of(request: Request) -> CaseInsensitiveDict[str]:
    """The request's headers, those with a `_` in their names too."""
    found: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in request.headers.items():
        found[name] = value
    for name, value in request.environ.get(UNDERSCORED, {}).items():
        found[name] = value
    return found


__all__ = ["KEY_LIMIT", "UNDERSCORED", "Exchange", "Refused", "check_key", "headers_of"]
