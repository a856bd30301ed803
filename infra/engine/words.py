"""What is said of a stack's state, and of what is in the account beside it."""

from __future__ import annotations

from infra.account.leftovers import BUCKET, Leftover
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
    theirs = [each for each in left if each.ours and not each.begun]
    staying = [each for each in left if each not in going and each not in theirs]

    def named(some: list[Leftover], else_: str) -> str:
        return else_ if some == left else listed(some)

    if going:
        killed = known is not None and known.unsettled
        failed = "A deployment is under way, or was killed and" if killed else "A deployment that failed"
        says.append(
            f"{failed} has left {named(going, 'that')}: `make sweep STACK={stack}` removes it, if it holds nothing, "
            f"and `make deploy STACK={stack}` makes it anew."
        )
    if theirs:
        says.append(
            f"No deployment out of that state that failed has left {named(theirs, 'that')}, so it is somebody else's "
            f"or another state's: use the state of whoever deployed it ({environments.STATE}), or take other names."
        )
    if staying:
        says.append(f"Only you can say what {listed(staying)} is for: remove it, or take it in (infra/README.md).")
    if any(each.kind is BUCKET for each in [*theirs, *staying]):
        says.append("A bucket of your own can be adopted.")
    return " ".join(says)


def protected(stack: str, known: State) -> str:
    """What keeps a stack from being destroyed, and how to have it go."""
    return (
        f"Protected, with all that is in them: {', '.join(known.protected)}. To destroy them too, set "
        f'facestamp:disposable: "true" in infra/Pulumi.{stack}.yaml, run `make deploy STACK={stack}`, and then this '
        "again."
    )


def locked(stack: str, project: Project) -> str:
    """That nothing may be removed now, and how to free a state that nobody is using."""
    return (
        f"A deployment of the stack {stack} is under way, or was killed. If none is, free its state, and take this "
        f"again: {_pulumi(project)} cancel --stack {stack}"
    )


def gone(stack: str, project: Project, function: str, urns: list[str]) -> str:
    """That a function was deleted outside Pulumi, and how to have it forget what else cannot be deleted then."""
    pulumi = project.tools.pulumi
    forget = " && ".join(f"{pulumi} state delete --yes --stack {stack} '{urn}'" for urn in urns)
    return (
        f"The function {function} was deleted outside Pulumi, and SCF refuses to delete what belonged to it: have "
        f"Pulumi forget that, and take this again: {_pulumi(project).removesuffix(str(pulumi))}{forget}"
    )


def _pulumi(project: Project) -> str:
    """The command, where it finds this stack."""
    url = project.environment.get(environments.STATE)
    there = f"; export {environments.STATE}='{url}'" if url else ""
    return f"cd {project.folder}{there}; {project.tools.pulumi}"
