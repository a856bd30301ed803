"""Uploads that are signed ahead, as COS checks them: by the signer that ships, against the COS that is emulated."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from facestamp.presigning import Presigner
from facestamp.settings import Credentials
from infra.local.readings import Readings
from tests.local.cos.conftest import PHOTOS, REGION, LocalCos, code

HEADERS = {"Content-Type": "image/jpeg"}
KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
"""Any text; what a key cannot begin with is put behind a prefix."""


def signer(cloud: LocalCos, origin: str = "") -> Presigner:
    who = cloud.role("cos:PutObject", "cos:PostObject")
    return Presigner(cloud.client(who), Credentials(who.secret_id, who.secret_key, who.token), PHOTOS, origin)


def send(
    cloud: LocalCos, signed: tuple[str, Mapping[str, str]], body: bytes = b"pixels", **headers: Any
) -> requests.Response:
    """What whoever holds the signature does, through the proxy."""
    given = {**signed[1], **{name.replace("_", "-"): text for name, text in headers.items()}}
    return requests.put(signed[0], data=body, headers=given, proxies=cloud.proxies, timeout=30)


@pytest.fixture(scope="module")
def one() -> Iterator[LocalCos]:
    """A cloud for many keys."""
    cloud = LocalCos(Readings())
    yield cloud
    cloud.stop()


@pytest.mark.behaviour(
    service="cos",
    what="A presigned PUT is good for the headers, the length and the host in its q-header-list, and for no others",
    standing="documented",
    source="COS 436/7778, COS 436/35153",
)
def test_signed_headers_are_compared(cloud: LocalCos) -> None:
    signed = signer(cloud).put("photo.jpg", 6, HEADERS, 300)
    assert set(signed[1]) == {"Content-Type", "x-cos-acl"}
    for body in (b"pixel", b"pixels!", b""):
        assert code(send(cloud, signed, body)) == "SignatureDoesNotMatch"
    assert code(send(cloud, signed, Content_Type="image/png")) == "SignatureDoesNotMatch"
    assert code(send(cloud, signed, x_cos_acl="public-read")) == "SignatureDoesNotMatch"
    assert code(send(cloud, (signed[0], {}), Content_Type="image/jpeg")) == "SignatureDoesNotMatch"
    for other in (signed[0].replace("photo.jpg", "photos.jpg"), signed[0].replace(PHOTOS, "others-1250000000")):
        assert code(send(cloud, (other, signed[1]))) == "SignatureDoesNotMatch"
    assert code(requests.get(signed[0], proxies=cloud.proxies, timeout=30)) == "SignatureDoesNotMatch"
    assert send(cloud, signed).status_code == 200
    assert cloud.head("photo.jpg")["Content-Type"] == "image/jpeg"


@pytest.mark.behaviour(
    service="cos",
    what="A header that is not in the q-header-list is not compared: whoever holds the signature may add it",
    standing="documented",
    source="COS 436/35153, COS 436/31548",
)
def test_other_headers_are_not_compared(cloud: LocalCos) -> None:
    signed = signer(cloud).put("photo.jpg", 6, HEADERS, 300)
    assert send(cloud, signed, x_cos_meta_place="here", Cache_Control="no-cache").status_code == 200
    shown = cloud.head("photo.jpg")
    assert (shown["x-cos-meta-place"], shown["Cache-Control"]) == ("here", "no-cache")


@pytest.mark.behaviour(
    service="cos",
    what="A presigned address ends with its time (403 AccessDenied), or with its temporary key (400 ExpiredToken)",
    standing="documented",
    source="COS 436/35153, COS 436/7730",
)
def test_it_ends(cloud: LocalCos) -> None:
    one = signer(cloud)
    short, long = one.put("photo.jpg", 6, HEADERS, 60), one.put("photo.jpg", 6, HEADERS, 900)
    assert send(cloud, short).status_code == 200
    cloud.clock.age(61)
    assert code(send(cloud, short)) == "AccessDenied"
    assert send(cloud, long).status_code == 200
    cloud.clock.skip(24 * 3600)
    assert code(send(cloud, long)) == "ExpiredToken"


def test_the_token_is_signed_and_needed(cloud: LocalCos) -> None:
    url, headers = signer(cloud).put("photo.jpg", 6, HEADERS, 300)
    without, _, _ = url.partition("&x-cos-security-token=")
    assert "x-cos-security-token" in without
    assert code(send(cloud, (without, headers))) == "SignatureDoesNotMatch"
    assert code(send(cloud, (f"{without}&x-cos-security-token=another", headers))) == "SignatureDoesNotMatch"


def test_a_photo_to_read(cloud: LocalCos) -> None:
    cloud.put("photo.jpg", b"pixels")
    who = cloud.role("cos:GetObject")
    reader = Presigner(cloud.client(who), Credentials(who.secret_id, who.secret_key, who.token), PHOTOS)
    assert cloud.get(reader.get("photo.jpg", 60)).content == b"pixels"
    assert code(cloud.get(reader.get("photo.jpg", 60, "imageMogr2/strip"))) == "InvalidImageFormat"


@settings(max_examples=60, deadline=None)
@given(name=KEYS, length=st.integers(0, 9))
def test_any_key_can_be_put(one: LocalCos, name: str, length: int) -> None:
    key = f"photos/-{name}-"
    response = send(one, signer(one).put(key, length, HEADERS, 300), b"x" * length)
    assert response.status_code == 200, response.text
    assert len(one.ask("GET", key).content) == length


@settings(max_examples=60, deadline=None)
@given(name=KEYS)
def test_any_key_can_be_posted(one: LocalCos, name: str) -> None:
    key = f"photos/-{name}-"
    fields = signer(one).form({"key": key, **HEADERS}, 6, 300)
    address = f"http://{PHOTOS}.cos.{REGION}.myqcloud.com/"
    files = {"file": ("x.jpg", b"pixels")}
    response = requests.post(address, data=fields, files=files, proxies=one.proxies, timeout=30)
    assert response.status_code == 204, response.text
    assert one.ask("GET", key).content == b"pixels"


@settings(max_examples=60, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["Cache-Control", "x-cos-meta-a", "success_action_status"]), st.text(string.printable.strip())
    ),
    seconds=st.integers(60, 900),
)
def test_every_field_is_limited(one: LocalCos, fields: dict[str, str], seconds: int) -> None:
    form = signer(one).form({"key": "photo.jpg", **fields}, 6, seconds)
    address = f"http://{PHOTOS}.cos.{REGION}.myqcloud.com/"
    for changed in {"key", "acl", *fields}:
        changes = {**form, changed: f"{form[changed]}x"}
        files = {"file": ("x.jpg", b"pixels")}
        response = requests.post(address, data=changes, files=files, proxies=one.proxies, timeout=30)
        assert (response.status_code, code(response)) == (403, "AccessDenied")


@pytest.mark.parametrize("origin", ["", "http://album.localhost:9000", "https://photos.a.com", "https://a.com/"])
def test_where_it_is_sent(cloud: LocalCos, origin: str) -> None:
    own = origin.rstrip("/") or f"http://{PHOTOS}.cos.{REGION}.myqcloud.com"
    assert signer(cloud, origin).origin == own
    url, headers = signer(cloud, origin).put("a b/写.jpg", 6, HEADERS, 300)
    assert url.startswith(f"{own}/a%20b/%E5%86%99.jpg?")
    assert "%3Bhost%3B" in url
    assert "host" not in {name.lower() for name in headers}
    assert urlsplit(url).netloc == urlsplit(own).netloc
