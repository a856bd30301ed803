"""What the Pulumi program registers, as the provider would get it."""

from __future__ import annotations

import ast
import hashlib
import json
import runpy
import warnings
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime import rpc

from infra.local.provision import PROGRAM, stack_file
from infra.settings import config
from infra.settings.permissions import api_statements, document, permissions, statements, trust
from infra.settings.stack import StackSettings
from infra.watching import FIELDS, TOKENS
from tests.infra.conftest import API, MEMBERS, PHOTOS, Deployment, settings

TAGS = {"app": "facestamp", "stack": "test"}


@pytest.fixture
def stack(package: Path) -> StackSettings:
    return settings(package=str(package), memory=512, timeout=25)


@pytest.fixture
def deployment(stack: StackSettings) -> Deployment:
    return Deployment(stack)


def test_both_buckets_are_private_and_encrypted(deployment: Deployment) -> None:
    unfinished = [
        {"id": "unfinished", "filterPrefix": "", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 1}}
    ]
    orphans = [{"id": "answers", "filterPrefix": "answers/", "expiration": {"days": 30}}]
    for name, bucket, rules in (
        ("photos", "pictures-1250000000", unfinished),
        ("state", "records-1250000000", orphans),
    ):
        assert deployment["CosBucket", name] == {
            "bucket": bucket,
            "acl": "private",
            "encryptionAlgorithm": "AES256",
            "versioningEnable": False,
            "forceClean": False,
            "tags": TAGS,
            "lifecycleRules": rules,
        }


def test_code_has_a_bucket_of_its_own(deployment: Deployment) -> None:
    assert deployment["CosBucket", "code"] == {
        "bucket": "code-1250000000",
        "acl": "private",
        "encryptionAlgorithm": "AES256",
        "forceClean": True,
        "tags": TAGS,
    }


def test_photos_may_be_versioned_but_state_never_is(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), versioning=True))
    assert deployment["CosBucket", "photos"]["versioningEnable"] is True
    assert deployment["CosBucket", "state"]["versioningEnable"] is False


@pytest.mark.parametrize(
    ("changed", "days"),
    [
        ({}, []),
        ({"versioning": True}, [30]),
        ({"versioning": True, "old_version_days": 7}, [7]),
        ({"versioning": True, "old_version_days": 0}, []),
    ],
)
def test_photos_that_were_replaced_go_where_they_are_kept(
    changed: dict[str, Any], days: list[int], package: Path
) -> None:
    deployment = Deployment(settings(package=str(package), **changed))
    _, *replaced = deployment["CosBucket", "photos"]["lifecycleRules"]
    assert replaced == [
        {"id": "replaced", "filterPrefix": "", "nonCurrentExpiration": {"nonCurrentDays": after}} for after in days
    ]
    assert not any("nonCurrentExpiration" in rule for rule in deployment["CosBucket", "state"]["lifecycleRules"])


def test_an_adopted_bucket_is_left_alone(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), adopt_photo_bucket=True, adopt_state_bucket=True))
    assert {name for kind, name in deployment.recorded.made if kind == "CosBucket"} == {"code"}
    assert deployment.outputs["photoBucket"] == "pictures-1250000000"
    assert deployment.outputs["stateBucket"] == "records-1250000000"


def test_what_holds_photos_and_records_is_protected(deployment: Deployment, package: Path) -> None:
    protected = {name: deployment.request("CosBucket", name).protect for name in ("photos", "state", "code")}
    assert protected == {"photos": True, "state": True, "code": False}
    disposable = Deployment(settings(package=str(package), disposable=True))
    for name in ("photos", "state", "code"):
        assert not disposable.request("CosBucket", name).protect
        assert disposable["CosBucket", name]["forceClean"] is True


def test_records_go_where_that_is_set_and_leases_never(package: Path) -> None:
    stack = settings(package=str(package), record_days=90, orphan_days=7, unfinished_days=3, api={})
    deployment = Deployment(stack)
    kept = {
        rule["filterPrefix"]: rule["expiration"]["days"] for rule in deployment["CosBucket", "state"]["lifecycleRules"]
    }
    assert kept == {"answers/": 7, "records/": 90, "requests/": 1}
    [rule] = deployment["CosBucket", "photos"]["lifecycleRules"]
    assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 3}


