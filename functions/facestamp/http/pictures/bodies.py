"""The bodies of requests about pictures: how a picture is named, as `image`, `key` or `url`.

Exactly one of the three is sent, and all that is asked besides has Tencent's names in snake case. What each of them
leads to is told in `source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_pascal
from typing_extensions import Self

from facestamp.http.models import KEY, Model
from facestamp.http.pictures.source import BASE64, LONGEST, Source
from facestamp.http.replies.problems import PARAMETER, Problem
from facestamp.http.services import Services

PICTURES = 4
"""How many CreateFace takes at once (867/32793)."""


def _named(**schema: Any) -> Any:
    """A field whose empty default stands for its absence, and is no value to send."""

    def extra(told: dict[str, Any]) -> None:
        told.pop("default", None)
        told.update(schema)

    return Field(json_schema_extra=extra, repr=False)


_IMAGE: Mapping[str, Any] = {"minLength": 1, "maxLength": BASE64, "contentEncoding": "base64"}
_URL: Mapping[str, Any] = {"minLength": 1, "maxLength": LONGEST, "format": "uri"}


def _few(item: Mapping[str, Any]) -> Any:
    return _named(minItems=1, maxItems=PICTURES, items={"type": "string", **item})


def _one_of(*names: str) -> ConfigDict:
    return ConfigDict(json_schema_extra={"oneOf": [{"required": [name]} for name in names]})


class _Naming(Model):
    """What names pictures in one of three ways."""

    def way(self, *names: str) -> str:
        """The one of these fields that was sent; raises `Problem` for none, and for more than one."""
        sent = [name for name in names if name in self.model_fields_set]
        if len(sent) == 1:
            return sent[0]
        code = "InvalidParameter.InvalidParameter" if sent else "MissingParameter.ErrorParameterEmpty"
        raise Problem(PARAMETER, f"Send exactly one of {', '.join(names[:-1])} and {names[-1]}.", code)


class Pictured(_Naming):
    """A request about one picture, named by exactly one of `image`, `key` and `url`."""

    model_config = _one_of("image", "key", "url")

    image: Annotated[str, _named(**_IMAGE)] = ""
    """The picture in base64, in one piece and without `data:` before it: PNG, JPG or BMP, 5 MB at most."""
    key: Annotated[str, _named(**KEY)] = ""
    """The key of a photo in the bucket, of any size up to 32 MB."""
    url: Annotated[str, _named(**_URL)] = ""
    """The address of the picture, at a host that this deployment allows."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        self.way("image", "key", "url")
        return self

    def source(self, services: Services) -> Source:
        """Where the picture comes from, once it has passed the checks that cost nothing; raises `Problem`."""
        way = self.way("image", "key", "url")
        return Source.of(way, getattr(self, way), services)

    def parameters(self) -> dict[str, Any]:
        """What is asked besides the picture, under Tencent's names; less our defaults, which are Tencent's as well.

        But for the model's version: there it is the account that has a default.
        """
        asked = self.model_dump(include=self.model_fields_set - {"image", "key", "url", "version"})
        usual = {name: field.default for name, field in type(self).model_fields.items()}
        chosen = "face_model_version"
        return {to_pascal(name): told for name, told in asked.items() if name == chosen or told != usual[name]}


class Pictures(_Naming):
    """A request about one to four pictures, named by exactly one of `images`, `keys` and `urls`."""

    model_config = _one_of("images", "keys", "urls")

    images: Annotated[tuple[str, ...], _few(_IMAGE)] = ()
    """The pictures in base64, each in one piece and without `data:` before it; SCF takes 6 MB in all."""
    keys: Annotated[tuple[str, ...], _few(KEY)] = ()
    """The keys of photos in the bucket."""
    urls: Annotated[tuple[str, ...], _few(_URL)] = ()
    """The addresses of the pictures, at hosts that this deployment allows."""

    @model_validator(mode="after")
    def _one_to_four(self) -> Self:
        pictures = getattr(self, self.way("images", "keys", "urls"))
        if not pictures:
            raise Problem(PARAMETER, "Send one picture at least.", "MissingParameter.ErrorParameterEmpty")
        if len(pictures) > PICTURES:
            raise Problem(PARAMETER, "Send four pictures at most.", "InvalidParameterValue.UploadFaceNumExceed")
        return self

    def sources(self, services: Services) -> tuple[Source, ...]:
        """Where each picture comes from; raises `Problem` for the first that the services would refuse."""
        way = self.way("images", "keys", "urls")
        return tuple(Source.of(way.removesuffix("s"), each, services) for each in getattr(self, way))
