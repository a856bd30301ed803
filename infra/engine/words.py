"""What is said of a stack's state, and of what is in the account beside it."""

from __future__ import annotations

from infra.account.leftovers import Leftover
from infra.engine import environments
from infra.engine.project import Project
from infra.engine.state import State


def place(project: Project) -> str:
    """Where states are kept."""
    url = project.environment.get(environments.STATE)
    return "~/.pulumi" if url == environments.HOME else url or "the place that `pulumi login` chose"


def listed(left: list[Leftover]) -> str:
    """Their names."""
    return ", ".join(map(str, left))


def about(stack: str, place: str, left: list[Leftover], known: State | None) -> str:
    """What the stack does not know, and what is to be done about it."""
    says = [f"In the account, but not in the state of the stack {stack} ({place}): {listed(left)}."]
    going = [each for each in left if each.removable]
    staying = [each for each in left if not each.removable]
    if known is None or not known.begun:
        says.append(
            "This stack was never deployed from there: use the state of whoever did deploy it "
            f"({environments.STATE}), or take other names. A bucket of your own can be adopted."
        )
        return " ".join(says)
    if going:
        failed = "A deployment is under way, or was killed and" if known.unsettled else "A deployment that failed"
        says.append(
            f"{failed} has left {listed(going) if staying else 'that'}: `make sweep STACK={stack}` removes it, if it "
            f"holds nothing, and `make deploy STACK={stack}` makes it anew."
        )
    if staying:
        says.append(f"Only you can say what {listed(staying)} is for: remove it, or take it in (infra/README.md).")
    return " ".join(says)


def locked(stack: str, project: Project) -> str:
    """That nothing may be removed now, and how to free a state that nobody is using."""
    url = project.environment.get(environments.STATE)
    there = f"; export {environments.STATE}='{url}'" if url else ""
    return (
        f"A deployment of the stack {stack} is under way, or was killed. If none is, free its state, and take this "
        f"again: cd {project.folder}{there}; {project.tools.pulumi} cancel --stack {stack}"
    )
