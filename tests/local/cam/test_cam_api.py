"""CAM's API, called by Tencent's own SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.local.cam import Cam
from infra.local.gateway import Gateway
from tests.local.cam.conftest import Call, allow, holding, policy, trusting

TRUST = trusting("scf.qcloud.com")
READING = policy(allow("cos:GetObject", "qcs::cos:ap-guangzhou:uid/1250000000:photos-1250000000/*"))


def refusal(ask: Call, action: str, **parameters: object) -> str:
    """The code with which a call is refused."""
    with pytest.raises(TencentCloudSDKException) as refused:
        ask(action, **parameters)
    return str(refused.value.get_code())


@pytest.mark.behaviour(
    service="cam", what="CreateRole, and GetRole by name or id", standing="documented", source="CAM 598/36225"
)
def test_a_role_is_made_and_read_back(ask: Call) -> None:
    role_id = ask("CreateRole", RoleName="stamper", PolicyDocument=TRUST, Description="Stamps")["RoleId"]
    by_name, by_id = ask("GetRole", RoleName="stamper"), ask("GetRole", RoleId=role_id)
    told = by_name["RoleInfo"]
    assert told == by_id["RoleInfo"]
    assert told["RoleName"] == "stamper"
    assert told["RoleArn"] == "qcs::cam::uin/100000000001:roleName/stamper"
    assert json.loads(told["PolicyDocument"]) == json.loads(TRUST)
    assert [role["RoleId"] for role in ask("DescribeRoleList", Page=1, Rp=200)["List"]] == [role_id]


@pytest.mark.behaviour(
    service="cam", what="CreatePolicy, AttachRolePolicy and its list", standing="documented", source="CAM 598/34578"
)
def test_a_policy_is_made_attached_and_detached(ask: Call) -> None:
    role_id = ask("CreateRole", RoleName="stamper", PolicyDocument=TRUST)["RoleId"]
    policy_id = ask("CreatePolicy", PolicyName="reading", PolicyDocument=READING)["PolicyId"]
    assert json.loads(ask("GetPolicy", PolicyId=policy_id)["PolicyDocument"]) == json.loads(READING)
    ask("AttachRolePolicy", PolicyId=policy_id, AttachRoleId=role_id)
    ask("AttachRolePolicy", PolicyId=policy_id, AttachRoleName="stamper")
    listed = ask("ListAttachedRolePolicies", RoleId=role_id, Page=1, Rp=200)
    assert [(entry["PolicyId"], entry["PolicyName"]) for entry in listed["List"]] == [(policy_id, "reading")]
    ask("DetachRolePolicy", PolicyId=policy_id, DetachRoleName="stamper")
    assert ask("ListAttachedRolePolicies", RoleId=role_id, Page=1, Rp=200)["TotalNum"] == 0


@pytest.mark.behaviour(
    service="cam",
    what="ListPolicies finds custom policies by a part of their name",
    standing="documented",
    source="CAM international 598/32240",
)
def test_policies_are_found_by_a_part_of_their_name(ask: Call) -> None:
    made = {
        name: ask("CreatePolicy", PolicyName=name, PolicyDocument=READING)["PolicyId"]
        for name in ("reading", "reading-too", "other")
    }
    told = ask("ListPolicies", Scope="Local", Keyword="reading")
    assert {each["PolicyName"]: each["PolicyId"] for each in told["List"]} == {
        name: made[name] for name in ("reading", "reading-too")
    }
    assert told["TotalNum"] == 2
    assert [each["PolicyName"] for each in ask("ListPolicies", Rp=1, Page=3)["List"]] == ["other"]
    assert ask("ListPolicies", Scope="QCS")["List"] == []


def test_a_policy_is_replaced_and_dropped(ask: Call, cam: Cam) -> None:
    ask("CreateRole", RoleName="stamper", PolicyDocument=TRUST)
    policy_id = ask("CreatePolicy", PolicyName="reading", PolicyDocument=READING)["PolicyId"]
    ask("AttachRolePolicy", PolicyId=policy_id, AttachRoleName="stamper")
    ask("UpdatePolicy", PolicyId=policy_id, PolicyDocument=policy(allow("cos:HeadObject")))
    assert "HeadObject" in ask("GetPolicy", PolicyId=policy_id)["PolicyDocument"]
    ask("DeletePolicy", PolicyId=[policy_id])
    assert list(cam.attached("stamper")) == []
    assert refusal(ask, "GetPolicy", PolicyId=policy_id) == "ResourceNotFound.PolicyIdNotFound"


def test_a_role_may_come_to_trust_another_service(ask: Call, cam: Cam) -> None:
    ask("CreateRole", RoleName="stamper", PolicyDocument=trusting("cvm.qcloud.com"))
    ask("UpdateAssumeRolePolicy", RoleName="stamper", PolicyDocument=TRUST)
    assert cam.assume("stamper", "worker-1", "request-1").role == "stamper"


def test_a_dropped_role_is_gone(ask: Call) -> None:
    ask("CreateRole", RoleName="stamper", PolicyDocument=TRUST)
    ask("DeleteRole", RoleName="stamper")
    assert refusal(ask, "GetRole", RoleName="stamper") == "InvalidParameter.RoleNotExist"


@pytest.mark.behaviour(
    service="cam", what="Names are unique in the account", standing="documented", source="CAM 598/36225"
)
def test_a_name_is_taken_once(ask: Call) -> None:
    ask("CreateRole", RoleName="stamper", PolicyDocument=TRUST)
    ask("CreatePolicy", PolicyName="reading", PolicyDocument=READING)
    role = refusal(ask, "CreateRole", RoleName="stamper", PolicyDocument=TRUST)
    named = refusal(ask, "CreatePolicy", PolicyName="reading", PolicyDocument=READING)
    assert (role, named) == ("InvalidParameter.RoleNameInUse", "FailedOperation.PolicyNameInUse")


@pytest.mark.behaviour(
    service="cam",
    what="A policy document with a fault is refused with the code for that part of it",
    standing="documented",
    source="CAM 598/34578",
)
@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "PolicyDocumentError"),
        ("[]", "PolicyDocumentError"),
        ({"version": "2.0", "statement": [], "name": "x"}, "PolicyDocumentError"),
        ({"version": "1.0", "statement": [allow("cos:*")]}, "VersionError"),
        ({"version": "2.0", "statement": []}, "StatementError"),
        ({"version": "2.0", "statement": allow("cos:*")}, "StatementError"),
        ({"version": "2.0", "statement": [{**allow("cos:*"), "principal": {}}]}, "StatementError"),
        ({"version": "2.0", "statement": [allow("cos:*", effect="Allow")]}, "EffectError"),
        ({"version": "2.0", "statement": [allow([])]}, "ActionError"),
        ({"version": "2.0", "statement": [allow("GetObject")]}, "ActionError"),
        ({"version": "2.0", "statement": [{"effect": "allow", "action": ["cos:*"]}]}, "ResourceError"),
        ({"version": "2.0", "statement": [allow("cos:*", [])]}, "ResourceError"),
        ({"version": "2.0", "statement": [allow("cos:*", "photos/*")]}, "ResourceError"),
        ({"version": "2.0", "statement": [allow("cos:*", "qcs:0:cos:::photos/*")]}, "ResourceError"),
        ({"version": "2.0", "statement": [allow(["cos:GetObject"] * 600)]}, "PolicyDocumentLengthOverLimit"),
    ],
)
def test_a_faulty_policy_is_refused(ask: Call, document: Any, code: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    assert refusal(ask, "CreatePolicy", PolicyName="faulty", PolicyDocument=text) == f"InvalidParameter.{code}"


@pytest.mark.behaviour(
    service="cam",
    what="A resource that is no list is refused, as the provider refuses it; conditions too, for none is evaluated",
    standing="assumed",
    source="CAM 598/10603",
)
def test_what_would_not_be_evaluated_is_refused(ask: Call) -> None:
    plain = policy({"effect": "allow", "action": ["cos:*"], "resource": "*"})
    conditional = policy({**allow("cos:*"), "condition": {"ip_equal": {"qcs:ip": ["10.0.0.0/8"]}}})
    assert refusal(ask, "CreatePolicy", PolicyName="p", PolicyDocument=plain) == "InvalidParameter.ResourceError"
    assert refusal(ask, "CreatePolicy", PolicyName="p", PolicyDocument=conditional) == "InvalidParameter.ConditionError"


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ({"effect": "deny", "action": "sts:AssumeRole", "principal": {"service": ["x"]}}, "EffectError"),
        ({"effect": "allow", "action": "sts:AssumeRole"}, "PrincipalError"),
        ({"effect": "allow", "action": "sts:AssumeRole", "principal": {"product": ["x"]}}, "PrincipalError"),
        ({"effect": "allow", "action": "sts:AssumeRole", "resource": ["*"]}, "StatementError"),
    ],
)
def test_a_faulty_trust_document_is_refused(ask: Call, statement: dict[str, Any], code: str) -> None:
    given = {"RoleName": "stamper", "PolicyDocument": policy(statement)}
    assert refusal(ask, "CreateRole", **given) == f"InvalidParameter.{code}"


@pytest.mark.parametrize(
    ("action", "parameters", "code"),
    [
        ("CreateRole", {"RoleName": "a b", "PolicyDocument": TRUST}, "InvalidParameter.RoleNameError"),
        ("CreatePolicy", {"PolicyName": "", "PolicyDocument": READING}, "InvalidParameter.PolicyNameError"),
        (
            "CreatePolicy",
            {"PolicyName": "p", "PolicyDocument": READING, "Description": "é" * 151},
            "InvalidParameter.DescriptionLengthOverlimit",
        ),
        ("AttachRolePolicy", {"PolicyId": 1, "AttachRoleName": "nobody"}, "InvalidParameter.RoleNotExist"),
        ("CreateRole", {"RoleName": "stamper"}, "MissingParameter"),
        ("CreateRole", {"RoleName": "stamper", "PolicyDocument": TRUST, "Colour": "red"}, "UnknownParameter"),
        ("CreateRole", {"RoleName": 5, "PolicyDocument": TRUST}, "InvalidParameter"),
        ("PaintRole", {}, "InvalidAction"),
        ("GetRole", {"version": "2018-01-01", "RoleName": "x"}, "NoSuchVersion"),
    ],
)
def test_what_is_asked_wrongly_is_refused(ask: Call, action: str, parameters: dict[str, Any], code: str) -> None:
    assert refusal(ask, action, **parameters) == code


def test_a_role_cannot_give_itself_more(ask: Call, cam: Cam) -> None:
    key = holding(cam, allow("cos:*"))
    [attached] = cam.attached("stamper")
    given = {"PolicyId": attached.id, "PolicyDocument": policy(allow("*")), "by": key}
    assert refusal(ask, "UpdatePolicy", **given) == "AuthFailure.UnauthorizedOperation"


@pytest.mark.behaviour(
    service="sts",
    what="GetCallerIdentity tells the account from a role, and needs no permission",
    standing="assumed",
    source="STS 1312/48060",
)
def test_a_caller_learns_who_it_is(ask: Call, cam: Cam) -> None:
    sts = {"service": "sts", "version": "2018-08-13"}
    owner, role = ask("GetCallerIdentity", **sts), ask("GetCallerIdentity", by=holding(cam, allow("cos:*")), **sts)
    assert (owner["AccountId"], owner["Type"]) == ("100000000001", "RootAccount")
    assert (role["AccountId"], role["Type"]) == ("100000000001", "CAMRole")


def test_nothing_carries_tags(ask: Call) -> None:
    told = ask(
        "DescribeResourceTagsByResourceIds",
        service="tag",
        version="2018-08-13",
        ServiceType="cam",
        ResourcePrefix="role",
        ResourceIds=["1"],
    )
    assert told["Tags"] == []


def test_the_journal_names_action_role_and_refusal(ask: Call, cam: Cam, gateway: Gateway) -> None:
    key = holding(cam, allow("cos:*"))
    refusal(ask, "GetRole", RoleName="stamper", by=key)
    [call] = gateway.journal.calls(service="cam")
    assert (call.action, call.role, call.worker) == ("GetRole", "stamper", "worker-1")
    assert call.code == "AuthFailure.UnauthorizedOperation"
