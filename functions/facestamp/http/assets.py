"""The page at `/`, and the files that it is made of.

They are as they stand in the folder `page`, and are read when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facestamp.http.endpoint import Call, Endpoint, Text

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


def _read(name: str, media_type: str) -> Callable[[Call], Text]:
    def answer(call: Call) -> Text:
        return Text((_PAGE / name).read_text("utf-8"), media_type)

    return answer


ENDPOINTS = tuple(
    Endpoint("GET", path, name, summary, _read(file, media_type), media_type, scope=None)
    for path, (name, summary, file, media_type) in _FILES.items()
)
