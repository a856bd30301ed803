"""What the API's JSON is made of: our own models, and those of Tencent's structures, all in snake case.

- `Model` and `Query` are ours: nothing that is not named. Bodies are strict, as JSON has types of its own, and none for
  NaN; query parameters are text, so theirs are read from it.
- `Told` is Tencent's. An answer may hold more than is documented, numbers as text (Cloud Infinite's XML), and nulls:
  `told` makes a model of it, or raises. What is not known is left out, so that nobody has to tell a null from a value
  that was not asked for.

What stands under a field is its description in the documents; `documents.schemas` reads it when somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal, to_snake
from pydantic.json_schema import SkipJsonSchema

from facestamp.codes import UNREADABLE
from facestamp.errors import ServiceError

Value = TypeVar("Value")
Answer = TypeVar("Answer", bound="Told")

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


def _unknown(value: object) -> bool:
    return value is None


def undefaulted(schema: dict[str, Any]) -> None:
    """For `json_schema_extra`: the default stands for absence, and is no value to send or to see."""
    schema.pop("default", None)


def _listed(value: Any) -> Any:
    """XML has one element per face: a parser gives a dict for one, a list for many, nothing for none."""
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, Mapping) else value


Maybe = Annotated[Value | SkipJsonSchema[None], Field(exclude_if=_unknown, json_schema_extra=undefaulted)]
"""What is left out where it is not known."""

Many = Annotated[tuple[Value, ...], BeforeValidator(_listed)]
"""A list, of which Tencent may make nothing, one or null."""


class Told(BaseModel):
    """Part of an answer of Tencent's."""

    # Built when a request first needs it: few instances answer about everything that can be told.
    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True, json_schema_extra={"additionalProperties": False}
    )


def told(model: type[Answer], answer: Mapping[str, Any]) -> Answer:
    """Tencent's answer as that model; raises ValidationError for one in a form that no document has."""
    return model.model_validate(in_snake_case(answer))


def readable(model: type[Answer], action: str, answer: Mapping[str, Any]) -> Answer:
    """`told`, or `ServiceError`: the answer came, and in a form that no document has."""
    try:
        return told(model, answer)
    except ValidationError:
        raise ServiceError("iai", action, UNREADABLE, request_id=str(answer.get("RequestId", ""))) from None


def in_pascal_case(value: Any) -> Any:
    """What is asked, under Tencent's names."""
    if isinstance(value, Mapping):
        return {to_pascal(name): in_pascal_case(part) for name, part in value.items()}
    return [in_pascal_case(part) for part in value] if isinstance(value, (list, tuple)) else value


def in_snake_case(value: Any) -> Any:
    """A structure of Tencent's, its names in snake case."""
    if isinstance(value, Mapping):
        return {to_snake(name): in_snake_case(part) for name, part in value.items()}
    return [in_snake_case(part) for part in value] if isinstance(value, (list, tuple)) else value
