"""What a stack may be, and the sentence for what it may not."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from infra.settings.stack import StackSettings, sentences
from tests.infra.conftest import MEMBERS, PHOTOS, settings


def route(**changed: Any) -> dict[str, Any]:
    """The photos route with changes."""
    return {**PHOTOS, **changed}


def named(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Routes by name and prefix."""
    return [route(name=name, prefix=prefix) for name, prefix in pairs]


def test_names_are_completed() -> None:
    stack = settings()
    assert (stack.photo_bucket_name, stack.state_bucket_name) == ("pictures-1250000000", "records-1250000000")
    assert [stack.function_name(route.name) for route in stack.routes] == [
        "facestamp-test-photos",
        "facestamp-test-members",
    ]


def test_the_face_service_is_asked_in_the_same_region_where_it_is_there() -> None:
    assert settings(region="ap-shanghai").face_region == "ap-shanghai"
    assert settings(region="ap-hongkong", face_region="ap-singapore").face_region == "ap-singapore"


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        settings().memory = 512


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"region": "ap-hongkong"}, "ap-hongkong has no face service; set face_region to one of ap-beijing, "),
        ({"region": "Guangzhou"}, "region: String should match pattern"),
        ({"app_id": "12500"}, "app_id: String should match pattern"),
        (
            {"photo_bucket": "records"},
            "Photos, state and code need a bucket each: what is kept beside the photos wakes",
        ),
        ({"code_bucket": "pictures"}, "Photos, state and code need a bucket each"),
        ({"code_bucket": "c" * 20}, "has 61 characters; COS takes 60."),
        ({"accounts": []}, "Say whose account this is for: set tencentcloud:allowedAccountIds to its UIN."),
        ({"accounts": ["<UIN>"]}, "tencentcloud:allowedAccountIds still holds the example's placeholder: put the UIN"),
        ({"accounts": ["me"]}, "'me' is not the UIN of an account, which is a number such as 100000000001."),
        (
            {"app_id": "<APPID>"},
            "facestamp:appId still holds the example's placeholder: put the account's APPID there.",
        ),
        ({"tags": {"qcs:x": "y"}}, "'qcs:x' cannot be the key of a tag."),
        ({"tags": {"project": "y"}}, "'project' cannot be the key of a tag."),
        ({"tags": {"stack": "other"}}, "The tag 'stack' is the stack's own, by which its things are known: take"),
        ({"tags": {"app": "albums"}}, "The tag 'app' is the stack's own, by which its things are known: take another"),
        ({"tags": {"team": "<b>"}}, "'<b>' cannot be the value of a tag."),
        ({"tags": {"team": ""}}, "'' cannot be the value of a tag."),
        ({"tags": {f"key-{n}": "x" for n in range(9)}}, "A resource carries 10 tags at most."),
        ({"retries": 3}, "retries: Input should be less than or equal to 2"),
        ({"event_hours": 7}, "event_hours: Input should be less than or equal to 6"),
        ({"unfinished_days": 0}, "unfinished_days: Input should be greater than or equal to 1"),
        ({"orphan_days": 1}, "orphan_days: Input should be greater than or equal to 7"),
        ({"log_days": 0}, "log_days: Input should be greater than or equal to 1"),
        ({"old_version_days": 7}, "No old versions are kept for oldVersionDays: set versioning too, or leave it out."),
        ({"old_version_days": 30}, "No old versions are kept for oldVersionDays"),
        (
            {"versioning": True, "adopt_photo_bucket": True, "old_version_days": 7},
            "An adopted bucket is left as it is: leave oldVersionDays out, and bring such a rule yourself.",
        ),
        ({"versioning": True, "old_version_days": 3651}, "old_version_days: Input should be less than or equal to"),
        ({"alarm_url": "http://alarms.example.com"}, "alarmUrl is an https address of at most 256 characters."),
        ({"alarms": False, "alarm_groups": [7]}, "There is somebody to tell of alarms, and no alarms"),
        ({"alarm_type": ""}, "alarm_type: String should match pattern"),
        ({"alarm_type": "SCF V2"}, "alarm_type: String should match pattern"),
        ({"alarm_metrics": []}, "alarm_metrics: Tuple should have at least 1 item"),
        ({"alarm_metrics": ["Error", "x y"]}, "alarm_metrics.1: String should match pattern"),
        ({"alarm_metrics": ["Error", "Error"]}, "alarmMetrics names a metric twice."),
        (
            {"routes": [route(concurrency=500)], "memory": 256},
            "The functions reserve 128000 MB together; ap-guangzhou lets an account have 115200.",
        ),
        (
            {"region": "ap-nanjing", "face_region": "ap-shanghai", "routes": [route(concurrency=500)], "memory": 128},
            "The functions reserve 64000 MB together; ap-nanjing lets an account have 51200.",
        ),
        ({"photo_bucket": "My_Photos"}, "'My_Photos' must be small letters, digits and -, without the appid."),
        ({"photo_bucket": "p-1250000000"}, "'p-1250000000' must be small letters, digits and -, without the appid."),
        ({"photo_bucket": "p" * 20}, "has 61 characters; COS takes 60."),
        ({"memory": 200}, "memory must be 64, or 128 to 3072 in steps of 128."),
        ({"timeout": 31}, "timeout: Input should be less than or equal to 30"),
        ({"runtime": "Nodejs18"}, "runtime: String should match pattern"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"routes": []}, "routes: Tuple should have at least 1 item"),
        ({"routes": named(("photos", "a/"), ("photos", "b/"))}, "Two routes are called photos."),
        (
            {"routes": named(("album", "photos/"), ("raw", "photos/raw/"))},
            "The routes album and raw overlap: COS gives photos/raw/ to one function.",
        ),
        (
            {"routes": named(("aa", "aa/"), ("bb", "bb/"), ("cc", "cc/"), ("dd", "dd/"))},
            "A bucket has 10 triggers and a route takes 3: three routes at most.",
        ),
        ({"routes": [route(name="P")]}, "routes.0.name: String should match pattern"),
        ({"project": "x" * 50}, "has 62 characters; SCF takes 60."),
        ({"routes": [route(prefix="")]}, "routes.0.prefix: String should have at least 2 characters"),
        ({"routes": [route(prefix="/photos/")]}, "The prefix '/photos/' must not begin with a slash or hold a *."),
        ({"routes": [route(prefix="photos*")]}, "The prefix 'photos*' must not begin with a slash or hold a *."),
        ({"routes": [route(suffixes=[".gif"])]}, "The face services do not read .gif; choose from .jpg, .jpeg, "),
        ({"routes": [route(operations={})]}, "routes.0.operations: Tuple should have at least 1 item"),
        ({"routes": [route(operations={"DetectDog": {}})]}, "There is no operation DetectDog; choose from AnalyzeFace"),
        (
            {"routes": [route(operations={"DetectFace": {"MaxFaceNum": 121}})]},
            "DetectFace does not take MaxFaceNum so: Input should be less than or equal to 120.",
        ),
        (
            {"routes": [route(operations={"DetectFace": {"Faces": 1}})]},
            "DetectFace does not take Faces so: Extra inputs are not permitted.",
        ),
        (
            {"routes": [route(person_id="photos/{person_id}/")]},
            "person_id and an operation that enrols go together: give both or neither.",
        ),
        ({"routes": [{**MEMBERS, "person_id": ""}]}, "person_id and an operation that enrols go together"),
        ({"routes": [route(group_id="staff")]}, "group_id is for a route that enrols: give it person_id too, or leave"),
        ({"routes": [{**MEMBERS, "group_id": "the staff"}]}, "routes.0.group_id: String should match pattern"),
        ({"routes": [{**MEMBERS, "group_id": "g" * 65}]}, "routes.0.group_id: String should match pattern"),
        (
            {"routes": [{**MEMBERS, "person_id": "people/{person_id}/"}]},
            "person_id must be the prefix and then whole folders, one of them {person_id}: members/{person_id}/.",
        ),
        ({"routes": [{**MEMBERS, "person_id": "members/{person_id}"}]}, "person_id must be the prefix"),
        ({"routes": [{**MEMBERS, "person_id": "members/x-{person_id}/"}]}, "person_id must be the prefix"),
        ({"routes": [{**MEMBERS, "person_id": "members/{person_id}/{person_id}/"}]}, "person_id must be the prefix"),
        (
            {"photo_bucket": "photos", "endpoint": "http://" + "x" * 4096},
            "variables have ",
        ),
    ],
)
def test_a_wrong_setting_is_refused_in_a_sentence(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**changed)
    assert sentence in sentences(refused.value)


