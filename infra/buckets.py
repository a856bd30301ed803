"""The three buckets, and what is in the one for code.

1. Photos: private, encrypted, bound to Cloud Infinite, which measures faces in place; open to browsers that hold a
   signature where there is an API.
2. State: private, and never versioned. What nobody will come back for expires; what is paid once does not.
3. Code: the packages, each under a name that its content gives it, so that the same bytes are uploaded and deployed
   once and other bytes are always noticed.

A bucket that exists already is adopted: it is looked at, used, and left as it is, when stacks are destroyed too.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pulumi

from facestamp.http.gate import idempotency
from infra import adoption, tencent
from infra.settings.stack import StackSettings

ROOT = Path(__file__).parents[1]
"""Relative paths in the settings start here, wherever the program runs."""


class Buckets(pulumi.ComponentResource):
    """The photo bucket with Cloud Infinite, and the state bucket."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("facestamp:index:Buckets", name, None, opts)
        self._settings = settings
        self.photos: pulumi.Output[str] = (
            self._adopted("photos", settings.photo_bucket_name)
            if settings.adopt_photo_bucket
            else self._made(
                "photos",
                settings.photo_bucket_name,
                versioning_enable=settings.versioning,
                cors_rules=[browsers()] if settings.api else None,
                lifecycle_rules=[unfinished(settings.unfinished_days), *replaced(settings)],
            )
        )
        self.state: pulumi.Output[str] = (
            self._adopted("state", settings.state_bucket_name)
            if settings.adopt_state_bucket
            else self._made(
                "state", settings.state_bucket_name, versioning_enable=False, lifecycle_rules=forgotten(settings)
            )
        )
        # Whoever had the bucket before may have bound it himself: destroying the stack would let it go.
        bound = pulumi.ResourceOptions(parent=self, retain_on_delete=settings.adopt_photo_bucket)
        self.infinite = tencent.CiBucketAttachment("photos", bucket=self.photos, opts=bound)
        self.register_outputs({"photos": self.photos, "state": self.state})

    def _made(self, name: str, bucket: str, **rules: Any) -> pulumi.Output[str]:
        made: pulumi.Output[str] = tencent.CosBucket(
            name,
            bucket=bucket,
            acl="private",
            encryption_algorithm="AES256",
            force_clean=self._settings.disposable,
            tags=self._settings.all_tags,
            opts=pulumi.ResourceOptions(parent=self, protect=not self._settings.disposable),
            **rules,
        ).bucket
        return made

    def _adopted(self, name: str, bucket: str) -> pulumi.Output[str]:
        """The bucket's name, once it is known to be fit: whatever needs the name waits for that.

        The provider tells a canned ACL, which is `private` for many that are not, and the whole of it beside that. Its
        policy may open the bucket too, which the provider does not read with it: `infra.account.steps` looks at that
        before.
        """
        found = tencent.CosBucket.get(name, bucket, opts=pulumi.ResourceOptions(parent=self))

        def looked_at(told: list[Any]) -> str:
            canned, whole, versioned = told
            acl = str(canned) if canned != adoption.PRIVATE else adoption.by_acl(adoption.written(str(whole or "")))
            return adoption.fit(bucket, acl, bool(versioned) and name == "state")

        return pulumi.Output.all(found.acl, found.acl_body, found.versioning_enable).apply(looked_at)


class Code(pulumi.ComponentResource):
    """The code bucket, with one package in it."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("facestamp:index:Code", name, None, opts)
        self.bucket = tencent.CosBucket(
            "code",
            bucket=settings.code_bucket_name,
            acl="private",
            encryption_algorithm="AES256",
            # Nothing in it is the only copy of anything.
            force_clean=True,
            tags=settings.all_tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        package = ROOT / settings.package
        self.object = tencent.CosBucketObject(
            "package",
            bucket=self.bucket.bucket,
            key=named_by_content(package),
            source=str(package),
            content_type="application/zip",
            tags=settings.all_tags,
            # Where it lies is another place on another machine; what is in it, the key tells.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["source"]),
        )
        self.path: pulumi.Output[str] = self.object.key.apply(lambda key: f"/{key}")
        """As SCF names an object."""
        self.register_outputs({"bucket": self.bucket.bucket, "path": self.path})


def browsers() -> tencent.CosBucketCorsRuleArgs:
    """How pages may use the photo bucket.

    Any page: the API's own address is not known before it is made, and it is not the page that the bucket trusts but
    the signature in each request, which no browser adds by itself. Without one COS refuses, wherever the page is from.
    """
    return tencent.CosBucketCorsRuleArgs(
        allowed_origins=["*"],
        allowed_methods=["PUT", "POST", "GET", "HEAD"],
        allowed_headers=["*"],
        expose_headers=["ETag", "Content-Length", "x-cos-request-id"],
        max_age_seconds=600,
    )


def unfinished(days: int) -> tencent.CosBucketLifecycleRuleArgs:
    """Parts of uploads that were never finished, which are billed and shown nowhere, go."""
    aborted = tencent.CosBucketLifecycleRuleAbortIncompleteMultipartUploadArgs(days_after_initiation=days)
    return tencent.CosBucketLifecycleRuleArgs(
        id="unfinished", filter_prefix="", abort_incomplete_multipart_upload=aborted
    )


def replaced(settings: StackSettings) -> list[tencent.CosBucketLifecycleRuleArgs]:
    """What goes of photos' old versions, where they are kept: no version that is current.

    A stamp is written by a copy, which leaves the photo behind as it was before; so does its forgetting, which leaves
    behind what the stamp told of faces.
    """
    if not settings.versioning or not settings.old_version_days:
        return []
    days = tencent.CosBucketLifecycleRuleNonCurrentExpirationArgs(non_current_days=settings.old_version_days)
    return [tencent.CosBucketLifecycleRuleArgs(id="replaced", filter_prefix="", non_current_expiration=days)]


def forgotten(settings: StackSettings) -> list[tencent.CosBucketLifecycleRuleArgs]:
    """What goes from the state bucket, and after how many days.

    Answers that wait for others, and what the API keeps for requests sent twice, for which a day is the shortest time
    that COS knows; records only where that was set. Never leases: a record outlives its leases whenever it is written
    anew, and two rivals would then not see each other. Never dead letters: somebody has to act on them.
    """
    days = {
        "answers": settings.orphan_days,
        "records": settings.record_days,
        idempotency.ROOM: 1 if settings.api else 0,
    }
    return [
        tencent.CosBucketLifecycleRuleArgs(
            id=room,
            filter_prefix=f"{room}/",
            expiration=tencent.CosBucketLifecycleRuleExpirationArgs(days=kept),
        )
        for room, kept in days.items()
        if kept
    ]


def named_by_content(package: Path) -> str:
    """The package's name with its digest: the provider sees a change of name, never one of bytes.

    Raises `FileNotFoundError` if nothing was packaged yet.
    """
    if not package.is_file():
        raise FileNotFoundError(f"There is no {package.name} yet: run `make package`.")
    return f"{package.stem}-{hashlib.sha256(package.read_bytes()).hexdigest()[:16]}{package.suffix}"
