"""Access lists of buckets and objects: a canned one, grants to others, or neither (`default`: like the bucket).

Documents: ACL, COS international 436/30583; GET Object acl, COS 436/7744; headers, COS 436/7748.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from infra.local.cos import markup
from infra.local.cos.errors import refuse

EVERYONE: Final = "http://cam.qcloud.com/groups/global/AllUsers"
SIGNED_IN: Final = "http://cam.qcloud.com/groups/global/AuthenticatedUsers"
CANNED: Final = ("default", "private", "public-read", "public-read-write", "authenticated-read")
_GRANT_HEADERS: Final[Mapping[str, str]] = {
    "x-cos-grant-read": "READ",
    "x-cos-grant-write": "WRITE",
    "x-cos-grant-read-acp": "READ_ACP",
    "x-cos-grant-write-acp": "WRITE_ACP",
    "x-cos-grant-full-control": "FULL_CONTROL",
}
_SCHEMA: Final = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class Grant:
    """A permission that somebody else has."""

    grantee: str
    """`<owner uin>`, or `<owner uin>/<sub-account uin>`."""
    permission: str


@dataclass(frozen=True)
class Acl:
    """One access list."""

    canned: str = "default"
    grants: tuple[Grant, ...] = ()

    @property
    def is_default(self) -> bool:
        """Whether an object has no list of its own."""
        return self.canned == "default"

    def public(self, permission: str, signed_in: bool = False) -> bool:
        """Whether everyone, or everyone whose request is signed, has `permission`, READ or WRITE."""
        readable = ("public-read", "authenticated-read") if signed_in else ("public-read",)
        return self.canned == "public-read-write" or (permission == "READ" and self.canned in readable)


DEFAULT: Final = Acl()
PRIVATE: Final = Acl("private")


def from_headers(headers: Mapping[str, str]) -> Acl | None:
    """The list that a request's x-cos-acl and x-cos-grant-* headers ask for; None if it has none of them.

    Raises `Refused` InvalidArgument.
    """
    canned = headers.get("x-cos-acl", "")
    if canned and canned not in CANNED:
        raise refuse("InvalidArgument", f"x-cos-acl is one of {', '.join(CANNED)}.")
    grants = []
    for name, permission in _GRANT_HEADERS.items():
        for part in (p.strip() for p in headers.get(name, "").split(",") if p.strip()):
            match = re.fullmatch(r'(?:id|uin)="?([^"]+)"?', part)
            if match is None:
                raise refuse("InvalidArgument", f'{name} lists grantees as id="100000000001".')
            grants.append(Grant(_grantee(match[1]), permission))
    if grants and canned in ("", "default"):
        # Whoever names grantees gives the object a list of its own.
        canned = "private"
    return Acl(canned, tuple(grants)) if canned else None


def from_xml(body: bytes, owner: str) -> Acl:
    """The list in an AccessControlPolicy document; the owner's own full control goes without saying."""
    policy = markup.read(body, "AccessControlPolicy", lists=("Grant",))
    grants, everyone, signed_in = [], set(), False
    for grant in (policy.get("AccessControlList") or {}).get("Grant") or ():
        grantee, permission = grant.get("Grantee") or {}, str(grant.get("Permission") or "")
        if grantee.get("URI") == EVERYONE:
            everyone.add(permission)
        elif grantee.get("URI") == SIGNED_IN:
            signed_in = True
        elif grantee.get("ID") and _grantee(str(grantee["ID"])) != owner:
            grants.append(Grant(_grantee(str(grantee["ID"])), permission))
    canned = "authenticated-read" if signed_in else "private"
    canned = "public-read-write" if "WRITE" in everyone else "public-read" if "READ" in everyone else canned
    return Acl(canned, tuple(grants))


def to_xml(acl: Acl, owner: str) -> dict[str, Any]:
    """The AccessControlPolicy document's content."""
    groups = [(EVERYONE, permission) for permission in ("READ", "WRITE") if acl.public(permission)]
    groups += [(SIGNED_IN, "READ")] if acl.canned == "authenticated-read" else []
    grants = [
        {"Grantee": {"@xmlns:xsi": _SCHEMA, "@xsi:type": "Group", "URI": uri}, "Permission": permission}
        for uri, permission in groups
    ]
    for grant in (Grant(owner, "FULL_CONTROL"), *acl.grants):
        name = _arn(grant.grantee)
        grantee = {"@xmlns:xsi": _SCHEMA, "@xsi:type": "CanonicalUser", "ID": name, "DisplayName": name}
        grants.append({"Grantee": grantee, "Permission": grant.permission})
    return {"Owner": {"ID": _arn(owner), "DisplayName": _arn(owner)}, "AccessControlList": {"Grant": grants}}


def _grantee(name: str) -> str:
    match = re.fullmatch(r"qcs::cam::uin/(\w+):uin/(\w+)", name)
    if match is None:
        return name
    return match[1] if match[1] == match[2] else f"{match[1]}/{match[2]}"


def _arn(grantee: str) -> str:
    owner, _, sub = grantee.partition("/")
    return f"qcs::cam::uin/{owner}:uin/{sub or owner}"
