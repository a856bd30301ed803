"""Native modules for Linux as far as they tell what they need, which is as far as a package is looked at."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

X86_64, AARCH64 = 62, 183
_HEADER, _SECTION = 64, 64
_STRINGS, _DYNAMIC, _NEEDS = 3, 6, 0x6FFFFFFE


def native(needs: Mapping[str, Sequence[str]], machine: int = X86_64) -> bytes:
    """A module that needs these versions of these libraries: `{"libc.so.6": ["GLIBC_2.17"]}`."""
    strings = bytearray(b"\0")

    def place(text: str) -> int:
        strings.extend(text.encode() + b"\0")
        return len(strings) - len(text) - 1

    names = {library: place(library) for library in needs}
    dynamic = b"".join(struct.pack("<QQ", 1, where) for where in names.values()) + struct.pack("<QQ", 0, 0)
    versioned = {library: symbols for library, symbols in needs.items() if symbols}
    versions = b""
    for count, (library, symbols) in enumerate(versioned.items(), 1):
        after = 16 * (1 + len(symbols)) if count < len(versioned) else 0
        versions += struct.pack("<HHIII", 1, len(symbols), names[library], 16, after)
        for left, symbol in enumerate(reversed(symbols)):
            versions += struct.pack("<IHHII", 0, 0, 2, place(symbol), 16 if left < len(symbols) - 1 else 0)
    named = {".dynstr": place(".dynstr"), ".dynamic": place(".dynamic"), ".gnu.version_r": place(".gnu.version_r")}
    sections, content = [struct.pack("<IIQQQQIIQQ", *(0,) * 10)], b""
    for name, kind, body, size in (
        (".dynstr", _STRINGS, bytes(strings), 0),
        (".dynamic", _DYNAMIC, dynamic, 16),
        (".gnu.version_r", _NEEDS, versions, 0),
    ):
        info = len(versioned) if kind == _NEEDS else 0
        place_ = _HEADER + len(content)
        sections.append(struct.pack("<IIQQQQIIQQ", named[name], kind, 0, 0, place_, len(body), 1, info, 1, size))
        content += body
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        *(b"\x7fELF\2\1\1", 3, machine, 1, 0, 0, _HEADER + len(content), 0, _HEADER, 0, 0, _SECTION, len(sections), 1),
    )
    return header + content + b"".join(sections)
