"""Faces of people over HTTP: each picture becomes one face, whatever goes wrong or happens at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from facestamp import stamp
from infra.local.cloud import LocalCloud
from infra.local.faults import Fault
from tests import pictures
from tests.http.conftest import Api
from tests.http.library import (
    DARK,
    DARKER,
    DUSK,
    EMPTY,
    LANDSCAPE,
    NIGHT,
    PORTRAIT,
    VALUE,
    Calls,
    b64,
    enrol,
    faces_of,
    make,
    problem,
    shade,
    told,
)


@pytest.fixture
def ada(api: Api, name: str, group: str) -> str:
    """Somebody with one face."""
    told(make(api, group, f"ada-{name}"))
    return f"ada-{name}"


def upload(cloud: LocalCloud, key: str, body: bytes) -> None:
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=body)


def test_each_picture_has_its_own_result(api: Api, calls: Calls, ada: str) -> None:
    answer = told(enrol(api, ada, DARKER, LANDSCAPE, DARK, DUSK))

    assert [result["ret_code"] for result in answer["results"]] == answer["ret_code"] == [0, -1101, 0, 0]
    assert [result["index"] for result in answer["results"]] == [0, 1, 2, 3]
    assert answer["results"][1] == {"index": 1, "ret_code": -1101, "code": f"{VALUE}.NoFaceInPhoto"}
    added = [result["face_id"] for result in answer["results"] if "face_id" in result]
    assert added == answer["suc_face_ids"] == faces_of(api, ada)[1:]
    assert (answer["suc_face_num"], answer["suc_indexes"]) == (3, [0, 2, 3])
    assert [result["face_rect"] for result in answer["results"] if "face_rect" in result] == answer["suc_face_rects"]
    assert len(calls(action="CreateFace")) == 1


def test_every_reason_not_to_take_a_picture_has_its_code(api: Api, ada: str) -> None:
    badly_lit = b64(shade(0.3))
    strict = told(enrol(api, ada, badly_lit, LANDSCAPE, quality_control=4))
    assert [result["code"] for result in strict["results"]] == [
        "FailedOperation.FaceQualityNotQualified",
        f"{VALUE}.NoFaceInPhoto",
    ]
    unlike = told(enrol(api, ada, NIGHT, face_match_threshold=100))
    assert unlike["results"] == [{"index": 0, "ret_code": -1604, "code": "-1604"}]
    assert (unlike["suc_face_ids"], len(faces_of(api, ada))) == ([], 1)


def test_the_same_pictures_again_cost_nothing_and_new_ones_are_added(api: Api, calls: Calls, ada: str) -> None:
    first = told(enrol(api, ada, DARKER, LANDSCAPE))
    again = told(enrol(api, ada, LANDSCAPE, DARKER, DARK, DARK))

    assert again["ret_code"] == [-1101, 0, 0, 0]
    ids = [result.get("face_id") for result in again["results"]]
    assert ids[1] == first["suc_face_ids"][0]
    assert ids[2] == ids[3]
    assert faces_of(api, ada)[1:] == again["suc_face_ids"] == [ids[1], ids[2]]
    assert len(calls(action="CreateFace")) == 2
    told(enrol(api, ada, DARK, DARKER))
    assert len(calls(action="CreateFace")) == 2


@pytest.mark.parametrize("images", [(DARKER,), (DARKER, DARK)])
def test_a_retry_after_a_lost_answer_enrols_once(
    api: Api, calls: Calls, cloud: LocalCloud, ada: str, images: tuple[str, ...]
) -> None:
    cloud.faults.add(Fault("drop", "after", action="CreateFace"))
    assert problem(enrol(api, ada, *images)) == (504, "NoAnswer")
    cloud.clock.skip(60)
    answer = told(enrol(api, ada, *images))

    assert sorted(answer["suc_face_ids"]) == sorted(faces_of(api, ada)[1:])
    assert (answer["ret_code"], len(answer["suc_face_ids"])) == ([0] * len(images), len(images))
    assert len(calls(action="CreateFace")) == 1
    if len(images) > 1:
        assert not any("face_id" in result for result in answer["results"])


def test_a_first_face_that_shows_late_is_not_taken_for_the_one_whose_answer_was_lost(
    api: Api, calls: Calls, cloud: LocalCloud, group: str, name: str
) -> None:
    cloud.iai.settle = 5.0
    try:
        first = told(make(api, group, name))["face_id"]
        cloud.faults.add(Fault("drop", "after", action="CreateFace"))
        assert problem(enrol(api, name, DARKER)) == (504, "NoAnswer")
        cloud.clock.skip(60)
        assert faces_of(api, name) == [first, *told(enrol(api, name, DARKER))["suc_face_ids"]]
    finally:
        cloud.iai.settle = 0.0
    assert len(calls(action="CreateFace")) == 1


def test_a_retry_after_a_call_that_never_came_enrols_then(api: Api, calls: Calls, cloud: LocalCloud, ada: str) -> None:
    cloud.faults.add(Fault("drop", "before", action="CreateFace"))
    assert problem(enrol(api, ada, DARKER, DARK)) == (504, "NoAnswer")
    cloud.clock.skip(60)
    assert told(enrol(api, ada, DARKER, DARK))["suc_face_ids"] == faces_of(api, ada)[1:]


def test_where_a_lost_answer_leaves_it_open_which_picture_was_taken_somebody_has_to_look(
    api: Api, calls: Calls, cloud: LocalCloud, ada: str
) -> None:
    cloud.faults.add(Fault("drop", "after", action="CreateFace"))
    assert problem(enrol(api, ada, DARKER, LANDSCAPE)) == (504, "NoAnswer")
    cloud.clock.skip(60)
    for _ in range(2):
        assert problem(enrol(api, ada, DARKER, LANDSCAPE)) == (409, "Facestamp.EnrolmentUnknown")
    assert len(calls(action="CreateFace")) == 1

    told(api.delete(f"/v1/persons/{ada}/faces/{faces_of(api, ada)[1]}"))
    assert told(enrol(api, ada, DARKER, LANDSCAPE))["ret_code"] == [0, -1101]


@pytest.mark.parametrize(("code", "status"), [("RequestLimitExceeded", 429), ("UnauthorizedOperation", 503)])
def test_a_refusal_had_no_effect_and_the_next_request_need_not_wait(
    api: Api, cloud: LocalCloud, ada: str, code: str, status: int
) -> None:
    cloud.faults.add(Fault("fail", action="CreateFace", code=code))
    assert problem(enrol(api, ada, DARKER)) == (status, code)
    assert told(enrol(api, ada, DARKER))["suc_face_ids"] == faces_of(api, ada)[1:]


def test_requests_for_one_person_at_once_enrol_each_picture_once(api: Api, calls: Calls, ada: str) -> None:
    sent = [(DARKER,), (DARKER, DARK), (DARK,), (DARK, DARKER), (DUSK,), (DUSK,)]
    with ThreadPoolExecutor(len(sent)) as pool:
        answers = list(pool.map(lambda images: told(enrol(api, ada, *images)), sent))

    faces: dict[str, set[str]] = {}
    for images, answer in zip(sent, answers, strict=True):
        for image, result in zip(images, answer["results"], strict=True):
            faces.setdefault(image, set()).add(result["face_id"])
    assert [len(ids) for ids in faces.values()] == [1, 1, 1]
    assert set.union(*faces.values()) == set(faces_of(api, ada)[1:])


def test_requests_that_make_and_delete_one_person_at_once_leave_it_whole(
    api: Api, cloud: LocalCloud, group: str, ada: str
) -> None:
    work = [
        lambda: make(api, group, ada, DARK),
        lambda: api.delete(f"/v1/persons/{ada}"),
        lambda: enrol(api, ada, DARKER),
        lambda: enrol(api, ada, DARKER),
    ]
    with ThreadPoolExecutor(len(work)) as pool:
        made, deleted, *enrolled = (future.result() for future in [pool.submit(each) for each in work])

    assert made.status_code in (200, 409)
    assert deleted.status_code == 200
    assert {each.status_code for each in enrolled} <= {200, 404}
    if made.status_code == 200:
        left = set(faces_of(api, ada))
        assert made.json()["face_id"] in left
        assert len(left) <= 2
    else:
        assert problem(api.get(f"/v1/persons/{ada}")) == (404, f"{VALUE}.PersonIdNotExist")


def test_a_photo_whose_face_was_deleted_can_be_enrolled_again(api: Api, calls: Calls, ada: str) -> None:
    (face,) = told(enrol(api, ada, DARKER))["suc_face_ids"]
    told(api.delete(f"/v1/persons/{ada}/faces/{face}"))
    assert problem(api.delete(f"/v1/persons/{ada}/faces/{face}"))[0] == 404
    (again,) = told(enrol(api, ada, DARKER))["suc_face_ids"]

    assert faces_of(api, ada)[1:] == [again] != [face]
    assert len(calls(action="CreateFace")) == 2


def test_the_last_face_stays_and_the_answer_says_what_to_do(api: Api, ada: str) -> None:
    (face,) = faces_of(api, ada)
    refused = api.delete(f"/v1/persons/{ada}/faces/{face}")
    assert problem(refused) == (409, f"{VALUE}.DeleteFaceNumExceed")
    assert "Delete the person" in refused.json()["detail"]
    assert faces_of(api, ada) == [face]
    told(api.delete(f"/v1/persons/{ada}"))


def test_a_deletion_whose_answer_was_lost_is_done_once_and_told(api: Api, cloud: LocalCloud, ada: str) -> None:
    (face,) = told(enrol(api, ada, DARKER))["suc_face_ids"]
    cloud.faults.add(Fault("drop", "after", action="DeleteFace"))
    assert told(api.delete(f"/v1/persons/{ada}/faces/{face}"))["suc_face_ids"] == [face]
    assert len(faces_of(api, ada)) == 1


def test_a_sixth_face_is_a_conflict(api: Api, ada: str) -> None:
    told(enrol(api, ada, DARKER, DARK, DUSK))
    assert problem(enrol(api, ada, NIGHT, PORTRAIT)) == (409, f"{VALUE}.PersonFaceNumExceed")
    assert told(enrol(api, ada, NIGHT))["suc_face_num"] == 1


def test_a_photo_of_the_bucket_is_one_face_by_upload_and_by_request(
    api: Api, cloud: LocalCloud, calls: Calls, ada: str
) -> None:
    key = f"members/{ada}/photo.jpg"
    with cloud.scf.hold():
        upload(cloud, key, shade(0.9))
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(lambda: told(enrol(api, ada, keys=[key]))) for _ in range(3)]
        answers = [each.result() for each in asked]
    cloud.scf.settle()

    (face,) = faces_of(api, ada)[1:]
    assert [answer["suc_face_ids"] for answer in answers] == [[face]] * 3
    found = stamp.read({k.lower(): v for k, v in cloud.cos().head_object(Bucket=cloud.bucket, Key=key).items()})
    assert found is not None
    assert found.enrolment is not None
    assert found.enrolment.face_ids == (face,)
    assert len(calls(action="CreateFace")) == 1


def test_a_photo_too_large_for_the_service_is_enrolled_as_a_rendering_and_framed_as_it_is(
    api: Api, cloud: LocalCloud, ada: str, name: str
) -> None:
    key = f"photos/{name}.jpg"
    upload(cloud, key, pictures.jpeg(pictures.big(4800, 4200)))
    cloud.scf.settle()
    (rect,) = told(enrol(api, ada, keys=[key]))["suc_face_rects"]
    left, top, right, bottom = (side * 4200 / 512 for side in pictures.FACE)
    across, down = rect["x"] + rect["width"] / 2 - 300, rect["y"] + rect["height"] / 2
    assert left < across < right
    assert top < down < bottom


def test_photos_that_cannot_be_fetched_are_sent_inline_in_one_call_more(
    api: Api, cloud: LocalCloud, calls: Calls, ada: str, name: str
) -> None:
    keys = [f"photos/{name}-{number}.jpg" for number in range(2)]
    for key, brightness in zip(keys, (0.9, 0.8), strict=True):
        upload(cloud, key, shade(brightness))
    cloud.scf.settle()
    cloud.faults.add(Fault("fail", action="CreateFace", code="FailedOperation.ImageDownloadError"))
    assert told(enrol(api, ada, keys=keys))["suc_face_ids"] == faces_of(api, ada)[1:]
    assert len(calls(action="CreateFace")) == 2


def test_a_photo_replaced_before_its_turn_is_not_enrolled(
    api: Api, cloud: LocalCloud, calls: Calls, ada: str, name: str
) -> None:
    key = f"photos/{name}.jpg"
    upload(cloud, key, shade(0.9))
    cloud.scf.settle()
    replaced = Fault("run", action="GetPersonBaseInfo", action_run=lambda: upload(cloud, key, shade(0.8)))
    cloud.faults.add(replaced)
    assert problem(enrol(api, ada, keys=[key])) == (404, "NoSuchKey")
    cloud.scf.settle()
    assert told(enrol(api, ada, keys=[key]))["suc_face_num"] == 1
    assert len(calls(action="CreateFace")) == 1


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({}, 400, EMPTY),
        ({"images": []}, 400, EMPTY),
        ({"images": [DARKER] * 5}, 400, f"{VALUE}.UploadFaceNumExceed"),
        ({"images": [DARKER], "keys": ["photos/a.jpg"]}, 400, "InvalidParameter.InvalidParameter"),
        ({"image": DARKER}, 400, VALUE),
        ({"images": ["no picture"]}, 422, "FailedOperation.ImageDecodeFailed"),
        ({"images": [DARKER, ""]}, 422, f"{VALUE}.ImageEmpty"),
        ({"keys": ["nowhere/a.jpg"]}, 404, "NoSuchKey"),
        ({"keys": ["photos/none.jpg"]}, 404, "NoSuchKey"),
        ({"urls": ["https://example.com/a.jpg"]}, 400, f"{VALUE}.UrlIllegal"),
        ({"images": [DARKER], "face_match_threshold": 100.5}, 400, f"{VALUE}.FaceMatchThresholdIllegal"),
        ({"images": [DARKER], "quality_control": 5}, 400, f"{VALUE}.QualityControlIllegal"),
        ({"images": [DARKER], "version": "2017-01-01"}, 400, VALUE),
        ({"images": DARKER}, 400, VALUE),
    ],
)
def test_what_would_be_refused_is_refused_before_anything_is_asked(
    api: Api, calls: Calls, name: str, sent: dict[str, Any], status: int, code: str
) -> None:
    assert problem(enrol(api, name, **sent)) == (status, code)
    assert calls(service="iai") == []
