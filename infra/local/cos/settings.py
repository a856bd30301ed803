"""A bucket's settings: kept as they were put, given back as they are kept, once they have been looked at.

Most of them nothing here acts on. What does act: lifecycle rules when asked to (`lifecycle`), default encryption
(`objects`), CORS (`cors`) and the domain (`buckets`). A setting that was never put is refused with a code of its own,
or answered with an empty document, as its page says. Documents: COS 436/7730 for the codes; tagging, COS international
436/34836; encryption, 436/33459; intelligent tiering, COS international 436/38315 and 436/60836.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from werkzeug import Response

from infra.local.cos import lifecycle, markup
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.markup import Bare
from infra.local.cos.target import CONFIGURATIONS
from infra.local.gateway import Refused

TAGS: Final = 50
"""How many a bucket can have."""

_ABSENT: Final[Mapping[str, str]] = {
    "cors": "NoSuchCORSConfiguration",
    "lifecycle": "NoSuchLifecycleConfiguration",
    "policy": "NoSuchBucketPolicy",
    "tagging": "NoSuchTagSet",
    "encryption": "NoSuchEncryptionConfiguration",
    "website": "NoSuchWebsiteConfiguration",
    "replication": "ReplicationConfigurationNotFoundError",
    "inventory": "InventoryConfigurationNotFoundError",
    "origin": "OriginConfigurationNotFoundError",
    "domain": "DomainConfigNotFoundError",
    "object-lock": "NoSuchObjectLockConfiguration",
}
_EMPTY: Final[Mapping[str, str]] = {
    "logging": "BucketLoggingStatus",
    "accelerate": "AccelerateConfiguration",
    "referer": "RefererConfiguration",
    "intelligenttiering": "IntelligentTieringConfiguration",
    "intelligent-tiering": "ListBucketIntelligentTieringConfigurationsOutput",
}
_ROOTS: Final[Mapping[str, str]] = {
    "tagging": "Tagging",
    "encryption": "ServerSideEncryptionConfiguration",
    "website": "WebsiteConfiguration",
    "replication": "ReplicationConfiguration",
    "inventory": "InventoryConfiguration",
    "origin": "OriginConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "logging": "BucketLoggingStatus",
    "accelerate": "AccelerateConfiguration",
    "referer": "RefererConfiguration",
    "intelligenttiering": "IntelligentTieringConfiguration",
}


def get(exchange: Exchange) -> Response:
    """A setting, as it was put."""
    name = _name(exchange)
    kept = exchange.bucket().settings.get(name)
    if kept is not None:
        return Bare(kept, content_type="application/json" if name == "policy" else "application/xml")
    if name in _ABSENT:
        raise Refused(_ABSENT[name], f"The bucket has no {name} configuration.", 404)
    return markup.answer(_EMPTY[name], None)


def put(exchange: Exchange) -> Response:
    """Keep a setting in place of what was there; a policy is JSON, everything else XML."""
    name, body = _name(exchange), exchange.body()
    if name == "policy":
        _check_json(body)
    elif name == "lifecycle":
        lifecycle.read(body)
        exchange.bucket().ruled = exchange.store.clock.now()
    elif name in _ROOTS:
        content = markup.read(body, _ROOTS[name], lists=("Tag", "Rule"))
        if name in _CHECKS:
            _CHECKS[name](content)
    else:
        raise refuse("NotImplemented", f"The local cloud does not keep {name} rules.")
    exchange.bucket().settings[name] = body
    return Bare(status=204 if name in ("policy", "tagging") else 200)


def delete(exchange: Exchange) -> Response:
    """Forget a setting, whether there is one or not."""
    exchange.bucket().settings.pop(_name(exchange), None)
    return Bare(status=204)


def _name(exchange: Exchange) -> str:
    return next(name for name in CONFIGURATIONS if exchange.target.has(name))


def _check_json(body: bytes) -> None:
    try:
        json.loads(body)
    except ValueError:
        raise refuse("MalformedPolicy", "The policy is not JSON.") from None


def _check_tags(content: dict[str, Any]) -> None:
    tags = [(str(tag.get("Key") or ""), str(tag.get("Value") or "")) for tag in _rows(content.get("TagSet"), "Tag")]
    if not 1 <= len(tags) <= TAGS or len({key for key, _ in tags}) < len(tags):
        raise refuse("InvalidTag", f"A bucket has up to {TAGS} tags, each key once.")
    if any(not 1 <= len(key) <= 127 or len(value) > 255 for key, value in tags):
        raise refuse("InvalidTag", "A tag's key has 1 to 127 characters, its value up to 255.")


def _check_encryption(content: dict[str, Any]) -> None:
    rules = _rows(content, "Rule")
    default = (rules[0].get("ApplyServerSideEncryptionByDefault") or {}) if len(rules) == 1 else {}
    if default.get("SSEAlgorithm") not in ("AES256", "KMS", "SM4"):
        raise refuse("MalformedXML", "There is one rule, and its SSEAlgorithm is AES256, KMS or SM4.")


def _check_status(content: dict[str, Any]) -> None:
    if content.get("Status") not in ("Enabled", "Suspended"):
        raise refuse("MalformedXML", "Status is Enabled or Suspended.")


def _check_website(content: dict[str, Any]) -> None:
    if not (content.get("IndexDocument") or {}).get("Suffix"):
        raise refuse("MalformedXML", "A website has an IndexDocument with a Suffix.")


def _rows(content: Any, name: str) -> list[dict[str, Any]]:
    return [row or {} for row in (content or {}).get(name) or ()]


_CHECKS: Final[Mapping[str, Callable[[dict[str, Any]], None]]] = {
    "tagging": _check_tags,
    "encryption": _check_encryption,
    "accelerate": _check_status,
    "website": _check_website,
}
