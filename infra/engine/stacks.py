"""A stack in an account, and what is done to it: previewed, deployed, swept and destroyed.

1. Whatever can be known before is looked at before: whose the credentials are, what the account needs, buckets to be
   adopted, and what a failed deployment has left behind (`infra.account`). Each is one sentence if it is not well.
2. Pulumi does its part, and asks before it changes anything.
3. What Pulumi cannot do comes after (`infra.account.steps`), and what it has left over is told, or goes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra import package
from infra.account import clients as the_clients
from infra.account import emptying, leftovers, orphans, prerequisites, steps
from infra.account.clients import ENDPOINT, KEYS, Clients
from infra.account.leftovers import Kept, Leftover
from infra.engine import environments, state, words
from infra.engine.project import Project, Unanswered
from infra.engine.state import State
from infra.engine.tools import find
from infra.settings import stackfile
from infra.settings.stackfile import INFRA, Unready

Say = Callable[[str], object]


class Unfinished(Exception):
    """All is deployed but the last step; the message says which, and how to take it again."""


@dataclass(frozen=True)
class Stack:
    """One stack, ready to be worked on. What its methods answer are exit statuses; they raise `Unready`."""

    name: str
    project: Project
    config: Mapping[str, Any]
    clients: Clients
    say: Say

    @property
    def local(self) -> bool:
        """Whether a local cloud stands in place of an account."""
        return self.project.folder != INFRA

    def preview(self) -> int:
        """Say what deploying would change."""
        return self._ready() or self._pulumi("preview")

    def deploy(self, *, yes: bool) -> int:
        """Make the account as the stack says; also raises `Unfinished`."""
        if status := self._ready() or self._pulumi("up", yes=yes):
            self._tell_what_is_left()
            return status
        try:
            steps.take("after", self.config, self.clients.environment)
        except the_clients.REFUSALS as wrong:
            bucket = stackfile.bucket(self.config, "photo")
            raise Unfinished(
                f"All is deployed but AI content recognition on {bucket}: {the_clients.said(wrong)} Once that is "
                f"mended, `make deploy STACK={self.name}` takes that step again, and changes nothing else."
            ) from None
        return 0

    def sweep(self, *, yes: bool) -> int:
        """Remove what a failed deployment has left, and the stack does not know."""
        prerequisites.right_account(self.config, self.clients)
        known = self._state()
        if known is None:
            raise Unready(
                f"The stack {self.name} was never deployed from {self._place}: what it has not made is not its to "
                "remove."
            )
        left = self._left(known)
        if not left:
            self.say("Nothing is left over.")
            return 0
        going = [each for each in left if each.removable]
        if not going:
            raise Unready(self._about(left, known))
        self.say(self._about(left, known))
        if not (yes or agreed(f"This removes {words.listed(going)}.")):
            return 1
        self._settle(known)
        still = self._left(self._state())
        return self._remove([each for each in going if each in still], known)

    def destroy(self, *, yes: bool) -> int:
        """Take away what was deployed, and what a failed deployment has left."""
        prerequisites.right_account(self.config, self.clients)
        self._settle(self._destroyable())
        # What a deployment has changed that ended just now: only from here on nobody's is under way.
        known = self._destroyable()
        left = self._left(known)
        going = [each for each in left if each.removable]
        if going:
            self.say(f"Goes with it, left over by a deployment that failed: {words.listed(going)}.")
        if staying := [each for each in left if each not in going]:
            self.say(f"Stays in the account, for you to look at: {words.listed(staying)}.")
        if not emptying.clear(self.clients.cos(), known.doomed, lambda what: yes or agreed(what), self.say):
            return 1
        if status := self._pulumi("destroy", yes=yes):
            self._tell_what_is_left()
            return status
        return self._remove(going, known)

    # -- before, and after --------------------------------------------------------------------------------------

    def _ready(self) -> int:
        """See that it can be deployed; not 0 if the package cannot be built."""
        prerequisites.right_account(self.config, self.clients)
        if not self.local:
            prerequisites.scf_opened(self.clients)
        steps.take("before", self.config, self.clients.environment)
        known = self._state()
        if left := self._left(known):
            raise Unready(self._about(left, known))
        # As `make package` does it, for the stack's runtime.
        runtime = [str(self.config["facestamp:runtime"])] if "facestamp:runtime" in self.config else []
        return 0 if self.local else python("infra.package", *runtime)

    def _state(self) -> State | None:
        if state.there(self.project, self.name):
            return state.read(self.project, self.name)
        if self._place != "~/.pulumi" and not self.local and environments.at_home(self.name):
            raise Unready(
                f"The stack {self.name} is kept in ~/.pulumi, and not in {self._place}, where it would be begun anew: "
                f"export {environments.STATE}={environments.HOME}, or move it (`pulumi stack export` there, `import` "
                "here)."
            )
        return None

    def _destroyable(self) -> State:
        known = self._state()
        if known is None:
            raise Unready(f"The stack {self.name} is not in {self._place}: nothing was deployed from there.")
        if known.protected:
            raise Unready(words.protected(self.name, known))
        return known

    def _settle(self, known: State, *, forget: bool = False) -> None:
        try:
            state.settle(self.project, self.name, known, forget=forget)
        except Unanswered as wrong:
            if not any(word in str(wrong) for word in ("locked", "Conflict")):
                raise
            raise Unready(words.locked(self.name, self.project)) from None

    def _left(self, known: State | None) -> list[Leftover]:
        if known is None:
            return leftovers.find(self.config, self.name, {}, self.clients)
        return leftovers.find(self.config, self.name, known.ids, self.clients, known.traces)

    def _pulumi(self, command: str, *, yes: bool = False) -> int:
        create = [] if command == "destroy" else ["--create"]
        if status := self.project.run("stack", "select", self.name, *create):
            return status
        # A local cloud may have been started anew with the same keys: then what is gone is made again.
        refresh = ["--refresh"] if self.local else []
        return self.project.run(command, "--stack", self.name, *refresh, *(["--yes"] if yes else []))

    def _tell_what_is_left(self) -> None:
        try:
            known = self._state()
            left = self._left(known)
            if known is not None:
                for function, urns in orphans.find(known.resources, self.clients):
                    self.say(words.gone(self.name, self.project, function, urns))
        except (*the_clients.REFUSALS, Unanswered) as wrong:
            self.say(f"What it has left behind cannot be seen now: {the_clients.said(wrong)}")
            return
        if left:
            self.say(self._about(left, known))

    def _remove(self, going: list[Leftover], known: State) -> int:
        kept = 0
        for each in going:
            try:
                leftovers.remove(each, self.clients)
            except Kept as stays:
                kept = 1
                self.say(str(stays))
            except the_clients.REFUSALS as wrong:
                kept = 1
                self.say(f"The {each} stays: {the_clients.said(wrong)}")
            else:
                self.say(f"Removed the {each}.")
        if known.unsettled and not kept and (now := self._state()):
            self._settle(now, forget=True)
        return kept

    @property
    def _place(self) -> str:
        return words.place(self.project)

    def _about(self, left: list[Leftover], known: State | None) -> str:
        return words.about(self.name, self._place, left, known)


def opened(name: str, environment: Mapping[str, str], say: Say) -> Stack:
    """The stack, in its account or in the local cloud; raises `Unready`, and `Missing` for the engine's tools."""
    return (_local if environment.get(ENDPOINT) else _real)(name, environment, say)


