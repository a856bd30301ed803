"""The ledger says what the tests show, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.local import ledger

WHOLE = {"service": "cos", "what": "It is kept", "standing": "documented", "source": "COS 436/7749"}


def mark(folder: Path, *lines: str) -> Path:
    tests = folder / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text("\n".join([*lines, "def test_it():", "    pass", ""]), encoding="utf-8")
    return tests


def test_the_ledger_is_what_the_marks_say() -> None:
    assert ledger.LEDGER.read_text("utf-8") == ledger.written(ledger.behaviours()), "run `make ledger`"


def test_every_behaviour_names_a_test_that_is_there() -> None:
    for entry in ledger.behaviours():
        path, *names = entry.test.split("::")
        text = (ledger.ROOT / path).read_text("utf-8")
        assert f"def {names[-1]}(" in text or f"class {names[-1]}" in text


def test_a_mark_becomes_a_line_with_a_link_to_its_page_and_its_test(tmp_path: Path) -> None:
    tests = mark(tmp_path, f"@pytest.mark.behaviour(**{WHOLE})")

    (entry,) = ledger.behaviours(tests)
    text = ledger.written([entry])

    assert entry.test == "tests/test_it.py::test_it"
    assert (
        "| It is kept | documented | [COS 436/7749](https://cloud.tencent.com/document/product/436/7749)"
        " | [test_it](../../tests/test_it.py) |" in text
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"standing": "believed"}, id="no-such-standing"),
        pytest.param({"service": "s3"}, id="no-such-service"),
        pytest.param({"source": ""}, id="no-source"),
        pytest.param({"what": " "}, id="nothing-said"),
        pytest.param({"since": "2024"}, id="one-field-more"),
    ],
)
def test_a_mark_that_lacks_something_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    tests = mark(tmp_path, f"@pytest.mark.behaviour(**{ {**WHOLE, **change} })")

    with pytest.raises(ledger.Illegible, match=r"test_it\.py::test_it"):
        ledger.behaviours(tests)


def test_a_mark_whose_words_are_computed_is_refused(tmp_path: Path) -> None:
    tests = mark(tmp_path, "@pytest.mark.behaviour(service='cos', what=say(), standing='assumed', source='none')")

    with pytest.raises(ledger.Illegible, match="write the mark's values out"):
        ledger.behaviours(tests)
