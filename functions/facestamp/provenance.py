"""Where an object's stamp comes from, and which upload an object is: its headers tell, as far as anybody can."""

from __future__ import annotations

import re

from facestamp import stamp
from facestamp.cos import Look
from facestamp.stamp import Stamp
from facestamp.state import Record
from facestamp.subject import Named


def from_us(named: Named, look: Look) -> bool:
    """Whether a stamp on the object can only be ours, so that the record need not be asked.

    A stamp that did not come with the upload was put on later. A multipart upload's event may list no metadata; but our
    copy leaves a plain ETag, so a stamp beside a multipart one is not ours.
    """
    if named.brought is None or _in_parts(look):
        return False
    return named.brought.isdisjoint(stamp.NAMES)


def uploaded(named: Named, look: Look, present: Stamp | None) -> float:
    """When the photo was uploaded, in COS's seconds: long ago where a stamp is ours as far as anybody can tell.

    To put that on has moved the object's date, and whoever uploaded it has had their answer.
    """
    ours = present is not None and present.identity == look.identity and named.brought is None
    return 0.0 if ours and not _in_parts(look) else look.modified


def forgotten(record: Record, look: Look) -> bool:
    """Whether the object that was looked at is one that somebody had forgotten, by its stamp or by its time.

    The same content written later is another photo.
    """
    if record.forgotten is None:
        return False
    there, until = stamp.read(look.headers), record.forgotten.until
    if there and (there.identity, there.status) == (look.identity, "forgotten"):
        return True
    return until is not None and look.modified <= until


def _in_parts(look: Look) -> bool:
    return re.search(r"-\d+\"?$", look.etag) is not None
