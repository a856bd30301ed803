"""What is open to everybody: whether the API is there, its description, and the page at `/`."""

from __future__ import annotations

from facestamp.http.endpoint import Call, Endpoint
from facestamp.http.models import Model


class Health(Model):
    """The API answers."""

    status: str = "ok"


def _health(call: Call) -> Health:
    return Health()


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/healthz",
        name="health",
        summary="Whether the API answers",
        scope=None,
        gives=Health,
        answer=_health,
    ),
)
