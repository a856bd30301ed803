"""Nothing that a function prints, returns or dies of holds a credential, an image, a photo's key or a face.

Whatever the workers of any test have let out is read through when its cloud stops (`tests.leaks`). Here it is shown
that this reading finds what there is to find, and that the paths on which nobody expects to be are as tight.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from facestamp.state import object_name
from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from tests.laws.scenes import Scene, portrait, put_event
from tests.leaks import leaks
from tests.local.scf.small import zipped

BLABBING = """
import base64, json, os, sys

def main_handler(event, context):
    record = event["Records"][0]
    cos, asked = record["cos"], record["event"]["requestParameters"]["requestHeaders"]
    lower = {name.lower(): value for name, value in asked.items()}
    how, _, what = cos["cosObject"]["meta"]["x-cos-meta-what"].partition("-")
    said = {
        "nothing": "stamped in 3 ms",
        "key": os.environ["TENCENTCLOUD_SECRETKEY"],
        "token": "token=" + os.environ["TENCENTCLOUD_SESSIONTOKEN"],
        "id": os.environ["TENCENTCLOUD_SECRETID"],
        "header": lower["authorization"],
        "address": "http://host/photo.jpg?q-signature=0123",
        "image": "data:image/jpeg;base64," + base64.b64encode(bytes(range(200))).decode(),
        "photo": cos["cosObject"]["key"],
        "attribute": json.dumps({"Smile": 97}),
        "line": "Smile;97",
        "points": json.dumps([{"X": 12, "Y": 34}]),
        "model": "Face(box=Box(x=1, y=2, width=3, height=4))",
        "person": "6791958895575385262",
    }[what]
    if how == "returned":
        return {"said": said}
    if how == "raised":
        try:
            raise ValueError(said)
        except ValueError:
            raise KeyError("something else")
    print(said, file=sys.stderr if how == "stderr" else sys.stdout)
"""
ECHOING = """
def main_handler(event, context):
    if event["path"] == "/printed":
        print(event["body"])
    return {"statusCode": 200, "headers": {}, "body": event["body"]}
