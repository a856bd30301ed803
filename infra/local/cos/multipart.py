"""Objects that are uploaded in parts. Documents: COS 436/7746, 7750, 8287, 7742, 7740, 7747 and 7736."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final
from urllib.parse import quote

from werkzeug import Response

from infra.local.cos import copying, facts, markup, objects
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.kept import Upload
from infra.local.cos.markup import Bare

PARTS: Final = 10_000
"""Parts of one upload, numbered from 1."""


def initiate(exchange: Exchange) -> Response:
    """Initiate Multipart Upload: its headers become the object's."""
    target = exchange.target
    exchange.writable(target.key)
    kept = facts.from_headers(exchange.headers, exchange.readings.metadata_counts)
    kept = objects.with_default_encryption(exchange, kept)
    upload = exchange.store.begin(exchange.bucket(), target.key, kept)
    response = markup.answer(
        "InitiateMultipartUploadResult", {"Bucket": target.bucket, "Key": target.key, "UploadId": upload.upload_id}
    )
    response.headers.update(facts.encryption_headers(kept.encryption))
    return response


def upload_part(exchange: Exchange) -> Response:
    """Upload Part."""
    objects.check_md5(exchange.headers, exchange.body())
    part = exchange.store.add_part(_upload(exchange), _number(exchange), exchange.body())
    return Bare(headers={"ETag": part.etag, "x-cos-hash-crc64ecma": str(part.crc64)})


def copy_part(exchange: Exchange) -> Response:
    """Upload Part - Copy: a part that is an object, or a range of one."""
    upload, number = _upload(exchange), _number(exchange)
    found = copying.fetch(exchange, copying.source(exchange.headers["x-cos-copy-source"]))
    span = objects.wanted_range(exchange.headers.get("x-cos-copy-source-range", ""), found.size)
    body = found.body() if span is None else found.body()[span[0] : span[1] + 1]
    part = exchange.store.add_part(upload, number, body)
    modified = markup.timestamp(part.modified)
    return markup.answer("CopyPartResult", {"ETag": part.etag, "LastModified": modified, "CRC64": part.crc64})


def complete(exchange: Exchange) -> Response:
    """Complete Multipart Upload: the parts named, in ascending order, become the object."""
    upload = _upload(exchange)
    exchange.writable(exchange.target.key)
    named = markup.read(exchange.body(), "CompleteMultipartUpload", lists=("Part",)).get("Part") or []
    try:
        parts = [(int(part["PartNumber"]), str(part["ETag"])) for part in named]
    except (KeyError, TypeError, ValueError):
        raise refuse("MalformedXML", "A Part has a PartNumber and an ETag.") from None
    if any(one >= other for (one, _), (other, _) in pairwise(parts)):
        raise refuse("InvalidPartOrder", "The parts are not in ascending order.")
    version = exchange.store.complete(exchange.bucket(), upload, parts)
    exchange.applied("ObjectCreated:CompleteMultipartUpload", version)
    target = exchange.target
    response = markup.answer(
        "CompleteMultipartUploadResult",
        {
            "Location": f"http://{target.host}/{quote(target.key)}",
            "Bucket": target.bucket,
            "Key": target.key,
            "ETag": version.etag,
        },
    )
    response.headers.update({name: value for name, value in objects.written(version).items() if name != "ETag"})
    return response


def abort(exchange: Exchange) -> Response:
    """Abort Multipart Upload."""
    exchange.store.abort(exchange.bucket(), _upload(exchange))
    return Bare(status=204)


def list_parts(exchange: Exchange) -> Response:
    """List Parts."""
    target, upload = exchange.target, _upload(exchange)
    marker = _count(target.value("part-number-marker"), 0)
    limit = min(_count(target.value("max-parts"), 1000), 1000)
    parts = [(number, part) for number, part in exchange.store.parts(upload) if number > marker]
    cut = len(parts) > limit
    return markup.answer(
        "ListPartsResult",
        {
            "Bucket": target.bucket,
            "Key": target.key,
            "UploadId": upload.upload_id,
            "Initiator": _owner(exchange),
            "Owner": _owner(exchange),
            "StorageClass": upload.facts.storage_class,
            "PartNumberMarker": marker,
            "NextPartNumberMarker": parts[limit - 1][0] if cut and limit else None,
            "MaxParts": limit,
            "IsTruncated": cut,
            "Part": [
                {
                    "PartNumber": number,
                    "LastModified": markup.timestamp(part.modified, milliseconds=True),
                    "ETag": part.etag,
                    "Size": part.size,
                }
                for number, part in parts[:limit]
            ],
        },
    )


def list_uploads(exchange: Exchange) -> Response:
    """List Multipart Uploads: all of a prefix at once."""
    prefix = exchange.target.value("prefix")
    return markup.answer(
        "ListMultipartUploadsResult",
        {
            "Bucket": exchange.target.bucket,
            "Prefix": prefix,
            "MaxUploads": 1000,
            "IsTruncated": False,
            "Upload": [
                {
                    "Key": upload.key,
                    "UploadId": upload.upload_id,
                    "Initiator": _owner(exchange),
                    "Owner": _owner(exchange),
                    "StorageClass": upload.facts.storage_class,
                    "Initiated": markup.timestamp(upload.began, milliseconds=True),
                }
                for upload in exchange.store.uploads(exchange.bucket())
                if upload.key.startswith(prefix)
            ],
        },
    )


def _upload(exchange: Exchange) -> Upload:
    return exchange.store.upload(exchange.bucket(), exchange.target.value("uploadid"), exchange.target.key)


def _number(exchange: Exchange) -> int:
    number = _count(exchange.target.value("partnumber"), 0)
    if not 1 <= number <= PARTS:
        raise refuse("InvalidArgument", f"A part's number is 1 to {PARTS}.")
    return number


def _count(text: str, default: int) -> int:
    if text and not text.isdigit():
        raise refuse("InvalidArgument", f"{text} is not a number.")
    return int(text) if text else default


def _owner(exchange: Exchange) -> dict[str, Any]:
    owner = f"qcs::cam::uin/{exchange.uin}:uin/{exchange.uin}"
    return {"ID": owner, "DisplayName": exchange.uin}
