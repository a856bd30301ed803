"""The actions on alarm policies: 248/51287 (CreateAlarmPolicy), 248/51278 (DescribeAlarmPolicy) and neighbours."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from pydantic import Field

from infra.local.actions import Action, Answer, Part
from infra.local.gateway import Refused
from infra.local.monitor import notices
from infra.local.monitor.conditions import NAMESPACES, Condition, checked
from infra.local.monitor.store import Alarms, Policy, new_id

_REMARK: Final = re.compile(r"[\w\-]{0,100}")


class Asked(Action[Alarms]):
    """Every action of Cloud Monitor says that it is one."""

    module: Literal["monitor"]


class PolicyTag(Part):
    """A tag, whose carriers a policy watches."""

    key: str
    value: str


class CreateAlarmPolicy(Asked):
    """Make a policy on functions."""

    policy_name: str
    monitor_type: Literal["MT_QCE"]
    namespace: str
    remark: str = ""
    enable: Literal[0, 1] = 1
    project_id: int = -1
    condition: Condition
    notice_ids: list[str] = Field([])

    def answer(self, state: Alarms) -> Answer:
        """Its id, and the number that it is also known by."""
        if self.namespace not in NAMESPACES:
            raise Refused("InvalidParameterValue", f"The local cloud has alarms on {', '.join(NAMESPACES)} only.")
        asked: dict[str, Any] = {
            "PolicyName": _name(self.policy_name),
            "MonitorType": self.monitor_type,
            "Namespace": self.namespace,
            "Remark": _remark(self.remark),
            "Enable": self.enable,
            "ProjectId": self.project_id,
            "Condition": checked(self.condition, self.namespace),
        }
        with state.lock:
            asked["NoticeIds"] = state.known(self.notice_ids)
            now = state.clock.now()
            policy = Policy(new_id("policy"), next(state.numbers), asked, now, now)
            state.policies[policy.id] = policy
        return {"PolicyId": policy.id, "OriginId": str(policy.group)}


class DescribeAlarmPolicy(Asked):
    """Tell a policy."""

    policy_id: str

    def answer(self, state: Alarms) -> Answer:
        """All of it."""
        with state.lock:
            return {"Policy": _told(state, state.policy(self.policy_id))}


class ModifyAlarmPolicyInfo(Asked):
    """Give a policy another name or remark."""

    policy_id: str
    key: Literal["NAME", "REMARK"]
    value: str

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        if self.key == "NAME":
            state.ask(self.policy_id, PolicyName=_name(self.value))
        else:
            state.ask(self.policy_id, Remark=_remark(self.value))
        return {}


class ModifyAlarmPolicyStatus(Asked):
    """Turn a policy on or off."""

    policy_id: str
    enable: Literal[0, 1]

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        state.ask(self.policy_id, Enable=self.enable)
        return {}


class ModifyAlarmPolicyCondition(Asked):
    """Give a policy another condition."""

    policy_id: str
    condition: Condition

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        namespace = state.policy(self.policy_id).asked["Namespace"]
        state.ask(self.policy_id, Condition=checked(self.condition, namespace))
        return {}


class ModifyAlarmPolicyNotice(Asked):
    """Give a policy other notices."""

    policy_id: str
    notice_ids: list[str] = Field([])

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        with state.lock:
            state.ask(self.policy_id, NoticeIds=state.known(self.notice_ids))
        return {}


class BindingPolicyTag(Asked):
    """Let a policy watch what carries a tag."""

    policy_id: str
    group_id: str
    service_type: str
    tag: PolicyTag

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        state.change(self.policy_id, tag=self.tag.told())
        return {}


class DeleteAlarmPolicy(Asked):
    """Drop policies, with what they are bound to."""

    policy_ids: list[str] = Field(min_length=1)

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        with state.lock:
            for policy in [state.policy(each) for each in self.policy_ids]:
                state.policies.pop(policy.id, None)
        return {}


ACTIONS: tuple[type[Action[Alarms]], ...] = (
    *(CreateAlarmPolicy, DescribeAlarmPolicy, DeleteAlarmPolicy, BindingPolicyTag),
    *(ModifyAlarmPolicyInfo, ModifyAlarmPolicyStatus, ModifyAlarmPolicyCondition, ModifyAlarmPolicyNotice),
)


def _name(name: str) -> str:
    if not 1 <= len(name) <= 60:
        raise Refused("InvalidParameterValue", "PolicyName has 1 to 60 characters.")
    return name


def _remark(remark: str) -> str:
    if not _REMARK.fullmatch(remark):
        raise Refused("InvalidParameterValue", "Remark has at most 100 letters, digits, _ and -.")
    return remark


def _told(state: Alarms, policy: Policy) -> dict[str, Any]:
    tag = [{**policy.tag, "ServiceType": policy.asked["Namespace"]}] if policy.tag else []
    return {
        "PolicyId": policy.id,
        "OriginId": str(policy.group),
        **policy.asked,
        "ConditionTemplateId": "0",
        "EventCondition": {"Rules": []},
        "Notices": [notices.told(state, state.notices[each]) for each in policy.asked["NoticeIds"]],
        "TriggerTasks": [],
        "UseSum": len(policy.objects),
        "InstanceGroupId": 0,
        "InsertTime": int(policy.created),
        "UpdateTime": int(policy.modified),
        "LastEditUin": state.cam.uin,
        "Region": sorted({each.region for each in policy.objects}),
        "RuleType": "STATIC",
        "IsDefault": 0,
        "CanSetDefault": 1,
        "TagInstances": tag,
        "Filter": None,
        "GroupBy": None,
        "HierarchicalNotices": None,
        "NoticeContentTmplBindInfos": None,
    }
