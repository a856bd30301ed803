"""The two steps of a deployment that the provider cannot take, before and after the engine's.

Before: buckets that are to be adopted are looked at more closely than the provider can, which neither reads a bucket's
policy nor tells versions that are suspended from versions that there never were. After: AI content recognition is
enabled on the photo bucket, which detection in place needs beside the binding (CI international 1045/48831), and for
which no provider has a resource. Both can be taken again and again.

    .venv/bin/python -m infra.account.steps before --stack dev
    .venv/bin/python -m infra.account.steps after --stack dev
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from qcloud_cos import CosS3Client, CosServiceError

from infra import adoption
from infra.account import prerequisites
from infra.account.clients import REFUSALS, Clients, said
from infra.adoption import Unfit, fit
from infra.settings import stackfile
from infra.settings.stackfile import Unready


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Take one step for a stack, in the account that it is for; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.account.steps", description="What the engine cannot do.")
    parser.add_argument("step", choices=("before", "after"))
    parser.add_argument("--stack", required=True, help="which infra/Pulumi.<stack>.yaml")
    asked = parser.parse_args(arguments)
    try:
        config = stackfile.filled_in(asked.stack)
        prerequisites.right_account(config, Clients(config["tencentcloud:region"], environment))
        take(asked.step, config, environment)
    except (Unready, Unfit, LookupError, *REFUSALS) as wrong:
        print(said(wrong), file=sys.stderr)
        return 1
    return 0


def take(step: str, config: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Take a step for the stack of this configuration, with the key in the environment.

    `FACESTAMP_ENDPOINT` there is the proxy to a local cloud. Raises `Unfit` for a bucket that cannot be adopted,
    `LookupError` with one sentence where there is no key, and the SDK's exceptions for what COS refuses.
    """
    clients = Clients(config["tencentcloud:region"], environment)
    if step == "after":
        recognise(clients.cos(), stackfile.bucket(config, "photo"))
        return
    for kind in ("photo", "state"):
        if stackfile.is_adopted(config, kind):
            look(clients.cos(), stackfile.bucket(config, kind), state=kind == "state")


def look(cos: CosS3Client, bucket: str, *, state: bool) -> None:
    """See that a bucket may be adopted; raises `Unfit`."""
    acl = adoption.by_acl(adoption.granted(cos.get_bucket_acl(Bucket=bucket)))
    versions = cos.get_bucket_versioning(Bucket=bucket).get("Status", "")
    fit(bucket, acl, state and bool(versions))
    if let_in := adoption.by_policy(_policy(cos, bucket)):
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
