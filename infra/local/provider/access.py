"""Roles, policies, and which role has which: calls of CAM."""

from __future__ import annotations

from infra.local.provider.calls import Calls, Inputs, State, pairs

_PAGE = {"Page": 1, "Rp": 200}


def _role(calls: Calls, given: Inputs) -> tuple[str, State]:
    name = given.pop("name")
    role_id = calls.cam(
        "CreateRole",
        RoleName=name,
        PolicyDocument=given.pop("document"),
        Description=given.pop("description", ""),
        ConsoleLogin=int(given.pop("consoleLogin", False)),
    )["RoleId"]
    listed = calls.cam("DescribeRoleList", **_PAGE)["List"]
    found = next(role for role in listed if role["RoleId"] == role_id)
    calls.tag("cam", "role", str(role_id), given.pop("tags", {}))
    return role_id, {"roleArn": found["RoleArn"]}


def _policy(calls: Calls, given: Inputs) -> tuple[str, State]:
    policy_id = calls.cam(
        "CreatePolicy",
        PolicyName=given.pop("name"),
        PolicyDocument=given.pop("document"),
        Description=given.pop("description", ""),
        Tags=pairs(given.pop("tags", {})),
    )["PolicyId"]
    found = calls.cam("GetPolicy", PolicyId=policy_id)
    return str(policy_id), {"type": found["Type"], "createMode": 2}


def _attachment(calls: Calls, given: Inputs) -> tuple[str, State]:
    role_id, policy_id = given.pop("roleId"), given.pop("policyId")
    calls.cam("AttachRolePolicy", AttachRoleId=role_id, PolicyId=int(policy_id))
    calls.cam("ListAttachedRolePolicies", RoleId=role_id, **_PAGE)
    return f"{role_id}#{policy_id}", {"policyType": "User", "createMode": 2}


CREATES = {"CamRole": _role, "CamPolicy": _policy, "CamRolePolicyAttachment": _attachment}
