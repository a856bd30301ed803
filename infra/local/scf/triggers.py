"""What wakes a function: COS triggers with their filters and conflicts, and function URLs as they are stored.

A COS trigger is named by its bucket's host; its description is a JSON string with one event, one prefix and one
suffix. COS sends one object event to one function at most, so a trigger whose events, prefix and suffix all overlap
with another's on the same bucket is refused (SCF 583/9707 and the trigger description page).
"""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final, Literal

from infra.local.events import KINDS, ObjectEvent, matches
from infra.local.gateway import Refused

LIMIT: Final = 10
"""COS triggers of one function (583/11637); and rules on one bucket, as older pages say."""
PATTERNS: Final = KINDS | {f"cos:{kind}:*" for kind in ("ObjectCreated", "ObjectRemove", "ObjectRestore")}
"""What a trigger may subscribe to."""

Net = Literal["Extranet", "Intranet"]

_URL_ID = string.ascii_lowercase + string.digits
_COS_HOST = re.compile(r"(?P<bucket>[a-z0-9-]+-\d+)\.cos\.(?P<region>[a-z0-9-]+)\.myqcloud\.com")


@dataclass(frozen=True)
class Trigger:
    """One trigger of one function."""

    function: str
    name: str
    type: str
    description: str
    """TriggerDesc as it was given."""
    qualifier: str = "$LATEST"
    enabled: bool = True
    argument: str = ""
    remark: str = ""
    """Description, in the user's words."""
    added: float = 0.0
    modified: float = 0.0
    bucket: str = ""
    event: str = ""
    prefix: str = ""
    suffix: str = ""
    url_id: str = ""
    """What a function URL is known by, once it is bound: ten letters and digits."""
    addresses: Mapping[Net, str] = field(default_factory=dict)
    """Its hosts in the networks that it is open to."""

    @property
    def settings(self) -> dict[str, Any]:
        """The description's content."""
        return dict(json.loads(self.description))

    def wants(self, event: ObjectEvent) -> bool:
        """Whether an object event wakes the function through this trigger: both filters must match."""
        return (
            self.enabled
            and self.type == "cos"
            and self.bucket == event.bucket
            and matches(self.event, event.event)
            and event.key.startswith(self.prefix)
            and event.key.endswith(self.suffix)
        )

    def conflicts(self, other: Trigger) -> bool:
        """Whether one object event could match both."""
        return (
            self.type == other.type == "cos"
            and self.bucket == other.bucket
            and (matches(self.event, other.event) or matches(other.event, self.event))
            and (self.prefix.startswith(other.prefix) or other.prefix.startswith(self.prefix))
            and (self.suffix.endswith(other.suffix) or other.suffix.endswith(self.suffix))
        )

    def is_meant_by(self, other: Trigger) -> bool:
        """Whether a request that names a trigger so means this one: a COS trigger goes by its rule too."""
        mine, theirs = (
            (t.function, t.name, t.type, t.qualifier, t.bucket, t.event, t.prefix, t.suffix) for t in (self, other)
        )
        return mine == theirs

    def told(self, addressed: bool = True) -> dict[str, Any]:
        """The trigger as CreateTrigger, ListTriggers and GetFunction show it, with its addresses or without yet."""
        return {
            "TriggerName": self.name,
            "Type": self.type,
            "TriggerDesc": self._described() if addressed else self.description,
            "Qualifier": self.qualifier,
            "Enable": int(self.enabled),
            "CustomArgument": self.argument,
            "AvailableStatus": "Available",
            "BindStatus": "",
            "ResourceId": f"qcs::cos:{self.name}" if self.type == "cos" else "",
            "TriggerAttribute": "",
            "Description": self.remark,
            "AddTime": told_time(self.added),
            "ModTime": told_time(self.modified),
        }

    def _described(self) -> str:
        if not self.addresses:
            return self.description
        described = self.settings
        urls = {f"{net}Url": f"https://{host}" for net, host in self.addresses.items()}
        described["NetConfig"] = {**(described.get("NetConfig") or {}), **urls}
        return json.dumps(described, separators=(",", ":"))


def asked(parameters: Mapping[str, Any], function: str, region: str, now: float) -> Trigger:
    """The trigger that CreateTrigger asks for; raises `Refused` for what the documents do not allow."""
    trigger = replace(
        meant(parameters, function),
        description=str(parameters.get("TriggerDesc") or ""),
        enabled=_enabled(parameters.get("Enable", "OPEN")),
        argument=str(parameters.get("CustomArgument") or ""),
        remark=str(parameters.get("Description") or ""),
        added=now,
        modified=now,
    )
    return _cos(trigger, region) if trigger.type == "cos" else _http(trigger)


def meant(parameters: Mapping[str, Any], function: str) -> Trigger:
    """What names a trigger, a function URL entirely."""
    name, kind = parameters.get("TriggerName"), parameters.get("Type")
    if not name or not kind:
        raise Refused("MissingParameter", "The request needs TriggerName and Type.")
    if kind not in ("cos", "http"):
        raise Refused("UnsupportedOperation.Trigger", f"The local cloud has no triggers of type {kind!r}.")
    return Trigger(function, str(name), str(kind), "", qualifier(parameters.get("Qualifier")))


