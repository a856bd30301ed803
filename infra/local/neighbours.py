"""The actions of access management's neighbours, STS and the tag service, that the Pulumi provider calls along with it.

Documents: STS 2018-08-13 (product 1312), tags 2018-08-13 (651).
"""

from __future__ import annotations

import hashlib
from typing import Final

from pydantic import BaseModel, Field

from infra.local.cam import Cam, Identity
from infra.local.gateway import Refused
from infra.local.management import Action, Answer
from infra.local.tags import Resource

AT_ONCE: Final = 10
"""Resources, and tags, of one request."""


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


class Tag(BaseModel):
    """A tag, as the tag service takes it."""

    model_config = Action.model_config
    tag_key: str
    tag_value: str = ""


class TagKey(BaseModel):
    """A tag's key."""

    model_config = Action.model_config
    tag_key: str


class ModifyResourceTags(Action):
    """Add or replace tags of one resource, and take others away (651/35322)."""

    host = "tag"
    resource: str
    replace_tags: list[Tag] | None = Field(None, min_length=1, max_length=AT_ONCE)
    delete_tags: list[TagKey] | None = Field(None, min_length=1, max_length=AT_ONCE)

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        found = cam.tags.named(self.resource)
        replacing = {tag.tag_key: tag.tag_value for tag in self.replace_tags or ()}
        leaving = {tag.tag_key for tag in self.delete_tags or ()}
        if not replacing and not leaving:
            raise Refused("InvalidParameter.Tag", "One of ReplaceTags and DeleteTags is needed.")
        if leaving & set(replacing):
            raise Refused("InvalidParameterValue.DeleteTagsParamError", "No tag is both replaced and deleted.")
        cam.tags.put(found.service, found.prefix, found.id, replacing, leaving)
        return {}


class TagResources(Action):
    """Add or replace the same tags of several resources."""

    host = "tag"
    resource_list: list[str] = Field(min_length=1)
    tags: list[Tag] = Field(min_length=1)

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        _few(self.resource_list, self.tags)
        tags = {tag.tag_key: tag.tag_value for tag in self.tags}
        if len(tags) < len(self.tags):
            raise Refused("InvalidParameterValue.TagKeyDuplicate", "A key comes twice.")
        for found in [cam.tags.named(name) for name in self.resource_list]:
            cam.tags.put(found.service, found.prefix, found.id, tags)
        return {"FailedResources": []}


class UnTagResources(Action):
    """Take tags away from several resources (international 651/46532)."""

    host = "tag"
    resource_list: list[str] = Field(min_length=1)
    tag_keys: list[str] = Field(min_length=1)

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        _few(self.resource_list, self.tag_keys)
        for found in [cam.tags.named(name) for name in self.resource_list]:
            cam.tags.put(found.service, found.prefix, found.id, {}, self.tag_keys)
        return {"FailedResources": []}


class DescribeResourceTagsByResourceIds(Action):
    """List resources' tags, `limit` to a page (international 651/33022)."""

    host = "tag"
    service_type: str
    resource_prefix: str
    resource_ids: list[str] = Field(max_length=50)
    resource_region: str = ""
    offset: int = Field(0, ge=0)
    limit: int = Field(15, ge=1)

    def _answer(self, cam: Cam, caller: Identity) -> Answer:
        if self.offset % self.limit:
            raise Refused("InvalidParameterValue.OffsetInvalid", "Offset is a multiple of Limit.")
        kind = Resource(self.service_type, self.resource_prefix, "", self.resource_region)
        cam.tags.known(kind, there=False)
        found = [
            {
                "TagKey": key,
                "TagValue": value,
                "ResourceId": resource,
                "TagKeyMd5": _digest(key),
                "TagValueMd5": _digest(value),
                "ServiceType": self.service_type,
                "Category": "Custom",
            }
            for resource in self.resource_ids
            for key, value in cam.tags.of(self.service_type, self.resource_prefix, resource).items()
        ]
        shown = found[self.offset : self.offset + self.limit]
        return {"TotalCount": len(found), "Offset": self.offset, "Limit": self.limit, "Tags": shown}


ACTIONS: tuple[type[Action], ...] = (
    *(GetCallerIdentity, ModifyResourceTags, TagResources, UnTagResources),
    DescribeResourceTagsByResourceIds,
)


def _few(resources: list[str], tags: list[Tag] | list[str]) -> None:
    if len(resources) > AT_ONCE:
        raise Refused("LimitExceeded.ResourceNumPerRequest", f"There are at most {AT_ONCE} resources at once.")
    if len(tags) > AT_ONCE:
        raise Refused("LimitExceeded.TagNumPerRequest", f"There are at most {AT_ONCE} tags at once.")


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
