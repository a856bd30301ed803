"""Where objects are: the one seam to moto's S3, which keeps bytes, versions and multipart uploads.

moto is used through its backend rather than through its HTTP application: what COS does differently (suspended
versioning, parts of 1 MB, storage classes, default ACLs) is then said once, in our words, instead of being undone in
translated headers and XML. moto is not thread-safe, and this module owns the lock: take `Store.lock` around every
look and change that must be one step. What moto does not know sits beside its key, in `Facts`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import crcmod
from moto.core.exceptions import ServiceException
from moto.s3 import models

from infra.local.clock import Clock
from infra.local.cos.acl import Acl
from infra.local.cos.errors import refuse
from infra.local.cos.facts import Facts
from infra.local.cos.kept import Beside, Bucket, Upload, Version, version_id

PART_MINIMUM: Final = 1024 * 1024
"""Bytes of the smallest part but the last (COS 436/14518)."""

# moto's own minimum is S3's 5 MB, read from the environment when it is imported.
models.S3_UPLOAD_PART_MIN_SIZE = PART_MINIMUM

# CRC-64/ECMA-182 with the settings of COS international 436/34078, which cos-python-sdk-v5 checks downloads against.
_crc64 = crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=0xFFFFFFFFFFFFFFFF, rev=True)


class Store:
    """All buckets of the account."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        # moto shares its table of bucket names over the whole process, so each store's names get a prefix of its own.
        self._prefix = secrets.token_hex(6)
        self._backend: Any = models.S3Backend("us-east-1", "123456789012")
        self._buckets: dict[str, Bucket] = {}
        self._crcs: OrderedDict[bytes, int] = OrderedDict()
        self._number = 2**64

    def close(self) -> None:
        """Let go of everything; moto's own reset would take other stores of this process along."""
        with self.lock:
            for bucket in self._buckets.values():
                for key in list(bucket.keeper.keys):
                    bucket.keeper.keys.setlist(key, [])
                for upload_id in list(bucket.keeper.multiparts):
                    del bucket.keeper.multiparts[upload_id]
                models.s3_backends.bucket_accounts.pop(bucket.keeper.name, None)
            self._buckets.clear()

    # -- buckets ---------------------------------------------------------------------------------------------

    def create(self, name: str, region: str, acl: Acl) -> Bucket:
        """Make a bucket; raises `Refused` BucketAlreadyOwnedByYou."""
        if name in self._buckets:
            raise refuse("BucketAlreadyOwnedByYou", f"You have a bucket {name} already.")
        keeper = self._backend.create_bucket(f"{self._prefix}-{len(self._buckets)}-{secrets.token_hex(4)}", "us-east-1")
        bucket = self._buckets[name] = Bucket(name, region, self.clock.now(), keeper, acl=acl)
        return bucket

    def bucket(self, name: str, region: str = "") -> Bucket:
        """The bucket; raises `Refused` NoSuchBucket, also for one of another region."""
        bucket = self._buckets.get(name)
        if bucket is None or region not in ("", bucket.region):
            raise refuse("NoSuchBucket", "The specified bucket does not exist.")
        return bucket

    def buckets(self) -> list[Bucket]:
        """Every bucket, by name."""
        return sorted(self._buckets.values(), key=lambda bucket: bucket.name)

    def drop(self, bucket: Bucket) -> None:
        """Delete an empty bucket; raises `Refused` BucketNotEmpty."""
        if bucket.keeper.multiparts or any(bucket.keeper.keys.getlist(key) for key in bucket.keeper.keys):
            raise refuse("BucketNotEmpty", "The bucket you tried to delete is not empty.")
        self._backend.delete_bucket(bucket.keeper.name)
        del self._buckets[bucket.name]

    # -- objects ---------------------------------------------------------------------------------------------

    def put(self, bucket: Bucket, key: str, body: bytes, facts: Facts, etag: str | None = None) -> Version:
        """Write an object: a new version if versioning is enabled, else in place of the `null` one."""
        if key in bucket.locked:
            raise refuse("ObjectLocked", "The object is locked.")
        if facts.encryption.own_etag:
            etag = secrets.token_hex(16)
        # moto would drop every version when versioning is suspended; so it is told that it is on.
        bucket.keeper.versioning_status = "Enabled"
        raw = self._backend.put_object(bucket.keeper.name, key, body, etag=etag, disable_notification=True)
        raw.cos = Beside(facts, self.clock.now(), self._crc(body))
        raw._version_id = self._version_id(bucket)
        if bucket.versioning != "Enabled":
            self._keep_only(bucket, key, lambda version: version is raw or version.version_id != "null")
        return Version.of(raw)

    def restore(self, bucket: Bucket, kept: Version, beside: Beside, body: bytes) -> None:
        """Write a version as it was before, with its id and age, over those that are there. Nobody is notified."""
        bucket.keeper.versioning_status = "Enabled"
        if kept.marker:
            # moto makes a marker of the version below it, and there may be none left.
            alone = not bucket.keeper.keys.getlist(kept.key, default=[])
            if alone:
                self._backend.put_object(bucket.keeper.name, kept.key, b"", disable_notification=True)
            raw = self._backend._set_delete_marker(bucket.keeper.name, kept.key)
            if alone:
                self._keep_only(bucket, kept.key, lambda version: version is raw)
        else:
            etag = kept.etag.strip('"')
            raw = self._backend.put_object(bucket.keeper.name, kept.key, body, etag=etag, disable_notification=True)
        raw.cos, raw._version_id = beside, kept.version_id

    def find(self, bucket: Bucket, key: str, version_id: str = "") -> Version | None:
        """The latest version, or the one named; a delete marker too."""
        versions = bucket.keeper.keys.getlist(key, default=[])
        if version_id:
            versions = [version for version in versions if version.version_id == version_id]
        return Version.of(versions[-1]) if versions else None

    def get(self, bucket: Bucket, key: str, version_id: str = "") -> Version:
        """The latest version, or the one named; raises `Refused` NoSuchKey or NoSuchVersion."""
        found = self.find(bucket, key, version_id)
        if found is None or found.marker:
            if version_id:
                raise refuse("NoSuchVersion", "The specified version does not exist.")
            raise refuse("NoSuchKey", "The specified key does not exist.")
        return found

    def amend(self, version: Version, facts: Facts) -> None:
        """Change what is beside the bytes without writing the object anew: ACL and tags."""
        version.raw.cos = replace(version.raw.cos, facts=facts)

    def delete(self, bucket: Bucket, key: str, version_id: str = "") -> Version | None:
        """Delete for good, or lay a delete marker over a versioned object; gives the marker made or deleted."""
        if key in bucket.locked and (version_id or bucket.versioning != "Enabled"):
            raise refuse("ObjectLocked", "The object is locked.")
        if version_id:
            gone = self.find(bucket, key, version_id)
            self._keep_only(bucket, key, lambda version: version.version_id != version_id)
            return gone if gone is not None and gone.marker else None
        if bucket.versioning != "Enabled":
            self._keep_only(bucket, key, lambda version: version.version_id != "null")
        if not bucket.versioning or not bucket.keeper.keys.getlist(key, default=[]):
            return None
        marker = self._backend._set_delete_marker(bucket.keeper.name, key)
        marker.cos = Beside(Facts(), self.clock.now(), 0)
        marker._version_id = self._version_id(bucket)
        return Version.of(marker)

    def listed(self, bucket: Bucket, prefix: str) -> list[Version]:
        """The latest versions under a prefix that are no markers, by key."""
        keys, _, _, _ = self._backend.list_objects(bucket.keeper, prefix or None, None, None, None)
        return [Version.of(raw) for raw in keys]

    def versions(self, bucket: Bucket, prefix: str) -> Iterator[Sequence[Version]]:
        """For each key under a prefix, by key, its versions and markers, newest first."""
        for key in sorted(key for key in bucket.keeper.keys if key.startswith(prefix)):
            yield [Version.of(raw) for raw in reversed(bucket.keeper.keys.getlist(key))]

    # -- multipart uploads -----------------------------------------------------------------------------------

    def begin(self, bucket: Bucket, key: str, facts: Facts) -> Upload:
        """Begin a multipart upload."""
        raw = self._backend.create_multipart_upload(bucket.keeper.name, key, {}, "STANDARD", {}, None, "", "")
        raw.cos = Beside(facts, self.clock.now(), 0)
        return Upload.of(raw)

    def upload(self, bucket: Bucket, upload_id: str, key: str) -> Upload:
        """An upload under way; raises `Refused` NoSuchUpload."""
        raw = bucket.keeper.multiparts.get(upload_id)
        if raw is None or raw.key_name != key:
            raise refuse("NoSuchUpload", "The specified multipart upload does not exist.")
        return Upload.of(raw)

    def uploads(self, bucket: Bucket) -> list[Upload]:
        """All uploads under way, by key and age."""
        found = [Upload.of(raw) for raw in bucket.keeper.multiparts.values()]
        return sorted(found, key=lambda upload: (upload.key, upload.began))

    def add_part(self, upload: Upload, number: int, body: bytes) -> Version:
        """Write a part, in place of an earlier one of its number."""
        raw = upload.raw.set_part(number, body)
        raw.cos = Beside(Facts(), self.clock.now(), self._crc(body))
        return Version.of(raw)

    def parts(self, upload: Upload) -> list[tuple[int, Version]]:
        """The parts so far, by number."""
        return [(number, Version.of(upload.raw.parts[number])) for number in upload.raw.partlist]

    def complete(self, bucket: Bucket, upload: Upload, parts: Iterable[tuple[int, str]]) -> Version:
        """Join the parts named, by number and ETag; raises `Refused` InvalidPart, EntityTooSmall and so on."""
        try:
            body, etag, _ = upload.raw.complete(parts)
        except ServiceException as error:
            raise refuse(str(error.code), str(error.message)) from error
        version = self.put(bucket, upload.key, body, upload.facts, etag)
        self.abort(bucket, upload)
        return version

    def abort(self, bucket: Bucket, upload: Upload) -> None:
        """Forget an upload and its parts."""
        del bucket.keeper.multiparts[upload.upload_id]

    # -- inside ----------------------------------------------------------------------------------------------

    def _version_id(self, bucket: Bucket) -> str:
        if bucket.versioning != "Enabled":
            return "null"
        self._number = min(self._number - 1, 2**64 - int(self.clock.now() * 1_000_000))
        return version_id(self._number)

    def _keep_only(self, bucket: Bucket, key: str, stays: Callable[[Any], bool]) -> None:
        keys = bucket.keeper.keys
        versions = [version for version in keys.getlist(key, default=[]) if stays(version)]
        if versions:
            keys.setlist(key, versions)
        elif key in keys:
            keys.setlist(key, [])
            dict.pop(keys, key)

    def _crc(self, body: bytes) -> int:
        # Without its C extension crcmod takes seconds for a photo; copies and repeated uploads ask for known content.
        name = hashlib.md5(body, usedforsecurity=False).digest() + len(body).to_bytes(8, "big")
        if name not in self._crcs:
            self._crcs[name] = int(_crc64(body))
            if len(self._crcs) > 4096:
                self._crcs.popitem(last=False)
        return self._crcs[name]


def content_md5(body: bytes) -> str:
    """The MD5 of a body as the Content-MD5 header writes it."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
