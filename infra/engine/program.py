"""Serves this repository's Pulumi program to the engine, so that no language host is needed.

An installed Pulumi starts `pulumi-language-python`, which starts Python, which runs `infra/__main__.py`. Told of a
client (`--client=`), the engine asks that instead. Pulumi's Automation API is made so, and what answers here is its
own server: the program and the SDK below it are the same either way.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc
import pulumi
from pulumi.automation._server import LanguageServer
from pulumi.runtime.proto import language_pb2_grpc
from pydantic import ValidationError

MAIN: Final = Path(__file__).parents[1] / "__main__.py"
_ROOM: Final = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]
"""As large as the engine's own messages may be."""


@contextmanager
def served() -> Iterator[str]:
    """Serve it as long as this lasts; the argument that tells `pulumi` where."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_ROOM)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageServer(_program), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"--client=127.0.0.1:{port}"
    finally:
        server.stop(grace=None)


def _program() -> None:
    try:
        runpy.run_path(str(MAIN), run_name="__main__")
    except ValidationError as wrong:
        raise pulumi.RunError("\n".join(_sentences(wrong))) from None
    except FileNotFoundError as missing:
        raise pulumi.RunError(str(missing)) from None


def _sentences(wrong: ValidationError) -> Iterator[str]:
    yield f"The settings in Pulumi.{pulumi.get_stack()}.yaml cannot be deployed:"
    for error in wrong.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in error["loc"])
        said = error["msg"].removeprefix("Value error, ")
        yield f"  {where}: {said}" if where else f"  {said}"
