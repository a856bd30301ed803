"""Who sees what the functions do: a log topic whose fields can be searched, and alarms.

SCF writes a function's lines to its topic and expands a line that is one JSON object into fields (583/61529); an index
on the topic makes those found. Cloud Monitor counts errors and throttled calls of each function by itself
(QCE/SCF_V2, 248/37207). Of what is uploaded, an attempt that is to be tried again ends in an error; a photo that can
never succeed does not, nor does an answer of the API that only the operator can mend. Each leaves a line, the photo a
dead letter too, and CLS itself looks for such lines: a log alarm, told to whom the other one is told, as CLS takes
Cloud Monitor's notices too (614/56466, MonitorNotice).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi

from facestamp.errors import Verdict
from infra import tencent
from infra.settings.stack import StackSettings

TEXT, NUMBER, DECIMAL = "text", "long", "double"
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
    "SCF_MemUsage": DECIMAL,
}
"""The fields to search by, and their types in CLS."""
TOKENS = "@&?|#()='\",;:<>[]{}/ \n\t\r\\"
"""What parts words: CLS's own default."""
PERIOD = 300
"""Seconds over which errors are counted, and between two looks for dead letters."""
FREQUENCY = 3600
"""Seconds between two messages about the same trouble."""
WEEK = [1, 2, 3, 4, 5, 6, 7]
MIDNIGHT, LAST_SECOND = 0, 86_399
GIVEN_UP = f"level:ERROR AND (verdict:{Verdict.OPERATOR.value} OR verdict:{Verdict.REJECT.value})"
"""What the line of an upload says that is not tried again, and of an answer that nobody can have before the operator
mends it. Whatever is tried again fails."""
FOUND = "[$1.__QUERYCOUNT__] > 0"
"""That there is any such line (614/39576)."""
CQL = 1
CRITICAL = 2


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
    """Whom to tell, and of what: a policy over all functions, and dead letters in the log."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        functions: list[pulumi.Output[str]],
        logs: Logs | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("facestamp:index:Alarms", name, None, opts)
        self._settings, self._mine = settings, pulumi.ResourceOptions(parent=self)
        self._called = f"{settings.project}-{settings.stack}"
        notice = self._notice() if settings.alarm_url or settings.alarm_groups else None
        self.policy = tencent.MonitorAlarmPolicy(
            "alarms",
            policy_name=self._called,
            monitor_type="MT_QCE",
            namespace=settings.alarm_type,
            enable=1,
            # Any of them, not all at once.
            conditions=tencent.MonitorAlarmPolicyConditionsArgs(
                is_union_rule=0, rules=[more_than_none(metric) for metric in settings.alarm_metrics]
            ),
            notice_ids=[notice.id] if notice else [],
            opts=self._mine,
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
            opts=self._mine,
        )
        # CLS has no alarm that tells nobody.
        if notice and logs:
            self._dead_letters(notice, logs)
        self.register_outputs({"policy": self.policy.id})

    def _notice(self) -> tencent.MonitorAlarmNotice:
        url, groups = self._settings.alarm_url, self._settings.alarm_groups
        posted = tencent.MonitorAlarmNoticeUrlNoticeArgs(
            url=url, weekdays=WEEK, start_time=MIDNIGHT, end_time=LAST_SECOND
        )
        mailed = tencent.MonitorAlarmNoticeUserNoticeArgs(
            receiver_type="GROUP",
            group_ids=list(groups),
            notice_ways=["EMAIL"],
            weekdays=WEEK,
            start_time=MIDNIGHT,
            end_time=LAST_SECOND,
        )
        return tencent.MonitorAlarmNotice(
            "alarms",
            name=self._called,
            notice_type="ALL",
            notice_language="en-US",
            url_notices=[posted] if url else [],
            user_notices=[mailed] if groups else [],
            opts=self._mine,
        )

    def _dead_letters(self, notice: tencent.MonitorAlarmNotice, logs: Logs) -> None:
        tencent.ClsAlarm(
            "dead-letters",
            name=f"{self._called}-dead-letters",
            status=True,
            alarm_targets=[
                tencent.ClsAlarmAlarmTargetArgs(
                    logset_id=logs.logset.id,
                    topic_id=logs.topic.id,
                    number=1,
                    query=GIVEN_UP,
                    syntax_rule=CQL,
                    # One period more than there is between two looks, for lines that can be found only later.
                    start_time_offset=-2 * PERIOD // 60,
                    end_time_offset=0,
                )
            ],
            monitor_time=tencent.ClsAlarmMonitorTimeArgs(type="Period", time=PERIOD // 60),
            condition=FOUND,
            alarm_level=CRITICAL,
            trigger_count=1,
            alarm_period=FREQUENCY // 60,
            monitor_notice=tencent.ClsAlarmMonitorNoticeArgs(
                notices=[tencent.ClsAlarmMonitorNoticeNoticeArgs(notice_id=notice.id, alarm_levels=[CRITICAL])]
            ),
            tags=self._settings.all_tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs.index]),
        )


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
