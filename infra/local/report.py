"""A stamp as plain text: a table of faces, and the metadata as it stands on the object, in lines of at most 100."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facestamp import stamp
from facestamp.faces import Face

_WIDTH = 100


def faces_table(faces: Sequence[Face]) -> list[str]:
    """One line a face, under a head. An attribute that was not measured is left blank."""
    rows: list[tuple[str, ...]] = [("face", "x,y", "w x h", "points", "pitch", "yaw", "roll", "smile", "eyes", "mouth")]
    for number, face in enumerate(faces, 1):
        told, box = face.attributes or {}, face.box
        pose = told.get("HeadPose") or {}
        rows.append(
            (
                str(number),
                f"{box.x},{box.y}" if box else "",
                f"{box.width} x {box.height}" if box else "",
                str(sum(map(len, (face.points or {}).values())) or ""),
                *(_number(pose.get(name)) for name in ("Pitch", "Yaw", "Roll")),
                _number(told.get("Smile")),
                _either(told, "Eye", "EyeOpen", "open", "closed"),
                _either(told, "Mouth", "MouthOpen", "closed", "open"),
            )
        )
    shown = [number for number in range(len(rows[0])) if any(row[number] for row in rows[1:])]
    widths = [max(len(row[number]) for row in rows) for number in shown]
    return ["  ".join(row[n].ljust(w) for n, w in zip(shown, widths, strict=True)).rstrip() for row in rows]


def metadata_lines(headers: Mapping[str, str]) -> Iterator[str]:
    """The stamp's headers, long values cut, with their length."""
    present = {name.lower(): value for name, value in headers.items()}
    for name in stamp.NAMES:
        if name in present:
            line, value = f"{name}: {present[name]}", present[name]
            if len(line) > _WIDTH:
                more = f"… ({len(value)} characters)"
                line = line[: _WIDTH - len(more)] + more
            yield line


def kilobytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1000:.1f} kB" if size < 100_000 else f"{size / 1000:,.0f} kB"


def _number(value: Any) -> str:
    return "" if value is None else str(value)


def _either(told: Mapping[str, Any], kind: str, part: str, none: str, one: str) -> str:
    kind_of = ((told.get(kind) or {}).get(part) or {}).get("Type")
    return none if kind_of == 0 else one if kind_of == 1 else ""
