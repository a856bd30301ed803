"""A route that asks for more later: what was answered before is not bought again."""

from __future__ import annotations

import pytest

from tests.conftest import Clouds
from tests.laws.scenes import Scene, put_event


@pytest.fixture
def growing(clouds: Clouds) -> Scene:
    """A route that asks where the faces are; its role may already ask for more."""
    route = {
        "name": "photos",
        "prefix": "photos/",
        "operations": {
            "DetectFace": {"MaxFaceNum": 10},
            "AnalyzeFace": {},
            "DetectFaceAttributes": {"FaceAttributesType": "Smile"},
        },
    }
    scene = Scene(clouds(None, {"facestamp:routes": [route]}))
    ask(scene, "DetectFace")
    return scene


def ask(scene: Scene, *operations: str, **more: str) -> None:
    """Change the function's variables, as a deployment would."""
    scf, function = scene.cloud.api("scf", "2018-04-16"), scene.cloud.outputs["functions"]["photos"]
    told = scf.call_json("GetFunction", {"FunctionName": function})["Response"]["Environment"]["Variables"]
    variables = {variable["Key"]: variable["Value"] for variable in told}
    kept = {name: value for name, value in variables.items() if not name.startswith("FACESTAMP_OPERATIONS")}
    listed = ",".join(operations)
    kept |= {
        f"FACESTAMP_OPERATIONS{'' if i == 0 else f'_{i + 1}'}": listed[i * 64 :][:64]
        for i in range(len(listed) // 64 + 1)
    }
    changed = [{"Key": key, "Value": value} for key, value in {**kept, **more}.items()]
    asked = {"FunctionName": function, "Environment": {"Variables": changed}}
    scf.call_json("UpdateFunctionConfiguration", asked)


def test_an_operation_added_later_is_all_that_is_bought(growing: Scene, name: str) -> None:
    scene, key = growing, f"photos/{name}.jpg"
    scene.upload(key)
    scene.settle()
    assert scene.paid() == {"DetectFace": 1}

    for more in (["DetectFace", "AnalyzeFace"], ["AnalyzeFace", "DetectFace", "DetectFaceAttributes"]):
        ask(scene, *more)
        before = scene.paid()
        scene.send(put_event(scene.cloud, key))
        scene.settle()
        assert scene.paid() - before == {more[1] if len(more) == 2 else more[2]: 1}

    told = scene.stamp(key)
    assert told is not None
    (face,) = told.faces
    assert face.box
    assert face.points
    assert face.attributes


def test_an_operation_taken_away_costs_nothing_and_leaves_the_stamp_but_not_the_record(
    growing: Scene, name: str
) -> None:
    scene, key = growing, f"photos/{name}.jpg"
    ask(scene, "DetectFace", "AnalyzeFace")
    scene.upload(key)
    scene.settle()
    paid = scene.paid()

    ask(scene, "DetectFace")
    scene.send(put_event(scene.cloud, key))
    scene.settle()

    told = scene.stamp(key)
    assert told is not None
    assert [face.points for face in told.faces] == [None]
    assert scene.paid() == paid
    assert len(scene.state(told.result)[told.result]["answers"]) == 2

    ask(scene, "DetectFace", "AnalyzeFace")
    scene.send(put_event(scene.cloud, key))
    scene.settle()
    told = scene.stamp(key)
    assert told is not None
    assert told.faces[0].points
    assert scene.paid() == paid


def test_another_parameter_is_another_answer(growing: Scene, name: str) -> None:
    scene, key = growing, f"photos/{name}.jpg"
    ask(scene, "DetectFace", "AnalyzeFace")
    scene.upload(key)
    scene.settle()

    ask(scene, "DetectFace", "AnalyzeFace", FACESTAMP_ANALYZE_FACE_MODE="01")
    scene.send(put_event(scene.cloud, key))
    scene.settle()

    assert scene.paid() == {"DetectFace": 1, "AnalyzeFace": 2}


def test_a_change_while_photos_are_under_way_loses_none_and_pays_none_twice(growing: Scene, name: str) -> None:
    scene, keys = growing, [f"photos/{name}-{number}.jpg" for number in range(4)]
    with scene.fault("delay", service="ci", times=0, seconds=0.2):
        for key in keys:
            scene.upload(key)
        ask(scene, "DetectFace", "AnalyzeFace")
        for key in keys:
            scene.send(put_event(scene.cloud, key))

    told = [scene.stamp(key) for key in keys]
    assert all(stamp is not None and stamp.faces[0].points for stamp in told)
    assert scene.paid() == {"DetectFace": 4, "AnalyzeFace": 4}
    assert not scene.letters()
