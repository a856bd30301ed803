"""How a request may name its picture: which addresses pass, and which texts are base64."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from facestamp.http.pictures.bodies import Pictured, Pictures
from facestamp.http.pictures.source import BASE64, LONGEST, allowed
from facestamp.http.replies.problems import Problem
from facestamp.http.services import Services
from tests import pictures

HOSTS = ("pictures.example.com", "a.b.example")
PORTRAIT = pictures.jpeg(pictures.portrait(100))


@pytest.mark.parametrize(
    "url",
    [
        "https://pictures.example.com/",
        "https://pictures.example.com/ada.jpg",
        "https://a.b.example/a/b/../c%20d.jpg?x=1&y=%2F&z=a?b;c",
        "https://pictures.example.com/@evil.example/:80//",
        "https://pictures.example.com/" + "a" * (LONGEST - 29),
    ],
)
def test_an_address_at_an_allowed_host_passes(url: str) -> None:
    assert allowed(url, HOSTS)
    assert not allowed(url, ())


@pytest.mark.parametrize(
    "url",
    [
        # Other schemes, and none
        *("http://pictures.example.com/", "HTTPS://pictures.example.com/", "ftp://pictures.example.com/"),
        *(
            "//pictures.example.com/",
            "pictures.example.com/",
            "https:pictures.example.com/",
            "https:/pictures.example.com/",
        ),
        *("https:///pictures.example.com/", "https://https://pictures.example.com/", "file:///etc/passwd", ""),
        # Hosts that only look alike
        *("https://Pictures.example.com/", "https://pictures.example.com./", "https://pictures.example.com:443/"),
        *("https://xpictures.example.com/", "https://a.pictures.example.com/", "https://pictures.example.com.evil/"),
        *("https://example.com/", "https://pictures.example.comm/", "https://pictures.example.com-/"),
        *(
            "https://p\u0456ctures.example.com/",
            "https://xn--pctures-9yf.example.com/",
            "https://pictures\u3002example.com/",
        ),
        # Who is asked, and in whose name
        *(
            "https://pictures.example.com@evil.example/",
            "https://user@pictures.example.com/",
            "https://:@pictures.example.com/",
        ),
        *("https://evil.example/https://pictures.example.com/", "https://evil.example/?pictures.example.com/"),
        *("https://evil.example#@pictures.example.com/", "https://evil.example?@pictures.example.com/"),
        *("https://pictures.example.com%2Fevil.example/", "https://pictures.example.com%40evil.example/"),
        # What parsers take for something else
        *(
            "https://pictures.example.com\\@evil.example/",
            "https://pictures.example.com/\\evil",
            "https:\\\\pictures.example.com/",
        ),
        *("https://pictures.exam\tple.com/", "https://pictures.example.com/\n", " https://pictures.example.com/"),
        *(
            "https://pictures.example.com/a b",
            "https://pictures.example.com/gr\xf6\xdfe",
            "https://pictures.example.com/\x00",
        ),
        *("https://pictures.example.com/%", "https://pictures.example.com/%2", "https://pictures.example.com/%zz"),
        *("https://pictures.example.com/#part", "https://pictures.example.com", "https://pictures.example.com?a=b"),
        "https://pictures.example.com/" + "a" * LONGEST,
    ],
)
def test_no_other_address_passes(url: str) -> None:
    assert not allowed(url, HOSTS)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "[::1]", "::1", "2130706433", "0x7f.0.0.1", "127.1", "localhost"]
)
def test_no_literal_address_passes_even_if_it_is_listed(host: str) -> None:
    assert not allowed(f"https://{host}/", (host, host.strip("[]")))
    assert not allowed(f"http://{host}/", (f"http://{host}",))


def test_plain_http_passes_only_where_that_is_said() -> None:
    assert allowed("http://test.image.myqcloud.com/testA.jpg", ("http://test.image.myqcloud.com",))
    assert allowed("https://test.image.myqcloud.com/testA.jpg", ("http://test.image.myqcloud.com",))
    assert not allowed("http://test.image.myqcloud.com/testA.jpg", ("test.image.myqcloud.com",))


PIECES = st.sampled_from(
    [
        *(
            "https://",
            "http://",
            "//",
            "/",
            "\\",
            "@",
            ":",
            "#",
            "?",
            ".",
            "%2F",
            "%40",
            "%5c",
            "\t",
            "\n",
            " ",
            "\u3002",
        ),
        *("pictures.example.com", "PICTURES.EXAMPLE.COM", "evil.example", "127.0.0.1", "[::1]", ":443", "user", "a"),
    ]
)


@given(
    st.one_of(
        st.lists(PIECES, max_size=8).map("".join),
        st.lists(PIECES, max_size=6).map(lambda p: "https://pictures.example.com" + "".join(p)),
    )
)
def test_whoever_parses_an_address_that_passes_finds_the_allowed_host(url: str) -> None:
    if allowed(url, HOSTS):
        assert url.isascii()
        one, other = urlsplit(url), parse_url(url)
        assert (one.scheme, one.port, one.hostname in HOSTS, one.netloc in HOSTS) == ("https", None, True, True)
        assert (other.scheme, other.port, other.host in HOSTS, other.auth) == ("https", None, True, None)


# -- base64 -----------------------------------------------------------------------------------------------------------

NOWHERE = cast(Services, SimpleNamespace(settings=SimpleNamespace(url_hosts=())))
"""Services that cannot be reached."""


def refused(image: str) -> str:
    """The code with which it is refused, or nothing."""
    request = Pictured.model_validate_json(json.dumps({"image": image}))
    try:
        request.source(NOWHERE)
    except Problem as problem:
        return problem.code if problem.kind.status == 422 else "not 422"
    return ""


@given(st.binary(min_size=1, max_size=200))
def test_whatever_base64_holds_is_looked_at_or_refused_for_what_it_is(tail: bytes) -> None:
    assert refused(base64.b64encode(PORTRAIT + tail).decode()) == ""
    assert refused(base64.b64encode(b"\0" + tail).decode()) == "FailedOperation.ImageDecodeFailed"


@given(
    st.integers(0, len(PORTRAIT)),
    st.sampled_from(["\n", "\r\n", " ", "\t", "-", "_", "=", "%", "\0", "é", "\u2028", "data:"]),
)
def test_one_character_too_much_is_refused_wherever_it_is(place: int, extra: str) -> None:
    whole = base64.b64encode(PORTRAIT).decode()
    assert refused(whole[:place] + extra + whole[place:]) == "FailedOperation.ImageDecodeFailed"


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_picture(text: str) -> None:
    assert refused(text) in ("FailedOperation.ImageDecodeFailed", "InvalidParameterValue.ImageEmpty")


def test_one_character_over_5_mb_is_too_much() -> None:
    whole = base64.b64encode(PORTRAIT).decode().rstrip("=")
    whole = whole[: len(whole) // 4 * 4]
    assert refused(whole + "A" * (BASE64 - len(whole))) == ""
    assert refused(whole + "A" * (BASE64 - len(whole) + 1)) == "FailedOperation.ImageSizeExceed"


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ("", "empty"),
        ("data:image/jpeg;base64,/9j/", "without the data:"),
        ("/9j/\n/9j/", "without line breaks"),
        ("/9j/4", "not base64"),
        (base64.b64encode(pictures.gif(pictures.portrait(100))).decode(), "PNG, JPG or BMP"),
        (base64.b64encode(pictures.png(pictures.portrait(60))).decode(), "64 pixels"),
    ],
)
def test_a_refusal_says_what_to_change(image: str, says: str) -> None:
    with pytest.raises(Problem) as problem:
        Pictured(image=image).source(NOWHERE)
    assert says in problem.value.detail


# -- several ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MissingParameter.ErrorParameterEmpty"),
        ({"images": []}, "MissingParameter.ErrorParameterEmpty"),
        ({"images": ["a"], "keys": ["b"]}, "InvalidParameter.InvalidParameter"),
        ({"images": ["a"] * 5}, "InvalidParameterValue.UploadFaceNumExceed"),
        ({"keys": ["a"] * 5}, "InvalidParameterValue.UploadFaceNumExceed"),
        ({"urls": ["a"] * 5}, "InvalidParameterValue.UploadFaceNumExceed"),
    ],
)
def test_one_to_four_pictures_are_named_in_one_way(body: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as problem:
        Pictures.model_validate_json(json.dumps(body))
    assert (problem.value.code, problem.value.kind.status) == (code, 400)


def test_each_of_several_pictures_is_checked() -> None:
    good = base64.b64encode(PORTRAIT).decode()
    sources = Pictures.model_validate_json(json.dumps({"images": [good] * 4})).sources(NOWHERE)
    assert [source.inline() for source in sources if source.inline] == [good] * 4
    with pytest.raises(Problem) as problem:
        Pictures.model_validate_json(json.dumps({"images": [good, "R0lGODlh"]})).sources(NOWHERE)
    assert problem.value.code == "FailedOperation.ImageDecodeFailed"
    with pytest.raises(Problem) as problem:
        Pictures.model_validate_json(json.dumps({"urls": ["https://pictures.example.com/"]})).sources(NOWHERE)
    assert problem.value.code == "InvalidParameterValue.UrlIllegal"


def test_a_picture_stands_in_no_description_of_a_request() -> None:
    for request in (Pictured(image="c2VjcmV0"), Pictures(images=("c2VjcmV0",)), Pictured(url="https://a/secret")):
        assert "secret" not in repr(request)
        assert "c2VjcmV0" not in repr(request)
