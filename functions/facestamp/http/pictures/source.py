"""Which addresses of pictures are passed on to the face service, which fetches them; nothing is fetched here.

An address is `https://`, a host exactly as the operator allowed it, and a path, all in plain ASCII. There is nothing to
parse differently: no user, no port, no literal IP address, no letter in upper case before the path, no backslash, no
character that has to be encoded. An entry `http://host` allows that host over http as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 8192
"""Characters; a signed address of an object with the longest key has some 4,000."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}"
"""A name with a dot in it, whose last label has a letter: `10.0.0.1` and `[::1]` are none."""
_CHARACTER = r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})"
_ADDRESS = re.compile(rf"(?P<scheme>https?)://(?P<host>{_HOST})/{_CHARACTER}*(?:\?(?:{_CHARACTER}|\?)*)?", re.ASCII)


def allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether the face service may be asked to fetch this address; `hosts` are the operator's."""
    match = _ADDRESS.fullmatch(url) if len(url) <= LONGEST else None
    if match is None:
        return False
    host = match["host"]
    return f"http://{host}" in hosts or (match["scheme"] == "https" and host in hosts)
