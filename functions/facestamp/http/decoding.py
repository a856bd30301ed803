"""What an HTTP event says, whether or not it says it percent-encoded or in base64: no document tells (SCF 583/96099).

- `path` and `pairs`: a text that no URL can hold as it is (with a space, a letter outside ASCII, a double quote, a `%`
  that escapes nothing, an escape of no UTF-8 …) must have been decoded, and so has everything that came with it.
  Anything else that holds `%XX` is taken as encoded and is decoded, once; in a query, `+` is then a space, as in forms.
- `content`: base64 makes every body longer, so the request's Content-Length tells whether it was used. Where that is
  missing, a body that is announced as JSON and is none, but is JSON in base64, was.

What is left: where the platform decodes, a key that holds a literal `%20` and nothing that tells is decoded once too
often, which makes its signature wrong, so that a caller who signs is refused and not misunderstood; where it leaves a
`+` as it is, so do we; and where it does not decode, a URL is to be encoded throughout. So a caller writes a space as
`%20`, and every letter outside ASCII as its escapes, which is understood everywhere.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from urllib.parse import unquote, unquote_plus

_NEVER = r'[^!-~]|["<>#]|%(?![0-9A-Fa-f]{2})'
_NEVER_IN_A_PATH = re.compile(_NEVER)
_NEVER_IN_A_QUERY = re.compile(f"{_NEVER}|&")
"""In one of its keys or values, that is."""


def path(given: str) -> str:
    """The decoded path, with its leading slash."""
    found = given if given.startswith("/") else f"/{given}"
    return _decoded([found], unquote, _NEVER_IN_A_PATH)[0]


def pairs(given: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The decoded keys and values of a query."""
    texts = _decoded([text for pair in given for text in pair], unquote_plus, _NEVER_IN_A_QUERY)
    return list(zip(texts[::2], texts[1::2], strict=True))


def content(given: str, marked: bool | None, length: str, is_json: bool) -> bytes:
    """The bytes of a body.

    `marked` is isBase64Encoded where the event has it, `length` the request's Content-Length, and `is_json` says
    whether the request announces JSON.
    """
    plain = sound(given).encode()
    raw = None if marked is False else _from_base64(plain)
    if raw is None or marked:
        return plain if raw is None else raw
    if length in (str(len(plain)), str(len(raw))):
        return plain if length == str(len(plain)) else raw
    return raw if is_json and not _is_json(plain) and _is_json(raw) else plain


def sound(text: str) -> str:
    """The text without halves of characters, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode()


def _decoded(texts: list[str], decode: Callable[..., str], never: re.Pattern[str]) -> list[str]:
    if any(never.search(text) for text in texts) or not any("%" in text for text in texts):
        return [sound(text) for text in texts]
    try:
        return [decode(text, errors="strict") for text in texts]
    except UnicodeDecodeError:
        return texts


def _from_base64(given: bytes) -> bytes | None:
    try:
        return base64.b64decode(given, validate=True)
    except ValueError:
        return None


def _is_json(given: bytes) -> bool:
    try:
        json.loads(given)
    except ValueError:
        return False
    return True