def _real(name: str, environment: Mapping[str, str], say: Say) -> Stack:
    around = environments.real(name, environment)
    if around.get(environments.STATE) == environments.HOME != environment.get(environments.STATE):
        say("The stack's state is kept in ~/.pulumi; `pulumi login` or PULUMI_BACKEND_URL name another place.")
    config = stackfile.settings(name)
    project = Project(find(environment, complete=False, say=say), INFRA, around)
    return Stack(name, project, config, Clients(config["tencentcloud:region"], environment), say)


def _local(name: str, environment: Mapping[str, str], say: Say) -> Stack:
    # The package is for SCF's Python, but what runs it here is this one.
    if not all(environment.get(key) for key in KEYS):
        raise Unready(f"{ENDPOINT} is set, but no keys for it: run `make up`, and here `set -a; . .local/env`.")
    source, trusted = stackfile.path(name), environments.trusted(environment)
    tools = find(environment, say=say)
    # Another owner is another account, and has nothing of what this state would tell of.
    folder = environments.LOCAL / environment[KEYS[0]]
    changes = {"facestamp:endpoint": environment[ENDPOINT], "facestamp:package": str(package.build().path)}
    environments.local_project(folder, source, changes)
    say(f"The local cloud on {environment[ENDPOINT]} stands in place of an account.")
    config = stackfile.filled_in(name, folder)
    region = config["tencentcloud:region"]
    project = Project(tools, folder, environments.own_state(folder, environments.local(environment, region, trusted)))
    return Stack(name, project, config, Clients(region, environment), say)


def agreed(what: str) -> bool:
    """Whether somebody at the terminal agrees to that; no answer, such as Ctrl-D, is none."""
    try:
        return input(f"{what} Go ahead? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        print()
        return False


def python(*module: str, environment: Mapping[str, str] | None = None) -> int:
    """Run a module with this very interpreter, in this environment or another one; its exit status."""
    command = [sys.executable, "-m", *module]
    return subprocess.run(command, cwd=environments.ROOT, env=environment, check=False).returncode  # noqa: S603 -- this interpreter, and modules that are named here
