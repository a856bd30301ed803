"""What a deployment changes about roles and policies that are there, and when it is told and holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.local.cam import Cam, Denied
from infra.local.clock import Clock
from tests.local.cam.conftest import Call, allow, holding, policy, trusting
from tests.local.cam.test_cam_api import READING, TRUST, refusal


def role(ask: Call, name: str = "stamper") -> dict[str, Any]:
    """What GetRole tells."""
    return dict(ask("GetRole", RoleName=name)["RoleInfo"])


def made(ask: Call, **parameters: object) -> str:
    """A role's id."""
    return str(ask("CreateRole", RoleName="stamper", PolicyDocument=TRUST, **parameters)["RoleId"])


@pytest.mark.behaviour(
    service="cam",
    what="A role's description, console login and session duration are told as they were given, and changed one by one;"
    " two of the actions take the role's id as a number",
    standing="documented",
    source="CAM 598/36225 and the pages of the Update… actions of 2019-01-16",
)
def test_a_role_is_changed_one_thing_at_a_time(ask: Call) -> None:
    role_id = made(ask, Description="Stamps", ConsoleLogin=0, SessionDuration=3600)
    before = role(ask)
    assert (before["Description"], before["ConsoleLogin"], before["SessionDuration"]) == ("Stamps", 0, 3600)

    ask("UpdateRoleDescription", RoleId=role_id, Description="Stamps photos")
    ask("UpdateRoleConsoleLogin", RoleId=int(role_id), ConsoleLogin=1)
    ask("UpdateRoleSessionDuration", RoleId=int(role_id), SessionDuration=43_200)
    ask("UpdateAssumeRolePolicy", RoleId=role_id, PolicyDocument=trusting("cvm.qcloud.com"))

    after = role(ask)
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert json.loads(changed.pop("PolicyDocument")) == json.loads(trusting("cvm.qcloud.com"))
    changed.pop("UpdateTime", None)
    assert changed == {"Description": "Stamps photos", "ConsoleLogin": 1, "SessionDuration": 43_200}
    ask("UpdateRoleDescription", RoleName="stamper", Description="")
    assert role(ask)["Description"] == ""


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("UpdateRoleDescription", {"RoleName": "nobody", "Description": "x"}, "InvalidParameter.RoleNotExist"),
        ("UpdateRoleDescription", {"RoleName": "stamper"}, "MissingParameter"),
        (
            "UpdateRoleDescription",
            {"RoleName": "stamper", "Description": "x" * 301},
            "InvalidParameter.DescriptionLengthOverlimit",
        ),
        ("UpdateRoleConsoleLogin", {"RoleId": 7, "ConsoleLogin": 1}, "InvalidParameter.RoleNotExist"),
        ("UpdateRoleConsoleLogin", {"RoleName": "stamper", "ConsoleLogin": 2}, "InvalidParameter.ParamError"),
        (
            "UpdateRoleSessionDuration",
            {"RoleName": "stamper", "SessionDuration": 43_201},
            "InvalidParameter.ParamError",
        ),
        (
            "UpdateAssumeRolePolicy",
            {"RoleName": "stamper", "PolicyDocument": "{"},
            "InvalidParameter.PolicyDocumentError",
        ),
        ("CreateRole", {"RoleName": "r", "PolicyDocument": TRUST, "ConsoleLogin": 2}, "InvalidParameter.ParamError"),
        ("DescribeRoleList", {"Page": 0, "Rp": 10}, "InvalidParameter"),
        ("DescribeRoleList", {"Page": 1, "Rp": 201}, "InvalidParameter"),
        ("AttachRolePolicy", {"AttachRoleName": "stamper", "PolicyId": 7}, "InvalidParameter.PolicyIdNotExist"),
        ("DetachRolePolicy", {"DetachRoleName": "stamper", "PolicyId": 7}, "InvalidParameter.PolicyIdNotExist"),
        ("UpdatePolicy", {"PolicyId": 7, "Description": "x"}, "ResourceNotFound.PolicyIdNotFound"),
        ("DeletePolicy", {"PolicyId": [7]}, "ResourceNotFound.PolicyIdNotFound"),
        ("DeleteRole", {"RoleName": "nobody"}, "InvalidParameter.RoleNotExist"),
    ],
)
def test_what_cannot_be_changed(ask: Call, action: str, parameters: dict[str, Any], code: str) -> None:
    made(ask)
    assert refusal(ask, action, **parameters) == code


@pytest.mark.behaviour(
    service="cam",
    what="UpdatePolicy changes a document, a description or a name, and leaves what is not given; the document holds"
    " from the next request on, also for keys already handed out",
    standing="documented",
    source="CAM 2019-01-16, UpdatePolicy",
)
def test_a_policy_is_changed_one_thing_at_a_time(ask: Call, cam: Cam) -> None:
    key = holding(cam, allow("cos:GetObject"))
    [attached] = cam.attached("stamper")
    ask("UpdatePolicy", PolicyId=attached.id, Description="What the stamper may")
    cam.require(key, "cos:GetObject")
    ask("UpdatePolicy", PolicyId=attached.id, PolicyDocument=policy(allow("cos:HeadObject")))
    cam.require(key, "cos:HeadObject")
    with pytest.raises(Denied):
        cam.require(key, "cos:GetObject")
    ask("UpdatePolicy", PolicyId=attached.id, PolicyName="heads")
    told = ask("GetPolicy", PolicyId=attached.id)
    assert (told["PolicyName"], told["Description"]) == ("heads", "What the stamper may")
    assert json.loads(told["PolicyDocument"]) == json.loads(policy(allow("cos:HeadObject")))


