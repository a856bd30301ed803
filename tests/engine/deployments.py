"""A stack that Pulumi's own engine and the real provider keep on a local cloud."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra import package
from infra.account import emptying, steps
from infra.account.clients import ENDPOINT, KEYS, TOKEN
from infra.account.deployer import statements
from infra.engine import environments
from infra.engine.project import Project
from infra.engine.tools import find
from infra.local.cam import APPID, UIN
from infra.local.cloud import REGION, LocalCloud
from infra.local.faults import Fault
from infra.local.journal import Call
from infra.settings import permissions, stackfile

DEPLOYER = "deployer"
READS = ("Get", "Describe", "List", "Head")


@dataclass
class Deployment:
    """The stack of `Pulumi.local.yaml` with the API, in a project folder of its own."""

    cloud: LocalCloud
    folder: Path
    stack: str = "local"
    changes: dict[str, Any] = field(default_factory=dict)
    """Configuration keys that are set differently."""
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.folder / "project"
        keys = {ENDPOINT: self.cloud.endpoint, **owner(self.cloud)}
        around = environments.local({**os.environ, **keys}, REGION, self.cloud.certificates)
        self.project = Project(find(os.environ), self.folder, environments.own_state(self.folder, around))
        self.changes = {
            "facestamp:endpoint": self.cloud.endpoint,
            "facestamp:api": self.cloud.keyring.config(),
            "facestamp:package": str(package.build().path),
            "facestamp:disposable": "true",
            "facestamp:versioning": "true",
            "facestamp:alarmUrl": "https://example.com/alarms",
            **self.changes,
        }
        self.configure()
        self("stack", "init", self.stack)

    def configure(self, **changes: Any) -> None:
        """Write the stack's file, with keys of `facestamp` changed: `configure(package="other.zip")`."""
        self.changes |= {f"facestamp:{key}": value for key, value in changes.items()}
        environments.local_project(self.folder, stackfile.path(self.stack), self.changes)

    def __call__(self, *words: str) -> str:
        """Run `pulumi <words>`, which must succeed; what it said."""
        with tempfile.TemporaryFile("w+", dir=self.folder) as said:
            status = self.project.run(*words, "--non-interactive", output=said)
            said.seek(0)
            told = said.read()
        assert status == 0, told
        return told

    def up(self) -> str:
        """Have the engine deploy; what Pulumi said."""
        return self("up", "--stack", self.stack, "--yes", "--skip-preview")

    def deploy(self) -> None:
        """All that `make deploy` does."""
        self.up()
        around = {ENDPOINT: self.cloud.endpoint, **owner(self.cloud)}
        steps.take("after", stackfile.settings(self.stack, self.folder), around)

    def destroy(self) -> str:
        """Take all of it away, as `make destroy` does; what Pulumi said."""
        doomed = emptying.doomed(json.loads(self("stack", "export", "--stack", self.stack)))
        emptying.clear(self.cloud.cos(), doomed, lambda what: True, print)
        return self("destroy", "--stack", self.stack, "--yes", "--skip-preview")

    def outputs(self) -> Mapping[str, Any]:
        """The stack's outputs."""
        told: dict[str, Any] = json.loads(self("stack", "output", "--json", "--stack", self.stack))
        return told


