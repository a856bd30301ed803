"""Why there is no package."""

from __future__ import annotations


class Unpackable(Exception):
    """There is no package to be had; the message says why, and what to do, in one sentence."""
