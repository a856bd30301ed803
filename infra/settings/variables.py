"""A function's environment as SCF takes it: names and values of 2 to 64 bytes, 4 KB in all (SCF 583/14570, 583/11637).

A longer value goes on in NAME_2, NAME_3 …, cut between characters, and the function puts it together again. What would
be shorter than two bytes has to be written longer by its author: a number gets a leading zero (`number`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SHORTEST, LONGEST = 2, 64
"""Bytes of a name and of a value."""
TOTAL = 4096
"""Bytes of all names and values together."""
RESERVED = ("SCF_", "QCLOUD_", "TENCENTCLOUD_", "TECENTCLOUD_")
"""Prefixes that the platform keeps for itself; the last is how one of its pages spells it."""


def number(value: int) -> str:
    """A whole number in at least two characters: 5 is `05`."""
    return f"{value:02d}"


def environment(values: Mapping[str, str]) -> dict[str, str]:
    """The variables to set for `values`; raises `ValueError` with one sentence if SCF would refuse them."""
    flat = {
        name if place == 1 else f"{name}_{place}": piece
        for name, value in values.items()
        for place, piece in enumerate(_pieces(name, value), start=1)
    }
    for name in flat:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) or not SHORTEST <= len(name) <= LONGEST:
            raise ValueError(
                f"The variable name {name} must be 2 to 64 letters, digits and _, beginning with a letter."
            )
        if name.startswith(RESERVED):
            raise ValueError(f"The variable {name} begins with a prefix that SCF keeps for itself.")
    total = sum(len(name) + len(value.encode()) for name, value in flat.items())
    if total > TOTAL:
        raise ValueError(f"The function's variables have {total} bytes; SCF takes {TOTAL}.")
    return flat


def _pieces(name: str, value: str) -> list[str]:
    if len(value.encode()) < SHORTEST:
        raise ValueError(f"The variable {name} has the value {value!r}; SCF wants at least {SHORTEST} bytes.")
    pieces = [""]
    for character in value:
        if len(pieces[-1].encode()) + len(character.encode()) > LONGEST:
            pieces.append("")
        pieces[-1] += character
    if len(pieces[-1].encode()) < SHORTEST:
        pieces[-2:] = [pieces[-2][:-1], pieces[-2][-1] + pieces[-1]]
    return pieces
