"""The person library: groups, persons, their faces, and who is in a picture."""

from __future__ import annotations

from facestamp.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