def updated(trigger: Trigger, parameters: Mapping[str, Any], now: float) -> Trigger:
    """The trigger as UpdateTrigger asks for it: what is not given stays, and only words may be given empty."""
    changes: dict[str, Any] = {"modified": now}
    if "Enable" in parameters:
        changes["enabled"] = _enabled(parameters["Enable"])
    if "TriggerDesc" in parameters:
        changes["description"] = str(parameters["TriggerDesc"])
    if "CustomArgument" in parameters:
        changes["argument"] = str(parameters["CustomArgument"])
    if "Description" in parameters:
        changes["remark"] = str(parameters["Description"])
    return _http(replace(trigger, **changes))


def addressed(trigger: Trigger, appid: str, region: str) -> Trigger:
    """A function URL with its hosts, which are random, and its own for as long as it is there (583/96099)."""
    if trigger.type != "http":
        return trigger
    url_id = trigger.url_id or "".join(secrets.choice(_URL_ID) for _ in range(10))
    net = trigger.settings.get("NetConfig") or {}
    hosts: dict[Net, str] = {
        "Extranet": f"{appid}-{url_id}.{region}.tencentscf.com",
        "Intranet": f"{appid}-{url_id}.in.{region}.tencentscf.com",
    }
    addresses = {kind: host for kind, host in hosts.items() if net.get(f"Enable{kind}")}
    return replace(trigger, url_id=url_id, addresses=addresses)


def check(trigger: Trigger, others: Iterable[Trigger]) -> None:
    """Refuse what conflicts with the triggers that are there, or is one too many."""
    others = list(others)
    for other in others:
        if trigger.conflicts(other):
            raise Refused(
                "InvalidParameterValue.CosNotifyRuleConflict",
                f"{other.event} with prefix {other.prefix!r} and suffix {other.suffix!r} on {other.bucket} is bound to"
                f" {other.function}, and overlaps.",
            )
        of = [(t.type, t.function, t.qualifier) for t in (trigger, other)]
        if trigger.type == "http" and of[0] == of[1]:
            raise Refused("ResourceInUse.Trigger", "The version has a function URL already.")
    same = [other for other in others if trigger.type == other.type == "cos"]
    if any(
        sum(getattr(other, field) == getattr(trigger, field) for other in same) >= LIMIT
        for field in ("function", "bucket")
    ):
        raise Refused("LimitExceeded.Trigger", f"There are {LIMIT} COS triggers on the function or its bucket already.")


def qualifier(value: object) -> str:
    """The version: $LATEST, or $DEFAULT, which is the same here."""
    if value in (None, ""):
        return "$LATEST"
    if value not in ("$LATEST", "$DEFAULT"):
        raise Refused("InvalidParameterValue.Qualifier", f"The local cloud has no version {value!r}.")
    return str(value)


def _enabled(value: object) -> bool:
    if value not in ("OPEN", "CLOSE"):
        raise Refused("InvalidParameterValue.Enable", f"Enable is OPEN or CLOSE, not {value!r}.")
    return value == "OPEN"


def _cos(trigger: Trigger, region: str) -> Trigger:
    described = _json(trigger.description)
    host = _COS_HOST.fullmatch(str(described.get("bucketUrl") or trigger.name))
    if host is None or host["region"] != region:
        raise Refused(
            "InvalidParameterValue.TriggerName",
            f"{trigger.name!r} is not <bucket>-<appid>.cos.{region}.myqcloud.com, the host of a bucket in this region.",
        )
    filters = described.get("filter") or {}
    event, prefix, suffix = described.get("event"), filters.get("Prefix") or "", filters.get("Suffix") or ""
    if event not in PATTERNS:
        raise Refused("InvalidParameterValue.TriggerDesc", f"There is no event {event!r}.")
    if suffix and not suffix.startswith("."):
        raise Refused("InvalidParameterValue.TriggerDesc", f"The suffix {suffix!r} does not begin with a dot.")
    return replace(trigger, bucket=host["bucket"], event=event, prefix=prefix, suffix=suffix)


def _http(trigger: Trigger) -> Trigger:
    if _json(trigger.description).get("AuthType") not in ("NONE", "CAM"):
        raise Refused("InvalidParameterValue.TriggerDesc", "AuthType is NONE or CAM.")
    return trigger


def _json(text: str) -> dict[str, Any]:
    # "The JSON string must be continuous, with no spaces in between."
    try:
        described = json.loads(text) if not re.search(r"\s", text) else None
    except ValueError:
        described = None
    if not isinstance(described, dict):
        raise Refused("InvalidParameterValue.TriggerDesc", "TriggerDesc is not a JSON object without spaces.")
    return described


def told_time(seconds: float) -> str:
    """A time of the cloud's clock as the API writes it."""
    # Beijing's time, as the API's answers show it.
    return datetime.fromtimestamp(seconds, timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")