def test_cloud_infinite_is_bound_to_the_photos(deployment: Deployment) -> None:
    assert deployment["CiBucketAttachment", "photos"] == {"bucket": "pictures-1250000000"}
    assert [kind for kind, _ in deployment.recorded.made].count("CiBucketAttachment") == 1


def test_each_route_has_a_role_with_the_derived_policy(deployment: Deployment, stack: StackSettings) -> None:
    for route in stack.routes:
        derived = document(statements(stack, route, permissions(route.operations)))
        name = f"facestamp-test-{route.name}"
        assert deployment["CamRole", route.name] == {"name": name, "document": trust(), "tags": TAGS}
        assert deployment["CamPolicy", route.name] == {"name": name, "document": derived, "tags": TAGS}
        assert deployment["CamRolePolicyAttachment", route.name] == {
            "roleId": f"CamRole-{route.name}",
            "policyId": f"CamPolicy-{route.name}",
        }


def test_the_function_is_what_was_set(deployment: Deployment, stack: StackSettings) -> None:
    function = dict(deployment["ScfFunction", "photos"])
    del function["triggers"], function["cosObjectName"]
    assert function == {
        "name": "facestamp-test-photos",
        "namespace": "default",
        "cosBucketName": "code-1250000000",
        "cosBucketRegion": "ap-guangzhou",
        "clsLogsetId": "ClsLogset-logs",
        "clsTopicId": "ClsTopic-logs",
        "tags": TAGS,
        "description": "Stamps the photos under photos/",
        "handler": "on_upload.main_handler",
        "runtime": "Python3.10",
        "memSize": 512,
        "timeout": 25,
        "environment": stack.environment(stack.routes[0]),
        "role": "facestamp-test-photos",
        "enablePublicNet": True,
    }


def test_uploads_wake_it_and_copies_never_do(deployment: Deployment) -> None:
    assert deployment["ScfFunction", "photos"]["triggers"] == [
        {
            "name": "pictures-1250000000",
            "type": "cos",
            "cosRegion": "ap-guangzhou",
            "triggerDesc": f'{{"event":"cos:ObjectCreated:{event}","filter":{{"Prefix":"photos/"}}}}',
        }
        for event in ("Put", "Post", "CompleteMultipartUpload")
    ]


def test_a_prefix_outside_ascii_is_filtered_as_it_is(package: Path) -> None:
    route = {"name": "zhaopian", "prefix": "照片/", "operations": {"AnalyzeFace": {}}}
    deployment = Deployment(settings(package=str(package), routes=[route]))
    [put, *_] = deployment["ScfFunction", "zhaopian"]["triggers"]
    assert json.loads(put["triggerDesc"])["filter"] == {"Prefix": "照片/"}
    assert "照片/" in put["triggerDesc"]


def test_the_package_is_named_by_its_content(deployment: Deployment, package: Path) -> None:
    name = deployment["ScfFunction", "photos"]["cosObjectName"]
    assert name == f"/facestamp-{hashlib.sha256(package.read_bytes()).hexdigest()[:16]}.zip"
    assert deployment["CosBucketObject", "package"] == {
        "bucket": "code-1250000000",
        "key": name[1:],
        "source": str(package),
        "contentType": "application/zip",
        "tags": TAGS,
    }
    assert deployment.request("CosBucketObject", "package").ignoreChanges == ["source"]
    package.write_bytes(b"something else")
    again = Deployment(settings(package=str(package)))
    assert again["ScfFunction", "photos"]["cosObjectName"] != name
    assert again["ScfFunction", "members"]["cosObjectName"] == again["ScfFunction", "photos"]["cosObjectName"]


