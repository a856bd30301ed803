"""How the face service fetches the picture at a `Url`: through the local cloud's own door.

So a presigned COS URL is checked as COS checks it, appears in the journal, and can be delayed or lost by a fault. What
another host has is not fetched at all, unless the cloud was started with a way `outside` (`infra.local.iai.outside`).
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, unquote_to_bytes

from werkzeug import Request, Response
from werkzeug.test import EnvironBuilder

from infra.local.gateway import SENDER
from infra.local.iai.outside import failed, target


class Download:
    """Fetches a URL by `handle`, which is `Gateway.handle`.

    With `outside`, it is that which fetches what `own`, `Gateway.answers_for`, does not know as the cloud's own host.
    """

    def __init__(
        self,
        handle: Callable[[Request], Response | None],
        own: Callable[[str], bool] = lambda host: True,
        outside: Callable[[str], bytes] | None = None,
    ) -> None:
        self._handle, self._own, self._outside = handle, own, outside

    def __call__(self, url: str) -> bytes:
        """The body of a GET, as it was stored: a Content-Encoding is the uploader's word and nothing is decoded.

        Raises `Refused` with InvalidParameterValue.UrlIllegal where `url` is not an http or https URL, and
        FailedOperation.ImageDownloadError without an answer or with one outside 200 to 299: redirects are not
        followed, since they could leave this machine.
        """
        parts = target(url)
        if self._outside and not self._own(str(parts.hostname)):
            return self._outside(url)
        response = self._handle(Request(_environ(parts)))
        if response is None or not 200 <= response.status_code < 300:
            raise failed()
        return response.get_data()


def _environ(parts: SplitResult) -> dict[str, object]:
    builder = EnvironBuilder(method="GET", base_url=f"{parts.scheme}://{parts.netloc}/")
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
