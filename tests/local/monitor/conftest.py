"""Cloud Monitor without anything in it, behind a real gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from infra.local.monitor import Alarms, service

ERRORS: dict[str, Any] = {
    "MetricName": "Error",
    "Period": 60,
    "Operator": "gt",
    "Value": "0",
    "ContinuePeriod": 1,
    "NoticeFrequency": 3600,
    "IsPowerNotice": 0,
}
"""Any error in a minute, told once an hour."""


class Ask(Protocol):
    """Calls an action as Tencent's SDK does, with its Module: the content of Response."""

    def __call__(self, action: str, *, by: Identity | None = None, **parameters: Any) -> Any: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cam(clock: Clock) -> Cam:
    return Cam(clock)


@pytest.fixture
def ask(cam: Cam, clock: Clock) -> Iterator[Ask]:
    gateway = Gateway(clock, Journal(), Faults())
    gateway.holder = cam.holder
    api = service(Alarms(clock, cam))
    gateway.mount(api.host, api)
    server = Server(gateway, 0)
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://127.0.0.1:{server.port}"))

    def ask(action: str, *, by: Identity | None = None, **parameters: Any) -> Any:
        who = by or cam.owner
        credential = Credential(who.secret_id, who.secret_key, who.token or None)
        client = CommonClient("monitor", "2018-07-24", credential, "ap-guangzhou", profile=profile)
        return client.call_json(action, {"Module": "monitor", **parameters})["Response"]

    yield ask
    server.stop()


def refused(ask: Ask, action: str, **parameters: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(TencentCloudSDKException) as refusal:
        ask(action, **parameters)
    return str(refusal.value.get_code())


def policy(**changes: Any) -> dict[str, Any]:
    """What CreateAlarmPolicy is asked with."""
    return {
        "PolicyName": "stamper fails",
        "MonitorType": "MT_QCE",
        "Namespace": "SCF_V2",
        "Condition": {"IsUnionRule": 0, "Rules": [ERRORS]},
        **changes,
    }


def notice(**changes: Any) -> dict[str, Any]:
    """What CreateAlarmNotice is asked with."""
    hook = {"URL": "https://example.com/hook", "StartTime": 0, "EndTime": 86_399, "Weekday": [1, 2, 3, 4, 5, 6, 7]}
    return {"Name": "operators", "NoticeType": "ALL", "NoticeLanguage": "en-US", "URLNotices": [hook], **changes}
