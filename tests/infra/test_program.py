"""What the Pulumi program registers, as the provider would get it."""

from __future__ import annotations

import json
import runpy
import warnings
from pathlib import Path

import pytest
from pulumi.runtime import rpc

from infra import config
from infra.local.provision import PROGRAM, stack_file
from infra.permissions import api_statements, document, permissions, statements, trust
from infra.settings import StackSettings
from tests.infra.conftest import API, Deployment, settings


@pytest.fixture
def stack(package: Path) -> StackSettings:
    return settings(package=str(package), memory=512, timeout=25)


@pytest.fixture
def deployment(stack: StackSettings) -> Deployment:
    return Deployment(stack)


def test_both_buckets_are_private_and_encrypted(deployment: Deployment) -> None:
    for name, bucket in (("photos", "pictures-1250000000"), ("state", "records-1250000000")):
        assert deployment["CosBucket", name] == {
            "bucket": bucket,
            "acl": "private",
            "encryptionAlgorithm": "AES256",
            "versioningEnable": False,
        }


def test_photos_may_be_versioned_but_state_never_is(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), versioning=True))
    assert deployment["CosBucket", "photos"]["versioningEnable"] is True
    assert deployment["CosBucket", "state"]["versioningEnable"] is False


def test_an_adopted_photo_bucket_is_left_alone(package: Path) -> None:
    deployment = Deployment(settings(package=str(package), adopt_photo_bucket=True))
    assert ("CosBucket", "photos") not in deployment.recorded.made
    assert deployment.outputs["photoBucket"] == "pictures-1250000000"


def test_cloud_infinite_is_bound_to_the_photos(deployment: Deployment) -> None:
    assert deployment["CiBucketAttachment", "photos"] == {"bucket": "pictures-1250000000"}
    assert [kind for kind, _ in deployment.recorded.made].count("CiBucketAttachment") == 1


def test_each_route_has_a_role_with_the_derived_policy(deployment: Deployment, stack: StackSettings) -> None:
    for route in stack.routes:
        derived = document(statements(stack, route, permissions(route.operations)))
        name = f"facestamp-test-{route.name}"
        assert deployment["CamRole", route.name] == {"name": name, "document": trust()}
        assert deployment["CamPolicy", route.name] == {"name": name, "document": derived}
        assert deployment["CamRolePolicyAttachment", route.name] == {
            "roleId": f"CamRole-{route.name}",
            "policyId": f"CamPolicy-{route.name}",
        }


def test_the_function_is_what_was_set(deployment: Deployment, stack: StackSettings) -> None:
    function = dict(deployment["ScfFunction", "photos"])
    del function["triggers"], function["zipFile"]
    assert function == {
        "name": "facestamp-test-photos",
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
    path = Path(deployment["ScfFunction", "photos"]["zipFile"])
    assert path.parent == package.parent
    assert path.name.startswith("facestamp-")
    assert path.read_bytes() == package.read_bytes()
    package.write_bytes(b"something else")
    again = Deployment(settings(package=str(package)))
    assert again["ScfFunction", "photos"]["zipFile"] != str(path)


def test_a_package_already_named_by_its_content_is_taken_as_it_is(deployment: Deployment) -> None:
    named = deployment["ScfFunction", "photos"]["zipFile"]
    again = Deployment(settings(package=named))
    assert again["ScfFunction", "photos"]["zipFile"] == named


def test_without_a_package_nothing_is_deployed(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `make package`"):
        Deployment(settings(package=str(tmp_path / "facestamp.zip")))


def test_parts_belong_to_their_route(deployment: Deployment) -> None:
    for kind in ("CamRole", "CamPolicy", "CamRolePolicyAttachment", "ScfFunction"):
        assert deployment.request(kind, "members").parent.endswith("facestamp:index:Route::members")
    for name in ("photos", "state"):
        assert deployment.request("CosBucket", name).parent.endswith("facestamp:index:Buckets::buckets")


def test_a_function_waits_for_all_that_it_needs(deployment: Deployment) -> None:
    needed = list(deployment.request("ScfFunction", "photos").dependencies)
    for end in (
        "CamRolePolicyAttachment::photos",
        "CosBucket::state",
        "CosBucket::photos",
        "CiBucketAttachment::photos",
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
        "zipFile": deployment["ScfFunction", "photos"]["zipFile"],
        "triggers": [
            {
                "name": "url-trigger",
                "type": "http",
                "triggerDesc": '{"AuthType":"NONE","NetConfig":{"EnableIntranet":false,"EnableExtranet":true},'
                '"CorsConfig":{"Enable":false}}',
            }
        ],
    }
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
    assert deployment["CamPolicy", "api"] == {"name": "facestamp-test-api", "document": derived}
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
    [rule] = Deployment(with_api)["CosBucket", "state"]["lifecycleRules"]
    assert rule == {"id": "requests", "filterPrefix": "requests/", "expiration": {"days": 1}}
    assert "lifecycleRules" not in deployment["CosBucket", "state"]


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ('{"AuthType":"NONE","NetConfig":{"ExtranetUrl":"https://1-a.example"}}', "https://1-a.example"),
        ('{"AuthType":"NONE","NetConfig":{"EnableExtranet":true}}', ""),
        ('{"AuthType":"NONE"}', ""),
    ],
)
def test_the_address_is_what_the_platform_tells_of_the_trigger(with_api: StackSettings, told: str, url: str) -> None:
    cos = {"name": "bucket", "type": "cos", "triggerDesc": "{}"}
    triggers = [cos, {"name": "url-trigger", "type": "http", "triggerDesc": told}]
    deployment = Deployment(with_api, {"triggerInfos": triggers})
    assert deployment.outputs["apiFunction"] == "facestamp-test-api"
    assert deployment.outputs["apiUrl"] == url


def test_outputs(deployment: Deployment) -> None:
    assert deployment.outputs == {
        "region": "ap-guangzhou",
        "photoBucket": "pictures-1250000000",
        "stateBucket": "records-1250000000",
        "functions": {"photos": "facestamp-test-photos", "members": "facestamp-test-members"},
        "prefixes": {"photos": "photos/", "members": "members/"},
    }


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
