"""What is open to everybody: whether the API is there, its description, and the page at `/`.

Nothing of it is made or read before somebody asks.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from facestamp.http.endpoint import Call, Endpoint, Text
from facestamp.http.models import Model

_PAGE = Path(__file__).with_name("page")
_FILES = {
    "/": ("page", "The page: upload a photo and see its faces", "index.html", "text/html"),
    "/page/style.css": ("pageStyle", "How the page and the documents look", "style.css", "text/css"),
    "/page/page.js": ("pageScript", "What the page does", "page.js", "text/javascript"),
    "/page/api.js": ("pageCalls", "How the page calls the API", "api.js", "text/javascript"),
    "/page/stamp.js": ("pageWords", "How the page puts a stamp in words", "stamp.js", "text/javascript"),
    "/page/docs.js": ("docsScript", "What the documents do", "docs.js", "text/javascript"),
    "/page/icon.svg": ("icon", "The icon", "icon.svg", "image/svg+xml"),
}
"""Address -> operationId, summary, file, media type; nothing else of the folder is served."""


class Health(Model):
    """The API answers."""

    status: str = "ok"


def _health(call: Call) -> Health:
    return Health()


@cache
def _description() -> dict[str, Any]:
    from facestamp.http import application, openapi  # noqa: PLC0415 - nobody else is to wait for it

    return openapi.document(application.ENDPOINTS)


def _openapi(call: Call) -> Text:
    return Text(json.dumps(_description(), ensure_ascii=False), "application/json")


def _docs(call: Call) -> Text:
    from facestamp.http import manual  # noqa: PLC0415 - nobody else is to wait for it

    return Text(manual.page(_description()), "text/html")


def _file(name: str, media_type: str) -> Callable[[Call], Text]:
    def read(call: Call) -> Text:
        return Text((_PAGE / name).read_text("utf-8"), media_type)

    return read


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
    *(
        Endpoint("GET", path, name, summary, _file(file, media_type), media_type, scope=None)
        for path, (name, summary, file, media_type) in _FILES.items()
    ),
)
