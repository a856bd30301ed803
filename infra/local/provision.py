"""Runs the Pulumi program in this process, against the local cloud.

1. The program itself is run (`infra/__main__.py`), with the configuration that the engine would hand it.
2. What it registers reaches a monitor of ours instead of the engine; `infra.local.provider` makes the provider's
   management calls for it and gives back ids and computed outputs, on which later resources wait.
3. The stack's outputs are returned.

It is no engine: nothing is compared with an earlier state, and nothing is updated or deleted. Each run has a thread,
an event loop and a context of its own, in which all of Pulumi's settings live, so nothing is left behind.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import runpy
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import yaml
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import mocks, rpc
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import Settings, configure
from pulumi.runtime.stack import run_in_stack

from infra.local.cam import Identity
from infra.local.provider import Provider
from infra.settings import config
from infra.settings.stack import StackSettings

PROGRAM = Path(__file__).parents[1] / "__main__.py"
PROJECT = "facestamp"


class Monitor(mocks.MockMonitor):
    """Takes the program's registrations; `resources` has each by its URN, with its id and state."""

    def __init__(self, provider: mocks.Mocks) -> None:
        super().__init__(provider)
        self.requests: list[Any] = []
        """The registrations as they came: parents, dependencies, options."""
        self.outputs: dict[str, Any] = {}
        """The stack's outputs."""

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 -- gRPC's name
        """Create the resource, and answer with its inputs and what was computed."""
        self.requests.append(request)
        urn = self.make_urn(request.parent, request.type, request.name)
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        inputs = _whole(rpc.deserialize_properties(request.object))
        made, computed = self.mocks.new_resource(
            mocks.MockResourceArgs(typ=request.type, name=request.name, inputs=inputs, custom=True)
        )
        state = {**inputs, **computed}
        made = made or ""
        self.resources[urn] = self.ResourceRegistration(urn, made, state)
        told = struct_pb2.Struct()
        told.update(state)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=made, object=told)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 -- gRPC's name
        """Look at a resource that is there already."""
        self.requests.append(request)
        urn = self.make_urn(request.parent, request.type, request.name)
        _, state = self.mocks.new_resource(
            mocks.MockResourceArgs(typ=request.type, name=request.name, inputs={}, resource_id=request.id)
        )
        self.resources[urn] = self.ResourceRegistration(urn, request.id, state)
        told = struct_pb2.Struct()
        told.update(state)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=told)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 -- gRPC's name
        """Keep the stack's outputs; components' are of no use to anybody here."""
        if "pulumi:pulumi:Stack::" in request.urn:
            self.outputs = _whole(rpc.deserialize_properties(request.outputs))
        return empty_pb2.Empty()


class _Resources(mocks.Mocks):
    """Pulumi's seam for mocks, behind which the provider's calls are made."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.resource_id:
            return args.resource_id, self.provider.read(args.typ, args.resource_id)
        return self.provider.create(args.typ, args.inputs)

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(f"The local cloud answers no data source such as {args.token}.")


def provision(
    settings: StackSettings | Mapping[str, Any], endpoint: str, owner: Identity, stack: str = "local"
) -> dict[str, Any]:
    """Deploy to the local cloud at `endpoint` (http://127.0.0.1:port), as the account `owner`; the stack's outputs.

    `settings` are checked settings, or Pulumi configuration such as `stack_file` reads; the functions' own endpoint
    is set to this one. Raises `pydantic.ValidationError` for wrong settings, `NotProvisionable`, and the SDKs'
    exceptions for what the cloud refuses.
    """
    if isinstance(settings, StackSettings):
        stack, given = settings.stack, config.dump(settings)
    else:
        given = config.flat(settings)
    given[f"{PROJECT}:endpoint"] = endpoint
    provider = Provider(endpoint, owner, given[config.REGION])
    provider.guard(json.loads(given.get(config.ACCOUNTS, "[]")))
    return run(Monitor(_Resources(provider)), given, stack).outputs


def stack_file(stack: str = "local") -> dict[str, Any]:
    """The configuration in `Pulumi.<stack>.yaml`."""
    told = yaml.safe_load(PROGRAM.with_name(f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    return dict(told["config"])


def run(monitor: Monitor, given: Mapping[str, str], stack: str) -> Monitor:
    """Run the program against a monitor, in a thread of its own; raises what the program raises."""
    failures: list[BaseException] = []

    def alone() -> None:
        try:
            asyncio.run(_run(monitor, given, stack))
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=contextvars.Context().run, args=(alone,), name="pulumi-program")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return monitor


async def _run(monitor: Monitor, given: Mapping[str, str], stack: str) -> None:
    # One failure fails everything that waits for it; the first is raised, and the others would only repeat it.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    configure(
        Settings(
            project=PROJECT,
            stack=stack,
            monitor=monitor,
            engine=mocks.MockEngine(logging.getLogger("pulumi")),
            dry_run=False,
        )
    )
    pulumi.runtime.set_all_config(dict(given), [])
    await run_in_stack(_program)


def _program() -> None:
    runpy.run_path(str(PROGRAM), run_name="__main__")


def _whole(value: Any) -> Any:
    """The value in plain sight, whole numbers as such: on the wire a secret is wrapped, and every number a float."""
    value = rpc.unwrap_rpc_secret(value)
    if isinstance(value, dict):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
