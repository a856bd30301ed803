"""What the API's answers about faces are made of: Tencent's structures, with their names in snake case.

An answer may hold more than is documented, numbers as text (Cloud Infinite's XML), and nulls: `told` makes a model of
it, or raises. What is not known is left out, so that nobody has to tell a null from a value that was not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal, to_snake
from pydantic.json_schema import SkipJsonSchema

from facestamp.codes import UNREADABLE
from facestamp.errors import ServiceError

Value = TypeVar("Value")
Answer = TypeVar("Answer", bound="Told")


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


class Point(Told):
    """A position in pixels of the picture as one sees it; it may lie outside."""

    x: int
    y: int


class FaceRect(Told):
    """A face frame in pixels of the picture as one sees it; x and y may be negative, as it is wider than the face."""

    x: int
    y: int
    width: int
    height: int


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
