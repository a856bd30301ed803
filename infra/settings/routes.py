"""A route: which uploads one function serves, and what it asks about each photo."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, model_validator
from typing_extensions import Self

from facestamp.operations import OPERATIONS, Operation
from infra.settings.keeping import Settings

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
"""The formats that the face services read."""
EVENTS = ("Put", "Post", "CompleteMultipartUpload")
"""How a photo arrives. Never Copy: the stamp itself is written by one."""
PERSON = "{person_id}"


def _operations(given: Any) -> Any:
    """`{"DetectFace": {"MaxFaceNum": 10}}`, in Tencent's names, as operations."""
    if not isinstance(given, dict):
        return given
    operations = []
    for name, parameters in given.items():
        if name not in OPERATIONS:
            raise ValueError(f"There is no operation {name}; choose from {', '.join(OPERATIONS)}.")
        try:
            operations.append(OPERATIONS[name].model_validate(parameters or {}))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise ValueError(f"{name} does not take {first['loc'][0]} so: {first['msg']}.") from None
    return tuple(operations)


class Route(Settings):
    """One function: the keys that it serves, and what it asks about each photo."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,18}[a-z0-9]$")]
    """2 to 20 small letters, digits and -; part of the function's and the role's name."""
    prefix: Annotated[str, Field(min_length=2)]
    """How its keys begin. Never empty: the function's permissions end where its prefix ends."""
    operations: Annotated[tuple[Operation, ...], Field(min_length=1), BeforeValidator(_operations)]
    suffixes: Annotated[tuple[str, ...], Field(min_length=1)] = SUFFIXES
    """How its keys end; compared without regard to case."""
    person_id: str = ""
    """For enrolment: how a key names the person, such as `members/{person_id}/`."""
    group_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9%@#&_-]{0,64}$")] = ""
    """For enrolment: the group that those persons are in. CreateFace goes by the person alone (IAI 867/32793), so that
    no function asks for it: the stack's outputs tell it to whoever makes the persons."""
    concurrency: Annotated[int, Field(ge=0, le=500)] = 0
    """Instances at the same time; 0 has it derived from what they ask: `infra.settings.concurrency`."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.prefix.startswith(("/", "\\")) or "*" in self.prefix:
            raise ValueError(f"The prefix {self.prefix!r} must not begin with a slash or hold a *.")
        if unknown := [s for s in self.suffixes if s not in SUFFIXES]:
            raise ValueError(f"The face services do not read {', '.join(unknown)}; choose from {', '.join(SUFFIXES)}.")
        enrols = any(operation.keyed_by_person for operation in self.operations)
        if enrols != bool(self.person_id):
            raise ValueError("person_id and an operation that enrols go together: give both or neither.")
        if self.group_id and not enrols:
            raise ValueError("group_id is for a route that enrols: give it person_id too, or leave it out.")
        if enrols and not _names_a_person(self.person_id, self.prefix):
            raise ValueError(
                f"person_id must be the prefix and then whole folders, one of them {PERSON}: {self.prefix}{PERSON}/."
            )
        return self


def _names_a_person(pattern: str, prefix: str) -> bool:
    folders = pattern.removeprefix(prefix).split("/")
    return (
        pattern.startswith(prefix)
        and prefix.endswith("/")
        and folders[-1] == ""
        and folders[:-1].count(PERSON) == 1
        and pattern.count("{") == 1
    )
