"""The files with which a running cloud says how to reach it: `.local/env`, and the certificate beside it.

They hold keys, so they are for this user alone; whoever sees one sees all of it. Each goes when its cloud does, unless
another cloud has put its own there since.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.local.cloud import REGION, LocalCloud

ROUTE: Final = "photos"
"""The route with all analysing operations."""
ENROLLING: Final = "members"
"""The route whose group, a person library, is there from the start."""


def settings(cloud: LocalCloud) -> dict[str, str]:
    """What a client needs to know, as `.local/env` has it."""
    return {
        "TENCENTCLOUD_SECRET_ID": cloud.cam.owner.secret_id,
        "TENCENTCLOUD_SECRET_KEY": cloud.cam.owner.secret_key,
        # Whoever has a temporary key exported must not send its token along with this one.
        "TENCENTCLOUD_SECURITY_TOKEN": "",
        "TENCENTCLOUD_REGION": REGION,
        "FACESTAMP_ENDPOINT": cloud.endpoint,
        "FACESTAMP_BUCKET": cloud.bucket,
        "FACESTAMP_PREFIX": cloud.outputs["prefixes"][ROUTE],
        "FACESTAMP_STATE_BUCKET": cloud.state_bucket,
        "FACESTAMP_GROUP_ID": cloud.outputs["groups"][ENROLLING],
        "FACESTAMP_API_URL": cloud.api_url,
        "FACESTAMP_API_KEY": cloud.keyring.api["all"],
    }


def place(path: Path, text: str) -> None:
    """Write the file whole, for this user alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    unfinished.replace(path)


def withdraw(path: Path, text: str) -> None:
    """Remove the file, if this is still what it says."""
    if path.exists() and path.read_text("ascii") == text:
        path.unlink()


def lines(values: Mapping[str, str]) -> str:
    """`KEY=value`, a line each, as a shell reads them."""
    return "".join(f"{name}={value}\n" for name, value in values.items())
