"""What is known of a photo of the bucket, named by `?key=`, for keys hold slashes and any ending."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from facestamp import stamp
from facestamp.http.endpoint import Call, Endpoint
from facestamp.http.models import Model, Query
from facestamp.state import photo_name


class PhotoQuery(Query):
    """Which photo."""

    key: Annotated[str, Field(min_length=1, max_length=850)]
    """Its key in the bucket."""
    record: bool = False
    """Whether to answer with the full record as well, by one request more."""


class PhotoAnswer(Model):
    """A photo and its stamp."""

    key: str
    stamped: bool
    status: str = ""
    record: dict[str, Any] | None = None


def _read(call: Call) -> PhotoAnswer:
    route = call.services.route(call.query.key)
    look = call.services.cos.look(route.bucket, call.query.key, first=1)
    found = stamp.read(look.headers)
    record = None
    if call.query.record:
        kept = call.services.state.record(photo_name(route.route, route.bucket, call.query.key, look.identity))
        record = kept.body() if kept else None
    return PhotoAnswer(key=call.query.key, stamped=bool(found), status=found.status if found else "", record=record)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/photo",
        name="readPhoto",
        summary="What is known of a photo",
        scope="read",
        query=PhotoQuery,
        gives=PhotoAnswer,
        answer=_read,
        reach=frozenset({"photo"}),
        problems=(404,),
    ),
)
