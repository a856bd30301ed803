"""What a resource means: its inputs, with the provider's defaults filled in, without what nobody acts on.

Two ways to say the same are the same so. A function's variables are read as the function reads them, a policy is taken
for what it grants, and a package for what is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from facestamp.http.settings import ApiSettings
from facestamp.settings import Settings
from infra.local.policies import policy, trust

Meaning = Any


def meaning(kind: str, inputs: Mapping[str, Any]) -> Meaning:
    """What a resource of this kind means; raises for what CAM, SCF or the function itself cannot read."""
    read = READ.get(kind)
    return read(inputs) if read else dict(inputs)


def _bucket(given: Mapping[str, Any]) -> Meaning:
    return {
        "name": given.get("bucket"),
        "emptied when destroyed": given.get("forceClean", False),
        "versions": given.get("versioningEnable", False),
        "tags": given.get("tags"),
        "pages": given.get("corsRules"),
        "goes": sorted(map(_goes, given.get("lifecycleRules", ())), key=str),
    }


def _goes(rule: Mapping[str, Any]) -> Meaning:
    days = {
        "expiration": "days",
        "abortIncompleteMultipartUpload": "daysAfterInitiation",
        "nonCurrentExpiration": "nonCurrentDays",
    }
    after = {what: rule[what].get(name) for what, name in days.items() if what in rule}
    return rule.get("filterPrefix", ""), bool(rule.get("id")), after


def _object(given: Mapping[str, Any]) -> Meaning:
    digest = hashlib.sha256(Path(given["source"]).read_bytes()).hexdigest()[:16]
    return {"in": given.get("bucket"), "named": given.get("key"), "holds": digest, **_tags(given)}


def _role(given: Mapping[str, Any]) -> Meaning:
    return {"name": given.get("name"), "for SCF": trust(given["document"]).allows("scf.qcloud.com"), **_tags(given)}


def _policy(given: Mapping[str, Any]) -> Meaning:
    granted: dict[str, set[str]] = {}
    for stated in policy(given["document"]).statements:
        for resource in stated.resources:
            granted.setdefault(resource.rpartition(":")[2], set()).update(stated.actions)
    places = {resource.rpartition(":")[0] for s in policy(given["document"]).statements for resource in s.resources}
    return {"name": given.get("name"), "places": places, "granted": granted, **_tags(given)}


def _function(given: Mapping[str, Any]) -> Meaning:
    told = given.get("environment", {})
    other = ("description", "environment", "triggers", "namespace")
    return {
        **{name: value for name, value in given.items() if name not in other},
        "namespace": given.get("namespace", "default"),
        "told": ApiSettings.from_environment(told) if "FACESTAMP_ROUTES" in told else Settings.from_environment(told),
        "woken": sorted(
            (t.get("name"), t.get("cosRegion"), d["event"], d["filter"]["Prefix"])
            for t in given.get("triggers", ())
            for d in [json.loads(t["triggerDesc"])]
        ),
    }


def _spaced(given: Mapping[str, Any]) -> Meaning:
    return {"namespace": "default", **given}


def _address(given: Mapping[str, Any]) -> Meaning:
    return {**given, "triggerDesc": json.loads(given["triggerDesc"])}


def _index(given: Mapping[str, Any]) -> Meaning:
    rule = given["rule"]
    fields = {}
    for each in rule["keyValue"]["keyValues"]:
        told = each["value"]
        fields[each["key"]] = (told["type"], told["sqlFlag"], told.get("tokenizer", ""), told.get("containZH", False))
    return {
        "topic": given.get("topicId"),
        "on": given.get("status"),
        "words": rule["fullText"],
        "names in their case": rule["keyValue"]["caseSensitive"],
        "fields": fields,
    }


def _watched(given: Mapping[str, Any]) -> Meaning:
    return {
        "policy": given.get("policyId"),
        "over": sorted(
            (each["region"], *sorted(json.loads(each["dimensionsJson"]).items())) for each in given["dimensions"]
        ),
    }


def _tags(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"tags": given.get("tags")}


READ: Mapping[str, Callable[[Mapping[str, Any]], Meaning]] = {
    "CosBucket": _bucket,
    "CosBucketObject": _object,
    "CamRole": _role,
    "CamPolicy": _policy,
    "ScfFunction": _function,
    "ScfReservedConcurrencyConfig": _spaced,
    "ScfFunctionEventInvokeConfig": _spaced,
    "ScfTrigger": _address,
    "ClsIndex": _index,
    "MonitorPolicyBindingObject": _watched,
}