def test_the_same_package_elsewhere_is_the_same(deployment: Deployment, package: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / package.name
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(package.read_bytes())
    again = Deployment(settings(package=str(elsewhere), memory=512, timeout=25))
    assert again["ScfFunction", "photos"] == deployment["ScfFunction", "photos"]


def test_without_a_package_nothing_is_deployed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `make package`"):
        Deployment(settings(package=str(tmp_path / "facestamp.zip")))


def test_parts_belong_to_their_route(deployment: Deployment) -> None:
    for kind in ("CamRole", "CamPolicy", "CamRolePolicyAttachment", "ScfFunction"):
        assert deployment.request(kind, "members").parent.endswith("facestamp:index:Route::members")
    for name in ("photos", "state"):
        assert deployment.request("CosBucket", name).parent.endswith("facestamp:index:Buckets::buckets")


def test_a_change_of_runtime_makes_the_function_anew_and_all_that_it_has(
    deployment: Deployment, with_api: StackSettings
) -> None:
    function = deployment.request("ScfFunction", "photos")
    assert (list(function.replaceOnChanges), function.deleteBeforeReplace) == (["runtime"], True)
    for kind in ("ScfReservedConcurrencyConfig", "ScfFunctionEventInvokeConfig"):
        attached = deployment.request(kind, "photos")
        assert attached.deleteBeforeReplace
        assert [urn.rpartition("$")[2] for urn in attached.replace_with] == [
            "tencentcloud:index/scfFunction:ScfFunction::photos"
        ]
    address = Deployment(with_api).request("ScfTrigger", "api")
    assert address.deleteBeforeReplace
    assert [urn.rpartition("::")[2] for urn in address.replace_with] == ["api"]
    retries = deployment.request("ScfFunctionEventInvokeConfig", "photos")
    assert list(retries.replaceOnChanges) == ["functionName", "namespace"]


def test_events_are_tried_again_and_instances_are_few(deployment: Deployment, package: Path) -> None:
    assert deployment["ScfFunctionEventInvokeConfig", "photos"] == {
        "functionName": "facestamp-test-photos",
        "namespace": "default",
        "asyncTriggerConfig": {"msgTtl": 21600, "retryConfigs": [{"retryNum": 2}]},
    }
    assert deployment["ScfReservedConcurrencyConfig", "photos"] == {
        "functionName": "facestamp-test-photos",
        "namespace": "default",
        "reservedConcurrencyMem": 8 * 512,
    }
    less = Deployment(settings(package=str(package), retries=0, event_hours=1))
    config = less["ScfFunctionEventInvokeConfig", "photos"]["asyncTriggerConfig"]
    assert config == {"msgTtl": 3600, "retryConfigs": [{"retryNum": 0}]}


def test_lines_have_a_topic_whose_fields_are_indexed(deployment: Deployment) -> None:
    assert deployment["ClsLogset", "logs"] == {"logsetName": "facestamp-test", "tags": TAGS}
    assert deployment["ClsTopic", "logs"] == {
        "logsetId": "ClsLogset-logs",
        "topicName": "facestamp-test",
        "period": 30,
        "tags": TAGS,
    }
    index = deployment["ClsIndex", "logs"]
    assert (index["topicId"], index["status"]) == ("ClsTopic-logs", True)
    assert index["rule"]["fullText"] == {"caseSensitive": False, "containZH": True, "tokenizer": TOKENS}
    assert index["rule"]["keyValue"]["caseSensitive"] is False
    assert {each["key"]: each["value"] for each in index["rule"]["keyValue"]["keyValues"]} == {
        name: {"type": kind, "sqlFlag": True, "containZH": False, "tokenizer": TOKENS if kind == "text" else ""}
        for name, kind in FIELDS.items()
    }
    assert deployment.outputs["logTopic"] == "ClsTopic-logs"


def test_every_field_that_a_line_can_have_is_indexed() -> None:
    written = set()
    for source in (PROGRAM.parents[1] / "functions").rglob("*.py"):
        for call in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, (ast.Attribute, ast.Name)):
                name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
                if name == "Log" or (name in ("info", "error", "within") and "log" in ast.unparse(call.func)):
                    written |= {keyword.arg for keyword in call.keywords if keyword.arg}
    assert {"status", "verdict", "object"} <= written
    assert written <= set(FIELDS)


