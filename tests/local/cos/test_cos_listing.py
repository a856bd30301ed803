"""Lists of objects, versions and buckets."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from infra.local.readings import Readings
from tests.local.cos.conftest import OTHERS, PHOTOS, LocalCos, Start, code

KEYS = ["a.jpg", "in/1.jpg", "in/2.jpg", "in/deep/3.jpg", "out/4.jpg", "照片/5 6.jpg"]


@pytest.fixture
def filled(start: Start) -> LocalCos:
    cloud = start(Readings())
    for key in reversed(KEYS):
        cloud.put(key, key.encode(), x_cos_storage_class="STANDARD_IA")
    return cloud


def names(listed: dict[str, object], kind: str = "Contents", name: str = "Key") -> list[str]:
    entries = listed.get(kind, [])
    assert isinstance(entries, list)
    return [entry[name] for entry in entries]


@pytest.mark.behaviour(
    service="cos",
    what="Objects are listed in UTF-8 order, by prefix, after a marker, at most max-keys and 1,000 at a time",
    standing="documented",
    source="COS 436/7734",
)
class TestObjects:
    def test_all(self, filled: LocalCos) -> None:
        listed = filled.client().list_objects(Bucket=PHOTOS)
        assert names(listed) == KEYS
        assert listed["IsTruncated"] == "false"
        assert listed["Contents"][0]["Size"] == "5"
        assert listed["Contents"][0]["StorageClass"] == "STANDARD_IA"
        assert listed["Contents"][0]["ETag"] == filled.head("a.jpg")["ETag"]

    def test_a_prefix(self, filled: LocalCos) -> None:
        assert names(filled.client().list_objects(Bucket=PHOTOS, Prefix="in/")) == KEYS[1:4]
        assert names(filled.client().list_objects(Bucket=PHOTOS, Prefix="none/")) == []

    @pytest.mark.parametrize("delimiter", ["", "/"])
    @pytest.mark.parametrize("size", [1, 2, 4])
    def test_page_by_page_nothing_is_missed_or_repeated(self, filled: LocalCos, delimiter: str, size: int) -> None:
        client = filled.client()
        seen: list[str] = []
        marker = ""
        for _ in range(10):
            page = client.list_objects(
                Bucket=PHOTOS, MaxKeys=size, Marker=marker, Delimiter=delimiter, EncodingType="url"
            )
            entries = [unquote(name) for name in names(page) + names(page, "CommonPrefixes", "Prefix")]
            assert len(entries) <= size
            seen += entries
            if page["IsTruncated"] == "false":
                break
            marker = unquote(page["NextMarker"])
        assert sorted(seen) == (["a.jpg", "in/", "out/", "照片/"] if delimiter else KEYS)

    def test_folders(self, filled: LocalCos) -> None:
        listed = filled.client().list_objects(Bucket=PHOTOS, Prefix="in/", Delimiter="/")
        assert names(listed) == ["in/1.jpg", "in/2.jpg"]
        assert names(listed, "CommonPrefixes", "Prefix") == ["in/deep/"]

    def test_a_write_is_in_the_next_list_and_a_deletion_is_not(self, filled: LocalCos) -> None:
        filled.put("new.jpg")
        filled.ask("DELETE", "a.jpg")
        assert names(filled.client().list_objects(Bucket=PHOTOS)) == [*KEYS[1:4], "new.jpg", *KEYS[4:]]

    def test_what_is_no_page(self, filled: LocalCos) -> None:
        assert code(filled.ask("GET", query={"max-keys": "many"})) == "InvalidArgument"
        assert code(filled.ask("GET", query={"encoding-type": "base64"})) == "InvalidArgument"
        assert code(filled.ask("GET", bucket="nowhere-1250000000")) == "NoSuchBucket"

    def test_a_prefix_below_a_delete_marker_alone_is_no_folder(self, filled: LocalCos) -> None:
        client = filled.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        client.delete_object(Bucket=PHOTOS, Key="out/4.jpg")
        assert names(client.list_objects(Bucket=PHOTOS, Delimiter="/"), "CommonPrefixes", "Prefix") == ["in/", "照片/"]


@pytest.mark.behaviour(
    service="cos",
    what="Versions and delete markers are listed newest first within a key, with the latest named",
    standing="documented",
    source="COS international 436/31551",
)
class TestVersions:
    def test_a_history(self, cloud: LocalCos) -> None:
        client = cloud.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        first = cloud.put("photo.jpg", b"1").headers["x-cos-version-id"]
        second = cloud.put("photo.jpg", b"2").headers["x-cos-version-id"]
        marker = cloud.ask("DELETE", "photo.jpg").headers["x-cos-version-id"]
        other = cloud.put("quiet.jpg").headers["x-cos-version-id"]
        listed = client.list_objects_versions(Bucket=PHOTOS)
        assert [(v["VersionId"], v["IsLatest"]) for v in listed["Version"]] == [
            (second, "false"),
            (first, "false"),
            (other, "true"),
        ]
        assert [(v["VersionId"], v["IsLatest"]) for v in listed["DeleteMarker"]] == [(marker, "true")]

    def test_page_by_page(self, cloud: LocalCos) -> None:
        client = cloud.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        made = {cloud.put(key).headers["x-cos-version-id"] for key in ("a.jpg", "b.jpg") for _ in range(3)}
        seen: list[str] = []
        key_marker, version_marker = "", ""
        for _ in range(10):
            page = client.list_objects_versions(
                Bucket=PHOTOS, MaxKeys=2, KeyMarker=key_marker, VersionIdMarker=version_marker
            )
            seen += [version["VersionId"] for version in page.get("Version", [])]
            if page["IsTruncated"] == "false":
                break
            key_marker, version_marker = page["NextKeyMarker"], page["NextVersionIdMarker"]
        assert len(seen) == len(set(seen))
        assert set(seen) == made

    def test_deleting_many_versions_empties_a_bucket(self, cloud: LocalCos) -> None:
        client = cloud.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        cloud.put("photo.jpg")
        deleted = client.delete_objects(Bucket=PHOTOS, Delete={"Object": [{"Key": "photo.jpg"}], "Quiet": "false"})
        assert deleted["Deleted"][0]["DeleteMarker"] == "true"
        listed = client.list_objects_versions(Bucket=PHOTOS)
        every = [
            {"Key": v["Key"], "VersionId": v["VersionId"]} for kind in ("Version", "DeleteMarker") for v in listed[kind]
        ]
        client.delete_objects(Bucket=PHOTOS, Delete={"Object": every, "Quiet": "true"})
        assert "Version" not in client.list_objects_versions(Bucket=PHOTOS)
        client.delete_bucket(Bucket=PHOTOS)


@pytest.mark.behaviour(
    service="cos", what="The account's buckets are listed by name", standing="documented", source="COS 436/8291"
)
def test_buckets(cloud: LocalCos) -> None:
    listed = cloud.client().list_buckets()
    assert [bucket["Name"] for bucket in listed["Buckets"]["Bucket"]] == [OTHERS, PHOTOS]
