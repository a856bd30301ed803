"""PUT Object - Copy, which is also how metadata is changed, and with it everything that such a change may lose.

1. The source is named by host, key and perhaps version; reading it is a permission of its own.
2. It must be as the conditions want it, and readable: not archived, and under SSE-C only with its key.
3. The copy's facts are the source's headers and metadata or, `Replaced`, the request's; storage class, ACL and
   encryption are the request's in either case, and fall back to STANDARD, default and none.
4. The bytes are written anew: a multipart ETag becomes a plain one, and the time moves on.

A copy onto itself must be `Replaced`, and its source's latest version is what is copied unless one is named. Document:
COS 436/10881.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, NamedTuple
from urllib.parse import unquote

from werkzeug import Response

from infra.local.cos import conditions, facts, markup, objects
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.facts import ARCHIVED, Facts
from infra.local.cos.kept import Version
from infra.local.cos.target import HOSTS

LIMIT: Final = 5 * 1024**3
"""Bytes that one copy takes; more needs UploadPartCopy."""
_HOST = re.compile(HOSTS)


class Source(NamedTuple):
    """What is to be copied."""

    bucket: str
    region: str
    key: str
    version_id: str

    @property
    def resource(self) -> str:
        """`<bucket>/<key>`."""
        return f"{self.bucket}/{self.key}"


def source(header: str) -> Source:
    """The source that x-cos-copy-source names; raises `Refused` InvalidCopySource."""
    path, _, query = header.partition("?")
    host, _, key = path.partition("/")
    match = _HOST.fullmatch(host)
    if match is None or not match["bucket"] or not key:
        raise refuse("InvalidCopySource", "x-cos-copy-source is <bucket>.cos.<region>.myqcloud.com/<key>.")
    version_id = next((v for n, _, v in (p.partition("=") for p in query.split("&")) if n.lower() == "versionid"), "")
    return Source(match["bucket"], match["region"], unquote(key, errors="surrogateescape"), version_id)


def copy(exchange: Exchange) -> Response:
    """PUT Object - Copy."""
    named = source(exchange.headers["x-cos-copy-source"])
    found = fetch(exchange, named)
    replaced = _directive(exchange, "x-cos-metadata-directive")
    target = (exchange.target.bucket, exchange.target.key)
    if (named.bucket, named.key) == target and not replaced and not named.version_id:
        raise refuse("InvalidRequest", "A copy onto itself changes nothing without x-cos-metadata-directive: Replaced.")
    exchange.writable(exchange.target.key)
    kept = objects.with_default_encryption(exchange, _facts(exchange, named, found, replaced))
    version = exchange.store.put(exchange.bucket(), exchange.target.key, found.body(), kept)
    exchange.applied("ObjectCreated:Copy", version)
    numbered = version.version_id if version.version_id != "null" else None
    response = markup.answer(
        "CopyObjectResult",
        {
            "ETag": version.etag,
            "CRC64": version.crc64,
            "LastModified": markup.timestamp(version.modified),
            "VersionId": numbered,
        },
    )
    response.headers.update({name: value for name, value in objects.written(version).items() if name != "ETag"})
    if named.version_id:
        response.headers["x-cos-copy-source-version-id"] = named.version_id
    return response


def fetch(exchange: Exchange, named: Source) -> Version:
    """The source, if the caller may read it and it is as the conditions want it."""
    exchange.may("cos:GetObject", named.resource)
    found = exchange.store.find(exchange.store.bucket(named.bucket, named.region), named.key, named.version_id)
    if found is None or found.marker:
        if named.version_id:
            raise refuse("NoSuchVersion", "The specified version does not exist.")
        raise refuse("NoSuchCopySource", "The specified copy source does not exist.")
    conditions.check_copy(exchange.headers, found, exchange.readings)
    if found.facts.storage_class in ARCHIVED:
        raise refuse("InvalidObjectState", "The operation is not valid for the source object's storage class.")
    offered = facts.encryption(exchange.headers, "x-cos-copy-source-server-side-encryption")
    facts.unlock(found.facts.encryption, offered)
    if found.size > LIMIT:
        raise refuse("EntityTooLarge", "A copy takes at most 5 GB.")
    return found


def _facts(exchange: Exchange, named: Source, found: Version, replaced: bool) -> Facts:
    asked = facts.from_headers(exchange.headers, exchange.readings.metadata_counts)
    if not replaced:
        asked = replace(asked, headers=found.facts.headers, meta=found.facts.meta)
    if not _directive(exchange, "x-cos-tagging-directive"):
        itself = (named.bucket, named.key) == (exchange.target.bucket, exchange.target.key)
        asked = replace(asked, tags=found.facts.tags if exchange.readings.copy_keeps_tags or not itself else ())
    return asked


def _directive(exchange: Exchange, header: str) -> bool:
    asked = exchange.headers.get(header) or "Copy"
    if asked not in ("Copy", "Replaced"):
        raise refuse("InvalidArgument", f"{header} is Copy or Replaced.")
    return asked == "Replaced"
