"""Every way in which one input of a resource can be left out or be something else, one at a time.

Inputs are taken as they are nested: what is in objects, in lists, and in JSON documents that are written as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

DROPPED, EMPTIED, ALTERED = "dropped", "emptied", "altered"


@dataclass(frozen=True)
class Mutant:
    """Inputs with one change."""

    path: tuple[str, ...]
    """To what was changed. What is in a list goes by its key, or by its place, counted from 0."""
    how: str
    inputs: Any

    def __str__(self) -> str:
        return f"{'.'.join(self.path)} {self.how}"


def mutants(value: Any, path: tuple[str, ...] = ()) -> Iterator[Mutant]:
    """The value with each of its parts dropped, and altered, one at a time."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield Mutant((*path, name), DROPPED, {n: each for n, each in value.items() if n != name})
            for inner in mutants(part, (*path, name)):
                yield Mutant(inner.path, inner.how, {**value, name: inner.inputs})
    elif isinstance(value, list):
        for place, part in enumerate(value):
            before, after = value[:place], value[place + 1 :]
            step = str(part.get("key", place)) if isinstance(part, dict) else str(place)
            yield Mutant((*path, step), DROPPED, [*before, *after])
            for inner in mutants(part, (*path, step)):
                yield Mutant(inner.path, inner.how, [*before, inner.inputs, *after])
    else:
        for other in altered(value):
            yield Mutant(path, ALTERED if other != "" else EMPTIED, other)
        if isinstance(value, str) and value.startswith("{"):
            for inner in mutants(json.loads(value), path):
                text = json.dumps(inner.inputs, separators=(",", ":"), ensure_ascii=False)
                yield Mutant(inner.path, inner.how, text)


def altered(value: object) -> list[object]:
    """Other values of the same type, among them those that mean everything and nothing."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, *([value - 1] if value > 1 else []), *([0] if value else [])]
    if isinstance(value, str):
        return [other for other in (f"{value}x", value[:-1], "*", "") if other != value]
    raise TypeError(f"{value!r} is nothing that a resource is given.")
