"""CAM's policy language: what a document may say, and what it allows.

A document is a list of statements; each has an effect, actions and resources. Of the statements that speak about an
action on a resource, one deny outweighs any number of allows, and silence is a refusal (CAM 598/10603, 598/10604).

Actions are written `cos:GetObject` or `name/cos:GetObject`. Resources have six segments,
`qcs:<project>:<service>:<region>:<account>:<resource>` (CAM 598/10606); an empty service or region is every one, and an
empty account is the policy's own. `*` stands for any run of characters inside a segment. Conditions are refused:
ignoring one would allow more than was meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

from infra.local.gateway import Refused

LIMIT = 6144
"""Characters of a policy document, white space not counted."""

OPERATION_LEVEL = frozenset(
    f"iai:{name}"
    for name in (
        "AnalyzeDenseLandmarks",
        "AnalyzeFace",
        "CompareFace",
        "CreateFace",
        "CreateGroup",
        "DeleteFace",
        "DeletePerson",
        "DetectFace",
        "DetectFaceAttributes",
        "DetectFaceInfo",
        "GetPersonBaseInfo",
    )
)
"""Actions that cannot be limited to a resource: only a statement about `*` speaks of them (CAM 598/98145)."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    effect: Literal["allow", "deny"]
    actions: tuple[str, ...]
    resources: tuple[str, ...]

    def speaks_of(self, action: str, resource: str) -> bool:
        """Whether this statement decides about `action` on `resource`."""
        if action in OPERATION_LEVEL:
            resource = "*"
        return any(_like(_bare(a), action) for a in self.actions) and any(_covers(r, resource) for r in self.resources)


@dataclass(frozen=True)
class Document:
    """A checked policy document."""

    text: str

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements in their order."""
        return tuple(
            Statement(s["effect"], tuple(_listed(s["action"])), tuple(s["resource"]))
            for s in json.loads(self.text)["statement"]
        )


@dataclass(frozen=True)
class Trust:
    """A checked trust document: who may take a role on (CAM 598/19381)."""

    text: str

    def allows(self, service: str) -> bool:
        """Whether the product `service`, such as `scf.qcloud.com`, may take the role on."""
        return any(
            _bare(action) == "sts:AssumeRole" and service in _listed(statement["principal"].get("service", []))
            for statement in json.loads(self.text)["statement"]
            for action in _listed(statement["action"])
        )


def allowed(documents: Iterable[Document], action: str, resource: str) -> bool:
    """Whether the documents together allow `action` on `resource`; a deny in any of them wins."""
    effects = {s.effect for d in documents for s in d.statements if s.speaks_of(action, resource)}
    return effects == {"allow"}


def policy(text: str) -> Document:
    """Check a policy document; raises `Refused` with CAM's code for what is wrong with it."""
    for statement in _statements(text):
        _known(statement, {"effect", "action", "resource"})
        _effect_and_action(statement, ("allow", "deny"))
        resources = statement.get("resource")
        if not isinstance(resources, list) or not resources:
            raise Refused("InvalidParameter.ResourceError", "resource must be a list of resources.")
        for resource in resources:
            _resource(resource)
    return Document(text)


def trust(text: str) -> Trust:
    """Check a role's trust document; raises `Refused` with CAM's code for what is wrong with it."""
    for statement in _statements(text):
        _known(statement, {"effect", "action", "principal"})
        _effect_and_action(statement, ("allow",))
        principal = statement.get("principal")
        if not isinstance(principal, dict) or not principal or set(principal) - {"service", "qcs", "federated"}:
            raise Refused("InvalidParameter.PrincipalError", "principal must name a service or an account.")
    return Trust(text)


def _statements(text: str) -> list[dict[str, Any]]:
    if len(re.sub(r"\s", "", text)) > LIMIT:
        raise Refused(
            "InvalidParameter.PolicyDocumentLengthOverLimit", f"The document has more than {LIMIT} characters."
        )
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Refused("InvalidParameter.PolicyDocumentError", "The document is no JSON.") from error
    if not isinstance(document, dict) or set(document) - {"version", "statement"}:
        raise Refused("InvalidParameter.PolicyDocumentError", "The document has version and statement, nothing else.")
    if document.get("version") != "2.0":
        raise Refused("InvalidParameter.VersionError", "version must be 2.0.")
    statements = document.get("statement")
    if not isinstance(statements, list) or not statements or not all(isinstance(s, dict) for s in statements):
        raise Refused("InvalidParameter.StatementError", "statement must be a list of statements.")
    return statements


def _known(statement: dict[str, Any], keys: set[str]) -> None:
    if "condition" in statement:
        raise Refused("InvalidParameter.ConditionError", "The local cloud does not evaluate conditions.")
    if unknown := sorted(set(statement) - keys):
        raise Refused("InvalidParameter.StatementError", f"A statement has no {', '.join(unknown)}.")


def _effect_and_action(statement: dict[str, Any], effects: tuple[str, ...]) -> None:
    if statement.get("effect") not in effects:
        raise Refused("InvalidParameter.EffectError", f"effect must be {' or '.join(effects)}.")
    actions = _listed(statement.get("action", []))
    if not actions or not all(isinstance(a, str) and re.fullmatch(r"\*|(name/)?[\w*-]+:[\w*]+", a) for a in actions):
        raise Refused("InvalidParameter.ActionError", "action must be names such as cos:GetObject.")


def _resource(resource: object) -> None:
    if resource == "*":
        return
    segments = resource.split(":", 5) if isinstance(resource, str) else []
    if len(segments) != 6 or segments[:2] != ["qcs", ""] or not segments[5]:
        raise Refused("InvalidParameter.ResourceError", f"{resource!r} is not qcs::service:region:account:resource.")


def _covers(pattern: str, resource: str) -> bool:
    if pattern == "*" or resource == "*":
        return pattern == "*"
    patterns, segments = pattern.split(":", 5), resource.split(":", 5)
    return len(segments) == 6 and all(
        _like(p, s) or (not p and place in (2, 3, 4))
        for place, (p, s) in enumerate(zip(patterns, segments, strict=True))
    )


def _like(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)


def _bare(action: str) -> str:
    return action.removeprefix("name/")


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]
