"""The schemas of what is sent and answered, from pydantic's models, and examples of them.

What stands under a model's fields is read from its source, here and not where the class is made: that would cost each
cold start half a millisecond a model.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from facestamp.http.endpoint import Endpoint

REF: Final = "#/components/schemas/"
"""How one schema refers to another."""

EXAMPLES: Final[Mapping[str, Any]] = {
    "key": "photos/portrait.jpg",
    "keys": ["photos/portrait.jpg"],
    "content_type": "image/jpeg",
    "group_id": "members",
    "group_ids": ["members"],
    "group_name": "Members",
    "content_length": 348_211,
    "person_id": "1001",
    "person_name": "Ada",
    "face_ids": ["2875186538564559728"],
    "quality_control": 1,
    "need_quality_detection": 1,
}
"""What the examples say for a field of this name."""


class _Schemas(GenerateJsonSchema):
    """Schemas without a title for each field, which says no more than the field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schemas(endpoints: Sequence[Endpoint]) -> dict[str, dict[str, Any]]:
    """Of every model, by the name under which it is referred to."""
    wanted: dict[tuple[type[BaseModel], Any], None] = {}
    for endpoint in endpoints:
        wanted[endpoint.query, "validation"] = None
        if endpoint.body:
            wanted[endpoint.body, "validation"] = None
        if not isinstance(endpoint.gives, str):
            wanted[endpoint.gives, "serialization"] = None
    _, found = models_json_schema(list(wanted), ref_template=REF + "{model}", schema_generator=_Schemas)
    made: dict[str, dict[str, Any]] = found.get("$defs", {})
    told = {model.__name__: _descriptions(model) for model in _models(type_ for type_, _ in wanted)}
    for name, schema in made.items():
        for field, text in told.get(re.sub("-(Input|Output)$", "", name), {}).items():
            if field in schema.get("properties", {}):
                schema["properties"][field].setdefault("description", text)
        if "description" in schema:
            schema["description"] = unwrapped(schema["description"])
    return made


def _models(roots: Iterator[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    """These models, and those in their fields."""
    waiting, seen = list(roots), set()
    while waiting:
        model = waiting.pop()
        if model not in seen:
            seen.add(model)
            yield model
            for field in model.model_fields.values():
                waiting.extend(_within(field))


def _within(field: FieldInfo) -> Iterator[type[BaseModel]]:
    waiting = [field.annotation]
    while waiting:
        kind: Any = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind
        waiting.extend(getattr(kind, "__args__", ()))


def _descriptions(model: type[BaseModel]) -> dict[str, str]:
    """What stands under the fields, those of the models that it extends among them."""
    told: dict[str, str] = {}
    for each in reversed(model.__mro__):
        # A generic model with its types filled in, RootModel[…], has no source.
        if issubclass(each, BaseModel) and each.__module__.startswith("facestamp.") and "[" not in each.__name__:
            body = ast.parse(textwrap.dedent(inspect.getsource(each))).body[0]
            told |= dict(_under(body.body if isinstance(body, ast.ClassDef) else []))
    return told


def _under(statements: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, after in itertools.pairwise(statements):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            text = after.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield field.target.id, unwrapped(text.value)


def unwrapped(text: str) -> str:
    """Paragraphs in one line each, as a docstring's line ends mean nothing."""
    return "\n\n".join(" ".join(part.split()) for part in inspect.cleandoc(text).split("\n\n"))


def name_of(model: type[BaseModel], known: Mapping[str, Any], mode: str) -> str:
    """A model has two names where what is sent and what is answered differ."""
    return f"{model.__name__}-{mode}" if f"{model.__name__}-{mode}" in known else model.__name__


def example(schema: Mapping[str, Any], known: Mapping[str, Any], name: str = "") -> Any:
    """A value that the schema allows, with what it requires and what says most; from `EXAMPLES` where it can be."""
    if "$ref" in schema:
        schema = known[str(schema["$ref"]).removeprefix(REF)]
    for told in (schema.get("examples"), schema.get("enum")):
        if told:
            return told[0]
    if name in EXAMPLES or "const" in schema:
        return EXAMPLES.get(name, schema.get("const"))
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices and "type" not in schema:
        return example(choices[0], known, name)
    if schema.get("type") == "object":
        wanted = [
            *schema.get("required", ()),
            *(field for field in schema.get("properties", ()) if field in ("key", "keys")),
        ]
        return {field: example(schema["properties"][field], known, field) for field in dict.fromkeys(wanted)}
    if schema.get("type") == "array":
        return [example(schema["items"], known)]
    return schema.get(
        "default",
        {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True}.get(schema.get("type", ""), "text"),
    )
