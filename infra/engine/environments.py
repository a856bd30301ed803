"""Whose account the engine works for, and how it gets there.

An account at Tencent needs credentials in the environment, where the provider and what is done around it
(`infra.account.steps`) take them, and a place for the stack's state. With
`FACESTAMP_ENDPOINT` set, as `.local/env` of `make up` does, the local cloud stands in place of an account: the very
same program and tools are pointed at it by their environment, in a project folder and with a state of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from infra.account.clients import ENDPOINT, KEYS, TOKEN
from infra.engine.tools import home
from infra.local.cam import APPID, UIN
from infra.settings import stackfile
from infra.settings.stackfile import INFRA, Unready

ROOT: Final = INFRA.parent
LOCAL: Final = ROOT / ".local" / "pulumi"
"""Projects and states for local clouds, by their owners' key ids."""
TRUSTED: Final = "FACESTAMP_CA"
"""The certificate of the local cloud's authority, where it is not the one that `make up` has put into `.local`."""
STATE: Final = "PULUMI_BACKEND_URL"
HOME: Final = "file://~"
PASSPHRASES: Final = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")
PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_ENCRYPTION: Final = ("encryptionsalt", "encryptedkey", "secretsprovider")


def real(stack: str, environment: Mapping[str, str], folder: Path = INFRA) -> dict[str, str]:
    """The environment to work for an account at Tencent in; raises `Unready`."""
    config = stackfile.filled_in(stack, folder)
    if config.get("facestamp:endpoint"):
        raise Unready(f"infra/Pulumi.{stack}.yaml sets facestamp:endpoint, which only functions on a laptop can reach.")
    if not all(environment.get(name) for name in KEYS):
        raise Unready(
            "No credentials: export TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY of a CAM user who may deploy "
            f"(`make policy STACK={stack}` prints what that takes; https://console.cloud.tencent.com/cam/capi makes "
            "keys). To try it without an account, run `make up`, and here `set -a; . .local/env`."
        )
    around = dict(environment)
    project = stackfile.told(folder / "Pulumi.yaml")
    if not around.get(STATE) and not _logged_in(environment) and not project.get("backend"):
        around[STATE] = HOME
    mine = around.get(STATE, "").startswith(("file:", "s3:", "gs:", "azblob:"))
    kept = stackfile.told(stackfile.path(stack, folder))
    if mine and not kept.get("secretsprovider") and not any(name in around for name in PASSPHRASES):
        raise Unready(
            "No passphrase: what is secret in a stack is encrypted with one that you choose once and keep. Export it "
            "as PULUMI_CONFIG_PASSPHRASE, or a file with it as PULUMI_CONFIG_PASSPHRASE_FILE."
        )
    return around


def at_home(stack: str, home: Path | None = None) -> bool:
    """Whether `~/.pulumi`, where states are kept unless another place is named, has one of this stack."""
    # As Pulumi takes it for this: the password database's, whatever HOME says.
    states = (home or Path(pwd.getpwuid(os.getuid()).pw_dir)) / ".pulumi" / "stacks" / "facestamp"
    return any((states / f"{stack}.json{packed}").is_file() for packed in ("", ".gz"))


def local(environment: Mapping[str, str], region: str, trusted: Path) -> dict[str, str]:
    """The environment to work for the local cloud in, whose address and keys are in `environment` already."""
    around = {name: value for name, value in environment.items() if not name.startswith(("TENCENTCLOUD_", "AWS_"))}
    return around | {
        **{name: environment[name] for name in (*KEYS, TOKEN) if environment.get(name)},
        **dict.fromkeys(PROXIES, environment[ENDPOINT]),
        # All services but COS, and COS: over plain http. What else is https in any case, by what is to be trusted.
        "TENCENTCLOUD_PROTOCOL": "HTTP",
        "TENCENTCLOUD_COS_DOMAIN": f"http://cos.{region}.myqcloud.com",
        "SSL_CERT_FILE": str(trusted),
    }


def trusted(environment: Mapping[str, str]) -> Path:
    """The local cloud's certificate; raises `Unready` if none is running.

    Never what SSL_CERT_FILE names: many machines set that for themselves, and it knows nothing of a local cloud.
    """
    named = environment.get(TRUSTED)
    certificate = Path(named) if named else ROOT / ".local" / "ca.pem"
    if not certificate.is_file():
        raise Unready(
            f"No local cloud is running: {certificate} is gone. Run `make up`, and here `set -a; . .local/env`."
        )
    return certificate


def local_project(folder: Path, source: Path, changes: Mapping[str, Any]) -> None:
    """Make a project folder of the local cloud's own, with the stack file `source`: for its account, and as changed.

    `changes` are configuration keys; None leaves one out. Secrets stay where they are encrypted, and other texts stand
    in for them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(INFRA / "Pulumi.yaml", folder / "Pulumi.yaml")
    told, target = stackfile.told(source), folder / source.name
    config = {**(told.get("config") or {}), "facestamp:appId": APPID, "tencentcloud:allowedAccountIds": [UIN]}
    changed = {key: value for key, value in {**config, **changes}.items() if value is not None}
    copy = {key: value for key, value in told.items() if key not in _ENCRYPTION}
    if target.is_file() and (salt := stackfile.told(target).get("encryptionsalt")):
        copy["encryptionsalt"] = salt
    copy["config"] = _without_secrets(changed)
    target.write_text(yaml.safe_dump(copy, sort_keys=False, allow_unicode=True), encoding="utf-8")


def own_state(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a stack's state is in `folder`, and nothing of the user's Pulumi is touched."""
    state = folder / "state"
    state.mkdir(parents=True, exist_ok=True)
    return {
        **{name: value for name, value in environment.items() if name not in PASSPHRASES},
        PASSPHRASES[0]: "",
        "PULUMI_HOME": str(folder / "home"),
        STATE: state.as_uri(),
    }


def _without_secrets(value: Any) -> Any:
    """The configuration with a text of its own, of 64 characters, in place of each that is encrypted."""
    if isinstance(value, dict):
        if value.keys() == {"secure"}:
            return hashlib.sha256(str(value["secure"]).encode()).hexdigest()
        return {key: _without_secrets(part) for key, part in value.items()}
    return [_without_secrets(part) for part in value] if isinstance(value, list) else value


def _logged_in(environment: Mapping[str, str]) -> bool:
    if environment.get("PULUMI_ACCESS_TOKEN"):
        return True
    kept = Path(environment.get("PULUMI_CREDENTIALS_PATH") or home(environment)) / "credentials.json"
    try:
        return bool(json.loads(kept.read_text("utf-8")).get("current"))
    except (OSError, ValueError):
        return False
