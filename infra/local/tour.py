"""The demo's calls through the HTTP API: one of each kind, each with what must come of it.

They go the way of any application's, through the Function URL, with a bearer key; the one that deletes is signed.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import requests

from facestamp.http.gate import signing
from infra.local import scenes
from infra.local.cloud import REGION, LocalCloud

GROUP, PERSON = "facestamp-tour", "grace"
_CUT: Final = 40
"""Characters of a body that are shown."""


@dataclass(frozen=True)
class Step:
    """One call."""

    method: str
    path: str
    told: Callable[[Any], str]
    """What to see in the answer's JSON, or in its text where it is none."""
    expected: str
    """What that must be."""
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None
    signed: bool = False
    """Whether it is signed, and carries an Idempotency-Key."""

    @property
    def line(self) -> str:
        """The call in one line, long values cut."""
        query = f"?{urlencode(self.query, safe='/')}" if self.query else ""
        body = f" {json.dumps(_short(self.body), ensure_ascii=False)}" if self.body is not None else ""
        return f"{self.method} {self.path}{query}{body}"


@dataclass(frozen=True)
class Told:
    """What came of a step."""

    step: Step
    status: int
    says: str
    seconds: float
    requests: int
    paid: int

    @property
    def line(self) -> str:
        """What came of it, in one line."""
        made = f"{self.requests} request{'' if self.requests == 1 else 's'}"
        return f"{self.status}, {self.says} after {self.seconds:.1f} s: {made}, {self.paid} paid"

    @property
    def difference(self) -> str:
        """What is not as it must be, in a sentence; empty if nothing is."""
        ended = self.says if self.status < 400 else f"{self.status} {self.says}"
        return (
            "" if ended == self.step.expected else f"{self.step.line} ended as {ended!r}, not {self.step.expected!r}."
        )


