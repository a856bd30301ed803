"""Tags: the same ones, through the tag service as through the services whose resources they are on."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.local.cam import Cam
from tests.local.cam.conftest import Call, allow, holding, trusting

TRUST = trusting("scf.qcloud.com")


def tag(ask: Call, action: str, **parameters: Any) -> dict[str, Any]:
    return ask(action, service="tag", version="2018-08-13", **parameters)


def refused(ask: Call, action: str, **parameters: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as refusal:
        tag(ask, action, **parameters)
    return str(refusal.value.get_code())


def tagged(ask: Call, *roles: str, **page: int) -> dict[str, dict[str, str]]:
    told = tag(
        ask,
        "DescribeResourceTagsByResourceIds",
        ServiceType="cam",
        ResourcePrefix="role",
        ResourceIds=list(roles),
        ResourceRegion="",
        **page,
    )
    found: dict[str, dict[str, str]] = {}
    for each in told["Tags"]:
        found.setdefault(each["ResourceId"], {})[each["TagKey"]] = each["TagValue"]
    return found


def made(ask: Call, name: str = "stamper", **tags: str) -> str:
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    return str(ask("CreateRole", RoleName=name, PolicyDocument=TRUST, Tags=given)["RoleId"])


@pytest.mark.behaviour(
    service="tag",
    what="DescribeResourceTagsByResourceIds tells the tags that a resource was made with, as the service itself does",
    standing="documented",
    source="international 651/33022",
)
def test_what_a_role_was_made_with_is_told(ask: Call) -> None:
    role = made(ask, team="faces", stage="dev")

    assert tagged(ask, role) == {role: {"team": "faces", "stage": "dev"}}
    assert ask("GetRole", RoleId=role)["RoleInfo"]["Tags"] == [
        {"Key": "team", "Value": "faces"},
        {"Key": "stage", "Value": "dev"},
    ]
    [first, _] = tag(
        ask, "DescribeResourceTagsByResourceIds", ServiceType="cam", ResourcePrefix="role", ResourceIds=[role]
    )["Tags"]
    assert first["TagKeyMd5"] == hashlib.md5(b"team", usedforsecurity=False).hexdigest()


@pytest.mark.behaviour(
    service="tag",
    what="ModifyResourceTags adds, replaces and takes away, by the resource's six segments with or without the uin",
    standing="documented",
    source="651/35322",
)
def test_tags_are_changed(ask: Call) -> None:
    role = made(ask, team="faces", stage="dev")
    tag(
        ask,
        "ModifyResourceTags",
        Resource=f"qcs::cam::uin/:role/{role}",
        ReplaceTags=[{"TagKey": "stage", "TagValue": "prod"}, {"TagKey": "since", "TagValue": "2026"}],
        DeleteTags=[{"TagKey": "team"}],
    )
    assert tagged(ask, role) == {role: {"stage": "prod", "since": "2026"}}

    named = f"qcs::cam::uin/100000000001:role/{role}"
    tag(ask, "ModifyResourceTags", Resource=named, DeleteTags=[{"TagKey": "since"}, {"TagKey": "never set"}])
    assert tagged(ask, role) == {role: {"stage": "prod"}}


@pytest.mark.behaviour(
    service="tag",
    what="TagResources and UnTagResources change several resources at once",
    standing="documented",
    source="international 651/46532",
)
def test_several_resources_are_tagged(ask: Call) -> None:
    first, second = made(ask), made(ask, "other", team="faces")
    names = [f"qcs::cam::uin/:role/{role}" for role in (first, second)]

    assert (
        tag(ask, "TagResources", ResourceList=names, Tags=[{"TagKey": "stage", "TagValue": "dev"}])["FailedResources"]
        == []
    )
    assert tagged(ask, first, second) == {first: {"stage": "dev"}, second: {"team": "faces", "stage": "dev"}}

    tag(ask, "UnTagResources", ResourceList=names, TagKeys=["stage"])
    assert tagged(ask, first, second) == {second: {"team": "faces"}}


@pytest.mark.behaviour(
    service="tag",
    what="Tags come by pages, of which Offset is a multiple",
    standing="documented",
    source="international 651/33022",
)
def test_tags_come_by_pages(ask: Call) -> None:
    role = made(ask, **{f"key-{number}": "x" for number in range(5)})

    pages = [tagged(ask, role, Limit=2, Offset=offset).get(role, {}) for offset in (0, 2, 4, 6)]

    assert [list(page) for page in pages] == [["key-0", "key-1"], ["key-2", "key-3"], ["key-4"], []]
    kind = {"ServiceType": "cam", "ResourcePrefix": "role", "ResourceIds": [role]}
    code = refused(ask, "DescribeResourceTagsByResourceIds", Offset=1, Limit=2, **kind)
    assert code == "InvalidParameterValue.OffsetInvalid"


def test_tags_go_with_the_role(ask: Call) -> None:
    role = made(ask, team="faces")
    ask("DeleteRole", RoleName="stamper")

    assert tagged(ask, role) == {}
    name = f"qcs::cam::uin/:role/{role}"
    code = refused(ask, "ModifyResourceTags", Resource=name, DeleteTags=[{"TagKey": "team"}])
    assert code == "InvalidParameterValue.ResourceIdInvalid"


@pytest.mark.behaviour(
    service="tag",
    what="A key has 1 to 127 characters, a value 1 to 255, of letters, digits, inner spaces and some signs; keys that"
    " begin with qcs: or project are the system's; a resource has at most 50 tags",
    standing="documented",
    source="651/13354",
)
@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("", "x", "InvalidParameterValue.TagKeyEmpty"),
        ("k" * 128, "x", "InvalidParameterValue.TagKeyLengthExceeded"),
        ("what?", "x", "InvalidParameterValue.TagKeyCharacterIllegal"),
        (" led by a space", "x", "InvalidParameterValue.TagKeyCharacterIllegal"),
        ("project", "x", "InvalidParameter.ReservedTagKey"),
        ("qcs:own", "x", "InvalidParameter.ReservedTagKey"),
        ("key", "", "InvalidParameterValue.TagValueEmpty"),
        ("key", "v" * 256, "InvalidParameterValue.TagValueLengthExceeded"),
        ("key", "trailing ", "InvalidParameterValue.TagValueCharacterIllegal"),
    ],
)
def test_a_tag_beyond_the_limits_changes_nothing(ask: Call, key: str, value: str, code: str) -> None:
    role = made(ask, team="faces")
    given = [{"TagKey": "stage", "TagValue": "dev"}, {"TagKey": key, "TagValue": value}]

    assert refused(ask, "ModifyResourceTags", Resource=f"qcs::cam::uin/:role/{role}", ReplaceTags=given) == code
    assert tagged(ask, role) == {role: {"team": "faces"}}


def test_tags_at_the_limits_are_taken(ask: Call) -> None:
    given = {"k" * 127: "v" * 255, "Team of 人: a+b=c (d)": "x/y@z.[1],<2>;"}
    role = made(ask, **given)
    assert tagged(ask, role) == {role: given}

    resource = f"qcs::cam::uin/:role/{role}"
    for batch in range(5):
        more = [{"TagKey": f"key-{batch}-{number}", "TagValue": "x"} for number in range(10 if batch < 4 else 8)]
        tag(ask, "ModifyResourceTags", Resource=resource, ReplaceTags=more)
    one = [{"TagKey": "the 51st", "TagValue": "x"}]
    assert (
        refused(ask, "ModifyResourceTags", Resource=resource, ReplaceTags=one) == "LimitExceeded.ResourceAttachedTags"
    )
    assert len(tagged(ask, role, Limit=100)[role]) == 50


def test_a_role_is_not_made_with_tags_that_it_cannot_have(ask: Call) -> None:
    with pytest.raises(TencentCloudSDKException, match=r"ReservedTagKey"):
        made(ask, project="facestamp")
    assert ask("DescribeRoleList", Page=1, Rp=20)["TotalNum"] == 0


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("stamper", "InvalidParameterValue.ResourceDescriptionError"),
        ("qcs::cam::uin/1:role/1", "InvalidParameterValue.ResourceDescriptionError"),
        ("qcs::cvm:ap-guangzhou:uin/:instance/ins-1", "InvalidParameterValue.ServiceTypeInvalid"),
        ("qcs::cam::uin/:uin/1", "InvalidParameterValue.ResourcePrefixInvalid"),
        ("qcs::cam::uin/:role/1", "InvalidParameterValue.ResourceIdInvalid"),
    ],
)
def test_what_is_not_known_here_has_no_tags(ask: Call, resource: str, code: str) -> None:
    given = [{"TagKey": "team", "TagValue": "faces"}]
    assert refused(ask, "ModifyResourceTags", Resource=resource, ReplaceTags=given) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "InvalidParameter.Tag"),
        ({"ReplaceTags": []}, "InvalidParameter"),
        (
            {"ReplaceTags": [{"TagKey": "a", "TagValue": "b"}], "DeleteTags": [{"TagKey": "a"}]},
            "InvalidParameterValue.DeleteTagsParamError",
        ),
        ({"ReplaceTags": [{"TagKey": "a", "Value": "b"}]}, "UnknownParameter"),
    ],
)
def test_a_change_that_is_none(ask: Call, changes: dict[str, Any], code: str) -> None:
    role = made(ask)
    assert refused(ask, "ModifyResourceTags", Resource=f"qcs::cam::uin/:role/{role}", **changes) == code


def test_too_many_at_once(ask: Call) -> None:
    name, one = f"qcs::cam::uin/:role/{made(ask)}", {"TagKey": "a", "TagValue": "b"}
    eleven = [{"TagKey": f"key-{number}", "TagValue": "x"} for number in range(11)]

    assert refused(ask, "TagResources", ResourceList=[name] * 11, Tags=[one]) == "LimitExceeded.ResourceNumPerRequest"
    assert refused(ask, "TagResources", ResourceList=[name], Tags=eleven) == "LimitExceeded.TagNumPerRequest"
    assert refused(ask, "TagResources", ResourceList=[name], Tags=[one, one]) == "InvalidParameterValue.TagKeyDuplicate"


def test_a_role_needs_the_permission_to_tag(ask: Call, cam: Cam) -> None:
    role, key = made(ask, "other"), holding(cam, allow("tag:DescribeResourceTagsByResourceIds"))
    kind = {"ServiceType": "cam", "ResourcePrefix": "role", "ResourceIds": [role], "ResourceRegion": ""}

    assert tag(ask, "DescribeResourceTagsByResourceIds", by=key, **kind)["Tags"] == []
    name = f"qcs::cam::uin/:role/{role}"
    code = refused(ask, "ModifyResourceTags", by=key, Resource=name, DeleteTags=[{"TagKey": "a"}])
    assert code == "AuthFailure.UnauthorizedOperation"
