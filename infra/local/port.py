"""Where the local cloud listens: port 9000, or what FACESTAMP_PORT says."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

DEFAULT: Final = 9000


def chosen(environment: Mapping[str, str] = os.environ) -> int:
    """The port asked for, 0 for any free one; raises ValueError with one sentence."""
    asked = environment.get("FACESTAMP_PORT") or str(DEFAULT)
    if not asked.isdecimal() or int(asked) > 65535:
        raise ValueError(f"FACESTAMP_PORT is {asked!r}: give a port from 0 to 65535, where 0 takes any free one.")
    return int(asked)


def is_free(port: int) -> bool:
    """Whether one can listen there now."""
    with socket.socket() as probe:
        # As the server itself does: a port that was let go of a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            probe.listen()
        except OSError:
            return False
    return True