class Tour:
    """Takes the steps, on a cloud where the demo's photos are."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud
        self._client = requests.Session()
        # Names below localhost are not known to every system's resolver; the gateway is a proxy, and knows them all.
        self._client.trust_env = False
        self._client.proxies = {"http": cloud.endpoint}
        self.drawing = ""
        """The overlay, once it has been asked for."""

    def take(self) -> Iterator[Told]:
        """Every step, in order."""
        photos, members = self._cloud.outputs["prefixes"]["photos"], self._cloud.outputs["prefixes"]["members"]
        for step in (*_seen(photos, self._draw), *_people(photos)):
            yield self._taken(step)
        yield from self._uploaded(f"{photos}from-a-page.jpg")
        yield self._taken(self._restamped(f"{photos}copied.jpg"))
        yield self._taken(_forgotten(f"{members}ada/mirrored.jpg"))

    def _taken(self, step: Step) -> Told:
        before, began = len(self._cloud.journal), time.perf_counter()
        answer = self._sent(step)
        seconds = time.perf_counter() - began
        says = step.told(_content(answer)) if answer.ok else answer.json()["detail"]
        made = [call for call in self._cloud.journal.since(before) if call.worker and not call.by]
        return Told(step, answer.status_code, says, seconds, len(made), sum(call.paid for call in made))

    def _sent(self, step: Step) -> requests.Response:
        url = self._cloud.api_url + step.path + (f"?{urlencode(step.query)}" if step.query else "")
        body = json.dumps(step.body).encode() if step.body is not None else b""
        headers = {"Content-Type": "application/json"} if body else {}
        keys = self._cloud.keyring
        if step.signed:
            secret, once = keys.signing["current"], uuid.uuid4().hex
            headers |= signing.sign(step.method, url, body, "current", secret, self._cloud.clock.now(), once)
        else:
            headers |= {"Authorization": f"Bearer {keys.api['all']}"}
        return self._client.request(step.method, url, data=body, headers=headers, timeout=60)

    def _draw(self, svg: str) -> str:
        self.drawing = svg
        return f"{svg.count('<title>Face ')} faces drawn"

    def _uploaded(self, key: str) -> Iterator[Told]:
        """A photo sent straight to the bucket with a signature, as a page sends it."""
        photo, signed = scenes.jpeg(scenes.portrait(400)), dict[str, Any]()
        asked = {"key": key, "content_type": "image/jpeg", "content_length": len(photo)}

        def send(told: Any) -> str:
            signed.update(told)
            put = self._client.request(told["method"], told["url"], data=photo, headers=told["headers"], timeout=60)
            self._cloud.scf.settle()
            return f"PUT {told['url'].partition('?')[0].replace(str(self._cloud.port), '…')}: {put.status_code}"

        yield self._taken(Step("POST", "/v1/uploads", send, f"PUT http://photos.localhost:…/{key}: 200", body=asked))
        yield self._taken(Step("GET", "/v1/photo", _stamp, "ok, 1 face", query=(("key", key),)))

    def _restamped(self, key: str) -> Step:
        """A photo that came by a copy, which wakes nobody."""
        bucket = self._cloud.bucket
        source = {"Bucket": bucket, "Key": key.replace("copied", "group"), "Region": REGION}
        self._cloud.cos().copy_object(Bucket=bucket, Key=key, CopySource=source, CopyStatus="Replaced")
        return Step("POST", "/v1/photo:stamp", _stamp, "ok, 5 faces", query=(("key", key),))


def _seen(photos: str, draw: Callable[[str], str]) -> Iterator[Step]:
    inline = base64.b64encode(scenes.jpeg(scenes.portrait(256))).decode()
    group, portrait = f"{photos}group.jpg", f"{photos}portrait.jpg"
    yield Step("POST", "/v1/faces:detect", _faces("face_infos"), "5 faces", body={"key": group, "max_face_num": 10})
    yield Step("POST", "/v1/faces:analyze", _points, "1 face, 90 points", body={"image": inline})
    smile = {"image": inline, "face_attributes_type": ["Smile"]}
    yield Step("POST", "/v1/faces:attributes", _faces("face_detail_infos"), "1 face", body=smile)
    yield Step("GET", "/v1/photo", _stamp, "ok, 1 face", query=(("key", portrait),))
    yield Step("GET", "/v1/photo/overlay.svg", draw, "5 faces drawn", query=(("key", group),))


def _people(photos: str) -> Iterator[Step]:
    picture = base64.b64encode(scenes.jpeg(scenes.cropped())).decode()
    group = {"group_id": GROUP, "group_name": GROUP}
    person = {"group_id": GROUP, "person_id": PERSON, "person_name": PERSON.title(), "image": picture}
    yield Step("POST", "/v1/groups", lambda told: "made", "made", body=group)
    yield Step("POST", "/v1/persons", lambda told: "made" if told["face_id"] else "not made", "made", body=person)
    more = {"keys": [f"{photos}turned.jpg"]}
    yield Step(
        "POST", f"/v1/persons/{PERSON}/faces", lambda told: f"{told['suc_face_num']} added", "1 added", body=more
    )
    sought = {"key": f"{photos}group.jpg", "group_ids": [GROUP], "max_face_num": 5, "face_match_threshold": 80}
    found = f"{PERSON} in 5 of 5 faces"
    yield Step("POST", "/v1/persons:search", _found, found, body=sought)
    yield Step("GET", f"/v1/persons/{PERSON}", lambda told: f"{len(told['face_ids'])} faces", "2 faces")


def _forgotten(key: str) -> Step:
    def told(answer: Any) -> str:
        [lost] = answer["people"]
        return f"forgotten, {lost['person_id']} lost {len(lost['face_ids'])} face"

    return Step("DELETE", "/v1/photo/faces", told, "forgotten, ada lost 1 face", query=(("key", key),), signed=True)


def _faces(name: str) -> Callable[[Any], str]:
    return lambda told: _counted(len(told[name]))


def _points(told: Any) -> str:
    faces = told["face_shape_set"]
    points = sum(len(part) for face in faces for part in face.values() if isinstance(part, list))
    return f"{_counted(len(faces))}, {points} points"


def _stamp(told: Any) -> str:
    stamp = told["stamp"]
    return f"{stamp['status']}, {_counted(stamp['count'])}" if stamp else "no stamp"


def _found(told: Any) -> str:
    names = [each["candidates"][0]["person_id"] for each in told["results"] if each["candidates"]]
    return f"{', '.join(sorted(set(names))) or 'nobody'} in {len(names)} of {len(told['results'])} faces"


def _counted(faces: int) -> str:
    return "1 face" if faces == 1 else f"{faces} faces"


def _content(answer: requests.Response) -> Any:
    return answer.json() if answer.headers["Content-Type"].startswith("application/json") else answer.text


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(part) for name, part in value.items()}
    return f"{value[:_CUT]}…" if isinstance(value, str) and len(value) > _CUT else value
