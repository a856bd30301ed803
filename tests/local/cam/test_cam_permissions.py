"""What policies allow."""

from __future__ import annotations

import pytest

from infra.local.cam import Cam, Denied
from infra.local.clock import Clock
from tests.local.cam.conftest import allow, holding, policy, trusting

PHOTO = "qcs::cos:ap-guangzhou:uid/1250000000:photos-1250000000/in/a:b.jpg"
documented = {"service": "cam", "standing": "documented"}


@pytest.mark.behaviour(**documented, what="What no policy allows is denied", source="CAM 598/10603")
def test_a_role_without_a_policy_may_do_nothing(cam: Cam) -> None:
    cam.create_role("stamper", trusting("scf.qcloud.com"))
    key = cam.assume("stamper", "worker-1", "request-1")
    with pytest.raises(Denied, match="stamper is not allowed cos:GetObject on qcs::cos") as denied:
        cam.require(key, "cos:GetObject", PHOTO)
    assert (denied.value.action, denied.value.resource) == ("cos:GetObject", PHOTO)


@pytest.mark.behaviour(
    **documented, what="Actions are written cos:GetObject or name/cos:GetObject, one or a list", source="COS 436/31923"
)
@pytest.mark.parametrize("action", ["cos:GetObject", "name/cos:GetObject", ["cos:PutObject", "name/cos:GetObject"]])
def test_an_action_has_two_spellings(cam: Cam, action: object) -> None:
    key = holding(cam, allow(action, PHOTO))
    cam.require(key, "cos:GetObject", PHOTO)


@pytest.mark.behaviour(**documented, what="* in an action stands for any characters", source="CAM 598/10603")
@pytest.mark.parametrize("action", ["*", "cos:*", "name/cos:*", "cos:Get*"])
def test_an_action_may_hold_wildcards(cam: Cam, action: str) -> None:
    key = holding(cam, allow(action, PHOTO))
    cam.require(key, "cos:GetObject", PHOTO)


@pytest.mark.behaviour(**documented, what="Action names are case-sensitive", source="COS 436/30580")
@pytest.mark.parametrize("action", ["cos:getobject", "cos:Put*", "ci:*"])
def test_other_actions_stay_denied(cam: Cam, action: str) -> None:
    key = holding(cam, allow(action, PHOTO))
    with pytest.raises(Denied):
        cam.require(key, "cos:GetObject", PHOTO)


@pytest.mark.behaviour(
    **documented,
    what="A resource has six segments, * stands for any characters in one, an empty region or account for every one",
    source="CAM 598/10606",
)
@pytest.mark.parametrize(
    "resource",
    [
        "*",
        PHOTO,
        "qcs::cos:ap-guangzhou:uid/1250000000:photos-1250000000/in/*",
        "qcs::cos:ap-guangzhou:uid/1250000000:photos-1250000000/*.jpg",
        "qcs::cos::uid/1250000000:photos-1250000000/*",
        "qcs::cos:::photos-1250000000/*",
        "qcs::cos:*:uid/1250000000:*",
        "qcs:::::*",
    ],
)
def test_a_resource_is_matched_by_segments(cam: Cam, resource: str) -> None:
    key = holding(cam, allow("cos:GetObject", resource))
    cam.require(key, "cos:GetObject", PHOTO)


@pytest.mark.parametrize(
    "resource",
    [
        "qcs::cos:ap-guangzhou:uid/1250000000:photos-1250000000/out/*",
        "qcs::cos:ap-guangzhou:uid/1250000000:photos-1250000000/in/",
        "qcs::cos:ap-beijing:uid/1250000000:photos-1250000000/*",
        "qcs::cos:ap-guangzhou:uid/1259999999:photos-1250000000/*",
        "qcs::ci:ap-guangzhou:uid/1250000000:photos-1250000000/*",
        "qcs::cos:ap-guangzhou:uid/1250000000:photos-12500000000/*",
    ],
)
def test_another_resource_is_denied(cam: Cam, resource: str) -> None:
    key = holding(cam, allow("cos:GetObject", resource))
    with pytest.raises(Denied):
        cam.require(key, "cos:GetObject", PHOTO)


@pytest.mark.behaviour(**documented, what="A deny outweighs every allow", source="CAM 598/10603")
def test_deny_wins(cam: Cam) -> None:
    key = holding(cam, allow("*"), allow("cos:DeleteObject", PHOTO, effect="deny"))
    cam.require(key, "cos:GetObject", PHOTO)
    with pytest.raises(Denied):
        cam.require(key, "cos:DeleteObject", PHOTO)


