"""The cloud, described once: two buckets, a function for each route that uploads wake, and the API's if there is one.

1. The photo bucket is private, encrypted, and bound to Cloud Infinite, which measures faces in place.
2. The state bucket is private and never versioned; nothing is triggered by it.
3. A route's role may do what its operations need, under its prefix, and nothing else.
4. Its function exists only once that role is complete. The triggers are inline, because separate trigger resources of
   one bucket share a name; they filter by prefix, and the function checks suffixes.
5. The API's function has an address of its own instead (Function URL), and a role that ends where its keys end.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pulumi

from facestamp.http.idempotency import ROOM
from infra import permissions, tencent
from infra.api import ApiSettings
from infra.settings import API, EVENTS, Route, StackSettings

ROOT = Path(__file__).parents[1]
"""Relative paths in the settings start here, wherever the program runs."""
HANDLER, API_HANDLER = "on_upload.main_handler", "on_http.main_handler"
URL_TRIGGER = "url-trigger"
"""What the provider's own resource for Function URLs calls them."""


class Buckets(pulumi.ComponentResource):
    """The photo bucket with Cloud Infinite, and the state bucket."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("facestamp:index:Buckets", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        self.photos: pulumi.Output[str] = (
            pulumi.Output.from_input(settings.photo_bucket_name)
            if settings.adopt_photo_bucket
            else tencent.CosBucket(
                "photos",
                bucket=settings.photo_bucket_name,
                acl="private",
                encryption_algorithm="AES256",
                versioning_enable=settings.versioning,
                cors_rules=[browsers()] if settings.api else None,
                opts=mine,
            ).bucket
        )
        self.state = tencent.CosBucket(
            "state",
            bucket=settings.state_bucket_name,
            acl="private",
            encryption_algorithm="AES256",
            versioning_enable=False,
            lifecycle_rules=[forgotten_requests()] if settings.api else None,
            opts=mine,
        )
        self.infinite = tencent.CiBucketAttachment("photos", bucket=self.photos, opts=mine)
        self.register_outputs({"photos": self.photos, "state": self.state.bucket})


class Worker(pulumi.ComponentResource):
    """A function with its role and that role's policy."""

    def __init__(self, kind: str, part: str, settings: StackSettings, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"facestamp:index:{kind}", part, None, opts)
        self._part, self._settings = part, settings

    def _made(
        self, stated: list[permissions.Statement], waits: list[pulumi.Resource], **arguments: Any
    ) -> tencent.ScfFunction:
        """The function, once its role may do what is stated and `waits` are there."""
        mine = pulumi.ResourceOptions(parent=self)
        part, settings = self._part, self._settings
        name = settings.function_name(part)
        role = tencent.CamRole(part, name=name, document=permissions.trust(), opts=mine)
        granted: list[pulumi.Resource] = []
        if stated:
            policy = tencent.CamPolicy(part, name=name, document=permissions.document(stated), opts=mine)
            granted = [tencent.CamRolePolicyAttachment(part, role_id=role.id, policy_id=policy.id, opts=mine)]
        return tencent.ScfFunction(
            part,
            name=name,
            runtime=settings.runtime,
            role=role.name,
            zip_file=str(named_by_content(ROOT / settings.package)),
            # Left out, the provider switches the function's way out to COS and the face service off.
            enable_public_net=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*granted, *waits]),
            **arguments,
        )


