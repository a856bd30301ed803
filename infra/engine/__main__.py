"""`python -m infra.engine …`: what the Makefile's targets run."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final

from infra.account.clients import REFUSALS, said
from infra.account.emptying import Held
from infra.adoption import Unfit
from infra.engine import stacks
from infra.engine.environments import ROOT
from infra.engine.project import Unanswered, past_proxies
from infra.engine.stacks import Unfinished
from infra.engine.tools import Missing, find
from infra.settings.stackfile import Unready

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
        ("sweep", "remove what a deployment that failed has left over"),
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
    except (Unfinished, Unanswered, Held, *REFUSALS) as wrong:
        _say(said(wrong))
        return 1
    except KeyboardInterrupt:
        return 130


def run(command: str, stack: str, *, yes: bool) -> int:
    """Do one thing to a stack; the exit status. Raises `Missing`, `Unready`, and what the stack's methods do."""
    os.environ.update(past_proxies(os.environ))
    if command != "preview" and not yes and not sys.stdin.isatty():
        raise Unready("It asks before it changes anything, and here is nobody to answer: YES=1 goes ahead.")
    opened = stacks.opened(stack, os.environ, _say)
    if command == "preview":
        return opened.preview()
    status: int = getattr(opened, command)(yes=yes)
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
    return stacks.python("pytest", "-q", *arguments, str(TESTS), environment=around)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
