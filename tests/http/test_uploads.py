"""Uploads that the API signs: what a browser can do with one, and everything that it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from tests import pictures
from tests.http.conftest import Api

PHOTO = b"no picture, but COS does not look"
STRANGE = [
    "a b",
    "写真",
    "a+b",
    "100%",
    "%41",
    "it's (1)!*",
    "a&b=c;d#e?f",
    'quo"te\\',
    "~-._",
    "é\u0301",
    "../.../..a",
    "//a",
]

Signed = Mapping[str, Any]


def sign(api: Api, key: str, photo: bytes = PHOTO, **more: Any) -> Signed:
    """An upload by PUT."""
    body = {"key": key, "content_type": "image/jpeg", "content_length": len(photo), **more}
    response = api.post("/v1/uploads", body)
    assert response.status_code == 200, response.text
    signed: Signed = response.json()
    return signed


def sign_form(api: Api, key: str, longest: int = 64, **more: Any) -> Signed:
    """An upload by a form."""
    body = {"key": key, "content_type": "image/jpeg", "method": "POST", "max_content_length": longest}
    response = api.post("/v1/uploads", {**body, "overwrite": True, **more})
    assert response.status_code == 200, response.text
    signed: Signed = response.json()
    return signed


def send(
    cloud: LocalCloud, signed: Signed, photo: bytes = PHOTO, headers: Mapping[str, str] | None = None, url: str = ""
) -> requests.Response:
    """What a browser does: it looks up no name under localhost, but asks this machine."""
    url = url or str(signed["url"])
    host = urlsplit(url).netloc
    there = url.replace(f"http://{host}", cloud.endpoint)
    given = {**signed["headers"], "Host": host, **(headers or {})}
    return requests.put(there, data=photo, headers=given, timeout=30)


def submit(
    cloud: LocalCloud, signed: Signed, photo: bytes = PHOTO, fields: Mapping[str, str] | None = None
) -> requests.Response:
    """What a browser does with a form."""
    host = urlsplit(signed["url"]).netloc
    form = {**signed["fields"], **(fields or {})}
    files = {"file": ("IMG_0001.HEIC", photo, "image/heic")}
    return requests.post(f"{cloud.endpoint}/", data=form, files=files, headers={"Host": host}, timeout=30)


def stored(cloud: LocalCloud, key: str) -> bytes | None:
    """What the bucket has under a key."""
    client = cloud.cos()
    if not client.object_exists(Bucket=cloud.bucket, Key=key):
        return None
    content: bytes = client.get_object(Bucket=cloud.bucket, Key=key)["Body"].get_raw_stream().read()
    return content


def headers_of(cloud: LocalCloud, key: str) -> Mapping[str, str]:
    headers: Mapping[str, str] = cloud.cos().head_object(Bucket=cloud.bucket, Key=key)
    return headers


def code(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.text.partition("<Code>")[2].partition("</Code>")[0]


class TestPut:
    def test_a_photo_that_is_put_is_stamped_by_its_route(self, api: Api, cloud: LocalCloud, name: str) -> None:
        photo, key = pictures.jpeg(pictures.portrait()), f"photos/{name}.jpg"
        signed = sign(api, key, photo)
        assert (signed["method"], signed["key"], signed["fields"]) == ("PUT", key, {})
        assert send(cloud, signed, photo).status_code == 200
        assert stored(cloud, key) == photo
        cloud.scf.settle()
        shown = headers_of(cloud, key)
        assert (shown["x-cos-meta-face-status"], shown["x-cos-meta-face-count"]) == ("ok", "1")
        assert shown["Content-Type"] == "image/jpeg"

    def test_the_address_is_the_buckets_own_domain(self, api: Api, cloud: LocalCloud, name: str) -> None:
        assert sign(api, f"photos/{name}.jpg")["url"].startswith(f"http://photos.localhost:{cloud.port}/photos/{name}")

    @pytest.mark.parametrize("seconds", [60, 300, 900])
    def test_it_says_when_it_ends(self, api: Api, name: str, seconds: int) -> None:
        before = datetime.now(timezone.utc).timestamp()
        signed = sign(api, f"photos/{name}.jpg", expires_in=seconds)
        ends = datetime.fromisoformat(signed["expires_at"].replace("Z", "+00:00")).timestamp()
        assert before + seconds - 1 <= ends <= datetime.now(timezone.utc).timestamp() + seconds
        # Its second may be over before the SDK reads the clock.
        assert any(f"%3B{end:.0f}&" in signed["url"] for end in (ends, ends + 1))

    @pytest.mark.parametrize("photo", [PHOTO[:-1], PHOTO + b"!", b""], ids=["a byte less", "a byte more", "nothing"])
    def test_another_length(self, api: Api, cloud: LocalCloud, name: str, photo: bytes) -> None:
        key = f"photos/{name}.jpg"
        assert code(send(cloud, sign(api, key), photo)) == (403, "SignatureDoesNotMatch")
        assert stored(cloud, key) is None

    def test_a_length_that_is_not_told(self, api: Api, cloud: LocalCloud, name: str) -> None:
        signed = sign(api, f"photos/{name}.jpg")
        host = urlsplit(signed["url"]).netloc
        there = signed["url"].replace(f"http://{host}", cloud.endpoint)
        chunks: Iterator[bytes] = iter([PHOTO])
        response = requests.put(there, data=chunks, headers={**signed["headers"], "Host": host}, timeout=30)
        assert code(response) == (403, "SignatureDoesNotMatch")

    @pytest.mark.parametrize(
        "headers",
        [
            {"Content-Type": "text/html"},
            {"x-cos-acl": "public-read"},
            {"x-cos-forbid-overwrite": "false"},
            {"Host": "another.localhost"},
        ],
    )
    def test_other_headers(self, api: Api, cloud: LocalCloud, name: str, headers: dict[str, str]) -> None:
        key = f"photos/{name}.jpg"
        assert send(cloud, sign(api, key), headers=headers).status_code == 403
        assert stored(cloud, key) is None

    @pytest.mark.parametrize("missing", ["Content-Type", "x-cos-acl", "x-cos-forbid-overwrite"])
    def test_a_header_left_out(self, api: Api, cloud: LocalCloud, name: str, missing: str) -> None:
        signed = sign(api, f"photos/{name}.jpg")
        kept = {header: text for header, text in signed["headers"].items() if header != missing}
        assert code(send(cloud, {**signed, "headers": kept})) == (403, "SignatureDoesNotMatch")

    def test_another_key(self, api: Api, cloud: LocalCloud, name: str) -> None:
        signed = sign(api, f"photos/{name}.jpg")
        url = signed["url"].replace(f"{name}.jpg", f"{name}-2.jpg")
        assert code(send(cloud, signed, url=url)) == (403, "SignatureDoesNotMatch")

    @pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "POST"])
    def test_another_method(self, api: Api, cloud: LocalCloud, name: str, method: str) -> None:
        signed = sign(api, f"photos/{name}.jpg")
        assert send(cloud, signed).status_code == 200
        host = urlsplit(signed["url"]).netloc
        there = signed["url"].replace(f"http://{host}", cloud.endpoint)
        response = requests.request(method, there, headers={**signed["headers"], "Host": host}, timeout=30)
        assert response.status_code == 403
        assert stored(cloud, signed["key"]) == PHOTO

    def test_nobody_is_overwritten_by_accident(self, api: Api, cloud: LocalCloud, name: str) -> None:
        key = f"photos/{name}.jpg"
        assert send(cloud, sign(api, key, b"first"), b"first").status_code == 200
        assert code(send(cloud, sign(api, key, b"second"), b"second")) == (409, "FileAlreadyExists")
        assert stored(cloud, key) == b"first"
        assert send(cloud, sign(api, key, b"third", overwrite=True), b"third").status_code == 200
        assert stored(cloud, key) == b"third"

    def test_a_stamp_that_is_brought_along_is_not_believed(self, api: Api, cloud: LocalCloud, name: str) -> None:
        photo, key = pictures.jpeg(pictures.portrait()), f"photos/{name}.jpg"
        forged = {"x-cos-meta-face-status": "ok", "x-cos-meta-face-count": "7", "x-cos-meta-face-person": "1;2"}
        assert send(cloud, sign(api, key, photo), photo, forged).status_code == 200
        cloud.scf.settle()
        shown = headers_of(cloud, key)
        assert shown["x-cos-meta-face-count"] == "1"
        assert "x-cos-meta-face-person" not in shown

    @pytest.mark.parametrize("strange", STRANGE)
    def test_strange_keys(self, api: Api, cloud: LocalCloud, name: str, strange: str) -> None:
        key = f"photos/{name}{strange}.jpg"
        assert send(cloud, sign(api, key)).status_code == 200
        assert stored(cloud, key) == PHOTO


class TestForm:
    def test_a_photo_in_a_form_is_stamped_by_its_route(self, api: Api, cloud: LocalCloud, name: str) -> None:
        photo, key = pictures.jpeg(pictures.portrait()), f"photos/{name}.jpg"
        signed = sign_form(api, key, len(photo))
        assert (signed["method"], signed["key"], signed["headers"]) == ("POST", key, {})
        assert signed["url"] == f"http://photos.localhost:{cloud.port}/"
        assert submit(cloud, signed, photo).status_code == 204
        cloud.scf.settle()
        shown = headers_of(cloud, key)
        assert (shown["x-cos-meta-face-status"], shown["x-cos-meta-face-count"]) == ("ok", "1")
        assert shown["Content-Type"] == "image/jpeg"

    @pytest.mark.parametrize(("length", "status"), [(1, 204), (63, 204), (64, 204), (65, 400), (0, 400)])
    def test_lengths(self, api: Api, cloud: LocalCloud, name: str, length: int, status: int) -> None:
        signed = sign_form(api, f"photos/{name}.jpg", 64)
        response = submit(cloud, signed, b"x" * length)
        assert response.status_code == status
        assert stored(cloud, signed["key"]) == (b"x" * length if status == 204 else None)
        assert code(response)[1] == {0: "EntityTooSmall", 65: "EntityTooLarge"}.get(length, "")

    @pytest.mark.parametrize(
        "fields",
        [
            {"key": "photos/another.jpg"},
            {"key": "photos/${filename}"},
            {"Content-Type": "text/html"},
            {"acl": "public-read"},
            {"q-ak": "AKIDnobody"},
            {"q-key-time": "1;9999999999"},
            {"policy": "e30="},
            {"x-cos-security-token": "none"},
        ],
        ids=lambda fields: next(iter(fields)),
    )
    def test_other_fields(self, api: Api, cloud: LocalCloud, name: str, fields: dict[str, str]) -> None:
        signed = sign_form(api, f"photos/{name}.jpg")
        assert 400 <= submit(cloud, signed, fields=fields).status_code <= 403
        assert stored(cloud, signed["key"]) is None
        assert stored(cloud, fields.get("key", "photos/another.jpg")) is None

    @pytest.mark.parametrize("missing", ["key", "Content-Type", "acl", "policy", "q-signature"])
    def test_a_field_left_out(self, api: Api, cloud: LocalCloud, name: str, missing: str) -> None:
        signed = sign_form(api, f"photos/{name}.jpg")
        kept = {field: text for field, text in signed["fields"].items() if field != missing}
        assert submit(cloud, {**signed, "fields": kept}).status_code in (400, 403)

    @pytest.mark.parametrize("strange", STRANGE)
    def test_strange_keys(self, api: Api, cloud: LocalCloud, name: str, strange: str) -> None:
        key = f"photos/{name}{strange}.jpg"
        assert submit(cloud, sign_form(api, key)).status_code == 204
        assert stored(cloud, key) == PHOTO


class TestRefused:
    @pytest.mark.parametrize(
        ("key", "status"),
        [
            ("other/a.jpg", 404),
            ("photos/a.txt", 404),
            ("photos/a", 404),
            ("photos", 404),
            ("photosa.jpg", 404),
            ("/photos/a.jpg", 400),
            ("photos/", 404),
            ("photos/a.jpg/", 404),
            ("photos/./a.jpg", 400),
            ("photos/../members/ada/a.jpg", 400),
            ("../facestamp-state/a.jpg", 400),
            (f"photos/{'x' * 840}.jpg", 400),
            (f"photos/{'写' * 280}.jpg", 400),
            ("", 400),
        ],
    )
    def test_keys_outside_every_route(self, api: Api, key: str, status: int) -> None:
        body = {"key": key, "content_type": "image/jpeg"}
        put = api.post("/v1/uploads", {**body, "content_length": 9})
        form = api.post("/v1/uploads", {**body, "method": "POST", "max_content_length": 9, "overwrite": True})
        assert (put.status_code, form.status_code) == (status, status)
        assert "q-signature" not in put.text + form.text

    @pytest.mark.parametrize(
        "changes",
        [
            {"content_length": 0},
            {"content_length": 32 * 1024 * 1024 + 1},
            {"content_length": "9"},
            {"content_length": 9.5},
            {"content_length": None},
            {"content_type": "image/heic"},
            {"content_type": "image/png"},
            {"content_type": "image/bmp"},
            {"expires_in": 59},
            {"expires_in": 901},
            {"method": "DELETE"},
            {"method": None},
            {"max_content_length": 9},
            {"acl": "public-read"},
            {"method": "POST"},
            {"key": 5},
        ],
    )
    def test_what_cannot_be_asked(self, api: Api, changes: dict[str, Any]) -> None:
        asked = {"key": "photos/a.jpg", "content_type": "image/jpeg", "content_length": 9, **changes}
        response = api.post("/v1/uploads", asked)
        assert (response.status_code, response.json()["type"]) == (400, "/docs#parameter")

    def test_a_form_whose_sender_does_not_know_that_it_overwrites(self, api: Api) -> None:
        asked = {"key": "photos/a.jpg", "content_type": "image/jpeg", "method": "POST", "max_content_length": 9}
        assert api.post("/v1/uploads", asked).status_code == 400
        assert api.post("/v1/uploads", {**asked, "overwrite": False}).status_code == 400

    def test_a_form_whose_key_cos_would_change(self, api: Api, cloud: LocalCloud, name: str) -> None:
        key = f"photos/{name}-${{filename}}.jpg"
        form = {"key": key, "content_type": "image/jpeg", "method": "POST", "max_content_length": 9, "overwrite": True}
        assert api.post("/v1/uploads", form).status_code == 400
        assert send(cloud, sign(api, key)).status_code == 200
        assert stored(cloud, key) == PHOTO

    @pytest.mark.parametrize(
        ("key", "content_type"), [("a.JPG", "image/jpeg"), ("a.jpeg", "image/jpeg"), ("a.png", "image/png")]
    )
    def test_the_type_is_the_keys(self, api: Api, name: str, key: str, content_type: str) -> None:
        assert sign(api, f"photos/{name}{key}", content_type=content_type)["headers"]["Content-Type"] == content_type

    @pytest.mark.parametrize(
        ("scope", "key", "form", "put"),
        [
            ("all", "members/ada/a.jpg", 200, 200),
            # Whoever has a signed PUT can have it copy another photo, or open one, by headers that nobody signed.
            ("analyse", "photos/a.jpg", 200, 403),
            ("analyse", "members/ada/a.jpg", 403, 403),
            ("enrol", "members/ada/a.jpg", 403, 403),
            ("read", "photos/a.jpg", 403, 403),
            ("admin", "photos/a.jpg", 403, 403),
        ],
    )
    def test_who_may(self, cloud: LocalCloud, scope: str, key: str, form: int, put: int) -> None:
        photo = {"key": key, "content_type": "image/jpeg"}
        api = Api(cloud, cloud.keyring.api[scope])
        by_form = {**photo, "method": "POST", "max_content_length": 9, "overwrite": True}
        assert api.post("/v1/uploads", by_form).status_code == form
        assert api.post("/v1/uploads", {**photo, "content_length": 9}).status_code == put

    def test_nobody_else_may(self, cloud: LocalCloud) -> None:
        asked = {"key": "photos/a.jpg", "content_type": "image/jpeg", "content_length": 9}
        assert Api(cloud).post("/v1/uploads", asked).status_code == 401


class TestBrowsers:
    """What a browser sends from the API's own page, whose origin is not the bucket's."""

    def test_it_asks_before_it_puts(self, api: Api, cloud: LocalCloud, name: str) -> None:
        signed = sign(api, f"photos/{name}.jpg")
        page, host = f"http://{api.host}", urlsplit(signed["url"]).netloc
        there = signed["url"].replace(f"http://{host}", cloud.endpoint)
        named = ",".join(sorted(header.lower() for header in signed["headers"]))
        asking = {"Host": host, "Origin": page, "Access-Control-Request-Method": "PUT"}
        asked = requests.options(there, headers={**asking, "Access-Control-Request-Headers": named}, timeout=30)
        assert asked.status_code == 200
        assert asked.headers["Access-Control-Allow-Origin"] in ("*", page)
        assert asked.headers["Access-Control-Allow-Headers"] == named
        assert "PUT" in asked.headers["Access-Control-Allow-Methods"]

        put = send(cloud, signed, headers={"Origin": page})
        assert (put.status_code, put.headers["Access-Control-Allow-Origin"] in ("*", page)) == (200, True)
        refused = send(cloud, signed, headers={"Origin": page})
        assert code(refused) == (409, "FileAlreadyExists")
        assert refused.headers["Access-Control-Allow-Origin"] in ("*", page)


class TestTime:
    """On a cloud whose clocks are moved on, and whose bucket has no domain of its own."""

    @pytest.fixture
    def plain(self, engine: Engine) -> Iterator[LocalCloud]:
        with LocalCloud(engine=engine) as cloud:
            cloud.deploy({"facestamp:api": cloud.keyring.config()})
            yield cloud

    @pytest.fixture
    def api(self, plain: LocalCloud) -> Api:
        return Api(plain, plain.keyring.api["all"])

    def test_an_old_signature(self, api: Api, plain: LocalCloud, name: str) -> None:
        key = f"photos/{name}.jpg"
        put, form = sign(api, key, expires_in=60), sign_form(api, key, expires_in=60)
        assert urlsplit(put["url"]).netloc == f"{plain.bucket}.cos.ap-guangzhou.myqcloud.com"
        plain.clock.age(61)
        assert code(send(plain, put)) == (403, "AccessDenied")
        assert code(submit(plain, form)) == (403, "AccessDenied")
        assert stored(plain, key) is None

    def test_the_key_that_signed_ends_first(self, api: Api, plain: LocalCloud, name: str) -> None:
        key = f"photos/{name}.jpg"
        put, form = sign(api, key, expires_in=900), sign_form(api, key, expires_in=900)
        plain.clock.skip(24 * 3600)
        assert code(send(plain, put)) == (400, "ExpiredToken")
        assert code(submit(plain, form)) == (400, "ExpiredToken")
        assert stored(plain, key) is None

    def test_where_cos_itself_is_named(self, api: Api, plain: LocalCloud, name: str) -> None:
        put, form = sign(api, f"photos/{name}1.jpg"), sign_form(api, f"photos/{name}2.jpg")
        assert send(plain, put).status_code == 200
        assert submit(plain, form).status_code == 204
        assert stored(plain, put["key"]) == stored(plain, form["key"]) == PHOTO
