"""What the engine leaves in buckets that it then cannot delete, and how that is taken out before.

COS deletes no bucket in which an object, a version of one, or a part of an unfinished upload is left (436/7732). Of
buckets that go with all that is in them the provider deletes the objects, and there are two things that it leaves:

1. Unfinished uploads, which it does not look for. They are aborted.
2. Versions, where it does not know of any: it reads a bucket whose versions are suspended as one that never had any,
   deletes without naming versions, and each deletion leaves a marker. So where COS says that there are or were versions
   every one is deleted by its id, the current one too.

Which buckets those are, the stack's state says and not its settings, which may be newer than what is deployed: buckets
that the stack has made, each set to go with all that is in it, and nothing in the whole stack protected. A bucket that
was adopted is none of them, for the state has it as somebody else's.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from qcloud_cos import CosS3Client, CosServiceError

QUIET_SECONDS: Final = 2.0
"""What takes longer says how far it is, each time that as much has passed."""
PAGE: Final = 1000
"""As many COS lists and deletes at once (436/7734, 436/8289)."""


class Held(Exception):
    """Something in a bucket cannot be deleted."""


def doomed(state: Mapping[str, Any]) -> list[str]:
    """The buckets that destroying the stack deletes with all that is in them, of the state as Pulumi exports it.

    None if anything of the stack is protected: then all of it stays.
    """
    resources = (state.get("deployment") or {}).get("resources") or []
    if any(each.get("protect") for each in resources):
        return []
    return [
        str(each["id"])
        for each in resources
        if str(each.get("type")).endswith(":CosBucket")
        and not (each.get("external") or each.get("retainOnDelete"))
        and (each.get("inputs") or {}).get("forceClean") is True
    ]


def stuck(cos: CosS3Client, bucket: str) -> bool:
    """Whether there is something in a bucket that the engine would leave. Not in one that is gone already."""
    try:
        return bool(_uploads(cos, bucket, 1)) or (_versioned(cos, bucket) and bool(_versions(cos, bucket, 1)))
    except CosServiceError as error:
        if error.get_error_code() == "NoSuchBucket":
            return False
        raise


def clear(
    cos: CosS3Client, buckets: Sequence[str], agreed: Callable[[str], bool], say: Callable[[str], object]
) -> bool:
    """Take out of the buckets what the engine would leave, once that is `agreed` to.

    False if it was not, and nothing was done; where there is nothing to take out, nobody is asked. Raises `Held`.
    """
    full = [bucket for bucket in buckets if stuck(cos, bucket)]
    if full and not agreed(
        f"Unfinished uploads, or versions of objects, keep {' and '.join(full)} from being deleted. They go before "
        "anything else, the current versions too, and for good."
    ):
        say("Nothing was deleted.")
        return False
    for bucket in full:
        empty(cos, bucket, say)
    return True


def empty(
    cos: CosS3Client,
    bucket: str,
    say: Callable[[str], object],
    clock: Callable[[], float] = time.monotonic,
    page: int = PAGE,
) -> None:
    """Take out of a bucket what the engine would leave, for good. `say` hears how far it is, if that takes long.

    What is uploaded meanwhile is left, and destroying fails then: it can be tried again. Raises `Held`.
    """
    gone, due = 0, clock() + QUIET_SECONDS
    versions = _without_versions(cos, bucket, page) if _versioned(cos, bucket) else iter(())
    for more in chain(_without_uploads(cos, bucket, page), versions):
        gone += more
        if clock() >= due:
            say(f"Emptying {bucket}: {gone:,} unfinished uploads and versions are gone so far.")
            due = clock() + QUIET_SECONDS


def _without_uploads(cos: CosS3Client, bucket: str, most: int) -> Iterator[int]:
    before: list[dict[str, Any]] = []
    while page := _uploads(cos, bucket, most):
        if page == before:
            raise Held(f"The bucket {bucket} keeps an unfinished upload of {page[0]['Key']}, though it was aborted.")
        for upload in page:
            try:
                cos.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
            except CosServiceError as error:
                # Whoever uploads it may have finished, or given up, since it was listed.
                if error.get_error_code() != "NoSuchUpload":
                    raise
            yield 1
        before = page


def _without_versions(cos: CosS3Client, bucket: str, most: int) -> Iterator[int]:
    before: list[dict[str, Any]] = []
    while page := _versions(cos, bucket, most):
        named = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in page]
        if named == before:
            raise Held(f"The bucket {bucket} keeps a version of {named[0]['Key']}, though it was deleted.")
        told = cos.delete_objects(Bucket=bucket, Delete={"Object": named, "Quiet": "true"})
        if refused := told.get("Error"):
            first = refused[0]
            raise Held(f"The bucket {bucket} keeps {first['Key']}: {first['Code']}: {first.get('Message', '')}")
        yield len(page)
        before = named


def _versioned(cos: CosS3Client, bucket: str) -> bool:
    return bool(cos.get_bucket_versioning(Bucket=bucket).get("Status"))


def _uploads(cos: CosS3Client, bucket: str, most: int) -> list[dict[str, Any]]:
    return list(cos.list_multipart_uploads(Bucket=bucket, MaxUploads=most).get("Upload") or ())


def _versions(cos: CosS3Client, bucket: str, most: int) -> list[dict[str, Any]]:
    told = cos.list_objects_versions(Bucket=bucket, MaxKeys=most)
    return [*(told.get("Version") or ()), *(told.get("DeleteMarker") or ())]
