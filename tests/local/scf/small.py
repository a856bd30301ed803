"""Functions of a few lines, and what wakes them."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any, Protocol

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.local.cam import Identity
from infra.local.events import ObjectEvent

TRUST = json.dumps(
    {
        "version": "2.0",
        "statement": [
            {"action": ["name/sts:AssumeRole"], "effect": "allow", "principal": {"service": ["scf.qcloud.com"]}}
        ],
    }
)
BUCKET = "photos-1250000000"
HOST = f"{BUCKET}.cos.ap-guangzhou.myqcloud.com"


def zipped(**files: str) -> str:
    """Code.ZipFile of these modules, each under its name at the root."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name, source in files.items():
            package.writestr(f"{name}.py", source)
    return base64.b64encode(content.getvalue()).decode()


def uploaded(key: str = "in/a.jpg", event: str = "cos:ObjectCreated:Put", **known: Any) -> ObjectEvent:
    """What COS says of one upload."""
    return ObjectEvent(bucket=BUCKET, key=key, event=event, size=3, **known)


def described(event: str = "cos:ObjectCreated:Put", prefix: str = "in/", suffix: str = "") -> str:
    """A COS trigger's TriggerDesc."""
    return json.dumps({"event": event, "filter": {"Prefix": prefix, "Suffix": suffix}}, separators=(",", ":"))


class Deploy(Protocol):
    """Makes a function of one module, by the parameters of CreateFunction."""

    def __call__(self, source: str, name: str = "stamp", **asked: Any) -> str: ...


class Ask(Protocol):
    """Calls an action of the management API as Tencent's SDK does: the content of Response."""

    def __call__(self, action: str, by: Identity | None = None, version: str = ..., **parameters: Any) -> Any: ...


def refused(ask: Ask, action: str, **parameters: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(TencentCloudSDKException) as refusal:
        ask(action, **parameters)
    return str(refusal.value.get_code())


class Bind(Protocol):
    """Binds a function to uploads below `in/`, or by another rule."""

    def __call__(self, name: str = "stamp", **rule: str) -> None: ...
