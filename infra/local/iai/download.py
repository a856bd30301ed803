"""How the face service fetches the picture at a `Url`: through the local cloud's own door, and never from the network.

So a presigned COS URL is checked as COS checks it, appears in the journal, and can be delayed or lost by a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from infra.local.gateway import SENDER, Refused


class Download:
    """Fetches a URL by `handle`, which is `Gateway.handle`."""

    def __init__(self, handle: Callable[[Request], Response | None]) -> None:
        self._handle = handle

    def __call__(self, url: str) -> bytes:
        """The body of a GET, as it was stored: a Content-Encoding is the uploader's word and nothing is decoded.

        Raises `Refused` with InvalidParameterValue.UrlIllegal where `url` is not an http or https URL, and
        FailedOperation.ImageDownloadError without an answer or with one outside 200 to 299: redirects are not
        followed, since they could leave this machine.
        """
        response = self._handle(Request(_environ(url)))
        if response is None or not 200 <= response.status_code < 300:
            raise Refused("FailedOperation.ImageDownloadError", "An error occurred while downloading the image.")
        return response.get_data()


def _environ(url: str) -> dict[str, object]:
    illegal = Refused("InvalidParameterValue.UrlIllegal", "Invalid URL format.")
    if not re.fullmatch(r"[!-~]+", url):
        raise illegal
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    except ValueError:
        raise illegal from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise illegal
    builder = EnvironBuilder(method="GET", base_url=f"{parts.scheme}://{host}/")
    try:
        environ = builder.get_environ()
    finally:
        builder.close()
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    # As a server does: the path decoded byte for byte, and beside it the target as it was sent, which is signed.
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    environ["QUERY_STRING"] = parts.query
    environ[SENDER] = "iai"
    environ["REQUEST_URI"] = environ["RAW_URI"] = target
    return environ
