"""The headers that every answer has, whoever made it: its request id, and what a browser may do with it.

`x-request-id` is SCF's id of the invocation, by which the log is searched. Nothing is stored by anybody in between
unless an answer says so itself. A page may load its own files, pictures from memory and the photos, and may call the
API and the photo bucket, to which it uploads; nothing of other origins, and nothing that stands in the page itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALLOWED: Final = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id")
"""What a page of another origin may send."""

EXPOSED: Final = ("X-Request-Id", "X-Tencent-Request-Id", "Retry-After", "Idempotent-Replayed")
"""What a page of another origin may read."""

_ALWAYS: Final = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


class Headers:
    """Puts them on whatever an application answers."""

    def __init__(self, app: ASGIApp, photo_origin: str) -> None:
        self._app = app
        self._policies: Mapping[str, str] = {
            "text/html": (
                "default-src 'none'; script-src 'self'; style-src 'self'; "
                f"img-src 'self' data: blob: {photo_origin}; connect-src 'self' {photo_origin}; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            "image/svg+xml": (
                f"default-src 'none'; img-src data: {photo_origin}; style-src 'unsafe-inline'; frame-ancestors 'none'"
            ),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back, dressed."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                self._put_on(headers, scope.get("aws.context", {}))
                # One of "not modified" would take the place of the one that came with the content.
                if message["status"] != 304:
                    kind = headers.get("content-type", "").partition(";")[0]
                    headers["content-security-policy"] = self._policies.get(kind, _NOTHING)
            await send(message)

        await self._app(scope, receive, dressed)

    @staticmethod
    def _put_on(headers: MutableHeaders, context: Mapping[str, Any]) -> None:
        headers.update(_ALWAYS)
        headers.setdefault("cache-control", "no-store")
        if request_id := str(context.get("request_id", "")):
            headers["x-request-id"] = request_id
