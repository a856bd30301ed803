"""What is seen in a picture, be it inline, an object of the bucket, or at an allowed address: the face operations."""

from __future__ import annotations

from facestamp.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
