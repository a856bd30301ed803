"""COS's XML, as plain dictionaries and lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict
from werkzeug import Response

from infra.local.gateway import Refused


class Bare(Response):
    """A response that has no Content-Type unless it is given one."""

    default_mimetype = None


def write(root: str, content: Mapping[str, Any] | None) -> bytes:
    """A document; a list repeats its element, None leaves one out, and an attribute is a name that starts with @."""
    return bytes(xmltodict.unparse({root: _without_none(content or {})}).encode())


def read(body: bytes, root: str, *, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    """The content of a request's document; the elements in `lists` are lists even if single.

    Raises `Refused` MalformedXML.
    """
    try:
        document = xmltodict.parse(body, force_list=lists, process_namespaces=False)
    except ExpatError:
        document = {}
    if root not in document:
        raise Refused("MalformedXML", f"The body is not a well-formed {root} document.")
    content = document[root]
    return content if isinstance(content, dict) else {}


def answer(root: str, content: Mapping[str, Any] | None, status: int = 200) -> Response:
    """A response with a document; SDKs expect exactly this content type."""
    return Response(write(root, content), status=status, content_type="application/xml")


def timestamp(seconds: float, *, milliseconds: bool = False) -> str:
    """ISO 8601 in UTC, as COS writes it in XML."""
    moment = datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return moment + (".000Z" if milliseconds else "Z")


def _without_none(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {name: _without_none(value) for name, value in content.items() if value is not None}
    if isinstance(content, (list, tuple)):
        return [_without_none(value) for value in content]
    if isinstance(content, bool):
        return str(content).lower()
    return content
