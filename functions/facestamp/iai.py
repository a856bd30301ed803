"""The one seam to the face service: tencentcloud-sdk-python's general client, which needs no model classes.

One call is one POST of JSON, signed TC3-HMAC-SHA256; version and region are the caller's choice. Errors come out as
`facestamp.errors.ServiceError`; what they say beyond their code stays behind, as it may quote the address of a photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from facestamp.codes import NO_TIME
from facestamp.deadline import Deadline
from facestamp.errors import NoAnswer, ServiceError, Verdict
from facestamp.operations.base import NOT_DOWNLOADED
from facestamp.retry import retried
from facestamp.settings import Credentials

CALL_SECONDS = 8.0
"""How long one call may take."""


class FaceService:
    """Tencent's face service in one region, with one invocation's credentials."""

    def __init__(self, credentials: Credentials, region: str, endpoint: str, deadline: Deadline) -> None:
        self._credential = Credential(credentials.secret_id, credentials.secret_key, credentials.token)
        self._region, self._endpoint, self._deadline = region, endpoint, deadline

    def call(self, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call that may be repeated; the content of its `Response`. Raises `ServiceError`."""
        return retried(lambda: self.call_once(action, version, parameters), self._deadline, CALL_SECONDS)

    def call_once(self, action: str, version: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call exactly once; `NoAnswer` means that nobody knows whether it took effect.

        A call whose time-out no longer fits into the invocation is not begun: it could be paid and lost.
        """
        if not self._deadline.allows(CALL_SECONDS):
            raise ServiceError("iai", action, NO_TIME)
        client = _client(version, self._region, self._endpoint)
        client.credential = self._credential
        try:
            answer: dict[str, Any] = client.call_json(action, dict(parameters))["Response"]
        except TencentCloudSDKException as error:
            code = error.get_code()
            if code in ("ClientNetworkError", "ServerNetworkError"):
                raise NoAnswer("iai", action) from None
            # Not tried again as it is: whoever asked sends the photo itself.
            verdict = Verdict.REJECT if code in NOT_DOWNLOADED and {"Url", "Urls"} & parameters.keys() else None
            raise ServiceError("iai", action, code, request_id=error.get_request_id() or "", verdict=verdict) from None
        except (ValueError, KeyError):
            raise NoAnswer("iai", action) from None
        return answer


@cache
def _client(version: str, region: str, endpoint: str) -> Any:
    """A client that lives as long as the instance, for its connections; its credentials are each invocation's."""
    scheme = "http" if endpoint else "https"
    http = HttpProfile(protocol=scheme, proxy=endpoint or None, reqTimeout=CALL_SECONDS, keepAlive=True)
    return CommonClient("iai", version, None, region, ClientProfile(httpProfile=http))
