"""What the API's JSON has in common: snake case everywhere, and nothing that is not named.

Bodies are strict, as JSON has types of its own, and none for NaN; query parameters are text, so theirs are read from
it. What stands under a field is its description in the documents; `schemas` reads it when somebody asks for them.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

_FOLDER = r"(?:[^/.\x00]|\.[^/.\x00]|\.\.[^/\x00])[^/\x00]*"
KEY: Final[dict[str, Any]] = {"minLength": 1, "maxLength": 850, "pattern": f"^{_FOLDER}(?:/(?:{_FOLDER})?)*$"}
"""The schema of a photo's key: no leading slash, and no folder called `.` or `..`. `Services.route` refuses others."""

Key = Annotated[str, Field(min_length=1, max_length=850, json_schema_extra=KEY)]
"""A photo's key."""


class Model(BaseModel):
    """Part of a request's or an answer's body."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Query(BaseModel):
    """A request's query parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Nothing(Query):
    """No parameters."""
