"""What is kept between two runs comes back as it was: versions, markers, tags, people."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from infra.local import keeping
from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from tests import pictures
from tests.conftest import Clouds

VERSIONED = {"facestamp:versioning": True}


def versions(cloud: LocalCloud) -> list[Any]:
    listed = cloud.cos().list_objects_versions(Bucket=cloud.bucket)
    return [listed.get("Version"), listed.get("DeleteMarker")]


@pytest.fixture
def again(engine: Engine, tmp_path: Path) -> Any:
    started: list[LocalCloud] = []

    def restart(before: LocalCloud) -> LocalCloud:
        keeping.save(before, tmp_path / "kept")
        kept = tmp_path / "kept"
        after = LocalCloud(engine=engine, owner=keeping.owner(kept), keyring=keeping.keyring(kept))
        started.append(after)
        after.deploy(VERSIONED)
        keeping.load(after, tmp_path / "kept")
        return after

    yield restart
    for cloud in started:
        cloud.stop()


def test_every_version_and_marker_with_its_id_age_and_tags(clouds: Clouds, again: Any) -> None:
    before = clouds(changes=VERSIONED)
    there = {"Bucket": before.bucket, "Key": "elsewhere/a b+c.txt"}
    client = before.cos()
    client.put_object(**there, Body=b"one", ACL="public-read", Metadata={"x-cos-tagging": "kind=first"})
    client.put_object(**there, Body=b"two", ContentLanguage="de")
    client.delete_object(**there)

    after = again(before)

    assert versions(after) == versions(before)
    first = versions(before)[0][-1]["VersionId"]
    asked = {**there, "VersionId": first}
    assert after.cos().get_object_tagging(**asked)["TagSet"] == client.get_object_tagging(**asked)["TagSet"]
    body = after.cos().get_object(**there, VersionId=first)["Body"].get_raw_stream().read()
    assert body == b"one"


def test_people_and_their_faces_in_their_order(clouds: Clouds, again: Any) -> None:
    before = clouds(changes=VERSIONED)
    image = base64.b64encode(pictures.jpeg(pictures.portrait())).decode()
    faces = before.api("iai", "2020-03-03")
    for group in ("one", "two"):
        faces.call_json("CreateGroup", {"GroupName": group, "GroupId": group, "Tag": f"of-{group}"})
    for person in ("ada", "bob"):
        faces.call_json(
            "CreatePerson", {"GroupId": "one", "PersonId": person, "PersonName": person.title(), "Image": image}
        )

    after = again(before)

    for action, parameters in (("GetGroupList", {}), ("GetPersonList", {"GroupId": "one"})):
        told, was = (
            cloud.api("iai", "2020-03-03").call_json(action, parameters)["Response"] for cloud in (after, before)
        )
        assert {**told, "RequestId": ""} == {**was, "RequestId": ""}
    found = after.api("iai", "2020-03-03").call_json("GetPersonBaseInfo", {"PersonId": "ada"})["Response"]
    assert len(found["FaceIds"]) == 1


def test_the_keys_of_the_api_stay_the_same(clouds: Clouds, again: Any) -> None:
    before = clouds(changes=VERSIONED)

    after = again(before)

    assert after.keyring == before.keyring


def test_a_bucket_keeps_what_it_was_told_since(clouds: Clouds, again: Any) -> None:
    before = clouds(changes={**VERSIONED, "facestamp:api": None})
    rule = {"ID": "old", "Filter": {"Prefix": "old/"}, "Status": "Enabled", "Expiration": {"Days": "9"}}
    before.cos().put_bucket_lifecycle(Bucket=before.state_bucket, LifecycleConfiguration={"Rule": [rule]})

    after = again(before)

    assert after.cos().get_bucket_cors(Bucket=after.bucket)["CORSRule"]
    assert after.cos().get_bucket_lifecycle(Bucket=after.state_bucket)["Rule"][0]["ID"] == "old"


def test_a_run_killed_while_it_put_the_new_in_place_of_the_old(clouds: Clouds, tmp_path: Path) -> None:
    cloud, kept = clouds(), tmp_path / "kept"
    keeping.save(cloud, kept)
    kept.rename(tmp_path / ".kept.old")

    assert keeping.owner(kept) == cloud.cam.owner
    keeping.save(cloud, kept)

    assert keeping.owner(kept) == cloud.cam.owner
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada", encoding="ascii")

    with pytest.raises(ValueError, match="holds no local cloud"):
        keeping.owner(tmp_path)
