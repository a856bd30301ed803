"""The clients with which the calls are made: the ordinary SDKs, through the proxy."""

from __future__ import annotations

from typing import Any, cast

from qcloud_cos import CosConfig, CosS3Client
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local.cam import Identity

Inputs = dict[str, Any]
State = dict[str, Any]


class Calls:
    """Asks the services of one region."""

    def __init__(self, endpoint: str, owner: Identity, region: str) -> None:
        self.region = region
        self._credential = Credential(owner.secret_id, owner.secret_key, owner.token or None)
        self._profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=endpoint, reqTimeout=60))
        self.cos = CosS3Client(
            CosConfig(
                Region=region,
                SecretId=owner.secret_id,
                SecretKey=owner.secret_key,
                Token=owner.token or None,
                Scheme="http",
                Proxies={"http": endpoint},
            ),
            retry=0,
        )

    def cam(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask CAM."""
        return self._ask("cam", "2019-01-16", action, parameters)

    def cls(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask CLS."""
        return self._ask("cls", "2020-10-16", action, parameters)

    def monitor(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask Cloud Monitor, whose every action says that it is one."""
        return self._ask("monitor", "2018-07-24", action, {"Module": "monitor", **parameters})

    def scf(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask SCF."""
        return self._ask("scf", "2018-04-16", action, parameters)

    def sts(self, action: str) -> dict[str, Any]:
        """Ask STS."""
        return self._ask("sts", "2018-08-13", action, {})

    def tag(self, service: str, kind: str, identifier: str, tags: dict[str, str], place: str = "") -> None:
        """Tag a resource that its own service makes without tags."""
        if tags:
            self._ask(
                "tag",
                "2018-08-13",
                "ModifyResourceTags",
                {
                    "Resource": f"qcs::{service}:{place}:uin/:{kind}/{identifier}",
                    "ReplaceTags": [{"TagKey": key, "TagValue": value} for key, value in tags.items()],
                },
            )

    def _ask(self, service: str, version: str, action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        client = CommonClient(service, version, self._credential, self.region, profile=self._profile)
        return cast("dict[str, Any]", client.call_json(action, parameters)["Response"])


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    """Tags as most services are told them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
