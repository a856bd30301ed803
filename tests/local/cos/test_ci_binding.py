"""Cloud Infinite's administration: binding a bucket, and enabling AI content recognition on it."""

from __future__ import annotations

import pytest
from qcloud_cos import CosServiceError

from infra.local.readings import Readings
from tests.local.cos.conftest import OTHERS, PHOTOS, REGION, LocalCos, Start, code
from tests.local.cos.test_ci_images import DETECT, picture

BINDING = "COS international 436/74932, CI international 1045/48831"


def ask_for_a_region(cloud: LocalCos, **query: str) -> list[str]:
    """The buckets with recognition, as the page on a region's own host lists them."""
    found = cloud.client().ci_get_ai_bucket(**query)
    assert found["PageSize"] == query.get("PageSize", "10")
    listed = found.get("AiBucketList") or []
    return [bucket["Name"] for bucket in (listed if isinstance(listed, list) else [listed])]


class TestBinding:
    @pytest.mark.behaviour(
        service="ci",
        what="PUT / on <bucket>.pic.<region> or .ci. binds a bucket to Cloud Infinite, PUT /?unbind lets it go",
        standing="documented",
        source=BINDING,
    )
    @pytest.mark.parametrize("door", ["pic", "ci"])
    def test_a_life(self, cloud: LocalCos, door: str) -> None:
        assert "<CIStatus>off</CIStatus>" in cloud.ask("GET", door=door).text
        bound = cloud.ask("PUT", door=door)
        assert bound.status_code == 200
        assert f"<CIBucket><BucketId>{PHOTOS}</BucketId><Region>{REGION}</Region></CIBucket>" in bound.text
        assert "<CIStatus>on</CIStatus>" in cloud.ask("GET", door=door).text
        assert "<CIStatus>off</CIStatus>" in cloud.ask("GET", door=door, bucket=OTHERS).text
        assert cloud.ask("PUT", door=door).status_code == 200
        assert cloud.ask("PUT", door=door, query={"unbind": ""}).status_code == 200
        assert "<CIStatus>off</CIStatus>" in cloud.ask("GET", door=door).text
        actions = [call.action for call in cloud.journal.calls(service="ci")]
        assert actions[:2] == ["DescribeCIBuckets", "CreateCIBucket"]
        assert actions[-2:] == ["DeleteCIBucket", "DescribeCIBuckets"]

    @pytest.mark.parametrize(("method", "query"), [("PUT", "hotlink"), ("GET", "hotlink"), ("PUT", "style")])
    def test_what_else_there_is_on_that_host_is_not_taken_for_it(
        self, cloud: LocalCos, method: str, query: str
    ) -> None:
        response = cloud.ask(method, door="pic", query={query: ""})
        assert (response.status_code, code(response)) == (501, "NotImplemented")
        assert ">off<" in cloud.ask("GET", door="pic").text

    def test_it_is_a_permission(self, cloud: LocalCos) -> None:
        refused = cloud.ask("PUT", door="pic", identity=cloud.role("cos:*"))
        assert "perform ci:CreateCIBucket on resource *" in refused.text
        assert cloud.ask("PUT", door="pic", identity=cloud.role("ci:CreateCIBucket")).status_code == 200

    def test_no_bucket_no_binding(self, cloud: LocalCos) -> None:
        response = cloud.ask("PUT", door="pic", bucket="missing-1250000000")
        assert (response.status_code, code(response)) == (404, "NoSuchBucket")


