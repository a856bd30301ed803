"""A compiled module's bytes, made the same whichever process, machine and day compiled it.

What marshal writes depends on more than the code: an object is marked for reuse if anything else in the process happens
to hold it, a string is marked as interned if anything has interned it, and a set's members come in the order of their
hashes, which are addresses in part. None of that means anything to the code. So what was written is read as the stream
of objects that it is, and written anew by rules that look at values alone:

- equal constants and names are one object, marked where it comes first if it comes again;
- a string is marked as interned if it looks like a name, which is what the compiler itself interns;
- the members of a set are in the order of their bytes.

The format is that of CPython's Python/marshal.c; code objects are laid out as 3.8 to 3.10, and 3.11 to 3.14, have them.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from typing import Final, NamedTuple

HEADER: Final = 16
"""Bytes before the code: magic number, flags, and the hash of the source (PEP 552)."""
_MARKED: Final = 0x80
_ALONE: Final = b"NFTS."
_SIZES: Final = {b"i": 4, b"g": 8, b"y": 16}
_SHORT: Final = b"zZ)"
_TEXTS: Final = b"zZaAut"
_NAME: Final = re.compile(rb"[A-Za-z0-9_]*")
_REFERENCE: Final = 5
"""Bytes that a reference takes; what is no longer than that is written again."""


class Unreadable(ValueError):
    """The stream holds what a compiled module never does, or what a later Python has added."""


class _Node:
    """An object of the stream: its type, the bytes that follow, and the objects that follow those."""

    __slots__ = ("children", "head", "kind")

    def __init__(self, kind: bytes, head: bytes = b"", children: tuple[_Node, ...] = ()) -> None:
        self.kind, self.head, self.children = kind, head, children

    def plain(self) -> bytes:
        """Its bytes with nothing marked and nothing referred to."""
        return b"".join((self.kind, self.head, *(child.plain() for child in self.children)))

    @property
    def shared(self) -> bool:
        """Whether it is worth referring to. Code objects are each their own."""
        return self.kind != b"c" and (bool(self.children) or len(self.head) >= _REFERENCE)


class _Layout(NamedTuple):
    """How many numbers and objects a code object has, in turn."""

    numbers: int
    objects: int
    tables: int


def canonical(compiled: bytes, version: tuple[int, int]) -> bytes:
    """The same compiled module, in the one form that its values allow.

    `version` is that of the Python which compiled it. Raises `Unreadable`.
    """
    return compiled[:HEADER] + rewritten(compiled[HEADER:], version)


def rewritten(stream: bytes, version: tuple[int, int]) -> bytes:
    """One marshalled object, in that form. Raises `Unreadable`."""
    layout = _Layout(6, 8, 1) if version < (3, 11) else _Layout(5, 8, 2)
    reader = _Reader(stream, layout)
    root = reader.node()
    if reader.at != len(stream):
        raise Unreadable(f"{len(stream) - reader.at} bytes follow the code.")
    return _written(root, layout)


class _Reader:
    """Reads a stream; equal objects become one node, in whatever way the stream tells of them."""

    def __init__(self, stream: bytes, layout: _Layout) -> None:
        self.stream, self.layout, self.at = stream, layout, 0
        self._marked: list[_Node | None] = []
        self._known: dict[tuple[bytes, bytes, tuple[int, ...]], _Node] = {}

    def node(self) -> _Node:
        byte = self._take(1)[0]
        kind = bytes((byte & ~_MARKED,))
        if kind == b"r":
            return self._referred(self._number())
        if not byte & _MARKED:
            return self._read(kind)
        place = len(self._marked)
        self._marked.append(None)
        node = self._marked[place] = self._read(kind)
        return node

    def _read(self, kind: bytes) -> _Node:
        if kind in _ALONE:
            return self._once(kind)
        if kind in _SIZES:
            return self._once(kind, self._take(_SIZES[kind]))
        if kind == b"l":
            digits = self._number()
            return self._once(kind, struct.pack("<i", digits) + self._take(2 * abs(digits)))
        if kind == b"s":
            return self._once(kind, self._sized(self._take(self._number())))
        if kind in _TEXTS:
            return self._text(self._take(self._size(kind)))
        if kind in b"()":
            return self._tuple(self._nodes(self._size(kind)))
        if kind == b">":
            members = sorted(self._nodes(self._number()), key=_Node.plain)
            return self._once(kind, struct.pack("<i", len(members)), tuple(members))
        if kind == b":":
            return self._once(kind, b"", self._nodes(3))
        if kind == b"c":
            return self._code()
        raise Unreadable(f"An object of the type {kind!r} is in the code.")

    def _code(self) -> _Node:
        numbers = self._take(4 * self.layout.numbers)
        objects = self._nodes(self.layout.objects)
        line = self._take(4)
        return _Node(b"c", numbers + line, objects + self._nodes(self.layout.tables))

    def _text(self, text: bytes) -> _Node:
        if not text.isascii():
            return self._once(b"u", self._sized(text))
        name = _NAME.fullmatch(text) is not None
        if len(text) < 256:
            return self._once(b"Z" if name else b"z", bytes((len(text),)) + text)
        return self._once(b"A" if name else b"a", self._sized(text))

    def _tuple(self, members: tuple[_Node, ...]) -> _Node:
        if len(members) < 256:
            return self._once(b")", bytes((len(members),)), members)
        return self._once(b"(", struct.pack("<i", len(members)), members)

    def _once(self, kind: bytes, head: bytes = b"", children: tuple[_Node, ...] = ()) -> _Node:
        value = (kind, head, tuple(id(child) for child in children))
        return self._known.setdefault(value, _Node(kind, head, children))

    def _nodes(self, count: int) -> tuple[_Node, ...]:
        return tuple(self.node() for _ in range(count))

    def _referred(self, place: int) -> _Node:
        node = self._marked[place] if 0 <= place < len(self._marked) else None
        if node is None:
            raise Unreadable(f"There is no object {place} to refer to.")
        return node

    def _size(self, kind: bytes) -> int:
        return self._take(1)[0] if kind in _SHORT else self._number()

    def _number(self) -> int:
        return int(struct.unpack("<i", self._take(4))[0])

    def _take(self, count: int) -> bytes:
        taken = self.stream[self.at : self.at + count]
        if count < 0 or len(taken) != count:
            raise Unreadable("The code ends too early.")
        self.at += count
        return taken

    @staticmethod
    def _sized(content: bytes) -> bytes:
        return struct.pack("<i", len(content)) + content


def _written(root: _Node, layout: _Layout) -> bytes:
    met: Counter[int] = Counter()

    def meet(node: _Node) -> None:
        met[id(node)] += 1
        if met[id(node)] == 1 or not node.shared:
            for child in node.children:
                meet(child)

    out = bytearray()
    places: dict[int, int] = {}

    def write(node: _Node) -> None:
        if id(node) in places:
            out.extend(b"r" + struct.pack("<i", places[id(node)]))
            return
        marked = node.shared and met[id(node)] > 1
        if marked:
            places[id(node)] = len(places)
        out.append(node.kind[0] | (_MARKED if marked else 0))
        if node.kind != b"c":
            out.extend(node.head)
            for child in node.children:
                write(child)
            return
        out.extend(node.head[:-4])
        for child in node.children[: layout.objects]:
            write(child)
        out.extend(node.head[-4:])
        for child in node.children[layout.objects :]:
            write(child)

    meet(root)
    write(root)
    return bytes(out)
