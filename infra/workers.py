"""The functions: one for each route, which uploads wake, and the API's, which has an address.

1. A route's role may do what its operations need, under its prefix, and nothing else; the API's ends where its keys
   end. A function exists only once its role is complete.
2. A route's triggers are inline, because separate trigger resources of one bucket share a name, and filter by prefix;
   the function checks suffixes. The API's address is a resource of its own, which can be changed without losing it.
3. Each runs at most so often at once, and an event is tried again as often as was set.

The provider's ways that this works around: a runtime cannot be changed, so the function is made anew, and what is
attached to it with it; quotas and retries of a function have no identity of their own, so the old one goes before the
new one comes.
"""

from __future__ import annotations

import json
from typing import Any

import pulumi

from infra import tencent
from infra.buckets import Buckets, Code
from infra.settings import permissions
from infra.settings.api import ApiSettings
from infra.settings.routes import EVENTS, Route
from infra.settings.stack import API, StackSettings
from infra.watching import Logs

HANDLER, API_HANDLER = "on_upload.main_handler", "on_http.main_handler"
NAMESPACE = "default"


class Worker(pulumi.ComponentResource):
    """A function with its role and that role's policy."""

    function: tencent.ScfFunction

    def __init__(self, kind: str, part: str, settings: StackSettings, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"facestamp:index:{kind}", part, None, opts)
        self._part, self._settings = part, settings

    def _made(
        self,
        stated: list[permissions.Statement],
        code: Code,
        logs: Logs | None,
        waits: list[Any],
        reserved: int,
        **arguments: Any,
    ) -> None:
        """Make the function, once its role may do what is stated and `waits` are there."""
        mine = pulumi.ResourceOptions(parent=self)
        part, settings = self._part, self._settings
        name, tags = settings.function_name(part), settings.all_tags
        role = tencent.CamRole(part, name=name, document=permissions.trust(), tags=tags, opts=mine)
        granted: list[pulumi.Resource] = []
        if stated:
            policy = tencent.CamPolicy(part, name=name, document=permissions.document(stated), tags=tags, opts=mine)
            granted = [tencent.CamRolePolicyAttachment(part, role_id=role.id, policy_id=policy.id, opts=mine)]
        self.function = tencent.ScfFunction(
            part,
            name=name,
            namespace=NAMESPACE,
            runtime=settings.runtime,
            role=role.name,
            cos_bucket_name=code.bucket.bucket,
            cos_bucket_region=settings.region,
            cos_object_name=code.path,
            # Left out, the provider switches the function's way out to COS and the face service off.
            enable_public_net=True,
            cls_logset_id=logs.logset.id if logs else None,
            cls_topic_id=logs.topic.id if logs else None,
            tags=tags,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*granted, *waits, *([logs.index] if logs else [])],
                replace_on_changes=["runtime"],
                delete_before_replace=True,
            ),
            **arguments,
        )
        tencent.ScfReservedConcurrencyConfig(
            part,
            function_name=self.function.name,
            namespace=NAMESPACE,
            reserved_concurrency_mem=reserved,
            opts=self._attached(),
        )

    def _attached(self, *changes: str) -> pulumi.ResourceOptions:
        """For what a function has only one of: it is made anew with the function, and never beside an older one."""
        return pulumi.ResourceOptions(
            parent=self,
            delete_before_replace=True,
            replace_on_changes=list(changes) or None,
            replace_with=[self.function],
        )


class RouteFunction(Worker):
    """One route: a function that uploads wake."""

    def __init__(
        self,
        settings: StackSettings,
        route: Route,
        buckets: Buckets,
        code: Code,
        logs: Logs | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Route", route.name, settings, opts)
        self._made(
            permissions.statements(settings, route, permissions.permissions(route.operations)),
            code,
            logs,
            [buckets],
            settings.reserved(route),
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
        tencent.ScfFunctionEventInvokeConfig(
            route.name,
            function_name=self.function.name,
            namespace=NAMESPACE,
            async_trigger_config=retried(settings),
            opts=self._attached("function_name", "namespace"),
        )
        self.register_outputs({"function": self.function.name})


class ApiFunction(Worker):
    """The HTTP API: a function with an address."""

    def __init__(
        self,
        settings: StackSettings,
        api: ApiSettings,
        buckets: Buckets,
        code: Code,
        logs: Logs | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Api", API, settings, opts)
        self._made(
            permissions.api_statements(settings, api),
            code,
            logs,
            [buckets],
            settings.reserved(api),
            description="Answers HTTP requests about faces and photos",
            handler=API_HANDLER,
            mem_size=api.memory,
            timeout=api.timeout,
            # Signing keys are in it, which the stack's state shall not show.
            environment=pulumi.Output.secret(settings.api_environment(api)),
        )
        url = tencent.ScfTrigger(
            API,
            function_name=self.function.name,
            namespace=NAMESPACE,
            type="http",
            qualifier="$LATEST",
            # The provider reads it back, and finds a difference each time if it is left out.
            enable="OPEN",
            trigger_desc=address(api),
            opts=self._attached(),
        )
        self.url: pulumi.Output[str] = url.trigger_attribute.apply(told_address)
        """Empty until the platform has told it, which can take seconds: `pulumi refresh` then knows it."""
        self.register_outputs({"function": self.function.name, "url": self.url})


def trigger(event: str, route: Route) -> str:
    """The trigger's description: compact JSON, one concrete event, one prefix (SCF 583/9707)."""
    described = {"event": f"cos:ObjectCreated:{event}", "filter": {"Prefix": route.prefix}}
    return json.dumps(described, separators=(",", ":"), ensure_ascii=False)


def retried(settings: StackSettings) -> tencent.ScfFunctionEventInvokeConfigAsyncTriggerConfigArgs:
    """How events are tried again (SCF 583/53639): so often after an error, and for so many seconds if none is free."""
    often = tencent.ScfFunctionEventInvokeConfigAsyncTriggerConfigRetryConfigArgs(retry_num=settings.retries)
    return tencent.ScfFunctionEventInvokeConfigAsyncTriggerConfigArgs(
        msg_ttl=settings.event_hours * 3600, retry_configs=[often]
    )


def address(api: ApiSettings) -> str:
    """The description of the Function URL (SCF 583/100227), open to the internet.

    The application answers CORS itself, for the origins that it knows.
    """
    described = {
        "AuthType": api.auth,
        "NetConfig": {"EnableIntranet": False, "EnableExtranet": True},
        "CorsConfig": {"Enable": False},
    }
    # As the provider writes what it reads back: text is what it compares.
    return json.dumps(described, separators=(",", ":"), sort_keys=True)


def told_address(told: str | None) -> str:
    """The public address, in what the platform says of the trigger."""
    network = json.loads(told or "{}").get("NetConfig") or {}
    return str(network.get("ExtranetUrl") or "")
