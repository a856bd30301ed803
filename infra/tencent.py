"""The provider's resource classes, named in this one place so that the provider can be exchanged.

These come from `tencentcloud_iac_pulumi`, the SDK on the package index. The dynamically bridged provider has the same
arguments under flat names (`ScfFunction`, `CosBucket`, `CamRole` …): to change over, import those here under these
names. State differs between the two, so an existing stack would be imported anew.
"""

from tencentcloud_iac_pulumi.cam import Policy, Role, RolePolicyAttachment
from tencentcloud_iac_pulumi.ci import BucketAttachment
from tencentcloud_iac_pulumi.cos import (
    Bucket,
    BucketCorsRuleArgs,
    BucketLifecycleRuleArgs,
    BucketLifecycleRuleExpirationArgs,
)
from tencentcloud_iac_pulumi.scf import Function, FunctionTriggerArgs

__all__ = [
    "Bucket",
    "BucketAttachment",
    "BucketCorsRuleArgs",
    "BucketLifecycleRuleArgs",
    "BucketLifecycleRuleExpirationArgs",
    "Function",
    "FunctionTriggerArgs",
    "Policy",
    "Role",
    "RolePolicyAttachment",
]
