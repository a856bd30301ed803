"""The stack from beginning to end, by Pulumi's own engine and the real provider, in a local cloud: `make test-engine`.

The tools are large and not everywhere (`infra.engine.tools`), so that `make test` leaves this file alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facestamp import stamp
from infra import package
from infra.account.clients import ENDPOINT, Clients
from infra.engine.stacks import Stack
from infra.local.cloud import REGION, LocalCloud
from infra.local.faces import Engine
from infra.local.faults import Fault
from infra.settings import stackfile
from infra.settings.stackfile import Unready
from tests import pictures
from tests.conftest import ended
from tests.engine.deployments import Commands, Deployment, changing, denied, deployer, left, owner


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


def test_what_is_protected_is_not_destroyed_and_nothing_else_either(deployed: Deployment) -> None:
    deployed.configure(disposable="false")
    deployed.up()
    begun = len(deployed.cloud.journal)
    said: list[str] = []
    keys = {ENDPOINT: deployed.cloud.endpoint, **owner(deployed.cloud)}
    config = stackfile.settings(deployed.stack, deployed.project.folder)
    stack = Stack(deployed.stack, deployed.project, config, Clients(REGION, keys), said.append)

    with pytest.raises(Unready) as refused:
        stack.destroy(yes=True)

    assert str(refused.value).startswith("Protected, with all that is in them: facestamp-")
    assert 'set facestamp:disposable: "true" in infra/Pulumi.local.yaml' in str(refused.value)
    assert "facestamp-photos-1250000000" in str(refused.value)
    assert "facestamp-state-1250000000" in str(refused.value)
    assert changing(deployed.cloud.journal.since(begun)) == []
    deployed.configure(disposable="true")
    deployed.up()


def test_what_was_deployed_can_be_destroyed_with_all_that_is_in_it(bare: LocalCloud, tmp_path: Path, name: str) -> None:
    stack = Deployment(bare, tmp_path)
    stack.deploy()
    test_an_upload_is_stamped_by_what_was_deployed(stack, name)
    there = left(bare)

    stack.destroy()

    kinds = {"buckets", "functions", "roles", "policies", "log sets", "topics", "log alarms", "alarms", "notices"}
    assert set(there) == kinds
    assert left(bare) == {}


def test_versions_that_are_kept_no_longer_go_with_their_stack_too(bare: LocalCloud, tmp_path: Path) -> None:
    stack = Deployment(bare, tmp_path)
    stack.deploy()
    photo = {"Bucket": stack.outputs()["photoBucket"], "Key": "elsewhere/ada.jpg"}
    for body in (b"older", b"newer"):
        bare.cos().put_object(**photo, Body=body)
    stack.configure(versioning="false")
    stack.up()
    bare.cos().delete_object(**photo)

    stack.destroy()

    assert left(bare) == {}


def test_an_adopted_photo_bucket_is_as_it_was_when_its_stack_is_gone(bare: LocalCloud, tmp_path: Path) -> None:
    bucket, cos = "facestamp-photos-1250000000", bare.cos()
    cos.create_bucket(Bucket=bucket, ACL="private")
    cos.put_bucket_versioning(Bucket=bucket, Status="Enabled")
    for body in (b"older", b"newer"):
        cos.put_object(Bucket=bucket, Key="ada.jpg", Body=body)
    cos.create_multipart_upload(Bucket=bucket, Key="eve.jpg")
    stack = Deployment(bare, tmp_path, changes={"facestamp:adoptPhotoBucket": "true", "facestamp:versioning": "false"})
    stack.deploy()

    stack.destroy()

    assert left(bare) == {"buckets": [bucket]}
    assert len(cos.list_objects_versions(Bucket=bucket)["Version"]) == 2
    assert [upload["Key"] for upload in cos.list_multipart_uploads(Bucket=bucket)["Upload"]] == ["eve.jpg"]
    kept = bare.storage.store.bucket(bucket)
    assert (kept.processed, kept.recognised) == (True, True)


def test_a_bucket_that_lets_strangers_in_is_not_adopted(bare: LocalCloud, tmp_path: Path) -> None:
    bare.cos().create_bucket(Bucket="facestamp-photos-1250000000", ACL="authenticated-read")
    stack = Deployment(bare, tmp_path, changes={"facestamp:adoptPhotoBucket": "true", "facestamp:versioning": "false"})

    with pytest.raises(AssertionError, match="is open to every account at Tencent: make it private first"):
        stack.up()

    assert "functions" not in left(bare)


@pytest.fixture
def commands(bare: LocalCloud) -> Iterator[Commands]:
    """The README's commands, with a bare local cloud in place of an account, as somebody who may just deploy."""
    mine = Commands(bare, deployer(bare, "dev"))
    yield mine
    shutil.rmtree(mine.state.parents[1], ignore_errors=True)


@pytest.fixture
def colleague(commands: Commands) -> Iterator[Commands]:
    """The same for somebody else, whose state is another one."""
    theirs = Commands(commands.cloud, deployer(commands.cloud, "dev"))
    yield theirs
    shutil.rmtree(theirs.state.parents[1], ignore_errors=True)


