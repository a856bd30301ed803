"""Whose account the engine works for, and how it gets there.

An account at Tencent needs credentials in the environment, where the provider and the two steps beside it
(`infra.steps`) take them, and a place for the stack's state. With
`FACESTAMP_ENDPOINT` set, as `.local/env` of `make up` does, the local cloud stands in place of an account: the very
same program and tools are pointed at it by their environment, in a project folder and with a state of its own.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from infra.engine.project import INFRA
from infra.engine.tools import home
from infra.local.cam import APPID, UIN

ROOT: Final = INFRA.parent
LOCAL: Final = ROOT / ".local" / "pulumi"
"""Projects and states for local clouds, by their owners' key ids."""
ENDPOINT: Final = "FACESTAMP_ENDPOINT"
KEYS: Final = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")
STATE: Final = "PULUMI_BACKEND_URL"
PASSPHRASES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")


class Unready(Exception):
    """Something is missing on the user's side; the message says what, and how to get it."""


def stack_file(stack: str, folder: Path = INFRA) -> Path:
    """The stack's settings; raises `Unready` if there are none."""
    if not re.fullmatch(r"[\w.-]+", stack):
        raise Unready("Name a stack: STACK=dev is the one that infra/Pulumi.dev.yaml describes.")
    path = folder / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        there = sorted(one.name.split(".")[1] for one in folder.glob("Pulumi.*.yaml"))
        raise Unready(
            f"There is no infra/{path.name}: copy one of the others ({', '.join(there)}) to that name and edit it, "
            "or name another stack: STACK=dev."
        )
    return path


def real(stack: str, environment: Mapping[str, str], folder: Path = INFRA) -> dict[str, str]:
    """The environment to work for an account at Tencent in; raises `Unready`."""
    told = _read(stack_file(stack, folder))
    config = told.get("config") or {}
    if left := [key for key, value in config.items() if "<" in _starts(value)]:
        raise Unready(f"infra/Pulumi.{stack}.yaml still has the example's placeholders: fill in {' and '.join(left)}.")
    if config.get("facestamp:endpoint"):
        raise Unready(f"infra/Pulumi.{stack}.yaml sets facestamp:endpoint, which only functions on a laptop can reach.")
    if not all(environment.get(name) for name in KEYS):
        raise Unready(
            "No credentials: export TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY of a CAM user who may deploy "
            "(infra/README.md has the policy; https://console.cloud.tencent.com/cam/capi makes keys). To try it "
            "without an account, run `make up`, and here `set -a; . .local/env`."
        )
    around = dict(environment)
    if not around.get(STATE) and not _logged_in(environment) and not _read(folder / "Pulumi.yaml").get("backend"):
        around[STATE] = "file://~"
    mine = around.get(STATE, "").startswith(("file:", "s3:", "gs:", "azblob:"))
    if mine and not told.get("secretsprovider") and not any(name in around for name in PASSPHRASES):
        raise Unready(
            "No passphrase: what is secret in a stack is encrypted with one that you choose once and keep. Export it "
            "as PULUMI_CONFIG_PASSPHRASE, or a file with it as PULUMI_CONFIG_PASSPHRASE_FILE."
        )
    return around


def local(environment: Mapping[str, str], region: str, trusted: Path) -> dict[str, str]:
    """The environment to work for the local cloud in, whose address and keys are in `environment` already."""
    around = {name: value for name, value in environment.items() if not name.startswith(("TENCENTCLOUD_", "AWS_"))}
    return around | {
        **{name: environment[name] for name in KEYS},
        **dict.fromkeys(PROXIES, environment[ENDPOINT]),
        # All services but COS, and COS: over plain http. What else is https in any case, by what is to be trusted.
        "TENCENTCLOUD_PROTOCOL": "HTTP",
        "TENCENTCLOUD_COS_DOMAIN": f"http://cos.{region}.myqcloud.com",
        "SSL_CERT_FILE": str(trusted),
    }


def local_project(folder: Path, source: Path, changes: Mapping[str, Any]) -> None:
    """Make a project folder of the local cloud's own, with the stack file `source`: for its account, and as changed.

    `changes` are configuration keys; None leaves one out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(INFRA / "Pulumi.yaml", folder / "Pulumi.yaml")
    told, target = _read(source), folder / source.name
    config = {**told.get("config", {}), "facestamp:appId": APPID, "tencentcloud:allowedAccountIds": [UIN], **changes}
    told["config"] = {key: value for key, value in config.items() if value is not None}
    if target.is_file() and (salt := _read(target).get("encryptionsalt")):
        told.setdefault("encryptionsalt", salt)
    target.write_text(yaml.safe_dump(told, sort_keys=False, allow_unicode=True), encoding="utf-8")


def own_state(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a stack's state is in `folder`, and nothing of the user's Pulumi is touched."""
    state = folder / "state"
    state.mkdir(parents=True, exist_ok=True)
    return {
        PASSPHRASES[0]: "",
        **environment,
        "PULUMI_HOME": str(folder / "home"),
        STATE: state.as_uri(),
    }


def settings(stack: str, folder: Path = INFRA) -> dict[str, Any]:
    """The configuration in the stack's file."""
    return dict(_read(stack_file(stack, folder)).get("config") or {})


def _logged_in(environment: Mapping[str, str]) -> bool:
    if environment.get("PULUMI_ACCESS_TOKEN"):
        return True
    kept = Path(environment.get("PULUMI_CREDENTIALS_PATH") or home(environment)) / "credentials.json"
    try:
        return bool(json.loads(kept.read_text("utf-8")).get("current"))
    except (OSError, ValueError):
        return False


def _starts(value: Any) -> str:
    """How each text in it begins."""
    if isinstance(value, dict):
        return "".join(map(_starts, value.values()))
    if isinstance(value, list):
        return "".join(map(_starts, value))
    return str(value)[:1]


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
