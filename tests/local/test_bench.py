"""What `make bench` counts; how long it takes is for the bench itself to say."""

from __future__ import annotations

import pytest

from infra.local import bench
from infra.local.cloud import LocalCloud
from tests import pictures


def test_one_upload_takes_ten_requests_and_moves_the_first_64_kb_alone(cloud: LocalCloud, name: str) -> None:
    photo = pictures.jpeg(pictures.big(2000, 1500), quality=95)

    run = bench.uploaded(cloud, f"photos/{name}.jpg", photo)

    assert (run.requests, run.paid, run.pixels) == (10, 3, 65_536)


def test_the_plain_script_moves_the_photo_six_times(cloud: LocalCloud, name: str) -> None:
    photo = pictures.jpeg(pictures.portrait())

    with bench.script(cloud) as script:
        run = bench.scripted(cloud, script, f"plain/{name}.jpg", photo)

    assert (run.requests, run.paid) == (5, 3)
    # Down, up, and three times in base64 in between.
    assert run.pixels == pytest.approx(len(photo) * (1 + 3 * 4 / 3 + 1), rel=0.02)


def test_the_latencies_are_of_what_clients_send_not_of_the_services_own_downloads(cloud: LocalCloud, name: str) -> None:
    bench.slow(cloud, cos=0.02, face=0.02)

    bench.uploaded(cloud, f"photos/{name}.jpg", pictures.jpeg(pictures.portrait()))

    downloads = [call for call in cloud.journal.calls(by="iai") if call.resource.endswith(f"{name}.jpg")]
    assert len(downloads) == 2
    assert all(call.seconds < 0.02 for call in downloads)
