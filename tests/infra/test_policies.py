"""What every deployment keeps to: all that the program registers does, and what does not is told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.local.provision import Monitor, run, stack_file
from infra.policy.resources import Resource
from infra.policy.rules import broken
from infra.settings import config
from tests.infra.conftest import API, Deployment, Recorded, settings
from tests.infra.test_examples import FILLED_IN

PLACE = "qcs::cos:ap-guangzhou:uid/1250000000:pictures-1250000000"
TAGS = {"app": "facestamp", "stack": "test"}


def registered(recorded: Recorded) -> list[Resource]:
    return [Resource(kind, name, inputs) for (kind, name), inputs in recorded.made.items()]


def trigger(event: str, prefix: str = "photos/", bucket: str = "pictures-1250000000") -> dict[str, Any]:
    described = {"event": f"cos:ObjectCreated:{event}", "filter": {"Prefix": prefix}}
    return {"name": bucket, "type": "cos", "cosRegion": "ap-guangzhou", "triggerDesc": json.dumps(described)}


def arrivals(prefix: str = "photos/", bucket: str = "pictures-1250000000") -> list[dict[str, Any]]:
    return [trigger(event, prefix, bucket) for event in ("Put", "Post", "CompleteMultipartUpload")]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"version": "2.0", "statement": list(statements)})


def allow(actions: list[str], resources: list[str], effect: str = "allow") -> dict[str, Any]:
    return {"effect": effect, "action": actions, "resource": resources}


def trusting(service: str, action: str = "name/sts:AssumeRole", effect: str = "allow") -> str:
    return document({"effect": effect, "action": [action], "principal": {"service": [service]}})


def address(**changed: Any) -> str:
    told = {
        "AuthType": "NONE",
        "NetConfig": {"EnableIntranet": False, "EnableExtranet": True},
        "CorsConfig": {"Enable": False},
    }
    return json.dumps({**told, **changed})


SOUND: dict[str, dict[str, Any]] = {
    "CosBucket": {
        "bucket": "records-1250000000",
        "acl": "private",
        "encryptionAlgorithm": "AES256",
        "versioningEnable": False,
        "lifecycleRules": [{"filterPrefix": "answers/", "expiration": {"days": 7}}],
        "corsRules": [{"allowedOrigins": ["*"], "allowedMethods": ["GET", "PUT"]}],
        "tags": TAGS,
    },
    "ScfFunction": {
        "name": "facestamp-test-photos",
        "role": "facestamp-test-photos",
        "handler": "on_upload.main_handler",
        "runtime": "Python3.10",
        "timeout": 30,
        "memSize": 256,
        "enablePublicNet": True,
        "cosObjectName": "/facestamp-0123456789abcdef.zip",
        "clsLogsetId": "set",
        "clsTopicId": "topic",
        "environment": {"FACESTAMP_PREFIX": "photos/"},
        "triggers": arrivals(),
        "tags": TAGS,
    },
    "CamRole": {"name": "facestamp-test-photos", "document": trusting("scf.qcloud.com"), "tags": TAGS},
    "CamPolicy": {
        "document": document(
            allow(["cos:GetObject", "name/cos:PutObject"], [f"{PLACE}/photos/*"]),
            allow(["cos:GetBucket"], [f"{PLACE}/*"]),
            allow(["iai:DetectFace"], ["*"]),
        ),
        "tags": TAGS,
    },
    "ScfTrigger": {"type": "http", "enable": "OPEN", "triggerDesc": address()},
    "ScfFunctionEventInvokeConfig": {
        "functionName": "facestamp-test-photos",
        "asyncTriggerConfig": {"retryConfigs": [{"retryNum": 2}], "msgTtl": 21600},
    },
    "ScfReservedConcurrencyConfig": {"functionName": "facestamp-test-photos", "reservedConcurrencyMem": 1280},
    "ClsTopic": {"topicName": "facestamp-test", "tags": TAGS},
    "ClsLogset": {"logsetName": "facestamp-test", "tags": TAGS},
}


def stack(kind: str = "", **changed: Any) -> list[Resource]:
    """One sound resource of each kind, one of them changed; an input of None is left out."""
    return [
        Resource(
            each, "state", {n: v for n, v in {**sound, **(changed if each == kind else {})}.items() if v is not None}
        )
        for each, sound in SOUND.items()
    ]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("CosBucket", {"acl": "public-read"}, "not private"),
    ("CosBucket", {"acl": None}, "not private"),
    ("CosBucket", {"encryptionAlgorithm": None}, "not encrypted"),
    ("CosBucket", {"versioningEnable": True}, "keeps versions"),
    ("CosBucket", {"lifecycleRules": [{"filterPrefix": "", "expiration": {"days": 7}}]}, "has to stay"),
    ("CosBucket", {"lifecycleRules": [{"filterPrefix": "leases/photos/", "expiration": {"days": 7}}]}, "has to stay"),
    ("CosBucket", {"lifecycleRules": [{"filterPrefix": "dead/", "expiration": {"days": 7}}]}, "has to stay"),
    ("CosBucket", {"corsRules": [{"allowedMethods": ["GET", "DELETE"]}]}, "Pages may send DELETE"),
    ("CosBucket", {"tags": {"app": "facestamp"}}, "The tag stack is missing"),
    ("CosBucket", {"bucket": "pictures-1250000000"}, "woken by the state bucket"),
    ("ScfFunction", {"triggers": arrivals()[:2]}, "not these three"),
    ("ScfFunction", {"triggers": [*arrivals()[:2], trigger("*")]}, "not these three"),
    ("ScfFunction", {"triggers": [*arrivals(), trigger("Copy")]}, "not these three"),
    ("ScfFunction", {"triggers": arrivals("")}, "not filter by one prefix"),
    ("ScfFunction", {"triggers": arrivals("pho*/")}, "not filter by one prefix"),
    ("ScfFunction", {"triggers": [*arrivals()[:2], trigger("CompleteMultipartUpload", "p/")]}, "by one prefix"),
    ("ScfFunction", {"triggers": [{**each, "type": "timer"} for each in arrivals()]}, "not one of COS"),
    ("ScfFunction", {"triggers": [{**each, "triggerDesc": "Put"} for each in arrivals()]}, "not these three"),
    ("ScfFunction", {"name": None}, "has no name"),
    ("ScfFunction", {"role": None}, "has no role"),
    ("ScfFunction", {"role": "somebody-elses"}, "not one of this stack"),
    ("ScfFunction", {"handler": ""}, "has no handler"),
    ("ScfFunction", {"runtime": "Nodejs18.15"}, "not one of Python's"),
    ("ScfFunction", {"timeout": None}, "not 15 to 30 seconds"),
    ("ScfFunction", {"timeout": 14}, "not 15 to 30 seconds"),
    ("ScfFunction", {"timeout": 31}, "not 15 to 30 seconds"),
    ("ScfFunction", {"memSize": None}, "memory is not"),
    ("ScfFunction", {"memSize": 200}, "memory is not"),
    ("ScfFunction", {"memSize": 384}, "so many times its memory"),
    ("ScfFunction", {"enablePublicNet": None}, "no way out"),
    ("ScfFunction", {"cosObjectName": "/facestamp.zip"}, "does not tell its content"),
    ("ScfFunction", {"clsLogsetId": None}, "goes with its log set"),
    ("ScfFunction", {"clsLogsetId": None, "clsTopicId": None}, "does not write to the log topic"),
    ("ScfFunction", {"environment": {"FACESTAMP_MAX": "5"}}, "has not 2 to 64 bytes"),
    ("ScfFunction", {"environment": {"FACESTAMP_PREFIX": "照" * 22}}, "has not 2 to 64 bytes"),
    ("ScfFunction", {"environment": {"SCF_PREFIX": "photos/"}}, "cannot be the name"),
    ("ScfFunction", {"environment": {f"FACESTAMP_{n}": "x" * 64 for n in range(60)}}, "more than 4096 bytes"),
    ("CamRole", {"document": trusting("apigateway.qcloud.com")}, "Somebody else"),
    ("CamRole", {"document": trusting("scf.qcloud.com", effect="deny")}, "Somebody else"),
    ("CamRole", {"document": trusting("scf.qcloud.com", "name/sts:*")}, "something else than"),
    ("CamRole", {"document": None}, "Somebody else"),
    ("CamRole", {"name": "another"}, "not one of this stack"),
    ("CamPolicy", {"document": document(allow(["cos:*"], [f"{PLACE}/photos/*"]))}, "not the name of one action"),
    ("CamPolicy", {"document": document(allow(["cos:GetObject"], ["*"]))}, "not one prefix"),
    ("CamPolicy", {"document": document(allow(["cos:GetObject"], [f"{PLACE}/*"]))}, "not one prefix"),
    ("CamPolicy", {"document": document(allow(["cos:GetObject", "iai:DetectFace"], ["*"]))}, "by themselves"),
    ("CamPolicy", {"document": document(allow(["iai:DetectFace"], [f"{PLACE}/photos/*"]))}, "by themselves"),
    ("CamPolicy", {"document": document(allow(["iai:DetectFace"], ["*"], "deny"))}, "does not allow something"),
    ("CamPolicy", {"document": document()}, "does not allow something"),
    ("CamPolicy", {"document": document(allow(["iai:DetectFace"] * 500, ["*"]))}, "longer than the 6144"),
    ("ScfTrigger", {"type": "apigw"}, "not open"),
    ("ScfTrigger", {"enable": "CLOSE"}, "not open"),
    ("ScfTrigger", {"triggerDesc": address(AuthType="")}, "whom the address lets in"),
    ("ScfTrigger", {"triggerDesc": address(NetConfig={"EnableIntranet": True})}, "internet alone"),
    ("ScfTrigger", {"triggerDesc": address(CorsConfig={"Enable": True, "Credentials": True})}, "answers CORS"),
    ("ScfFunctionEventInvokeConfig", {"asyncTriggerConfig": {"msgTtl": 21600}}, "how often an event is tried"),
    (
        "ScfFunctionEventInvokeConfig",
        {"asyncTriggerConfig": {"msgTtl": 60, "retryConfigs": [{"retryNum": 2}]}},
        "not kept for an hour",
    ),
    ("ScfFunctionEventInvokeConfig", {"functionName": "another"}, "how events of facestamp-test-photos"),
    ("ScfReservedConcurrencyConfig", {"reservedConcurrencyMem": 0}, "has no quota"),
    ("ScfReservedConcurrencyConfig", {"functionName": "another"}, "has no quota"),
    ("ClsTopic", {"tags": None}, "The tag app is missing"),
]


def test_what_is_sound_is_not_spoken_of() -> None:
    assert broken(stack()) == []


@pytest.mark.parametrize(("kind", "changed", "sentence"), WRONG)
def test_what_is_wrong_is_told(kind: str, changed: dict[str, Any], sentence: str) -> None:
    assert any(sentence in said for said in broken(stack(kind, **changed))), broken(stack(kind, **changed))


def test_photos_never_expire() -> None:
    expiring = Resource("CosBucket", "photos", SOUND["CosBucket"])
    assert "CosBucket photos: The rule for 'answers/' lets expire what has to stay." in broken([expiring])


def test_photos_that_were_replaced_may_go_and_no_others() -> None:
    replaced = {"filterPrefix": "", "nonCurrentExpiration": {"nonCurrentDays": 30}}
    kept = {**SOUND["CosBucket"], "versioningEnable": True, "lifecycleRules": [replaced]}
    assert broken([Resource("CosBucket", "photos", kept)]) == []
    marked = {**kept, "lifecycleRules": [{**replaced, "expiration": {"days": 30}}]}
    assert any("lets expire what has to stay" in said for said in broken([Resource("CosBucket", "photos", marked)]))


@pytest.mark.parametrize("prefix", ["photos/", "photos/2026/", "pho"])
def test_two_functions_are_not_woken_by_the_same_key(prefix: str) -> None:
    second = {**SOUND["ScfFunction"], "name": "second", "triggers": arrivals(prefix)}
    said = broken([*stack(), Resource("ScfFunction", "second", second)])
    assert any("Two functions are woken by what is under" in each for each in said)
    assert "Two functions share a role." in said


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_the_example_stacks_keep_to_all_of_it(name: str, package: Path) -> None:
    told = stack_file(name)
    given = {**told, **{key: value for key, value in FILLED_IN.items() if key in told or name == "local"}}
    recorded = Recorded()
    run(Monitor(recorded), config.flat({**given, "facestamp:package": str(package)}), name)
    assert broken(registered(recorded)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"api": API, "versioning": True, "record_days": 90},
        {"api": {"auth": "CAM", "camScopes": ["admin"]}, "logs": False, "alarms": False, "retries": 0},
        {"adopt_photo_bucket": True, "adopt_state_bucket": True, "memory": 64, "timeout": 15, "disposable": True},
    ],
)
def test_so_does_whatever_else_can_be_set(changed: dict[str, Any], package: Path) -> None:
    assert broken(registered(Deployment(settings(package=str(package), **changed)).recorded)) == []
