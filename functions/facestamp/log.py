"""What the functions say: one flat JSON object a line, which CLS expands into fields (SCF 583/61529).

Every line names the invocation; a photo is named by its digest, as its key may hold a person's id. No credential, no
signature, no image and nothing about a face is ever a field. The libraries' own logging is turned off, because the SDKs
log headers and addresses: among them the stamp itself, and signed ones.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Mapping
from typing import Any


def silence_libraries() -> None:
    """Keep every library's logging to itself: the runtime's root logger would print it, from DEBUG on."""
    logging.disable()


def where(error: BaseException) -> str:
    """The line of ours that an error came through last; its message stays behind, as nobody knows what it holds."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(os.path.dirname(__file__))]
    return f"{os.path.basename(ours[-1].filename)}:{ours[-1].lineno}" if ours else ""


class Log:
    """Writes lines that all carry the same fields."""

    def __init__(self, **always: str) -> None:
        self._always = always

    def within(self, **more: str) -> Log:
        """A log whose lines carry `more` as well."""
        return Log(**{**self._always, **more})

    def info(self, happened: str, **fields: str | int | float) -> None:
        """Something went as it should."""
        self._line("INFO", happened, fields)

    def error(self, happened: str, **fields: str | int | float) -> None:
        """Somebody may have to act."""
        self._line("ERROR", happened, fields)

    def _line(self, level: str, happened: str, fields: Mapping[str, Any]) -> None:
        line = {"level": level, "happened": happened, **self._always, **fields}
        sys.stdout.write(json.dumps(line, ensure_ascii=True) + "\n")
        sys.stdout.flush()
