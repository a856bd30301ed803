"""What a request to COS or Cloud Infinite is aimed at, read from its host, path and query alone.

`<bucket>.cos.<region>.myqcloud.com` is COS itself (`.cos-internal.` and `.tencentcos.cn` are other doors to it, as is a
domain that a bucket has of its own; Cloud Infinite's processing on download comes in here too); `.pic.` and `.ci.` are
Cloud Infinite's own API. The action is the name under which CAM knows it (COS 436/31923), so that policies, journal and
faults agree. A bucket in the path instead of the host is not found: buckets made since 2024 are not (COS 436/96243).
Hosts: COS 436/6224; actions: COS international 436/30580; domains, 436/35868.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote, unquote_to_bytes

from werkzeug import Request

HOSTS: Final = (
    r"(?:(?P<bucket>[a-z0-9-]+)\.)?(?P<door>cos|cos-internal|pic|ci)\.(?P<region>[a-z0-9-]+)\."
    r"(?:myqcloud\.com|tencentcos\.cn)|service\.cos\.(?:myqcloud\.com|tencentcos\.cn)"
)
"""Tencent's own hosts that `Cos` answers for, as a regular expression to mount it with."""

DOMAINS: Final = r"[a-z0-9-]+\.localhost"
"""The hosts that can be a bucket's own domain here: names that every browser resolves to this machine by itself."""

_HOST = re.compile(HOSTS)

CONFIGURATIONS: Final[Mapping[str, str]] = {
    "acl": "BucketACL",
    "cors": "BucketCORS",
    "lifecycle": "BucketLifecycle",
    "versioning": "BucketVersioning",
    "policy": "BucketPolicy",
    "tagging": "BucketTagging",
    "encryption": "BucketEncryption",
    "location": "BucketLocation",
    "website": "BucketWebsite",
    "logging": "BucketLogging",
    "accelerate": "BucketAccelerate",
    "replication": "BucketReplication",
    "referer": "BucketReferer",
    "inventory": "BucketInventory",
    "origin": "BucketOrigin",
    "domain": "BucketDomain",
    "intelligenttiering": "BucketIntelligentTiering",
    "intelligent-tiering": "BucketIntelligentTiering",
    "object-lock": "BucketObjectLockConfiguration",
}
"""A bucket's settings: the query parameter and what CAM calls it, after Get, Put or Delete."""

_QUEUED: Final[Mapping[str, str]] = {"POST": "Create", "DELETE": "Delete", "GET": "Describe"}
_VERBS: Final[Mapping[str, str]] = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}


@dataclass(frozen=True)
class Target:
    """One request's aim; all text decoded."""

    service: str
    """cos or ci, as the journal names it."""
    action: str
    bucket: str
    """Full name, `<name>-<appid>`; empty for the list of buckets."""
    region: str
    key: str
    """Without the leading slash; empty for the bucket itself."""
    path: str
    """The decoded path, as it is signed."""
    host: str
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters by their names as given, the first of each; without a value, the empty string."""

    @property
    def resource(self) -> str:
        """`<bucket>/<key>`, the journal's and CAM's last segment; a bucket itself is `<bucket>/`."""
        return f"{self.bucket}/{self.key}" if self.bucket else ""

    def has(self, name: str) -> bool:
        """Whether the query names this parameter, in any case."""
        return any(n.lower() == name for n in self.query)

    def value(self, name: str) -> str:
        """A parameter's value, its name in any case; empty if it is absent."""
        return next((v for n, v in self.query.items() if n.lower() == name.lower()), "")


