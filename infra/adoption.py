"""Whether a bucket that exists already may be adopted: nobody is let in who is not named, by its ACL or its policy.

Whoever can read a photo can read its stamp, so it lets in nobody but accounts and users whom its owner has named.
Others have many spellings:

| where  | spelling                             | who                                | document                      |
|--------|--------------------------------------|------------------------------------|-------------------------------|
| ACL    | `…/groups/global/AllUsers`           | everybody                          | COS 436/30752                 |
| ACL    | `…/groups/global/AuthenticatedUsers` | whoever has any account at Tencent | COS 436/30752                 |
| ACL    | `qcs::cam::anyone:anyone`            | everybody                          | COS's SDKs, of GET Bucket acl |
| policy | `qcs::cam::anonymous:anonymous`      | everybody                          | COS 436/18023                 |
| policy | `qcs::cam::anyone:anyone`            | everybody                          | COS 436/12471                 |
| policy | `*`                                  | everybody                          | CAM 598/10606                 |

Nothing says that this is all. So it is known what names somebody, and whatever does not is taken for everybody: what
has a `*` in it, principals other than `qcs`, and no principal at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from infra.policy.resources import listed

PRIVATE: Final = "private"
_NAMED: Final = re.compile(r"qcs::cam::uin/\d+:[^\s*]+")
"""An account, or one of its users, groups, roles and services."""
_GROUPS: Final = {"AllUsers": "public", "AuthenticatedUsers": "open to every account at Tencent"}


class Unfit(Exception):
    """A bucket that is to be adopted must not be used as it is."""


def fit(bucket: str, acl: str, versioned: bool) -> str:
    """The bucket's name; raises `Unfit` if strangers are let in, or if it is `versioned` and must not be."""
    if acl != PRIVATE:
        raise Unfit(
            f"The bucket {bucket} is {acl}: make it private first. Whoever can read a photo can read its stamp, which"
            " tells the faces in it."
        )
    if versioned:
        raise Unfit(
            f"The bucket {bucket} keeps versions, where create-if-absent does nothing: the state needs a bucket that"
            " has never had them."
        )
    return bucket


def by_acl(grantees: Iterable[str]) -> str:
    """What a bucket is whose ACL grants these anything, by whatever permission: `private` where all are named."""
    for grantee in grantees:
        if not _NAMED.fullmatch(grantee):
            return _GROUPS.get(
                grantee.rpartition("/")[2], f"open to {grantee or 'somebody whom its ACL does not name'}"
            )
    return PRIVATE


def granted(acl: Mapping[str, Any]) -> list[str]:
    """The grantees in an ACL as COS's SDK tells it."""
    grants = listed((acl.get("AccessControlList") or {}).get("Grant"))
    return [str(grant["Grantee"].get("URI") or grant["Grantee"].get("ID") or "") for grant in grants]


def written(document: str) -> list[str]:
    """The grantees in an ACL that is written as XML, as the provider tells it, with the owner."""
    return re.findall(r"<(?:URI|ID)\b[^>]*>\s*([^<]*?)\s*<", document)


def by_policy(policy: Mapping[str, Any]) -> str:
    """The first principal of a bucket policy that is let in and names nobody; empty if there is none.

    On whatever condition, and whatever it may do. Elements are written in either case, and a principal may stand beside
    the statements, for all of them (COS 436/46206).
    """
    told = _small(policy)
    for statement in listed(told.get("statement")):
        said = {"principal": told.get("principal"), **_small(statement)}
        if str(said.get("effect")).lower() == "deny":
            continue
        for principal in _principals(said["principal"]):
            if not _NAMED.fullmatch(principal):
                return principal
    return ""


def _principals(principal: Any) -> list[str]:
    if not isinstance(principal, Mapping):
        return [str(one) for one in listed(principal)] or ["no principal"]
    named = [(str(kind), str(one)) for kind, ones in principal.items() for one in listed(ones)]
    return [one if kind == "qcs" else f"{kind} {one}" for kind, one in named] or ["no principal"]


def _small(element: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in element.items()}
