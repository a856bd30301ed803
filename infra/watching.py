"""Who sees what the functions do: a log topic whose fields can be searched, and alarms.

SCF writes a function's lines to its topic and expands a line that is one JSON object into fields (583/61529); an index
on the topic makes those found. Cloud Monitor counts errors and throttled calls of each function by itself
(QCE/SCF_V2, 248/37207). Of what is uploaded, an attempt that is to be tried again ends in an error; a photo that can
never succeed does not, and is found by the level of its line and by its dead letter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi

from infra import tencent
from infra.settings import StackSettings

TEXT, NUMBER = "text", "long"
FIELDS: Mapping[str, str] = {
    # The functions' own: `facestamp.log`, and whoever writes with it.
    "level": TEXT,
    "happened": TEXT,
    "request_id": TEXT,
    "object": TEXT,
    "action": TEXT,
    "code": TEXT,
    "verdict": TEXT,
    "error": TEXT,
    "where": TEXT,
    "status": NUMBER,
    "milliseconds": NUMBER,
    "caller": TEXT,
    "callers_id": TEXT,
    "tencent_request_id": TEXT,
    # The platform's.
    "SCF_FunctionName": TEXT,
    "SCF_RequestId": TEXT,
    "SCF_Type": TEXT,
    "SCF_StatusCode": NUMBER,
    "SCF_RetryNum": NUMBER,
    "SCF_Duration": NUMBER,
    "SCF_MemUsage": NUMBER,
}
"""The fields to search by, and their types in CLS."""
TOKENS = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
"""What parts words: CLS's own default."""
METRICS = ("Error", "Throttle", "Http432")
"""Failed runs, calls that were throttled, and those for which no instance was left."""
PERIOD = 300
"""Seconds over which they are counted."""
FREQUENCY = 3600
"""Seconds between two messages about the same trouble."""
WEEK = [1, 2, 3, 4, 5, 6, 7]
MIDNIGHT, LAST_SECOND = 0, 86_399


class Logs(pulumi.ComponentResource):
    """A log set with one topic, indexed."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("facestamp:index:Logs", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        called = f"{settings.project}-{settings.stack}"
        self.logset = tencent.ClsLogset("logs", logset_name=called, tags=settings.all_tags, opts=mine)
        self.topic = tencent.ClsTopic(
            "logs",
            logset_id=self.logset.id,
            topic_name=called,
            period=settings.log_days,
            tags=settings.all_tags,
            opts=mine,
        )
        self.index = tencent.ClsIndex("logs", topic_id=self.topic.id, status=True, rule=index(), opts=mine)
        self.register_outputs({"topic": self.topic.id})


class Alarms(pulumi.ComponentResource):
    """One policy over all functions, and whom it tells."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        functions: list[pulumi.Output[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("facestamp:index:Alarms", name, None, opts)
        mine = pulumi.ResourceOptions(parent=self)
        called = f"{settings.project}-{settings.stack}"
        notices = []
        if settings.alarm_url or settings.alarm_groups:
            notice = tencent.MonitorAlarmNotice(
                "alarms",
                name=called,
                notice_type="ALL",
                notice_language="en-US",
                url_notices=[
                    tencent.MonitorAlarmNoticeUrlNoticeArgs(
                        url=url, weekdays=WEEK, start_time=MIDNIGHT, end_time=LAST_SECOND
                    )
                    for url in [settings.alarm_url]
                    if url
                ],
                user_notices=[
                    tencent.MonitorAlarmNoticeUserNoticeArgs(
                        receiver_type="GROUP",
                        group_ids=list(groups),
                        notice_ways=["EMAIL"],
                        weekdays=WEEK,
                        start_time=MIDNIGHT,
                        end_time=LAST_SECOND,
                    )
                    for groups in [settings.alarm_groups]
                    if groups
                ],
                opts=mine,
            )
            notices = [notice.id]
        self.policy = tencent.MonitorAlarmPolicy(
            "alarms",
            policy_name=called,
            monitor_type="MT_QCE",
            namespace="SCF_V2",
            enable=1,
            # Any of them, not all at once.
            conditions=tencent.MonitorAlarmPolicyConditionsArgs(
                is_union_rule=0, rules=[more_than_none(m) for m in METRICS]
            ),
            notice_ids=notices,
            opts=mine,
        )
        tencent.MonitorPolicyBindingObject(
            "alarms",
            policy_id=self.policy.id,
            dimensions=[
                tencent.MonitorPolicyBindingObjectDimensionArgs(
                    dimensions_json=function.apply(watched), region=settings.region
                )
                for function in functions
            ],
            opts=mine,
        )
        self.register_outputs({"policy": self.policy.id})


def index() -> tencent.ClsIndexRuleArgs:
    """Everything as words, and the fields by their names."""
    values = [
        tencent.ClsIndexRuleKeyValueKeyValueArgs(
            key=name,
            value=tencent.ClsIndexRuleKeyValueKeyValueValueArgs(
                type=kind, sql_flag=True, contain_zh=False, tokenizer=TOKENS if kind == TEXT else ""
            ),
        )
        for name, kind in FIELDS.items()
    ]
    return tencent.ClsIndexRuleArgs(
        full_text=tencent.ClsIndexRuleFullTextArgs(case_sensitive=False, contain_zh=True, tokenizer=TOKENS),
        key_value=tencent.ClsIndexRuleKeyValueArgs(case_sensitive=False, key_values=values),
    )


def more_than_none(metric: str) -> tencent.MonitorAlarmPolicyConditionsRuleArgs:
    """The rule that a metric has counted anything."""
    return tencent.MonitorAlarmPolicyConditionsRuleArgs(
        metric_name=metric,
        period=PERIOD,
        operator="gt",
        value="0",
        continue_period=1,
        notice_frequency=FREQUENCY,
        is_power_notice=0,
    )


def watched(function: str) -> str:
    """A function, by the dimensions of its metrics."""
    return json.dumps({"functionName": function, "namespace": "default"}, separators=(",", ":"))
