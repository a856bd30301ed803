"""A zip whose bytes depend on its contents alone.

Every zlib may compress otherwise, and more than one is about: zlib-ng, Apple's, Intel's. So the contents are compressed
with the one release of libdeflate that is pinned, which does the same on every processor. Names are in order, dates and
permissions are fixed, and nothing tells where the zip was made. The format is that of PKWARE's APPNOTE 6.3, without
anything that is optional.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zlib import crc32

from deflate import deflate_compress

LEVEL: Final = 9
"""Of libdeflate's twelve: above it, three times as long for 2 % less."""
_VERSION: Final = 20
"""What a reader must know: deflated files."""
_UNIX: Final = 3 << 8
_READABLE: Final = 0o100644 << 16
_DEFLATED: Final = 8
_MIDNIGHT, _FIRST_OF_1980 = 0, 1 << 5 | 1


def write(contents: Mapping[str, bytes], path: Path) -> None:
    """Write the zip; `contents` has each file's bytes by its name, which is ASCII with `/` between folders."""
    listing = bytearray()
    with path.open("wb") as file:
        for name in sorted(contents):
            content, where = contents[name], file.tell()
            packed = deflate_compress(content, LEVEL)
            told = struct.pack(
                "<5H3L2H",
                *(_VERSION, 0, _DEFLATED, _MIDNIGHT, _FIRST_OF_1980),
                *(crc32(content), len(packed), len(content), len(name), 0),
            )
            file.write(b"PK\3\4" + told + name.encode("ascii") + packed)
            listing += b"PK\1\2" + struct.pack("<H", _UNIX | _VERSION) + told
            listing += struct.pack("<3H2L", 0, 0, 0, _READABLE, where) + name.encode("ascii")
        where = file.tell()
        file.write(listing)
        file.write(b"PK\5\6" + struct.pack("<4H2LH", 0, 0, len(contents), len(contents), len(listing), where, 0))
