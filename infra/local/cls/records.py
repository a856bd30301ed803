"""A function's line as the log service keeps it: the fields of SCF's log structure (SCF 583/60336), all of them text.

A line that is one JSON object has its first level as fields beside them, whatever lies deeper as JSON text (SCF
858/18032). What SCF itself writes cannot be written over.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.scf import LogLine


@dataclass(frozen=True)
class Record:
    """One line, and the index rule that was in force when it came; without one it cannot be found."""

    time: float
    """The cloud clock's seconds."""
    fields: Mapping[str, str]
    rule: Mapping[str, Any] | None


def record(line: LogLine, rule: Mapping[str, Any] | None) -> Record:
    """The line as a record."""
    written = _written(line)
    return Record(line.time, {**written, **_custom(line), **written}, rule)


def _written(line: LogLine) -> dict[str, str]:
    """The fourteen fields of every line, in the documented order."""
    return {
        "SCF_FunctionName": line.function,
        "SCF_Namespace": "default",
        "SCF_StartTime": str(round(line.started * 1000)),
        "SCF_LogTime": str(round(line.time * 1000)),
        "SCF_RequestId": line.request_id,
        "SCF_Duration": str(round(line.duration * 1000)),
        "SCF_Alias": "$DEFAULT",
        "SCF_Qualifier": "$LATEST",
        "SCF_MemUsage": f"{line.memory:.6f}",
        "SCF_Level": "INFO",
        "SCF_Message": line.text,
        "SCF_Type": line.type,
        "SCF_StatusCode": str(line.status),
        "SCF_RetryNum": str(line.retry),
    }


def _custom(line: LogLine) -> dict[str, str]:
    if line.type != "Custom" or not line.text.lstrip().startswith("{"):
        return {}
    try:
        told = json.loads(line.text)
    except ValueError:
        return {}
    return {name: _text(value) for name, value in told.items()} if isinstance(told, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
