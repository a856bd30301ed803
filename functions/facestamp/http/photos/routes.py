"""What photos this deployment takes, so that an application, or the page, need not be told apart from its key."""

from __future__ import annotations

from facestamp.http.endpoint import Call, Endpoint, Heading
from facestamp.http.models import Model


class RouteAnswer(Model):
    """One route: which photos, and what becomes of them."""

    name: str
    prefix: str
    """How the keys of its photos begin."""
    suffixes: tuple[str, ...]
    """How they may end, whatever the case."""
    operations: tuple[str, ...]
    """Tencent's names of the operations that are run for each photo."""
    person_id: str
    """How a key names the person to enrol, such as `members/{person_id}/`; empty where nobody is enrolled."""


class RoutesAnswer(Model):
    """Every route of the deployment."""

    routes: tuple[RouteAnswer, ...]


def _list(call: Call) -> RoutesAnswer:
    return RoutesAnswer(
        routes=tuple(
            RouteAnswer(
                name=name,
                prefix=route.prefix,
                suffixes=route.suffixes,
                operations=tuple(type(operation).__name__ for operation in route.operations),
                person_id=route.person_id,
            )
            for name, route in call.services.settings.routes.items()
        )
    )


_HEADING = Heading("routes", __doc__)

ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/v1/routes",
        name="listRoutes",
        summary="Which photos are taken, and what becomes of them",
        heading=_HEADING,
        scope="read",
        gives=RoutesAnswer,
        answer=_list,
    ),
)
