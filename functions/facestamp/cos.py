"""The one seam to object storage: cos-python-sdk-v5, and with it Cloud Infinite, which shares COS's hosts.

Each method is one request (a retried one counts as the same). Errors come out as `facestamp.errors.ServiceError`,
addresses and keys stay out of them. Time is COS's: the Date header of its latest answer, whatever that was, moved on by
the time passed since, because leases are compared between machines.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

import xmltodict
from qcloud_cos import CosConfig, CosS3Client

from facestamp import acl
from facestamp.deadline import Deadline
from facestamp.errors import ServiceError
from facestamp.picture import FIRST_BYTES
from facestamp.presigning import Presigner
from facestamp.retry import retried
from facestamp.settings import Credentials
from facestamp.translation import session, time_told, translated

TIMEOUT = 5.0
"""Seconds that one request may wait for COS."""

MEASURE_TIMEOUT = 8.0
"""Seconds that one face call may take."""

_ADDRESS_LIFE = 300
"""Seconds that a presigned address is good for: the longest wait of the face service's download, and some."""

SSE_C = "x-cos-server-side-encryption-customer-algorithm"
"""The header that an object encrypted with the uploader's own key has."""

Result = TypeVar("Result")


class Look(NamedTuple):
    """An object as one ranged GET shows it."""

    headers: Mapping[str, str]
    """Lower-case names."""
    first: bytes
    """Its first 64 KB; fewer, or none, where COS would not hand them out."""
    length: int
    """Bytes in all."""

    @property
    def etag(self) -> str:
        """As COS quotes it."""
        return self.headers.get("etag", "")

    @property
    def identity(self) -> str:
        """What content this is: CRC64 and length, as a self-copy turns a multipart ETag into a plain one."""
        crc = self.headers.get("x-cos-hash-crc64ecma")
        return f"{crc or self.etag.strip(chr(34))}-{self.length}"

    @property
    def modified(self) -> float:
        """When it was written, in COS's seconds; 0 where COS does not tell."""
        told = self.headers.get("last-modified")
        return parsedate_to_datetime(told).timestamp() if told else 0.0