def read(request: Request, owner: Callable[[str], tuple[str, str]] = lambda host: ("", "")) -> Target:
    """The target of a request to one of `HOSTS` or `DOMAINS`; never an error.

    `owner` gives the bucket that has a domain, and its region.
    """
    host = request.host.partition(":")[0].lower()
    match = _HOST.fullmatch(host)
    door = (match and match["door"]) or "cos"
    raw_path, raw_query = _raw(request)
    # Bytes that are not UTF-8 cannot be a key; kept escaped, they name an object that is not there.
    path = unquote_to_bytes(raw_path).decode("utf-8", "surrogateescape")
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw_query, keep_blank_values=True):
        query.setdefault(name, value)
    bucket, region = (match["bucket"] or "", match["region"] or "") if match else owner(host)
    if not match and not bucket:
        # Nobody's domain: no bucket has such a name.
        bucket = host
    names = {name.lower() for name in query}
    if door in ("pic", "ci"):
        service, action = "ci", _administration(door, request.method, path, names)
    elif not bucket:
        service, action = "cos", "GetService" if path == "/" else "PathStyle"
    elif path == "/":
        service, action = "cos", _bucket_action(request, names)
    else:
        service, action = _object_action(request, query, names)
    key = path[1:] if door in ("cos", "cos-internal") else ""
    return Target(service, action, bucket, region, key, path, host, query)


def processing(query: Mapping[str, str]) -> str:
    """The imageMogr2 chain among the parameters (`imageMogr2/auto-orient/…`), or empty."""
    return next((name for name in query if name.lower().startswith("imagemogr2/")), "")


def _raw(request: Request) -> tuple[str, str]:
    target = str(request.environ.get("REQUEST_URI") or "")
    if not target:
        return request.path, request.query_string.decode("latin-1")
    if not target.startswith("/"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    path, _, query = target.partition("#")[0].partition("?")
    return path, query


def _administration(door: str, method: str, path: str, names: set[str]) -> str:
    asked = {name for name in names if not name.startswith(("q-", "x-"))}
    if path == "/" and method == "GET" and not asked:
        return "DescribeCIBuckets"
    if path == "/" and method == "PUT" and asked <= {"unbind"}:
        return "DeleteCIBucket" if asked else "CreateCIBucket"
    if door == "ci" and path == "/ai_bucket" and method in _QUEUED:
        return f"{_QUEUED[method]}AiProcessBucket"
    return method.title() + unquote(path)


def _bucket_action(request: Request, names: set[str]) -> str:
    method = request.method
    if method == "POST":
        return "DeleteMultipleObjects" if "delete" in names else "PostObject"
    if method == "HEAD":
        return "HeadBucket"
    if method == "OPTIONS":
        return "OptionsObject"
    setting = next((CONFIGURATIONS[name] for name in CONFIGURATIONS if name in names), "")
    if setting:
        return _VERBS.get(method, method.title()) + setting
    if method == "GET":
        if "versions" in names:
            return "GetBucketObjectVersions"
        return "ListMultipartUploads" if "uploads" in names else "GetBucket"
    return _VERBS.get(method, method.title()) + "Bucket"


def _object_action(request: Request, query: Mapping[str, str], names: set[str]) -> tuple[str, str]:
    method = request.method
    if method == "GET":
        if "ci-process" in names:
            process = next(v for n, v in query.items() if n.lower() == "ci-process")
            # One page writes the value as DetectFace, its own example as detect-face.
            return "ci", "DetectFace" if process.lower() in ("detectface", "detect-face") else process
        if processing(query):
            return "ci", "ImageMogr2"
    copied = "x-cos-copy-source" in request.headers
    part = "uploadid" in names
    named = {
        "GET": "ListParts" if part else "GetObject",
        "HEAD": "HeadObject",
        "PUT": "PutObjectCopy" if copied else "PutObject",
        "DELETE": "AbortMultipartUpload" if part else "DeleteObject",
        "OPTIONS": "OptionsObject",
    }
    if method == "POST":
        if "uploads" in names:
            return "cos", "InitiateMultipartUpload"
        return "cos", "CompleteMultipartUpload" if part else "PostObjectRestore" if "restore" in names else "Post"
    if method == "PUT" and part:
        return "cos", "UploadPartCopy" if copied else "UploadPart"
    for name, kind in (("acl", "ObjectACL"), ("tagging", "ObjectTagging")):
        if name in names and method in _VERBS:
            return "cos", _VERBS[method] + kind
    return "cos", named.get(method, method.title())
