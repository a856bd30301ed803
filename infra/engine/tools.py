"""The three programs that Pulumi's engine is made of, and where they are.

| tool       | what it is                                                                                            |
|------------|-------------------------------------------------------------------------------------------------------|
| `pulumi`   | the engine and its command line; every official install has it                                        |
| `bridge`   | the plugin that speaks Pulumi on one side and Terraform's protocol on the other                       |
| `provider` | terraform-provider-tencentcloud, which makes Tencent's calls                                          |

Each is looked for where its variable says, where Pulumi keeps it, on PATH, and in a cache of our own outside the
checkout. What is not there is built from Go modules into that cache, if all that is missing can be: nothing is built
in vain. Nothing else is ever downloaded from here. Python's language host is not needed: see `infra.engine.program`.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.engine import modules
from infra.engine.modules import Module, Unbuildable

PULUMI: Final = "3.259.0"
BRIDGE, PROVIDER = "1.1.3", "1.83.25"
"""As `infra/Pulumi.yaml` and the generated SDK have them."""
BRIDGE_MODULE: Final = "3.136.0"
"""The bridge's plugin is released under numbers of its own; this is the library that it is made from."""
OLDEST: Final = (3, 247)
"""The oldest Pulumi that the generated SDK takes."""
BUILDING_SECONDS: Final = 1200
"""For all that is missing. Two cores take 13 minutes for all three, the provider more than half of it."""
_CLIPBOARD: Final = {"github.com/atotto/clipboard": "github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e"}
_INSTALL: Final = "install Pulumi (https://www.pulumi.com/docs/install/)"


class Missing(Exception):
    """A tool that is not here and cannot be made; the message is one line that says what to do."""


@dataclass(frozen=True, eq=False)
class Tool:
    """One of them, as it is called and made."""

    name: str
    title: str
    binary: str
    variable: str
    """The environment variable that says where it is."""
    module: Module
    advice: str
    """How else to get it."""


