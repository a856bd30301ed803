"""Whatever the platform's readings, an HTTP event becomes the request that was sent, and the answer the response."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangum.types import LambdaConfig
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from facestamp.http.adapter import ApiGateway, FunctionUrl, answer
from infra.local.readings import Readings
from infra.local.scf import integration

SAMPLES = Path(__file__).parents[2] / "events"
CONFIG = LambdaConfig(api_gateway_base_path="/", text_mime_types=[], exclude_headers=[])
CONTEXT: Any = {"request_id": "r-1", "function_name": "api"}
HTTP = ("http_path", "http_query", "http_repeated", "http_body", "http_headers")
READINGS = [
    Readings(**dict(zip(HTTP, chosen, strict=True)))
    for chosen in itertools.product(*(get_args(get_type_hints(Readings)[name]) for name in HTTP))
]


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((SAMPLES / name).read_text())
    return event


def handled(event: dict[str, Any]) -> FunctionUrl:
    """The handler that takes the event."""
    [handler] = [kind for kind in (FunctionUrl, ApiGateway) if kind.infer(event, CONTEXT, CONFIG)]
    return handler(event, CONTEXT, CONFIG)


def event(**told: Any) -> dict[str, Any]:
    """A Function URL's event."""
    return {"httpMethod": "GET", "path": "/", "headers": {}, "queryString": {}, "body": "", **told}


def query(event: dict[str, Any]) -> list[tuple[str, str]]:
    """The query as the application reads it."""
    return parse_qsl(handled(event).scope["query_string"].decode(), keep_blank_values=True)


BODY = b'{"key": "photos/ada.jpg", "max_face_num": 5}'
KEY = "photos/夏天 1+1=100%.jpg"


@pytest.mark.parametrize(
    ("name", "method", "path", "asked", "body"),
    [
        ("function-url.json", "POST", "/v1/faces:detect", [], BODY),
        ("function-url-base64.json", "POST", "/v1/faces:detect", [], BODY),
        ("function-url-query.json", "GET", "/v1/photo", [("key", KEY), ("record", "true")], b""),
        (
            "function-url-query-encoded.json",
            "GET",
            "/v1/persons/ada@shop#100%",
            [("key", KEY), ("record", "true"), ("record", "false")],
            b"",
        ),
        ("api-gateway.json", "POST", "/v1/faces:detect", [], BODY),
        ("api-gateway-query.json", "GET", "/v1/photo", [("key", KEY), ("record", "true")], b""),
        ("api-gateway-base64.json", "POST", "/v1/faces:detect", [], BODY),
    ],
)
def test_every_sample_is_the_request_that_was_sent(
    name: str, method: str, path: str, asked: list[tuple[str, str]], body: bytes
) -> None:
    handler = handled(sample(name))
    scope = handler.scope
    assert (scope["type"], scope["method"], scope["path"], scope["root_path"]) == ("http", method, path, "")
    assert scope["raw_path"] == quote(path).encode()
    assert query(sample(name)) == asked
    assert handler.body == body
    assert scope["client"][0] == "203.0.113.9"
    names = [header for header, _ in scope["headers"]]
    assert b"host" in names
    assert all(header == header.lower() for header in names)
    assert scope["aws.context"] is CONTEXT


def test_all_http_samples_are_listed() -> None:
    listed = (SAMPLES / "README.md").read_text()
    names = [path.name for kind in ("function-url", "api-gateway") for path in SAMPLES.glob(f"{kind}*.json")]
    assert len(names) >= 6
    assert [name for name in names if f"`{name}`" not in listed] == []


# -- any request, through the local front and the adapter ---------------------------------------------------------

LITERAL = re.compile("%[0-9A-Fa-f]{2}")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
words = (texts | st.text("ab/+%20 &=;?#\"'{}[]\\^~", max_size=20)).filter(lambda text: not LITERAL.search(text))
"""What a key can be, without what cannot be told from an escape."""
tokens = st.from_regex(r"x-[a-z0-9][a-z0-9-]{0,10}", fullmatch=True)
values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20).map(
    lambda text: text.strip("\x85\xa0")
)


def sent(method: str, path: str, pairs: list[tuple[str, str]], headers: dict[str, str], body: bytes) -> Request:
    """The request that a client sends which encodes everything, as RFC 3986 has it."""
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    target = quote(path, safe="/") + (f"?{asked}" if asked else "")
    builder = EnvironBuilder(method=method, headers=list(headers.items()), data=body or None)
    return Request({**builder.get_environ(), "REQUEST_URI": target, "REMOTE_ADDR": "192.0.2.1"})


