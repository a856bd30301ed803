"""A stack is deployed by somebody who may do that and nothing else."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from qcloud_cos import CosServiceError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.account import deployer, leftovers, prerequisites, steps
from infra.account.clients import Clients
from infra.account.traces import Traces
from infra.local import policies
from infra.local.cam import Identity
from infra.local.cloud import LocalCloud
from infra.local.provision import provision
from infra.settings import config, stackfile
from infra.settings.permissions import Statement, document, trust
from infra.settings.stackfile import Unready
from tests.infra.conftest import API, settings

GIVEN: dict[str, Any] = {"api": API, "alarm_url": "https://alarms.example.com/x", "disposable": True}


@pytest.fixture
def empty() -> Iterator[LocalCloud]:
    """A cloud with nothing in it."""
    with LocalCloud(engine=cast("Any", object())) as cloud:
        yield cloud


@pytest.fixture
def package(tmp_path: Path) -> str:
    path = tmp_path / "facestamp.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for module in ("on_upload.py", "on_http.py"):
            archive.writestr(module, "def main_handler(event, context):\n    return 0\n")
    return str(path)


def allowed(cloud: LocalCloud, stated: list[Statement]) -> Identity:
    """Somebody who may do just this."""
    cloud.cam.create_role("deployer", trust())
    cloud.cam.attach("deployer", cloud.cam.create_policy("deployer", document(stated)))
    return cloud.cam.assume("deployer", "worker", "invocation")


def test_the_policy_is_enough_to_deploy(empty: LocalCloud, package: str) -> None:
    stack = settings(package=package, **GIVEN)
    given = config.dump(stack)
    given["tencentcloud:allowedAccountIds"] = json.loads(given["tencentcloud:allowedAccountIds"])
    who = allowed(empty, deployer.statements(given, stack.stack))
    environment = {
        "TENCENTCLOUD_SECRET_ID": who.secret_id,
        "TENCENTCLOUD_SECRET_KEY": who.secret_key,
        "TENCENTCLOUD_SECURITY_TOKEN": who.token,
        "FACESTAMP_ENDPOINT": empty.endpoint,
    }

    steps.take("before", given, environment)
    outputs = provision(stack, empty.endpoint, who)
    steps.take("after", given, environment)

    assert set(outputs["functions"]) == {"photos", "members"}
    assert {call.status for call in empty.journal.calls()} <= {200, 204, 404}


def test_the_policy_is_enough_to_look_before_and_to_sweep_up_after(empty: LocalCloud, package: str) -> None:
    stack = settings(package=package, **GIVEN)
    given = {**config.dump(stack), "facestamp:routes": [{"name": route.name} for route in stack.routes]}
    who = allowed(empty, deployer.statements(given, stack.stack))
    environment = {
        "TENCENTCLOUD_SECRET_ID": who.secret_id,
        "TENCENTCLOUD_SECRET_KEY": who.secret_key,
        "TENCENTCLOUD_SECURITY_TOKEN": who.token,
        "FACESTAMP_ENDPOINT": empty.endpoint,
    }
    clients = Clients(stack.region, environment)
    prerequisites.right_account(given, clients)
    with pytest.raises(Unready, match="no role SCF_QcsRole"):
        prerequisites.scf_opened(clients)
    provision(stack, empty.endpoint, empty.cam.owner, stack.stack)
    failed = Traces(failed=((0.0, math.inf),))
    topic = next(each for each in leftovers.find(given, stack.stack, {}, clients) if each.kind is leftovers.TOPIC)
    clients.ask("cls", "DeleteTopic", TopicId=topic.id)

    for each in leftovers.find(given, stack.stack, {}, clients, failed):
        if each.name != stack.code_bucket_name:
            leftovers.remove(each, clients)

    assert [each.name for each in leftovers.find(given, stack.stack, {}, clients)] == [stack.code_bucket_name]


def test_it_reaches_no_other_stack(empty: LocalCloud, package: str) -> None:
    stack = settings(package=package, **GIVEN)
    who = allowed(
        empty, deployer.statements(config.dump(stack) | {"tencentcloud:allowedAccountIds": ["100000000001"]}, "other")
    )
    with pytest.raises(TencentCloudSDKException, match="not authorized"):
        provision(stack, empty.endpoint, who)
    with pytest.raises(CosServiceError, match="AccessDenied"):
        empty.cos(who).create_bucket(Bucket="strangers-1250000000")


def test_a_stack_whose_name_begins_like_this_ones_is_another() -> None:
    stack = settings(**GIVEN)
    printed = [policies.policy(document(deployer.statements(config.dump(stack), stack.stack)))]

    def reached(part: str) -> list[bool]:
        place = "qcs::scf:ap-guangzhou:uin/100000000001:namespace/default/function"
        function, role = f"{place}/facestamp-test-{part}", f"qcs::cam::uin/100000000001:roleName/facestamp-test-{part}"
        return [
            policies.allowed(printed, "scf:UpdateFunctionCode", function),
            policies.allowed(printed, "cam:PassRole", role),
        ]

    assert [reached(part) for part in ("photos", "members", "api")] == [[True, True]] * 3
    assert [reached(part) for part in ("x-photos", "x-api", "members-x")] == [[False, False]] * 3


def test_what_is_protected_cannot_be_emptied_and_what_is_adopted_cannot_be_changed() -> None:
    given = {
        **config.dump(settings(adopt_photo_bucket=True)),
        "tencentcloud:allowedAccountIds": ["100000000001"],
    }
    stated = deployer.statements(given, "test")

    def reached(action: str) -> set[str]:
        resources = [name for one in stated if action in one["action"] for name in one["resource"]]
        return {name.rpartition(":")[2].partition("-")[0] for name in resources}

    assert reached("cos:DeleteObject") == {"code"}
    assert reached("cos:PutObject") == {"code"}
    assert reached("cos:PutBucketACL") == {"records", "code"}
    assert reached("cos:GetBucketACL") == {"pictures", "records", "code"}


@pytest.fixture
def filled_in(tmp_path: Path) -> Path:
    """A folder with the examples, filled in."""
    values = {"<the account's UIN>": "100000000001", "<the account's APPID>": "1250000000"}
    for example in ("dev", "prod"):
        text = stackfile.path(example).read_text("utf-8")
        for placeholder, value in {**values, "<the https address that alarms are posted to>": "https://x.test"}.items():
            text = text.replace(placeholder, value)
        (tmp_path / f"Pulumi.{example}.yaml").write_text(text, "utf-8")
    return tmp_path


def test_it_is_printed_as_cam_takes_it(filled_in: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployer.main(["--stack", "prod"], filled_in) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["version"] == "2.0"
    assert len(document(json.loads(printed)["statement"])) < 6144
    assert "qcs::cos:ap-guangzhou:uid/1250000000:fs-prod-photos-1250000000/*" in printed


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("prod", "infra/Pulumi.prod.yaml still has the example's placeholders: fill in "),
        ("nope", "There is no infra/Pulumi.nope.yaml: copy one of the others (dev, local, prod) to that name"),
        ("", "Name a stack: STACK=dev"),
    ],
)
def test_without_a_stack_that_is_filled_in_no_policy_is_printed(
    stack: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deployer.main(["--stack", stack]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(told)
    assert said.err.count("\n") == 1
    assert said.out == ""
