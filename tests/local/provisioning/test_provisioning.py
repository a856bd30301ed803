"""The Pulumi program, run against services that write down what they are asked."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from werkzeug import Request, Response

from infra.local import control, tc3
from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.faults import Fault, Faults
from infra.local.gateway import Gateway, Refused, Server, Wanted
from infra.local.journal import Call, Journal
from infra.local.provider import NotProvisionable, Provider
from infra.local.provision import provision, stack_file
from infra.settings.stack import StackSettings
from tests.infra.conftest import API, settings

QUIET = {"logs": False, "alarms": False}
"""Nobody writes down what CLS and Cloud Monitor are asked."""


class Scribe:
    """A service that grants everything, and remembers it."""

    def __init__(self, name: str, **answer: str) -> None:
        self.name, self.answered = name, answer
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.targets: list[tuple[str, str, str]] = []
        self.when_asked: Callable[[str, dict[str, Any]], None] = lambda action, parameters: None

    def wanted(self, request: Request) -> Wanted:
        return Wanted(self.name, tc3.wanted_action(request) or request.method, secret_id=tc3.wanted_secret_id(request))

    def answer(self, request: Request, call: Call) -> Response:
        if self.name == "scf":
            self.asked.append((call.action, json.loads(request.get_data())))
            self.when_asked(*self.asked[-1])
            return tc3.respond(self.answered)
        self.targets.append((request.method, request.host, request.query_string.decode().removesuffix("=")))
        return Response(status=200)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        return tc3.refuse(refused.code, refused.message)


class Cloud:
    """CAM as it is, and scribes for the rest."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.cam = Cam(self.clock)
        self.faults = Faults()
        self.gateway = Gateway(self.clock, Journal(), self.faults)
        self.scf, self.cos = Scribe("scf", Status="Active", FunctionId="lam-1"), Scribe("cos")
        self.gateway.mount(control.HOST, control.Control(self.cam))
        self.gateway.mount(r"scf\.tencentcloudapi\.com", self.scf)
        self.gateway.mount(r".*\.myqcloud\.com", self.cos)
        self.server = Server(self.gateway, 0)
        self.endpoint = f"http://127.0.0.1:{self.server.port}"

    def asked(self, action: str) -> list[dict[str, Any]]:
        """What SCF was asked to do, by action."""
        return [parameters for name, parameters in self.scf.asked if name == action]


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    cloud = Cloud()
    yield cloud
    cloud.server.stop()


@pytest.fixture
def stack(tmp_path: Path) -> StackSettings:
    package = tmp_path / "facestamp.zip"
    package.write_bytes(b"what make package built")
    return settings(package=str(package), **QUIET)


@pytest.fixture
def outputs(cloud: Cloud, stack: StackSettings) -> dict[str, Any]:
    return provision(stack, cloud.endpoint, cloud.cam.owner)


def test_outputs_name_what_was_made(outputs: dict[str, Any]) -> None:
    assert outputs == {
        "region": "ap-guangzhou",
        "faceRegion": "ap-guangzhou",
        "photoBucket": "pictures-1250000000",
        "photoUrl": "https://pictures-1250000000.cos.ap-guangzhou.myqcloud.com",
        "stateBucket": "records-1250000000",
        "codeBucket": "code-1250000000",
        "functions": {"photos": "facestamp-test-photos", "members": "facestamp-test-members"},
        "prefixes": {"photos": "photos/", "members": "members/"},
        "groups": {},
    }


def test_roles_come_with_their_policies(cloud: Cloud, outputs: dict[str, Any]) -> None:
    for name in outputs["functions"].values():
        [policy] = cloud.cam.attached(name)
        assert policy.name == name
        key = cloud.cam.assume(name, "worker-1", "request-1")
        cloud.cam.require(key, "iai:DetectFace")


