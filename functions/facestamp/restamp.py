"""Putting the stamp on: a conditional copy of the object onto itself that restates all that is the uploader's.

A self-copy with `Replaced` drops every header that is not sent again, and resets storage class, ACL and encryption
whatever the directive (COS 436/10881). Tags stay by default, so the documents read; they are restated all the same,
and so the other reading holds too. The copy goes through only if the content is still the one that was looked at and
nobody wrote metadata since: If-Match and If-Unmodified-Since. How COS combines the two is not documented; should
If-Match alone decide, or two writes fall into one second, then a metadata-only writer between our look and our copy
loses to us. So does whoever changes nothing but the ACL or the tags meanwhile, for that moves no date. That window is
as long as the face calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import quote, urlencode

from facestamp import stamp
from facestamp.asking import CHANGED
from facestamp.cos import SSE_C, Cos, Look
from facestamp.errors import ServiceError
from facestamp.stamp import Stamp
from facestamp.subject import still

_STANDARD = (
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
)
_KEPT = (
    *_STANDARD,
    "x-cos-storage-class",
    "x-cos-server-side-encryption",
    "x-cos-server-side-encryption-cos-kms-key-id",
    "x-cos-server-side-encryption-context",
    "x-cos-website-redirect-location",
)
_ARCHIVED = ("ARCHIVE", "DEEP_ARCHIVE")
_LARGEST_COPY = 5 * 1024**3


Written = Literal["stamped", "recorded", "already", "forgotten", "gone"]
"""`recorded`: COS takes no stamp on this object; `forgotten`: somebody had the photo forgotten meanwhile; `gone`: it
has changed, or is deleted.
"""


class Unstampable(Exception):
    """COS would not take a stamp on this object; the record alone has to do. Says why."""


def obstacle(look: Look) -> str:
    """Why the object cannot be stamped, as far as its headers tell; empty if it can."""
    if look.headers.get("x-cos-storage-class", "").upper() in _ARCHIVED:
        return "archived"
    if SSE_C in look.headers:
        return "encrypted with the uploader's own key"
    return "larger than one copy may be" if look.length > _LARGEST_COPY else ""


def put(cos: Cos, bucket: str, key: str, told: Stamp, look: Look, acl: Callable[[], Mapping[str, str]]) -> Written:
    """Put the stamp on the object that was looked at, whoever writes its metadata meanwhile. Raises `ServiceError`."""
    for _ in range(3):
        lines = stamp.write(told, stamp.room_beside(look.headers))
        there = {name: value for name, value in look.headers.items() if name in stamp.NAMES}
        if obstacle(look):
            return "recorded"
        if lines is None and not there:
            return "recorded" if still(cos, bucket, key, told.identity) else "gone"
        if there == lines:
            return "already"
        try:
            # Where there is no room for a stamp, one that came with the upload goes all the same.
            restamp(cos, bucket, key, look, lines or {}, acl())
            return "stamped" if lines else "recorded"
        except Unstampable:
            return "recorded"
        except ServiceError as error:
            if error.code not in CHANGED:
                raise
            refused = error
        now = still(cos, bucket, key, told.identity)
        if now is None:
            return "gone"
        newer = stamp.read(now.headers)
        if newer and (newer.identity, newer.status) == (told.identity, "forgotten") != (told.identity, told.status):
            return "forgotten"
        # Whoever wrote it anew may have given it another ACL.
        look, acl = now, lambda: cos.acl(bucket, key)
    raise refused


def restamp(cos: Cos, bucket: str, key: str, look: Look, lines: Mapping[str, str], acl: Mapping[str, str]) -> None:
    """Copy the object onto itself with its own headers and the stamp's lines.

    Raises `Unstampable`, or `ServiceError`: 412 PreconditionFailed and 404 NoSuchKey mean that the photo has changed.
    """
    headers: dict[str, str | bytes] = {
        name: _raw(value) for name, value in look.headers.items() if name in _KEPT and value
    }
    headers.update({name: _raw(value) for name, value in stamp.foreign(look.headers).items()})
    headers.update(lines)
    headers.update(acl)
    if int(look.headers.get("x-cos-tagging-count", "0")):
        headers["x-cos-tagging-directive"] = "Replaced"
        # A space in a tag must not become a plus, which is a letter of its own there.
        headers["x-cos-tagging"] = urlencode(cos.tags(bucket, key), quote_via=quote)
    headers["x-cos-copy-source-If-Match"] = look.etag
    if "last-modified" in look.headers:
        headers["x-cos-copy-source-If-Unmodified-Since"] = look.headers["last-modified"]
    try:
        cos.copy_onto_itself(bucket, key, headers)
    except ServiceError as error:
        if error.code in ("ObjectLocked", "InvalidObjectState"):
            raise Unstampable(error.code) from None
        raise


def _raw(value: str) -> str | bytes:
    """A header's value as it came: names and descriptions may be raw UTF-8, which the HTTP library reads as Latin-1."""
    return value if value.isascii() else value.encode("latin-1")
