"""What requests about the person library are made of: each limit that Tencent documents, with the code of breaking it.

Checked here, so that nothing is asked, or paid, for what would be refused (867/45014, 867/45015, 867/32793, 867/44994).
Names may hold Chinese and English letters, digits, - and _; ids no Chinese, but % @ # & as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, Field

from facestamp.http.endpoint import PathParameter
from facestamp.http.replies.problems import PARAMETER, Problem
from facestamp.operations.create_face import PERSON_ID_BYTES, person_id_refusal

_ID: Final = r"[A-Za-z0-9\-%@#&_]{1,64}"
_EMPTY: Final = "MissingParameter.ErrorParameterEmpty"
_VALUE: Final = "InvalidParameterValue"
_WORD: Final = "[A-Za-z0-9_\\-\u3400-\u9fff\U00020000-\U0003ffff]"

Number = TypeVar("Number", int, float)
Sent = TypeVar("Sent")


def few(least: int, most: int, code: str) -> Callable[[tuple[Sent, ...]], tuple[Sent, ...]]:
    """A rule: so many, or the code."""

    def check(given: tuple[Sent, ...]) -> tuple[Sent, ...]:
        if len(given) < least:
            raise Problem(PARAMETER, f"Send {least} at least.", _EMPTY)
        if len(given) > most:
            raise Problem(PARAMETER, f"Send {most} at most.", code)
        return given

    return check


def _id_refusal(kind: str, value: str) -> str:
    return person_id_refusal(value).replace("PersonId", kind)


def _id(kind: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        code = _id_refusal(kind, value)
        if code:
            what = f"Send a {kind} of 1 to {PERSON_ID_BYTES} letters A to Z, a to z, digits and - % @ # & _."
            raise Problem(PARAMETER, what, code)
        return value

    return check


def _text(kind: str, longest: int, least: int = 1, any_character: bool = False) -> Callable[[str], str]:
    def check(value: str) -> str:
        if len(value) < least:
            raise Problem(PARAMETER, f"Send a {kind}.", _EMPTY)
        if len(value) > longest:
            raise Problem(PARAMETER, f"Send a {kind} of {longest} characters at most.", f"{_VALUE}.{kind}TooLong")
        if not any_character and not re.fullmatch(f"{_WORD}*", value):
            what = f"Send a {kind} of Chinese and English letters, digits, - and _."
            raise Problem(PARAMETER, what, f"{_VALUE}.{kind}Illegal")
        return value

    return check


def _within(least: Number, most: Number, code: str) -> Callable[[Number], Number]:
    def check(value: Number) -> Number:
        if not least <= value <= most:
            raise Problem(PARAMETER, f"Send a number from {least} to {most}.", code)
        return value

    return check


def _shown(**schema: Any) -> Any:
    return Field(json_schema_extra=schema)


def _words(least: int, most: int) -> Any:
    return _shown(minLength=least, maxLength=most, pattern=f"^{_WORD}{{{least},{most}}}$")


GROUP: Final = PathParameter(_ID, lambda value: _id_refusal("GroupId", value))
"""A group's id in an address."""

PERSON: Final = PathParameter(_ID, lambda value: _id_refusal("PersonId", value))
"""A person's id in an address."""

FACE: Final = PathParameter(r"[A-Za-z0-9\-_]{1,64}")
"""A face's id in an address; Tencent makes those."""

GroupId = Annotated[str, AfterValidator(_id("GroupId")), _shown(pattern=f"^{_ID}$")]
PersonId = Annotated[str, AfterValidator(_id("PersonId")), _shown(pattern=f"^{_ID}$")]
GroupName = Annotated[str, AfterValidator(_text("GroupName", 60)), _words(1, 60)]
PersonName = Annotated[str, AfterValidator(_text("PersonName", 60)), _words(1, 60)]
Tag = Annotated[str, AfterValidator(_text("GroupTag", 40, least=0)), _words(0, 40)]
DescriptionName = Annotated[str, AfterValidator(_text("GroupExDescriptionsName", 30)), _words(1, 30)]
Description = Annotated[
    str,
    AfterValidator(_text("PersonExDescriptionsName", 60, least=0, any_character=True)),
    _shown(minLength=0, maxLength=60),
]
Gender = Annotated[int, AfterValidator(_within(0, 2, f"{_VALUE}.PersonGenderIllegal")), _shown(minimum=0, maximum=2)]
QualityControl = Annotated[
    int, AfterValidator(_within(0, 4, f"{_VALUE}.QualityControlIllegal")), _shown(minimum=0, maximum=4)
]
UniquePersonControl = Annotated[
    int, AfterValidator(_within(0, 4, f"{_VALUE}.UniquePersonControlIllegal")), _shown(minimum=0, maximum=4)
]
Threshold = Annotated[
    float, AfterValidator(_within(0.0, 100.0, f"{_VALUE}.FaceMatchThresholdIllegal")), _shown(minimum=0, maximum=100)
]
Flag = Annotated[int, Field(ge=0, le=1)]
Offset = Annotated[int, Field(ge=0, le=2**31 - 1)]
Limit = Annotated[int, AfterValidator(_within(1, 1000, f"{_VALUE}.LimitExceed")), _shown(minimum=1, maximum=1000)]
MaxFaceNum = Annotated[
    int, AfterValidator(_within(1, 10, "LimitExceeded.ErrorFaceNumExceed")), _shown(minimum=1, maximum=10)
]
MaxPersonNum = Annotated[
    int, AfterValidator(_within(1, 100, f"{_VALUE}.SearchPersonsExceed")), _shown(minimum=1, maximum=100)
]
