"""Where the engine's tools are found, and what is said where they are not: with programs that only look like them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.engine import tools
from infra.engine.tools import CLI, THE_BRIDGE, THE_PROVIDER, TOOLS, Missing, Tools, find

REFUSED = "go: example.com/x@v1: reading https://proxy.example/x/@v/v1.info: 403 Forbidden"
GO = """\
echo "$*" >> "{log}"
case "$1" in
  env) echo {version} ;;
  list) case "$*" in {refused}) echo "{said}" >&2; exit 1 ;; esac ;;
  build)
    for last; do :; done
    case "$last" in {broken}) echo "go: downloading a v1" >&2; echo "x.go:1:1: no" >&2; exit 1 ;; esac
    printf '#!/bin/sh\\necho v3.300.0 %s\\n' "$last" > built; chmod +x built ;;
esac
"""


@dataclass
class Machine:
    """A machine with nothing on it, until a test puts something there."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"HOME": str(self.root / "home"), "PATH": f"{self.root / 'bin'}:/usr/bin:/bin", **self.variables}

    def __post_init__(self) -> None:
        self.variables: dict[str, str] = {}
        (self.root / "bin").mkdir()

    def program(self, *path: str, says: str = "") -> Path:
        """Put a program there that says something."""
        return self.script(*path, text=f"echo {says}")

    def script(self, *path: str, text: str) -> Path:
        target = self.root.joinpath(*path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"#!/bin/sh\n{text}\n", encoding="ascii")
        target.chmod(0o755)
        return target

    def go(self, version: str = "go1.26.8", refused: str = "none", broken: str = "none") -> None:
        """Install a Go that builds anything, but for the modules that are refused or broken (patterns of sh)."""
        text = GO.format(log=self.log, version=version, refused=refused, broken=broken, said=REFUSED)
        self.script("bin", "go", text=text)

    @property
    def log(self) -> Path:
        return self.root / "go.log"

    def asked(self) -> list[str]:
        """The commands that Go was given: their first words."""
        lines = self.log.read_text("ascii").splitlines() if self.log.exists() else []
        return [line.split()[0] for line in lines if not line.startswith("env")]

    def all_there(self) -> Tools:
        """Install everything where an official install has it."""
        plugins = self.root / "home" / ".pulumi"
        return Tools(
            self.program("home", ".pulumi", "bin", "pulumi", says="v3.300.0"),
            self.program("home", ".pulumi", "plugins", "resource-terraform-provider-v1.1.3", THE_BRIDGE.binary),
            self.program(*tools.shelf(plugins / "dynamic_tf_plugins").relative_to(self.root).parts),
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    # No Go and no Pulumi of this machine's own: of the usual folders, a copy without them.
    usual = Machine(tmp_path)
    for name in ("sh", "chmod", "echo", "printf"):
        found = next(Path(folder) / name for folder in ("/bin", "/usr/bin") if (Path(folder) / name).exists())
        (tmp_path / "bin" / name).symlink_to(found)
    usual.variables["PATH"] = str(tmp_path / "bin")
    return usual


def test_an_official_install_is_found_where_it_is(machine: Machine) -> None:
    there = machine.all_there()

    assert find(machine.environment) == there


def test_pulumi_home_and_the_plugin_cache_can_be_elsewhere(machine: Machine) -> None:
    machine.variables["PULUMI_HOME"] = str(machine.root / "elsewhere")
    machine.variables["PULUMI_DYNAMIC_TF_PLUGIN_CACHE_DIR"] = str(machine.root / "providers")
    pulumi = machine.program("elsewhere", "bin", "pulumi", says="v3.300.0")
    bridge = machine.program("elsewhere", "plugins", "resource-terraform-provider-v1.1.3", THE_BRIDGE.binary)
    provider = machine.program(*tools.shelf(machine.root / "providers").relative_to(machine.root).parts)

    assert find(machine.environment) == Tools(pulumi, bridge, provider)


def test_what_is_on_the_path_is_found(machine: Machine) -> None:
    there = [machine.program("bin", tool.binary, says="v3.300.0") for tool in TOOLS]

    assert find(machine.environment) == Tools(*there)


def test_a_variable_comes_before_everything_else(machine: Machine) -> None:
    machine.all_there()
    mine = [machine.program("mine", f"my-{tool.name}") for tool in TOOLS]
    machine.variables |= {tool.variable: str(path) for tool, path in zip(TOOLS, mine, strict=True)}

    assert find(machine.environment) == Tools(*mine)


def test_a_variable_that_names_no_program_is_an_error_and_not_passed_over(machine: Machine) -> None:
    machine.all_there()
    machine.variables["FACESTAMP_BRIDGE"] = str(machine.root / "nothing")

    with pytest.raises(Missing, match=r"FACESTAMP_BRIDGE names .*nothing, which is no program"):
        find(machine.environment)


def test_a_bridge_or_a_provider_of_another_version_is_not_taken(machine: Machine) -> None:
    machine.program("bin", "pulumi", says="v3.300.0")
    machine.program("home", ".pulumi", "plugins", "resource-terraform-provider-v1.0.2", THE_BRIDGE.binary)

    with pytest.raises(Missing, match=r"plugin terraform-provider 1\.1\.3 is missing"):
        find(machine.environment)


def test_an_old_pulumi_is_passed_over(machine: Machine) -> None:
    there = machine.all_there()
    machine.program("home", ".pulumi", "bin", "pulumi", says="v3.100.0")
    with pytest.raises(Missing, match=r"3\.247 or newer"):
        find(machine.environment)

    newer = machine.program("bin", "pulumi", says="v3.247.1")

    assert find(machine.environment) == Tools(newer, there.bridge, there.provider)


def test_without_anything_one_line_says_what_to_get_and_where(machine: Machine) -> None:
    with pytest.raises(Missing) as told:
        find(machine.environment)

    assert str(told.value) == (
        "The Pulumi CLI (3.247 or newer) is missing: install Pulumi (https://www.pulumi.com/docs/install/), or name it "
        "in FACESTAMP_PULUMI. There is no Go 1.25 or newer here either."
    )


def test_an_installed_pulumi_is_enough_to_deploy_with(machine: Machine) -> None:
    pulumi = machine.program("bin", "pulumi", says="v3.300.0")
    machine.go()

    assert find(machine.environment, complete=False) == Tools(pulumi)
    assert machine.asked() == []


def test_what_is_missing_is_built_once_into_a_cache_outside_the_checkout(machine: Machine) -> None:
    machine.go()
    said: list[str] = []

    found = find(machine.environment, say=said.append)
    machine.log.unlink()
    again = find(machine.environment, say=said.append)

    cache = machine.root / "home" / ".cache" / "facestamp" / "engine"
    assert found == again == Tools(*(tools.cache(machine.environment) / tool.binary for tool in TOOLS))
    assert cache in tools.cache(machine.environment).parents
    assert len(said) == 3
    assert machine.asked() == []
    assert {path.name for path in tools.cache(machine.environment).iterdir()} == {tool.binary for tool in TOOLS}


def test_each_is_built_from_its_pinned_module_with_its_replacements(machine: Machine) -> None:
    machine.variables["XDG_CACHE_HOME"] = str(machine.root / "cache")
    machine.go()

    find(machine.environment)

    built = [line for line in machine.log.read_text("ascii").splitlines() if line.startswith("build")]
    assert [line.split()[-1] for line in built] == [
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        "github.com/pulumi/pulumi-terraform-bridge/v3/dynamic",
        "github.com/tencentcloudstack/terraform-provider-tencentcloud",
    ]
    assert THE_BRIDGE.module.described().splitlines() == [
        "module facestamp/engine",
        "",
        "go 1.25",
        "",
        "require github.com/pulumi/pulumi-terraform-bridge/v3 v3.136.0",
        "",
        "replace github.com/hashicorp/terraform-plugin-sdk/v2 => "
        "github.com/pulumi/terraform-plugin-sdk/v2 v2.0.0-20260318212141-5525259d096b",
    ]


@pytest.mark.parametrize(
    ("refused", "missing"),
    [
        ("*terraform-provider-tencentcloud@*", THE_PROVIDER),
        ("*terraform-plugin-sdk*", THE_BRIDGE),
        ("*clipboard*", CLI),
    ],
)
def test_nothing_is_built_where_something_cannot_be(machine: Machine, refused: str, missing: tools.Tool) -> None:
    machine.go(refused=refused)

    with pytest.raises(Missing) as told:
        find(machine.environment)

    assert str(told.value).startswith(f"{missing.title} is missing: ")
    assert str(told.value).endswith(f". {REFUSED}")
    assert "\n" not in str(told.value)
    assert "build" not in machine.asked()


def test_a_build_that_fails_says_what_go_said(machine: Machine) -> None:
    machine.go(broken="*bridge*")

    with pytest.raises(Missing, match=r"plugin terraform-provider 1\.1\.3 is missing: .* x\.go:1:1: no$"):
        find(machine.environment)

    assert [path.name for path in tools.cache(machine.environment).iterdir()] == ["pulumi"]


def test_a_go_that_is_too_old_is_named(machine: Machine) -> None:
    machine.go(version="go1.24.9")

    with pytest.raises(Missing, match=r"bin/go is go1\.24\.9; 1\.25 or newer is needed"):
        find(machine.environment)


def test_the_provider_is_looked_for_where_opentofu_would_put_it(tmp_path: Path) -> None:
    place = tools.shelf(tmp_path).relative_to(tmp_path).parts

    assert place[:4] == ("registry.opentofu.org", "tencentcloudstack", "tencentcloud", "1.83.25")
    assert place[4].startswith(sys.platform)
    assert place[4].endswith(("_amd64", "_arm64")) or os.uname().machine not in {"x86_64", "aarch64"}


def test_the_versions_are_those_of_the_stack_and_its_sdk() -> None:
    project = (Path(tools.__file__).parents[1] / "Pulumi.yaml").read_text("utf-8")
    sdk = (Path(tools.__file__).parents[1] / "sdks/tencentcloud/pulumi_tencentcloud/_utilities.py").read_text("utf-8")
    asks = (Path(tools.__file__).parents[1] / "sdks/tencentcloud/pyproject.toml").read_text("utf-8")

    assert f"version: {tools.BRIDGE}\n" in project
    assert f"- {tools.PROVIDER}\n" in project
    assert f'base_provider_version="{tools.BRIDGE}"' in sdk
    assert f"pulumi>={'.'.join(map(str, tools.OLDEST))}." in asks
