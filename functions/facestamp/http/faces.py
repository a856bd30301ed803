"""What is seen in a picture: the face operations on an inline picture, an object of the bucket, or an allowed address."""

from __future__ import annotations

from facestamp.http.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ()