def test_alarms_are_raised_over_every_function(with_api: StackSettings) -> None:
    deployment = Deployment(with_api)
    assert deployment["MonitorAlarmPolicy", "alarms"] == {
        "policyName": "facestamp-test",
        "monitorType": "MT_QCE",
        "namespace": "SCF_V2",
        "enable": 1,
        "noticeIds": [],
        "conditions": {
            "isUnionRule": 0,
            "rules": [
                {
                    "metricName": metric,
                    "period": 300,
                    "operator": "gt",
                    "value": "0",
                    "continuePeriod": 1,
                    "noticeFrequency": 3600,
                    "isPowerNotice": 0,
                }
                for metric in ("Error", "Throttle", "Http432")
            ],
        },
    }
    assert deployment["MonitorPolicyBindingObject", "alarms"] == {
        "policyId": "MonitorAlarmPolicy-alarms",
        "dimensions": [
            {
                "dimensionsJson": f'{{"functionName":"facestamp-test-{part}","namespace":"default"}}',
                "region": "ap-guangzhou",
            }
            for part in ("photos", "members", "api")
        ],
    }
    assert ("MonitorAlarmNotice", "alarms") not in deployment.recorded.made


def test_functions_are_watched_under_the_names_that_are_set(package: Path) -> None:
    stack = settings(package=str(package), alarm_type="scf_alias", alarm_metrics=["13007"])
    policy = Deployment(stack)["MonitorAlarmPolicy", "alarms"]
    assert policy["namespace"] == "scf_alias"
    assert [rule["metricName"] for rule in policy["conditions"]["rules"]] == ["13007"]


def test_whoever_is_named_is_told_of_alarms(package: Path) -> None:
    stack = settings(package=str(package), alarm_url="https://alarms.example.com/x", alarm_groups=[7, 8])
    deployment = Deployment(stack)
    always = {"startTime": 0, "endTime": 86399, "weekdays": [1, 2, 3, 4, 5, 6, 7]}
    assert deployment["MonitorAlarmNotice", "alarms"] == {
        "name": "facestamp-test",
        "noticeType": "ALL",
        "noticeLanguage": "en-US",
        "urlNotices": [{"url": "https://alarms.example.com/x", **always}],
        "userNotices": [{"receiverType": "GROUP", "groupIds": [7, 8], "noticeWays": ["EMAIL"], **always}],
    }
    assert deployment["MonitorAlarmPolicy", "alarms"]["noticeIds"] == ["MonitorAlarmNotice-alarms"]
    [told] = deployment["ClsAlarm", "dead-letters"]["monitorNotice"]["notices"]
    assert told["noticeId"] == "MonitorAlarmNotice-alarms"


def test_dead_letters_are_looked_for_in_the_log(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), alarm_groups=[7]))
    alarm = dict(deployment["ClsAlarm", "dead-letters"])
    [target] = alarm.pop("alarmTargets")
    assert (target["logsetId"], target["topicId"]) == ("ClsLogset-logs", "ClsTopic-logs")
    assert "verdict:operator" in target["query"]
    assert "verdict:retry" not in target["query"]
    every, back = alarm["monitorTime"]["time"], -target["startTimeOffset"]
    assert (every, back, target["endTimeOffset"]) == (5, 10, 0)
    assert (alarm["triggerCount"], alarm["alarmPeriod"], alarm["status"]) == (1, 60, True)
    assert alarm["alarmLevel"] in alarm["monitorNotice"]["notices"][0]["alarmLevels"]
    assert alarm["tags"] == TAGS
    assert any(urn.endswith("ClsIndex::logs") for urn in deployment.request("ClsAlarm", "dead-letters").dependencies)


@pytest.mark.parametrize("without", [{}, {"logs": False, "alarm_groups": [7]}])
def test_without_a_log_or_anybody_to_tell_there_is_no_alarm_on_dead_letters(
    package: Path, without: dict[str, Any]
) -> None:
    made = Deployment(settings(package=str(package), **without)).recorded.made
    assert ("MonitorAlarmPolicy", "alarms") in made
    assert ("ClsAlarm", "dead-letters") not in made


def test_logs_and_alarms_can_be_left_out(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), logs=False, alarms=False))
    assert not {kind for kind, _ in deployment.recorded.made if kind.startswith(("Cls", "Monitor"))}
    assert "clsTopicId" not in deployment["ScfFunction", "photos"]
    assert "logTopic" not in deployment.outputs