@given(
    readings=st.sampled_from(READINGS),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    path=words.map(lambda text: f"/{text}"),
    pairs=st.lists(st.tuples(words, words), max_size=4),
    headers=st.dictionaries(tokens, values, max_size=4),
    body=st.binary(max_size=40) | texts.map(str.encode) | st.just(b"YWJj") | st.just(b'{"a": 1}'),
)
def test_any_request_arrives_as_it_was_sent(
    readings: Readings, method: str, path: str, pairs: list[tuple[str, str]], headers: dict[str, str], body: bytes
) -> None:
    if readings.http_body == "text":
        body = body.decode("utf-8", "replace").encode()
    event = json.loads(json.dumps(integration.event(sent(method, path, pairs, headers, body), readings)))
    handler = handled(event)
    scope = handler.scope
    assert (scope["method"], scope["path"]) == (method, path)
    kept = pairs if readings.http_repeated == "list" else list(dict(pairs).items())
    assert sorted(query(event)) == sorted(kept)
    assert handler.body == body
    arrived = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    assert {name: arrived[name] for name in headers} == headers
    assert scope["client"] == ("192.0.2.1", 0)


@given(
    status=st.integers(200, 599),
    headers=st.lists(st.tuples(tokens, values), max_size=5),
    body=st.binary(max_size=40) | texts.map(str.encode),
)
def test_any_response_leaves_as_it_was_made(status: int, headers: list[tuple[str, str]], body: bytes) -> None:
    made = [[name.encode(), value.encode("latin-1")] for name, value in headers]
    told = handled(event())({"status": status, "headers": made, "body": body})
    response = integration.integrated(json.loads(json.dumps(told, ensure_ascii=False)), "GET")
    assert (response.status_code, response.get_data()) == (status, body)
    gone = [(name.lower(), value.encode("latin-1").decode()) for name, value in response.headers.items()]
    assert sorted(pair for pair in gone if pair[0].startswith("x-")) == sorted(headers)


def test_a_header_that_comes_twice_is_a_list() -> None:
    made = [[b"set-cookie", b"a=1"], [b"set-cookie", b"b=2"], [b"vary", b"origin"]]
    told = handled(event())({"status": 200, "headers": made, "body": "夏".encode()})
    assert told == {
        "isBase64Encoded": False,
        "statusCode": 200,
        "headers": {"set-cookie": ["a=1", "b=2"], "vary": "origin"},
        "body": "夏",
    }


# -- what can be told, and what cannot ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("photos/a b.jpg", "photos/a b.jpg"),
        ("photos%2Fa%20b.jpg", "photos/a b.jpg"),
        ("photos%2Fa+b.jpg", "photos/a b.jpg"),
        ("photos/a+b.jpg", "photos/a+b.jpg"),
        ("photos%2Fa%2Bb.jpg", "photos/a+b.jpg"),
        ("photos/夏天.jpg", "photos/夏天.jpg"),
        ("photos/%E5%A4%8F.jpg", "photos/夏.jpg"),
        ("photos/夏%20天.jpg", "photos/夏%20天.jpg"),
        ("photos/100%.jpg", "photos/100%.jpg"),
        ("photos/100%25.jpg", "photos/100%.jpg"),
        ("photos/100%2520.jpg", "photos/100%20.jpg"),
        ("photos/a%FF.jpg", "photos/a%FF.jpg"),
        ("photos/a&b%20c.jpg", "photos/a&b%20c.jpg"),
        ('photos/"%20".jpg', 'photos/"%20".jpg'),
        ("%00", "\x00"),
        ("\x00", "\x00"),
        ("\ud800", "?"),
    ],
)
def test_a_key_is_read_in_either_spelling(given: str, key: str) -> None:
    assert query(event(queryString={"key": given})) == [("key", key)]


def test_one_value_tells_of_all() -> None:
    assert query(event(queryString={"a": "x y", "b": "%41"})) == [("a", "x y"), ("b", "%41")]
    assert query(event(queryString={"a": "xy", "b": "%41"})) == [("a", "xy"), ("b", "A")]


