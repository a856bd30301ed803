"""What the API's role may do: what its endpoints need that somebody's key opens, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facestamp.http.application import ENDPOINTS
from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.keys import SCOPES
from facestamp.http.models import Model
from infra.settings.permissions import api_statements, document
from tests.infra.conftest import MEMBERS, settings

COS = "qcs::cos:ap-guangzhou:uid/1250000000"
CI = "qcs::ci:ap-guangzhou:uid/1250000000"
PHOTOS, STATE = f"{COS}:pictures-1250000000", f"{COS}:records-1250000000"


class Done(Model):
    """Nothing to tell."""


def done(call: Call) -> Done:
    return Done()


def endpoint(**described: Any) -> Endpoint:
    """An endpoint that is not the API's own."""
    common: dict[str, Any] = {"method": "GET", "path": "/v1/x", "name": "x", "summary": "", "heading": Heading("x", "")}
    return Endpoint(**{**common, "answer": done, "gives": Done, "scope": "read", **described})


LOOK = endpoint(reach=frozenset({"photo"}))
STAMP = endpoint(scope="analyse", reach=frozenset({"route"}))
UPLOAD = endpoint(scope="analyse", reach=frozenset({"upload"}))
FORGET = endpoint(scope="admin", reach=frozenset({"route", "people"}), changing=True, permissions=("iai:DeleteFace",))
ENROL = endpoint(scope="enrol", reach=frozenset({"people", "photo"}), changing=True, permissions=("iai:CreateFace",))
MEASURE = endpoint(scope="analyse", permissions=("iai:AnalyzeFace", "ci:CreateDetectFaceJob"))
OPEN = endpoint(scope=None)
ALL = (LOOK, STAMP, UPLOAD, FORGET, ENROL, MEASURE, OPEN)


def granted(*held: list[str], endpoints: tuple[Endpoint, ...] = ALL) -> dict[str, set[str]]:
    """Action -> the resources that it is granted on, where each of `held` is a key's scopes."""
    keys = [{"name": f"k{n}", "scopes": scopes, "sha256": "0" * 64} for n, scopes in enumerate(held)]
    stack = settings(api={"keys": keys})
    assert stack.api
    found: dict[str, set[str]] = {}
    for statement in api_statements(stack, stack.api, endpoints):
        for action in statement["action"]:
            found.setdefault(action, set()).update(statement["resource"])
    return found


def test_without_keys_it_may_do_nothing() -> None:
    assert granted() == {}


def test_to_read_it_sees_photos_and_records_and_writes_nothing() -> None:
    of = granted(["read"])
    prefixes = {f"{PHOTOS}/photos/*", f"{PHOTOS}/members/*"}
    assert of["cos:HeadObject"] == prefixes
    assert of["cos:GetObject"] == prefixes | {f"{STATE}/records/photos/*", f"{STATE}/records/members/*"}
    assert set(of) == {"cos:HeadObject", "cos:GetObject"}


def test_to_stamp_it_may_do_what_the_routes_own_function_may() -> None:
    of = granted(["analyse", "enrol"], endpoints=(STAMP,))
    assert f"{PHOTOS}/photos/*" in of["cos:PutObjectCopy"]
    assert f"{STATE}/leases/members/*" in of["cos:PutObject"]
    assert f"{STATE}/enrolments/*" in of["cos:PutObject"]
    assert of["cos:GetBucket"] == {f"{STATE}/*"}
    assert of["iai:CreateFace"] == of["iai:AnalyzeFace"] == {"*"}
    assert f"{CI}:bucket/pictures-1250000000/photos/*" in of["ci:CreateDetectFaceJob"]


@pytest.mark.parametrize("held", [[["analyse"]], [["analyse"], ["enrol"]]], ids=["none", "another"])
def test_a_route_that_enrols_is_out_of_reach_unless_one_key_may_do_both(held: list[list[str]]) -> None:
    of = granted(*held, endpoints=(STAMP, UPLOAD))
    assert not [resource for resources in of.values() for resource in resources if "members" in resource]
    assert "iai:CreateFace" not in of
    assert of["cos:PostObject"] == {f"{PHOTOS}/photos/*"}
    both = granted(["analyse", "enrol"], endpoints=(UPLOAD,))
    assert both["cos:PostObject"] == {f"{PHOTOS}/photos/*", f"{PHOTOS}/members/*"}


def test_to_forget_takes_no_scope_for_enrolment() -> None:
    of = granted(["admin"])
    assert f"{STATE}/records/members/*" in of["cos:DeleteObject"]
    assert f"{STATE}/enrolments/*" in of["cos:PutObject"]
    assert of["iai:DeleteFace"] == {"*"}


def test_only_an_api_that_changes_something_remembers_requests() -> None:
    assert f"{STATE}/requests/*" in granted(["enrol"])["cos:PutObject"]
    assert f"{STATE}/requests/*" in granted(["enrol"])["cos:GetObject"]
    assert granted(["enrol"])["cos:GetBucket"] == {f"{STATE}/*"}
    assert "cos:PutObject" not in granted(["read"])


def test_cloud_infinite_measures_what_is_under_the_prefixes() -> None:
    of = granted(["analyse"], endpoints=(MEASURE,))
    bucket = f"{CI}:bucket/pictures-1250000000"
    assert of == {"ci:CreateDetectFaceJob": {f"{bucket}/photos/*", f"{bucket}/members/*"}, "iai:AnalyzeFace": {"*"}}


def test_photos_are_never_deleted() -> None:
    of = granted(list(SCOPES), endpoints=ENDPOINTS)
    assert not [resource for resource in of.get("cos:DeleteObject", ()) if resource.startswith(PHOTOS)]


def test_face_calls_share_no_statement_with_what_names_a_resource() -> None:
    stack = settings(api={"keys": [{"name": "all", "scopes": list(SCOPES), "sha256": "0" * 64}]})
    assert stack.api
    for statement in api_statements(stack, stack.api, ALL):
        services = {action.partition(":")[0] for action in statement["action"]}
        assert len(services) == 1
        assert (statement["resource"] == ["*"]) == (services == {"iai"})


@given(st.lists(st.lists(st.sampled_from(SCOPES), min_size=1, unique=True), max_size=3))
def test_more_scopes_never_take_a_permission_away(held: list[list[str]]) -> None:
    fewer, more = granted(*held), granted(*held, ["read"])
    assert all(resources <= more[action] for action, resources in fewer.items())


def test_three_routes_with_every_scope_fit_into_a_document() -> None:
    routes = [{**MEMBERS, "name": name * 5, "prefix": f"{name * 18}/", "person_id": f"{name * 18}/{{person_id}}/"}
              for name in ("aaaa", "bbbb", "cccc")]  # fmt: skip
    api = {"keys": [{"name": "all", "scopes": list(SCOPES), "sha256": "0" * 64}]}
    stack = settings(routes=routes, api=api)
    assert stack.api
    assert len(document(api_statements(stack, stack.api))) <= 6144
