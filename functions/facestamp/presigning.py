"""Requests to COS that are signed ahead: whoever holds one may send it, and nobody's secret key leaves the function.

An upload is either a PUT, whose length and headers are signed (COS 436/7778), or a form, whose policy is: it limits
the fields, and the file's length to a range (COS 436/14690). What is not signed COS does not look at (436/35153): the
holder may add headers or fields of his own, for this one object. Its canned ACL is therefore always among the signed.

Each ends with its time, or with the temporary key that signed it, whichever is first (COS 436/35153).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from facestamp.settings import Credentials

_EARLIER = 60
"""Seconds by which a form's signature begins before now, for clocks that are behind; as the SDK's do."""
_PRIVATE = {"x-cos-acl": "default"}
"""As the bucket has it, which is never public (COS 436/7749)."""


class Presigner:
    """Signs for one bucket, by the SDK's client and the credentials that it has.

    `origin` is the bucket's own domain, with its scheme, and its port if it has one; empty for the name that COS gives.
    """

    def __init__(self, client: Any, credentials: Credentials, bucket: str, origin: str = "") -> None:
        self._client, self._credentials, self._bucket = client, credentials, bucket
        self.origin = (origin or str(client.get_conf().uri(bucket=bucket))).rstrip("/")
        """Scheme and host of what is signed."""

    def get(self, key: str, seconds: int, rendering: str = "") -> str:
        """An address of the object, or of a rendering by Cloud Infinite."""
        return self._address("GET", key, seconds, {}, {rendering: ""} if rendering else {})

    def put(self, key: str, length: int, headers: Mapping[str, str], seconds: int) -> tuple[str, dict[str, str]]:
        """An address for PUT Object, and the headers to send with it, beside those that every client sends by itself.

        COS refuses (SignatureDoesNotMatch) what has other ones, or not `length` bytes.
        """
        sent = {**headers, **_PRIVATE}
        return self._address("PUT", key, seconds, {**sent, "content-length": str(length)}, {}), sent

    def form(self, fields: Mapping[str, str], longest: int, seconds: int) -> dict[str, str]:
        """All fields of a form for POST Object but the file, which comes last and has 1 to `longest` bytes.

        COS refuses (AccessDenied, EntityTooSmall, EntityTooLarge) one in which any of `fields` is another.
        """
        now = int(time.time())
        span = f"{now - _EARLIER};{now + seconds}"
        fixed = {**fields, "acl": _PRIVATE["x-cos-acl"]}
        signer = {"q-sign-algorithm": "sha1", "q-ak": self._credentials.secret_id}
        limited = {"bucket": self._bucket, **fixed, **signer, "q-sign-time": span}
        expires = datetime.fromtimestamp(now + seconds, timezone.utc)
        policy = json.dumps(
            {
                "expiration": expires.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "conditions": [
                    *({name: value} for name, value in limited.items()),
                    ["content-length-range", 1, longest],
                ],
            }
        ).encode()
        digest = hashlib.sha1(policy, usedforsecurity=False).hexdigest()
        return {
            **fixed,
            "policy": base64.b64encode(policy).decode(),
            **signer,
            "q-key-time": span,
            "q-signature": _hmac(_hmac(self._credentials.secret_key, span), digest),
            "x-cos-security-token": self._credentials.token,
        }

    def _address(
        self, method: str, key: str, seconds: int, headers: Mapping[str, str], parameters: Mapping[str, str]
    ) -> str:
        # The SDK leaves the token out, and would sign the host without its port, unlike the header that COS compares.
        host = {"host": urlsplit(self.origin).netloc}
        token = {"x-cos-security-token": self._credentials.token}
        address: str = self._client.get_presigned_url(
            self._bucket, key, method, Expired=seconds, Headers={**headers, **host}, Params={**token, **parameters}
        )
        return self.origin + address[len(self._client.get_conf().uri(bucket=self._bucket)) - 1 :]


def _hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha1).hexdigest()