CLI: Final = Tool(
    "pulumi",
    f"The Pulumi CLI (3.{OLDEST[1]} or newer)",
    "pulumi",
    "FACESTAMP_PULUMI",
    Module(
        "github.com/pulumi/pulumi/pkg/v3",
        f"v{PULUMI}",
        "cmd/pulumi",
        requires={"github.com/pulumi/pulumi/sdk/v3": f"v{PULUMI}"},
        replaces=_CLIPBOARD,
        tags="osusergo,grpcnotrace",
        stamps={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": f"v{PULUMI}"},
    ),
    _INSTALL,
)
THE_BRIDGE: Final = Tool(
    "bridge",
    f"Pulumi's plugin terraform-provider {BRIDGE}",
    "pulumi-resource-terraform-provider",
    "FACESTAMP_BRIDGE",
    Module(
        "github.com/pulumi/pulumi-terraform-bridge/v3",
        f"v{BRIDGE_MODULE}",
        "dynamic",
        replaces={
            "github.com/hashicorp/terraform-plugin-sdk/v2": "github.com/pulumi/terraform-plugin-sdk/v2 "
            "v2.0.0-20260318212141-5525259d096b"
        },
        stamps={"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/version.version": f"v{BRIDGE}"},
    ),
    f"run `pulumi plugin install resource terraform-provider {BRIDGE}`",
)
THE_PROVIDER: Final = Tool(
    "provider",
    f"terraform-provider-tencentcloud {PROVIDER}",
    f"terraform-provider-tencentcloud_v{PROVIDER}",
    "FACESTAMP_PROVIDER",
    Module("github.com/tencentcloudstack/terraform-provider-tencentcloud", f"v{PROVIDER}"),
    f"run `pulumi package get-schema terraform-provider@{BRIDGE} tencentcloudstack/tencentcloud {PROVIDER}`, "
    "with which Pulumi fetches it",
)
TOOLS: Final = (CLI, THE_BRIDGE, THE_PROVIDER)


@dataclass(frozen=True)
class Tools:
    """Where they are."""

    pulumi: Path
    bridge: Path | None = None
    """None where Pulumi is to fetch it."""
    provider: Path | None = None


def find(
    environment: Mapping[str, str], *, complete: bool = True, say: Callable[[str], object] = lambda line: None
) -> Tools:
    """Where the tools are, building what is missing; raises `Missing`.

    Without `complete` an installed CLI is enough, for it fetches its plugins itself. `say` hears of what takes long.
    """
    found = {tool: _found(tool, environment) for tool in TOOLS}
    if found[CLI] is None or complete:
        found |= _built([tool for tool in TOOLS if found[tool] is None], environment, say)
    pulumi, bridge, provider = (found[tool] for tool in TOOLS)
    if pulumi is None:  # said already
        raise Missing(_told(CLI, ""))
    return Tools(pulumi, bridge, provider)


def home(environment: Mapping[str, str]) -> Path:
    """Where Pulumi keeps its own, on this machine."""
    return Path(environment.get("PULUMI_HOME") or _home(environment) / ".pulumi")


def cache(environment: Mapping[str, str]) -> Path:
    """Where we keep what was built, for these versions."""
    caches = Path(environment.get("XDG_CACHE_HOME") or _home(environment) / ".cache")
    return caches / "facestamp" / "engine" / f"pulumi-{PULUMI}-bridge-{BRIDGE_MODULE}-tencentcloud-{PROVIDER}"


def shelf(root: Path) -> Path:
    """Where, below the folder `root`, the bridge looks for the provider: as OpenTofu lays its cache out."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine().lower())
    place = root / "registry.opentofu.org" / "tencentcloudstack" / "tencentcloud" / PROVIDER
    return place / f"{sys.platform}_{machine}" / THE_PROVIDER.binary


def _found(tool: Tool, environment: Mapping[str, str]) -> Path | None:
    named = environment.get(tool.variable)
    if named:
        if not _runs(Path(named)):
            raise Missing(f"{tool.variable} names {named}, which is no program.")
        return Path(named).absolute()
    for place in _places(tool, environment):
        if _runs(place) and (tool is not CLI or _new_enough(place, environment)):
            return place
    return None


def _places(tool: Tool, environment: Mapping[str, str]) -> Iterator[Path]:
    own = home(environment)
    if tool is CLI:
        yield own / "bin" / tool.binary
    elif tool is THE_BRIDGE:
        yield own / "plugins" / f"resource-terraform-provider-v{BRIDGE}" / tool.binary
    else:
        yield shelf(Path(environment.get("PULUMI_DYNAMIC_TF_PLUGIN_CACHE_DIR") or own / "dynamic_tf_plugins"))
    if on_path := shutil.which(tool.binary, path=environment.get("PATH", "")):
        yield Path(on_path).absolute()
    yield cache(environment) / tool.binary


def _built(
    missing: list[Tool], environment: Mapping[str, str], say: Callable[[str], object]
) -> dict[Tool, Path | None]:
    for tool in missing:
        try:
            modules.check(tool.module, environment)
        except Unbuildable as wrong:
            raise Missing(_told(tool, str(wrong))) from None
    built: dict[Tool, Path | None] = {}
    end = time.monotonic() + BUILDING_SECONDS
    for tool in missing:
        target = cache(environment) / tool.binary
        say(f"Building {tool.title} from Go modules, once; this takes some minutes.")
        try:
            modules.build(tool.module, target, environment, max(1.0, end - time.monotonic()))
        except Unbuildable as wrong:
            raise Missing(_told(tool, str(wrong))) from None
        built[tool] = target
    return built


def _told(tool: Tool, why: str) -> str:
    return f"{tool.title} is missing: {tool.advice}, or name it in {tool.variable}. {why}".rstrip()


def _new_enough(pulumi: Path, environment: Mapping[str, str]) -> bool:
    around = {**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    asked = subprocess.run([pulumi, "version"], env=around, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 -- what the user has installed
    version = re.match(r"v?(\d+)\.(\d+)", asked.stdout)
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


def _runs(path: Path) -> bool:
    return shutil.which(path) is not None


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or Path.home())
