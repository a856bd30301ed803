"""What the local cloud remembers between two runs: `KEEP=folder make up`.

The account's key pair, the keys of the API, every version of every object with all that COS keeps beside it, the
buckets' own settings, the person libraries, and how far the clock had been moved on. Functions, roles and triggers are
not kept: the Pulumi program makes them again. Uploads that were under way, and events that were queued, are lost.

It is written when the cloud stops, beside the old folder first and then in its place, so that a run that is killed
leaves what the one before it had kept. Killed between the two, it leaves that beside: whoever looks next puts it back.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from infra.local.cam import Identity
from infra.local.cos.acl import Acl
from infra.local.cos.facts import Facts
from infra.local.cos.kept import Beside, Bucket, Version
from infra.local.iai.library import Group, Person
from infra.local.keyring import Keyring

if TYPE_CHECKING:
    from infra.local.cloud import LocalCloud

_NOTE: Final = "facestamp.json"
_FORMAT: Final = 1
_FACTS, _ACL = TypeAdapter(Facts), TypeAdapter(Acl)
_GROUP, _PEOPLE = TypeAdapter(Group), TypeAdapter(list[Person])


def owner(folder: Path) -> Identity | None:
    """The key pair that is kept there; None if nothing is. Raises ValueError for a folder that is something else."""
    _put_back(folder)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    pair = _note(folder)["owner"]
    return Identity(secret_id=pair["secret_id"], secret_key=pair["secret_key"])


def keyring(folder: Path) -> Keyring | None:
    """The keys of the API that are kept there, if any are. Raises ValueError as `owner` does."""
    kept = _note(folder).get("keyring") if owner(folder) else None
    return Keyring(**kept) if kept else None


def load(cloud: LocalCloud, folder: Path) -> int:
    """Put back what is kept there into a cloud that has been deployed; how many versions of objects that were."""
    if owner(folder) is None:
        return 0
    note, store, count = _note(folder), cloud.storage.store, 0
    cloud.clock.skip(note["skipped"])
    for kept in note["buckets"]:
        bucket = _bucket(cloud, kept)
        for version in kept["versions"]:
            facts = _FACTS.validate_python(version.pop("facts"))
            body = b"" if version["marker"] else (folder / version.pop("body")).read_bytes()
            beside = Beside(facts, version["modified"], version["crc64"])
            with store.lock:
                store.restore(bucket, Version(**version), beside, body)
            count += 1
    for group in note["groups"]:
        cloud.iai.library.keep(_GROUP.validate_python(group["group"]), _PEOPLE.validate_python(group["people"]))
    return count


def save(cloud: LocalCloud, folder: Path) -> None:
    """Write it all down, in place of what was kept there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _put_back(folder)
    beside, old = _beside(folder, "new"), _beside(folder, "old")
    for left in (beside, old):
        shutil.rmtree(left, ignore_errors=True)
    beside.mkdir(mode=0o700)
    library = cloud.iai.library
    note = {
        "format": _FORMAT,
        "owner": {"secret_id": cloud.cam.owner.secret_id, "secret_key": cloud.cam.owner.secret_key},
        "keyring": {"api": dict(cloud.keyring.api), "signing": dict(cloud.keyring.signing)},
        "skipped": max(0.0, cloud.clock.now() - time.time()),
        "buckets": list(_buckets(cloud, beside)),
        "groups": [
            {
                "group": _GROUP.dump_python(group, mode="json"),
                "people": _PEOPLE.dump_python(list(reversed(library.people(group.id))), mode="json"),
            }
            for group in reversed(library.groups())
        ],
    }
    with open(beside / _NOTE, "w", encoding="utf-8", opener=_private) as file:
        json.dump(note, file, indent=1)
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _put_back(folder: Path) -> None:
    old = _beside(folder, "old")
    if old.exists() and not folder.exists():
        old.rename(folder)


def _beside(folder: Path, word: str) -> Path:
    return folder.with_name(f".{folder.name}.{word}")


def _note(folder: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads((folder / _NOTE).read_text("utf-8"))
    except (OSError, ValueError):
        raise ValueError(
            f"{folder} holds no local cloud and is not empty: name another folder to keep it in."
        ) from None
    if note["format"] != _FORMAT:
        raise ValueError(f"{folder} was kept by another version of facestamp: name another folder.")
    return note


def _bucket(cloud: LocalCloud, kept: dict[str, Any]) -> Bucket:
    store = cloud.storage.store
    with store.lock:
        there = {bucket.name: bucket for bucket in store.buckets()}
        bucket = there.get(kept["name"]) or store.create(
            kept["name"], kept["region"], _ACL.validate_python(kept["acl"])
        )
        bucket.versioning, bucket.locked = kept["versioning"], set(kept["locked"])
        bucket.processed, bucket.recognised = kept["processed"], kept["recognised"]
        # What the stack has set since stays, if nothing was kept in its place.
        bucket.settings |= {name: body.encode("latin-1") for name, body in kept["settings"].items()}
        return bucket


def _buckets(cloud: LocalCloud, folder: Path) -> Iterator[dict[str, Any]]:
    store, number = cloud.storage.store, 0
    with store.lock:
        for bucket in store.buckets():
            versions = []
            for newest_first in store.versions(bucket, ""):
                for version in reversed(newest_first):
                    number += 1
                    versions.append(_version(version, folder, f"{number}.object"))
            yield {
                "name": bucket.name,
                "region": bucket.region,
                "versioning": bucket.versioning,
                "acl": asdict(bucket.acl),
                "settings": {name: body.decode("latin-1") for name, body in bucket.settings.items()},
                "locked": sorted(bucket.locked),
                "processed": bucket.processed,
                "recognised": bucket.recognised,
                "versions": versions,
            }


def _version(version: Version, folder: Path, name: str) -> dict[str, Any]:
    known = {field: getattr(version, field) for field in ("key", "version_id", "modified", "marker", "etag", "crc64")}
    told = {**known, "facts": _FACTS.dump_python(version.facts, mode="json")}
    if not version.marker:
        (folder / name).write_bytes(version.body())
        told["body"] = name
    return told


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
