"""A function's tags: as it was made with them, and as the tag service changes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from infra.local import control
from infra.local.cam import Cam
from infra.local.gateway import Gateway, Server
from tests.local.scf.small import Ask, Deploy, refused

QUIET = "def main_handler(event, context): pass"
TEAM = [{"Key": "team", "Value": "faces"}]
Change = Callable[..., None]


@pytest.fixture
def change(cam: Cam, gateway: Gateway, server: Server) -> Change:
    """ModifyResourceTags on a function: what is replaced, and what is deleted."""
    gateway.mount(control.HOST, control.Control(cam))
    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", proxy=f"http://127.0.0.1:{server.port}"))
    credential = Credential(cam.owner.secret_id, cam.owner.secret_key)
    client = CommonClient("tag", "2018-08-13", credential, "ap-guangzhou", profile=profile)

    def change(name: str = "stamp", region: str = "ap-guangzhou", **given: Any) -> None:
        resource = f"qcs::scf:{region}:uin/:namespace/default/function/{name}"
        client.call_json("ModifyResourceTags", {"Resource": resource, **given})

    return change


@pytest.mark.behaviour(
    service="tag",
    what="A function is qcs::scf:<region>:uin/<uin>:namespace/<namespace>/function/<name>, and GetFunction and List"
    "Functions tell the tags that CreateFunction gave and ModifyResourceTags changed",
    standing="observed",
    source="tencentcloud_scf_function 1.83.25",
)
def test_a_functions_tags_are_told_and_changed(ask: Ask, deploy: Deploy, change: Change) -> None:
    deploy(QUIET, Tags=TEAM)
    assert ask("GetFunction", FunctionName="stamp")["Tags"] == TEAM

    change(ReplaceTags=[{"TagKey": "stage", "TagValue": "dev"}], DeleteTags=[{"TagKey": "team"}])

    assert ask("GetFunction", FunctionName="stamp")["Tags"] == [{"Key": "stage", "Value": "dev"}]
    [listed] = ask("ListFunctions")["Functions"]
    assert listed["Tags"] == [{"Key": "stage", "Value": "dev"}]


def test_a_changed_function_keeps_its_tags(ask: Ask, deploy: Deploy) -> None:
    deploy(QUIET, Tags=TEAM)
    ask("UpdateFunctionConfiguration", FunctionName="stamp", Timeout=30)
    assert ask("GetFunction", FunctionName="stamp")["Tags"] == TEAM


def test_another_function_of_the_same_name_has_its_own_tags(ask: Ask, deploy: Deploy) -> None:
    deploy(QUIET, Tags=TEAM)
    ask("DeleteFunction", FunctionName="stamp")
    deploy(QUIET)
    assert ask("GetFunction", FunctionName="stamp")["Tags"] == []


def test_a_function_is_not_made_with_tags_that_it_cannot_have(ask: Ask, deploy: Deploy) -> None:
    deploy(QUIET, "other")
    code = refused(ask, "CreateFunction", FunctionName="stamp", Tags=[{"Key": "project", "Value": "x"}])
    assert code == "InvalidParameter.ReservedTagKey"
    assert [each["FunctionName"] for each in ask("ListFunctions")["Functions"]] == ["other"]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"name": "nobody"}, "InvalidParameterValue.ResourceIdInvalid"),
        ({"region": "ap-beijing"}, "InvalidParameterValue.RegionInvalid"),
    ],
)
def test_a_function_that_is_not_there_is_not_tagged(
    deploy: Deploy, change: Change, where: dict[str, str], code: str
) -> None:
    deploy(QUIET)
    with pytest.raises(TencentCloudSDKException) as refusal:
        change(**where, ReplaceTags=[{"TagKey": "stage", "TagValue": "dev"}])
    assert refusal.value.get_code() == code
