"""The thin path: one photo, through everything."""

from __future__ import annotations

from collections.abc import Callable

from facestamp import stamp
from infra.local.cloud import LocalCloud
from infra.local.journal import Call
from tests import pictures


def test_a_portrait_comes_back_stamped_with_its_face(
    cloud: LocalCloud, calls: Callable[..., list[Call]], name: str
) -> None:
    key = f"photos/{name}.jpg"

    cloud.cos().put_object(Bucket=cloud.bucket, Key=key, Body=pictures.jpeg(pictures.portrait()))
    cloud.scf.settle()

    read = stamp.read(cloud.cos().head_object(Bucket=cloud.bucket, Key=key))
    assert read is not None
    assert (read.status, read.count, read.size) == ("ok", 1, (512, 512))
    (face,) = read.faces
    assert face.box is not None
    assert face.points is not None
    assert face.attributes is not None
    assert sum(len(points) for points in face.points.values()) == 90
    assert face.attributes["Smile"] > 50
    assert len(calls(paid=True)) == 3