@dataclass(frozen=True)
class Commands:
    """The Makefile's commands on the stack `dev`, with a local cloud in place of an account."""

    cloud: LocalCloud
    keys: Mapping[str, str]
    """Whose keys they are run with. Each has a state of his own."""

    @property
    def state(self) -> Path:
        """Where that state is kept."""
        return environments.LOCAL / self.keys[KEYS[0]] / "state" / ".pulumi"

    def make(self, target: str) -> str:
        """Run `make <target> STACK=dev YES=1`, which must succeed; what it said."""
        status, said = self.run(target)
        assert status == 0, said
        return said

    def fail(self, target: str) -> str:
        """The same where it must fail."""
        status, said = self.run(target)
        assert status != 0, said
        assert "Traceback" not in said, said
        return said

    def interrupt(self, target: str, action: str) -> str:
        """The same, with Ctrl-C at the moment at which the cloud has been asked for `action`."""
        running: list[subprocess.Popen[bytes]] = []

        def press() -> None:
            os.killpg(running[0].pid, signal.SIGINT)

        self.cloud.faults.add(Fault("run", when="after", action=action, action_run=press))
        status, said = self.run(target, running.append)
        assert status != 0, said
        return said

    def shell(self, line: str) -> None:
        """Run a line for the shell that a command has told to run."""
        around = {**os.environ, environments.PASSPHRASES[0]: "", "PULUMI_HOME": str(self.state.parents[1] / "home")}
        subprocess.run(["bash", "-ec", line], env=around, check=True, capture_output=True)  # noqa: S603, S607 -- ours

    def run(self, target: str, begun: Callable[[subprocess.Popen[bytes]], object] = lambda it: None) -> tuple[int, str]:
        """Its exit status, and what it said."""
        around = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "TENCENTCLOUD_"))},
            **self.keys,
            ENDPOINT: self.cloud.endpoint,
            environments.TRUSTED: str(self.cloud.certificates),
            # As many machines have it for themselves: what it names knows no local cloud.
            "SSL_CERT_FILE": str(Path(__file__)),
        }
        command = ["make", target, "STACK=dev", "YES=1"]
        with subprocess.Popen(  # noqa: S603 -- our own Makefile
            command,
            cwd=environments.ROOT,
            env=around,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as running:
            begun(running)
            said = running.communicate()[0].decode()
        return running.returncode, said


def owner(cloud: LocalCloud) -> dict[str, str]:
    """The account's keys, as the provider reads them."""
    return dict(zip(KEYS, (cloud.cam.owner.secret_id, cloud.cam.owner.secret_key), strict=True))


def deployer(cloud: LocalCloud, stack: str) -> dict[str, str]:
    """The temporary keys of somebody who may do what `make policy` prints for a stack, and nothing else."""
    config = stackfile.settings(stack) | {"facestamp:appId": APPID, "tencentcloud:allowedAccountIds": [UIN]}
    if not any(role.name == DEPLOYER for role in cloud.cam.roles()):
        cloud.cam.create_role(DEPLOYER, permissions.trust())
        document = permissions.document(statements(config, stack))
        cloud.cam.attach(DEPLOYER, cloud.cam.create_policy(DEPLOYER, document))
    who = cloud.cam.assume(DEPLOYER, "", "")
    return {**dict(zip(KEYS, (who.secret_id, who.secret_key), strict=True)), TOKEN: who.token}


def denied(calls: list[Call]) -> list[str]:
    """The calls that whoever sent them was not allowed: `service:action`."""
    return [
        f"{call.service}:{call.action}"
        for call in calls
        if call.status in (401, 403) or call.code.startswith(("UnauthorizedOperation", "AuthFailure", "AccessDenied"))
    ]


def changing(calls: list[Call]) -> list[str]:
    """The calls that change something, but for objects: `service:action`."""
    return [
        f"{call.service}:{call.action}"
        for call in calls
        if not call.worker
        and not call.action.startswith(READS)
        and not call.action.endswith(("Object", "ObjectTagging"))
    ]


def left(cloud: LocalCloud) -> dict[str, list[str]]:
    """What there is in the account, by the names that its owner sees, but for who deploys."""

    def listed(service: str, version: str, action: str, things: str, called: str, **asked: Any) -> list[str]:
        told = cloud.api(service, version).call_json(action, asked)["Response"]
        return [str(thing[called]) for thing in told.get(things) or ()]

    kinds = {
        "buckets": [bucket["Name"] for bucket in (cloud.cos().list_buckets()["Buckets"] or {}).get("Bucket", ())],
        "functions": listed("scf", "2018-04-16", "ListFunctions", "Functions", "FunctionName"),
        "roles": listed("cam", "2019-01-16", "DescribeRoleList", "List", "RoleName", Page=1, Rp=200),
        "policies": [policy.name for policy in cloud.cam.policies()],
        "log sets": listed("cls", "2020-10-16", "DescribeLogsets", "Logsets", "LogsetName"),
        "topics": listed("cls", "2020-10-16", "DescribeTopics", "Topics", "TopicName"),
        "log alarms": listed("cls", "2020-10-16", "DescribeAlarms", "Alarms", "Name"),
        "alarms": [str(alarm.asked["PolicyName"]) for alarm in cloud.alarms.policies.values()],
        "notices": [str(notice.asked["Name"]) for notice in cloud.alarms.notices.values()],
    }
    kinds = {kind: [name for name in names if name != DEPLOYER] for kind, names in kinds.items()}
    return {kind: names for kind, names in kinds.items() if names}
