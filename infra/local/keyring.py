"""The keys that open the API of a local cloud: made at random when it starts, and told to nobody but its user."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from facestamp.http.keys import SCOPES


def _made(*names: str) -> dict[str, str]:
    return {name: secrets.token_urlsafe(24) for name in names}


@dataclass(frozen=True)
class Keyring:
    """One bearer key for each scope and one, `all`, for every scope; and two signing keys of every scope."""

    api: Mapping[str, str] = field(default_factory=lambda: _made(*SCOPES, "all"), repr=False)
    """Name -> key."""
    signing: Mapping[str, str] = field(default_factory=lambda: _made("current", "previous"), repr=False)
    """Id -> secret."""

    def config(self) -> dict[str, Any]:
        """What the stack's `facestamp:api` says of them."""
        return {
            "keys": [
                {
                    "name": name,
                    "scopes": list(SCOPES) if name == "all" else [name],
                    "sha256": hashlib.sha256(key.encode()).hexdigest(),
                }
                for name, key in self.api.items()
            ],
            "signingKeys": [
                {"id": name, "scopes": list(SCOPES), "secret": secret} for name, secret in self.signing.items()
            ],
        }
