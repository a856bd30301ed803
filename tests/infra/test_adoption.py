"""Who is a stranger to a bucket, in every spelling that Tencent's documents have, and in those that they leave open."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import adoption

GROUPS = "http://cam.qcloud.com/groups/global"
OWNER = "qcs::cam::uin/100000000001:uin/100000000001"
NAMED = (
    OWNER,
    "qcs::cam::uin/100000000001:uin/100000000011",
    "qcs::cam::uin/100000000001:root",
    "qcs::cam::uin/100000000001:groupid/2340",
    "qcs::cam::uin/100000000001:roleName/reader",
    "qcs::cam::uin/100000000001:service/cdn",
)
EVERYBODY = (
    "qcs::cam::anyone:anyone",
    "qcs::cam::anonymous:anonymous",
    "*",
    "qcs::cam::*:*",
    "qcs::cam::uin/*:uin/*",
    "qcs::cam::uin/100000000001:*",
    "qcs::cam::uin/100000000001:uin/*",
)


def test_accounts_and_their_users_are_named() -> None:
    assert adoption.by_acl(NAMED) == "private"


@pytest.mark.parametrize(
    ("grantee", "said"),
    [
        (f"{GROUPS}/AllUsers", "public"),
        (f"{GROUPS}/AuthenticatedUsers", "open to every account at Tencent"),
        (f"{GROUPS}/Others", f"open to {GROUPS}/Others"),
        ("", "open to somebody whom its ACL does not name"),
        *((everybody, f"open to {everybody}") for everybody in EVERYBODY),
    ],
)
def test_whoever_is_not_named_by_an_acl_is_a_stranger(grantee: str, said: str) -> None:
    assert adoption.by_acl([OWNER, grantee]) == said


def test_an_acl_is_read_as_the_sdk_and_as_the_provider_tell_it() -> None:
    grants = [
        {"Grantee": {"Type": "CanonicalUser", "ID": OWNER, "DisplayName": OWNER}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "Group", "URI": f"{GROUPS}/AllUsers"}, "Permission": "READ"},
    ]
    assert adoption.granted({"AccessControlList": {"Grant": grants}}) == [OWNER, f"{GROUPS}/AllUsers"]
    assert adoption.granted({"AccessControlList": {"Grant": grants[0]}}) == [OWNER]
    assert adoption.granted({"AccessControlList": None}) == []
    document = (
        f"<AccessControlPolicy><Owner><ID>{OWNER}</ID><DisplayName>o</DisplayName></Owner><AccessControlList><Grant>"
        f'<Grantee xmlns:xsi="x" xsi:type="Group"><URI>{GROUPS}/AllUsers</URI></Grantee><Permission>READ</Permission>'
        f'</Grant><Grant><Grantee><ID xmlns="y">\n {OWNER} </ID></Grantee></Grant></AccessControlList>'
    )
    assert adoption.written(document) == [OWNER, f"{GROUPS}/AllUsers", OWNER]


@pytest.mark.parametrize("effect", ["allow", "Allow"])
@pytest.mark.parametrize("stranger", EVERYBODY)
def test_a_policy_lets_strangers_in_whatever_they_are_called(stranger: str, effect: str) -> None:
    for principal in ({"qcs": [stranger]}, {"qcs": stranger}, {"qcs": [OWNER, stranger]}, stranger, [stranger]):
        stated = {"effect": effect, "principal": principal, "action": ["name/cos:GetObject"], "resource": ["*"]}
        capitals = {name.capitalize(): value for name, value in stated.items()}
        assert adoption.by_policy({"version": "2.0", "statement": [stated]}) == stranger
        assert adoption.by_policy({"Statement": [capitals], "version": "2.0"}) == stranger
        assert adoption.by_policy({"statement": stated}) == stranger
        beside = {"principal": principal, "statement": [{"effect": effect}]}
        assert adoption.by_policy(beside) == stranger


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        (None, "no principal"),
        ({}, "no principal"),
        ({"qcs": []}, "no principal"),
        ({"service": ["cdn.qcloud.com"]}, "service cdn.qcloud.com"),
        ({"AWS": "*"}, "AWS *"),
    ],
)
def test_a_policy_that_names_nobody_it_knows_lets_strangers_in(principal: Any, said: str) -> None:
    assert adoption.by_policy({"statement": [{"effect": "allow", "principal": principal}]}) == said
    assert adoption.by_policy({"statement": [{"effect": "allow", "notPrincipal": {"qcs": [OWNER]}}]}) == "no principal"


def test_a_condition_makes_nobody_named() -> None:
    condition = {"ip_equal": {"qcs:ip": ["10.1.1.0/24"]}}
    stated = {"effect": "allow", "principal": {"qcs": [EVERYBODY[0]]}, "condition": condition}
    assert adoption.by_policy({"statement": [stated]}) == EVERYBODY[0]


def test_whom_a_policy_names_or_denies_is_no_stranger() -> None:
    denied = {"Effect": "Deny", "Principal": {"qcs": [EVERYBODY[0]]}}
    named = {"Effect": "allow", "Principal": {"qcs": list(NAMED)}}
    assert adoption.by_policy({"Statement": [denied, named]}) == ""
    assert adoption.by_policy({"statement": []}) == ""
    assert adoption.by_policy({}) == ""


@given(st.text())
def test_what_has_a_star_names_nobody(text: str) -> None:
    assert adoption.by_acl([f"{text}*"]) != "private"
    assert adoption.by_acl([f"qcs::cam::uin/1:{text}*"]) != "private"
