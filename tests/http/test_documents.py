"""What the API says of itself: its description, the documents, and the files of the page."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import jsonschema_rs
import pytest
import schemathesis

from facestamp.http.application import ENDPOINTS
from facestamp.http.replies.problems import KINDS
from infra.package import FUNCTIONS
from tests.http.conftest import Api
from tests.pictures import jpeg, portrait

METHODS = ("get", "post", "delete")


@pytest.fixture
def stranger(api: Api) -> Api:
    """Somebody without a key."""
    return Api(api.cloud)


@pytest.fixture
def document(stranger: Api) -> Any:
    """The description, as it is served."""
    return stranger.get("/openapi.json").json()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def resolved(document: Any, found: Any) -> Any:
    while isinstance(found, dict) and "$ref" in found:
        where: Any = document
        for part in found["$ref"].removeprefix("#/").split("/"):
            where = where[part]
        found = where
    return found


def references(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(found.get("$ref"), str):
            yield found["$ref"]
        for inside in found.values():
            yield from references(inside)
    elif isinstance(found, list):
        for inside in found:
            yield from references(inside)


def test_the_description_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()
    assert all(resolved(document, {"$ref": reference}) for reference in references(document))


def test_every_endpoint_is_described(document: Any) -> None:
    described = {(method.upper(), path): operation["operationId"] for path, method, operation in operations(document)}
    assert described == {(endpoint.method, endpoint.path): endpoint.name for endpoint in ENDPOINTS}
    assert len(set(described.values())) == len(ENDPOINTS)


def test_an_operation_says_who_may_call_it(document: Any) -> None:
    scopes = {endpoint.name: endpoint.scope for endpoint in ENDPOINTS}
    for _, _, operation in operations(document):
        scope = scopes[operation["operationId"]]
        assert operation["security"] == ([{"key": [scope]}, {"signature": [scope]}] if scope else [])
        assert (f"`{scope}`" in operation["description"]) == (scope is not None)


def test_every_operation_tells_how_it_can_fail(document: Any) -> None:
    seen = set()
    for _, _, operation in operations(document):
        for status, answer in operation["responses"].items():
            found = resolved(document, answer)
            assert found["headers"]["X-Request-Id"]
            if status >= "400":
                seen.add(status)
                assert list(found["content"]) == ["application/problem+json"]
        needs_key = {"401", "403"} & set(operation["responses"])
        assert needs_key == ({"401", "403"} if operation["security"] else set())
    # A method that is not offered is no operation's answer.
    assert seen == {str(kind.status) for kind in KINDS} - {"405"}


def test_what_is_worth_another_try_says_when(document: Any) -> None:
    for kind in KINDS:
        answer = document["components"]["responses"][f"Problem{kind.status}"]
        if kind.retry:
            assert answer["headers"]["Retry-After"]


def test_a_problem_that_happens_is_as_described(document: Any, stranger: Api) -> None:
    schema = {**document["components"]["schemas"]["Problem"], "additionalProperties": False}
    problem = stranger.get("/v1/photo", key="photos/ada.jpg").json()
    jsonschema_rs.validate(schema, problem)
    assert problem["type"] == "/docs#unauthenticated"


def test_a_change_takes_an_idempotency_key(document: Any) -> None:
    taking = {
        operation["operationId"]
        for _, _, operation in operations(document)
        if {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"]
    }
    assert taking == {endpoint.name for endpoint in ENDPOINTS if endpoint.changing}


def test_every_field_is_told_in_words(document: Any) -> None:
    photo = next(operation for _, _, operation in operations(document) if operation["operationId"] == "readPhoto")
    told = {parameter["name"]: parameter["description"] for parameter in photo["parameters"]}
    assert told["key"] == "Its key in the bucket."


def test_every_example_of_a_body_is_one(document: Any) -> None:
    for _, _, operation in operations(document):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            schema = {**media["schema"], "components": document["components"]}
            jsonschema_rs.validate(schema, media["example"])


class Reader(HTMLParser):
    """The ids, links and code of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.code: dict[str, str] = {}
        self._within = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        self.ids += [told["id"]] if "id" in told else []
        self.links += [told[name] for name in ("href", "src") if name in told]
        self.inline += [name for name in told if name == "style" or name.startswith("on")]
        self.inline += [tag] if tag == "style" or (tag == "script" and "src" not in told) else []
        self._within = told.get("id", "") if tag == "code" else self._within

    def handle_endtag(self, tag: str) -> None:
        self._within = "" if tag == "code" else self._within

    def handle_data(self, data: str) -> None:
        if self._within:
            self.code[self._within] = self.code.get(self._within, "") + data


def test_the_documents_have_every_operation_and_problem(document: Any, stranger: Api) -> None:
    page = Reader(stranger.get("/docs").text)
    wanted = {operation["operationId"] for _, _, operation in operations(document)} | {kind.slug for kind in KINDS}
    assert wanted <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_nothing_comes_from_outside_and_nothing_stands_in_the_page(stranger: Api, path: str) -> None:
    page = Reader(stranger.get(path).text)
    assert page.inline == []
    ours = [link for link in page.links if not link.startswith("#")]
    assert all(link.startswith("/") for link in ours)
    assert {link: stranger.get(link).status_code for link in ours} == dict.fromkeys(ours, 200)


def test_every_line_of_the_documents_can_be_pasted(api: Api, document: Any) -> None:
    curl = shutil.which("curl")
    assert curl, "install curl: the documents are tried with it"
    api.cloud.cos().put_object(Bucket=api.cloud.bucket, Key="photos/portrait.jpg", Body=jpeg(portrait()))
    api.cloud.scf.settle()
    lines = Reader(Api(api.cloud).get("/docs").text).code
    known = {"FACESTAMP": f"http://{api.host}", "KEY": api.key, "PATH": "/usr/bin:/bin"}
    for _, _, operation in operations(document):
        line = lines[f"{operation['operationId']}-curl"]
        silent = line.replace("curl ", "curl --silent --output /dev/null --write-out '%{http_code}' ", 1)
        ran = subprocess.run(["bash", "-c", silent], env=known, capture_output=True, text=True, check=False)  # noqa: S603, S607 - our own documents
        assert ran.stdout in ("200", "201", "404", "409", "422"), line


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/docs", "text/html; charset=utf-8"),
        ("/page/style.css", "text/css; charset=utf-8"),
        ("/page/page.js", "text/javascript; charset=utf-8"),
        ("/page/icon.svg", "image/svg+xml"),
        ("/openapi.json", "application/json"),
    ],
)
def test_a_file_comes_as_what_it_is_and_only_once(stranger: Api, path: str, kind: str) -> None:
    first = stranger.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, kind)
    assert first.headers["cache-control"] == "no-cache"
    again = stranger.call("GET", path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert stranger.call("GET", path, headers={"if-none-match": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/page/", "/page/index.html", "/page/../site.py", "/page/%2e%2e/site.py", "/page/..%2fsite.py", "/site.py"]
)
def test_no_other_file_is_served(stranger: Api, path: str) -> None:
    answer = stranger.call("GET", path)
    assert answer.status_code in (400, 404)
    assert "def " not in answer.text


def test_an_ordinary_request_waits_for_no_document() -> None:
    program = "import sys, json, on_http; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", program], cwd=FUNCTIONS, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    loaded = set(json.loads(ran.stdout))
    assert "facestamp.http.application" in loaded
    documents = {name for name in loaded if name.startswith("facestamp.http.documents.")}
    assert documents == {"facestamp.http.documents.site"}
