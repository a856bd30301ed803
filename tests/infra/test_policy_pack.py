"""The policy pack, asked as Pulumi's engine asks it: in a process of its own, over the analyzer's protocol.

Pulumi's language host has Python run the pack in the pack's own folder, and the engine reads the port that it prints.
Then it asks about each resource before that is made, and about all of them together at the end. Secrets come wrapped,
and a word stands for what is not known before something is made.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from infra.policy import rules
from infra.policy.resources import Resource
from infra.policy.rules import RULES, TOGETHER, tagged
from tests.infra.conftest import API, Deployment, settings
from tests.infra.test_policies import WRONG, stack

PACK = Path(rules.__file__).parent
AROUND = {
    "PULUMI_ORGANIZATION": "organization",
    "PULUMI_PROJECT": "facestamp",
    "PULUMI_STACK": "test",
    "PULUMI_DRY_RUN": "true",
    "PULUMI_CONFIG": "{}",
}
STOPS = analyzer_pb2.MANDATORY


@dataclass(frozen=True)
class Violation:
    """What the engine would show, and whether it would go on."""

    rule: str
    said: str
    stops: bool


@dataclass(frozen=True)
class Pack:
    """The running pack."""

    analyzer: Any

    def asked(self, resources: list[dict[str, Any]]) -> list[Violation]:
        """What it says of each resource, and then of all of them."""
        alone = [self.analyzer.Analyze(analyzer_pb2.AnalyzeRequest(**each)) for each in resources]
        every = [analyzer_pb2.AnalyzerResource(**each) for each in resources]
        together = self.analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=every))
        return [
            Violation(told.policyName, told.message, told.enforcementLevel == STOPS)
            for answer in (*alone, together)
            for told in answer.diagnostics
        ]

    def of(self, resources: list[Resource]) -> list[Violation]:
        """What it says of resources that are made up."""
        return self.asked([_wire(f"tencentcloud:index/x:{r.kind}", r.name, _struct(r.inputs)) for r in resources])


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    """The pack, with an engine that it never calls."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(  # noqa: S603 -- this Python
        command, cwd=PACK, env={**os.environ, **AROUND}, stdout=subprocess.PIPE, text=True
    ) as running:
        try:
            assert running.stdout
            port = int(running.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.enable_http_proxy", 0)]) as channel:
                yield Pack(analyzer_pb2_grpc.AnalyzerStub(channel))
        finally:
            running.terminate()


def registered(package: Path, **changed: Any) -> list[dict[str, Any]]:
    """All that the program registers, as it goes over the wire."""
    deployment = Deployment(settings(package=str(package), **changed))
    return [_wire(request.type, request.name, request.object) for request in deployment.monitor.requests]


def test_every_rule_is_in_it_and_stops_a_deployment(pack: Pack) -> None:
    told = pack.analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    alone, together = [*(rule for several in RULES.values() for rule in several), tagged], TOGETHER
    assert told.name == "facestamp"
    assert {(each.name, each.description, each.policy_type, each.enforcementLevel) for each in told.policies} == {
        (_name(rule), rule.__doc__, kind, STOPS)
        for rules, kind in (
            (alone, analyzer_pb2.POLICY_TYPE_RESOURCE),
            (together, analyzer_pb2.POLICY_TYPE_STACK),
        )
        for rule in rules
    }


def test_it_lets_the_program_pass(pack: Pack, package: Path) -> None:
    resources = registered(package, api=API, versioning=True, record_days=90)
    assert "facestamp:index:Buckets" in {each["type"] for each in resources}
    assert pack.asked(resources) == []


def test_it_lets_pass_what_is_sound(pack: Pack) -> None:
    assert pack.of(stack()) == []


@pytest.mark.parametrize(("kind", "changed", "sentence"), WRONG)
def test_it_stops_what_is_wrong(pack: Pack, kind: str, changed: dict[str, Any], sentence: str) -> None:
    found = pack.of(stack(kind, **changed))
    assert any(sentence in violation.said for violation in found), found
    assert all(violation.stops for violation in found)


def test_it_says_which_rule_is_broken(pack: Pack) -> None:
    found = pack.of(stack("CosBucket", acl="public-read", tags={"app": "facestamp"}))
    assert [violation.rule for violation in found] == ["private-and-encrypted", "tagged"]
    assert found[0].said.startswith("Buckets are private, because")


def test_it_reads_what_is_secret(pack: Pack) -> None:
    sound, short = ({"FACESTAMP_SIGNING_KEYS": value} for value in ("now:read:long-enough", "x"))
    assert pack.of(stack("ScfFunction", environment=rpc.wrap_rpc_secret(sound))) == []
    [violation] = pack.of(stack("ScfFunction", environment=rpc.wrap_rpc_secret(short)))
    assert "The value of FACESTAMP_SIGNING_KEYS has not 2 to 64 bytes." in violation.said


def test_before_something_is_made_it_says_what_it_cannot_know(pack: Pack) -> None:
    found = pack.of(stack("ScfFunction", timeout=60, role="another", clsTopicId=rpc.UNKNOWN))
    assert {(violation.rule, violation.stops) for violation in found} == {
        (rule, stops) for rule in ("explicit-function", "fitted-together") for stops in (True, False)
    }
    assert all("clsTopicId can't be known during preview" in each.said for each in found if not each.stops)


def _wire(kind: str, name: str, properties: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:test::facestamp::{kind}::{name}"
    return {"type": kind, "name": name, "urn": urn, "properties": properties}


def _struct(inputs: Any) -> Any:
    told = struct_pb2.Struct()
    told.update(inputs)
    return told


def _name(rule: Callable[..., Any]) -> str:
    return rule.__name__.replace("_", "-")
