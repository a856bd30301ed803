"""What the tests of the person library share: pictures of one face, people of the test's own, and problems."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from typing import Any

import requests

from infra.local.journal import Call
from tests import pictures
from tests.http.conftest import Api

Calls = Callable[..., list[Call]]
VALUE = "InvalidParameterValue"
EMPTY = "MissingParameter.ErrorParameterEmpty"


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


@cache
def shade(brightness: float) -> bytes:
    """The portrait, darker or lighter: the same face in another file."""
    return pictures.jpeg(pictures.lit(pictures.portrait(), brightness))


PORTRAIT = b64(shade(1.0))
DARKER, DARK, DUSK, NIGHT = (b64(shade(brightness)) for brightness in (0.9, 0.8, 0.7, 0.6))
LANDSCAPE = b64(pictures.jpeg(pictures.landscape()))


def told(response: requests.Response, status: int = 200) -> dict[str, Any]:
    """The answer's body, of an answer with this status."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def problem(response: requests.Response) -> tuple[int, str]:
    """Status and code of a problem, which says what to do."""
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert (body["status"], bool(body["detail"])) == (response.status_code, True)
    return response.status_code, str(body.get("code", ""))


def make(api: Api, group: str, person: str, image: str = PORTRAIT, **more: Any) -> requests.Response:
    """Make somebody with one face."""
    asked = {"group_id": group, "person_id": person, "person_name": "Ada", "image": image, **more}
    return api.post("/v1/persons", asked)


def faces_of(api: Api, person: str) -> list[str]:
    """The ids of somebody's faces."""
    found: list[str] = told(api.get(f"/v1/persons/{person}"))["face_ids"]
    return found


def enrol(api: Api, person: str, *images: str, **more: Any) -> requests.Response:
    """Send pictures of somebody."""
    return api.post(f"/v1/persons/{person}/faces", {**({"images": list(images)} if images else {}), **more})
