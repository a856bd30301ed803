"""What a deployment has left that its stack does not know is found, and removed where nobody can miss it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from infra.account import leftovers
from infra.account.clients import Clients
from infra.account.leftovers import Kept, Leftover
from infra.account.traces import Traces
from infra.local.cloud import REGION, LocalCloud
from infra.local.faults import Fault
from infra.local.provision import provision
from tests.infra.conftest import API, settings

CONFIG: dict[str, Any] = {
    "tencentcloud:region": REGION,
    "facestamp:appId": "1250000000",
    "facestamp:photoBucket": "pictures",
    "facestamp:stateBucket": "records",
    "facestamp:codeBucket": "code",
    "facestamp:routes": [{"name": "photos"}, {"name": "members"}],
    "facestamp:api": {},
}
BUCKETS = {"pictures-1250000000", "records-1250000000", "code-1250000000"}
FUNCTIONS = {"facestamp-test-photos", "facestamp-test-members", "facestamp-test-api"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    path = tmp_path / "facestamp.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for module in ("on_upload.py", "on_http.py"):
            archive.writestr(module, "def main_handler(event, context):\n    return 0\n")
    return path


@pytest.fixture
def forgotten(package: Path) -> Iterator[LocalCloud]:
    """An account with a whole stack in it, of which no state knows anything."""
    with LocalCloud(engine=cast("Any", object())) as cloud:
        stack = settings(package=str(package), api=API, alarm_url="https://alarms.example.com/x")
        provision(stack, cloud.endpoint, cloud.cam.owner, stack.stack)
        yield cloud


def clients(cloud: LocalCloud) -> Clients:
    owner = cloud.cam.owner
    given = {
        "TENCENTCLOUD_SECRET_ID": owner.secret_id,
        "TENCENTCLOUD_SECRET_KEY": owner.secret_key,
        "FACESTAMP_ENDPOINT": cloud.endpoint,
    }
    return Clients(REGION, given)


def found(
    cloud: LocalCloud, known: leftovers.Known | None = None, left: Traces | None = None, **changed: Any
) -> list[Leftover]:
    """What is left over, if nothing else is said by a deployment that fails just now."""
    given = {**CONFIG, **{f"facestamp:{key}": value for key, value in changed.items()}}
    return leftovers.find(given, "test", known or {}, clients(cloud), left or failing(cloud.clock.now()))


def failing(when: float) -> Traces:
    """A deployment that failed then, after ten minutes."""
    return Traces(failed=((when - 600, when),))


def named(left: list[Leftover]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for each in left:
        kinds.setdefault(each.kind.title, set()).add(each.name)
    return kinds


def test_everything_that_has_a_name_is_found_and_known_by_its_tags(forgotten: LocalCloud) -> None:
    left = found(forgotten)

    assert named(left) == {
        "function": FUNCTIONS,
        "log alarm": {"facestamp-test-dead-letters"},
        "log topic": {"facestamp-test"},
        "log set": {"facestamp-test"},
        "role": FUNCTIONS,
        "policy": FUNCTIONS,
        "bucket": BUCKETS,
    }
    assert all(each.ours for each in left)
    assert {each.kind.title for each in left if not each.removable} == {"log topic"}


@pytest.mark.parametrize("passed", [-3600, 3600])
def test_what_was_made_before_a_deployment_failed_or_after_is_somebody_elses(
    forgotten: LocalCloud, passed: float
) -> None:
    left = found(forgotten, left=failing(forgotten.clock.now() + passed))

    assert len(left) == len(found(forgotten))
    assert [str(each) for each in left if each.removable] == []
    with pytest.raises(Kept, match="it is not this stack's to remove"):
        leftovers.remove(left[0], clients(forgotten))


def test_what_was_being_made_when_a_deployment_was_killed_is_left_over_and_nothing_else(forgotten: LocalCloud) -> None:
    making = Traces(pending=frozenset({("CamRole", "facestamp-test-photos"), ("ScfFunction", "facestamp-test-api")}))

    left = found(forgotten, left=making)

    removable = [str(each) for each in left if each.removable]
    assert removable == ["function facestamp-test-api", "role facestamp-test-photos"]


def test_a_bucket_of_which_nobody_may_know_when_it_was_made_is_not_removed(forgotten: LocalCloud) -> None:
    forgotten.faults.add(Fault("fail", action="GetService", code="AccessDenied", status=403, times=0))

    left = found(forgotten)

    assert {each.name for each in left} >= BUCKETS
    assert [each.name for each in left if each.removable and each.name in BUCKETS] == []


def test_what_the_state_has_is_not_left_over(forgotten: LocalCloud) -> None:
    known: dict[str, set[str]] = {}
    for each in found(forgotten):
        known.setdefault(each.kind.type, set()).add(each.id)
    assert found(forgotten, known) == []

    known["ScfFunction"].remove("default+facestamp-test-photos")

    assert [str(each) for each in found(forgotten, known)] == ["function facestamp-test-photos"]


def test_what_another_stack_has_and_what_is_adopted_is_not_looked_at(forgotten: LocalCloud) -> None:
    assert leftovers.find(CONFIG, "other", {"CosBucket": BUCKETS}, clients(forgotten)) == []
    assert named(found(forgotten, logs="no", api=None)).keys() == {"function", "role", "policy", "bucket"}
    adopted = named(found(forgotten, adoptPhotoBucket="true", adoptStateBucket=True, logs="false"))
    assert adopted["bucket"] == {"code-1250000000"}
    assert not {"log set", "log topic", "log alarm"} & adopted.keys()


def test_what_has_another_stacks_tags_or_none_is_never_removed(forgotten: LocalCloud) -> None:
    cos = forgotten.cos()
    cos.delete_bucket_tagging(Bucket="records-1250000000")
    tags = {"app": "facestamp", "stack": "other"}
    cos.put_bucket_tagging(
        Bucket="pictures-1250000000",
        Tagging={"TagSet": {"Tag": [{"Key": key, "Value": value} for key, value in tags.items()]}},
    )
    theirs = [each for each in found(forgotten) if each.name.startswith(("records", "pictures"))]
    assert [each.removable for each in theirs] == [False, False]

    for each in theirs:
        with pytest.raises(Kept, match="stays"):
            leftovers.remove(each, clients(forgotten))

    assert {bucket.name for bucket in forgotten.storage.store.buckets()} == BUCKETS


def test_a_bucket_that_holds_anything_stays_and_all_else_goes(forgotten: LocalCloud) -> None:
    forgotten.cos().put_object(Bucket="pictures-1250000000", Key="photos/ada.jpg", Body=b"ada")
    topic = next(each for each in found(forgotten) if each.kind is leftovers.TOPIC)
    forgotten.api("cls", "2020-10-16").call_json("DeleteTopic", {"TopicId": topic.id})
    stays: list[str] = []

    for each in found(forgotten):
        try:
            leftovers.remove(each, clients(forgotten))
        except Kept as kept:
            stays.append(str(kept))

    # The package lies in the code bucket.
    assert stays == [
        "The bucket pictures-1250000000 stays, for there is something in it.",
        "The bucket code-1250000000 stays, for there is something in it.",
    ]
    assert named(found(forgotten)) == {"bucket": {"pictures-1250000000", "code-1250000000"}}
    listed = forgotten.cos().list_objects(Bucket="pictures-1250000000")
    assert [each["Key"] for each in listed["Contents"]] == ["photos/ada.jpg"]
