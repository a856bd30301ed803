"""The cloud, described once: buckets, a function for each route that uploads wake, and the API's if there is one.

`infra.buckets`, `infra.workers` and `infra.watching` have the parts.
"""

from __future__ import annotations

from typing import Any

import pulumi

from infra.buckets import Buckets, Code
from infra.settings.stack import StackSettings
from infra.watching import Alarms, Logs
from infra.workers import ApiFunction, RouteFunction


def build(settings: StackSettings) -> dict[str, Any]:
    """Register everything; the stack's outputs."""
    buckets, code = Buckets("buckets", settings), Code("code", settings)
    logs = Logs("logs", settings) if settings.logs else None
    routes = {route.name: RouteFunction(settings, route, buckets, code, logs) for route in settings.routes}
    functions: dict[str, pulumi.Output[str]] = {name: route.function.name for name, route in routes.items()}
    own = settings.api.photo_origin if settings.api else ""
    outputs: dict[str, Any] = {
        "region": settings.region,
        "faceRegion": settings.face_region,
        "photoBucket": buckets.photos,
        "photoUrl": own or pulumi.Output.concat("https://", buckets.photos, f".cos.{settings.region}.myqcloud.com"),
        "stateBucket": buckets.state,
        "codeBucket": code.bucket.bucket,
        "functions": functions,
        "prefixes": {route.name: route.prefix for route in settings.routes},
        "groups": {route.name: route.group_id for route in settings.routes if route.group_id},
    }
    watched = list(functions.values())
    if settings.api:
        api = ApiFunction(settings, settings.api, buckets, code, logs)
        outputs |= {"apiFunction": api.function.name, "apiUrl": api.url}
        watched.append(api.function.name)
    if logs:
        outputs["logTopic"] = logs.topic.id
    if settings.alarms:
        Alarms("alarms", settings, watched, logs)
    return outputs
