"""What COS keeps beside an object's bytes, between the headers that bring it and the headers that show it.

Nothing here looks at the bytes, and nothing is re-coded: headers are kept as they came. Documents: PUT Object, COS
436/7749; HEAD Object, COS 436/7745; server-side encryption headers, COS 436/7728; tags, COS international 436/35665.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import parse_qsl

from infra.local.cos import acl
from infra.local.cos.acl import Acl
from infra.local.cos.errors import refuse

METADATA_LIMIT: Final = 2048
"""Bytes of user metadata on one object (COS 436/7749). The page on beginning an upload in parts (international
436/7746) now speaks of 2 KB for each header and 4 KB in all; the stricter page is kept to."""
STANDARD_HEADERS: Final = (
    "Content-Type",
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Expires",
)
STORAGE_CLASSES: Final = (
    "STANDARD",
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ARCHIVE",
    "DEEP_ARCHIVE",
    "MAZ_STANDARD",
    "MAZ_STANDARD_IA",
    "MAZ_INTELLIGENT_TIERING",
)
ARCHIVED: Final = ("ARCHIVE", "DEEP_ARCHIVE")

Counting = Literal["names-and-values", "values"]
_SSE: Final = "x-cos-server-side-encryption"
_NAME = re.compile(r"[a-z0-9-]+")
_TAG = re.compile(r"[\w +\-=.:/@]*")


@dataclass(frozen=True)
class Encryption:
    """How an object is encrypted at rest: by COS (AES256), by KMS (cos/kms), or with the caller's key (customer)."""

    algorithm: str = ""
    key_id: str = ""
    customer_md5: str = ""

    @property
    def own_etag(self) -> bool:
        """Whether the ETag is not the content's MD5 (the samples of COS 436/7749 show it for KMS and SSE-C)."""
        return self.algorithm in ("cos/kms", "customer")


@dataclass(frozen=True)
class Facts:
    """What is known of one version of an object besides its bytes."""

    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/octet-stream"})
    """The standard headers that were given; Content-Type always."""
    meta: Mapping[str, str] = field(default_factory=dict)
    """`x-cos-meta-*`, whole names in lower case."""
    storage_class: str = "STANDARD"
    acl: Acl = acl.DEFAULT
    encryption: Encryption = Encryption()
    tags: tuple[tuple[str, str], ...] = ()


def from_headers(headers: Mapping[str, str], counting: Counting) -> Facts:
    """The facts that an upload's headers (or form fields) state; raises `Refused` with the documented codes."""
    return Facts(
        standard(headers),
        metadata(headers, counting),
        storage_class(headers),
        acl.from_headers(headers) or acl.DEFAULT,
        encryption(headers),
        tagging(headers.get("x-cos-tagging", "")),
    )


def standard(headers: Mapping[str, str]) -> dict[str, str]:
    """The standard headers; without a Content-Type it is application/octet-stream."""
    given = {name: headers[name] for name in STANDARD_HEADERS if headers.get(name)}
    return {"Content-Type": "application/octet-stream", **given}


def metadata(headers: Mapping[str, str], counting: Counting) -> dict[str, str]:
    """The user metadata; refused above 2 KB in all, or with anything but letters, digits and `-` in a name."""
    found = {name.lower(): headers[name] for name in headers if name.lower().startswith("x-cos-meta-")}
    for name in found:
        if not _NAME.fullmatch(name):
            raise refuse("InvalidArgument", f"The name {name} has other signs than letters, digits and -.")
    # Header text is Latin-1 of the bytes on the wire, so characters are bytes.
    size = sum(len(value) + (len(name) if counting == "names-and-values" else 0) for name, value in found.items())
    if size > METADATA_LIMIT:
        raise refuse("MetadataTooLarge", f"User metadata has {size} bytes, more than {METADATA_LIMIT}.")
    return found


def storage_class(headers: Mapping[str, str]) -> str:
    """The storage class asked for, or STANDARD."""
    asked = headers.get("x-cos-storage-class") or "STANDARD"
    if asked not in STORAGE_CLASSES:
        raise refuse("NotSupportedStorageClass", f"There is no storage class {asked}.")
    return asked


def encryption(headers: Mapping[str, str], prefix: str = _SSE) -> Encryption:
    """The encryption asked for; with a copy source's prefix, the key that opens the source."""
    customer = headers.get(f"{prefix}-customer-algorithm", "")
    if customer:
        key, digest = headers.get(f"{prefix}-customer-key", ""), headers.get(f"{prefix}-customer-key-MD5", "")
        if customer != "AES256" or not _is_key(key, digest):
            raise refuse("InvalidArgument", "SSE-C takes AES256, a 256-bit key in base64, and the key's MD5.")
        return Encryption("customer", customer_md5=digest)
    asked = headers.get(prefix, "")
    if asked not in ("", "AES256", "cos/kms"):
        raise refuse("SSEContentNotSupported", "x-cos-server-side-encryption is AES256 or cos/kms.")
    key_id = headers.get(f"{prefix}-cos-kms-key-id", "") if asked == "cos/kms" else ""
    return Encryption(asked, key_id or ("cos-default-key" if asked == "cos/kms" else ""))


def unlock(kept: Encryption, offered: Encryption) -> None:
    """Raise `Refused` unless `offered` holds the key of an object under SSE-C."""
    if kept.algorithm == "customer" and kept.customer_md5 != offered.customer_md5:
        raise refuse("SsecDecryptHeaderInvalid", "The object is encrypted with SSE-C: the request needs its key.")


def tagging(header: str) -> tuple[tuple[str, str], ...]:
    """The tags of an x-cos-tagging header (`Key1=Value1&Key2=Value2`, each in UrlEncode)."""
    return checked_tags(parse_qsl(header, keep_blank_values=True))


def checked_tags(tags: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The tags, or `Refused`: at most ten, keys of 1 to 127 and values of up to 255 of the allowed characters."""
    if len(tags) > 10:
        raise refuse("InvalidTag", "An object has at most 10 tags.")
    for key, value in tags:
        if not (1 <= len(key) <= 127 and len(value) <= 255 and _TAG.fullmatch(key) and _TAG.fullmatch(value)):
            raise refuse("InvalidTag", "A tag's key or value is too long, or has a character that is not allowed.")
    if len({key for key, _ in tags}) < len(tags):
        raise refuse("InvalidTag", "Two tags have the same key.")
    return tuple(tags)


def encryption_headers(kept: Encryption) -> dict[str, str]:
    """How responses show the encryption."""
    if kept.algorithm == "customer":
        return {f"{_SSE}-customer-algorithm": "AES256", f"{_SSE}-customer-key-MD5": kept.customer_md5}
    shown = {_SSE: kept.algorithm} if kept.algorithm else {}
    return shown | ({f"{_SSE}-cos-kms-key-id": kept.key_id} if kept.key_id else {})


def shown(facts: Facts) -> dict[str, str]:
    """The headers of a GET or HEAD that come from the facts; the storage class only where it is not STANDARD."""
    headers = {**facts.headers, **facts.meta, **encryption_headers(facts.encryption)}
    if facts.storage_class != "STANDARD":
        headers["x-cos-storage-class"] = facts.storage_class
    if facts.tags:
        headers["x-cos-tagging-count"] = str(len(facts.tags))
    return headers


def _is_key(key: str, digest: str) -> bool:
    try:
        raw = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 32 and base64.b64encode(hashlib.md5(raw, usedforsecurity=False).digest()).decode() == digest
