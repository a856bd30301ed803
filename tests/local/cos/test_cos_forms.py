"""Uploads by an HTML form."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
import requests

from infra.local.cam import Identity
from infra.local.cos import signature
from tests.local.cos.conftest import PHOTOS, REGION, LocalCos, code


def upload(
    cloud: LocalCos,
    key: str = "form/${filename}",
    fields: Mapping[str, str] = MappingProxyType({}),
    *,
    conditions: tuple[Any, ...] = (),
    identity: Identity | None = None,
    seconds: int = 600,
    changes: dict[str, str] | None = None,
    body: bytes = b"pixels",
) -> requests.Response:
    who = identity or cloud.cam.owner
    now = int(time.time())
    span = f"{now - 60};{now + seconds}"
    expiration = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(now + seconds))
    signed = [{"q-sign-algorithm": "sha1"}, {"q-ak": who.secret_id}, {"q-sign-time": span}]
    policy = json.dumps({"expiration": expiration, "conditions": [*conditions, *signed]}).encode()
    form = {
        "key": key,
        **fields,
        "policy": base64.b64encode(policy).decode(),
        "q-sign-algorithm": "sha1",
        "q-ak": who.secret_id,
        "q-key-time": span,
        "q-signature": signature.sign_policy(who.secret_key, span, policy),
        **({"x-cos-security-token": who.token} if who.token else {}),
        **(changes or {}),
    }
    return requests.post(
        f"http://{PHOTOS}.cos.{REGION}.myqcloud.com/",
        data=form,
        files={"file": ("photo.jpg", body, "image/jpeg")},
        proxies=cloud.proxies,
        allow_redirects=False,
        timeout=30,
    )


@pytest.mark.behaviour(
    service="cos",
    what="A form with a signed policy uploads a file: 204 with Location, or the status that the form asks for",
    standing="documented",
    source="COS 436/14690",
)
class TestForms:
    def test_an_upload(self, cloud: LocalCos) -> None:
        response = upload(
            cloud, fields={"Content-Type": "image/jpeg", "x-cos-meta-place": "广州", "acl": "public-read"}
        )
        assert response.status_code == 204
        assert response.headers["Location"] == f"http://{PHOTOS}.cos.{REGION}.myqcloud.com/form/photo.jpg"
        shown = cloud.head("form/photo.jpg")
        assert shown["ETag"] == response.headers["ETag"]
        assert shown["Content-Type"] == "image/jpeg"
        assert shown["x-cos-meta-place"].encode("latin-1").decode() == "广州"
        assert cloud.ask("GET", "form/photo.jpg", signed=False).content == b"pixels"

    def test_the_file_does_not_say_its_type(self, cloud: LocalCos) -> None:
        upload(cloud)
        assert cloud.head("form/photo.jpg")["Content-Type"] == "application/octet-stream"

    def test_the_journal_knows_the_object_and_the_key(self, cloud: LocalCos) -> None:
        upload(cloud)
        call = cloud.journal.calls()[-1]
        assert (call.action, call.resource) == ("PostObject", f"{PHOTOS}/form/photo.jpg")
        assert call.secret_id == cloud.cam.owner.secret_id
        assert call.received > 500

    @pytest.mark.parametrize(("asked", "status"), [("200", 200), ("201", 201), ("204", 204), ("418", 204)])
    def test_a_status_of_ones_choice(self, cloud: LocalCos, asked: str, status: int) -> None:
        assert upload(cloud, fields={"success_action_status": asked}).status_code == status

    def test_a_redirect(self, cloud: LocalCos) -> None:
        response = upload(cloud, "photo.jpg", {"success_action_redirect": "https://my.website/done"})
        assert response.status_code == 303
        assert response.headers["Location"].startswith(f"https://my.website/done?bucket={PHOTOS}&key=photo.jpg&etag=")

    def test_conditions_that_hold(self, cloud: LocalCos) -> None:
        conditions = (
            {"bucket": PHOTOS},
            ["starts-with", "$key", "form/"],
            ["eq", "$Content-Type", "image/jpeg"],
            ["content-length-range", 1, 6],
        )
        assert upload(cloud, conditions=conditions, fields={"Content-Type": "image/jpeg"}).status_code == 204

    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (["starts-with", "$key", "other/"], (403, "AccessDenied")),
            ({"bucket": "others-1250000000"}, (403, "AccessDenied")),
            (["eq", "$Content-Type", "image/png"], (403, "AccessDenied")),
            (["content-length-range", 7, 9], (400, "EntityTooSmall")),
            (["content-length-range", 0, 5], (400, "EntityTooLarge")),
            (["starts-with", "$acl", ""], (403, "AccessDenied")),
            ({"acl": "default"}, (403, "AccessDenied")),
            (["maybe"], (400, "InvalidPolicyDocument")),
            (["not", "$key", "other/"], (400, "InvalidPolicyDocument")),
            (["content-length-range", "a few", 9], (400, "InvalidPolicyDocument")),
        ],
    )
    def test_conditions_that_do_not(self, cloud: LocalCos, condition: Any, expected: tuple[int, str]) -> None:
        response = upload(cloud, conditions=(condition,), fields={"Content-Type": "image/jpeg"})
        assert (response.status_code, code(response)) == expected
        assert cloud.ask("HEAD", "form/photo.jpg").status_code == 404


@pytest.mark.behaviour(
    service="cos",
    what="What a policy limits must be in the form, the bucket excepted; what it does not limit may be there too",
    standing="documented",
    source="COS 436/14690",
)
def test_a_field_that_the_policy_does_not_limit(cloud: LocalCos) -> None:
    limited = ({"bucket": PHOTOS}, {"acl": "default"})
    more = {"acl": "default", "x-cos-meta-place": "here", "x-cos-storage-class": "STANDARD_IA"}
    assert upload(cloud, conditions=limited, fields=more).status_code == 204
    shown = cloud.head("form/photo.jpg")
    assert (shown["x-cos-meta-place"], shown["x-cos-storage-class"]) == ("here", "STANDARD_IA")


@pytest.mark.behaviour(
    service="cos",
    what="A policy is not met once it has expired, nor once its q-key-time has passed: 403 AccessDenied",
    standing="documented",
    source="COS 436/56215",
)
def test_a_policy_that_has_expired(cloud: LocalCos) -> None:
    assert upload(cloud, seconds=60).status_code == 204
    cloud.clock.age(61)
    response = upload(cloud, seconds=60)
    assert (response.status_code, code(response)) == (403, "AccessDenied")


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"q-signature": "0" * 40}, (403, "SignatureDoesNotMatch")),
            ({"q-ak": "AKIDnobody"}, (403, "InvalidAccessKeyId")),
            ({"policy": "not base64"}, (400, "InvalidPolicyDocument")),
        ],
    )
    def test_what_is_not_signed(self, cloud: LocalCos, changes: dict[str, str], expected: tuple[int, str]) -> None:
        response = upload(cloud, changes=changes)
        assert (response.status_code, code(response)) == expected

    def test_a_form_that_is_too_old(self, cloud: LocalCos) -> None:
        assert code(upload(cloud, seconds=-5)) == "AccessDenied"

    def test_a_role_needs_post_object_and_its_token(self, cloud: LocalCos) -> None:
        resource = f"qcs::cos:{REGION}:uid/1250000000:{PHOTOS}/form/*"
        key = cloud.role("cos:PostObject", resource=resource)
        assert upload(cloud, identity=key).status_code == 204
        assert code(upload(cloud, "other.jpg", identity=key)) == "AccessDenied"
        assert code(upload(cloud, identity=key, changes={"x-cos-security-token": "x"})) == "InvalidAccessKeyId"
        assert "perform cos:PostObject" in upload(cloud, identity=cloud.role("cos:PutObject")).text

    def test_a_form_without_a_signature_is_a_strangers(self, cloud: LocalCos) -> None:
        address = f"http://{PHOTOS}.cos.{REGION}.myqcloud.com/"
        response = requests.post(address, data={"key": "a"}, files={"file": b"x"}, proxies=cloud.proxies, timeout=30)
        assert (response.status_code, code(response)) == (403, "AccessDenied")

    def test_user_metadata_has_its_limit_here_too(self, cloud: LocalCos) -> None:
        assert code(upload(cloud, fields={"x-cos-meta-a": "x" * 2048})) == "MetadataTooLarge"
        assert code(upload(cloud, fields={"x-cos-meta-a_b": "x"})) == "InvalidArgument"
        assert code(upload(cloud, "x" * 851)) == "KeyTooLong"
