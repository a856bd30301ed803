"""What is in a bucket: latest objects, or all versions, page by page, and the account's buckets.

A page shows what is there when it is asked for: a write that was answered is in the next list. Documents: GET Bucket,
COS 436/7734; GET Bucket Object versions, COS international 436/31551; GET Service, COS 436/8291.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

from werkzeug import Response

from infra.local.cos import markup
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.kept import Version, number


class _Page(NamedTuple):
    prefix: str
    delimiter: str
    limit: int
    encoding: str
    encode: Callable[[str], str]

    def folder(self, key: str) -> str:
        """The common prefix that a key is shown as; empty where it is shown as itself."""
        name, found, _ = key[len(self.prefix) :].partition(self.delimiter) if self.delimiter else ("", "", "")
        return self.prefix + name + found if found else ""


def objects(exchange: Exchange) -> Response:
    """GET Bucket (List Objects): keys in UTF-8 order after `marker`, at most 1,000."""
    page, marker = _page(exchange), exchange.target.value("marker")
    entries: dict[str, Version | None] = {}
    for version in exchange.store.listed(exchange.bucket(), page.prefix):
        folder = page.folder(version.key)
        entries[folder or version.key] = None if folder else version
    names = [name for name in entries if name > marker]
    cut = len(names) > page.limit
    shown = [(name, entries[name]) for name in names[: page.limit]]
    response = markup.answer(
        "ListBucketResult",
        {
            "Name": exchange.target.bucket,
            "EncodingType": page.encoding or None,
            "Prefix": page.encode(page.prefix),
            "Marker": page.encode(marker),
            "MaxKeys": page.limit,
            "Delimiter": page.encode(page.delimiter) if page.delimiter else None,
            "IsTruncated": cut,
            "NextMarker": page.encode(shown[-1][0]) if cut and shown else None,
            "CommonPrefixes": [{"Prefix": page.encode(name)} for name, version in shown if version is None],
            "Contents": [_content(exchange, page, version) for _, version in shown if version is not None],
        },
    )
    response.headers["x-cos-bucket-region"] = exchange.target.region
    return response


def versions(exchange: Exchange) -> Response:
    """GET Bucket Object versions: versions and delete markers, newest first within a key."""
    page, target = _page(exchange), exchange.target
    key_marker, version_marker = target.value("key-marker"), target.value("version-id-marker")
    entries: list[tuple[Version, bool]] = []
    folders: set[str] = set()
    for history in exchange.store.versions(exchange.bucket(), page.prefix):
        key = history[0].key
        if page.folder(key):
            folders.add(page.folder(key))
            continue
        if key < key_marker or (key == key_marker and not version_marker):
            continue
        listed = [(version, version is history[0]) for version in history]
        if key == key_marker:
            listed = _after(version_marker, listed)
        entries += listed
    cut = len(entries) > page.limit
    shown = entries[: page.limit]
    last = shown[-1][0] if cut and shown else None
    content: dict[str, Any] = {
        "Name": target.bucket,
        "EncodingType": page.encoding or None,
        "Prefix": page.encode(page.prefix),
        "KeyMarker": page.encode(key_marker),
        "VersionIdMarker": version_marker,
        "MaxKeys": page.limit,
        "IsTruncated": cut,
        "NextKeyMarker": page.encode(last.key) if last else None,
        "NextVersionIdMarker": last.version_id if last else None,
        "Delimiter": page.encode(page.delimiter) if page.delimiter else None,
        "CommonPrefixes": [{"Prefix": page.encode(folder)} for folder in sorted(folders)],
        "Version": [],
        "DeleteMarker": [],
    }
    for version, latest in shown:
        identity = {"VersionId": version.version_id, "IsLatest": latest}
        if version.marker:
            marker = {key: value for key, value in _content(exchange, page, version).items() if key in _MARKER}
            content["DeleteMarker"].append({**marker, **identity})
        else:
            content["Version"].append({**_content(exchange, page, version), **identity})
    return markup.answer("ListVersionsResult", content)


def buckets(exchange: Exchange) -> Response:
    """GET Service (List Buckets), of one region where the host names one."""
    region = exchange.target.region
    shown = [bucket for bucket in exchange.store.buckets() if region in ("", bucket.region)]
    return markup.answer(
        "ListAllMyBucketsResult",
        {
            "Owner": {"ID": f"qcs::cam::uin/{exchange.uin}:uin/{exchange.uin}", "DisplayName": exchange.uin},
            "Buckets": {
                "Bucket": [
                    {
                        "Name": bucket.name,
                        "Location": bucket.region,
                        "CreationDate": markup.timestamp(bucket.created),
                        "BucketType": "cos",
                    }
                    for bucket in shown
                ]
            },
        },
    )


_MARKER = ("Key", "LastModified", "Owner")


def _page(exchange: Exchange) -> _Page:
    target = exchange.target
    limit, encoding = target.value("max-keys") or "1000", target.value("encoding-type")
    if not limit.isdigit():
        raise refuse("InvalidArgument", "max-keys is a number from 0 to 1000.")
    if encoding not in ("", "url"):
        raise refuse("InvalidArgument", "encoding-type is url.")
    encode = (lambda text: quote(text, safe="/")) if encoding else str
    return _Page(target.value("prefix"), target.value("delimiter"), min(int(limit), 1000), encoding, encode)


def _after(marker: str, listed: list[tuple[Version, bool]]) -> list[tuple[Version, bool]]:
    """What comes after a version in its key's list, also where that version has been deleted since."""
    ids = [version.version_id for version, _ in listed]
    if marker in ids:
        return listed[ids.index(marker) + 1 :]
    place = number(marker)
    return [entry for entry in listed if place is None or (number(entry[0].version_id) or 2**64) > place]


def _content(exchange: Exchange, page: _Page, version: Version) -> dict[str, Any]:
    return {
        "Key": page.encode(version.key),
        "LastModified": markup.timestamp(version.modified, milliseconds=True),
        "ETag": version.etag,
        "Size": version.size,
        "Owner": {"ID": exchange.appid, "DisplayName": exchange.appid},
        "StorageClass": version.facts.storage_class,
    }
