"""`python -m infra.local …`: what the Makefile's targets run."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> int:
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="Tencent Cloud on this machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("demo", help="upload photos to a local cloud and see their faces")
    up = commands.add_parser("up", help="run the local cloud until Ctrl-C")
    up.add_argument("--keep", type=Path, metavar="folder", help="remember objects, people and the key pair there")
    up.add_argument("--waits", choices=("fast", "real"), default="fast", help="how long the platform waits to retry")
    up.add_argument("--outside", default="", metavar="hosts", help="whose pictures may be fetched from the network")
    up.add_argument("--env", type=Path, metavar="file", help="where to say how to reach it, instead of .local/env")
    commands.add_parser("bench", help="measure one upload against its bound and against a plain script")
    commands.add_parser("ledger", help="write LEDGER.md anew from the tests' marks")
    asked = parser.parse_args()
    options: dict[str, Any] = {}
    if asked.command == "up":
        options = {"keep": asked.keep, "real_waits": asked.waits == "real"}
        options |= {"outside": tuple(asked.outside.replace(",", " ").split())}
        options |= {"env": asked.env} if asked.env else {}
    try:
        # Each command's own module alone: the ledger needs no face engine, and the engine's processes import this file.
        status: int = import_module(f"infra.local.{asked.command}").run(**options)
        return status
    except ValueError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
