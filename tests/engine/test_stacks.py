"""What `make sweep` and `make destroy` do in an account, with a program in Pulumi's place that knows a state by heart.

Pulumi itself does it in `tests/engine/deployment.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from infra.account import leftovers
from infra.account.clients import ENDPOINT, Clients
from infra.engine.environments import ROOT
from infra.engine.project import Project
from infra.engine.stacks import Stack
from infra.engine.tools import Tools
from infra.local.cloud import REGION, LocalCloud
from infra.local.provision import provision
from infra.settings import config
from infra.settings.stackfile import Unready
from tests.infra.conftest import settings

LOCKED = "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end"
FAILED = {"kind": "update", "result": "failed", "startTime": "2000-01-01T00:00:00Z", "endTime": "2999-01-01T00:00:00Z"}
"""A deployment that failed, and took long."""


class Account:
    """An account in which a stack is, and what Pulumi has written down of it, which is nothing at first."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud, self.folder = cloud, folder
        self.said: list[str] = []
        self.resources: list[dict[str, Any]] = []
        self.pending: list[dict[str, Any]] = []
        self.history: list[dict[str, str]] = []
        self.locked = False
        self.given = config.dump(settings(disposable=True))

    def stack(self) -> Stack:
        """The stack as the commands have it."""
        owner = self.cloud.cam.owner
        keys = {"TENCENTCLOUD_SECRET_ID": owner.secret_id, "TENCENTCLOUD_SECRET_KEY": owner.secret_key}
        project = Project(Tools(self._pulumi()), self.folder, {"PATH": "/usr/bin:/bin"})
        clients = Clients(REGION, {**keys, ENDPOINT: self.cloud.endpoint})
        return Stack("test", project, self.given, clients, self.said.append)

    def left(self) -> set[str]:
        """What is left in the account, by kind and name."""
        return {str(each) for each in leftovers.find(self.given, "test", {}, self.stack().clients)}

    def asked(self) -> list[str]:
        """The commands that Pulumi was given."""
        log = self.folder / "asked"
        return log.read_text("utf-8").splitlines() if log.exists() else []

    def _pulumi(self) -> Path:
        deployment = {"resources": self.resources, "pending_operations": self.pending}
        told = {"ls": [{"name": "test"}], "export": {"deployment": deployment}, "history": self.history}
        for word, answer in told.items():
            (self.folder / word).write_text(json.dumps(answer), "utf-8")
        program = self.folder / "pulumi"
        refresh = f"echo '{LOCKED}' >&2; exit 1" if self.locked else "exit 0"
        program.write_text(
            f'#!/bin/sh\ncd "{self.folder}"\necho "$*" >> asked\n'
            f'case "$1" in refresh) {refresh} ;; destroy) exit 255 ;; esac\n'
            'case "$2" in ls|export|history) cat "$2" ;; esac\n',
            "utf-8",
        )
        program.chmod(0o755)
        return program


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account with a whole stack in it of which the state knows nothing."""
    package = tmp_path / "facestamp.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("on_upload.py", "def main_handler(event, context):\n    return 0\n")
    with LocalCloud(engine=cast("Any", object())) as cloud:
        stack = settings(package=str(package), disposable=True, alarms=False)
        provision(stack, cloud.endpoint, cloud.cam.owner, stack.stack)
        yield Account(cloud, tmp_path)


def test_what_cannot_be_removed_keeps_nothing_else_from_going(account: Account) -> None:
    account.history = [FAILED]

    assert account.stack().sweep(yes=True) == 1

    # The topic is nobody's to remove, the log set has it, and the package lies in the code bucket.
    assert account.left() == {"log topic facestamp-test", "log set facestamp-test", "bucket code-1250000000"}
    assert any(line.startswith("The log set facestamp-test stays: CLS refuses: ") for line in account.said)
    assert "The bucket code-1250000000 stays, for there is something in it." in account.said
    assert "Removed the bucket records-1250000000." in account.said


def test_with_nothing_to_show_that_a_deployment_failed_nothing_is_removed(account: Account) -> None:
    account.history = [{**FAILED, "result": "succeeded"}]
    there = account.left()

    with pytest.raises(Unready, match="it is somebody else's or another state's: use the state of whoever"):
        account.stack().sweep(yes=True)

    assert account.left() == there
    assert not any(line.startswith("refresh") for line in account.asked())


def test_what_a_killed_deployment_was_making_is_forgotten_once_it_is_gone(account: Account) -> None:
    role = {"type": "tencentcloud:index/camRole:CamRole", "inputs": {"name": "facestamp-test-photos"}}
    account.pending = [{"type": "creating", "resource": role}]

    assert account.stack().sweep(yes=True) == 0

    assert "Removed the role facestamp-test-photos." in account.said
    assert "role facestamp-test-photos" not in account.left()
    assert {"role facestamp-test-members", "function facestamp-test-photos"} <= account.left()
    looked, forgot = (line for line in account.asked() if line.startswith("refresh"))
    assert "--clear-pending-creates" not in looked
    assert "--clear-pending-creates" in forgot


def test_nothing_is_emptied_while_somebody_deploys(account: Account) -> None:
    bucket = "pictures-1250000000"
    account.cloud.cos().create_multipart_upload(Bucket=bucket, Key="photos/ada.jpg")
    kind = "tencentcloud:index/cosBucket:CosBucket"
    account.resources = [{"type": kind, "urn": "urn:photos", "id": bucket, "inputs": {"forceClean": True}}]
    account.locked = True

    with pytest.raises(Unready, match="A deployment of the stack test is under way, or was killed"):
        account.stack().destroy(yes=True)

    [upload] = account.cloud.cos().list_multipart_uploads(Bucket=bucket)["Upload"]
    assert upload["Key"] == "photos/ada.jpg"


def test_what_stays_is_said_before_pulumi_destroys_and_what_is_left_if_it_fails(account: Account) -> None:
    account.history = [FAILED]
    account.resources = [
        {"type": "tencentcloud:index/scfFunction:ScfFunction", "urn": "urn:f", "id": "default+facestamp-test-photos"}
    ]

    assert account.stack().destroy(yes=True) != 0

    going, staying, *_, after = account.said
    assert going.startswith("Goes with it, left over by a deployment that failed: function facestamp-test-members, ")
    assert staying == "Stays in the account, for you to look at: log topic facestamp-test."
    assert after.startswith("In the account, but not in the state of the stack test")
    assert "function facestamp-test-members" in account.left()


def test_ctrl_d_is_no_agreement() -> None:
    asked = "from infra.engine.stacks import agreed; print(agreed('This removes the role photos.'))"

    ran = subprocess.run(  # noqa: S603 -- our own
        [sys.executable, "-c", asked], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )

    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ["This removes the role photos. Go ahead? [y/N] ", "False"]
