"""The cloud, described once: two buckets, and for each route a role, its policy, and a function that uploads wake.

1. The photo bucket is private, encrypted, and bound to Cloud Infinite, which measures faces in place.
2. The state bucket is private and never versioned; nothing is triggered by it.
3. A route's role may do what its operations need, under its prefix, and nothing else.
4. Its function exists only once that role is complete. The triggers are inline, because separate trigger resources of
   one bucket share a name; they filter by prefix, and the function checks suffixes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pulumi

from infra import permissions, tencent
from infra.settings import EVENTS, Route, StackSettings

ROOT = Path(__file__).parents[1]
"""Relative paths in the settings start here, wherever the program runs."""
HANDLER = "on_upload.main_handler"


class Buckets(pulumi.ComponentResource):
    """The photo bucket with Cloud Infinite, and the state bucket."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("facestamp:index:Buckets", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        self.photos: pulumi.Output[str] = (
            pulumi.Output.from_input(settings.photo_bucket_name)
            if settings.adopt_photo_bucket
            else tencent.Bucket(
                "photos",
                bucket=settings.photo_bucket_name,
                acl="private",
                encryption_algorithm="AES256",
                versioning_enable=settings.versioning,
                opts=mine,
            ).bucket
        )
        self.state = tencent.Bucket(
            "state",
            bucket=settings.state_bucket_name,
            acl="private",
            encryption_algorithm="AES256",
            versioning_enable=False,
            opts=mine,
        )
        self.infinite = tencent.BucketAttachment("photos", bucket=self.photos, opts=mine)
        self.register_outputs({"photos": self.photos, "state": self.state.bucket})


class RouteFunction(pulumi.ComponentResource):
    """One route: its role and policy, and its function with the triggers."""

    def __init__(
        self, settings: StackSettings, route: Route, buckets: Buckets, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("facestamp:index:Route", route.name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        name = settings.function_name(route)
        stated = permissions.statements(settings, route, permissions.permissions(route.operations))
        self.role = tencent.Role(route.name, name=name, document=permissions.trust(), opts=mine)
        self.policy = tencent.Policy(route.name, name=name, document=permissions.document(stated), opts=mine)
        granted = tencent.RolePolicyAttachment(route.name, role_id=self.role.id, policy_id=self.policy.id, opts=mine)
        self.function = tencent.Function(
            route.name,
            name=name,
            description=f"Stamps the photos under {route.prefix}",
            handler=HANDLER,
            runtime=settings.runtime,
            mem_size=settings.memory,
            timeout=settings.timeout,
            environment=settings.environment(route),
            role=self.role.name,
            zip_file=str(named_by_content(ROOT / settings.package)),
            # Left out, the provider switches the function's way out to COS and the face service off.
            enable_public_net=True,
            triggers=[
                tencent.FunctionTriggerArgs(
                    name=buckets.photos, type="cos", cos_region=settings.region, trigger_desc=trigger(event, route)
                )
                for event in EVENTS
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[granted, buckets.state, buckets.infinite]),
        )
        self.register_outputs({"function": self.function.name})


def build(settings: StackSettings) -> dict[str, Any]:
    """Register everything; the stack's outputs."""
    buckets = Buckets("buckets", settings)
    functions = {route.name: RouteFunction(settings, route, buckets).function.name for route in settings.routes}
    return {
        "region": settings.region,
        "photoBucket": buckets.photos,
        "stateBucket": buckets.state.bucket,
        "functions": functions,
        "prefixes": {route.name: route.prefix for route in settings.routes},
    }


def trigger(event: str, route: Route) -> str:
    """The trigger's description: compact JSON, one concrete event, one prefix (SCF 583/9707)."""
    described = {"event": f"cos:ObjectCreated:{event}", "filter": {"Prefix": route.prefix}}
    return json.dumps(described, separators=(",", ":"), ensure_ascii=False)


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
