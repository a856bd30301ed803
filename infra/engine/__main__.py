"""`python -m infra.engine …`: what the Makefile's targets run."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from qcloud_cos import CosServiceError

from infra import package, steps
from infra.buckets import Unfit
from infra.engine import account
from infra.engine.account import ENDPOINT, KEYS, ROOT, Unready
from infra.engine.project import INFRA, Project, past_proxies
from infra.engine.tools import Missing, find

WORDS: Final = {"preview": "preview", "deploy": "up", "destroy": "destroy"}
"""Ours -> Pulumi's."""
TESTS: Final = ROOT / "tests" / "engine" / "deployment.py"
REQUIRED: Final = "FACESTAMP_ENGINE"
"""Set to `required`, it is a failure and no skip if the tools are missing."""


def main() -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.engine", description="The stack, with Pulumi's engine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, says in (
        ("preview", "say what deploying would change"),
        ("deploy", "make the cloud as the stack describes it"),
        ("destroy", "take away what was deployed"),
    ):
        command = commands.add_parser(name, help=says)
        command.add_argument("--stack", required=True, help="which infra/Pulumi.<stack>.yaml")
        command.add_argument("--yes", action="store_true", help="do not ask")
    commands.add_parser("tools", help="say where the engine's tools are, and build what is missing")
    commands.add_parser("test", help="deploy to a local cloud with the real engine, as a test; takes pytest's options")
    asked, others = parser.parse_known_args()
    if others and asked.command != "test":
        parser.error(f"unknown: {' '.join(others)}")
    try:
        if asked.command == "tools":
            for tool, path in vars(find(os.environ, say=_say)).items():
                print(f"{tool:<9} {path}")
            return 0
        if asked.command == "test":
            return tests(others)
        return run(asked.command, asked.stack, yes=asked.yes)
    except (Missing, Unready, Unfit) as wrong:
        _say(str(wrong))
        return 2
    except CosServiceError as refused:
        _say(f"COS refuses: {refused.get_error_code()}: {refused.get_error_msg()}")
        return 1
    except KeyboardInterrupt:
        return 130


def run(command: str, stack: str, *, yes: bool) -> int:
    """Preview, deploy or destroy a stack; Pulumi's exit status. Raises `Missing` and `Unready`."""
    os.environ.update(past_proxies(os.environ))
    if command != "preview" and not yes and not sys.stdin.isatty():
        raise Unready("It asks before it changes anything, and here is nobody to answer: YES=1 goes ahead.")
    project = _local(stack) if os.environ.get(ENDPOINT) else _real(stack)
    config = account.settings(stack, project.folder)
    if command != "destroy":
        steps.take("before", config, os.environ)
        if project.folder == INFRA and (status := _packaged(config)):
            return status
    if status := project.run("stack", "select", stack, *([] if command == "destroy" else ["--create"])):
        return status
    words = [WORDS[command], "--stack", stack]
    if project.folder != INFRA:
        # Its cloud may have been started anew with the same keys: then what is gone is made again.
        words += ["--refresh"]
    if command != "preview" and yes:
        words += ["--yes"]
    status = project.run(*words)
    if command == "deploy" and not status:
        steps.take("after", config, os.environ)
    return status


def tests(arguments: list[str]) -> int:
    """Run the tests that need the tools; 0 where there are none, unless they are required."""
    try:
        found = find(os.environ, say=_say)
    except Missing as missing:
        if os.environ.get(REQUIRED) == "required":
            raise
        _say(f"Skipped: the real engine is not tried. {missing}")
        return 0
    named = {"FACESTAMP_PULUMI": found.pulumi, "FACESTAMP_BRIDGE": found.bridge, "FACESTAMP_PROVIDER": found.provider}
    around = {**os.environ, **{name: str(path) for name, path in named.items()}}
    return _python(["pytest", "-q", *arguments, str(TESTS)], around)


def _real(stack: str) -> Project:
    around = account.real(stack, os.environ)
    if around.get(account.STATE) == "file://~" != os.environ.get(account.STATE):
        _say("The stack's state is kept in ~/.pulumi; `pulumi login` or PULUMI_BACKEND_URL name another place.")
    return Project(find(os.environ, complete=False, say=_say), INFRA, around)


def _local(stack: str) -> Project:
    # The package is for SCF's Python, but what runs it here is this one.
    if not all(os.environ.get(name) for name in KEYS):
        raise Unready(f"{ENDPOINT} is set, but no keys for it: run `make up`, and here `set -a; . .local/env`.")
    source = account.stack_file(stack)
    tools = find(os.environ, say=_say)
    trusted = Path(os.environ.get("SSL_CERT_FILE") or ROOT / ".local" / "ca.pem")
    if not trusted.is_file():
        raise Unready(f"No local cloud is running: {trusted} is gone. Run `make up`, and here `set -a; . .local/env`.")
    # Another owner is another account, and has nothing of what this state would tell of.
    folder = account.LOCAL / os.environ[KEYS[0]]
    config = {"facestamp:endpoint": os.environ[ENDPOINT], "facestamp:package": str(package.build().path)}
    account.local_project(folder, source, config)
    _say(f"The local cloud on {os.environ[ENDPOINT]} stands in place of an account.")
    around = account.local(os.environ, account.settings(stack).get("tencentcloud:region", ""), trusted)
    return Project(tools, folder, account.own_state(folder, around))


def _packaged(config: Mapping[str, Any]) -> int:
    """As `make package` does it, for the stack's runtime."""
    runtime = [str(config["facestamp:runtime"])] if "facestamp:runtime" in config else []
    return _python(["infra.package", *runtime], os.environ)


def _python(module: list[str], environment: Mapping[str, str]) -> int:
    """Run a module with this very interpreter; its exit status."""
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode  # noqa: S603 -- our own modules


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
