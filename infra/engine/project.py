"""A folder with a Pulumi project and its stacks' files, and the engine at work in it.

The engine finds what it needs in an environment that is put together here: the tools where it looks for them, whatever
else the caller has, and for the local cloud the way there (`infra.engine.environments`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from infra.engine import program
from infra.engine.tools import Tools, shelf

PROGRAMS: Final = ("preview", "up", "refresh", "destroy")
"""What asks the program; it is not run for a refresh or a destroy unless that is wished for."""


class Unanswered(Exception):
    """Pulumi cannot say; the message is its own."""


@dataclass(frozen=True)
class Project:
    """Where to run Pulumi, with what."""

    tools: Tools
    folder: Path
    """Holds `Pulumi.yaml` and the `Pulumi.<stack>.yaml`."""
    environment: Mapping[str, str]

    def run(self, *words: str, output: IO[str] | int | None = None) -> int:
        """Run `pulumi <words>`; its exit status. It has the terminal, unless `output` takes what it says."""
        both = subprocess.STDOUT if output is not None else None
        with (
            self._told(words) as (command, around),
            _left_to_pulumi(),
            subprocess.Popen(command, cwd=self.folder, env=around, stdout=output, stderr=both) as running,  # noqa: S603 -- the engine
        ):
            return running.wait()

    def ask(self, *words: str) -> str:
        """What `pulumi <words>` answers; raises `Unanswered` with what it says if it cannot."""
        with self._told([*words, "--non-interactive"]) as (command, around):
            ran = subprocess.run(  # noqa: S603 -- the engine
                command,
                cwd=self.folder,
                env=around,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        if ran.returncode:
            raise Unanswered((ran.stderr or ran.stdout).strip().removeprefix("error: "))
        return ran.stdout

    @contextmanager
    def _told(self, words: Sequence[str]) -> Iterator[tuple[list[str], dict[str, str]]]:
        """The command, and the environment for it, as long as this lasts."""
        with _tools_in_place(self.tools, self.environment) as around:
            command = [str(self.tools.pulumi), *words]
            if words[0] not in PROGRAMS:
                yield command, around
                return
            with program.served() as client:
                yield [*command, client], around


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that have the engine, its plugins and the program talk past any proxy: they do over loopback."""
    return {
        name: ",".join(filter(None, ("127.0.0.1,localhost", environment.get(name))))
        for name in ("NO_PROXY", "no_proxy")
    }


@contextmanager
def _left_to_pulumi() -> Iterator[None]:
    """Ctrl-C reaches Pulumi too, which ends what it has begun and writes down what it made: only wait for that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _tools_in_place(tools: Tools, environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    around = {**environment, **past_proxies(environment), "PULUMI_SKIP_UPDATE_CHECK": "true"}
    if tools.bridge and tools.provider:
        around["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    with tempfile.TemporaryDirectory(prefix="facestamp-engine-") as folder:
        binaries = Path(folder) / "bin"
        binaries.mkdir()
        if tools.bridge:
            (binaries / tools.bridge.name).symlink_to(tools.bridge)
        if tools.provider:
            there = shelf(Path(folder) / "providers")
            there.parent.mkdir(parents=True)
            there.symlink_to(tools.provider)
            around["PULUMI_DYNAMIC_TF_PLUGIN_CACHE_DIR"] = str(Path(folder) / "providers")
        around["PATH"] = os.pathsep.join((str(binaries), environment.get("PATH", "")))
        yield around