class RouteFunction(Worker):
    """One route: a function that uploads wake."""

    def __init__(
        self, settings: StackSettings, route: Route, buckets: Buckets, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("Route", route.name, settings, opts)
        self.function = self._made(
            permissions.statements(settings, route, permissions.permissions(route.operations)),
            [buckets.state, buckets.infinite],
            description=f"Stamps the photos under {route.prefix}",
            handler=HANDLER,
            mem_size=settings.memory,
            timeout=settings.timeout,
            environment=settings.environment(route),
            triggers=[
                tencent.ScfFunctionTriggerArgs(
                    name=buckets.photos, type="cos", cos_region=settings.region, trigger_desc=trigger(event, route)
                )
                for event in EVENTS
            ],
        )
        self.register_outputs({"function": self.function.name})


class ApiFunction(Worker):
    """The HTTP API: a function with an address."""

    def __init__(
        self, settings: StackSettings, api: ApiSettings, buckets: Buckets, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("Api", API, settings, opts)
        self.function = self._made(
            permissions.api_statements(settings, api),
            [buckets.state, buckets.infinite],
            description="Answers HTTP requests about faces and photos",
            handler=API_HANDLER,
            mem_size=api.memory,
            timeout=api.timeout,
            # Signing keys are in it, which the stack's state shall not show.
            environment=pulumi.Output.secret(settings.api_environment(api)),
            triggers=[tencent.ScfFunctionTriggerArgs(name=URL_TRIGGER, type="http", trigger_desc=address(api))],
        )
        self.url: pulumi.Output[str] = self.function.trigger_infos.apply(_told_address)
        """Empty until the platform has told it, which can take seconds: `pulumi refresh` then knows it."""
        self.register_outputs({"function": self.function.name, "url": self.url})


def build(settings: StackSettings) -> dict[str, Any]:
    """Register everything; the stack's outputs."""
    buckets = Buckets("buckets", settings)
    functions = {route.name: RouteFunction(settings, route, buckets).function.name for route in settings.routes}
    outputs = {
        "region": settings.region,
        "photoBucket": buckets.photos,
        "stateBucket": buckets.state.bucket,
        "functions": functions,
        "prefixes": {route.name: route.prefix for route in settings.routes},
    }
    if settings.api:
        api = ApiFunction(settings, settings.api, buckets)
        outputs |= {"apiFunction": api.function.name, "apiUrl": api.url}
    return outputs


def trigger(event: str, route: Route) -> str:
    """The trigger's description: compact JSON, one concrete event, one prefix (SCF 583/9707)."""
    described = {"event": f"cos:ObjectCreated:{event}", "filter": {"Prefix": route.prefix}}
    return json.dumps(described, separators=(",", ":"), ensure_ascii=False)


def address(api: ApiSettings) -> str:
    """The description of the Function URL (SCF 583/100227), open to the internet.

    It is bound to $LATEST, as the provider's inline triggers name no version; there is no other one here. The
    application answers CORS itself, for the origins that it knows.
    """
    described = {
        "AuthType": api.auth,
        "NetConfig": {"EnableIntranet": False, "EnableExtranet": True},
        "CorsConfig": {"Enable": False},
    }
    return json.dumps(described, separators=(",", ":"))


def browsers() -> tencent.CosBucketCorsRuleArgs:
    """How pages may use the photo bucket.

    Any page: the API's own address is not known before it is made, and it is not the page that the bucket trusts but
    the signature in each request, which no browser adds by itself. Without one COS refuses, wherever the page is from.
    """
    return tencent.CosBucketCorsRuleArgs(
        allowed_origins=["*"],
        allowed_methods=["PUT", "POST", "GET", "HEAD"],
        allowed_headers=["*"],
        expose_headers=["ETag", "Content-Length", "x-cos-request-id"],
        max_age_seconds=600,
    )


def forgotten_requests() -> tencent.CosBucketLifecycleRuleArgs:
    """The answers that the API keeps for requests sent twice go after a day, the shortest time that COS knows."""
    return tencent.CosBucketLifecycleRuleArgs(
        id=ROOM, filter_prefix=f"{ROOM}/", expiration=tencent.CosBucketLifecycleRuleExpirationArgs(days=1)
    )


def named_by_content(package: Path) -> Path:
    """A copy of the package whose name holds its digest: the provider sees a change of path, never one of bytes.

    Raises `FileNotFoundError` if nothing was packaged yet.
    """
    if not package.is_file():
        raise FileNotFoundError(f"There is no {package.name} yet: run `make package`.")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()[:16]
    if digest in package.name:
        return package
    named = package.with_name(f"{package.stem}-{digest}{package.suffix}")
    if not named.exists():
        shutil.copyfile(package, named)
    return named


def _told_address(triggers: Any) -> str:
    """The public address, in what the platform says of the function's triggers."""
    for one in triggers or ():
        if one.type == "http":
            told = json.loads(one.trigger_desc or "{}").get("NetConfig") or {}
            return str(told.get("ExtranetUrl") or "")
    return ""
