"""Objects one at a time: writing, reading, deleting, and what can be changed without writing them anew.

Documents: PUT Object, COS 436/7749; GET Object, COS 436/7753; HEAD Object, COS 436/7745; DELETE Object, COS 436/7743;
DELETE Multiple Objects, COS 436/8289; ACL, COS 436/7744 and 436/7748; tags, COS international 436/35709 to 35711.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Final

from werkzeug import Response

from infra.local.cos import acl, conditions, facts, markup
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.facts import ARCHIVED
from infra.local.cos.kept import Version
from infra.local.cos.markup import Bare
from infra.local.cos.store import content_md5
from infra.local.gateway import Refused

_OVERRIDES: Final = {
    "response-content-type": "Content-Type",
    "response-content-language": "Content-Language",
    "response-expires": "Expires",
    "response-cache-control": "Cache-Control",
    "response-content-disposition": "Content-Disposition",
    "response-content-encoding": "Content-Encoding",
}


def put(exchange: Exchange) -> Response:
    """PUT Object."""
    check_md5(exchange.headers, exchange.body())
    exchange.writable(exchange.target.key)
    kept = with_default_encryption(exchange, facts.from_headers(exchange.headers, exchange.readings.metadata_counts))
    version = exchange.store.put(exchange.bucket(), exchange.target.key, exchange.body(), kept)
    exchange.applied("ObjectCreated:Put", version)
    return Bare(headers=written(version))


def get(exchange: Exchange) -> Response:
    """GET Object: whole, or one range of it."""
    version = exchange.version()
    readable(exchange, version)
    conditions.check_read(exchange.headers, version)
    span = wanted_range(exchange.headers.get("Range", ""), version.size)
    headers = described(version)
    if exchange.identity is not None:
        headers |= {
            header: exchange.target.value(name) for name, header in _OVERRIDES.items() if exchange.target.has(name)
        }
    if span is None:
        return Bare(version.body(), headers=headers)
    first, last = span
    headers["Content-Range"] = f"bytes {first}-{last}/{version.size}"
    return Bare(version.body()[first : last + 1], status=206, headers=headers)


def head(exchange: Exchange) -> Response:
    """HEAD Object, which also answers for archived objects."""
    version = exchange.version()
    facts.unlock(version.facts.encryption, facts.encryption(exchange.headers))
    conditions.check_read(exchange.headers, version)
    return Bare(headers={**described(version), "Content-Length": str(version.size)})


def delete(exchange: Exchange) -> Response:
    """DELETE Object: for good, or by a delete marker where versioning is on. What is not there is deleted as well."""
    asked = exchange.target.value("versionid")
    headers = _delete(exchange, exchange.target.key, asked)
    return Bare(status=204, headers=headers)


def delete_many(exchange: Exchange) -> Response:
    """DELETE Multiple Objects: up to 1,000, each answered for itself."""
    asked = markup.read(exchange.body(), "Delete", lists=("Object",))
    objects = asked.get("Object") or []
    if len(objects) > 1000:
        raise refuse("MalformedXML", "At most 1000 objects are deleted at once.")
    deleted: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for one in objects:
        key, version_id = str(one.get("Key") or ""), str(one.get("VersionId") or "")
        named = {"Key": key, "VersionId": version_id or None}
        try:
            exchange.may("cos:DeleteObject", f"{exchange.target.bucket}/{key}")
            headers = _delete(exchange, key, version_id)
        except Refused as refused:
            errors.append({**named, "Code": refused.code, "Message": refused.message})
            continue
        if "x-cos-delete-marker" in headers:
            named |= {"DeleteMarker": "true", "DeleteMarkerVersionId": headers["x-cos-version-id"]}
        deleted.append(named)
    quiet = str(asked.get("Quiet", "false")).lower() == "true"
    return markup.answer("DeleteResult", {"Deleted": [] if quiet else deleted, "Error": errors})


def get_acl(exchange: Exchange) -> Response:
    """GET Object acl; an object without a list of its own says `x-cos-acl: default` and shows its bucket's."""
    own = exchange.version().facts.acl
    response = markup.answer("AccessControlPolicy", acl.to_xml(own, exchange.uin))
    response.headers["x-cos-acl"] = own.canned
    return response


def put_acl(exchange: Exchange) -> Response:
    """PUT Object acl, by headers or by a document; the object's bytes and times stay."""
    version = exchange.version()
    asked = acl.from_headers(exchange.headers)
    if asked is None:
        asked = acl.from_xml(exchange.body(), exchange.uin) if exchange.body() else acl.DEFAULT
    exchange.store.amend(version, replace(version.facts, acl=asked))
    return Bare()