"""
SECRETS = ["key", "token", "id", "header", "address", "image", "photo"]
FACES = ["attribute", "line", "points", "model", "person"]


@pytest.fixture(scope="module")
def blabbing(engine: Engine) -> Iterator[LocalCloud]:
    """A cloud whose function says what it should not."""
    cloud = LocalCloud(engine=engine)
    cloud.deploy()
    scf, function = cloud.api("scf", "2018-04-16"), cloud.outputs["functions"]["photos"]
    asked = {"FunctionName": function, "ZipFile": zipped(on_upload=BLABBING), "Handler": "on_upload.main_handler"}
    scf.call_json("UpdateFunctionCode", asked)
    yield cloud
    cloud.stop()


@pytest.mark.parametrize("how", ["stdout", "stderr", "returned", "raised"])
def test_the_reading_finds_whatever_a_careless_function_lets_out(blabbing: LocalCloud, name: str, how: str) -> None:
    scene, runs = Scene(blabbing), len(blabbing.scf.invocations)
    for what in SECRETS + FACES:
        scene.upload(f"photos/{name}-{what}.jpg", b"no photo", Metadata={"x-cos-meta-what": f"{how}-{what}"})
    scene.settle()

    found = set(leaks(blabbing))
    let_out = [blabbing.scf.logs(invocation=run.request_id) for run in blabbing.scf.invocations[runs:]]
    assert len(let_out) >= len(SECRETS + FACES)
    assert [lines for lines in let_out if not found & {line.text for line in lines}] == []


def test_the_reading_lets_honest_lines_pass(blabbing: LocalCloud, name: str) -> None:
    scene, before = Scene(blabbing), leaks(blabbing)
    scene.upload(f"photos/{name}-photo.jpg", b"no photo", Metadata={"x-cos-meta-what": "stdout-nothing"})
    scene.settle()

    assert leaks(blabbing) == before


def test_the_reading_finds_a_signature_in_the_state_bucket(blabbing: LocalCloud, name: str) -> None:
    letter = {"key": f"photos/{name}.jpg", "headers": {"Authorization": "q-sign-algorithm=sha1&q-ak=somebody"}}
    before = leaks(blabbing)
    blabbing.cos().put_object(Bucket=blabbing.state_bucket, Key=f"dead/{name}.json", Body=json.dumps(letter).encode())

    assert len(leaks(blabbing)) == len(before) + 1


def test_the_reading_lets_the_api_answer_with_faces_and_never_with_its_keys(blabbing: LocalCloud) -> None:
    scf, function = blabbing.api("scf", "2018-04-16"), blabbing.outputs["apiFunction"]
    asked = {"FunctionName": function, "ZipFile": zipped(on_http=ECHOING), "Handler": "on_http.main_handler"}
    scf.call_json("UpdateFunctionCode", asked)
    key, secret, face = blabbing.keyring.api["read"], blabbing.keyring.signing["current"], '{"Smile": 97}'

    def found(path: str, body: str) -> int:
        before = len(leaks(blabbing))
        blabbing.scf.invoke(function, {"path": path, "body": body})
        return len(leaks(blabbing)) - before

    assert [found("/answered", body) for body in (key, secret, face)] == [1, 1, 0]
    assert [found("/printed", body) for body in (key, secret, face)] == [2, 2, 1]


def damage(scene: Scene, key: str) -> None:
    """Spoil the record of a photo in a way that nobody foresees, with a face in it."""
    told = scene.stamp(key)
    assert told is not None
    record = scene.state(told.result)[told.result]
    for answer in record["answers"].values():
        answer["a nose like no other"] = answer.pop("Response")
    scene.cloud.cos().put_object(
        Bucket=scene.cloud.state_bucket,
        Key=told.result,
        Body=json.dumps(record).encode(),
        ContentType="application/json",
    )


@pytest.mark.parametrize("letters", ["kept", "refused"])
def test_what_nobody_foresaw_is_told_by_its_place_and_never_by_its_message(
    scene: Scene, name: str, letters: str
) -> None:
    key = f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    damage(scene, key)
    broken = Scene(scene.cloud)
    mark = len(scene.cloud.scf.logs())

    if letters == "kept":
        broken.upload(key)
        broken.settle()
    else:
        letter_at = (
            f"{scene.cloud.state_bucket}/dead/{object_name(key.partition('/')[0], scene.cloud.bucket, key)}.json"
        )
        with broken.fault("fail", resource=letter_at, code="AccessDenied", status=403, times=0):
            broken.upload(key)

    lines = [line.text for line in scene.cloud.scf.logs()[mark:]]
    assert broken.runs() == 3
    assert [line for line in lines if "nobody foresaw" in line]
    traces = [line for line in lines if line.startswith("ERROR RequestId")]
    assert len(traces) == 3
    assert all("TryAgain" in line for line in traces)
    assert not [line for line in lines if "During handling" in line or "direct cause" in line or "nose" in line.lower()]
    letter = broken.letter(key)
    assert (letter is not None) == (letters == "kept")


def test_a_dead_letter_holds_what_is_needed_to_send_the_event_again_and_nothing_that_came_with_it(
    scene: Scene, name: str
) -> None:
    key = f"photos/{name}.jpg"
    with scene.fault("fail", service="iai", code="FailedOperation.NobodyKnows", times=0):
        scene.upload(key, portrait(), Metadata={"x-cos-meta-diary": "dear diary"})

    letter = scene.letter(key)
    assert letter is not None
    assert (letter["bucket"], letter["key"], letter["again"]) == (scene.cloud.bucket, key, True)
    assert "diary" not in json.dumps(letter)
    assert {error["code"] for error in letter["errors"]} == {"FailedOperation.NobodyKnows"}

    scene.cloud.clock.skip(3600)
    scene.send(put_event(scene.cloud, letter["key"], age=3600))
    scene.settle()
    assert scene.stamp(key) is not None
    assert scene.letter(key) is None
