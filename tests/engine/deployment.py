"""The stack from beginning to end, by Pulumi's own engine and the real provider, in a local cloud: `make test-engine`.

The tools are large and not everywhere (`infra.engine.tools`), so that `make test` leaves this file alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from facestamp import stamp
from infra import package
from infra.engine import account
from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from tests import pictures
from tests.conftest import ended
from tests.engine.deployments import Deployment, changing, left, owner


@pytest.fixture(scope="module")
def deployed(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    cloud = LocalCloud(engine=engine)
    stack = Deployment(cloud, tmp_path_factory.mktemp("engine"))
    stack.deploy()
    yield stack
    assert ended(cloud) == []


@pytest.fixture
def bare(engine: Engine) -> Iterator[LocalCloud]:
    """A cloud where nothing has been deployed."""
    cloud = LocalCloud(engine=engine)
    yield cloud
    assert ended(cloud) == []


def test_a_preview_says_what_there_will_be_and_makes_nothing(bare: LocalCloud, tmp_path: Path) -> None:
    stack = Deployment(bare, tmp_path)

    said = stack("preview", "--stack", stack.stack)

    assert "to create" in said
    assert "facestamp-local-photos" in said
    assert changing(bare.journal.calls()) == []
    assert left(bare) == {}


def test_deploying_again_changes_nothing(deployed: Deployment) -> None:
    begun = len(deployed.cloud.journal)

    said = deployed("up", "--stack", deployed.stack, "--yes", "--skip-preview", "--diff", "--expect-no-changes")

    assert "unchanged" in said
    assert changing(deployed.cloud.journal.since(begun)) == []


def test_nothing_drifts(deployed: Deployment) -> None:
    begun = len(deployed.cloud.journal)

    deployed("refresh", "--stack", deployed.stack, "--yes", "--skip-preview", "--diff", "--expect-no-changes")
    deployed("preview", "--stack", deployed.stack, "--diff", "--expect-no-changes")

    read = deployed.cloud.journal.since(begun)
    assert {"GetFunction", "DescribeRoleList", "GetPolicy", "HeadBucket"} <= {call.action for call in read}
    assert changing(read) == []


def test_an_upload_is_stamped_by_what_was_deployed(deployed: Deployment, name: str) -> None:
    cloud, outputs = deployed.cloud, deployed.outputs()
    photo = {"Bucket": outputs["photoBucket"], "Key": f"{outputs['prefixes']['photos']}{name}.jpg"}

    cloud.cos().put_object(**photo, Body=pictures.jpeg(pictures.portrait()))
    cloud.scf.settle()

    read = stamp.read(cloud.cos().head_object(**photo))
    assert read is not None, [line.text for line in cloud.scf.logs()]
    assert (read.status, read.count, read.size) == ("ok", 1, (512, 512))


def test_new_code_is_all_that_new_code_replaces(deployed: Deployment, tmp_path: Path, name: str) -> None:
    before, newer = deployed.changes["facestamp:package"], tmp_path / "functions"
    shutil.copytree(package.FUNCTIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    with (newer / "on_upload.py").open("a", encoding="utf-8") as code:
        code.write("\n# Newer.\n")
    deployed.configure(package=str(package.build(tmp_path / "build", newer).path))
    begun = len(deployed.cloud.journal)

    deployed.up()

    functions = [*deployed.outputs()["functions"].values(), deployed.outputs()["apiFunction"]]
    assert changing(deployed.cloud.journal.since(begun)) == ["scf:UpdateFunctionCode"] * len(functions)
    test_an_upload_is_stamped_by_what_was_deployed(deployed, name)
    assert deployed.changes["facestamp:package"] != before


def test_a_setting_reaches_the_function_that_has_it(deployed: Deployment) -> None:
    deployed.configure(memory=384)
    begun = len(deployed.cloud.journal)

    deployed.up()

    changed = set(changing(deployed.cloud.journal.since(begun)))
    assert "scf:UpdateFunctionConfiguration" in changed
    assert not {call for call in changed if call.startswith(("cos:", "cam:"))}
    asked = {"FunctionName": deployed.outputs()["functions"]["photos"]}
    told = deployed.cloud.api("scf", "2018-04-16").call_json("GetFunction", asked)["Response"]
    assert told["MemorySize"] == 384


def test_whom_alarms_tell_can_change_and_so_can_tags(deployed: Deployment) -> None:
    deployed.configure(alarmUrl="", tags={"team": "photos"})
    deployed.up()
    assert not {"notices", "log alarms"} & left(deployed.cloud).keys()
    assert left(deployed.cloud)["alarms"] == ["facestamp-local"]

    deployed.configure(alarmUrl="https://example.com/others")
    deployed.up()
    deployed("preview", "--stack", deployed.stack, "--diff", "--expect-no-changes")

    assert left(deployed.cloud)["log alarms"] == ["facestamp-local-dead-letters"]
    expected = {"app": "facestamp", "stack": "local", "team": "photos"}
    [alarm] = deployed.cloud.api("cls", "2020-10-16").call_json("DescribeAlarms", {})["Response"]["Alarms"]
    code, cos = deployed.outputs()["codeBucket"], deployed.cloud.cos()
    [kept] = cos.list_objects(Bucket=code)["Contents"]
    for tags in (alarm["Tags"], cos.get_object_tagging(Bucket=code, Key=kept["Key"])["TagSet"]["Tag"]):
        assert {tag["Key"]: tag["Value"] for tag in tags} == expected


def test_what_was_deployed_can_be_destroyed_with_all_that_is_in_it(bare: LocalCloud, tmp_path: Path, name: str) -> None:
    stack = Deployment(bare, tmp_path)
    stack.deploy()
    test_an_upload_is_stamped_by_what_was_deployed(stack, name)
    there = left(bare)

    stack.destroy()

    kinds = {"buckets", "functions", "roles", "policies", "log sets", "topics", "log alarms", "alarms", "notices"}
    assert set(there) == kinds
    assert left(bare) == {}


def test_the_commands_of_the_readme_with_the_local_cloud_in_place_of_an_account(bare: LocalCloud) -> None:
    around = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "TENCENTCLOUD_"))},
        **owner(bare),
        account.ENDPOINT: bare.endpoint,
        "SSL_CERT_FILE": str(bare.certificates),
    }

    def make(target: str) -> str:
        command = ["make", target, "STACK=dev", "YES=1"]
        ran = subprocess.run(  # noqa: S603 -- our own Makefile
            command,
            cwd=account.ROOT,
            env=around,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        said = ran.stdout.decode()
        assert ran.returncode == 0, said
        return said

    try:
        assert "to create" in make("preview")
        assert left(bare) == {}
        assert "created" in make("deploy")
        assert left(bare)["functions"] == ["facestamp-dev-photos"]
        assert "unchanged" in make("deploy")
        assert "deleted" in make("destroy")
        assert left(bare) == {}
    finally:
        shutil.rmtree(account.LOCAL / bare.cam.owner.secret_id, ignore_errors=True)
