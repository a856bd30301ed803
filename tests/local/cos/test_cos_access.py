"""Who may do what: permissions of roles, and what everyone may do by an ACL."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from infra.local.readings import Readings
from tests.local.cos.conftest import OTHERS, PHOTOS, REGION, LocalCos, Start, code

COPY_ONTO_ITSELF = {
    "x-cos-copy-source": f"{PHOTOS}.cos.{REGION}.myqcloud.com/photo.jpg",
    "x-cos-metadata-directive": "Replaced",
}
PARTS = b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>"

CALLS = [
    pytest.param("GetObject", "GET", {}, {}, id="GetObject"),
    pytest.param("HeadObject", "HEAD", {}, {}, id="HeadObject"),
    pytest.param("PutObject", "PUT", {}, {}, id="PutObject"),
    pytest.param("DeleteObject", "DELETE", {}, {}, id="DeleteObject"),
    pytest.param("GetObjectACL", "GET", {"acl": ""}, {}, id="GetObjectACL"),
    pytest.param("PutObjectACL", "PUT", {"acl": ""}, {"x-cos-acl": "private"}, id="PutObjectACL"),
    pytest.param("GetObjectTagging", "GET", {"tagging": ""}, {}, id="GetObjectTagging"),
    pytest.param("PutObjectTagging", "PUT", {"tagging": ""}, {}, id="PutObjectTagging"),
    pytest.param("DeleteObjectTagging", "DELETE", {"tagging": ""}, {}, id="DeleteObjectTagging"),
    pytest.param("InitiateMultipartUpload", "POST", {"uploads": ""}, {}, id="InitiateMultipartUpload"),
    pytest.param("UploadPart", "PUT", {"partNumber": "1", "uploadId": "x"}, {}, id="UploadPart"),
    pytest.param("CompleteMultipartUpload", "POST", {"uploadId": "x"}, {}, id="CompleteMultipartUpload"),
    pytest.param("AbortMultipartUpload", "DELETE", {"uploadId": "x"}, {}, id="AbortMultipartUpload"),
    pytest.param("ListParts", "GET", {"uploadId": "x"}, {}, id="ListParts"),
]


@pytest.mark.behaviour(
    service="cos",
    what="Each request needs the permission of its API's name on its object; without it, 403 AccessDenied names both",
    standing="documented",
    source="COS 436/31923",
)
@pytest.mark.parametrize(("action", "method", "query", "headers"), CALLS)
def test_every_call_needs_its_own_permission(
    cloud: LocalCos, action: str, method: str, query: dict[str, str], headers: dict[str, str]
) -> None:
    cloud.put("photo.jpg")
    others = [str(call.values[0]) for call in CALLS if call.values[0] != action]
    body = b"<Tagging><TagSet/></Tagging>" if action == "PutObjectTagging" else b""
    without = cloud.role(*(f"cos:{other}" for other in others))
    response = cloud.ask(method, "photo.jpg", query, headers, body, identity=without)
    assert response.status_code == 403
    if method != "HEAD":
        assert code(response) == "AccessDenied"
        assert f"is not authorized to perform cos:{action} " in response.text
        assert f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/photo.jpg" in response.text
    refused = cloud.journal.calls()[-1]
    assert (refused.action, refused.code, refused.resource) == (action, "AccessDenied", f"{PHOTOS}/photo.jpg")
    assert refused.role == without.role
    alone = cloud.role(f"name/cos:{action}", resource=f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/photo.jpg")
    cloud.ask(method, "photo.jpg", query, headers, body, identity=alone)
    assert cloud.journal.calls()[-1].code != "AccessDenied"
    cloud.ask(method, "other.jpg", query, headers, body, identity=alone)
    assert cloud.journal.calls()[-1].code == "AccessDenied"


@pytest.mark.behaviour(
    service="cos",
    what="A bucket's own permissions are asked on qcs::cos:<region>:uid/<appid>:<bucket>/",
    standing="documented",
    source="COS 436/31923",
)
def test_listing_is_a_permission_on_the_bucket(cloud: LocalCos) -> None:
    allowed = cloud.role("cos:GetBucket", resource=f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/")
    assert cloud.ask("GET", identity=allowed).status_code == 200
    assert code(cloud.ask("GET", bucket=OTHERS, identity=allowed)) == "AccessDenied"
    narrow = cloud.role("cos:GetBucket", resource=f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/in/*")
    assert code(cloud.ask("GET", query={"prefix": "in/"}, identity=narrow)) == "AccessDenied"


@pytest.mark.behaviour(
    service="cos",
    what="A copy needs its destination's permission (PutObjectCopy by the API page, PutObject by the policy guide) and"
    " GetObject on the source",
    standing="documented",
    source="COS 436/10881, COS 436/31923",
)
@pytest.mark.parametrize("reading", ["PutObjectCopy", "PutObject"])
def test_a_copy_needs_two_permissions(start: Start, reading: str) -> None:
    cloud = start(Readings(copy_action="PutObjectCopy" if reading == "PutObjectCopy" else "PutObject"))
    cloud.put("photo.jpg")
    both = cloud.role(f"cos:{reading}", "cos:GetObject")
    assert cloud.ask("PUT", "photo.jpg", headers=COPY_ONTO_ITSELF, identity=both).status_code == 200
    other = {"PutObject": "PutObjectCopy", "PutObjectCopy": "PutObject"}[reading]
    no_target = cloud.ask("PUT", "photo.jpg", headers=COPY_ONTO_ITSELF, identity=cloud.role(f"cos:{other}", "cos:Get*"))
    assert f"perform cos:{reading} " in no_target.text
    no_source = cloud.ask("PUT", "photo.jpg", headers=COPY_ONTO_ITSELF, identity=cloud.role(f"cos:{reading}"))
    assert "perform cos:GetObject " in no_source.text
    assert {call.action for call in cloud.journal.calls(code="AccessDenied")} == {"PutObjectCopy"}


@pytest.mark.behaviour(
    service="cos",
    what="A write whose headers set an ACL or tags also needs PutObjectACL or PutObjectTagging",
    standing="assumed",
    source="COS 436/31923",
)
@pytest.mark.parametrize(
    ("header", "value", "action"),
    [
        ("x-cos-acl", "public-read", "PutObjectACL"),
        ("x-cos-grant-read", 'id="100000000002"', "PutObjectACL"),
        ("x-cos-tagging", "team=red", "PutObjectTagging"),
    ],
)
@pytest.mark.parametrize("copied", [True, False], ids=["copy", "put"])
def test_headers_may_need_a_permission_of_their_own(
    start: Start, header: str, value: str, action: str, copied: bool
) -> None:
    headers = {header: value, **(COPY_ONTO_ITSELF if copied else {})}
    plain = ("cos:PutObject", "cos:PutObjectCopy", "cos:GetObject")
    strict, lenient = start(Readings()), start(Readings(headers_need_permissions=False))
    for cloud in (strict, lenient):
        cloud.put("photo.jpg")
    refused = strict.ask("PUT", "photo.jpg", headers=headers, identity=strict.role(*plain))
    assert f"perform cos:{action} " in refused.text
    assert strict.ask("PUT", "photo.jpg", headers=headers, identity=strict.role(*plain, f"cos:{action}")).ok
    assert lenient.ask("PUT", "photo.jpg", headers=headers, identity=lenient.role(*plain)).ok


def test_an_acl_that_only_says_default_needs_nothing(cloud: LocalCos) -> None:
    key = cloud.role("cos:PutObject")
    assert cloud.ask("PUT", "photo.jpg", headers={"x-cos-acl": "default"}, identity=key).ok


@pytest.mark.behaviour(
    service="cos",
    what="Deleting many objects needs DeleteObject on each, and is answered for each",
    standing="assumed",
    source="COS 436/8289",
)
def test_deleting_many_is_allowed_one_by_one(cloud: LocalCos) -> None:
    cloud.put("mine/1.jpg")
    cloud.put("yours/1.jpg")
    key = cloud.role("cos:DeleteObject", resource=f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/mine/*")
    answer = cloud.client(key).delete_objects(
        Bucket=PHOTOS, Delete={"Object": [{"Key": "mine/1.jpg"}, {"Key": "yours/1.jpg"}], "Quiet": "false"}
    )
    assert [one["Key"] for one in answer["Deleted"]] == ["mine/1.jpg"]
    assert [(one["Key"], one["Code"]) for one in answer["Error"]] == [("yours/1.jpg", "AccessDenied")]


@pytest.mark.behaviour(
    service="cos", what="An unsigned request gets 403 AccessDenied", standing="documented", source="COS 436/7730"
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_strangers_are_refused(cloud: LocalCos, method: str) -> None:
    cloud.put("photo.jpg")
    response = cloud.ask(method, "photo.jpg", signed=False)
    assert response.status_code == 403
    assert cloud.journal.calls()[-1].code == "AccessDenied"


@pytest.mark.behaviour(
    service="cos",
    what="Everyone may read what its own ACL, or failing that its bucket's, makes public-read",
    standing="documented",
    source="COS international 436/30583",
)
class TestPublicReading:
    def test_a_public_object(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", b"pixels", x_cos_acl="public-read")
        assert cloud.ask("GET", "photo.jpg", signed=False).content == b"pixels"
        assert cloud.ask("HEAD", "photo.jpg", signed=False).status_code == 200
        assert cloud.ask("PUT", "photo.jpg", signed=False).status_code == 403

    def test_a_public_bucket(self, cloud: LocalCos) -> None:
        cloud.client().put_bucket_acl(Bucket=PHOTOS, ACL="public-read")
        cloud.put("photo.jpg", b"pixels")
        cloud.put("private.jpg", b"pixels", x_cos_acl="private")
        assert cloud.ask("GET", "photo.jpg", signed=False).content == b"pixels"
        assert cloud.ask("GET", "private.jpg", signed=False).status_code == 403
        assert "photo.jpg" in cloud.ask("GET", signed=False).text
        assert cloud.ask("GET", "photo.jpg", identity=cloud.role()).content == b"pixels"

    def test_an_object_for_everyone_who_signs(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", b"pixels", x_cos_acl="authenticated-read")
        assert cloud.ask("GET", "photo.jpg", identity=cloud.role()).content == b"pixels"
        assert cloud.ask("GET", "photo.jpg", signed=False).status_code == 403

    def test_a_public_object_does_not_open_its_versions_settings(self, cloud: LocalCos) -> None:
        cloud.put("photo.jpg", x_cos_acl="public-read")
        assert cloud.ask("GET", "photo.jpg", {"acl": ""}, signed=False).status_code == 403
        assert cloud.ask("GET", "photo.jpg", {"tagging": ""}, signed=False).status_code == 403


ALL_USERS = "http://cam.qcloud.com/groups/global/AllUsers"
SIGNED_IN = "http://cam.qcloud.com/groups/global/AuthenticatedUsers"


def granting(cloud: LocalCos, grantee: dict[str, str], permission: str) -> list[tuple[str, str]]:
    """Grant something on the bucket; what its ACL then says, whom and what, but for the owner."""
    kind = "Group" if "URI" in grantee else "CanonicalUser"
    grant = {"Grantee": {"type": kind, **grantee}, "Permission": permission}
    cloud.client().put_bucket_acl(Bucket=PHOTOS, AccessControlPolicy={"AccessControlList": {"Grant": [grant]}})
    told = cloud.client().get_bucket_acl(Bucket=PHOTOS)
    shown = [(each["Grantee"], each["Permission"]) for each in told["AccessControlList"]["Grant"]]
    return [(who.get("URI") or who["ID"], what) for who, what in shown if who.get("ID") != told["Owner"]["ID"]]


@pytest.mark.behaviour(
    service="cos",
    what="A preset group has in a bucket's ACL whatever permission it was granted; FULL_CONTROL is all of them",
    standing="documented",
    source="COS 436/30752",
)
@pytest.mark.parametrize("uri", [ALL_USERS, SIGNED_IN])
@pytest.mark.parametrize("permission", ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"])
def test_a_group_has_what_it_was_granted(cloud: LocalCos, uri: str, permission: str) -> None:
    cloud.put("photo.jpg", b"pixels")
    assert granting(cloud, {"URI": uri}, permission) == [(uri, permission)]
    reads, writes = permission in ("READ", "FULL_CONTROL"), permission in ("WRITE", "FULL_CONTROL")
    identity = {"identity": cloud.role()} if uri == SIGNED_IN else {"signed": False}
    assert cloud.ask("GET", "photo.jpg", **identity).ok is reads
    assert cloud.ask("PUT", "other.jpg", **identity).ok is writes
    if uri == SIGNED_IN:
        assert cloud.ask("GET", "photo.jpg", signed=False).status_code == 403


@pytest.mark.behaviour(
    service="cos",
    what="`qcs::cam::anyone:anyone` in a bucket's ACL is everybody",
    standing="assumed",
    source="COS's SDKs name it so where they tell of GET Bucket acl; COS 436/30752 does not have it",
)
def test_anyone_is_everybody(cloud: LocalCos) -> None:
    cloud.put("photo.jpg", b"pixels")
    assert granting(cloud, {"ID": "qcs::cam::anyone:anyone"}, "READ") == [("qcs::cam::anyone:anyone", "READ")]
    assert cloud.ask("GET", "photo.jpg", signed=False).ok
    assert not cloud.ask("PUT", "other.jpg", signed=False).ok


def test_a_key_in_other_letters_is_matched_unescaped(cloud: LocalCos) -> None:
    key = cloud.role("cos:PutObject", resource=f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/照片/*")
    assert cloud.ask("PUT", "照片/一.jpg", identity=key).status_code == 200
    assert quote("照片/一.jpg") in cloud.client().get_object_url(Bucket=PHOTOS, Key="照片/一.jpg")
