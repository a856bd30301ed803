"""Code packages: from the zip that a request brings to the folder that instances run from.

The same zip is unpacked once, under its hash, and made read-only, as everything but /tmp is for a function.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import os
import shutil
import threading
import zipfile
from pathlib import Path
from typing import Final

from infra.local.gateway import Refused

INLINE_LIMIT: Final = 50 * 1024 * 1024
"""Bytes of Code.ZipFile (SCF 583/18586); API 3.0 itself takes no request above 10 MB."""
UNPACKED_LIMIT: Final = 500 * 1024 * 1024
"""Bytes of the unpacked code (SCF 583/11637)."""


class Packages:
    """The unpacked packages below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def unpack(self, content: bytes) -> tuple[Path, str]:
        """The folder of a zip's code and its SHA-256; raises `Refused` for what is no zip, or too large."""
        digest = hashlib.sha256(content).hexdigest()
        folder = self._folder / digest[:16]
        with self._lock:
            if not folder.exists():
                self._unpack(content, folder)
        return folder, digest

    def close(self) -> None:
        """Let the folders be deleted again by whoever owns them, and delete them."""
        if self._folder.exists():
            for folder, _, _ in os.walk(self._folder):
                os.chmod(folder, 0o755)  # noqa: S103 -- a folder of code
            shutil.rmtree(self._folder)

    def _unpack(self, content: bytes, folder: Path) -> None:
        half = folder.with_suffix(".part")
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                if sum(entry.file_size for entry in package.infolist()) > UNPACKED_LIMIT:
                    raise Refused("InvalidParameterValue.Code", "The code is larger than 500 MB unpacked.")
                package.extractall(half)
        except (zipfile.BadZipFile, EOFError) as error:
            raise Refused("InvalidParameterValue.ZipFile", f"The code is not a zip file: {error}") from None
        for path in half.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        half.rename(folder)
        folder.chmod(0o555)


def decoded(text: object) -> bytes:
    """Code.ZipFile's bytes; raises `Refused` if it is no base64 or above 50 MB."""
    try:
        content = base64.b64decode(str(text), validate=True)
    except binascii.Error as error:
        raise Refused("InvalidParameterValue.ZipFileBase64BinasciiError", f"ZipFile is not base64: {error}") from None
    if len(content) > INLINE_LIMIT:
        raise Refused("InvalidParameterValue.InlineZipFile", "ZipFile is larger than 50 MB.")
    return content
