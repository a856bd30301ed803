"""What is sent back: an endpoint's answer or a problem, as it can also be kept, and sent once more."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from facestamp.http.replies.problems import MEDIA, Problem

TENCENT_ID = "x-tencent-request-id"
"""The header that names the call to Tencent that an answer, or a refusal, came from."""

_KEPT = ("status", "content", "media_type", "code", "request_id")


@dataclass(frozen=True)
class Text:
    """An answer that is not JSON."""

    content: str
    media_type: str


@dataclass(frozen=True)
class Reply:
    """One response."""

    status: int
    content: str
    media_type: str
    code: str = ""
    """Of a problem; for the log."""
    request_id: str = ""
    """Tencent's."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def telling(cls, told: BaseModel | Text, status: int, public: bool) -> Reply:
        """What an endpoint answered; `public` if it answers so to everybody."""
        if isinstance(told, Text):
            # What is open to everybody holds nothing of anybody's, and changes with a deployment only.
            tag = f'"{hashlib.sha256(told.content.encode()).hexdigest()[:16]}"' if public else ""
            headers = {"cache-control": "no-cache", "etag": tag} if tag else {}
            return cls(status, told.content, told.media_type, headers=headers)
        request_id = str(getattr(told, "request_id", None) or "")
        return cls(status, told.model_dump_json(), "application/json", request_id=request_id)

    @classmethod
    def refusing(cls, problem: Problem) -> Reply:
        """A problem."""
        content = json.dumps(problem.body(), ensure_ascii=False)
        code = problem.code or problem.kind.slug
        return cls(problem.kind.status, content, MEDIA, code, problem.request_id, problem.headers)

    @classmethod
    def once_more(cls, kept: Mapping[str, Any]) -> Reply:
        """What was `kept`, marked as such."""
        return replace(cls(**kept), headers={"idempotent-replayed": "true"})

    def kept(self) -> dict[str, Any]:
        """As it is kept; without the headers, which only passing problems have."""
        return {name: getattr(self, name) for name in _KEPT}

    def response(self, method: str, known: str = "") -> Response:
        """As Starlette sends it; to HEAD without the body, and without saying how long that would be.

        `known` is what the caller has, by its ETag (If-None-Match): that is not sent again.
        """
        tag = self.headers.get("etag", "")
        if tag and tag in (each.strip().removeprefix("W/") for each in known.split(",")):
            return Response(status_code=304, headers=dict(self.headers))
        named = {TENCENT_ID: self.request_id} if re.fullmatch("[!-~]+", self.request_id) else {}
        response = Response(
            "" if method == "HEAD" else self.content, self.status, {**self.headers, **named}, self.media_type
        )
        if method == "HEAD":
            del response.headers["content-length"]
        return response
