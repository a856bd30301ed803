"""What the store keeps, as the rest of COS sees it: buckets, versions of objects, uploads under way."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from moto.s3 import models

from infra.local.cos.acl import PRIVATE, Acl
from infra.local.cos.facts import Facts


@dataclass(frozen=True)
class Beside:
    """What moto does not know of what it keeps; it sits on moto's own object."""

    facts: Facts
    modified: float
    crc64: int


@dataclass
class Bucket:
    """A bucket and its settings."""

    name: str
    region: str
    created: float
    keeper: Any
    """moto's bucket."""
    versioning: str = ""
    """Enabled, Suspended, or empty if it never was."""
    acl: Acl = PRIVATE
    settings: dict[str, bytes] = field(default_factory=dict)
    """CORS, lifecycle, policy and so on, as they were put."""
    ruled: float = 0.0
    """When the lifecycle rules were put, in clock seconds."""
    locked: set[str] = field(default_factory=set)
    """Keys under object lock."""
    processed: bool = False
    """Whether it is bound to Cloud Infinite."""
    recognised: bool = False
    """Whether AI content recognition is on."""


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker."""

    key: str
    version_id: str
    """`null` if it was written while versioning was off or suspended."""
    modified: float
    """Clock seconds."""
    marker: bool = False
    size: int = 0
    etag: str = ""
    """Quoted."""
    crc64: int = 0
    facts: Facts = field(default_factory=Facts)
    raw: Any = field(default=None, repr=False, compare=False)
    """moto's key."""

    @classmethod
    def of(cls, raw: Any) -> Version:
        """moto's key or delete marker, as we see it."""
        beside: Beside = raw.cos
        if isinstance(raw, models.FakeDeleteMarker):
            return cls(str(raw.name), str(raw.version_id), beside.modified, True, raw=raw)
        return cls(
            str(raw.name),
            str(raw.version_id),
            beside.modified,
            False,
            int(raw.size),
            str(raw.etag),
            beside.crc64,
            beside.facts,
            raw,
        )

    def body(self) -> bytes:
        """The bytes; to be read under the store's lock, as an overwritten version's are gone."""
        return bytes(self.raw.value)


@dataclass(frozen=True)
class Upload:
    """A multipart upload under way."""

    upload_id: str
    key: str
    facts: Facts
    began: float
    raw: Any = field(repr=False, compare=False)

    @classmethod
    def of(cls, raw: Any) -> Upload:
        """moto's multipart upload, as we see it."""
        beside: Beside = raw.cos
        return cls(str(raw.id), str(raw.key_name), beside.facts, beside.modified, raw)


def version_id(number: int) -> str:
    """A version's id as COS's own look: its number in base64; newer versions have lower numbers."""
    return base64.b64encode(str(number).encode()).decode().rstrip("=")


def number(version_id: str) -> int | None:
    """The number in a version's id; None in `null`, and in what is no id."""
    try:
        text = base64.b64decode(version_id + "=" * (-len(version_id) % 4), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(text) if text.isdecimal() else None
