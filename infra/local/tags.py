"""The tags of every resource: one place, whichever service they are set or asked through.

A service says what of its own can carry tags (`carry`), gives what comes with a resource's creation (`put`), and shows
`of` in its own answers. The tag service changes and tells the same ones. Limits: 651/13354. A bucket's tags are COS's
own matter, as they are Tencent's.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.local.gateway import Refused

MOST: Final = 50
"""Tags that one resource may have."""
_KEY: Final = 127
_VALUE: Final = 255
"""Characters."""
_TEXT: Final = re.compile(r"(?! )[\w +\-=.:/@()\[\],;<>（）【】：＋－＝／＠]+(?<! )")
_RESERVED: Final = re.compile(r"qcs:.*|project.*|项目.*|(?:qcloud|tencent)", re.IGNORECASE)
_RESOURCE: Final = re.compile(
    r"qcs::(?P<service>[a-z]+):(?P<region>[a-z0-9-]*):ui[nd]/(?P<uin>\d*):(?P<prefix>[^/]+)/(?P<id>.+)"
)


@dataclass(frozen=True)
class Resource:
    """A resource as the tag service knows it: `qcs::<service>:<region>:uin/<uin>:<prefix>/<id>` (598/10606)."""

    service: str
    prefix: str
    id: str
    region: str = ""
    """Empty for what is the same in all regions."""


@dataclass(frozen=True)
class _Kind:
    region: str
    exists: Callable[[str], bool]


class Tags:
    """The tags of one account's resources; one lock around all of it."""

    def __init__(self, uin: str) -> None:
        self._uin = uin
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._tags: dict[tuple[str, str, str], dict[str, str]] = {}
        self._lock = threading.RLock()

    def carry(self, service: str, prefix: str, exists: Callable[[str], bool], region: str = "") -> None:
        """Let the resources of a kind carry tags: `exists` says of an id whether there is one, in `region`."""
        self._kinds[service, prefix] = _Kind(region, exists)

    def named(self, text: str) -> Resource:
        """The resource that six segments name; raises `Refused` with InvalidParameterValue.…"""
        match = _RESOURCE.fullmatch(text)
        if match is None or match["uin"] not in ("", self._uin):
            raise Refused("InvalidParameterValue.ResourceDescriptionError", f"{text!r} names no resource of yours.")
        return self.known(Resource(match["service"], match["prefix"], match["id"], match["region"]))

    def known(self, resource: Resource, *, there: bool = True) -> Resource:
        """The resource, if its kind is known here, and it is `there`; raises `Refused`."""
        kind = self._kinds.get((resource.service, resource.prefix))
        if not any(service == resource.service for service, _ in self._kinds):
            raise Refused("InvalidParameterValue.ServiceTypeInvalid", f"Nothing of {resource.service} has tags here.")
        if kind is None:
            raise Refused("InvalidParameterValue.ResourcePrefixInvalid", f"No {resource.prefix} has tags here.")
        if kind.region and resource.region != kind.region:
            raise Refused("InvalidParameterValue.RegionInvalid", f"The local cloud has {kind.region} only.")
        if there and not kind.exists(resource.id):
            raise Refused("InvalidParameterValue.ResourceIdInvalid", f"There is no {resource.prefix} {resource.id}.")
        return resource

    def of(self, service: str, prefix: str, id: str) -> dict[str, str]:
        """A resource's tags by their keys."""
        with self._lock:
            return dict(self._tags.get((service, prefix, id), {}))

    def put(self, service: str, prefix: str, id: str, tags: Mapping[str, str], without: Iterable[str] = ()) -> None:
        """Add or replace `tags`, and take those `without` away; raises `Refused` before anything is changed."""
        for key, value in tags.items():
            _check(key, value)
        with self._lock:
            gone = set(without)
            kept = {key: value for key, value in self.of(service, prefix, id).items() if key not in gone}
            if len({**kept, **tags}) > MOST:
                raise Refused("LimitExceeded.ResourceAttachedTags", f"A resource has at most {MOST} tags.")
            self._tags[service, prefix, id] = {**kept, **tags}

    def drop(self, service: str, prefix: str, id: str) -> None:
        """Forget a resource's tags, with the resource."""
        with self._lock:
            self._tags.pop((service, prefix, id), None)


def pairs(given: Iterable[Mapping[str, Any]], most: int = MOST) -> dict[str, str]:
    """Tags as services take them (`Key` and `Value`) by their keys; raises `Refused`.

    `most` are how many the service takes at once; for more it has InvalidParameter, as for two of one key.
    """
    found: dict[str, str] = {}
    for tag in given:
        key, value = tag.get("Key"), tag.get("Value")
        if not isinstance(key, str) or not isinstance(value, str) or key in found:
            raise Refused("InvalidParameter", "Each tag has a Key of its own and a Value.")
        _check(key, value)
        found[key] = value
    if len(found) > most:
        raise Refused("InvalidParameter", f"There are at most {most} tags at once.")
    return found


def told(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as services tell them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _check(key: str, value: str) -> None:
    if not key:
        raise Refused("InvalidParameterValue.TagKeyEmpty", "A tag has a key.")
    if _RESERVED.fullmatch(key):
        raise Refused("InvalidParameter.ReservedTagKey", f"The key {key} is the system's own.")
    if len(key) > _KEY:
        raise Refused("InvalidParameterValue.TagKeyLengthExceeded", f"A key has at most {_KEY} characters.")
    if not _TEXT.fullmatch(key):
        raise Refused(
            "InvalidParameterValue.TagKeyCharacterIllegal", f"The key {key!r} has a character that none may have."
        )
    if not value:
        raise Refused("InvalidParameterValue.TagValueEmpty", f"The tag {key} has no value.")
    if len(value) > _VALUE:
        raise Refused("InvalidParameterValue.TagValueLengthExceeded", f"A value has at most {_VALUE} characters.")
    if not _TEXT.fullmatch(value):
        raise Refused(
            "InvalidParameterValue.TagValueCharacterIllegal", f"The value {value!r} has a character that none may have."
        )
