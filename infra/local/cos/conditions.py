"""Conditions on a request: If-Match and its kin, on a read and on a copy's source."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from infra.local.cos.errors import refuse
from infra.local.cos.kept import Version
from infra.local.gateway import Refused
from infra.local.readings import Readings


def check_read(headers: Mapping[str, str], version: Version) -> None:
    """Raise `Refused` PreconditionFailed (412) or NotModified (304), in RFC 9110's order (COS 436/7753)."""
    match, none_match = headers.get("If-Match"), headers.get("If-None-Match")
    unmodified, modified = _time(headers, "If-Unmodified-Since"), _time(headers, "If-Modified-Since")
    if match is not None:
        if not _matches(match, version):
            raise _failed()
    elif unmodified is not None and int(version.modified) > unmodified:
        raise _failed()
    if none_match is not None:
        if _matches(none_match, version):
            raise Refused("NotModified", "Not Modified", 304)
    elif modified is not None and int(version.modified) <= modified:
        raise Refused("NotModified", "Not Modified", 304)


def check_copy(headers: Mapping[str, str], source: Version, combined: Readings) -> None:
    """Raise `Refused` PreconditionFailed unless the source is as `x-cos-copy-source-If-*` want it (COS 436/10881)."""
    prefix = "x-cos-copy-source-"
    match, none_match = headers.get(f"{prefix}If-Match"), headers.get(f"{prefix}If-None-Match")
    unmodified = _time(headers, f"{prefix}If-Unmodified-Since")
    modified = _time(headers, f"{prefix}If-Modified-Since")
    holds = {
        "If-Match": match is None or _matches(match, source),
        "If-None-Match": none_match is None or not _matches(none_match, source),
        "If-Unmodified-Since": unmodified is None or int(source.modified) <= unmodified,
        "If-Modified-Since": modified is None or int(source.modified) > modified,
    }
    if combined.copy_conditions == "if-match-wins":
        if match is not None:
            holds.pop("If-Unmodified-Since")
        if none_match is not None:
            holds.pop("If-Modified-Since")
    if not all(holds.values()):
        raise _failed()


def _matches(asked: str, version: Version) -> bool:
    etags = [etag.strip().removeprefix("W/").strip('"') for etag in asked.split(",")]
    return "*" in etags or version.etag.strip('"') in etags


def _time(headers: Mapping[str, str], name: str) -> float | None:
    try:
        return parsedate_to_datetime(headers[name]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None


def _failed() -> Refused:
    return refuse("PreconditionFailed", "At least one of the preconditions you specified did not hold.")
