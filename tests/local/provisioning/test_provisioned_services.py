"""The Pulumi program, run against the local cloud's own services."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from qcloud_cos import CosServiceError
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from infra.adoption import Unfit
from infra.local.cloud import LocalCloud
from infra.local.detector import Look
from infra.local.gateway import Refused
from infra.local.provider import NotProvisionable
from infra.local.provision import provision
from tests.infra.conftest import API, settings

WOKEN = "def main_handler(event, context):\n    return len(event['Records'])\n"
TAGS = {"app": "facestamp", "stack": "test", "team": "pictures"}
ANSWERED = "def main_handler(event, context):\n    return {'statusCode': 200, 'headers': {}, 'body': event['path']}\n"


class Blind:
    """No faces are looked for here."""

    def look(self, image: bytes, *, exif: bool = True, rotate: bool = False) -> Look:
        raise NotImplementedError


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("package") / "facestamp.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("on_upload.py", WOKEN)
        archive.writestr("on_http.py", ANSWERED)
    return str(path)


@pytest.fixture
def empty() -> Iterator[LocalCloud]:
    """A cloud with nothing in it."""
    with LocalCloud(engine=cast("Any", Blind())) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def cloud(package: str) -> Iterator[LocalCloud]:
    """A cloud with everything in it that a stack can ask for."""
    stack = settings(
        package=package,
        versioning=True,
        api=API,
        retries=1,
        event_hours=2,
        record_days=90,
        tags={"team": "pictures"},
        alarm_url="https://alarms.example.com/facestamp",
        alarm_groups=[7],
    )
    with LocalCloud(engine=cast("Any", Blind())) as cloud:
        cloud.outputs = provision(stack, cloud.endpoint, cloud.cam.owner)
        yield cloud


def test_the_functions_are_there_with_their_settings(cloud: LocalCloud) -> None:
    function = cloud.scf.function(cloud.outputs["functions"]["photos"])
    assert (function.handler, function.timeout, function.memory) == ("on_upload.main_handler", 30, 256)
    assert function.role == "facestamp-test-photos"
    assert function.variables["FACESTAMP_BUCKET"] == cloud.outputs["photoBucket"]


def test_photos_are_encrypted_and_versioned_as_set(cloud: LocalCloud) -> None:
    photos, state = cloud.outputs["photoBucket"], cloud.outputs["stateBucket"]
    encryption = cloud.cos().get_bucket_encryption(Bucket=photos)
    assert encryption["Rule"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert cloud.cos().get_bucket_versioning(Bucket=photos)["Status"] == "Enabled"
    assert "Status" not in cloud.cos().get_bucket_versioning(Bucket=state)


def test_the_api_has_an_address(cloud: LocalCloud) -> None:
    function = cloud.scf.function(cloud.outputs["apiFunction"])
    assert (function.handler, function.timeout, function.memory) == ("on_http.main_handler", 30, 512)
    [trigger] = cloud.scf.triggers(function.name)
    assert cloud.outputs["apiUrl"] == json.loads(trigger.told()["TriggerDesc"])["NetConfig"]["ExtranetUrl"]
    assert cloud.outputs["apiUrl"].endswith(".ap-guangzhou.tencentscf.com")


def test_pages_may_send_photos_and_kept_answers_expire(cloud: LocalCloud) -> None:
    [rule] = cloud.cos().get_bucket_cors(Bucket=cloud.outputs["photoBucket"])["CORSRule"]
    assert set(rule["AllowedMethod"]) == {"PUT", "POST", "GET", "HEAD"}
    rules = cloud.cos().get_bucket_lifecycle(Bucket=cloud.outputs["stateBucket"])["Rule"]
    assert {rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in rules} == {
        "answers/": "30",
        "records/": "90",
        "requests/": "1",
    }


def test_an_upload_under_a_prefix_wakes_that_routes_function(cloud: LocalCloud) -> None:
    bucket = cloud.outputs["photoBucket"]
    for key in ("photos/a.jpg", "members/ann/b.jpg", "elsewhere/c.jpg"):
        cloud.cos().put_object(Bucket=bucket, Key=key, Body=b"x")
    cloud.scf.settle()
    woken = sorted((invocation.function, invocation.source, invocation.status) for invocation in cloud.scf.invocations)
    assert woken == [("facestamp-test-members", "cos", 200), ("facestamp-test-photos", "cos", 200)]


def test_parts_of_unfinished_uploads_expire(cloud: LocalCloud) -> None:
    rule, _ = cloud.cos().get_bucket_lifecycle(Bucket=cloud.outputs["photoBucket"])["Rule"]
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == "1"


def test_photos_that_were_replaced_expire_and_no_others(cloud: LocalCloud) -> None:
    bucket = cloud.outputs["photoBucket"]
    _, rule = cloud.cos().get_bucket_lifecycle(Bucket=bucket)["Rule"]
    assert (rule["Filter"]["Prefix"] or "", rule["NoncurrentVersionExpiration"]) == ("", {"NoncurrentDays": "30"})
    assert "Expiration" not in rule


def test_the_functions_run_what_is_in_the_code_bucket(cloud: LocalCloud, package: str) -> None:
    bucket = cloud.outputs["codeBucket"]
    [kept] = cloud.cos().list_objects(Bucket=bucket)["Contents"]
    body = cloud.cos().get_object(Bucket=bucket, Key=kept["Key"])["Body"].get_raw_stream().read()
    assert body == Path(package).read_bytes()


def test_events_are_tried_again_as_set(cloud: LocalCloud) -> None:
    scf = cloud.api("scf", "2018-04-16")
    asked = {"FunctionName": cloud.outputs["functions"]["photos"], "Namespace": "default"}
    told = scf.call_json("GetFunctionEventInvokeConfig", asked)["Response"]["AsyncTriggerConfig"]
    assert (told["RetryConfig"], told["MsgTTL"]) == ([{"RetryNum": 1}], 7200)


def test_a_function_has_so_much_memory_and_no_more(cloud: LocalCloud) -> None:
    scf = cloud.api("scf", "2018-04-16")
    names = [*cloud.outputs["functions"].values(), cloud.outputs["apiFunction"]]
    told = [scf.call_json("GetReservedConcurrencyConfig", {"FunctionName": name})["Response"] for name in names]
    assert [each["ReservedMem"] for each in told] == [5 * 256, 5 * 256, 8 * 512]


def test_lines_are_found_by_their_fields(cloud: LocalCloud) -> None:
    index = cloud.api("cls", "2020-10-16").call_json("DescribeIndex", {"TopicId": cloud.outputs["logTopic"]})
    fields = {each["Key"]: each["Value"]["Type"] for each in index["Response"]["Rule"]["KeyValue"]["KeyValues"]}
    assert (fields["verdict"], fields["milliseconds"], fields["SCF_RequestId"]) == ("text", "long", "text")
    function = cloud.api("scf", "2018-04-16").call_json(
        "GetFunction", {"FunctionName": cloud.outputs["functions"]["photos"], "Namespace": "default"}
    )
    assert function["Response"]["ClsTopicId"] == cloud.outputs["logTopic"]


def test_alarms_watch_every_function_and_tell_somebody(cloud: LocalCloud) -> None:
    monitor = cloud.api("monitor", "2018-07-24")
    [policy] = cloud.alarms.policies.values()
    asked = {"Module": "monitor", "PolicyId": policy.id, "GroupId": 0}
    told = monitor.call_json("DescribeBindingPolicyObjectList", asked)["Response"]["List"]
    assert {json.loads(each["Dimensions"])["functionName"] for each in told} == {
        *cloud.outputs["functions"].values(),
        cloud.outputs["apiFunction"],
    }
    described = monitor.call_json("DescribeAlarmPolicy", {"Module": "monitor", "PolicyId": policy.id})["Response"]
    assert [rule["MetricName"] for rule in described["Policy"]["Condition"]["Rules"]] == [
        "Error",
        "Throttle",
        "Http432",
    ]
    [notice] = cloud.alarms.notices.values()
    assert described["Policy"]["NoticeIds"] == [notice.id]
    [dead] = cloud.api("cls", "2020-10-16").call_json("DescribeAlarms", {})["Response"]["Alarms"]
    assert [each["NoticeId"] for each in dead["MonitorNotice"]["Notices"]] == [notice.id]
    assert [each["TopicId"] for each in dead["AlarmTargets"]] == [cloud.outputs["logTopic"]]
    assert {tag["Key"]: tag["Value"] for tag in dead["Tags"]} == TAGS


@pytest.mark.parametrize(
    ("named", "metrics"),
    [
        ({}, ["Error", "Throttle", "Http432"]),
        ({"alarm_type": "scf_alias", "alarm_metrics": ["13007", "Throttle"]}, ["13007", "Throttle"]),
    ],
)
def test_either_name_of_the_policy_type_can_be_deployed(
    empty: LocalCloud, package: str, named: dict[str, Any], metrics: list[str]
) -> None:
    provision(settings(package=package, **named), empty.endpoint, empty.cam.owner)
    [policy] = empty.alarms.policies.values()
    assert policy.asked["Namespace"] == named.get("alarm_type", "SCF_V2")
    assert [rule["MetricName"] for rule in policy.asked["Condition"]["Rules"]] == metrics


def test_a_name_that_cloud_monitor_does_not_know_is_refused_by_it(empty: LocalCloud, package: str) -> None:
    stack = settings(package=package, alarm_metrics=["13007"])
    with pytest.raises(TencentCloudSDKException, match="SCF_V2 has no metric 13007"):
        provision(stack, empty.endpoint, empty.cam.owner)


def test_what_is_made_is_tagged(cloud: LocalCloud) -> None:
    for bucket in ("photoBucket", "stateBucket", "codeBucket"):
        told = cloud.cos().get_bucket_tagging(Bucket=cloud.outputs[bucket])["TagSet"]["Tag"]
        assert {tag["Key"]: tag["Value"] for tag in told} == TAGS
    code = cloud.outputs["codeBucket"]
    [kept] = cloud.cos().list_objects(Bucket=code)["Contents"]
    told = cloud.cos().get_object_tagging(Bucket=code, Key=kept["Key"])["TagSet"]["Tag"]
    assert {tag["Key"]: tag["Value"] for tag in told} == TAGS
    function = cloud.api("scf", "2018-04-16").call_json(
        "GetFunction", {"FunctionName": cloud.outputs["apiFunction"], "Namespace": "default"}
    )
    assert {tag["Key"]: tag["Value"] for tag in function["Response"]["Tags"]} == TAGS


def test_buckets_that_are_there_can_be_adopted(empty: LocalCloud, package: str) -> None:
    for bucket in ("pictures-1250000000", "records-1250000000"):
        empty.cos().create_bucket(Bucket=bucket, ACL="private")
    stack = settings(package=package, adopt_photo_bucket=True, adopt_state_bucket=True)
    outputs = provision(stack, empty.endpoint, empty.cam.owner)
    assert (outputs["photoBucket"], outputs["stateBucket"]) == ("pictures-1250000000", "records-1250000000")
    with pytest.raises(CosServiceError, match="NoSuchLifecycleConfiguration"):
        empty.cos().get_bucket_lifecycle(Bucket=outputs["photoBucket"])


@pytest.mark.parametrize(
    ("bucket", "acl", "versions", "sentence"),
    [
        ("pictures", "public-read", False, "pictures-1250000000 is public-read: make it private first"),
        ("pictures", "public-read-write", False, "pictures-1250000000 is public-read-write: make it private first"),
        ("records", "public-read", False, "records-1250000000 is public-read: make it private first"),
        ("pictures", "authenticated-read", False, "pictures-1250000000 is open to every account at Tencent: make it"),
        ("records", "private", True, "records-1250000000 keeps versions"),
    ],
)
def test_a_bucket_that_is_unfit_is_refused(
    empty: LocalCloud, package: str, bucket: str, acl: str, versions: bool, sentence: str
) -> None:
    for name in ("pictures-1250000000", "records-1250000000"):
        empty.cos().create_bucket(Bucket=name, ACL=acl if name.startswith(bucket) else "private")
    if versions:
        empty.cos().put_bucket_versioning(Bucket=f"{bucket}-1250000000", Status="Enabled")
    stack = settings(package=package, adopt_photo_bucket=True, adopt_state_bucket=True)
    with pytest.raises(Unfit, match=sentence):
        provision(stack, empty.endpoint, empty.cam.owner)
    assert list(empty.scf.invocations) == []
    with pytest.raises(Refused, match="ResourceNotFound"):
        empty.scf.function("facestamp-test-photos")


def test_an_adopted_photo_bucket_may_keep_versions(empty: LocalCloud, package: str) -> None:
    empty.cos().create_bucket(Bucket="pictures-1250000000", ACL="private")
    empty.cos().put_bucket_versioning(Bucket="pictures-1250000000", Status="Enabled")
    stack = settings(package=package, adopt_photo_bucket=True)
    assert provision(stack, empty.endpoint, empty.cam.owner)["photoBucket"] == "pictures-1250000000"


def test_nothing_is_made_in_an_account_that_the_stack_is_not_for(empty: LocalCloud, package: str) -> None:
    stack = settings(package=package, accounts=["100000000999"])
    with pytest.raises(NotProvisionable, match="which this stack is not for"):
        provision(stack, empty.endpoint, empty.cam.owner)
    assert list(empty.cam.roles()) == []
