"""Whatever is wrong with a request, its answer is a problem of a documented type, and never more than that.

The table in the API's README lists what is tried here, one row a case, with the status, the type and the code that it
has; a row without a case, or a case without a row, is a mistake.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from facestamp.http.gate.signing import sign
from facestamp.http.replies.problems import KINDS
from tests.http.conftest import Api

README = Path(__file__).parents[2] / "functions" / "facestamp" / "http" / "README.md"
TABLE = README.read_text("utf-8").partition("| what is sent | status | type | code |\n")[2]
ROWS = [tuple(cell.strip().replace("`", "") for cell in line.split("|")[1:-1]) for line in TABLE.splitlines()[1:]]
PIXEL = base64.b64encode(bytes(range(100))).decode()
DETECT, PHOTO, FACES = "/v1/faces:detect", "/v1/photo?key=photos/a.jpg", "/v1/persons/ada/faces"

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sent:
    """A request, byte for byte."""

    method: str
    path: str
    body: bytes | None = None
    headers: Headers = (("Content-Type", "application/json"),)
    authorization: Callable[[Api], Headers] = field(default=lambda api: (("Authorization", f"Bearer {api.key}"),))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        told = json.loads(self.body)
        assert isinstance(told, dict)
        return told


def send(api: Api, sent: Sent) -> Answer:
    """Exactly these headers, however odd; http.client does not tidy up."""
    connection = http.client.HTTPConnection(urlsplit(api.cloud.endpoint).netloc, timeout=60)
    try:
        connection.putrequest(sent.method, sent.path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", api.host)
        for name, value in (*sent.authorization(api), *sent.headers):
            connection.putheader(name, value)
        if sent.body is not None and not any(name == "Transfer-Encoding" for name, _ in sent.headers):
            connection.putheader("Content-Length", str(len(sent.body)))
        connection.endheaders(sent.body)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def get(path: str) -> Sent:
    return Sent("GET", path, headers=())


def posted(path: str, body: object, *headers: tuple[str, str]) -> Sent:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Sent("POST", path, raw, headers or (("Content-Type", "application/json"),))


def detect(body: object) -> Sent:
    return posted(DETECT, body)


def upload(**changes: object) -> Sent:
    usual = {"key": "photos/a.jpg", "content_type": "image/jpeg", "content_length": 1000}
    return posted("/v1/uploads", {**usual, **changes})


def with_header(*values: str) -> Sent:
    return Sent("GET", PHOTO, None, (), lambda api: tuple(("Authorization", value) for value in values))


def signed(
    late: float = 0, key: str = "current", path: str = DETECT, truncated: int = 0, signed_body: bytes | None = None
) -> Sent:
    body = json.dumps({"image": PIXEL}).encode()

    def authorization(api: Api) -> Headers:
        secret = api.cloud.keyring.signing.get(key, "a secret that nobody has")
        what = body if signed_body is None else signed_body
        headers = sign("POST", f"http://{api.host}{path}", what, key, secret, time.time() - late)
        return (("Authorization", headers["Authorization"][: len(headers["Authorization"]) - truncated]),)

    return Sent("POST", path, body, authorization=authorization)


CASES: Mapping[str, Sent] = {
    # Who calls
    "no Authorization header": with_header(),
    "an Authorization header without a value": with_header(""),
    "a scheme that nobody knows": with_header("Basic YTpi"),
    "a bearer key that nobody knows": with_header("Bearer an-unknown-key"),
    "a bearer key with more behind it": Sent(
        "GET", PHOTO, None, (), lambda api: (("Authorization", f"Bearer {api.key} {api.key}"),)
    ),
    "two Authorization headers": Sent(
        "GET", PHOTO, None, (), lambda api: (("Authorization", f"Bearer {api.key}"),) * 2
    ),
    "letters outside ASCII in the Authorization header": with_header("Bearer schlüssel"),
    "a signature that is ten minutes old": signed(late=600),
    "a signature ten minutes ahead of the time": signed(late=-600),
    "a signature by a key that nobody knows": signed(key="nobody"),
    "a signature that is truncated": signed(truncated=1),
    "a signature that was made for another body": signed(signed_body=b"{}"),
    "a key without the scope": Sent(
        "GET", PHOTO, None, (), lambda api: (("Authorization", f"Bearer {api.cloud.keyring.api['admin']}"),)
    ),
    # Where to
    "an address that nobody has": get("/v1/nothing"),
    "a slash too much at the end": get("/v1/photo/?key=photos/a.jpg"),
    "a path with `%00`": get("/v1/photo%00?key=photos/a.jpg"),
    "a path with a broken escape": get("/v1/%zz"),
    "a method that the address does not take": Sent("PUT", PHOTO, b"{}"),
    "a method that nobody knows": Sent("BREW", PHOTO),
    # The query
    "no `key`": get("/v1/photo"),
    "an empty `key`": get("/v1/photo?key="),
    "a query parameter that is not there": get(f"{PHOTO}&colour=red"),
    "a query parameter twice": get(f"{PHOTO}&key=photos/b.jpg"),
    "a query parameter of the wrong type": get(f"{PHOTO}&record=perhaps"),
    # The photo's key
    "a key outside every route": get("/v1/photo?key=elsewhere/a.jpg"),
    "a key with an ending that no route has": get("/v1/photo?key=photos/a.txt"),
    "a key with `..`": get("/v1/photo?key=photos/../state/a.jpg"),
    "a key with a leading `/`": get("/v1/photo?key=/photos/a.jpg"),
    "a key that ends in `/`": get("/v1/photo?key=photos/a.jpg/"),
    "a key of 851 bytes": get(f"/v1/photo?key=photos/{840 * 'a'}.jpg"),
    "a key with `%00`": get("/v1/photo?key=photos/a%00b.jpg"),
    "a photo that is not there": get("/v1/photo?key=photos/nobody-uploaded-this.jpg"),
    # The body
    "no body": posted(DETECT, b""),
    "no body, in chunks": Sent(
        "POST", DETECT, b"0\r\n\r\n", (("Content-Type", "application/json"), ("Transfer-Encoding", "chunked"))
    ),
    "a body of another type": posted(DETECT, b"image=1", ("Content-Type", "application/x-www-form-urlencoded")),
    "a body of no type": posted(DETECT, b"{}", ("Accept", "*/*")),
    "a Content-Type without a value": posted(DETECT, b"{}", ("Content-Type", "")),
    "malformed JSON": detect(b'{"image": "'),
    "JSON with more behind it": detect(b"{} {}"),
    "JSON in UTF-16": detect(json.dumps({"image": PIXEL}).encode("utf-16")),
    "bytes that are no UTF-8": detect(b"\xff\xfe\xfa"),
    "half a character (`\\ud800`)": detect(b'{"image": "\\ud800"}'),
    "one field twice": detect(b'{"image": "AAAA", "image": "BBBB"}'),
    "100,000 lists, one in the other": detect(b'{"image": ' + 100_000 * b"[" + 100_000 * b"]" + b"}"),
    "NaN": detect(b'{"image": "AAAA", "max_face_num": NaN}'),
    "a number beyond all measure (`1e999`)": detect(b'{"image": "AAAA", "max_face_num": 1e999}'),
    "a whole number of 5,000 digits": detect(b'{"image": "AAAA", "max_face_num": ' + 5000 * b"1" + b"}"),
    "a list instead of an object": detect([]),
    "a number instead of a text": detect({"image": 5}),
    "a text instead of a number": detect({"image": PIXEL, "max_face_num": "3"}),
    "null instead of a value": detect({"image": None}),
    "a field that is not there": detect({"image": PIXEL, "colour": "red"}),
    "a number out of its range": detect({"image": PIXEL, "max_face_num": 121}),
    # The picture
    "both `image` and `key`": detect({"image": PIXEL, "key": "photos/a.jpg"}),
    "none of `image`, `key` and `url`": detect({}),
    "an empty `image`": detect({"image": ""}),
    "base64 with line breaks": detect({"image": f"{PIXEL[:76]}\n{PIXEL[76:]}"}),
    "a data URL": detect({"image": f"data:image/jpeg;base64,{PIXEL}"}),
    "what is not base64": detect({"image": "not!base64=="}),
    "base64 of what is no picture": detect({"image": PIXEL}),
    "a `url` where none is allowed": detect({"url": "https://example.com/a.jpg"}),
    "a `url` of the cloud's own metadata": detect({"url": "http://169.254.169.254/latest/meta-data/"}),
    # People
    "a person's id with a letter that is not allowed": posted("/v1/persons/ada!/faces", {"images": [PIXEL]}),
    "a person's id of 65 bytes": posted(f"/v1/persons/{65 * 'a'}/faces", {"images": [PIXEL]}),
    "a person's id in Chinese": get("/v1/persons/%E8%89%BE%E8%BE%BE"),
    "five images": posted(FACES, {"images": 5 * [PIXEL]}),
    "no images": posted(FACES, {"images": []}),
    "a person that is not there": get("/v1/persons/nobody-of-this-name"),
    "a group that is not there": get("/v1/groups/no-such-group"),
    # Uploads
    "an upload of no bytes": upload(content_length=0),
    "an upload of more than 32 MB": upload(content_length=32 * 1024 * 1024 + 1),
    "an upload of another type than pictures": upload(content_type="text/html"),
    "an upload outside every route": upload(key="elsewhere/a.jpg"),
    # What is changed
    "an Idempotency-Key of 7 letters": posted("/v1/groups", b"", ("Idempotency-Key", "seven77")),
    "an Idempotency-Key with a space": posted("/v1/groups", b"", ("Idempotency-Key", "not one word")),
    "a signed change without an Idempotency-Key": signed(path="/v1/groups"),
}


def test_every_row_of_the_readme_is_tried_and_every_case_has_a_row() -> None:
    assert [row[0] for row in ROWS] == [name.replace("`", "") for name in CASES]


@pytest.mark.parametrize("what", CASES)
def test_what_is_wrong_is_told_as_the_readme_has_it(api: Api, calls: Callable[..., list[Any]], what: str) -> None:
    status, kind, code = next(row[1:] for row in ROWS if row[0] == what.replace("`", ""))
    answer = send(api, CASES[what])

    assert (answer.status, answer.problem["type"], answer.problem.get("code", "")) == (
        int(status),
        f"/docs#{kind}",
        code,
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert answer.problem["status"] == answer.status
    assert answer.problem["title"] == next(each.title for each in KINDS if each.slug == kind)
    assert answer.problem["detail"]
    assert len(answer.body) < 1000
    assert calls(paid=True) == []


def test_a_request_that_scf_does_not_take_is_refused_by_scf(api: Api) -> None:
    answer = send(api, detect({"image": 6 * 1024 * 1024 * "A"}))
    assert answer.status == 413
    assert answer.problem["errorMessage"] == "RequestTooLarge"
