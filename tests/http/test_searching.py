"""Who is in a picture, over HTTP: by real likeness, and nobody where there is nobody."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from infra.local.cloud import LocalCloud
from tests import pictures
from tests.http.conftest import Api
from tests.http.library import DARKER, EMPTY, LANDSCAPE, PORTRAIT, VALUE, Calls, b64, enrol, make, problem, told


@pytest.fixture
def ada(api: Api, name: str, group: str) -> str:
    """Somebody with one face."""
    told(make(api, group, f"ada-{name}", gender=2))
    return f"ada-{name}"


def search(api: Api, group: str, image: str = "", **more: Any) -> Any:
    return api.post("/v1/persons:search", {"group_ids": [group], **({"image": image} if image else {}), **more})


def stranger() -> str:
    """A face that is nobody's: the portrait's, drawn out of its proportions."""
    return b64(pictures.jpeg(Image.fromarray(np.asarray(pictures.portrait().resize((512, 640)))[:512])))


def test_search_finds_who_is_in_a_photo(api: Api, calls: Calls, ada: str, group: str) -> None:
    (face,) = told(enrol(api, ada, DARKER))["suc_face_ids"]
    answer = told(search(api, group, DARKER, need_person_info=1))

    (found,) = answer["results"]
    (candidate,) = found["candidates"]
    assert candidate["score"] > 95
    assert {**candidate, "score": 100} == {
        "person_id": ada,
        "face_id": face,
        "score": 100,
        "person_name": "Ada",
        "gender": 2,
        "person_group_infos": [{"group_id": group, "person_ex_descriptions": []}],
    }
    assert (found["ret_code"], found["face_rect"]["width"] > 50, answer["face_num"]) == (0, True, 2)
    assert len(calls(action="SearchFaces", paid=True)) == 1


def test_search_takes_a_photo_of_the_bucket_and_says_no_more_than_it_is_asked(
    api: Api, cloud: LocalCloud, ada: str, group: str, name: str
) -> None:
    key = f"photos/{name}.jpg"
    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=pictures.jpeg(pictures.group(5)))
    cloud.scf.settle()
    answer = told(search(api, group, key=key, max_face_num=10, max_person_num=1))
    assert len(answer["results"]) == 5
    widths = [found["face_rect"]["width"] for found in answer["results"]]
    assert widths == sorted(widths, reverse=True)
    for found in answer["results"]:
        (candidate,) = found["candidates"]
        assert candidate.keys() == {"person_id", "face_id", "score"}


def test_search_finds_nobody_for_a_stranger(api: Api, ada: str, group: str) -> None:
    answer = told(search(api, group, stranger(), face_match_threshold=80.0))
    assert [found["candidates"] for found in answer["results"]] == [[]]


def test_a_picture_without_a_face_and_a_group_without_one_are_no_errors(
    api: Api, ada: str, group: str, name: str
) -> None:
    assert told(search(api, group, LANDSCAPE))["results"] == []
    told(api.post("/v1/groups", {"group_id": f"empty-{name}", "group_name": f"empty-{name}"}))
    empty = told(search(api, f"empty-{name}", PORTRAIT))
    assert (empty["results"], empty["face_num"]) == ([], 0)
    assert empty["request_id"]


def test_a_face_too_small_or_too_poor_is_passed_over(api: Api, ada: str, group: str) -> None:
    assert told(search(api, group, PORTRAIT, min_face_size=400))["results"] == []
    dark = b64(pictures.jpeg(pictures.lit(pictures.portrait(), 0.3)))
    (found,) = told(search(api, group, dark, quality_control=4))["results"]
    assert (found["ret_code"], found["candidates"]) == (-1601, [])


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({}, 400, EMPTY),
        ({"image": PORTRAIT, "key": "photos/a.jpg"}, 400, "InvalidParameter.InvalidParameter"),
        ({"image": PORTRAIT, "group_ids": []}, 400, EMPTY),
        ({"image": PORTRAIT, "group_ids": ["g"] * 101}, 400, f"{VALUE}.GroupIdsExceed"),
        ({"image": PORTRAIT, "group_ids": ["a b"]}, 400, f"{VALUE}.GroupIdIllegal"),
        ({"image": PORTRAIT, "max_face_num": 11}, 400, "LimitExceeded.ErrorFaceNumExceed"),
        ({"image": PORTRAIT, "max_person_num": 101}, 400, f"{VALUE}.SearchPersonsExceed"),
        ({"image": PORTRAIT, "face_match_threshold": -1}, 400, f"{VALUE}.FaceMatchThresholdIllegal"),
        ({"image": PORTRAIT, "quality_control": 5}, 400, f"{VALUE}.QualityControlIllegal"),
        ({"image": "no picture"}, 422, "FailedOperation.ImageDecodeFailed"),
        ({"key": "photos/none.jpg"}, 404, "NoSuchKey"),
    ],
)
def test_what_would_be_refused_is_refused_before_anything_is_asked(
    api: Api, calls: Calls, name: str, more: dict[str, Any], status: int, code: str
) -> None:
    assert problem(search(api, name, **more)) == (status, code)
    assert calls(service="iai") == []


def test_a_group_that_is_not_there_is_not_found(api: Api, name: str) -> None:
    assert problem(search(api, name, PORTRAIT)) == (404, f"{VALUE}.GroupIdNotExist")
