"""S3's names for what COS has, for callers who sign in S3's way and read the answers so.

A request's `x-amz-*` headers become the `x-cos-*` headers that they stand for, once its signature is checked, and what
the answer says in `x-cos-*` it says in `x-amz-*` as well. Documents are the same in both. What has no counterpart here
is refused rather than overlooked: a copy that is taken for an upload would leave an empty object. That COS takes S3's
interface is documented (COS 436/37421), which header it takes for which is not: these are by their meaning.
"""

from __future__ import annotations

from typing import Final

from requests.structures import CaseInsensitiveDict
from werkzeug import Response

from infra.local.cos.errors import refuse

_SSE: Final = "server-side-encryption"
_PREFIXES: Final = ("meta-", "grant-", "server-side-encryption-customer-")
_SAME: Final = ("acl", "storage-class", "tagging", "security-token", _SSE)
_OF_THE_SIGNATURE: Final = ("date", "content-sha256", "user-agent", "sdk-checksum-algorithm")
_SHOWN: Final = (
    "acl",
    "bucket-region",
    "delete-marker",
    "meta-",
    "request-id",
    _SSE,
    "storage-class",
    "tagging-count",
    "version-id",
)


def understood(headers: CaseInsensitiveDict[str]) -> CaseInsensitiveDict[str]:
    """A request's headers in COS's names; raises `Refused` NotImplemented for one that has no counterpart here."""
    told: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in headers.items():
        lower = name.lower()
        rest = lower.removeprefix("x-amz-")
        if rest == lower:
            told[name] = value
        elif rest in _SAME or rest.startswith(_PREFIXES):
            told[f"x-cos-{rest}"] = "cos/kms" if rest == _SSE and value == "aws:kms" else value
        elif rest not in _OF_THE_SIGNATURE and not rest.startswith("checksum-"):
            raise refuse("NotImplemented", f"The local cloud does not know what {lower} is to COS.")
    return told


def shown(response: Response) -> None:
    """Say what an answer says in S3's names too."""
    for name, value in list(response.headers.items()):
        rest = name.lower().removeprefix("x-cos-")
        if rest != name.lower() and rest.startswith(_SHOWN):
            response.headers[f"x-amz-{rest}"] = "aws:kms" if rest == _SSE and value == "cos/kms" else value
