"""The provider's resource classes, named in this one place so that the provider can be exchanged.

They come from `pulumi_tencentcloud`, which Pulumi generated for the provider that its registry documents; how, and of
which version, is told in `infra/sdks/README.md`.
"""

from pulumi_tencentcloud import (
    CamPolicy,
    CamRole,
    CamRolePolicyAttachment,
    CiBucketAttachment,
    CosBucket,
    CosBucketCorsRuleArgs,
    CosBucketLifecycleRuleArgs,
    CosBucketLifecycleRuleExpirationArgs,
    ScfFunction,
    ScfFunctionTriggerArgs,
)

__all__ = [
    "CamPolicy",
    "CamRole",
    "CamRolePolicyAttachment",
    "CiBucketAttachment",
    "CosBucket",
    "CosBucketCorsRuleArgs",
    "CosBucketLifecycleRuleArgs",
    "CosBucketLifecycleRuleExpirationArgs",
    "ScfFunction",
    "ScfFunctionTriggerArgs",
]
