"""Each permission of each role, taken away in turn: the refusal is named, somebody is told, and nothing loops.

Once the permission is granted again, the event that was sent again finishes the photo, and nothing is paid for twice.
The table below is held against the roles themselves: a permission that no story needs does not stay unnoticed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from infra.local.cloud import LocalCloud
from infra.local.faces import Engine
from infra.local.faults import Fault
from infra.local.policies import Document
from infra.local.readings import Readings
from tests import pictures
from tests.conftest import ended
from tests.laws.scenes import Scene, portrait, put_event

READINGS = {
    "as the API pages say": Readings(copy_action="PutObjectCopy", detect_face_action="CreateFaceEffectJob"),
    "as the guides say": Readings(copy_action="PutObject", detect_face_action="CreateDetectFaceJob"),
}
SPELT_TWICE = {
    "cos:PutObjectCopy": ("cos:PutObjectCopy", "cos:PutObject"),
    "ci:DetectFace": ("ci:CreateFaceEffectJob", "ci:CreateDetectFaceJob"),
}
"""What one page calls so and another one so, under the name by which our log calls it."""
REFUSED = {"AccessDenied", "AuthFailure.UnauthorizedOperation"}

Story = Callable[[Scene, str], None]


def an_upload(scene: Scene, key: str) -> None:
    scene.upload(key)


def an_upload_with_an_acl(scene: Scene, key: str) -> None:
    scene.upload(key, ACL="public-read")


def an_upload_with_tags(scene: Scene, key: str) -> None:
    scene.upload(key, Metadata={"x-cos-tagging": "album=summer"})


def an_archived_upload(scene: Scene, key: str) -> None:
    scene.upload(key, StorageClass="ARCHIVE")


def an_upload_on_its_side(scene: Scene, key: str) -> None:
    scene.upload(key, pictures.jpeg(pictures.portrait(), orientation=6))


def an_upload_with_one_slow_answer(scene: Scene, key: str) -> None:
    last = "CreateFace" if key.startswith("members/") else "AnalyzeFace"
    with scene.fault("delay", action=last, seconds=0.2):
        scene.upload(key)


def an_upload_that_needs_a_second_try(scene: Scene, key: str) -> None:
    last = "CreateFace" if key.startswith("members/") else "AnalyzeFace"
    with scene.fault("fail", action=last, code="FailedOperation.NobodyKnows"):
        scene.upload(key)


def a_photo_deleted_while_it_is_looked_at(scene: Scene, key: str) -> None:
    scene.cloud.faults.add(Fault("run", action="PutObjectCopy", action_run=lambda: scene.delete(key)))
    scene.upload(key)


def a_second_photo_of_somebody(scene: Scene, key: str) -> None:
    scene.upload(key.replace("photo", "first"), portrait(0.9))
    scene.settle()
    scene.upload(key)


ORDINARY: list[tuple[str, Story, str]] = [
    ("cos:GetObject {route}/*", an_upload, "cos:GetObject"),
    ("cos:GetObjectACL {route}/*", an_upload, "cos:GetObjectACL"),
    ("cos:PutObjectACL {route}/*", an_upload_with_an_acl, "cos:PutObjectCopy"),
    ("cos:GetObjectTagging {route}/*", an_upload_with_tags, "cos:GetObjectTagging"),
    ("cos:PutObjectTagging {route}/*", an_upload_with_tags, "cos:PutObjectCopy"),
    ("cos:HeadObject {route}/*", an_archived_upload, "cos:HeadObject"),
    ("cos:PutObjectCopy {route}/*", an_upload, "cos:PutObjectCopy"),
    ("ci:DetectFace {route}/*", an_upload, "ci:DetectFace"),
    ("iai:DetectFace *", an_upload_on_its_side, "iai:DetectFace"),
    ("cos:PutObject leases/{route}/*", an_upload, "cos:PutObject"),
    ("cos:GetObject leases/{route}/*", an_upload_that_needs_a_second_try, "cos:GetObject"),
    ("cos:PutObject records/{route}/*", an_upload, "cos:PutObject"),
    ("cos:GetObject records/{route}/*", an_upload_that_needs_a_second_try, "cos:GetObject"),
    ("cos:DeleteObject records/{route}/*", a_photo_deleted_while_it_is_looked_at, "cos:DeleteObject"),
    ("cos:PutObject answers/{route}/*", an_upload_with_one_slow_answer, "cos:PutObject"),
    ("cos:GetObject answers/{route}/*", an_upload_that_needs_a_second_try, "cos:GetObject"),
    ("cos:DeleteObject answers/{route}/*", a_photo_deleted_while_it_is_looked_at, "cos:DeleteObject"),
    ("cos:PutObject dead/{route}/*", an_upload_that_needs_a_second_try, "cos:PutObject"),
    ("cos:DeleteObject dead/{route}/*", an_upload_that_needs_a_second_try, "cos:DeleteObject"),
    ("cos:GetBucket facestamp-state-1250000000/*", an_upload_that_needs_a_second_try, "cos:GetBucket"),
]
"""What is taken away, what the user does, and the action that the log names."""
NEEDED = {
    "photos": [
        *ORDINARY,
        ("iai:AnalyzeFace *", an_upload, "iai:AnalyzeFace"),
        ("iai:DetectFaceAttributes *", an_upload, "iai:DetectFaceAttributes"),
    ],
    "members": [
        *ORDINARY,
        ("iai:CreateFace *", an_upload, "iai:CreateFace"),
        ("iai:GetPersonBaseInfo *", an_upload, "iai:GetPersonBaseInfo"),
        ("cos:PutObject enrolments/*", an_upload, "cos:PutObject"),
        ("cos:GetObject enrolments/*", a_second_photo_of_somebody, "cos:GetObject"),
    ],
}
EACH = [
    pytest.param(
        route,
        permission.format(route=route),
        story,
        action,
        id=permission.format(route=route),
    )
    for route, needed in NEEDED.items()
    for permission, story, action in needed
]


@pytest.fixture(scope="module", params=list(READINGS))
def stack(request: pytest.FixtureRequest, engine: Engine) -> Iterator[LocalCloud]:
    cloud = LocalCloud(readings=READINGS[request.param], engine=engine)
    cloud.deploy()
    yield cloud
    found = ended(cloud)
    assert found == []


@pytest.fixture
def watched(stack: LocalCloud) -> Iterator[Scene]:
    yield Scene(stack)
    stack.faults.clear()
    stack.scf.settle()


def granted(document: Document) -> list[tuple[str, str]]:
    """Every action on every resource that a policy allows."""
    return [(action, resource) for s in document.statements for action in s.actions for resource in s.resources]


def told(action: str, resource: str) -> str:
    """A permission as the table has it."""
    parts = resource.rpartition(":")[2].removeprefix("bucket/").split("/")
    return f"{action} {'/'.join(parts[1:] if len(parts) > 2 else parts)}"


def in_force(readings: Readings, permission: str) -> str:
    """The spelling that the cloud asks for."""
    spelt = {"cos:PutObjectCopy": f"cos:{readings.copy_action}", "ci:DetectFace": f"ci:{readings.detect_face_action}"}
    action, _, place = permission.partition(" ")
    return f"{spelt.get(action, action)} {place}"


@contextmanager
def without(cloud: LocalCloud, role: str, permission: str) -> Iterator[None]:
    """Take a permission from a role for a while."""
    (policy,) = cloud.cam.attached(role)
    left = [(action, resource) for action, resource in granted(policy.document) if told(action, resource) != permission]
    assert len(left) == len(granted(policy.document)) - 1, permission
    places = {resource: [action for action, there in left if there == resource] for _, resource in left}
    stated = [{"effect": "allow", "action": actions, "resource": [place]} for place, actions in places.items()]
    cloud.cam.update_policy(policy.id, json.dumps({"version": "2.0", "statement": stated}))
    yield
    cloud.cam.update_policy(policy.id, policy.document.text)


@pytest.mark.parametrize("route", list(NEEDED))
def test_a_role_has_the_permissions_that_its_stories_need_and_no_other(shared_cloud: LocalCloud, route: str) -> None:
    (policy,) = shared_cloud.cam.attached(shared_cloud.outputs["functions"][route])
    spelt = {
        f"{spelling} {place}"
        for permission, _, _ in NEEDED[route]
        for action, _, place in [permission.format(route=route).partition(" ")]
        for spelling in SPELT_TWICE.get(action, (action,))
    }

    assert {told(*permission) for permission in granted(policy.document)} == spelt


@pytest.mark.parametrize(("route", "permission", "story", "action"), EACH)
def test_without_a_permission_its_refusal_is_named_and_granting_it_mends_all(
    watched: Scene, name: str, route: str, permission: str, story: Story, action: str
) -> None:
    scene, cloud = watched, watched.cloud
    key = f"{route}/{name}/photo.jpg"
    if route == "members":
        scene.person(name)

    with without(cloud, cloud.outputs["functions"][route], in_force(cloud.readings, permission)):
        story(scene, key)
        scene.settle()

    assert REFUSED & {call.code for call in scene.calls()}
    (named, *_) = [line for line in scene.said() if line.get("verdict") == "operator"]
    assert (named["action"], named["code"] in REFUSED) == (action, True)
    assert "Grant " in named["happened"]
    assert scene.runs() <= 3
    if permission != f"cos:PutObject dead/{route}/*":
        letter = scene.letter(key)
        assert letter is not None
        assert action in {error.get("action") for error in letter["errors"]}

    cloud.clock.skip(120)
    scene.send(put_event(cloud, key, age=120), route)
    scene.settle()

    assert scene.letter(key) is None
    if story is not a_photo_deleted_while_it_is_looked_at and story is not an_archived_upload:
        stamp = scene.stamp(key)
        assert stamp is not None
        assert (stamp.status, stamp.errors) == ("ok", {})
    photos = 2 if story is a_second_photo_of_somebody else 1
    assert max(scene.paid().values(), default=0) <= photos


@pytest.mark.parametrize(
    ("route", "action", "spelling"),
    [(route, action, spelling) for route in NEEDED for action, both in SPELT_TWICE.items() for spelling in both],
)
def test_the_spelling_that_is_not_in_force_is_never_missed(
    watched: Scene, name: str, route: str, action: str, spelling: str
) -> None:
    scene, cloud = watched, watched.cloud
    key = f"{route}/{name}/photo.jpg"
    if route == "members":
        scene.person(name)
    needed = in_force(cloud.readings, f"{action} {route}/*") == f"{spelling} {route}/*"

    with without(cloud, cloud.outputs["functions"][route], f"{spelling} {route}/*"):
        scene.upload(key)
        scene.settle()

    assert bool(REFUSED & {call.code for call in scene.calls()}) == needed
    assert (scene.stamp(key) is None) == needed
