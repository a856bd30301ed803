"""A signature holds for the request that it was made for, for 300 s either way, and for nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facestamp.http.gate.authentication import Signed, caller
from facestamp.http.gate.signing import lines_of_request, sign, text_to_sign
from facestamp.http.keys import ApiKey, Caller, Keys, SigningKey
from facestamp.http.replies.problems import Problem

VECTORS = json.loads((Path(__file__).parent / "vectors" / "signing.json").read_text("utf-8"))
REQUESTS = VECTORS["requests"]
README = Path(__file__).parents[2] / "functions" / "facestamp" / "http" / "README.md"

SECRET, OTHER = "a-secret-of-thirty-two-characters", "the-secret-that-will-follow-it-soon"
BEARER = "a-bearer-key-of-192-bits"
KEYS = Keys(
    api=(
        ApiKey("wall", frozenset({"read"}), hashlib.sha256(BEARER.encode()).hexdigest()),
        ApiKey("desk", frozenset({"admin"}), hashlib.sha256(b"another").hexdigest().upper()),
    ),
    signing=(SigningKey("old", frozenset({"read"}), SECRET), SigningKey("new", frozenset({"enrol"}), OTHER)),
)
NOW = 1_795_262_400.0
URL = "https://api.example.com/v1/photo?key=photos/a.jpg"


def received(method: str, url: str, body: bytes, headers: dict[str, str]) -> Signed:
    """The request as the function has it: path and query decoded."""
    address = urlsplit(url)
    return Signed(
        method=method,
        host=address.netloc,
        path=unquote(address.path) or "/",
        query=tuple(parse_qsl(address.query, keep_blank_values=True)),
        body=body,
        authorization=(headers["Authorization"],),
        idempotency_key=headers.get("Idempotency-Key", ""),
    )


SENT = received("GET", URL, b"", sign("GET", URL, b"", "old", SECRET, NOW))


def refusal(request: Signed, keys: Keys = KEYS, now: float = NOW) -> Problem:
    with pytest.raises(Problem) as caught:
        caller(request, keys, now)
    assert caught.value.kind.status == 401
    assert caught.value.headers == {"www-authenticate": "Bearer, FACESTAMP-HMAC-SHA256"}
    return caught.value


@pytest.mark.parametrize("vector", REQUESTS, ids=[vector["what"] for vector in REQUESTS])
def test_requests_are_signed_as_the_vectors_have_it(vector: dict[str, Any]) -> None:
    method, url, body, key = vector["method"], vector["url"], vector["body"].encode(), vector["idempotency_key"]
    headers = sign(method, url, body, VECTORS["key_id"], VECTORS["secret"], VECTORS["now"], key)
    request = received(method, url, body, headers)
    request = replace(request, host=request.host.rpartition("@")[2])
    lines = lines_of_request(request.method, request.host, request.path, request.query, request.body)

    assert headers == {"Authorization": vector["authorization"], **({"Idempotency-Key": key} if key else {})}
    assert text_to_sign("1795262400", "shop", key, lines).split("\n") == vector["lines"]
    shop = Keys(signing=(SigningKey("shop", frozenset({"read"}), VECTORS["secret"]),))
    assert caller(request, shop, VECTORS["now"]) == Caller("shop", frozenset({"read"}), signed=True)


def test_the_readme_shows_one_of_the_vectors() -> None:
    text = README.read_text("utf-8")
    changing = REQUESTS[1]
    assert "\n".join(changing["lines"]) in text.replace("    ", "")
    assert changing["authorization"].rpartition("=")[2] in text
    assert VECTORS["secret"] in text


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
PAIRS = st.lists(st.tuples(TEXT.filter(bool), TEXT), max_size=4)


@given(st.sampled_from(["GET", "POST", "DELETE"]), TEXT, PAIRS, st.binary(max_size=40), st.randoms())
def test_whatever_is_asked_can_be_signed_in_whichever_way_it_is_encoded(
    method: str, name: str, pairs: list[tuple[str, str]], body: bytes, random: Any
) -> None:
    shuffled = random.sample(pairs, len(pairs))
    url = f"https://api.example.com/v1/persons/{quote(name, safe='')}?{urlencode(pairs)}"
    other = f"https://API.example.com:443/v1/persons/{quote(name, safe='@:&+')}?{urlencode(shuffled, quote_via=quote)}"

    headers = sign(method, url, body, "new", OTHER, NOW, "a-key-1234")
    assert headers == sign(method, other, body, "new", OTHER, NOW, "a-key-1234")
    assert caller(received(method, other, body, headers), KEYS, NOW) == Caller("new", frozenset({"enrol"}), True)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=3), st.lists(st.tuples(TEXT, TEXT), max_size=3), TEXT, TEXT)
def test_no_two_requests_are_signed_alike(
    some: list[tuple[str, str]], others: list[tuple[str, str]], path: str, other_path: str
) -> None:
    one = lines_of_request("GET", "a", f"/{path}", some, b"")
    two = lines_of_request("GET", "a", f"/{other_path}", others, b"")
    assert (one == two) == ((sorted(some), path) == (sorted(others), other_path))
    assert "\n" not in "".join(one)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "DELETE"},
        {"host": "other.example.com"},
        {"path": "/v1/photo/"},
        {"query": (("key", "photos/b.jpg"),)},
        {"query": ()},
        {"query": (("key", "photos/a.jpg"), ("record", "true"))},
        {"body": b"{}"},
        {"idempotency_key": "another-key"},
    ],
    ids=str,
)
def test_a_signature_does_not_hold_for_another_request(changed: dict[str, Any]) -> None:
    assert caller(SENT, KEYS, NOW).name == "old"
    refusal(replace(SENT, **changed))


@pytest.mark.parametrize("late", [-300, -299, 0, 299, 300])
def test_a_signature_holds_for_five_minutes_either_way(late: int) -> None:
    assert caller(SENT, KEYS, NOW + late).signed


@pytest.mark.parametrize("late", [-301, 301, 86400])
def test_an_old_signature_says_what_is_wrong_with_it(late: int) -> None:
    assert "timestamp" in refusal(SENT, now=NOW + late).detail


def test_an_old_signature_that_was_never_right_does_not_tell_its_age() -> None:
    forged = replace(SENT, authorization=(SENT.authorization[0][:-1] + "x",))
    wrong = replace(SENT, path="/v1/else")
    assert "timestamp" not in refusal(wrong, now=NOW + 400).detail
    assert "timestamp" not in refusal(forged, now=NOW + 400).detail


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "Basic YTpi",
        "Bearer",
        "Bearer ",
        f"Bearer  {BEARER}",
        f"Bearer {BEARER} ",
        f" Bearer {BEARER}",
        f"Bearer {BEARER}, Bearer {BEARER}",
        f"Bearer {BEARER}\n",
        f"Bearer{BEARER}",
        BEARER,
        "Bearer ключ",
        "Bearer a-bearer-key-of-191-bits",
        f"Bearer {hashlib.sha256(BEARER.encode()).hexdigest()}",
        SENT.authorization[0][:-1],
        SENT.authorization[0] + "0",
        SENT.authorization[0].replace("Key=old", "Key=new"),
        SENT.authorization[0].replace("Key=old", "Key=nobody"),
        SENT.authorization[0].replace("Key=old", "Key="),
        SENT.authorization[0].replace("Key=old, ", ""),
        SENT.authorization[0].replace("Timestamp=1", "Timestamp=-1"),
        SENT.authorization[0].replace("Timestamp=1", "Timestamp=٠1"),
        SENT.authorization[0].replace("Timestamp=", "Timestamp=0"),
        SENT.authorization[0].replace("SHA256", "SHA1"),
        SENT.authorization[0].partition("Signature=")[0] + "Signature=" + 64 * "0",
        SENT.authorization[0].partition("Signature=")[0] + "Signature=",
        SENT.authorization[0] + " ",
        SENT.authorization[0].replace(" Key", "  Key"),
        "TC3-HMAC-SHA256 Credential=a/2026-11-21/scf/tc3_request, SignedHeaders=host, Signature=00",
    ],
)
def test_any_other_header_lets_nobody_in(header: str) -> None:
    refusal(replace(SENT, authorization=(header,)))


def test_two_headers_let_nobody_in_even_if_both_are_right() -> None:
    refusal(replace(SENT, authorization=(SENT.authorization[0], f"Bearer {BEARER}")))
    refusal(replace(SENT, authorization=()))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_key_is_known_by_its_hash(scheme: str) -> None:
    assert caller(replace(SENT, authorization=(f"{scheme} {BEARER}",)), KEYS, NOW) == Caller(
        "wall", frozenset({"read"})
    )
    assert caller(replace(SENT, authorization=(f"{scheme} another",)), KEYS, NOW).name == "desk"


CAM = Keys(cam=frozenset({"read", "analyse"}))
TC3 = "TC3-HMAC-SHA256 Credential=a/2026-11-21/scf/tc3_request, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize("headers", [(TC3,), ()], ids=["handed on", "kept"])
def test_whom_the_function_url_has_checked_has_the_scopes_of_that(headers: tuple[str, ...]) -> None:
    assert caller(replace(SENT, authorization=headers), CAM, NOW) == Caller("CAM", frozenset({"read", "analyse"}))


def test_whom_the_old_gateway_let_in_was_checked_by_nobody() -> None:
    refusal(replace(SENT, authorization=(TC3,), by_url=False), CAM)
    refusal(replace(SENT, authorization=(), by_url=False), CAM)


def test_another_scheme_is_not_let_in_for_being_behind_a_checking_url() -> None:
    refusal(replace(SENT, authorization=("Basic YTpi",)), CAM)
    refusal(replace(SENT, authorization=(f"Bearer {BEARER}",)), CAM)
    refusal(SENT, CAM)


def test_keys_are_never_shown() -> None:
    shown = f"{KEYS!r} {SENT!r}"
    assert SECRET not in shown
    assert KEYS.api[0].sha256 not in shown
    assert "Signature=" not in shown