def test_functions_are_asked_for_as_the_provider_asks(cloud: Cloud, outputs: dict[str, Any]) -> None:
    [photos] = [asked for asked in cloud.asked("CreateFunction") if asked["FunctionName"] == "facestamp-test-photos"]
    variables = {variable["Key"]: variable["Value"] for variable in photos.pop("Environment")["Variables"]}
    assert {tag["Key"]: tag["Value"] for tag in photos.pop("Tags")} == {"app": "facestamp", "stack": "test"}
    digest = hashlib.sha256(b"what make package built").hexdigest()[:16]
    assert photos.pop("Code") == {
        "CosBucketName": "code",
        "CosObjectName": f"/facestamp-{digest}.zip",
        "CosBucketRegion": "ap-guangzhou",
    }
    assert photos == {
        "FunctionName": "facestamp-test-photos",
        "Namespace": "default",
        "Handler": "on_upload.main_handler",
        "Description": "Stamps the photos under photos/",
        "MemorySize": 256,
        "Timeout": 30,
        "Runtime": "Python3.10",
        "Role": "facestamp-test-photos",
        "Type": "Event",
        "PublicNetConfig": {"PublicNetStatus": "ENABLE", "EipConfig": {"EipStatus": "DISABLE"}},
    }
    assert variables["FACESTAMP_ENDPOINT"] == cloud.endpoint
    assert variables["FACESTAMP_ROUTE"] == "photos"


def test_triggers_are_named_by_the_buckets_host(cloud: Cloud, outputs: dict[str, Any]) -> None:
    asked = [t for t in cloud.asked("CreateTrigger") if t["FunctionName"] == "facestamp-test-members"]
    assert {(t["TriggerName"], t["Type"], t["Enable"]) for t in asked} == {
        ("pictures-1250000000.cos.ap-guangzhou.myqcloud.com", "cos", "OPEN")
    }
    assert [json.loads(t["TriggerDesc"])["event"] for t in asked] == [
        "cos:ObjectCreated:Put",
        "cos:ObjectCreated:Post",
        "cos:ObjectCreated:CompleteMultipartUpload",
    ]


def test_buckets_are_made_private_and_encrypted(cloud: Cloud, outputs: dict[str, Any]) -> None:
    for bucket in ("pictures-1250000000", "records-1250000000"):
        host = f"{bucket}.cos.ap-guangzhou.myqcloud.com"
        asked = [query for method, at, query in cloud.cos.targets if (method, at) == ("PUT", host)]
        assert asked == ["", "tagging", "acl", "lifecycle", "encryption"]
    assert ("PUT", "pictures-1250000000.pic.ap-guangzhou.myqcloud.com", "") in cloud.cos.targets


def test_the_apis_address_is_asked_for_as_the_provider_asks(cloud: Cloud, stack: StackSettings) -> None:
    provision(settings(package=stack.package, api=API, **QUIET), cloud.endpoint, cloud.cam.owner)
    [function] = [asked for asked in cloud.asked("CreateFunction") if asked["FunctionName"] == "facestamp-test-api"]
    assert (function["Handler"], function["MemorySize"], function["Timeout"]) == ("on_http.main_handler", 512, 30)
    variables = {variable["Key"]: variable["Value"] for variable in function["Environment"]["Variables"]}
    assert variables["FACESTAMP_SIGNING_KEYS"] == "now:read:not-a-secret-but-long-enough-for-one"
    assert variables["FACESTAMP_ENDPOINT"] == cloud.endpoint
    [trigger] = [asked for asked in cloud.asked("CreateTrigger") if asked["Type"] == "http"]
    described = json.loads(trigger.pop("TriggerDesc"))
    assert trigger == {
        "FunctionName": "facestamp-test-api",
        "Namespace": "default",
        "TriggerName": "url-trigger",
        "Type": "http",
        "Qualifier": "$LATEST",
        "Enable": "OPEN",
    }
    assert described["AuthType"] == "NONE"


def test_buckets_get_the_rules_that_the_api_needs(cloud: Cloud, stack: StackSettings) -> None:
    provision(settings(package=stack.package, api=API, **QUIET), cloud.endpoint, cloud.cam.owner)
    host = "pictures-1250000000.cos.ap-guangzhou.myqcloud.com"
    asked = [query for method, at, query in cloud.cos.targets if (method, at) == ("PUT", host)]
    assert asked == ["", "tagging", "acl", "cors", "lifecycle", "encryption"]


