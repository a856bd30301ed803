"""How the local cloud reads what Tencent's documents leave open.

Where two documents disagree, or none says, the functions must work under every reading; tests set each in turn. The
defaults are the readings that the newest page supports, or else the stricter ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Readings:
    """One choice for each open point."""

    copy_action: Literal["PutObjectCopy", "PutObject"] = "PutObjectCopy"
    """The permission for a copy's destination: the API page says one, the policy guide the other."""
    detect_face_action: Literal["CreateDetectFaceJob", "CreateFaceEffectJob"] = "CreateFaceEffectJob"
    """The permission for Cloud Infinite's DetectFace: the granularity page says one, the API page the other."""
    recognition: Literal["unneeded", "needed"] = "unneeded"
    """Whether DetectFace needs AI content recognition enabled besides the binding: of its two pages one says so."""
    no_face: Literal["status", "empty", "error"] = "status"
    """Cloud Infinite on a photo without a face: Status 0, no FaceInfos at all, or NoFaceInPhoto as an error."""
    event_key: Literal["verbatim", "encoded"] = "verbatim"
    """Whether an event's object key is percent-encoded."""
    event_region: Literal["short", "long"] = "short"
    """`gz`, or `ap-guangzhou` with s3Region and cosRegion beside it."""
    event_name: Literal["concrete", "pattern"] = "concrete"
    """`cos:ObjectCreated:Put`, or the subscribed pattern `cos:ObjectCreated:*`."""
    copy_conditions: Literal["all", "if-match-wins"] = "all"
    """How If-Match and If-Unmodified-Since on a copy's source combine: RFC 9110 would let If-Match win."""
    copy_keeps_tags: bool = True
    """Whether a self-copy without a tagging directive keeps the object's tags."""
    headers_need_permissions: bool = True
    """Whether a write whose headers set an ACL or tags needs PutObjectACL or PutObjectTagging as well."""
    metadata_counts: Literal["names-and-values", "values"] = "names-and-values"
    """What the 2 KB of user metadata count."""
    exif: Literal["applied", "ignored"] = "applied"
    """Whether the face services turn a photo as its EXIF orientation says before they measure."""
    http_path: Literal["encoded", "decoded"] = "encoded"
    """Whether the path in an HTTP event is percent-encoded, as it came."""
    http_query: Literal["decoded", "plus-kept", "encoded"] = "decoded"
    """Whether query keys and values in it are decoded, decoded but for `+`, or as they came."""
    http_repeated: Literal["list", "last"] = "list"
    """What a query key that comes twice has: every value, or the last one."""
    http_body: Literal["text", "base64", "base64-marked"] = "text"
    """Whether a request's body comes as text, or in base64, then without or with isBase64Encoded."""
    http_headers: Literal["lower-case", "mixed"] = "lower-case"
    """How header names come: as the Function URL's page shows them, or as the gateway's does."""
    url_told: Literal["at-once", "later"] = "at-once"
    """Whether a Function URL's addresses are told as soon as it is made, or only some seconds after."""
    gateway_path: Literal["without-stage", "with-stage"] = "without-stage"
    """Whether the path in the old gateway's event begins with the stage, as the request's does."""
