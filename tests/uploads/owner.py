"""A bucket's owner: uploads photos by every way that COS has, and looks at what became of them.

Uploads go through the ordinary SDK where it will say what a test wants to say; where it will not (bytes that are not
ASCII, headers that it does not know, forms), through a signed request of the owner's own.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from qcloud_cos import CosConfig, CosServiceError
from qcloud_cos.cos_auth import CosS3Auth

from facestamp import stamp
from facestamp.stamp import Stamp
from facestamp.state import object_name, photo_name, record_key
from infra.local.cloud import REGION, LocalCloud
from infra.local.cos.signature import sign_policy
from infra.local.events import ObjectEvent, cos_event
from infra.local.journal import Call
from tests import pictures

LOOSE = frozenset({"last-modified", "etag", "x-cos-version-id", "date", "x-cos-request-id", "content-length"})
"""Response headers that two looks at an object may differ in."""


def _route(key: str) -> str:
    """The route that takes a key: in every stack here, prefixes are called as their routes."""
    return key.partition("/")[0]


@dataclass(frozen=True)
class Owner:
    """The owner of one cloud's photo bucket."""

    cloud: LocalCloud

    @property
    def bucket(self) -> str:
        return self.cloud.bucket

    def put(self, key: str, body: bytes, **options: Any) -> None:
        """Upload and wait until everything that it set off is over."""
        self.cloud.cos().put_object(Bucket=self.bucket, Key=key, Body=body, **options)
        self.cloud.scf.settle()

    def ask(
        self,
        method: str,
        key: str,
        headers: Mapping[str, str | bytes] | None = None,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One signed request; text in headers goes out as UTF-8."""
        who = self.cloud.cam.owner
        config = CosConfig(Region=REGION, SecretId=who.secret_id, SecretKey=who.secret_key, Scheme="http")
        given = {n: v.encode() if isinstance(v, str) else v for n, v in (headers or {}).items()}
        with requests.Session() as session:
            session.trust_env = False
            return session.request(
                method,
                f"http://{self.bucket}.cos.{REGION}.myqcloud.com/{quote(key)}",
                params=dict(query or {}),
                headers=given,
                data=body,
                auth=CosS3Auth(config, key, params=dict(query or {})),
                proxies={"http": self.cloud.endpoint},
                timeout=30,
            )

    def put_raw(self, key: str, body: bytes, headers: Mapping[str, str | bytes]) -> None:
        """Upload with any headers, without waiting."""
        response = self.ask("PUT", key, headers, body)
        assert response.status_code == 200, response.text

    def post(self, key: str, body: bytes, fields: Mapping[str, str]) -> None:
        """Upload as an HTML form does, without waiting."""
        who = self.cloud.cam.owner
        now = int(time.time())
        span = f"{now - 60};{now + 600}"
        conditions = [
            {"bucket": self.bucket},
            {"q-sign-algorithm": "sha1"},
            {"q-ak": who.secret_id},
            {"q-sign-time": span},
            *({name: value} for name, value in {"key": key, **fields}.items()),
        ]
        until = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now + 600))
        policy = json.dumps({"expiration": until, "conditions": conditions}).encode()
        form = {
            "key": key,
            **fields,
            "policy": base64.b64encode(policy).decode(),
            "q-sign-algorithm": "sha1",
            "q-ak": who.secret_id,
            "q-key-time": span,
            "q-signature": sign_policy(who.secret_key, span, policy),
        }
        response = requests.post(
            f"http://{self.bucket}.cos.{REGION}.myqcloud.com/",
            data=form,
            files={"file": ("photo.jpg", body, "image/jpeg")},
            proxies={"http": self.cloud.endpoint},
            timeout=30,
        )
        assert response.status_code == 204, response.text

    def put_in_parts(self, key: str, body: bytes, headers: Mapping[str, str | bytes] | None = None) -> None:
        """Upload in two parts, without waiting."""
        client = self.cloud.cos()
        begun = self.ask("POST", key, headers, query={"uploads": ""})
        assert begun.status_code == 200, begun.text
        upload = begun.text.partition("<UploadId>")[2].partition("</UploadId>")[0]
        half = max(len(body) // 2, 1024 * 1024)
        parts = []
        for number, piece in enumerate((body[:half], body[half:]), 1):
            part = client.upload_part(Bucket=self.bucket, Key=key, Body=piece, PartNumber=number, UploadId=upload)
            parts.append({"PartNumber": number, "ETag": part["ETag"]})
        client.complete_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload, MultipartUpload={"Part": parts})

    def strip(self, key: str) -> None:
        """Take all metadata off, the stamp with it, as a tool that rewrites metadata would."""
        source = {"Bucket": self.bucket, "Key": key, "Region": REGION}
        self.cloud.cos().copy_object(Bucket=self.bucket, Key=key, CopySource=source, CopyStatus="Replaced", Metadata={})
        assert self.stamp(key) is None

    def again(self, key: str, event: str = "cos:ObjectCreated:Put", meta: Mapping[str, str] | None = None) -> None:
        """Let COS tell of an upload of this key once more, and wait."""
        self.send([ObjectEvent(self.bucket, key, event, meta=meta or {"Content-Type": "image/jpeg"})])

    def send(self, events: list[ObjectEvent]) -> None:
        """Let COS tell of several operations in one event, and wait."""
        self.deliver(cos_event(events, self.cloud.readings))

    def deliver(self, event: object, route: str = "photos") -> None:
        """Send a function any event, and wait."""
        self.cloud.scf.send(self.function(route), event)
        self.cloud.scf.settle()

    def function(self, route: str = "photos") -> str:
        return str(self.cloud.outputs["functions"][route])

    # -- what became of it ---------------------------------------------------------------------------------------

    def head(self, key: str, version: str = "") -> dict[str, str]:
        """The object's headers, names in lower case."""
        more = {"VersionId": version} if version else {}
        found = self.cloud.cos().head_object(Bucket=self.bucket, Key=key, **more)
        return {name.lower(): value for name, value in found.items()}

    def exists(self, key: str) -> bool:
        return bool(self.cloud.cos().object_exists(Bucket=self.bucket, Key=key))

    def bytes(self, key: str) -> bytes:
        """The object's content, as stored."""
        answer = self.cloud.cos().get_object(Bucket=self.bucket, Key=key)
        return bytes(answer["Body"].get_raw_stream().read(decode_content=False))

    def stamp(self, key: str) -> Stamp | None:
        return stamp.read(self.head(key))

    def stamped(self, key: str) -> Stamp:
        """The stamp, which must be there and be of this content."""
        headers = self.head(key)
        read = stamp.read(headers)
        assert read is not None
        assert read.identity == identity(headers)
        return read

    def seen(self, key: str) -> dict[str, Any]:
        """All that anybody can see of an object but its stamp, and but what a copy must change."""
        headers = self.head(key)
        acl = self.ask("GET", key, query={"acl": ""})
        tags = self.ask("GET", key, query={"tagging": ""})
        return {
            "headers": {n: v for n, v in headers.items() if n not in LOOSE and n not in stamp.NAMES},
            "length": headers["content-length"],
            "acl": (acl.headers.get("x-cos-acl"), acl.text),
            "tags": tags.text if tags.status_code == 200 else tags.status_code,
            "bytes": self.bytes(key),
        }

    def record(self, key: str, identity_: str = "") -> dict[str, Any] | None:
        """The full record of the object's content, from the state bucket."""
        return self.kept(record_key(photo_name(_route(key), self.bucket, key, identity_ or identity(self.head(key)))))

    def letter(self, key: str) -> dict[str, Any] | None:
        """The dead letter of the object, if there is one."""
        return self.kept(f"dead/{object_name(_route(key), self.bucket, key)}.json")

    def letters(self) -> set[str]:
        """The keys of all dead letters."""
        answer = self.cloud.cos().list_objects(Bucket=self.cloud.state_bucket, Prefix="dead/", MaxKeys=1000)
        return {entry["Key"] for entry in answer.get("Contents", [])}

    def kept(self, key: str) -> dict[str, Any] | None:
        """An object of the state bucket."""
        try:
            answer = self.cloud.cos().get_object(Bucket=self.cloud.state_bucket, Key=key)
        except CosServiceError as error:
            if error.get_error_code() != "NoSuchKey":
                raise
            return None
        found: dict[str, Any] = json.loads(answer["Body"].get_raw_stream().read())
        return found

    def lines(self) -> Lines:
        """The functions' own lines from now on."""
        return Lines(self.cloud, len(self.cloud.scf.logs()))

    def calls(self) -> Calls:
        """The calls that workers make from now on."""
        return Calls(self.cloud, len(self.cloud.journal))

    def runs(self) -> Runs:
        """The invocations from now on."""
        return Runs(self.cloud, len(self.cloud.scf.invocations))


@dataclass(frozen=True)
class Lines:
    """What the functions said since some moment."""

    cloud: LocalCloud
    start: int

    def __call__(self, level: str = "") -> list[dict[str, Any]]:
        """Lines of one level, or all."""
        texts = [line.text for line in self.cloud.scf.logs()[self.start :]]
        told = [json.loads(text) for text in texts if text.startswith("{")]
        return [line for line in told if "happened" in line and level in ("", line["level"])]


@dataclass(frozen=True)
class Calls:
    """What workers asked since some moment."""

    cloud: LocalCloud
    start: int

    def __call__(self, **like: object) -> list[Call]:
        return [call for call in self.cloud.journal.calls(**like) if call.number > self.start and call.worker]

    def faces(self) -> list[str]:
        """The face calls that were tried, by name and in order of name."""
        return sorted(f"{c.service}:{c.action}" for c in self() if (c.service == "iai") or c.action == "DetectFace")

    def paid(self) -> list[str]:
        """The face calls that cost money."""
        return sorted(f"{c.service}:{c.action}" for c in self(paid=True))


@dataclass(frozen=True)
class Runs:
    """Invocations since some moment."""

    cloud: LocalCloud
    start: int

    def __call__(self) -> list[int]:
        """How each attempt ended: 200, or the platform's status."""
        return [run.status for run in self.cloud.scf.invocations[self.start :]]


def identity(headers: Mapping[str, str]) -> str:
    """What content an object has, as its headers tell."""
    return f"{headers['x-cos-hash-crc64ecma']}-{headers['content-length']}"


def new_person(cloud: LocalCloud, photo: bytes | None = None) -> str:
    """Somebody new in the person library, with a first face; the PersonId."""
    api = cloud.api("iai", "2020-03-03")
    group = f"group-{uuid.uuid4().hex[:8]}"
    person = f"person-{uuid.uuid4().hex[:8]}"
    image = base64.b64encode(photo or pictures.jpeg(pictures.portrait(300))).decode()
    api.call_json("CreateGroup", {"GroupId": group, "GroupName": group})
    api.call_json("CreatePerson", {"GroupId": group, "PersonId": person, "PersonName": "Eileen", "Image": image})
    return person
