"""Lifecycle rules: what goes, when, and what a rule may say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.clock import Clock
from infra.local.cos import lifecycle
from infra.local.cos.acl import PRIVATE
from infra.local.cos.facts import Facts
from infra.local.cos.store import Store
from tests.local.cos.conftest import OTHERS, PHOTOS, REGION, LocalCos, code

DAY, GMT_8 = 86_400.0, 8 * 3600.0
SOURCE = "COS 436/17028"


def rule(what: str, prefix: str = "", status: str = "Enabled", filtered: str = "", name: str = "") -> str:
    condition = filtered or f"<Prefix>{prefix}</Prefix>"
    named = f"<ID>{name}</ID>" if name else ""
    return f"<Rule>{named}<Filter>{condition}</Filter><Status>{status}</Status>{what}</Rule>"


def after(days: int) -> str:
    return f"<Expiration><Days>{days}</Days></Expiration>"


def replaced(days: int) -> str:
    return f"<NoncurrentVersionExpiration><NoncurrentDays>{days}</NoncurrentDays></NoncurrentVersionExpiration>"


def lay_down(cloud: LocalCos, *rules: str, bucket: str = PHOTOS) -> None:
    body = f"<LifecycleConfiguration>{''.join(rules)}</LifecycleConfiguration>"
    assert cloud.ask("PUT", query={"lifecycle": ""}, body=body, bucket=bucket).status_code == 200


def to_hour(clock: Clock, hour: float, days: int = 0) -> None:
    """Go on to this hour in GMT+8, the next one after `days` more days."""
    clock.skip((hour * 3600 - (clock.now() + GMT_8)) % DAY + days * DAY)


def midnight(cloud: LocalCos, times: int = 1) -> list[str]:
    """Let that many days begin; what went at the last moment."""
    to_hour(cloud.clock, 0, times - 1)
    return cloud.cos.sweep()


@pytest.fixture
def afternoon(cloud: LocalCos) -> LocalCos:
    """A cloud at three in the afternoon, so that no test runs into the next day."""
    to_hour(cloud.clock, 15)
    return cloud


class TestWhen:
    @pytest.mark.behaviour(
        service="cos",
        what="Rules are carried out at 0:00 in GMT+8 on what is a whole number of days old then",
        standing="documented",
        source=SOURCE,
    )
    def test_the_documents_own_example(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(1)))
        afternoon.put("photo.jpg")
        assert midnight(afternoon) == []
        assert afternoon.ask("HEAD", "photo.jpg").status_code == 200
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]
        assert afternoon.ask("HEAD", "photo.jpg").status_code == 404
        assert midnight(afternoon) == []

    @pytest.mark.behaviour(
        service="cos",
        what="A rule begins at 0:00 in GMT+8 of the day after it was put",
        standing="documented",
        source="COS international 436/40767",
    )
    def test_a_new_rule_begins_tomorrow(self, afternoon: LocalCos) -> None:
        afternoon.put("photo.jpg")
        to_hour(afternoon.clock, 15, 30)
        lay_down(afternoon, rule(after(1)))
        assert afternoon.cos.sweep() == []
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]

    def test_nothing_happens_between(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(1)))
        afternoon.put("photo.jpg")
        midnight(afternoon)
        to_hour(afternoon.clock, 23.9)
        assert afternoon.cos.sweep() == []

    def test_an_object_that_is_written_again_is_young_again(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(2)))
        afternoon.put("photo.jpg")
        to_hour(afternoon.clock, 15, 1)
        afternoon.put("photo.jpg")
        assert midnight(afternoon, 2) == []
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]

    @pytest.mark.behaviour(
        service="cos",
        what="A rule may name a date instead, from which on everything that it is about goes",
        standing="documented",
        source="COS 436/8280",
    )
    def test_a_date(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule("<Expiration><Date>2999-01-01T00:00:00+08:00</Date></Expiration>"))
        afternoon.put("photo.jpg")
        assert midnight(afternoon, 10) == []
        lay_down(afternoon, rule("<Expiration><Date>2007-12-01T12:00:00.000Z</Date></Expiration>"))
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]

    @settings(max_examples=25, deadline=None)
    @given(hour=st.floats(0, 23.99), days=st.integers(1, lifecycle.DAYS), later=st.integers(0, lifecycle.DAYS + 2))
    def test_no_object_goes_early_nor_a_day_late(self, hour: float, days: int, later: int) -> None:
        clock = Clock()
        to_hour(clock, hour)
        store = Store(clock)
        try:
            bucket = store.create(PHOTOS, REGION, PRIVATE)
            document = f"<LifecycleConfiguration>{rule(after(days))}</LifecycleConfiguration>"
            bucket.settings["lifecycle"] = document.encode()
            written = store.put(bucket, "photo.jpg", b"", Facts()).modified
            to_hour(clock, 0, later)
            gone = lifecycle.sweep(store) == [f"{PHOTOS}/photo.jpg"]
            age = (clock.now() - written) / DAY
            assert gone if age >= days + 1 else not gone if age < days else True
        finally:
            store.close()


class TestWhat:
    @pytest.mark.behaviour(
        service="cos",
        what="A rule is about the keys under its prefix, and the objects that have all of its tags",
        standing="documented",
        source="COS 436/17029",
    )
    def test_what_a_rule_is_about(self, afternoon: LocalCos) -> None:
        two = "<Tag><Key>k</Key><Value>1</Value></Tag><Tag><Key>l</Key><Value>2</Value></Tag>"
        lay_down(
            afternoon,
            rule(after(1), "records/"),
            rule(after(1), filtered="<Tag><Key>album</Key><Value>old</Value></Tag>"),
            rule(after(1), filtered=f"<And><Prefix>a/</Prefix>{two}</And>"),
        )
        afternoon.put("records/1")
        afternoon.put("photo.jpg")
        afternoon.put("old.jpg", x_cos_tagging="album=old")
        afternoon.put("new.jpg", x_cos_tagging="album=new")
        afternoon.put("a/1.jpg", x_cos_tagging="k=1")
        afternoon.put("a/2.jpg", x_cos_tagging="k=1&l=2&m=3")
        afternoon.put("b/2.jpg", x_cos_tagging="k=1&l=2")
        afternoon.ask("PUT", "records/1", bucket=OTHERS)
        went = midnight(afternoon, 2)
        assert sorted(went) == [f"{PHOTOS}/a/2.jpg", f"{PHOTOS}/old.jpg", f"{PHOTOS}/records/1"]

    def test_a_disabled_rule_does_nothing(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(1), status="Disabled"))
        afternoon.put("photo.jpg")
        assert midnight(afternoon, 9) == []

    def test_a_rule_that_was_deleted_does_nothing(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(1)))
        afternoon.put("photo.jpg")
        afternoon.client().delete_bucket_lifecycle(Bucket=PHOTOS)
        assert midnight(afternoon, 9) == []

    @pytest.mark.behaviour(
        service="cos",
        what="Unfinished uploads are aborted that many days after they began, with all of their parts",
        standing="documented",
        source="COS 436/17029",
    )
    def test_unfinished_uploads(self, afternoon: LocalCos) -> None:
        days = "<DaysAfterInitiation>1</DaysAfterInitiation>"
        abort = f"<AbortIncompleteMultipartUpload>{days}</AbortIncompleteMultipartUpload>"
        lay_down(afternoon, rule(abort, "in/"))
        client = afternoon.client()
        ids = {
            key: client.create_multipart_upload(Bucket=PHOTOS, Key=key)["UploadId"] for key in ("in/a.jpg", "out/a.jpg")
        }
        afternoon.put("in/whole.jpg")
        assert midnight(afternoon) == []
        assert midnight(afternoon) == [f"{PHOTOS}/in/a.jpg"]
        left = {key: afternoon.ask("GET", key, {"uploadId": upload_id}) for key, upload_id in ids.items()}
        assert (left["in/a.jpg"].status_code, code(left["in/a.jpg"])) == (404, "NoSuchUpload")
        assert left["out/a.jpg"].status_code == 200
        assert afternoon.ask("HEAD", "in/whole.jpg").status_code == 200

    @pytest.mark.behaviour(
        service="cos",
        what="Where there are versions, an expired object gets a delete marker, and old versions go by when they were"
        " replaced; a marker over nothing goes if a rule says so",
        standing="documented",
        source="COS 436/17029",
    )
    @pytest.mark.parametrize(("cleans", "left"), [(False, (0, 1)), (True, (0, 0))])
    def test_versions(self, afternoon: LocalCos, cleans: bool, left: tuple[int, int]) -> None:
        client = afternoon.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        afternoon.put("photo.jpg", b"first")
        lonely = "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>"
        lay_down(afternoon, rule(after(2)), rule(replaced(3)), *([rule(lonely)] if cleans else []))

        def kept() -> tuple[int, int]:
            listed = client.list_objects_versions(Bucket=PHOTOS)
            return len(listed.get("Version", [])), len(listed.get("DeleteMarker", []))

        midnight(afternoon, 3)
        assert kept() == (1, 1)
        assert afternoon.ask("GET", "photo.jpg").status_code == 404
        midnight(afternoon, 3)
        assert kept() == (1, 1)
        midnight(afternoon)
        assert kept() == left

    @pytest.mark.behaviour(
        service="cos",
        what="An old version goes as many days after another replaced it as its rule says, and the current one stays",
        standing="documented",
        source="COS 436/8280",
    )
    def test_old_versions_alone(self, afternoon: LocalCos) -> None:
        client = afternoon.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        lay_down(afternoon, rule(replaced(3)))

        def bodies() -> list[bytes]:
            versions = client.list_objects_versions(Bucket=PHOTOS).get("Version", [])
            told = [{"versionId": version["VersionId"]} for version in versions]
            return [afternoon.ask("GET", "photo.jpg", query).content for query in told]

        afternoon.put("photo.jpg", b"plain")
        assert midnight(afternoon, 9) == []
        to_hour(afternoon.clock, 15)
        afternoon.put("photo.jpg", b"stamped")
        assert midnight(afternoon, 2) == []
        to_hour(afternoon.clock, 15)
        afternoon.put("photo.jpg", b"stamped anew")
        assert midnight(afternoon) == []
        assert bodies() == [b"stamped anew", b"stamped", b"plain"]
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]
        assert bodies() == [b"stamped anew", b"stamped"]
        assert midnight(afternoon, 2) == [f"{PHOTOS}/photo.jpg"]
        assert bodies() == [b"stamped anew"]
        assert midnight(afternoon, 99) == []
        assert bodies() == [b"stamped anew"]

    @pytest.mark.behaviour(
        service="cos",
        what="What is deleted where versions are kept is an old version from then on; its marker stays",
        standing="documented",
        source="COS 436/17029",
    )
    def test_what_was_deleted_is_an_old_version(self, afternoon: LocalCos) -> None:
        client = afternoon.client()
        client.put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        lay_down(afternoon, rule(replaced(3)))
        afternoon.put("photo.jpg")
        client.delete_object(Bucket=PHOTOS, Key="photo.jpg")
        assert midnight(afternoon, 3) == []
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]
        listed = client.list_objects_versions(Bucket=PHOTOS)
        assert (len(listed.get("Version", [])), len(listed["DeleteMarker"])) == (0, 1)

    @pytest.mark.behaviour(
        service="cos",
        what="A rule for old versions is taken before versions are kept, and does nothing until then",
        standing="assumed",
        source="COS 436/8280",
    )
    def test_old_versions_may_be_spoken_of_before_there_are_any(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(replaced(1)))
        afternoon.put("photo.jpg", b"first")
        afternoon.put("photo.jpg", b"second")
        assert midnight(afternoon, 9) == []
        afternoon.client().put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
        to_hour(afternoon.clock, 15)
        afternoon.put("photo.jpg", b"third")
        assert midnight(afternoon, 2) == [f"{PHOTOS}/photo.jpg"]
        assert afternoon.ask("GET", "photo.jpg").content == b"third"

    def test_a_locked_object_stays(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(1)))
        afternoon.put("photo.jpg")
        afternoon.cos.lock(PHOTOS, "photo.jpg")
        assert midnight(afternoon, 9) == []
        afternoon.cos.unlock(PHOTOS, "photo.jpg")
        assert midnight(afternoon) == [f"{PHOTOS}/photo.jpg"]

    @pytest.mark.behaviour(
        service="cos",
        what="What a lifecycle deletes wakes no function",
        standing="assumed",
        source="SCF 583/9707",
    )
    def test_nobody_is_told(self, afternoon: LocalCos) -> None:
        lay_down(afternoon, rule(after(1)))
        afternoon.put("photo.jpg")
        afternoon.events.clear()
        midnight(afternoon, 2)
        assert afternoon.events == []

    def test_a_change_of_class_is_kept_and_not_carried_out(self, afternoon: LocalCos) -> None:
        colder = "<Transition><Days>1</Days><StorageClass>ARCHIVE</StorageClass></Transition>"
        lay_down(afternoon, rule(colder))
        afternoon.put("photo.jpg")
        assert midnight(afternoon, 9) == []
        assert "x-cos-storage-class" not in afternoon.head("photo.jpg")


class TestDocuments:
    @pytest.mark.behaviour(
        service="cos",
        what="A rule counts 1 to 3650 days or names a date, never both; its ID is its own, of at most 255 characters",
        standing="documented",
        source="COS 436/8280",
    )
    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            ("", "MalformedXML"),
            ("<Rule><Status>Enabled</Status></Rule>", "MalformedXML"),
            (rule(after(1), status="On"), "MalformedXML"),
            (rule(""), "MalformedXML"),
            (rule(after(1)) * (lifecycle.RULES + 1), "MalformedXML"),
            (rule(after(0)), "InvalidArgument"),
            (rule(after(3651)), "InvalidArgument"),
            (rule("<Expiration><Days>many</Days></Expiration>"), "InvalidArgument"),
            (rule(replaced(0)), "InvalidArgument"),
            (rule(replaced(3651)), "InvalidArgument"),
            (rule("<Expiration><Days>1</Days><Date>2030-01-01T00:00:00Z</Date></Expiration>"), "InvalidArgument"),
            (rule("<Expiration><Date>soon</Date></Expiration>"), "InvalidArgument"),
            (rule("<Expiration><Date>2030-01-01T00:00:00</Date></Expiration>"), "InvalidArgument"),
            (rule(after(1), name="x" * 256), "InvalidArgument"),
            (rule(after(1), name="same") * 2, "InvalidArgument"),
            (rule(after(1) + "<Prefix>old</Prefix>"), "NotImplemented"),
            (rule(after(1), filtered="<ObjectSizeLessThan>9</ObjectSizeLessThan>"), "NotImplemented"),
            (rule(after(1), filtered="<And><PrefixNotEquals>a</PrefixNotEquals></And>"), "NotImplemented"),
        ],
    )
    def test_what_is_refused(self, cloud: LocalCos, rules: str, expected: str) -> None:
        body = f"<LifecycleConfiguration>{rules}</LifecycleConfiguration>"
        assert code(cloud.ask("PUT", query={"lifecycle": ""}, body=body)) == expected
        assert code(cloud.ask("GET", query={"lifecycle": ""})) == "NoSuchLifecycleConfiguration"

    def test_the_longest_that_there_can_be(self, cloud: LocalCos) -> None:
        lay_down(cloud, *(rule(after(lifecycle.DAYS), f"{number}/") for number in range(lifecycle.RULES)))

    def test_new_rules_replace_the_old_ones(self, cloud: LocalCos) -> None:
        lay_down(cloud, rule(after(1), name="one"))
        lay_down(cloud, rule(after(2), name="two"))
        assert cloud.ask("GET", query={"lifecycle": ""}).text.count("<Rule>") == 1
