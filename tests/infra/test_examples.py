"""The example stacks: refused as long as something is to be filled in, and sound once it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.local.provision import Monitor, run, stack_file
from infra.settings import config
from infra.settings.stack import sentences
from tests.infra.conftest import Recorded

FILLED_IN = {
    "tencentcloud:allowedAccountIds": ["100000000001"],
    "facestamp:appId": "1250000000",
    "facestamp:alarmUrl": "https://alarms.example.com/facestamp",
}


def deployed(stack: str, package: Path, filled_in: dict[str, Any]) -> Recorded:
    given = {**stack_file(stack), **{key: value for key, value in filled_in.items() if key in stack_file(stack)}}
    recorded = Recorded()
    run(Monitor(recorded), config.flat({**given, "facestamp:package": str(package)}), stack)
    return recorded


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_an_example_that_is_filled_in_can_be_deployed(stack: str, package: Path) -> None:
    made = deployed(stack, package, FILLED_IN).made
    assert made["ScfFunction", "photos"]["name"] == f"facestamp-{stack}-photos"
    assert made["CosBucket", "photos"]["bucket"] == f"fs-{stack}-photos-1250000000"


@pytest.mark.parametrize(
    ("stack", "missing", "sentence"),
    [
        (stack, key, f"{key} still holds the example's placeholder: put ")
        for stack in ("dev", "prod")
        for key in FILLED_IN
        if key in stack_file(stack)
    ],
)
def test_what_is_not_filled_in_is_named(stack: str, missing: str, sentence: str, package: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        deployed(stack, package, {key: value for key, value in FILLED_IN.items() if key != missing})
    assert sentence in sentences(refused.value)


def test_only_the_stack_to_try_things_out_can_be_thrown_away(package: Path) -> None:
    assert deployed("dev", package, FILLED_IN).made["CosBucket", "photos"]["forceClean"] is True
    assert deployed("prod", package, FILLED_IN).made["CosBucket", "photos"]["forceClean"] is False


def test_no_example_names_anybody() -> None:
    for stack in ("dev", "prod"):
        told = stack_file(stack)
        assert json.dumps(told["tencentcloud:allowedAccountIds"]) == '["<the account\'s UIN>"]'
        assert str(told["facestamp:appId"]).startswith("<")