def test_that_old_versions_stay_can_be_said_where_there_are_none() -> None:
    assert settings(old_version_days=0).old_version_days == 0
    assert settings(old_version_days=0, adopt_photo_bucket=True).old_version_days == 0


def test_a_person_may_stand_deeper_in_the_key() -> None:
    deeper = {**MEMBERS, "person_id": "members/2026/{person_id}/portraits/"}
    assert settings(routes=[deeper]).routes[0].person_id == "members/2026/{person_id}/portraits/"


def test_prefixes_that_only_look_alike_do_not_overlap() -> None:
    stack = settings(routes=named(("aa", "photos-a/"), ("bb", "photos/"), ("cc", "photos-b/")))
    assert isinstance(stack, StackSettings)


def test_an_adopted_bucket_may_have_an_old_long_name() -> None:
    stack = settings(photo_bucket="p" * 40, adopt_photo_bucket=True)
    assert stack.photo_bucket_name.startswith("p" * 40)


def test_an_account_need_not_be_named_on_a_laptop() -> None:
    assert settings(accounts=[], endpoint="http://127.0.0.1:9000").accounts == ()


def test_everything_carries_the_same_tags() -> None:
    assert settings(tags={"team": "pictures"}).all_tags == {"app": "facestamp", "stack": "test", "team": "pictures"}


def test_a_function_that_asks_more_has_fewer_instances() -> None:
    one = route(name="one", prefix="one/", operations={"AnalyzeFace": {}})
    two = route(name="two", prefix="two/", operations={"AnalyzeFace": {}, "DetectFaceAttributes": {}})
    stack = settings(routes=[one, two], memory=128)
    assert [stack.reserved(route) // 128 for route in stack.routes] == [25, 12]
    with_api = settings(routes=[one, two], memory=128, api={})
    assert [with_api.reserved(route) // 128 for route in with_api.routes] == [16, 8]
    assert with_api.api
    assert with_api.reserved(with_api.api) == 8 * 512


def test_how_many_instances_there_are_can_be_said() -> None:
    stack = settings(routes=[route(concurrency=3)], api={"concurrency": 2})
    assert stack.reserved(stack.routes[0]) == 3 * 256
    assert stack.api
    assert stack.reserved(stack.api) == 2 * 512
