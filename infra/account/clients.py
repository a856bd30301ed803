"""Clients of Tencent's services for what is done around Pulumi, with the key that the provider would take.

`FACESTAMP_ENDPOINT` in the environment is the proxy to a local cloud, which is spoken to over plain http.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from qcloud_cos import CosClientError, CosConfig, CosS3Client, CosServiceError
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

KEYS: Final = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")
TOKEN: Final = "TENCENTCLOUD_SECURITY_TOKEN"  # noqa: S105 -- a variable's name
ENDPOINT: Final = "FACESTAMP_ENDPOINT"
VERSIONS: Final = {"sts": "2018-08-13", "cam": "2019-01-16", "scf": "2018-04-16", "cls": "2020-10-16"}
_LONGEST: Final = 300
"""Characters of what a library says about the network: enough to know it by."""


class Refused(Exception):
    """A service of API 3.0 says no, or cannot be reached; `code` is its own, and the message one sentence."""

    def __init__(self, service: str, code: str, message: str) -> None:
        unreachable = code in ("ClientNetworkError", "ServerNetworkError")
        super().__init__(
            _cut(f"{service.upper()} cannot be reached: {message}")
            if unreachable
            else f"{service.upper()} refuses: {code}: {message}"
        )
        self.code = code


REFUSALS: Final = (Refused, CosServiceError, CosClientError)
"""What the clients raise; `said` makes a sentence of each."""


@dataclass(frozen=True)
class Clients:
    """Whatever client is needed, for one region."""

    region: str
    environment: Mapping[str, str]

    def cos(self) -> CosS3Client:
        """A client of COS. Raises `LookupError` with one sentence where there is no key."""
        secret_id, secret_key = self._keys()
        endpoint = self.environment.get(ENDPOINT, "")
        return CosS3Client(
            CosConfig(
                Region=self.region,
                SecretId=secret_id,
                SecretKey=secret_key,
                Token=self.environment.get(TOKEN) or None,
                Scheme="http" if endpoint else "https",
                Proxies={"http": endpoint} if endpoint else None,
            )
        )

    def ask(self, service: str, action: str, **asked: Any) -> dict[str, Any]:
        """The answer of an API 3.0 service; raises `Refused`, and `LookupError` as `cos` does."""
        endpoint = self.environment.get(ENDPOINT, "")
        http = HttpProfile(protocol="http" if endpoint else "https", proxy=endpoint or None)
        credential = Credential(*self._keys(), self.environment.get(TOKEN) or None)
        client = CommonClient(service, VERSIONS[service], credential, self.region, ClientProfile(httpProfile=http))
        try:
            told: dict[str, Any] = client.call_json(action, asked)["Response"]
        except TencentCloudSDKException as wrong:
            raise Refused(service, wrong.get_code() or "", wrong.get_message() or "") from None
        return told

    def _keys(self) -> tuple[str, str]:
        if missing := [name for name in KEYS if not self.environment.get(name)]:
            raise LookupError(f"No credentials: export {' and '.join(missing)}.")
        return self.environment[KEYS[0]], self.environment[KEYS[1]]


def said(wrong: Exception) -> str:
    """One sentence for what a client raised."""
    if isinstance(wrong, CosServiceError):
        return f"COS refuses: {wrong.get_error_code()}: {wrong.get_error_msg()}"
    if isinstance(wrong, CosClientError):
        return _cut(f"COS cannot be reached: {' '.join(str(wrong).split())}")
    return str(wrong.args[0]) if wrong.args else str(wrong)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
