"""What stands in a stack's file is read alike by whoever reads it: before Pulumi runs, and by the program."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from infra.settings import stackfile
from infra.settings.stackfile import Unready
from tests.infra.conftest import settings

ON = ["true", "True", "yes", "on", "1", "t", "y", True, 1]
OFF = ["false", "no", "off", "0", "F", "N", False, 0]


@pytest.mark.parametrize(("word", "on"), [*((word, True) for word in ON), *((word, False) for word in OFF)])
def test_a_switch_is_on_by_any_word_that_the_program_takes(word: object, on: bool) -> None:
    assert settings(adopt_photo_bucket=word).adopt_photo_bucket is on
    assert stackfile.is_adopted({"facestamp:adoptPhotoBucket": word}, "photo") is on


def test_what_is_no_switch_is_refused_before_pulumi_runs() -> None:
    with pytest.raises(ValidationError, match="valid boolean"):
        settings(adopt_photo_bucket="perhaps")

    with pytest.raises(Unready, match="facestamp:adoptPhotoBucket must be true or false, and is neither"):
        stackfile.is_adopted({"facestamp:adoptPhotoBucket": "perhaps"}, "photo")


@pytest.mark.parametrize(
    ("given", "told"), [({}, True), ({"facestamp:logs": None}, True), ({"facestamp:logs": "no"}, False)]
)
def test_a_switch_that_is_left_out_is_as_the_program_has_it(given: dict[str, Any], told: bool) -> None:
    assert stackfile.is_set(given, "logs", default=True) is told
    assert settings().logs is True
