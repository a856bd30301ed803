"""A log service without anything in it, behind a real gateway with Cloud Monitor, and lines to put into it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local import control, monitor
from infra.local.cam import Cam, Identity
from infra.local.clock import Clock
from infra.local.cls import Cls, service
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Server
from infra.local.journal import Journal
from infra.local.scf import LogLine

TOKENIZER = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
"""What the console proposes to part words by."""
RULE: dict[str, Any] = {
    "FullText": {"CaseSensitive": False, "Tokenizer": TOKENIZER, "ContainZH": False},
    "KeyValue": {
        "CaseSensitive": False,
        "KeyValues": [
            {"Key": "SCF_RequestId", "Value": {"Type": "text", "Tokenizer": "", "SqlFlag": True}},
            {"Key": "SCF_StatusCode", "Value": {"Type": "long", "SqlFlag": True}},
            {"Key": "happened", "Value": {"Type": "text", "Tokenizer": " ", "SqlFlag": True}},
            {"Key": "seconds", "Value": {"Type": "double"}},
        ],
    },
}


class Ask(Protocol):
    """Calls an action as Tencent's SDK does: the content of Response."""

    def __call__(
        self, action: str, *, by: Identity | None = None, service: str = "cls", region: str = ..., **parameters: Any
    ) -> Any: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cam(clock: Clock) -> Cam:
    return Cam(clock)


@pytest.fixture
def logs(clock: Clock, cam: Cam) -> Cls:
    return Cls(clock, cam, "ap-guangzhou")


@pytest.fixture
def gateway(cam: Cam, clock: Clock, logs: Cls) -> Gateway:
    gateway = Gateway(clock, Journal(), Faults())
    gateway.holder = cam.holder
    gateway.mount(control.HOST, control.Control(cam))
    alarms = monitor.Alarms(clock, cam)
    logs.has_notice = alarms.notices.__contains__
    for api in (service(logs), monitor.service(alarms)):
        gateway.mount(api.host, api)
    return gateway


@pytest.fixture
def ask(cam: Cam, gateway: Gateway) -> Iterator[Ask]:
    server = Server(gateway, 0)
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://127.0.0.1:{server.port}"))
    versions = {"cls": "2020-10-16", "tag": "2018-08-13", "monitor": "2018-07-24"}

    def ask(
        action: str,
        *,
        by: Identity | None = None,
        service: str = "cls",
        region: str = "ap-guangzhou",
        **parameters: Any,
    ) -> Any:
        who = by or cam.owner
        credential = Credential(who.secret_id, who.secret_key, who.token or None)
        client = CommonClient(service, versions[service], credential, region, profile=profile)
        return client.call_json(action, parameters)["Response"]

    yield ask
    server.stop()


def refused(ask: Ask, action: str, **parameters: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(TencentCloudSDKException) as refusal:
        ask(action, **parameters)
    return str(refusal.value.get_code())


@pytest.fixture
def topic(ask: Ask) -> str:
    """The id of a topic in a log set of its own."""
    logset = ask("CreateLogset", LogsetName="functions")["LogsetId"]
    return str(ask("CreateTopic", LogsetId=logset, TopicName="stamper")["TopicId"])


Write = Callable[..., None]


@pytest.fixture
def write(logs: Cls, topic: str, clock: Clock) -> Write:
    """Let a function write a line: text, or an object as JSON; other fields of the line by their names."""

    def write(text: object, **known: Any) -> None:
        told = text if isinstance(text, str) else json.dumps(text)
        line = LogLine(
            **{"time": clock.now(), "function": "stamp", "request_id": "r-1", "type": "Custom", **known}, text=told
        )
        logs.take(topic, line)

    return write


@pytest.fixture
def find(ask: Ask, topic: str, clock: Clock) -> Callable[..., list[dict[str, str]]]:
    """The fields of the lines that a search finds, oldest first."""

    def find(query: str = "", **more: Any) -> list[dict[str, str]]:
        span = {"From": 0, "To": round(clock.now() * 1000) + 1000, "Sort": "asc"}
        answer = ask("SearchLog", **{**span, "TopicId": topic, "QueryString": query, **more})
        return [json.loads(found["LogJson"]) for found in answer["Results"]]

    return find