class TestRecognition:
    @pytest.mark.behaviour(
        service="ci",
        what="POST /ai_bucket on <bucket>.ci.<region> enables AI content recognition on a bound bucket, DELETE ends it",
        standing="documented",
        source="CI international 1045/72920, CI international 1045/72922",
    )
    def test_a_life(self, cloud: LocalCos) -> None:
        client = cloud.client()
        with pytest.raises(CosServiceError) as raised:
            client.ci_open_ai_bucket(Bucket=PHOTOS)
        assert raised.value.get_error_code() == "InvalidArgument"
        cloud.ask("PUT", door="pic")
        for _ in range(2):
            _, answer = client.ci_open_ai_bucket(Bucket=PHOTOS)
            told = answer["AiBucket"]
            assert (told["BucketId"], told["Name"], told["Region"]) == (PHOTOS, PHOTOS, REGION)
            assert told["CreateTime"].endswith("+0000")
        assert ask_for_a_region(cloud) == [PHOTOS]
        _, answer = client.ci_close_ai_bucket(Bucket=PHOTOS)
        assert answer["BucketName"] == PHOTOS
        assert ask_for_a_region(cloud) == []

    @pytest.mark.behaviour(
        service="ci",
        what="GET /ai_bucket on ci.<region> lists the buckets that have it: by name, by the start of one, page by page",
        standing="documented",
        source="CI international 1045/72921",
    )
    def test_the_list(self, cloud: LocalCos) -> None:
        for bucket in (PHOTOS, OTHERS):
            cloud.ask("PUT", door="pic", bucket=bucket)
            cloud.client().ci_open_ai_bucket(Bucket=bucket)
        assert ask_for_a_region(cloud) == [OTHERS, PHOTOS]
        assert ask_for_a_region(cloud, BucketNames=PHOTOS) == [PHOTOS]
        assert ask_for_a_region(cloud, BucketName="oth") == [OTHERS]
        assert ask_for_a_region(cloud, PageSize="1", PageNumber="2") == [PHOTOS]
        assert ask_for_a_region(cloud, Regions=f"ap-beijing,{REGION}") == [OTHERS, PHOTOS]
        assert ask_for_a_region(cloud, Regions="ap-beijing") == []
        with pytest.raises(CosServiceError):
            ask_for_a_region(cloud, PageSize="101")

    def test_unbinding_ends_it(self, cloud: LocalCos) -> None:
        cloud.ask("PUT", door="pic")
        cloud.client().ci_open_ai_bucket(Bucket=PHOTOS)
        cloud.ask("PUT", door="pic", query={"unbind": ""})
        assert ask_for_a_region(cloud) == []

    @pytest.mark.behaviour(
        service="ci",
        what="Enabling, asking and disabling need ci:CreateAiProcessBucket, ci:DescribeAiProcessBucket and"
        " ci:DeleteAiProcessBucket",
        standing="documented",
        source="CI international 1045/72920, CI international 1045/72921, CI international 1045/72922",
    )
    def test_permissions(self, cloud: LocalCos) -> None:
        cloud.ask("PUT", door="pic")
        for method, verb in (("POST", "Create"), ("DELETE", "Delete"), ("GET", "Describe")):
            action = f"ci:{verb}AiProcessBucket"
            refused = cloud.ask(method, "ai_bucket", door="ci", identity=cloud.role("cos:*"))
            assert f"perform {action} on resource *" in refused.text
            assert cloud.ask(method, "ai_bucket", door="ci", identity=cloud.role(action)).status_code == 200

    @pytest.mark.behaviour(
        service="ci",
        what="DetectFace may need AI content recognition on the bucket besides its binding, or the binding alone",
        standing="assumed",
        source="CI 460/63223, CI international 1045/48831",
    )
    @pytest.mark.parametrize(("reading", "without"), [("unneeded", 200), ("needed", 403)])
    def test_what_detecting_faces_needs(self, start: Start, reading: str, without: int) -> None:
        cloud = start(Readings(recognition=reading))  # type: ignore[arg-type]  # one of the two, from the table above
        cloud.put("photo.jpg", picture())
        cloud.ask("PUT", door="pic")
        assert cloud.ask("GET", "photo.jpg", DETECT).status_code == without
        cloud.client().ci_open_ai_bucket(Bucket=PHOTOS)
        assert cloud.ask("GET", "photo.jpg", DETECT).status_code == 200
