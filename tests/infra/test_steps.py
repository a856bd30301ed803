"""What is done around the engine's deployment, tried at the local cloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from infra.account import steps
from infra.adoption import Unfit
from infra.local.cloud import LocalCloud

CONFIG: dict[str, Any] = {
    "tencentcloud:region": "ap-guangzhou",
    "facestamp:appId": "1250000000",
    "facestamp:photoBucket": "old-photos",
    "facestamp:stateBucket": "old-state",
    "facestamp:adoptPhotoBucket": "true",
    "facestamp:adoptStateBucket": True,
}
PHOTOS, STATE = "old-photos-1250000000", "old-state-1250000000"


@pytest.fixture
def old() -> Iterator[LocalCloud]:
    """Two buckets that are older than the stack."""
    with LocalCloud(engine=cast("Any", object())) as cloud:
        for bucket in (PHOTOS, STATE):
            cloud.cos().create_bucket(Bucket=bucket, ACL="private")
        yield cloud


def environment(cloud: LocalCloud) -> dict[str, str]:
    owner = cloud.cam.owner
    return {
        "TENCENTCLOUD_SECRET_ID": owner.secret_id,
        "TENCENTCLOUD_SECRET_KEY": owner.secret_key,
        "FACESTAMP_ENDPOINT": cloud.endpoint,
    }


def granting(cloud: LocalCloud, bucket: str, grantee: dict[str, str], permission: str) -> None:
    """Grant something on a bucket to one more."""
    owner = f"qcs::cam::uin/{cloud.cam.uin}:uin/{cloud.cam.uin}"
    kind = {"type": "Group" if "URI" in grantee else "CanonicalUser"}
    grants = [({"type": "CanonicalUser", "ID": owner}, "FULL_CONTROL"), ({**kind, **grantee}, permission)]
    listed = [{"Grantee": who, "Permission": what} for who, what in grants]
    policy = {"Owner": {"ID": owner}, "AccessControlList": {"Grant": listed}}
    cloud.cos().put_bucket_acl(Bucket=bucket, AccessControlPolicy=policy)


def test_sound_buckets_may_be_adopted(old: LocalCloud) -> None:
    old.cos().put_bucket_versioning(Bucket=PHOTOS, Status="Enabled")
    steps.take("before", CONFIG, environment(old))


def test_a_state_bucket_that_ever_had_versions_is_refused(old: LocalCloud) -> None:
    for status in ("Enabled", "Suspended"):
        old.cos().put_bucket_versioning(Bucket=STATE, Status=status)
        with pytest.raises(Unfit, match=f"{STATE} keeps versions"):
            steps.take("before", CONFIG, environment(old))


@pytest.mark.parametrize("bucket", [PHOTOS, STATE])
def test_a_public_bucket_is_refused(old: LocalCloud, bucket: str) -> None:
    old.cos().put_bucket_acl(Bucket=bucket, ACL="public-read")
    with pytest.raises(Unfit, match=f"{bucket} is public: make it private first"):
        steps.take("before", CONFIG, environment(old))


def test_only_what_is_adopted_is_looked_at(old: LocalCloud) -> None:
    old.cos().put_bucket_acl(Bucket=PHOTOS, ACL="public-read")
    before = len(old.journal)
    steps.take("before", {**CONFIG, "facestamp:adoptPhotoBucket": "false"}, environment(old))
    assert len(old.journal) > before
    before = len(old.journal)
    made = {key: value for key, value in CONFIG.items() if "adopt" not in key}
    steps.take("before", made, environment(old))
    assert len(old.journal) == before


@pytest.mark.parametrize("bucket", [PHOTOS, STATE])
def test_a_bucket_that_its_policy_opens_is_refused(old: LocalCloud, bucket: str) -> None:
    stated = {"Effect": "Allow", "Principal": {"qcs": ["qcs::cam::anonymous:anonymous"]}, "Action": ["name/cos:*"]}
    policy = {"version": "2.0", "Statement": [{**stated, "Resource": ["*"]}]}
    old.cos().put_bucket_policy(Bucket=bucket, Policy=policy)
    for word in ("true", "yes", "on", "1"):
        config = {**CONFIG, "facestamp:adoptPhotoBucket": word, "facestamp:adoptStateBucket": word}
        with pytest.raises(Unfit, match=f"{bucket} is open by its policy to qcs::cam::anonymous:anonymous"):
            steps.take("before", config, environment(old))


@pytest.mark.parametrize("permission", ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"])
@pytest.mark.parametrize(
    ("stranger", "said"),
    [
        ({"URI": "http://cam.qcloud.com/groups/global/AllUsers"}, "public"),
        ({"URI": "http://cam.qcloud.com/groups/global/AuthenticatedUsers"}, "open to every account at Tencent"),
        ({"ID": "qcs::cam::anyone:anyone"}, "open to qcs::cam::anyone:anyone"),
    ],
)
def test_a_bucket_that_grants_strangers_anything_is_refused(
    old: LocalCloud, stranger: dict[str, str], said: str, permission: str
) -> None:
    granting(old, PHOTOS, stranger, permission)
    with pytest.raises(Unfit, match=f"{PHOTOS} is {said}: make it private first"):
        steps.take("before", CONFIG, environment(old))


def test_a_bucket_that_another_account_may_use_can_be_adopted(old: LocalCloud) -> None:
    granting(old, PHOTOS, {"ID": "qcs::cam::uin/100000000002:uin/100000000002"}, "FULL_CONTROL")
    steps.take("before", CONFIG, environment(old))


def test_recognition_is_enabled_on_a_bound_bucket(old: LocalCloud) -> None:
    old.storage.store.bucket(PHOTOS).processed = True
    steps.take("after", CONFIG, environment(old))
    steps.take("after", CONFIG, environment(old))
    assert old.storage.store.bucket(PHOTOS).recognised


def test_without_a_key_nothing_is_asked() -> None:
    with pytest.raises(LookupError, match="export TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY"):
        steps.take("after", CONFIG, {})


def test_deploying_enables_recognition(cloud: LocalCloud) -> None:
    assert cloud.storage.store.bucket(cloud.bucket).recognised


def test_on_the_command_line_a_refusal_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert steps.main(["after", "--stack", "local"], {}) == 1
    assert capsys.readouterr().err.startswith("No credentials: export TENCENTCLOUD_SECRET_ID and ")
