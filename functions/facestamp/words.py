"""Text as one word of a header: readable where it is plain, base64url where it is not.

A word may stand between `;`, `,` and `=`, and no proxy, client or signature can alter it. Plain text stays as it is;
anything else, the empty text too, becomes `~` and the base64url (RFC 4648, without `=`) of its UTF-8.
"""

from __future__ import annotations

import base64
import re

_PLAIN = re.compile(r"[A-Za-z0-9._@#&+/-]+")


def word(text: str) -> str:
    """The word for any text."""
    return text if _PLAIN.fullmatch(text) else wrapped(text)


def wrapped(text: str) -> str:
    """The word for any text, as if it were not plain."""
    # A lone surrogate is no character, yet JSON can hold one.
    return "~" + base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii").rstrip("=")


def text(word: str) -> str:
    """The text of a word. Raises ValueError for what is not a word."""
    if _PLAIN.fullmatch(word):
        return word
    if not re.fullmatch(r"~[A-Za-z0-9_-]*", word):
        raise ValueError("not a word")
    letters = word[1:]
    return base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode("utf-8", "surrogatepass")
