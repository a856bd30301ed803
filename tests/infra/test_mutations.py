"""Nothing that a resource is given can be left out or be something else unnoticed.

Every input of every resource of a stack with everything on is dropped and altered, one at a time. Each such mutant is
caught by one of four, or listed with the reason why it cannot matter: the policies, the provider, which demands some
inputs, whoever reads a document or a function's variables, and what the stack has to mean (`tests.infra.expectations`).
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import pulumi_tencentcloud
import pytest

from facestamp.settings import SettingsError
from infra.local.gateway import Refused
from infra.policy.resources import Resource
from infra.policy.rules import TOGETHER, broken, rules
from tests.infra.conftest import Deployment, settings
from tests.infra.expectations import EXPECTED, NUMBERS, PACKAGE, SETTINGS
from tests.infra.meanings import meaning
from tests.infra.mutations import Mutant, mutants

DEFAULT = "The provider's default is the same, and the program says it all the same."
CANNOT_MATTER: Mapping[str, str] = {
    "CosBucket/photos forceClean dropped": DEFAULT,
    "CosBucket/state forceClean dropped": DEFAULT,
    "CosBucket/state versioningEnable dropped": DEFAULT,
    "CosBucket/photos lifecycleRules.?.filterPrefix dropped": "Without a prefix a rule is for every key, as with ''.",
    "CosBucket/* lifecycleRules.?.id altered": "What a rule is called nobody asks, as long as it is called something.",
    "CosBucketObject/package contentType *": "SCF unpacks the package whatever type it was uploaded as.",
    "ScfFunction/* description *": "For people to read.",
    "ScfFunction/* namespace dropped": DEFAULT,
    "ScfReservedConcurrencyConfig/* namespace dropped": DEFAULT,
    "ScfFunctionEventInvokeConfig/* namespace dropped": DEFAULT,
    "ClsIndex/logs rule.keyValue.keyValues.*.value.containZH dropped": DEFAULT,
    **{
        f"ClsIndex/logs rule.keyValue.keyValues.{name}.value.tokenizer dropped": "Numbers have no words to part."
        for name in NUMBERS
    },
}
"""Mutants that nothing catches, by patterns of the resource, the path to the input, and what became of it."""


@pytest.fixture(scope="module")
def resources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Resource, ...]:
    """What the program registers for a stack with everything on."""
    package = tmp_path_factory.mktemp("package") / "facestamp.zip"
    package.write_bytes(PACKAGE)
    made = Deployment(settings(package=str(package), **SETTINGS)).recorded.made
    return tuple(Resource(kind, name, inputs) for (kind, name), inputs in made.items())


@pytest.fixture(scope="module")
def caught(resources: tuple[Resource, ...]) -> dict[str, str]:
    """Each mutant, and who catches it first; empty for nobody."""
    found: dict[str, str] = {}
    for place, resource in enumerate(resources):
        for number, mutant in enumerate(mutants(dict(resource.inputs))):
            changed = Resource(resource.kind, resource.name, mutant.inputs)
            every = (*resources[:place], changed, *resources[place + 1 :])
            found[f"{resource.kind}/{resource.name} {mutant} #{number}"] = _catcher(changed, every)
    return found


def test_the_stack_itself_is_as_it_has_to_be(resources: tuple[Resource, ...]) -> None:
    assert broken(resources) == []
    assert {(r.kind, r.name): meaning(r.kind, r.inputs) for r in resources} == EXPECTED
    assert [missing(f"{r.kind}Args", r.inputs) for r in resources] == [[]] * len(resources)


def test_every_mutant_is_caught_or_cannot_matter(caught: dict[str, str]) -> None:
    unlisted = [mutant for mutant, by in caught.items() if not by and not _listed(mutant)]
    assert not unlisted, "\n".join(unlisted)


def test_what_is_listed_is_caught_by_nobody(caught: dict[str, str]) -> None:
    stale = [f"{mutant}: {by}" for mutant, by in caught.items() if by and _listed(mutant)]
    assert not stale, "\n".join(stale)
    matched = {pattern for mutant in caught for pattern in _listed(mutant)}
    assert matched == set(CANNOT_MATTER)


def test_each_of_the_four_catches_what_the_ones_before_do_not(caught: dict[str, str]) -> None:
    assert {by for by in caught.values() if by} == {"policies", "provider", "reader", "expectations"}
    assert Counter(caught.values())["policies"] > 500


def test_every_input_is_dropped_and_altered() -> None:
    document = {"a": '{"b":["c"]}', "d": {"e": True}, "f": [{"key": "g"}, 2]}
    assert sorted({str(mutant) for mutant in mutants(document)}) == [
        *("a altered", "a dropped", "a emptied", "a.b dropped"),
        *("a.b.0 altered", "a.b.0 dropped", "a.b.0 emptied"),
        *("d dropped", "d.e altered", "d.e dropped"),
        *("f dropped", "f.1 altered", "f.1 dropped"),
        *("f.g dropped", "f.g.key altered", "f.g.key dropped", "f.g.key emptied"),
    ]
    assert Mutant(("a", "b", "0"), "dropped", {**document, "a": '{"b":[]}'}) in list(mutants(document))


def missing(name: str, inputs: Mapping[str, Any]) -> list[str]:
    """The inputs that the provider demands here, at whatever depth, and is not given."""
    wanted = inspect.signature(getattr(pulumi_tencentcloud, name).__init__).parameters
    given = {each.lower(): value for each, value in inputs.items()}
    lacking: list[str] = []
    for parameter in list(wanted.values())[1:]:
        value = given.get(parameter.name.replace("_", "").lower())
        if value is None and parameter.default is inspect.Parameter.empty:
            lacking.append(parameter.name)
        if nested := re.search(r"'(\w+Args)'", str(parameter.annotation)):
            for part in value if isinstance(value, list) else [value] if value else []:
                lacking += missing(nested[1], part)
    return lacking


def _catcher(changed: Resource, every: tuple[Resource, ...]) -> str:
    if any(True for rule in rules(changed.kind) for _ in rule(changed)) or any(
        True for t in TOGETHER for _ in t(every)
    ):
        return "policies"
    if missing(f"{changed.kind}Args", changed.inputs):
        return "provider"
    try:
        meant = meaning(changed.kind, changed.inputs)
    except (Refused, SettingsError, ValueError, OSError, KeyError, TypeError):
        return "reader"
    return "" if meant == EXPECTED[changed.kind, changed.name] else "expectations"


def _listed(mutant: str) -> list[str]:
    return [pattern for pattern in CANNOT_MATTER if fnmatchcase(mutant.rpartition(" #")[0], pattern)]