def test_a_policy_cannot_take_anothers_name(ask: Call) -> None:
    ask("CreatePolicy", PolicyName="reading", PolicyDocument=READING)
    other = ask("CreatePolicy", PolicyName="other", PolicyDocument=READING)["PolicyId"]
    assert refusal(ask, "UpdatePolicy", PolicyId=other, PolicyName="reading") == "FailedOperation.PolicyNameInUse"
    ask("UpdatePolicy", PolicyId=other, PolicyName="other")


@pytest.mark.behaviour(
    service="cam",
    what="AddTime is when it was made or attached, UpdateTime when it was last changed; neither moves by itself",
    standing="documented",
    source="CAM 598/36221 (GetRole), GetPolicy, ListAttachedRolePolicies",
)
def test_times_stand_still(ask: Call, clock: Clock) -> None:
    role_id = made(ask)
    policy_id = ask("CreatePolicy", PolicyName="reading", PolicyDocument=READING)["PolicyId"]
    ask("AttachRolePolicy", PolicyId=policy_id, AttachRoleId=role_id)

    def told() -> list[tuple[str, str]]:
        [attached] = ask("ListAttachedRolePolicies", RoleId=role_id, Page=1, Rp=200)["List"]
        read = (role(ask), ask("GetPolicy", PolicyId=policy_id), {"UpdateTime": "", **attached})
        return [(each["AddTime"], each["UpdateTime"]) for each in read]

    before = told()
    clock.skip(3600)
    assert told() == before
    ask("UpdateRoleDescription", RoleId=role_id, Description="x")
    ask("UpdatePolicy", PolicyId=policy_id, Description="x")
    ask("AttachRolePolicy", PolicyId=policy_id, AttachRoleId=role_id)
    after = told()
    assert [added for added, _ in after] == [added for added, _ in before]
    assert [late > early for (_, late), (_, early) in zip(after[:2], before[:2], strict=True)] == [True, True]


@pytest.mark.behaviour(
    service="cam",
    what="A policy that is attached can be deleted, and so can a role that has policies: no code is listed for refusing"
    " it",
    standing="assumed",
    source="CAM 598/36224 (DeleteRole), DeletePolicy: their error codes",
)
def test_what_is_attached_can_be_deleted(ask: Call) -> None:
    role_id = made(ask)
    policies = [ask("CreatePolicy", PolicyName=name, PolicyDocument=READING)["PolicyId"] for name in ("one", "two")]
    for policy_id in policies:
        ask("AttachRolePolicy", PolicyId=policy_id, AttachRoleId=role_id)
    assert refusal(ask, "DeletePolicy", PolicyId=[policies[0], 7]) == "ResourceNotFound.PolicyIdNotFound"
    assert ask("ListAttachedRolePolicies", RoleId=role_id, Page=1, Rp=200)["TotalNum"] == 2
    ask("DeletePolicy", PolicyId=[policies[0]])
    assert ask("ListAttachedRolePolicies", RoleId=role_id, Page=1, Rp=200)["TotalNum"] == 1
    ask("DeleteRole", RoleId=role_id)
    assert refusal(ask, "ListAttachedRolePolicies", RoleId=role_id, Page=1, Rp=200) == "InvalidParameter.RoleNotExist"
    assert ask("GetPolicy", PolicyId=policies[1])["PolicyName"] == "two"


@pytest.mark.behaviour(
    service="cam",
    what="A policy has tags from its creation; the tag service changes them, and they go with it",
    standing="documented",
    source="CAM 598/34578, tencentcloud_cam_policy 1.83.25",
)
def test_a_policys_tags(ask: Call) -> None:
    tags = [{"Key": "team", "Value": "faces"}]
    policy_id = ask("CreatePolicy", PolicyName="reading", PolicyDocument=READING, Tags=tags)["PolicyId"]
    assert ask("GetPolicy", PolicyId=policy_id)["Tags"] == tags
    named: dict[str, Any] = {
        "service": "tag",
        "version": "2018-08-13",
        "Resource": f"qcs::cam:ap-guangzhou:uin/:policy/{policy_id}",
    }
    change = {"ReplaceTags": [{"TagKey": "stage", "TagValue": "dev"}], "DeleteTags": [{"TagKey": "team"}]}
    ask("ModifyResourceTags", **named, **change)
    assert ask("GetPolicy", PolicyId=policy_id)["Tags"] == [{"Key": "stage", "Value": "dev"}]
    ask("DeletePolicy", PolicyId=[policy_id])
    with pytest.raises(Exception, match="There is no policy"):
        ask("ModifyResourceTags", **named, **change)
