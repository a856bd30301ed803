"""Buckets, what is uploaded to them, and their binding to Cloud Infinite: calls of COS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qcloud_cos import CosS3Auth

from infra.local.provider.calls import Calls, Inputs, State, pairs

EVERYBODY = "http://cam.qcloud.com/groups/global/AllUsers"
"""The grantee that a public bucket names."""


def _bucket(calls: Calls, given: Inputs) -> tuple[str, State]:
    cos, bucket = calls.cos, given.pop("bucket")
    acl = given.pop("acl", "private")
    # Destroying is not done here, so that whether it may take what is in the bucket changes nothing.
    given.pop("forceClean", None)
    cos.create_bucket(Bucket=bucket, ACL=acl)
    if tags := given.pop("tags", None):
        cos.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": {"Tag": pairs(tags)}})
    cos.put_bucket_acl(Bucket=bucket, ACL=acl)
    if rules := given.pop("corsRules", None):
        cos.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRule": [_cors(rule) for rule in rules]})
    if rules := given.pop("lifecycleRules", None):
        kept = {"Rule": [_lifecycle(rule) for rule in rules]}
        cos.put_bucket_lifecycle(Bucket=bucket, LifecycleConfiguration=kept)
    if algorithm := given.pop("encryptionAlgorithm", None):
        applied = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
        cos.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rule": [applied]})
    if given.pop("versioningEnable", False):
        cos.put_bucket_versioning(Bucket=bucket, Status="Enabled")
    return bucket, {"cosBucketUrl": f"{bucket}.cos.{calls.region}.myqcloud.com"}


def _object(calls: Calls, given: Inputs) -> tuple[str, State]:
    bucket, key = given.pop("bucket"), given.pop("key")
    body = Path(given.pop("source")).read_bytes()
    calls.cos.put_object(Bucket=bucket, Key=key, Body=body, ContentType=given.pop("contentType", ""))
    if tags := given.pop("tags", None):
        calls.cos.delete_object_tagging(Bucket=bucket, Key=key)
        calls.cos.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": {"Tag": pairs(tags)}})
    return f"{bucket}{key}", {}


def _infinite(calls: Calls, given: Inputs) -> tuple[str, State]:
    bucket = given.pop("bucket")
    address = f"http://{bucket}.pic.{calls.region}.myqcloud.com/"
    auth = CosS3Auth(calls.cos.get_conf(), "", params={})
    calls.cos.send_request(method="PUT", url=address, bucket=bucket, auth=auth, headers={}, ci_request=True)
    return bucket, {"ciStatus": "on"}


CREATES = {"CosBucket": _bucket, "CosBucketObject": _object, "CiBucketAttachment": _infinite}


def seen(calls: Calls, bucket: str) -> State:
    """What there is to know of a bucket that may be adopted."""
    calls.cos.head_bucket(Bucket=bucket)
    grants = calls.cos.get_bucket_acl(Bucket=bucket)["AccessControlList"]["Grant"]
    named = [(kind, each["Grantee"][kind]) for each in grants for kind in ("URI", "ID") if kind in each["Grantee"]]
    body = "".join(f"<Grant><Grantee><{kind}>{name}</{kind}></Grantee></Grant>" for kind, name in named)
    public = {grant["Permission"] for grant in grants if grant["Grantee"].get("URI") == EVERYBODY}
    acl = "public-read-write" if {"READ", "WRITE"} <= public else "public-read" if "READ" in public else "private"
    versioning = calls.cos.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"
    return {"bucket": bucket, "acl": acl, "aclBody": body, "versioningEnable": versioning}


def _lifecycle(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in the names of COS (436/8280)."""
    told: dict[str, Any] = {"ID": rule["id"], "Filter": {"Prefix": rule["filterPrefix"]}, "Status": "Enabled"}
    if expiration := rule.get("expiration"):
        told["Expiration"] = {"Days": str(expiration["days"])}
    if replaced := rule.get("nonCurrentExpiration"):
        told["NoncurrentVersionExpiration"] = {"NoncurrentDays": str(replaced["nonCurrentDays"])}
    if aborted := rule.get("abortIncompleteMultipartUpload"):
        told["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": str(aborted["daysAfterInitiation"])}
    return told


def _cors(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in the names of COS (436/8279)."""
    return {_COS_NAMES[name]: str(value) if isinstance(value, int) else value for name, value in rule.items()}


_COS_NAMES = {
    "allowedOrigins": "AllowedOrigin",
    "allowedMethods": "AllowedMethod",
    "allowedHeaders": "AllowedHeader",
    "exposeHeaders": "ExposeHeader",
    "maxAgeSeconds": "MaxAgeSeconds",
}