class Cos:
    """Object storage in one region, with one invocation's credentials."""

    def __init__(self, credentials: Credentials, region: str, endpoint: str, deadline: Deadline) -> None:
        self.region = region
        self._deadline = deadline
        self._credentials = credentials
        self._clients = {
            seconds: CosS3Client(
                CosConfig(
                    Region=region,
                    SecretId=credentials.secret_id,
                    SecretKey=credentials.secret_key,
                    Token=credentials.token,
                    Scheme="http" if endpoint else "https",
                    Proxies={"http": endpoint} if endpoint else None,
                    Timeout=seconds,
                ),
                retry=0,
                session=session(os.getpid()),
            )
            for seconds in (TIMEOUT, MEASURE_TIMEOUT)
        }
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """COS's time, in seconds since the epoch; this machine's before the first answer."""
        return time.monotonic() + self._offset

    def look(self, bucket: str, key: str, first: int = FIRST_BYTES) -> Look:
        """Headers and the `first` bytes, in one request for every object that can be read."""
        try:
            answer = self._ask("GetObject", lambda c: _read(c, bucket, key, f"bytes=0-{first - 1}"))
        except ServiceError as error:
            if error.code == "SsecDecryptHeaderInvalid":
                # Without the uploader's own key not even HEAD tells anything.
                return Look({SSE_C: "AES256"}, b"", 0)
            # An empty object has no first byte, and an archived one gives none away; their headers tell the rest.
            if error.code not in ("InvalidRange", "InvalidObjectState"):
                raise
            answer = self._ask("HeadObject", lambda c: (c.head_object(Bucket=bucket, Key=key), b""))
        headers, body = _lower(answer[0]), answer[1]
        total = headers.get("content-range", "").rpartition("/")[2] or headers.get("content-length", "0")
        return Look(headers, body, int(total))

    def read(self, bucket: str, key: str, rendering: str = "") -> bytes:
        """The whole object, or a rendering of it by Cloud Infinite."""

        def call(client: Any) -> bytes:
            address = self.address(bucket, key, rendering)
            answer = client.send_request(method="GET", url=address, bucket=bucket, headers={}, stream=True)
            return _plain(answer.raw)

        return self._ask("GetObject", call)

    def address(self, bucket: str, key: str, rendering: str = "") -> str:
        """A presigned address of the object, or of a rendering; holds a signature, so it must not be logged."""
        return self.presigner(bucket).get(key, _ADDRESS_LIFE, rendering)

    def presigner(self, bucket: str, origin: str = "") -> Presigner:
        """What signs requests for others to send; `origin` is the bucket's own domain, if they are to use that."""
        return Presigner(self._clients[TIMEOUT], self._credentials, bucket, origin)

    def acl(self, bucket: str, key: str) -> dict[str, str]:
        """The headers that give a copy the ACL that the object has; none where it has its bucket's."""
        return acl.headers(self._ask("GetObjectACL", lambda c: c.get_object_acl(Bucket=bucket, Key=key)))

    def tags(self, bucket: str, key: str) -> list[tuple[str, str]]:
        """The object's tags."""
        answer = self._ask("GetObjectTagging", lambda c: c.get_object_tagging(Bucket=bucket, Key=key))
        tags = ((answer.get("TagSet") or {}).get("Tag")) or []
        return [(tag["Key"], tag.get("Value") or "") for tag in ([tags] if isinstance(tags, dict) else tags)]

    def copy_onto_itself(self, bucket: str, key: str, headers: Mapping[str, str | bytes]) -> None:
        """Replace the object's headers by these. The content never passes through here.

        Never names a version: that would bring an overwritten photo back.
        """
        source = {"Bucket": bucket, "Key": key, "Region": self.region}
        self._ask(
            "PutObjectCopy",
            lambda c: c.copy_object(Bucket=bucket, Key=key, CopySource=source, CopyStatus="Replaced", Metadata=headers),
        )

    def detect_face(self, bucket: str, key: str, max_face_num: int) -> dict[str, Any]:
        """Cloud Infinite's DetectFace: the children of its `Response`, numbers still as text (CI 460/63223)."""

        def call(client: Any) -> dict[str, Any]:
            parameters = {"max-face-num": max_face_num}
            data = client.ci_process(bucket, key, "DetectFace", Params=parameters)
            if isinstance(data, dict):
                return data
            # The SDK parses only what says to be exactly application/xml.
            (parsed,) = xmltodict.parse(data).values()
            return dict(parsed or {})

        return self._ask("DetectFace", call, MEASURE_TIMEOUT)

    def create(self, bucket: str, key: str, body: Mapping[str, Any]) -> bool:
        """Keep a JSON object if there is none of that key; False where there is: after a lost reply, our own."""
        try:
            self.keep(bucket, key, body, {"x-cos-forbid-overwrite": "true"})
        except ServiceError as error:
            if error.code != "FileAlreadyExists":
                raise
            return False
        return True

    def keep(self, bucket: str, key: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        """Keep a JSON object, over what was there."""
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self._ask(
            "PutObject",
            lambda c: c.put_object(
                Bucket=bucket, Key=key, Body=data, ContentType="application/json", Metadata=dict(headers or {})
            ),
        )

    def kept(self, bucket: str, key: str) -> dict[str, Any] | None:
        """A JSON object that was kept, or None."""

        def call(client: Any) -> dict[str, Any]:
            body: dict[str, Any] = json.loads(_read(client, bucket, key, None)[1])
            return body

        try:
            return self._ask("GetObject", call)
        except ServiceError as error:
            if error.code != "NoSuchKey":
                raise
            return None

    def keys(self, bucket: str, prefix: str, after: str = "") -> list[str]:
        """Up to 1,000 keys with that prefix in order, from the first one after `after`."""
        answer = self._ask("GetBucket", lambda c: c.list_objects(Bucket=bucket, Prefix=prefix, Marker=after))
        return [entry["Key"] for entry in answer.get("Contents", [])]

    def delete(self, bucket: str, key: str) -> None:
        """Delete the object; no error if there is none."""
        self._ask("DeleteObject", lambda c: c.delete_object(Bucket=bucket, Key=key))

    def _ask(self, action: str, call: Callable[[Any], Result], seconds: float = TIMEOUT) -> Result:
        client = self._clients[seconds]

        def once() -> Result:
            try:
                return translated(action, call, client)
            finally:
                told = time_told()
                self._offset = self._offset if told is None else told

        return retried(once, self._deadline, seconds)


def _read(client: Any, bucket: str, key: str, span: str | None) -> tuple[dict[str, str], bytes]:
    more = {"Range": span} if span else {}
    answer = client.get_object(Bucket=bucket, Key=key, KeySimplifyCheck=False, **more)
    return answer, _plain(answer.pop("Body").get_raw_stream())


def _plain(stream: Any) -> bytes:
    """The body as stored: a Content-Encoding is the uploader's word about it, not the transfer's."""
    body: bytes = stream.read(decode_content=False)
    return body


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