def test_a_function_waits_for_all_that_it_needs(deployment: Deployment) -> None:
    needed = list(deployment.request("ScfFunction", "photos").dependencies)
    for end in (
        "CamRolePolicyAttachment::photos",
        "CosBucket::state",
        "CosBucket::photos",
        "CiBucketAttachment::photos",
        "ClsIndex::logs",
        "CosBucketObject::package",
    ):
        assert any(urn.endswith(end) for urn in needed), end


@pytest.fixture
def with_api(package: Path) -> StackSettings:
    return settings(package=str(package), api={**API, "memory": 1024, "timeout": 20})


def test_the_apis_function_is_what_was_set(with_api: StackSettings) -> None:
    deployment = Deployment(with_api)
    assert with_api.api
    function = dict(deployment["ScfFunction", "api"])
    environment = function.pop("environment")
    assert function == {
        "name": "facestamp-test-api",
        "description": "Answers HTTP requests about faces and photos",
        "handler": "on_http.main_handler",
        "runtime": "Python3.10",
        "memSize": 1024,
        "timeout": 20,
        "role": "facestamp-test-api",
        "enablePublicNet": True,
        "namespace": "default",
        "cosBucketName": "code-1250000000",
        "cosBucketRegion": "ap-guangzhou",
        "cosObjectName": deployment["ScfFunction", "photos"]["cosObjectName"],
        "clsLogsetId": "ClsLogset-logs",
        "clsTopicId": "ClsTopic-logs",
        "tags": TAGS,
    }
    assert deployment["ScfTrigger", "api"] == {
        "functionName": "facestamp-test-api",
        "namespace": "default",
        "type": "http",
        "qualifier": "$LATEST",
        "enable": "OPEN",
        "triggerDesc": '{"AuthType":"NONE","CorsConfig":{"Enable":false},'
        '"NetConfig":{"EnableExtranet":true,"EnableIntranet":false}}',
    }
    assert deployment["ScfReservedConcurrencyConfig", "api"]["reservedConcurrencyMem"] == 8 * 1024
    assert environment == with_api.api_environment(with_api.api)


def test_the_apis_variables_are_a_secret_of_the_state(with_api: StackSettings) -> None:
    request = Deployment(with_api).request("ScfFunction", "api")
    wrapped = request.object["environment"]
    assert wrapped[rpc._special_sig_key] == rpc._special_secret_sig
    assert "not-a-secret" in str(wrapped)
    shown = {name: value for name, value in request.object.items() if name != "environment"}
    assert "not-a-secret" not in str(shown)


def test_its_role_has_the_policy_that_its_endpoints_need(with_api: StackSettings) -> None:
    deployment = Deployment(with_api)
    assert with_api.api
    derived = document(api_statements(with_api, with_api.api))
    assert deployment["CamPolicy", "api"] == {"name": "facestamp-test-api", "document": derived, "tags": TAGS}
    assert deployment["CamRolePolicyAttachment", "api"] == {"roleId": "CamRole-api", "policyId": "CamPolicy-api"}
    assert deployment.request("ScfFunction", "api").parent.endswith("facestamp:index:Api::api")
    waits = list(deployment.request("ScfFunction", "api").dependencies)
    assert any(urn.endswith("CamRolePolicyAttachment::api") for urn in waits)


def test_an_api_without_keys_has_a_role_that_may_do_nothing(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), api={}))
    assert deployment["CamRole", "api"]["name"] == "facestamp-test-api"
    assert ("CamPolicy", "api") not in deployment.recorded.made
    assert deployment["ScfFunction", "api"]["role"] == "facestamp-test-api"


def test_pages_may_use_the_photo_bucket_where_there_is_an_api(with_api: StackSettings, deployment: Deployment) -> None:
    [rule] = Deployment(with_api)["CosBucket", "photos"]["corsRules"]
    assert rule == {
        "allowedOrigins": ["*"],
        "allowedMethods": ["PUT", "POST", "GET", "HEAD"],
        "allowedHeaders": ["*"],
        "exposeHeaders": ["ETag", "Content-Length", "x-cos-request-id"],
        "maxAgeSeconds": 600,
    }
    assert "corsRules" not in deployment["CosBucket", "photos"]
    assert "corsRules" not in Deployment(with_api)["CosBucket", "state"]


