"""What becomes of a resource when it changes, when its successor comes, and when its stack goes.

That is no input, so `tests.infra.test_mutations` does not see it. Here is what each has, and no other has anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.infra.conftest import Deployment, settings
from tests.infra.expectations import SETTINGS

OPTIONS = (
    *("protect", "retainOnDelete", "deleteBeforeReplace", "replaceOnChanges", "replace_with", "ignoreChanges"),
    *("deletedWith", "importId", "aliases", "additionalSecretOutputs", "hideDiffs"),
)
"""What the engine is told beside the inputs, by the names of its protocol."""

WITH_FUNCTION = {
    part: {"deleteBeforeReplace": True, "replace_with": [f"ScfFunction::{part}"]}
    for part in ("photos", "members", "api")
}
STAY: dict[tuple[str, str], Any] = {("CosBucket", name): {"protect": True} for name in ("photos", "state")}
ALWAYS: dict[tuple[str, str], Any] = {
    ("CosBucketObject", "package"): {"ignoreChanges": ["source"]},
    **{("ScfReservedConcurrencyConfig", part): kept for part, kept in WITH_FUNCTION.items()},
    **{("ScfFunction", part): {"deleteBeforeReplace": True, "replaceOnChanges": ["runtime"]} for part in WITH_FUNCTION},
    **{
        ("ScfFunctionEventInvokeConfig", part): {
            **WITH_FUNCTION[part],
            "replaceOnChanges": ["functionName", "namespace"],
        }
        for part in ("photos", "members")
    },
    ("ScfTrigger", "api"): WITH_FUNCTION["api"],
}
LEFT: dict[tuple[str, str], Any] = {("CiBucketAttachment", "photos"): {"retainOnDelete": True}}


@pytest.mark.parametrize(
    ("changed", "also"),
    [
        ({}, STAY),
        ({"disposable": True}, {}),
        (
            {"adopt_photo_bucket": True},
            {**LEFT, ("CosBucket", "state"): {"protect": True}},
        ),
        ({"adopt_state_bucket": True}, {("CosBucket", "photos"): {"protect": True}}),
        ({"adopt_photo_bucket": True, "adopt_state_bucket": True, "disposable": True}, LEFT),
    ],
    ids=["its own", "disposable", "adopted photos", "adopted state", "adopted and disposable"],
)
def test_each_resource_has_just_these_options(
    package: Path, changed: dict[str, Any], also: dict[tuple[str, str], Any]
) -> None:
    deployment = Deployment(settings(package=str(package), **{**SETTINGS, **changed}))

    told = {(each.type.rpartition(":")[2], each.name): options(each) for each in deployment.monitor.requests}

    assert {which: said for which, said in told.items() if said} == {**ALWAYS, **also}


def options(request: Any) -> dict[str, Any]:
    """What a registration says beside its inputs, without what it leaves as it is; what is only read says nothing."""
    said = {name: getattr(request, name, None) for name in OPTIONS}
    return {
        name: list(map(short, value)) if not isinstance(value, (bool, str)) else value
        for name, value in said.items()
        if value
    }


def short(name: str) -> str:
    """The end of a resource's URN, or what is none."""
    return name.rpartition("$")[2].rpartition(":index/")[2].partition(":")[2] if name.startswith("urn:") else name
