"""Lifecycle rules: what a bucket lets go of by itself, and when.

COS goes through a bucket once a day, at 0:00 in GMT+8, and by rules that were there before that moment. An object goes
when it was last modified as many whole days earlier as its rule says, an old version by when it was replaced, an
unfinished upload by when it was begun. A current version in a bucket with versions is not lost: a delete marker comes
over it. `sweep` is what COS does by itself; here it is done when it is asked for, as of the last such moment. Rules for
a change of storage class are kept, and not carried out. Documents: COS 436/8280 (PUT Bucket lifecycle), 436/17028
(overview) and 436/17029 (elements); when rules begin, COS international 436/40767.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from infra.local.cos import markup
from infra.local.cos.errors import refuse
from infra.local.cos.kept import Bucket, Version
from infra.local.cos.store import Store

RULES: Final = 1000
"""How many a bucket can have."""
DAYS: Final = 3650
"""The longest time that a rule can name."""

_DAY: Final = 86_400.0
_GMT_8: Final = 8 * 3600.0
_KNOWN: Final = {
    "ID",
    "Filter",
    "Status",
    "Transition",
    "Expiration",
    "NoncurrentVersionTransition",
    "NoncurrentVersionExpiration",
    "AbortIncompleteMultipartUpload",
}
_ACTIONS: Final = _KNOWN - {"ID", "Filter", "Status"}


@dataclass(frozen=True)
class Rule:
    """One rule; what it does not do is None."""

    id: str = ""
    enabled: bool = True
    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    """All of which an object must have."""
    days: int | None = None
    """After which a current version goes."""
    date: float | None = None
    """From which every current version goes, in Unix seconds."""
    lonely_markers: bool = False
    """Whether a delete marker goes under which nothing is left."""
    noncurrent_days: int | None = None
    """After which a version goes that another has replaced."""
    abort_days: int | None = None
    """After which an upload is aborted."""

    def fits(self, version: Version) -> bool:
        """Whether the rule is about this object; its prefix is known to fit."""
        return set(self.tags) <= set(version.facts.tags)


def read(document: bytes) -> list[Rule]:
    """The rules of a LifecycleConfiguration; raises `Refused` MalformedXML, InvalidArgument or NotImplemented."""
    content = markup.read(document, "LifecycleConfiguration", lists=("Rule", "Tag", "Transition"))
    rows = content.get("Rule") or []
    if not 1 <= len(rows) <= RULES:
        raise refuse("MalformedXML", f"A lifecycle has 1 to {RULES} rules.")
    rules = [_rule(row or {}) for row in rows]
    named = [rule.id for rule in rules if rule.id]
    if len(set(named)) < len(named):
        raise refuse("InvalidArgument", "Two rules have the same ID.")
    return rules


def sweep(store: Store) -> list[str]:
    """Let go of what is due, as of the last 0:00 in GMT+8; the `<bucket>/<key>` of everything that went."""
    now = store.clock.now()
    midnight = now - (now + _GMT_8) % _DAY
    with store.lock:
        return [
            f"{bucket.name}/{key}"
            for bucket in store.buckets()
            if "lifecycle" in bucket.settings and bucket.ruled <= midnight
            for rule in read(bucket.settings["lifecycle"])
            if rule.enabled
            for key in _swept(store, bucket, rule, midnight)
        ]


def _swept(store: Store, bucket: Bucket, rule: Rule, midnight: float) -> Iterator[str]:
    def due(since: float, days: int | None) -> bool:
        return days is not None and since + days * _DAY <= midnight

    for upload in store.uploads(bucket):
        if upload.key.startswith(rule.prefix) and due(upload.began, rule.abort_days):
            store.abort(bucket, upload)
            yield upload.key
    for history in list(store.versions(bucket, rule.prefix)):
        latest, replaced = history[0], zip(history[1:], history, strict=False)
        dated = rule.date is not None and rule.date <= midnight
        gone = [old.version_id for old, by in replaced if rule.fits(old) and due(by.modified, rule.noncurrent_days)]
        if latest.marker:
            gone += [latest.version_id] if rule.lonely_markers and len(history) == 1 else []
        elif rule.fits(latest) and (dated or due(latest.modified, rule.days)):
            gone.append("")
        if latest.key not in bucket.locked:
            for version_id in gone:
                store.delete(bucket, latest.key, version_id)
                yield latest.key


def _rule(row: Mapping[str, Any]) -> Rule:
    unknown = set(row) - _KNOWN
    if unknown:
        raise refuse("NotImplemented", f"The local cloud does not know what a lifecycle does with {min(unknown)}.")
    if row.get("Status") not in ("Enabled", "Disabled") or not _ACTIONS & set(row):
        raise refuse("MalformedXML", "A rule has the Status Enabled or Disabled, and something to do.")
    if len(str(row.get("ID") or "")) > 255:
        raise refuse("InvalidArgument", "A rule's ID has at most 255 characters.")
    prefix, tags = _filter(row.get("Filter") or {})
    expiration = row.get("Expiration") or {}
    if "Days" in expiration and "Date" in expiration:
        raise refuse("InvalidArgument", "A rule has Days or a Date, not both.")
    return Rule(
        str(row.get("ID") or ""),
        row["Status"] == "Enabled",
        prefix,
        tags,
        _days(expiration, "Days"),
        _date(expiration["Date"]) if "Date" in expiration else None,
        str(expiration.get("ExpiredObjectDeleteMarker")).lower() == "true",
        _days(row.get("NoncurrentVersionExpiration") or {}, "NoncurrentDays"),
        _days(row.get("AbortIncompleteMultipartUpload") or {}, "DaysAfterInitiation"),
    )


def _filter(content: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    both = content.get("And") or content
    unknown = (set(content) | set(both)) - {"And", "Prefix", "Tag"}
    if unknown:
        raise refuse("NotImplemented", f"The local cloud does not know what a filter is by {min(unknown)}.")
    tags = tuple((str(tag.get("Key") or ""), str(tag.get("Value") or "")) for tag in both.get("Tag") or ())
    return str(both.get("Prefix") or ""), tags


def _days(content: Mapping[str, Any], name: str) -> int | None:
    text = content.get(name)
    if text is None:
        return None
    if not str(text).isdecimal() or not 1 <= int(text) <= DAYS:
        raise refuse("InvalidArgument", f"{name} is 1 to {DAYS}.")
    return int(text)


def _date(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise refuse("InvalidArgument", "A Date is in ISO 8601.") from None
    if moment.tzinfo is None:
        raise refuse("InvalidArgument", "A Date names its time zone.")
    return moment.timestamp()