def test_what_was_answered_to_requests_goes_after_a_day(with_api: StackSettings, deployment: Deployment) -> None:
    expires = {"id": "requests", "filterPrefix": "requests/", "expiration": {"days": 1}}
    assert expires in Deployment(with_api)["CosBucket", "state"]["lifecycleRules"]
    assert expires not in deployment["CosBucket", "state"]["lifecycleRules"]


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ('{"AuthType":"NONE","NetConfig":{"ExtranetUrl":"https://1-a.example"}}', "https://1-a.example"),
        ('{"AuthType":"NONE","NetConfig":{"EnableExtranet":true}}', ""),
        ('{"AuthType":"NONE"}', ""),
        ("", ""),
    ],
)
def test_the_address_is_what_the_platform_tells_of_the_trigger(with_api: StackSettings, told: str, url: str) -> None:
    deployment = Deployment(with_api, {"triggerAttribute": told})
    assert deployment.outputs["apiFunction"] == "facestamp-test-api"
    assert deployment.outputs["apiUrl"] == url


def test_outputs(deployment: Deployment) -> None:
    assert deployment.outputs == {
        "region": "ap-guangzhou",
        "faceRegion": "ap-guangzhou",
        "photoBucket": "pictures-1250000000",
        "photoUrl": "https://pictures-1250000000.cos.ap-guangzhou.myqcloud.com",
        "stateBucket": "records-1250000000",
        "codeBucket": "code-1250000000",
        "logTopic": "ClsTopic-logs",
        "functions": {"photos": "facestamp-test-photos", "members": "facestamp-test-members"},
        "prefixes": {"photos": "photos/", "members": "members/"},
        "groups": {},
    }


def test_an_application_is_told_the_group_that_a_route_is_for(package: Path) -> None:
    outputs = Deployment(settings(package=str(package), routes=[PHOTOS, {**MEMBERS, "group_id": "staff"}])).outputs
    assert outputs["groups"] == {"members": "staff"}


def test_photos_are_where_their_bucket_is(with_api: StackSettings, package: Path) -> None:
    assert Deployment(with_api).outputs["photoUrl"] == "https://photos.example.com"
    adopted = settings(package=str(package), adopt_photo_bucket=True, region="ap-shanghai", api={})
    assert Deployment(adopted).outputs["photoUrl"] == "https://pictures-1250000000.cos.ap-shanghai.myqcloud.com"


def test_configuration_and_settings_are_the_same_thing(package: Path) -> None:
    stack = settings(package=str(package), versioning=True, region="ap-hongkong", face_region="ap-singapore")
    told = config.dump(stack)
    assert told["tencentcloud:region"] == "ap-hongkong"
    assert told["facestamp:versioning"] == "true"
    [photos, members] = json.loads(told["facestamp:routes"])
    assert photos["operations"]["DetectFace"] == {"MaxFaceNum": 10}
    assert members["personId"] == "members/{person_id}/"
    assert "facestamp:api" not in told
    deployment = Deployment(stack)
    environment = deployment["ScfFunction", "members"]["environment"]
    assert environment == stack.environment(stack.routes[1])


def test_the_apis_configuration_is_in_camel_case(with_api: StackSettings) -> None:
    told = json.loads(config.dump(with_api)["facestamp:api"])
    assert told == {**API, "memory": 1024, "timeout": 20}


def test_the_laptops_stack_is_valid() -> None:
    told = stack_file("local")
    assert told["tencentcloud:region"] == "ap-guangzhou"
    assert [route["name"] for route in told["facestamp:routes"]] == ["photos", "members"]


def test_the_program_can_run_many_times_in_one_process(stack: StackSettings) -> None:
    assert Deployment(stack).outputs == Deployment(stack).outputs


def test_outside_a_run_the_program_has_no_configuration() -> None:
    with warnings.catch_warnings(), pytest.raises(Exception, match="tencentcloud:region"):
        runpy.run_path(str(PROGRAM))
