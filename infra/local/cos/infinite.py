"""Cloud Infinite's administration: which buckets are bound to it, and which have AI content recognition.

A bucket is bound by PUT on its host under `.pic.` or `.ci.`, and let go with `?unbind`. What needs a queue is enabled
on top of that: `/ai_bucket` is for AI content recognition. Documents: binding, COS international 436/74932, and CI
international 1045/48831; recognition, CI international 1045/72920 (enabling), 72921 (asking) and 72922 (disabling).
"""

from __future__ import annotations

from typing import Any, Final

from werkzeug import Response

from infra.local.cos import markup
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.kept import Bucket
from infra.local.cos.markup import Bare

PAGE: Final = 100
"""Buckets on one page at most; 10 where none is asked for."""


def bind(exchange: Exchange) -> Response:
    """Bind a bucket to Cloud Infinite, once more too."""
    bucket = exchange.bucket()
    bucket.processed = True
    content = {"BucketId": bucket.name, "Region": bucket.region}
    return markup.answer("Response", {"RequestId": exchange.request_id, "CIBucket": content})


def unbind(exchange: Exchange) -> Response:
    """Let a bucket go, and what was enabled on it with it."""
    bucket = exchange.bucket()
    bucket.processed = bucket.recognised = False
    return Bare()


def binding(exchange: Exchange) -> Response:
    """Whether a bucket is bound to Cloud Infinite: `on` or `off`, for it takes no time here."""
    return markup.answer("CIStatus", {"#text": "on" if exchange.bucket().processed else "off"})


def enable(exchange: Exchange) -> Response:
    """POST /ai_bucket: turn AI content recognition on for a bound bucket."""
    bucket = exchange.bucket()
    if not bucket.processed:
        raise refuse("InvalidArgument", "The bucket is not bound to Cloud Infinite.")
    bucket.recognised = True
    return markup.answer("Response", {"RequestId": exchange.request_id, "AiBucket": _told(bucket)})


def disable(exchange: Exchange) -> Response:
    """DELETE /ai_bucket: turn it off."""
    bucket = exchange.bucket()
    bucket.recognised = False
    return markup.answer("Response", {"RequestId": exchange.request_id, "BucketName": bucket.name})


def enabled(exchange: Exchange) -> Response:
    """GET /ai_bucket, on a region's own host: the buckets that have it, page by page."""
    target = exchange.target
    regions = [name for name in target.value("regions").split(",") if name] or [target.region]
    names = [name for name in target.value("bucketNames").split(",") if name]
    page, size = _number(exchange, "pageNumber", 1), _number(exchange, "pageSize", 10)
    found = [
        bucket
        for bucket in exchange.store.buckets()
        if bucket.recognised
        and bucket.region in regions
        and (not names or bucket.name in names)
        and bucket.name.startswith(target.value("bucketName"))
    ]
    return markup.answer(
        "Response",
        {
            "RequestId": exchange.request_id,
            "TotalCount": len(found),
            "PageNumber": page,
            "PageSize": size,
            "AiBucketList": [_told(bucket) for bucket in found[(page - 1) * size : page * size]],
        },
    )


def _told(bucket: Bucket) -> dict[str, Any]:
    created = markup.timestamp(bucket.created).replace("Z", "+0000")
    return {"BucketId": bucket.name, "Name": bucket.name, "Region": bucket.region, "CreateTime": created}


def _number(exchange: Exchange, name: str, default: int) -> int:
    text = exchange.target.value(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= (PAGE if name == "pageSize" else 10**6):
        raise refuse("InvalidArgument", f"{name} is a number from 1.")
    return int(text)
