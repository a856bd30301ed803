"""Requests as models: types and ranges that every action shares, each with the code that breaking it brings.

Tencent is strict: a number in quotes is no number, and a parameter that the action does not know is an error. A value
of null counts as absent.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from infra.local import pictures
from infra.local.gateway import Refused

_Model = TypeVar("_Model", bound="Parameters")


class Parameters(BaseModel):
    """An action's parameters, under Tencent's names."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def parse(model: type[_Model], given: dict[str, Any]) -> _Model:
    """`given` as `model`.

    Raises `Refused` with UnknownParameter, MissingParameter.ErrorParameterEmpty or InvalidParameter.InvalidParameter,
    or with whatever a parameter's own rule says.
    """
    try:
        return model.model_validate({name: value for name, value in given.items() if value is not None})
    except ValidationError as wrong:
        first = wrong.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise Refused("UnknownParameter", f"The parameter `{name}` is not recognized.") from None
        if first["type"] == "missing":
            raise missing(name) from None
        raise Refused("InvalidParameter.InvalidParameter", f"The value of parameter `{name}` is not valid.") from None


def missing(name: str) -> Refused:
    """A required parameter is absent or empty."""
    return Refused("MissingParameter.ErrorParameterEmpty", f"The required parameter `{name}` is empty.")


def _name(kind: str, form: str, longest: int, unit: Callable[[str], int]) -> Callable[[str], str]:
    """A rule: not empty, at most `longest` by `unit`, of the given form; the codes are named after `kind`."""

    def rule(value: str) -> str:
        if not value:
            raise missing(kind)
        if unit(value) > longest:
            raise Refused(f"InvalidParameterValue.{kind}TooLong", f"{kind} exceeds the length limit.")
        if not re.fullmatch(form, value):
            raise Refused(f"InvalidParameterValue.{kind}Illegal", f"{kind} contains invalid characters.")
        return value

    return rule


def _within(code: str, least: float, most: float) -> Callable[[Any], Any]:
    def rule(value: Any) -> Any:
        if not least <= value <= most:
            raise Refused(code, f"The value must lie between {least} and {most}.")
        return value

    return rule


_ID = r"[A-Za-z0-9\-%@#&_]+"
_WORDS = r"[\w\-\u3400-\u9fff\U00020000-\U0003ffff]+"
"""Chinese and English letters, digits, - and _."""


def _bytes(value: str) -> int:
    return len(value.encode())


PersonId = Annotated[str, AfterValidator(_name("PersonId", _ID, 64, _bytes))]
GroupId = Annotated[str, AfterValidator(_name("GroupId", _ID, 64, _bytes))]
PersonName = Annotated[str, AfterValidator(_name("PersonName", _WORDS, 60, len))]
GroupName = Annotated[str, AfterValidator(_name("GroupName", _WORDS, 60, len))]
Tag = Annotated[str, AfterValidator(lambda value: _name("GroupTag", _WORDS, 40, len)(value) if value else value)]
Gender = Annotated[int, AfterValidator(_within("InvalidParameterValue.PersonGenderIllegal", 0, 2))]
Threshold = Annotated[float, AfterValidator(_within("InvalidParameterValue.FaceMatchThresholdIllegal", 0, 100))]
QualityControl = Annotated[int, AfterValidator(_within("InvalidParameterValue.QualityControlIllegal", 0, 4))]
UniquePerson = Annotated[int, AfterValidator(_within("InvalidParameterValue.UniquePersonControlIllegal", 0, 4))]
Flag = Annotated[int, Field(ge=0, le=1)]
Offset = Annotated[int, Field(ge=0)]
Limit = Annotated[int, Field(ge=1), AfterValidator(_within("InvalidParameterValue.LimitExceed", 1, 1000))]
LimitOfGroups = Annotated[int, Field(ge=1), AfterValidator(_within("InvalidParameterValue.LimitExceed", 1, 100))]


def _faces(most: int) -> Callable[[int], int]:
    return _within("LimitExceeded.ErrorFaceNumExceed", 1, most)


MaxFaceNum = Annotated[int, Field(ge=1), AfterValidator(_faces(120))]
"""Of the analysing actions: 1 to 120."""
MaxFaceNumSearched = Annotated[int, Field(ge=1), AfterValidator(_faces(10))]
MaxPersonNum = Annotated[int, Field(ge=1), AfterValidator(_within("InvalidParameterValue.SearchPersonsExceed", 1, 100))]


def _only_model_3(value: str) -> str:
    if value != "3.0":
        raise Refused("InvalidParameterValue.FaceModelVersionIllegal", "The algorithm model version is invalid.")
    return value


FaceModelVersion = Annotated[str, AfterValidator(_only_model_3)]


class OnePicture(Parameters):
    """`Image` as base64, or `Url`; if both are there, only the Url counts."""

    Image: str | None = None
    Url: str | None = None
    NeedRotateDetection: Flag = 0

    def picture(self, download: Callable[[str], bytes]) -> bytes:
        """The picture's bytes, checked by `pictures.check`; raises `Refused`."""
        if self.Url:
            image = download(self.Url)
            pictures.check(image)
            return image
        if self.Image is None:
            raise missing("Image")
        return decoded(self.Image)


def decoded(image: str) -> bytes:
    """A base64 picture's bytes, checked; what is not base64 fails to decode."""
    text = "".join(image.split())
    if len(text) > pictures.BASE64_LIMIT:
        raise Refused("FailedOperation.ImageSizeExceed", "The base64 of the image cannot exceed 5 MB.")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise pictures.undecodable() from None
    pictures.check(raw, len(text))
    return raw