def test_a_function_is_made_only_when_its_role_can_work(cloud: Cloud, stack: StackSettings) -> None:
    ready: dict[str, int] = {}
    cloud.scf.when_asked = lambda action, asked: (
        ready.update({asked["Role"]: len(cloud.cam.attached(asked["Role"]))}) if action == "CreateFunction" else None
    )
    provision(stack, cloud.endpoint, cloud.cam.owner)
    assert ready == {"facestamp-test-photos": 1, "facestamp-test-members": 1}


def test_the_laptops_stack_can_be_provisioned(cloud: Cloud, stack: StackSettings) -> None:
    quiet = {f"facestamp:{name}": value for name, value in QUIET.items()}
    given = {**stack_file("local"), "facestamp:package": stack.package, **quiet}
    outputs = provision(given, cloud.endpoint, cloud.cam.owner)
    assert outputs["functions"] == {"photos": "facestamp-local-photos", "members": "facestamp-local-members"}


def test_two_clouds_in_one_process_do_not_meet(cloud: Cloud, stack: StackSettings, outputs: dict[str, Any]) -> None:
    other = Cloud()
    again = provision(stack, other.endpoint, other.cam.owner)
    other.server.stop()
    assert again == outputs
    assert {role.name for role in other.cam.roles()} == {role.name for role in cloud.cam.roles()}
    assert len(other.asked("CreateFunction")) == len(cloud.asked("CreateFunction")) == 2


def test_nothing_keeps_running_afterwards(cloud: Cloud, outputs: dict[str, Any]) -> None:
    names = {thread.name for thread in threading.enumerate()}
    assert not {name for name in names if "pulumi" in name or "asyncio" in name}


def test_a_refusal_of_the_cloud_ends_it(cloud: Cloud, stack: StackSettings, outputs: dict[str, Any]) -> None:
    with pytest.raises(TencentCloudSDKException) as refused:
        provision(stack, cloud.endpoint, cloud.cam.owner)
    assert refused.value.get_code() in ("InvalidParameter.RoleNameInUse", "FailedOperation.PolicyNameInUse")


def test_a_stranger_cannot_provision(cloud: Cloud, stack: StackSettings) -> None:
    with pytest.raises(TencentCloudSDKException) as refused:
        provision(stack, cloud.endpoint, Cam(cloud.clock).owner)
    assert refused.value.get_code() == "AuthFailure.SecretIdNotFound"


def test_wrong_configuration_is_refused_before_anything_is_made(cloud: Cloud) -> None:
    with pytest.raises(ValidationError, match="photo_bucket"):
        provision({"tencentcloud:region": "ap-guangzhou"}, cloud.endpoint, cloud.cam.owner)
    assert len(cloud.gateway.journal) == 0


def test_a_function_that_does_not_become_active_is_an_error(cloud: Cloud, stack: StackSettings) -> None:
    cloud.scf.answered = {"Status": "CreateFailed"}
    with pytest.raises(TimeoutError, match="is CreateFailed, not Active"):
        provision(stack, cloud.endpoint, cloud.cam.owner)


def test_a_service_that_fails_is_an_error(cloud: Cloud, stack: StackSettings) -> None:
    cloud.faults.add(Fault("fail", service="scf", action="CreateTrigger", code="InternalError"))
    with pytest.raises(TencentCloudSDKException, match="InternalError"):
        provision(stack, cloud.endpoint, cloud.cam.owner)


@pytest.mark.parametrize(
    ("kind", "inputs", "sentence"),
    [
        ("tencentcloud:index/vpc:Vpc", {}, "cannot make a tencentcloud:index/vpc:Vpc"),
        (
            "tencentcloud:index/ciBucketAttachment:CiBucketAttachment",
            {"bucket": "b-1", "colour": "red"},
            "does with colour",
        ),
    ],
)
def test_what_it_does_not_know_it_does_not_ignore(
    cloud: Cloud, kind: str, inputs: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(NotProvisionable, match=sentence):
        Provider(cloud.endpoint, cloud.cam.owner, "ap-guangzhou").create(kind, inputs)
