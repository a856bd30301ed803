"""The demo, as somebody runs it who has just cloned the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from infra.local import demo


def test_everything_comes_out_as_expected_and_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = demo.run(tmp_path, asked=0)

    said = capsys.readouterr().out
    assert said.endswith("Everything came out as expected.\n")
    assert status == 0
    assert "9. An enrolment" in said
    assert "9 uploads, 14 calls, " in said
    calls = [line.split()[:2] for line in said.splitlines() if line.startswith(("  GET /", "  POST /", "  DELETE /"))]
    paths = {path.partition("?")[0] for _, path in calls}
    for path in ("/v1/faces:detect", "/v1/photo/overlay.svg", "/v1/persons:search", "/v1/uploads", "/v1/photo:stamp"):
        assert path in paths
    assert ["DELETE", "/v1/photo/faces?key=members/ada/mirrored.jpg"] in calls
    drawn = sorted(path.name for path in tmp_path.glob("*.png"))
    assert "3-five-faces.png" in drawn
    assert "all.png" in drawn
    assert (tmp_path / "overlay.svg").read_text("utf-8").startswith("<svg")
    with Image.open(tmp_path / "3-five-faces.png") as picture:
        assert picture.width > 1000
