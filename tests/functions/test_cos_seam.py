"""Answers that are not COS's: a proxy's page, nothing at all, half a document. They come out as errors of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import formatdate

import pytest
from werkzeug import Request, Response

from facestamp.cos import Cos
from facestamp.deadline import Deadline
from facestamp.errors import ServiceError, Verdict
from facestamp.settings import Credentials
from infra.local.clock import Clock
from infra.local.faults import Faults
from infra.local.gateway import Gateway, Refused, Server, Wanted
from infra.local.journal import Call, Journal


class Odd:
    """A service that gives the same odd answer to everything."""

    def __init__(self) -> None:
        self.response: Callable[[], Response] = Response

    def wanted(self, request: Request) -> Wanted:
        return Wanted("cos", "Any")

    def answer(self, request: Request, call: Call) -> Response:
        return self.response()

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        return Response(status=500)


@pytest.fixture
def served() -> Iterator[tuple[Odd, Callable[[float], Cos]]]:
    """Such a service, and what makes the seam to it, with so many seconds to go."""
    service, gateway = Odd(), Gateway(Clock(), Journal(), Faults())
    gateway.mount(r".*", service)
    server = Server(gateway, 0)
    credentials = Credentials("AKIDexample", "example", "token")
    endpoint = f"http://127.0.0.1:{server.port}"
    yield service, lambda seconds: Cos(credentials, "ap-guangzhou", endpoint, Deadline(seconds))
    server.stop()


@pytest.fixture
def odd(served: tuple[Odd, Callable[[float], Cos]]) -> tuple[Odd, Cos]:
    """Such a service, and the seam to it, in a hurry so that nothing is tried again."""
    service, seam = served
    return service, seam(1)


BUCKET = "photos-1250000000"
CALLS: dict[str, Callable[[Cos], object]] = {
    "a look": lambda cos: cos.look(BUCKET, "a.jpg"),
    "a read": lambda cos: cos.read(BUCKET, "a.jpg"),
    "an ACL": lambda cos: cos.acl(BUCKET, "a.jpg"),
    "tags": lambda cos: cos.tags(BUCKET, "a.jpg"),
    "a copy": lambda cos: cos.copy_onto_itself(BUCKET, "a.jpg", {}),
    "faces": lambda cos: cos.detect_face(BUCKET, "a.jpg", 1),
    "creating": lambda cos: cos.create(BUCKET, "a.json", {}),
    "keeping": lambda cos: cos.keep(BUCKET, "a.json", {}),
    "what was kept": lambda cos: cos.kept(BUCKET, "a.json"),
    "a listing": lambda cos: cos.keys(BUCKET, "a/"),
    "deleting": lambda cos: cos.delete(BUCKET, "a.json"),
}

BROKEN: dict[str, Callable[[], Response]] = {
    "a proxy's page": lambda: Response("<html><h1>502 Bad Gateway</h1></html>", 502, content_type="text/html"),
    "a text": lambda: Response("upstream connect error", 503),
    "nothing": lambda: Response("", 500),
    "half a document": lambda: Response("<Error><Code>Internal", 500, content_type="application/xml"),
    "a JSON object": lambda: Response('{"error": "no"}', 502, content_type="application/json"),
    "JSON": lambda: Response('["no"]', 504, content_type="application/json"),
}


@pytest.mark.parametrize("response", BROKEN.values(), ids=BROKEN.keys())
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_broken_machine_in_between_passes(
    odd: tuple[Odd, Cos], call: Callable[[Cos], object], response: Callable[[], Response]
) -> None:
    service, cos = odd
    service.response = response
    with pytest.raises(ServiceError) as caught:
        call(cos)
    assert caught.value.verdict is Verdict.RETRY


GARBLED = {
    "nothing": b"",
    "a page": b"<html><p>Log in",
    "half a document": b"<CopyObjectResult><ETag>",
    "blanks": b"   \n   ",
}


@pytest.mark.parametrize("body", GARBLED.values(), ids=GARBLED.keys())
@pytest.mark.parametrize("name", ["an ACL", "a copy", "faces", "a listing", "what was kept"])
def test_a_success_that_cannot_be_read_is_no_success(odd: tuple[Odd, Cos], name: str, body: bytes) -> None:
    service, cos = odd
    service.response = lambda: Response(body, 200, content_type="application/xml")
    with pytest.raises(ServiceError) as caught:
        CALLS[name](cos)
    assert caught.value.verdict is Verdict.RETRY


RENDERING = "imageMogr2/thumbnail/100x100"


def numbered(number: int, code: str = "", status: int = 400) -> Response:
    """Cloud Infinite's answer with its `X-ErrNo`, and a code in its body if there is one."""
    body = f"<Error><Code>{code}</Code><Message>m</Message><Resource>r</Resource><RequestId>i</RequestId></Error>"
    response = Response(body if code else "", status, content_type="application/xml")
    response.headers["X-ErrNo"] = str(number)
    return response