def test_a_deny_in_another_policy_wins_too(cam: Cam) -> None:
    key = holding(cam, allow("*"))
    cam.attach("stamper", cam.create_policy("never", policy(allow("cos:*", PHOTO, effect="deny"))))
    with pytest.raises(Denied):
        cam.require(key, "cos:GetObject", PHOTO)


@pytest.mark.behaviour(
    service="cam",
    standing="documented",
    what="IAI's operation-level actions must be granted on *; a statement that names a resource does not grant them",
    source="CAM 598/98145",
)
@pytest.mark.parametrize(
    "resource", ["qcs::iai:ap-guangzhou:uin/100000000001:groupid/staff", "qcs::iai:ap-guangzhou:uin/100000000001:*"]
)
def test_a_face_call_cannot_be_limited_to_a_library(cam: Cam, resource: str) -> None:
    key = holding(cam, allow(["iai:CreateFace", "iai:GetGroupInfo"], resource))
    library = "qcs::iai:ap-guangzhou:uin/100000000001:groupid/staff"
    cam.require(key, "iai:GetGroupInfo", library)
    for asked in ("*", library):
        with pytest.raises(Denied):
            cam.require(key, "iai:CreateFace", asked)


def test_a_face_call_is_granted_on_everything(cam: Cam) -> None:
    key = holding(cam, allow("iai:CreateFace", "*"))
    cam.require(key, "iai:CreateFace")


@pytest.mark.behaviour(
    service="cam",
    standing="assumed",
    what="A changed policy holds from the next request on, also for keys handed out before",
    source="CAM 598/10603",
)
def test_a_change_of_policy_holds_at_once(cam: Cam) -> None:
    key = holding(cam, allow("cos:GetObject", PHOTO))
    [attached] = cam.attached("stamper")
    cam.update_policy(attached.id, policy(allow("cos:HeadObject", PHOTO)))
    cam.require(key, "cos:HeadObject", PHOTO)
    with pytest.raises(Denied):
        cam.require(key, "cos:GetObject", PHOTO)


def test_the_account_itself_may_do_everything(cam: Cam) -> None:
    cam.require(cam.owner, "cos:DeleteBucket", PHOTO)


def test_a_key_of_a_role_that_is_gone_allows_nothing(cam: Cam) -> None:
    key = holding(cam, allow("*"))
    cam.delete_role("stamper")
    with pytest.raises(Denied):
        cam.require(key, "cos:GetObject", PHOTO)


def test_each_start_has_its_own_account_key(cam: Cam, clock: Clock) -> None:
    other = Cam(clock)
    assert other.identity(cam.owner.secret_id) is None
    assert cam.owner.secret_key != other.owner.secret_key


@pytest.mark.behaviour(
    **documented, what="A role's temporary key comes with a token and lasts six hours at most", source="SCF 583/32389"
)
def test_a_temporary_key_says_whose_it_is_and_when_it_ends(cam: Cam, clock: Clock) -> None:
    key = holding(cam, allow("*"))
    assert key.token
    assert 21_590 < key.expires - clock.now() <= 21_600
    assert cam.identity(key.secret_id) == key
    holder = cam.holder(key.secret_id)
    assert (holder.role, holder.worker, holder.invocation) == ("stamper", "worker-1", "request-1")


def test_a_key_does_not_show_in_what_is_printed(cam: Cam) -> None:
    key = holding(cam, allow("*"))
    for secret in (key.secret_id, key.secret_key, key.token):
        assert secret not in f"{key!r} {key}"


@pytest.mark.behaviour(
    **documented, what="SCF takes on only a role whose trust document names scf.qcloud.com", source="SCF 583/32389"
)
@pytest.mark.parametrize("trusted", ["cvm.qcloud.com", "scf.example.com"])
def test_a_role_for_another_product_is_not_taken_on(cam: Cam, trusted: str) -> None:
    cam.create_role("stamper", trusting(trusted))
    with pytest.raises(Denied, match="sts:AssumeRole on qcs::cam::uin/100000000001:roleName/stamper"):
        cam.assume("stamper", "worker-1", "request-1")


def test_a_role_that_does_not_exist_is_not_taken_on(cam: Cam) -> None:
    with pytest.raises(Denied, match="roleName/nobody"):
        cam.assume("nobody", "worker-1", "request-1")
