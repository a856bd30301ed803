"""What whoever deploys a stack must be allowed, and nothing else: a policy for a CAM user or role.

It is what the provider asks for when it makes, compares, changes and takes away the stack's resources, and the two
steps around that (`infra.account.steps`). Buckets, functions and roles are named, each in full: what begins like
this stack's name may be another's. So a route that is new, or called otherwise, takes a new policy; its function of
before is taken away by whoever still has the old one. CAM, CLS, Cloud Monitor, the tag service
and Cloud Infinite are granted as a whole, because their actions are, or may be, checked against `*` only
(CI 460/41741).

A user who may make roles and attach policies can give himself more than he has. Let only those deploy who may do that.

    make policy STACK=dev
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from infra.settings import stackfile
from infra.settings.permissions import Statement, allow
from infra.settings.stackfile import INFRA, Unready

PROJECT: Final = "facestamp"
ACCESS: Final = (
    *("cam:CreateRole", "cam:DescribeRoleList", "cam:GetRole", "cam:UpdateAssumeRolePolicy", "cam:DeleteRole"),
    *("cam:UpdateRoleDescription", "cam:UpdateRoleConsoleLogin", "cam:UpdateRoleSessionDuration"),
    *("cam:CreatePolicy", "cam:GetPolicy", "cam:UpdatePolicy", "cam:DeletePolicy", "cam:ListPolicies"),
    *("cam:AttachRolePolicy", "cam:DetachRolePolicy", "cam:ListAttachedRolePolicies"),
    *("tag:ModifyResourceTags", "tag:DescribeResourceTagsByResourceIds", "sts:GetCallerIdentity"),
    "cos:GetService",
)
PASS: Final = ("cam:PassRole",)
"""To give a function its role (CAM 598/19421)."""
WATCHING: Final = (
    *("cls:CreateLogset", "cls:DescribeLogsets", "cls:ModifyLogset", "cls:DeleteLogset"),
    *("cls:CreateTopic", "cls:DescribeTopics", "cls:ModifyTopic", "cls:DeleteTopic"),
    *("cls:CreateIndex", "cls:DescribeIndex", "cls:ModifyIndex", "cls:DeleteIndex"),
    *("cls:CreateAlarm", "cls:DescribeAlarms", "cls:ModifyAlarm", "cls:DeleteAlarm"),
    *("monitor:CreateAlarmNotice", "monitor:DescribeAlarmNotices", "monitor:ModifyAlarmNotice"),
    *("monitor:DeleteAlarmNotices", "monitor:CreateAlarmPolicy", "monitor:DescribeAlarmPolicy"),
    *("monitor:ModifyAlarmPolicyInfo", "monitor:ModifyAlarmPolicyCondition", "monitor:ModifyAlarmPolicyNotice"),
    *("monitor:ModifyAlarmPolicyStatus", "monitor:DeleteAlarmPolicy", "monitor:BindingPolicyObject"),
    *("monitor:DescribeBindingPolicyObjectList", "monitor:DescribePolicyObjectCount"),
    *("monitor:UnBindingAllPolicyObject",),
)
INFINITE: Final = ("ci:CreateCIBucket", "ci:DescribeCIBuckets", "ci:DeleteCIBucket", "ci:CreateAiProcessBucket")
FUNCTIONS: Final = (
    *("scf:CreateFunction", "scf:GetFunction", "scf:UpdateFunctionCode", "scf:UpdateFunctionConfiguration"),
    *("scf:DeleteFunction", "scf:CreateTrigger", "scf:ListTriggers", "scf:UpdateTrigger", "scf:DeleteTrigger"),
    *("scf:UpdateFunctionEventInvokeConfig", "scf:GetFunctionEventInvokeConfig"),
    *("scf:PutReservedConcurrencyConfig", "scf:GetReservedConcurrencyConfig", "scf:DeleteReservedConcurrencyConfig"),
)
_READ: Final = ("ACL", "CORS", "Lifecycle", "Encryption", "Versioning", "Tagging", "Website", "Accelerate", "Logging")
_ALSO_READ: Final = ("IntelligentTiering", "ObjectLockConfiguration", "Origin", "Domain", "Replication", "Policy")
_WRITTEN: Final = ("ACL", "CORS", "Lifecycle", "Encryption", "Versioning", "Tagging")
BUCKETS: Final = (
    *("cos:PutBucket", "cos:HeadBucket", "cos:DeleteBucket", "cos:GetBucket", "cos:GetBucketObjectVersions"),
    *(f"cos:GetBucket{name}" for name in (*_READ, *_ALSO_READ)),
    *(f"cos:PutBucket{name}" for name in _WRITTEN),
    *(f"cos:DeleteBucket{name}" for name in ("CORS", "Lifecycle", "Encryption", "Tagging")),
)
ADOPTED: Final = ("cos:HeadBucket", *(f"cos:GetBucket{name}" for name in (*_READ, *_ALSO_READ)))
CODE: Final = (
    *("cos:PutObject", "cos:HeadObject", "cos:GetObject", "cos:GetObjectACL", "cos:PutObjectACL"),
    *("cos:GetObjectTagging", "cos:PutObjectTagging", "cos:DeleteObjectTagging", "cos:DeleteObject"),
)
EMPTIED: Final = (
    "cos:DeleteObject",
    "cos:DeleteMultipleObjects",
    "cos:ListMultipartUploads",
    "cos:AbortMultipartUpload",
)
"""To take away a bucket with all that is in it."""


def statements(config: Mapping[str, Any], stack: str) -> list[Statement]:
    """The policy's statements, for the stack of this configuration."""
    region, app_id = config["tencentcloud:region"], config["facestamp:appId"]
    accounts = stackfile.accounts(config) or ["*"]
    made: list[str] = []
    adopted: list[str] = []
    for kind, name in stackfile.buckets(config).items():
        bucket = f"qcs::cos:{region}:uid/{app_id}:{name}/*"
        (adopted if stackfile.is_adopted(config, kind) else made).append(bucket)
    names = [(account, f"{PROJECT}-{stack}-{part}") for account in accounts for part in stackfile.parts(config)]
    named = [f"qcs::scf:{region}:uin/{account}:namespace/default/function/{name}" for account, name in names]
    roles = [f"qcs::cam::uin/{account}:roleName/{name}" for account, name in names]
    emptied = made if stackfile.is_set(config, "disposable") else made[-1:]
    stated = [
        allow((*ACCESS, *WATCHING, *INFINITE), ["*"]),
        allow(PASS, roles),
        allow(FUNCTIONS, named),
        allow(BUCKETS, made),
        *([allow(ADOPTED, adopted)] if adopted else []),
        allow(CODE, made[-1:]),
        allow(EMPTIED, emptied),
    ]
    return [one for one in stated if one["resource"]]


def main(arguments: list[str], folder: Path = INFRA) -> int:
    """Print the policy of a stack; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.account.deployer", description="What a stack's deployer must be allowed."
    )
    parser.add_argument("--stack", required=True, help="which infra/Pulumi.<stack>.yaml")
    stack = parser.parse_args(arguments).stack
    try:
        stated = statements(stackfile.filled_in(stack, folder), stack)
    except Unready as wrong:
        print(wrong, file=sys.stderr)
        return 2
    print(json.dumps({"version": "2.0", "statement": stated}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
