"""Short-lived signatures with which a browser uploads straight to the bucket, so that no photo meets SCF's 6 MB."""

from __future__ import annotations

from facestamp.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
