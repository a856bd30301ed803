"""The actions of access management's neighbours, STS and the tag service, that the Pulumi provider calls along with it.

Documents: STS 2018-08-13 (product 1312), tags 2018-08-13 (651).
"""

from __future__ import annotations

from infra.local.cam import Cam, Identity
from infra.local.management import Action, Answer


class GetCallerIdentity(Action):
    """Tell a caller who it is; needs no permission."""

    host = "sts"
    free = True

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        known = cam.role(caller.role)
        session = caller.invocation or "session"
        return {
            "Arn": f"qcs::sts:{cam.uin}:assumed-role/{known.id}" if known else f"qcs::cam::uin/{cam.uin}:uin/{cam.uin}",
            "AccountId": cam.uin,
            "UserId": f"{known.id}:{session}" if known else cam.uin,
            "PrincipalId": cam.uin,
            "Type": "CAMRole" if known else "RootAccount",
        }


class DescribeResourceTagsByResourceIds(Action):
    """List resources' tags; nothing here carries any."""

    host = "tag"
    service_type: str
    resource_prefix: str
    resource_ids: list[str]
    resource_region: str = ""
    offset: int = 0
    limit: int = 15

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        return {"TotalCount": 0, "Offset": self.offset, "Limit": self.limit, "Tags": []}


ACTIONS: tuple[type[Action], ...] = (GetCallerIdentity, DescribeResourceTagsByResourceIds)
