"""The two steps of a deployment that the provider cannot take, before and after the engine's.

Before: buckets that are to be adopted are looked at more closely than the provider can, which neither reads a bucket's
policy nor tells versions that are suspended from versions that there never were. After: AI content recognition is
enabled on the photo bucket, which detection in place needs beside the binding (CI international 1045/48831), and for
which no provider has a resource. Both can be taken again and again.

    python -m infra.steps before --stack dev
    python -m infra.steps after --stack dev
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from qcloud_cos import CosConfig, CosS3Client, CosServiceError

from infra import strangers
from infra.buckets import Unfit, fit

KEYS = ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Take one step for a stack; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.steps", description="What the engine cannot do.")
    parser.add_argument("step", choices=("before", "after"))
    parser.add_argument("--stack", required=True, help="which infra/Pulumi.<stack>.yaml")
    asked = parser.parse_args(arguments)
    told = yaml.safe_load(Path(__file__).with_name(f"Pulumi.{asked.stack}.yaml").read_text(encoding="utf-8"))
    try:
        take(asked.step, told["config"], environment)
    except (Unfit, CosServiceError, LookupError) as wrong:
        print(_said(wrong), file=sys.stderr)
        return 1
    return 0


def take(step: str, config: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Take a step for the stack of this configuration, with the key in the environment.

    `FACESTAMP_ENDPOINT` there is the proxy to a local cloud. Raises `Unfit` for a bucket that cannot be adopted,
    `LookupError` with one sentence where there is no key, and the SDK's exceptions for what COS refuses.
    """
    buckets = {kind: f"{config[f'facestamp:{kind}Bucket']}-{config['facestamp:appId']}" for kind in ("photo", "state")}
    adopted = {
        kind: bucket
        for kind, bucket in buckets.items()
        if str(config.get(f"facestamp:adopt{kind.title()}Bucket", "")).lower() == "true"
    }
    if step == "after":
        recognise(client(config["tencentcloud:region"], environment), buckets["photo"])
    elif adopted:
        cos = client(config["tencentcloud:region"], environment)
        for kind, bucket in adopted.items():
            look(cos, bucket, state=kind == "state")


def client(region: str, environment: Mapping[str, str]) -> CosS3Client:
    """A COS client with the key that the provider would take from the environment."""
    if missing := [name for name in KEYS if not environment.get(name)]:
        raise LookupError(f"No credentials: export {' and '.join(missing)}.")
    endpoint = environment.get("FACESTAMP_ENDPOINT", "")
    return CosS3Client(
        CosConfig(
            Region=region,
            SecretId=environment[KEYS[0]],
            SecretKey=environment[KEYS[1]],
            Token=environment.get("TENCENTCLOUD_SECURITY_TOKEN") or None,
            Scheme="http" if endpoint else "https",
            Proxies={"http": endpoint} if endpoint else None,
        )
    )


def look(cos: CosS3Client, bucket: str, *, state: bool) -> None:
    """See that a bucket may be adopted; raises `Unfit`."""
    acl = strangers.by_acl(strangers.granted(cos.get_bucket_acl(Bucket=bucket)))
    versions = cos.get_bucket_versioning(Bucket=bucket).get("Status", "")
    fit(bucket, acl, state and bool(versions))
    if let_in := strangers.by_policy(_policy(cos, bucket)):
        raise Unfit(
            f"The bucket {bucket} is open by its policy to {let_in}, which names no account: take that out first."
            " Whoever can read a photo can read its stamp."
        )


def recognise(cos: CosS3Client, bucket: str) -> None:
    """Enable AI content recognition on a bucket that is bound to Cloud Infinite."""
    cos.ci_open_ai_bucket(Bucket=bucket)


def _policy(cos: CosS3Client, bucket: str) -> Mapping[str, Any]:
    try:
        told = cos.get_bucket_policy(Bucket=bucket)
    except CosServiceError as error:
        if error.get_error_code() == "NoSuchBucketPolicy":
            return {}
        raise
    policy: Mapping[str, Any] = json.loads(told["Policy"])
    return policy


def _said(wrong: Exception) -> str:
    if isinstance(wrong, CosServiceError):
        return f"COS refuses: {wrong.get_error_code()}: {wrong.get_error_msg()}"
    return str(wrong.args[0]) if wrong.args else str(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