def test_the_commands_of_the_readme_with_the_local_cloud_in_place_of_an_account(commands: Commands) -> None:
    bare = commands.cloud

    assert "to create" in commands.make("preview")
    assert left(bare) == {}
    assert "created" in commands.make("deploy")
    assert left(bare)["functions"] == ["facestamp-dev-photos"]
    assert "unchanged" in commands.make("deploy")
    assert "Nothing is left over." in commands.make("sweep")
    bare.cos().create_multipart_upload(Bucket="fs-dev-photos-1250000000", Key="photos/ada.jpg")
    with under_way(commands):
        refused = commands.fail("destroy")
        assert "A deployment of the stack dev is under way, or was killed." in refused
        assert bare.cos().list_multipart_uploads(Bucket="fs-dev-photos-1250000000")["Upload"]
    assert "deleted" in commands.make("destroy")
    assert left(bare) == {}
    assert denied(bare.journal.calls()) == []


@contextmanager
def under_way(commands: Commands) -> Iterator[None]:
    """A deployment holds the state of the stack `dev`, as Pulumi writes that down."""
    lock = commands.state / "locks" / "organization" / "facestamp" / "dev" / "of-somebody-else.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 1, "username": "ada", "hostname": "elsewhere", "timestamp": "2026-01-01T00:00:00Z"}')
    yield
    lock.unlink()


def test_what_a_colleague_has_deployed_out_of_another_state_is_not_swept_away(
    commands: Commands, colleague: Commands
) -> None:
    bare = commands.cloud
    bare.faults.add(Fault("fail", action="CreateRole", code="UnauthorizedOperation", status=200, times=0))
    commands.fail("deploy")
    bare.faults.clear()
    commands.make("destroy")
    colleague.make("deploy")
    there, begun = left(bare), len(bare.journal)

    for command in ("preview", "sweep"):
        said = commands.fail(command)
        assert "somebody else's or another state's: use the state of whoever deployed it" in said
        assert "make sweep" not in said
    assert "Stays in the account, for you to look at: function facestamp-dev-photos" in commands.make("destroy")

    assert left(bare) == there
    assert changing(bare.journal.since(begun)) == []
    colleague.make("destroy")
    assert left(bare) == {}


def test_a_deployment_that_failed_in_the_middle_is_swept_up_and_goes_on(commands: Commands) -> None:
    bare = commands.cloud
    bare.faults.add(
        Fault("fail", action="CreateTrigger", code="FailedOperation.CosNotifyRuleConflict", status=200, times=0)
    )
    told = commands.fail("deploy")
    assert "log" not in told.rpartition("In the account, but not in the state")[2]
    assert "the stack dev" in told
    assert "function facestamp-dev-photos. A deployment that failed has left that: `make sweep STACK=dev`" in told
    bare.faults.clear()
    begun = len(bare.journal)
    for refused in ("preview", "deploy"):
        assert "function facestamp-dev-photos. A deployment that failed has left that" in commands.fail(refused)
    assert changing(bare.journal.since(begun)) == []

    assert "Removed the function facestamp-dev-photos." in commands.make("sweep")
    assert changing(bare.journal.since(begun)) == ["scf:DeleteFunction"]
    commands.make("deploy")

    assert left(bare)["functions"] == ["facestamp-dev-photos"]
    assert "unchanged" in commands.make("deploy")
    commands.make("destroy")
    assert left(bare) == {}
    assert denied(bare.journal.calls()) == []


def test_a_deployment_that_was_interrupted_goes_on_and_says_which_step_is_not_taken(commands: Commands) -> None:
    bare = commands.cloud
    said = commands.interrupt("deploy", "CreatePolicy")
    assert "In the account, but not in the state" not in said
    assert "functions" not in left(bare)
    bare.faults.add(Fault("fail", action="CreateAiProcessBucket", code="AccessDenied", status=403, times=0))

    unfinished = commands.fail("deploy")

    assert "created" in unfinished
    bucket, command = "fs-dev-photos-1250000000", "`make deploy STACK=dev` takes that step again"
    refused = "COS refuses: AccessDenied: A fault, on purpose."
    assert f"All is deployed but AI content recognition on {bucket}: {refused} Once" in unfinished
    assert command in unfinished
    bare.faults.clear()
    assert "unchanged" in commands.make("deploy")

    bare.api("scf", "2018-04-16").call_json("DeleteFunction", {"FunctionName": "facestamp-dev-photos"})
    told = commands.fail("destroy").partition("The function facestamp-dev-photos was deleted outside Pulumi, ")[2]
    commands.shell(told.splitlines()[0].partition("take this again: ")[2])
    commands.make("destroy")
    assert left(bare) == {}


def test_what_a_failed_deployment_has_left_goes_when_the_stack_is_destroyed(commands: Commands) -> None:
    bare, cos = commands.cloud, commands.cloud.cos()
    bare.faults.add(Fault("fail", action="PutBucketLifecycle", code="AccessDenied", status=403, times=0))
    told = commands.fail("deploy")
    for bucket in ("fs-dev-photos-1250000000", "fs-dev-state-1250000000"):
        assert f"bucket {bucket}" in told
    cos.put_object(Bucket="fs-dev-photos-1250000000", Key="photos/ada.jpg", Body=b"ada")
    bare.faults.clear()

    swept = commands.fail("sweep")

    assert "Removed the bucket fs-dev-state-1250000000." in swept
    assert "The bucket fs-dev-photos-1250000000 stays, for there is something in it." in swept
    cos.delete_object(Bucket="fs-dev-photos-1250000000", Key="photos/ada.jpg")
    destroyed = commands.make("destroy")
    assert "Goes with it, left over by a deployment that failed: bucket fs-dev-photos-1250000000." in destroyed
    assert left(bare) == {}
