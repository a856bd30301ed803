"""The attributes of faces as one header line: a small table, its head naming the kinds once for all faces.

    Age,Beauty,Gender,HeadPose;30,75,0:.95,1/-2/0;28,,1:.99

1. Rows stand between `;`, cells between `,`. The first row holds the kinds; each other row is a face, in the order of
   the boxes. Empty cells and rows at the end are left out, and an empty cell is a kind that this face has not.
2. A number is written as Python and JSON write it, less a zero before or after the point that is not alone: `30`,
   `.95`, `-.5`, `1.`, `.0`. A point or an exponent makes it a float.
3. An AttributeItem is `Type:Probability`; either may be missing.
4. Eye, Eyebrow, Hair, Hat, HeadPose and Mouth have parts, numbers or items, in the order that the document gives them
   (`PARTS`), with `/` between; missing parts at the end are left out with their `/`.
5. Whatever has another shape, such as a part that was not documented when this was written, is its JSON as a wrapped
   word (`facestamp.words`), for that cell alone: nothing is lost.

Null parts, and structures of which every part is null, say nothing and are left out. The kinds come in the order of
DetectFaceAttributes (API 867/47396 and FaceDetailAttributesInfo, 867/45020), unknown ones after them by name.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from facestamp.words import text, word, wrapped

KINDS = (
    "Age",
    "Beauty",
    "Emotion",
    "Eye",
    "Eyebrow",
    "Gender",
    "Hair",
    "Hat",
    "HeadPose",
    "Mask",
    "Mouth",
    "Moustache",
    "Nose",
    "Shape",
    "Skin",
    "Smile",
)
"""The fields of FaceDetailAttributesInfo, in the document's order."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "Eye": ("Glass", "EyeOpen", "EyelidType", "EyeSize"),
    "Eyebrow": ("EyebrowDensity", "EyebrowCurve", "EyebrowLength"),
    "Hair": ("Length", "Bang", "Color"),
    "Hat": ("Style", "Color"),
    "HeadPose": ("Pitch", "Yaw", "Roll"),
    "Mouth": ("MouthOpen",),
}
"""The kinds that have parts, and these in the document's order."""

_ITEM = ("Type", "Probability")
_NUMBER = re.compile(r"(-?[0-9]+)|-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?")


def pruned(value: Any) -> Any:
    """The value without null parts; None where nothing is left."""
    if not isinstance(value, Mapping):
        return value
    parts = {name: pruned(part) for name, part in value.items()}
    return {name: part for name, part in parts.items() if part is not None} or None


def write(faces: Sequence[Mapping[str, Any] | None]) -> str:
    """The line for these faces' attributes, empty where there are none."""
    rows: list[Mapping[str, Any]] = [pruned(face) or {} for face in faces]
    known = {kind: rank for rank, kind in enumerate(KINDS)}
    kinds = sorted({kind for row in rows for kind in row}, key=lambda kind: (known.get(kind, len(known)), kind))
    if not kinds:
        return ""
    lines = [",".join(_cell(kind, row.get(kind)) for kind in kinds).rstrip(",") for row in rows]
    return ";".join([",".join(map(word, kinds)), *lines]).rstrip(";")


def read(line: str) -> list[dict[str, Any] | None]:
    """The attributes of the faces that `write` was given, pruned. Raises ValueError for what is no such line."""
    head, *rows = line.split(";")
    kinds = [text(kind) for kind in head.split(",")]
    faces: list[dict[str, Any] | None] = []
    for row in rows:
        cells = row.split(",")
        if len(cells) > len(kinds):
            raise ValueError("more cells than kinds")
        faces.append({kind: _value(kind, cell) for kind, cell in zip(kinds, cells, strict=False) if cell} or None)
    return faces


def _cell(kind: str, value: Any) -> str:
    if value is None:
        return ""
    parts = PARTS.get(kind)
    if parts is None:
        return _simple(value) or wrapped(_json(value))
    if isinstance(value, Mapping) and set(value) <= set(parts):
        cells = ["" if part not in value else _simple(value[part]) for part in parts]
        if all(cell is not None for cell in cells):
            return "/".join(cell or "" for cell in cells).rstrip("/")
    return wrapped(_json(value))


def _simple(value: Any) -> str | None:
    """A number or an item; None for anything else."""
    if not isinstance(value, Mapping):
        return _number(value)
    if not set(value) <= set(_ITEM):
        return None
    kind, probability = ("" if name not in value else _number(value[name]) for name in _ITEM)
    return None if kind is None or probability is None else f"{kind}:{probability}"


def _number(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return None
    digits = re.sub(r"^(-?)0\.", r"\1.", repr(value))
    return re.sub(r"^(-?[0-9]+\.)0$", r"\1", digits)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _value(kind: str, cell: str) -> Any:
    if cell.startswith("~"):
        try:
            return json.loads(text(cell))
        except RecursionError:
            raise ValueError("JSON too deep") from None
    if kind not in PARTS:
        return _parsed(cell)
    cells = cell.split("/")
    if len(cells) > len(PARTS[kind]):
        raise ValueError("more parts than the kind has")
    return {part: _parsed(piece) for part, piece in zip(PARTS[kind], cells, strict=False) if piece}


def _parsed(cell: str) -> Any:
    if ":" not in cell:
        return _parsed_number(cell)
    return {name: _parsed_number(piece) for name, piece in zip(_ITEM, cell.split(":"), strict=True) if piece}


def _parsed_number(digits: str) -> int | float:
    if not (match := _NUMBER.fullmatch(digits)):
        raise ValueError("not a number")
    return int(digits) if match[1] is not None else float(digits)
