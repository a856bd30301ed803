"""What COS tells SCF about an object, and the event JSON that a function is woken with.

COS builds an `ObjectEvent` after an operation has been applied and hands it to SCF. SCF looks up whose triggers match
and makes one event of it (`cos_event`), as the COS trigger's page shows it (SCF 583/9707). Where that page and other
material disagree (the key's encoding, the region's form, a concrete or a subscribed event name) the `Readings` choose.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from infra.local.readings import Readings

SHORT_REGIONS: Final[Mapping[str, str]] = {
    "ap-beijing": "bj",
    "ap-chengdu": "cd",
    "ap-guangzhou": "gz",
    "ap-hongkong": "hk",
    "ap-shanghai": "sh",
    "ap-singapore": "sg",
}
"""The short codes that events carry, for the regions of which a sample or a list is known."""

KINDS: Final[frozenset[str]] = frozenset(
    {
        "cos:ObjectCreated:Put",
        "cos:ObjectCreated:Post",
        "cos:ObjectCreated:Copy",
        "cos:ObjectCreated:CompleteMultipartUpload",
        "cos:ObjectCreated:Origin",
        "cos:ObjectCreated:Replication",
        "cos:ObjectRemove:Delete",
        "cos:ObjectRemove:DeleteMarkerCreated",
        "cos:ObjectRestore:Post",
        "cos:ObjectRestore:Completed",
    }
)
"""Every concrete event of the COS trigger (SCF 583/9707, COS 436/35526)."""


@dataclass(frozen=True)
class ObjectEvent:
    """One applied object operation."""

    bucket: str
    """Full name, `<name>-<appid>`."""
    key: str
    """The object's key as it is stored: decoded, without a leading slash."""
    event: str
    """The concrete event, one of `KINDS`."""
    size: int = 0
    """Bytes of the object; 0 for a removal."""
    region: str = "ap-guangzhou"
    meta: Mapping[str, str] = field(default_factory=dict)
    """Content-Type and the request's `x-cos-meta-*` headers, names in lower case but for Content-Type."""
    version_id: str = ""
    """The version that the operation made; empty unless the bucket is versioned."""
    request_id: str = ""
    """COS's own id of the request (`x-cos-request-id`)."""
    source_ip: str = "127.0.0.1"
    headers: Mapping[str, str] = field(default_factory=dict)
    """The request's headers, the uploader's Authorization among them: never to be logged."""
    at: float = 0.0
    """Clock seconds at which the operation was applied."""


def matches(pattern: str, event: str) -> bool:
    """Whether a trigger's `event`, concrete or ending in `:*`, covers a concrete event."""
    return event.startswith(pattern[:-1]) if pattern.endswith(":*") else event == pattern


def record(
    event: ObjectEvent,
    readings: Readings | None = None,
    *,
    subscribed: str | None = None,
    function: str = "function",
    namespace: str = "default",
) -> dict[str, Any]:
    """One member of `Records`; `subscribed` is the trigger's own event, used where readings say `pattern`."""
    readings = readings or Readings()
    name, _, appid = event.bucket.rpartition("-")
    host = f"{event.bucket}.cos.{event.region}.myqcloud.com"
    short = SHORT_REGIONS.get(event.region, event.region)
    region = short if readings.event_region == "short" else event.region
    key = event.key if readings.event_key == "verbatim" else quote(event.key)
    bucket: dict[str, Any] = {"region": region, "name": name, "appid": appid}
    if readings.event_region == "long":
        # Neither is on the page: s3Region is read by Tencent's own samples, cosRegion by a tracer.
        bucket |= {"s3Region": event.region, "cosRegion": event.region}
    pattern = subscribed or event.event.rpartition(":")[0] + ":*"
    return {
        "cos": {
            "cosSchemaVersion": "1.0",
            "cosObject": {
                "url": f"http://{host}/{quote(event.key)}",
                "meta": {"x-cos-request-id": event.request_id, "Content-Type": "", **event.meta},
                "vid": event.version_id,
                "key": f"/{appid}/{name}/{key}",
                "size": event.size,
            },
            "cosBucket": bucket,
            "cosNotificationId": "unkown",
        },
        "event": {
            "eventName": event.event if readings.event_name == "concrete" else pattern,
            "eventVersion": "1.0",
            "eventTime": int(event.at),
            "eventSource": "qcs::cos",
            "requestParameters": {
                "requestSourceIP": event.source_ip,
                "requestHeaders": dict(event.headers),
            },
            "eventQueue": f"qcs:0:scf:{region}:appid/{appid}:{namespace}.{function}.$LATEST",
            "reservedInfo": "",
            # A number on the page, of no documented meaning; the same request gets the same one.
            "reqid": zlib.crc32(event.request_id.encode()),
        },
    }


def cos_event(
    events: Iterable[ObjectEvent],
    readings: Readings | None = None,
    *,
    subscribed: str | None = None,
    function: str = "function",
    namespace: str = "default",
) -> dict[str, Any]:
    """The whole event: one record for each operation, for SCF may merge several messages (SCF 583/9707)."""
    return {
        "Records": [
            record(event, readings, subscribed=subscribed, function=function, namespace=namespace) for event in events
        ]
    }
