"""What tells of the API itself: whether it is there, and its description, which is made when somebody asks for it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from facestamp.http.endpoint import Call, Endpoint, Text
from facestamp.http.models import Model


class Health(Model):
    """The API answers."""

    status: str = "ok"


def _health(call: Call) -> Health:
    return Health()


@cache
def _description() -> dict[str, Any]:
    from facestamp.http import application, openapi  # noqa: PLC0415 -- no cold start is to load it

    return openapi.document(application.ENDPOINTS)


def _openapi(call: Call) -> Text:
    return Text(json.dumps(_description(), ensure_ascii=False), "application/json")


def _docs(call: Call) -> Text:
    from facestamp.http import manual  # noqa: PLC0415 -- no cold start is to load it

    return Text(manual.page(_description()), "text/html")


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
    Endpoint(
        method="GET",
        path="/openapi.json",
        name="openapi",
        summary="This description, as OpenAPI 3.1",
        scope=None,
        gives="application/json",
        answer=_openapi,
    ),
    Endpoint(
        method="GET",
        path="/docs",
        name="docs",
        summary="This description, to read",
        scope=None,
        gives="text/html",
        answer=_docs,
    ),
)