def get_tagging(exchange: Exchange) -> Response:
    """GET Object tagging; NoSuchTagSet where there are none."""
    tags = exchange.version().facts.tags
    if not tags:
        raise Refused("NoSuchTagSet", "The TagSet does not exist.", 404)
    return markup.answer("Tagging", {"TagSet": {"Tag": [{"Key": key, "Value": value} for key, value in tags]}})


def put_tagging(exchange: Exchange) -> Response:
    """PUT Object tagging, which replaces all tags and does not write the object anew."""
    version = exchange.version()
    tagging = markup.read(exchange.body(), "Tagging", lists=("Tag",))
    tags = [
        (str(t.get("Key") or ""), str(t.get("Value") or "")) for t in (tagging.get("TagSet") or {}).get("Tag") or ()
    ]
    exchange.store.amend(version, replace(version.facts, tags=facts.checked_tags(tags)))
    return Bare()


def delete_tagging(exchange: Exchange) -> Response:
    """DELETE Object tagging."""
    version = exchange.version()
    exchange.store.amend(version, replace(version.facts, tags=()))
    return Bare(status=204)


def readable(exchange: Exchange, version: Version) -> None:
    """Raise `Refused` where the bytes cannot be read: archived, or under a key that was not sent."""
    if version.facts.storage_class in ARCHIVED:
        raise refuse("InvalidObjectState", "The operation is not valid for the object's storage class.")
    facts.unlock(version.facts.encryption, facts.encryption(exchange.headers))


def described(version: Version) -> dict[str, str]:
    """The headers of a GET or HEAD."""
    return {
        **facts.shown(version.facts),
        **written(version),
        "Last-Modified": formatdate(int(version.modified), usegmt=True),
        "Accept-Ranges": "bytes",
    }


def written(version: Version) -> dict[str, str]:
    """The headers that every answer about a version has, a write's too."""
    headers = {"ETag": version.etag, "x-cos-hash-crc64ecma": str(version.crc64)}
    if version.version_id != "null":
        headers["x-cos-version-id"] = version.version_id
    return headers | facts.encryption_headers(version.facts.encryption)


def wanted_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte of the one range asked for; None for the whole. Raises `Refused` InvalidRange."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(size - int(match[2]), 0), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if match[1] and match[2] and int(match[2]) < first:
        return None
    if first >= size or (not match[1] and int(match[2]) == 0):
        raise refuse("InvalidRange", "The requested range cannot be satisfied.")
    return first, last


def check_md5(headers: Mapping[str, str], body: bytes) -> None:
    """Raise `Refused` InvalidDigest or BadDigest where Content-MD5 is not the body's."""
    given = headers.get("Content-MD5")
    if given is None:
        return
    try:
        valid = len(base64.b64decode(given, validate=True)) == 16
    except (binascii.Error, ValueError):
        valid = False
    if not valid:
        raise refuse("InvalidDigest", "The Content-MD5 you specified is not valid.")
    if given != content_md5(body):
        raise refuse("BadDigest", "The Content-MD5 you specified did not match what we received.")


def with_default_encryption(exchange: Exchange, kept: facts.Facts) -> facts.Facts:
    """The facts, encrypted as the bucket says where the request says nothing (COS international 436/33459)."""
    setting = exchange.bucket().settings.get("encryption", b"")
    algorithm = re.search(rb"<SSEAlgorithm>\s*([\w/]+)\s*</SSEAlgorithm>", setting)
    if algorithm is None or kept.encryption.algorithm:
        return kept
    named = "AES256" if algorithm[1] == b"AES256" else "cos/kms"
    return replace(kept, encryption=facts.Encryption(named, "cos-default-key" if named == "cos/kms" else ""))


def _delete(exchange: Exchange, key: str, version_id: str) -> dict[str, str]:
    bucket = exchange.bucket()
    found = exchange.store.find(bucket, key, version_id)
    marker = exchange.store.delete(bucket, key, version_id)
    laid = marker is not None and not version_id
    if laid:
        exchange.applied("ObjectRemove:DeleteMarkerCreated", marker, key)
    elif found is not None:
        exchange.applied("ObjectRemove:Delete", replace(found, size=0), key)
    headers = {"x-cos-version-id": version_id} if version_id else {}
    if marker is not None:
        headers = {"x-cos-version-id": marker.version_id, "x-cos-delete-marker": "true"}
    return headers
