"""What is open to everybody: whether the API is there, its description, and the page at `/` to try it with.

The description is made when somebody asks for it, and once an instance. The page's files are as they stand in the
folder `page`, and are read when somebody asks for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.models import Model
from facestamp.http.replies.reply import Text

_DOCUMENTS = Heading(
    "documents",
    "What tells of the API itself: whether it is there, and its description, which is made when somebody asks for it.",
)
_ASSETS = Heading("assets", "The page at `/`, and the files that it is made of.")

_PAGE = Path(__file__).with_name("page")
_FILES = {
    "/": ("page", "The page: upload a photo and see its faces", "index.html", "text/html"),
    "/page/style.css": ("style", "How the page and the documents look", "style.css", "text/css"),
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


def endpoints(others: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints of this module, which describe the others and themselves."""

    @cache
    def description() -> dict[str, Any]:
        from facestamp.http.documents import openapi  # noqa: PLC0415 -- no cold start is to load it

        return openapi.document((*others, *mine))

    def as_json(call: Call) -> Text:
        return Text(json.dumps(description(), ensure_ascii=False), "application/json")

    def as_page(call: Call) -> Text:
        from facestamp.http.documents import manual  # noqa: PLC0415 -- no cold start is to load it

        return Text(manual.page(description()), "text/html")

    mine = (
        Endpoint(
            method="GET",
            path="/healthz",
            name="health",
            summary="Whether the API answers",
            heading=_DOCUMENTS,
            scope=None,
            gives=Health,
            answer=_health,
        ),
        Endpoint(
            method="GET",
            path="/openapi.json",
            name="openapi",
            summary="This description, as OpenAPI 3.1",
            heading=_DOCUMENTS,
            scope=None,
            gives="application/json",
            answer=as_json,
        ),
        Endpoint(
            method="GET",
            path="/docs",
            name="docs",
            summary="This description, to read",
            heading=_DOCUMENTS,
            scope=None,
            gives="text/html",
            answer=as_page,
        ),
        *(
            Endpoint("GET", path, name, summary, _ASSETS, _file(file, media_type), media_type, scope=None)
            for path, (name, summary, file, media_type) in _FILES.items()
        ),
    )
    return mine


def _health(call: Call) -> Health:
    return Health()


def _file(name: str, media_type: str) -> Callable[[Call], Text]:
    def answer(call: Call) -> Text:
        return Text((_PAGE / name).read_text("utf-8"), media_type)

    return answer