def test_the_limit_is_a_literal_escape_that_nothing_tells_of() -> None:
    # Where the platform decodes, this was sent as `100%2525`; nobody can know.
    assert query(event(queryString={"key": "100%25"})) == [("key", "100%")]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("/v1/persons/ada%40home", "/v1/persons/ada@home"),
        ("/v1/persons/a%2Fb", "/v1/persons/a/b"),
        ("/v1/persons/a+b", "/v1/persons/a+b"),
        ("/v1/persons/50%", "/v1/persons/50%"),
        ("/v1/persons/夏%20", "/v1/persons/夏%20"),
        ("/v1/persons/%E5%A4%8F", "/v1/persons/夏"),
        ("/v1/persons/%FF", "/v1/persons/%FF"),
        ("/v1/photo%00", "/v1/photo\x00"),
        ("/v1/photo\x00", "/v1/photo\x00"),
        ("//docs", "//docs"),
        ("docs", "/docs"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_a_path_is_read_in_either_spelling(given: str | None, path: str) -> None:
    assert handled(event(path=given)).scope["path"] == path


JSON = {"content-type": "application/json; charset=utf-8"}


@pytest.mark.parametrize(
    ("told", "body"),
    [
        ({"body": None}, b""),
        ({"body": '{"a": "夏"}', "headers": JSON}, '{"a": "夏"}'.encode()),
        ({"body": "eyJhIjogMX0=", "headers": JSON}, b'{"a": 1}'),
        ({"body": "eyJhIjogMX0=", "headers": {"Content-Type": "application/json"}}, b'{"a": 1}'),
        ({"body": "eyJhIjogMX0=", "headers": {}}, b"eyJhIjogMX0="),
        ({"body": "eyJhIjogMX0=", "headers": {**JSON, "content-length": "12"}}, b"eyJhIjogMX0="),
        ({"body": "eyJhIjogMX0=", "headers": {"content-length": "8"}}, b'{"a": 1}'),
        ({"body": "eyJhIjogMX0=", "headers": {}, "isBase64Encoded": True}, b'{"a": 1}'),
        ({"body": "eyJhIjogMX0=", "headers": JSON, "isBase64Encoded": False}, b"eyJhIjogMX0="),
        ({"body": "no base64", "isBase64Encoded": True}, b"no base64"),
        ({"body": "1234", "headers": JSON}, b"1234"),
        ({"body": "noJSONatall=", "headers": JSON}, b"noJSONatall="),
        ({"body": "\ud800"}, b"?"),
    ],
)
def test_a_body_is_read_in_either_spelling(told: dict[str, Any], body: bytes) -> None:
    assert handled(event(**told)).body == body


def test_headers_are_read_in_any_case_and_number() -> None:
    given = {"X-One": "1", "x-two": ["2", "3"], "X-NONE": None, "x-number": 4, "x-cjk": "夏"}
    assert handled(event(headers=given)).scope["headers"] == [
        [b"x-one", b"1"],
        [b"x-two", b"2"],
        [b"x-two", b"3"],
        [b"x-number", b"4"],
        [b"x-cjk", "夏".encode()],
    ]


def test_what_is_null_or_missing_is_empty() -> None:
    nothing = dict.fromkeys(event() | {"requestContext": None, "isBase64Encoded": None})
    for bare in ({"httpMethod": "get"}, {**nothing, "httpMethod": "get"}):
        scope = handled(bare).scope
        assert (scope["method"], scope["path"], scope["query_string"], scope["headers"]) == ("GET", "/", b"", [])
        assert handled(bare).body == b""
    assert query(event(queryString={"a": None, "b": "", "c": ["1", None, "2"]})) == [("b", ""), ("c", "1"), ("c", "2")]


@pytest.mark.parametrize(
    ("path", "stage", "found"),
    [
        ("/v1/photo", "release", "/v1/photo"),
        ("/release/v1/photo", "release", "/v1/photo"),
        ("/release", "release", "/"),
        ("/release/", "release", "/"),
        ("/releases/v1", "release", "/releases/v1"),
        ("/release/release/v1", "release", "/release/v1"),
        ("/v1/photo", None, "/v1/photo"),
    ],
)
def test_the_gateways_stage_is_no_part_of_the_path(path: str, stage: str | None, found: str) -> None:
    assert handled(event(path=path, requestContext={"stage": stage})).scope["path"] == found


def test_a_gateway_that_hands_on_what_it_knows_only() -> None:
    bare = {"httpMethod": "GET", "requestContext": {}, "queryStringParameters": {"key": "a b"}}
    assert query(bare) == [("key", "a b")]
    assert handled(bare).scope["path"] == "/"


def test_an_event_is_answered() -> None:
    told = answer(event(path="/healthz"), CONTEXT)
    assert (told["statusCode"], told["isBase64Encoded"]) == (200, False)
    assert json.loads(told["body"])["status"] == "ok"
    assert answer(event(path="/nobody%20here"), CONTEXT)["statusCode"] == 404


@pytest.mark.parametrize(
    "junk",
    [
        *(sample("cos-put.json"), sample("timer.json")),
        *(None, 1, "GET /", [], {}, {"httpMethod": None}, {"path": "/"}, {"requestContext": {"stage": "x"}}),
        *(event(headers=[]), event(queryString="a=b"), event(body={"a": 1}), event(path=1), event(requestContext=1)),
    ],
)
def test_what_is_no_http_request_is_told_so(junk: object, capsys: pytest.CaptureFixture[str]) -> None:
    told = answer(junk, CONTEXT)
    assert (told["statusCode"], told["headers"]) == (400, {"content-type": "application/problem+json"})
    assert "Function URL" in json.loads(told["body"])["detail"]
    said = json.loads(capsys.readouterr().out)
    assert (said["level"], said["request_id"]) == ("ERROR", "r-1")
