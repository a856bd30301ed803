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
ANYONE: Final = "qcs::cam::anyone:anyone"
"""Everybody, as COS's SDKs have it in the place of an account."""
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
    """`<owner uin>`, or `<owner uin>/<sub-account uin>`, or a group for which no canned list says the same."""
    permission: str


_GROUPS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "public-read": (Grant(EVERYONE, "READ"),),
    "public-read-write": (Grant(EVERYONE, "READ"), Grant(EVERYONE, "WRITE")),
    "authenticated-read": (Grant(SIGNED_IN, "READ"),),
}
"""What a canned list grants to groups."""


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
        groups = (EVERYONE, ANYONE, SIGNED_IN) if signed_in else (EVERYONE, ANYONE)
        permissions = (permission, "FULL_CONTROL")
        return any(grant.grantee in groups and grant.permission in permissions for grant in self.stated)

    @property
    def stated(self) -> tuple[Grant, ...]:
        """All grants, those that the canned list stands for among them."""
        return (*_GROUPS.get(self.canned, ()), *self.grants)


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
    grants, groups = [], set()
    for grant in (policy.get("AccessControlList") or {}).get("Grant") or ():
        grantee, permission = grant.get("Grantee") or {}, str(grant.get("Permission") or "")
        if grantee.get("URI"):
            groups.add(Grant(str(grantee["URI"]), permission))
        elif grantee.get("ID") and _grantee(str(grantee["ID"])) != owner:
            grants.append(Grant(_grantee(str(grantee["ID"])), permission))
    if canned := next((name for name, same in _GROUPS.items() if groups == set(same)), ""):
        return Acl(canned, tuple(grants))
    return Acl("private", (*sorted(groups, key=str), *grants))


def to_xml(acl: Acl, owner: str) -> dict[str, Any]:
    """The AccessControlPolicy document's content."""
    grants = []
    for grant in (*_GROUPS.get(acl.canned, ()), Grant(owner, "FULL_CONTROL"), *acl.grants):
        name = _arn(grant.grantee)
        kind, told = "CanonicalUser", {"ID": name, "DisplayName": name}
        if name.startswith("http"):
            kind, told = "Group", {"URI": name}
        grantee = {"@xmlns:xsi": _SCHEMA, "@xsi:type": kind, **told}
        grants.append({"Grantee": grantee, "Permission": grant.permission})
    return {"Owner": {"ID": _arn(owner), "DisplayName": _arn(owner)}, "AccessControlList": {"Grant": grants}}


def _grantee(name: str) -> str:
    match = re.fullmatch(r"qcs::cam::uin/(\w+):uin/(\w+)", name)
    if match is None:
        return name
    return match[1] if match[1] == match[2] else f"{match[1]}/{match[2]}"


def _arn(grantee: str) -> str:
    if grantee == ANYONE or grantee.startswith("http"):
        return grantee
    owner, _, sub = grantee.partition("/")
    return f"qcs::cam::uin/{owner}:uin/{sub or owner}"