@pytest.mark.parametrize(
    ("number", "body", "code", "verdict"),
    [
        (-164, "", "RequestLimitExceeded", Verdict.THROTTLE),
        (-164, "NobodyKnowsThis", "RequestLimitExceeded", Verdict.THROTTLE),
        (-162, "", "ResourceUnavailable.InArrears", Verdict.OPERATOR),
        (-162, "InvalidArgument", "ResourceUnavailable.InArrears", Verdict.OPERATOR),
        (-441, "InvalidImageFormat", "FailedOperation.ImageDecodeFailed", Verdict.REJECT),
        (-1, "InvalidImageFormat", "InvalidImageFormat", Verdict.REJECT),
        (-1, "NobodyKnowsThis", "NobodyKnowsThis", None),
    ],
)
@pytest.mark.parametrize("name", ["a rendering", "faces"])
def test_cloud_infinites_number_names_the_error(
    odd: tuple[Odd, Cos], name: str, number: int, body: str, code: str, verdict: Verdict | None
) -> None:
    service, cos = odd
    service.response = lambda: numbered(number, body)
    with pytest.raises(ServiceError) as caught:
        cos.read(BUCKET, "a.jpg", RENDERING) if name == "a rendering" else cos.detect_face(BUCKET, "a.jpg", 1)
    assert (caught.value.code, caught.value.verdict) == (code, verdict)


@pytest.mark.parametrize("nonsense", ["", "many", "-441, -164"])
def test_a_number_that_is_none_names_nothing(odd: tuple[Odd, Cos], nonsense: str) -> None:
    service, cos = odd

    def answer() -> Response:
        response = numbered(-441, "InvalidImageFormat")
        response.headers["X-ErrNo"] = nonsense
        return response

    service.response = answer
    with pytest.raises(ServiceError) as caught:
        cos.read(BUCKET, "a.jpg", RENDERING)
    assert caught.value.code == "InvalidImageFormat"


def test_too_many_renderings_at_once_are_asked_for_again(served: tuple[Odd, Callable[[float], Cos]]) -> None:
    service, seam = served
    answers = iter([numbered(-164), Response(b"picture", content_type="image/jpeg")])
    service.response = lambda: next(answers)
    assert seam(30).read(BUCKET, "a.jpg", RENDERING) == b"picture"


def test_a_number_counts_for_its_own_answer_only(odd: tuple[Odd, Cos]) -> None:
    service, cos = odd
    answers = iter([numbered(-162), Response("", 404)])
    service.response = lambda: next(answers)
    for code in ("ResourceUnavailable.InArrears", "NoSuchKey"):
        with pytest.raises(ServiceError) as caught:
            cos.read(BUCKET, "a.jpg", RENDERING)
        assert caught.value.code == code


HOURS = 2 * 3600
ANSWERS: dict[str, tuple[str, Callable[[], Response]]] = {
    "a listing": ("a listing", lambda: Response("<ListBucketResult/>", 200, content_type="application/xml")),
    "what is not there": (
        "what was kept",
        lambda: Response("<Error><Code>NoSuchKey</Code></Error>", 404, content_type="application/xml"),
    ),
    "what was there before": (
        "creating",
        lambda: Response("<Error><Code>FileAlreadyExists</Code></Error>", 409, content_type="application/xml"),
    ),
    "a refusal": ("a look", lambda: Response("<Error><Code>AccessDenied</Code></Error>", 403)),
    "a failure": ("creating", lambda: Response("<Error><Code>InternalError</Code></Error>", 500)),
    "an object": ("what was kept", lambda: Response("{}", 200, content_type="application/json")),
}


@pytest.mark.parametrize("off", [-HOURS, HOURS])
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_whatever_cos_answers_tells_its_time(
    odd: tuple[Odd, Cos], answer: tuple[str, Callable[[], Response]], off: int
) -> None:
    service, cos = odd
    name, response = answer

    def dated() -> Response:
        told = response()
        told.headers["Date"] = formatdate(time.time() + off, usegmt=True)
        told.headers["x-cos-request-id"] = "NjA"
        return told

    service.response = dated
    with suppress(ServiceError):
        CALLS[name](cos)
    assert abs(cos.now() - time.time() - off) < 60


def test_a_proxys_own_page_tells_no_time(odd: tuple[Odd, Cos]) -> None:
    service, cos = odd
    late = {"Date": formatdate(time.time() + HOURS, usegmt=True)}
    service.response = lambda: Response("<h1>502</h1>", 502, headers=late)
    with pytest.raises(ServiceError):
        cos.keys(BUCKET, "a/")
    assert abs(cos.now() - time.time()) < 60
