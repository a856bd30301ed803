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
    drawn = sorted(path.name for path in tmp_path.glob("*.png"))
    assert "3-five-faces.png" in drawn
    assert "all.png" in drawn
    with Image.open(tmp_path / "3-five-faces.png") as picture:
        assert picture.width > 1000
