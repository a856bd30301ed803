"""An object's ACL, as the headers with which a copy asks for the same one (COS 436/7744, 436/30752)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EVERYBODY = "http://cam.qcloud.com/groups/global/AllUsers"
_SIGNED_IN = "http://cam.qcloud.com/groups/global/AuthenticatedUsers"
_GRANT_HEADERS = {
    "READ": "x-cos-grant-read",
    "WRITE": "x-cos-grant-write",
    "READ_ACP": "x-cos-grant-read-acp",
    "WRITE_ACP": "x-cos-grant-write-acp",
    "FULL_CONTROL": "x-cos-grant-full-control",
}


def headers(answer: Mapping[str, Any]) -> dict[str, str]:
    """`x-cos-acl` and `x-cos-grant-*` that say what the ACL says; the owner's own grant goes without saying."""
    if answer.get("CannedACL") == "default":
        return {}
    owner = (answer.get("Owner") or {}).get("ID")
    grants = (answer.get("AccessControlList") or {}).get("Grant") or []
    canned, named = "private", dict[str, list[str]]()
    for grant in [grants] if isinstance(grants, dict) else grants:
        grantee, permission = grant["Grantee"], grant["Permission"]
        if grantee.get("URI") == _EVERYBODY:
            canned = "public-read"
        elif grantee.get("URI") == _SIGNED_IN:
            canned = "authenticated-read"
        elif grantee.get("ID") != owner:
            named.setdefault(_GRANT_HEADERS[permission], []).append(f'id="{grantee["ID"]}"')
    grants_of = {name: ",".join(ids) for name, ids in named.items()}
    return grants_of if grants_of and canned == "private" else {"x-cos-acl": canned, **grants_of}
