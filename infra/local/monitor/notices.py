"""The actions on alarm notices, whom to tell and how: 248/51280 (DescribeAlarmNotices) and its neighbours."""

from __future__ import annotations

import time
from typing import Any, Literal

from pydantic import Field

from infra.local.actions import Action, Answer, Part
from infra.local.gateway import Refused
from infra.local.monitor.store import Alarms, Notice, new_id


class UserNotice(Part):
    """Users or groups, told by mail, text, phone …; who they are is not checked here."""

    receiver_type: Literal["USER", "GROUP"]
    start_time: int = Field(ge=0, le=86_399)
    end_time: int = Field(ge=0, le=86_399)
    notice_way: list[Literal["EMAIL", "SMS", "CALL", "WECHAT", "RTX"]]
    user_ids: list[int] = Field([])
    group_ids: list[int] = Field([])
    phone_order: list[int] = Field([])
    phone_circle_times: int = 0
    phone_inner_interval: int = 0
    phone_circle_interval: int = 0
    need_phone_arrive_notice: Literal[0, 1] = 0
    phone_call_type: Literal["", "SYNC", "CIRCLE"] = ""
    weekday: list[int] = Field([])


class UrlNotice(Part):
    """An address that is called."""

    url: str = Field(alias="URL", max_length=256)
    is_valid: Literal[0, 1] = 0
    validation_code: str = ""
    start_time: int = Field(0, ge=0, le=86_399)
    end_time: int = Field(86_399, ge=0, le=86_399)
    weekday: list[int] = Field([])


class ClsNotice(Part):
    """A log topic that is written to."""

    region: str
    log_set_id: str
    topic_id: str
    enable: Literal[0, 1] = 1


class Told(Action[Alarms]):
    """What a notice is asked to be."""

    module: Literal["monitor"]
    name: str = Field(min_length=1, max_length=60)
    notice_type: Literal["ALARM", "OK", "ALL"]
    notice_language: Literal["zh-CN", "en-US"]
    user_notices: list[UserNotice] = Field([], max_length=5)
    url_notices: list[UrlNotice] = Field([], alias="URLNotices", max_length=6)
    cls_notices: list[ClsNotice] = Field([], alias="CLSNotices", max_length=1)

    def notice(self) -> dict[str, Any]:
        """It, in the names of the API."""
        return self.model_dump(by_alias=True, exclude={"module", "notice_id"})


class CreateAlarmNotice(Told):
    """Make a notice."""

    def answer(self, state: Alarms) -> Answer:
        """Its id."""
        notice = Notice(new_id("notice"), self.notice(), state.clock.now())
        with state.lock:
            state.notices[notice.id] = notice
        return {"NoticeId": notice.id}


class DescribeAlarmNotices(Action[Alarms]):
    """List notices, by id and by a part of their name."""

    module: Literal["monitor"]
    page_number: int = Field(ge=1)
    page_size: int = Field(ge=1, le=200)
    order: Literal["ASC", "DESC"] = "ASC"
    """By when they were changed."""
    name: str = ""
    notice_ids: list[str] = Field([])

    def answer(self, state: Alarms) -> Answer:
        """A page of them."""
        with state.lock:
            found = [
                notice
                for notice in state.notices.values()
                if self.name in notice.asked["Name"] and (not self.notice_ids or notice.id in self.notice_ids)
            ]
            found.sort(key=lambda notice: notice.modified, reverse=self.order == "DESC")
            first = (self.page_number - 1) * self.page_size
            shown = [told(state, notice) for notice in found[first : first + self.page_size]]
        return {"Notices": shown, "TotalCount": len(found)}


class ModifyAlarmNotice(Told):
    """Put another notice in a notice's place."""

    notice_id: str

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        with state.lock:
            [known] = state.known([self.notice_id])
            state.notices[known] = Notice(known, self.notice(), state.clock.now())
        return {}


class DeleteAlarmNotices(Action[Alarms]):
    """Drop notices, which no policy may still send."""

    module: Literal["monitor"]
    notice_ids: list[str] = Field(min_length=1)

    def answer(self, state: Alarms) -> Answer:
        """Nothing."""
        with state.lock:
            for each in state.known(self.notice_ids):
                if used := _used(state, each):
                    raise Refused("FailedOperation", f"The notice {each} is sent by {', '.join(used)}.")
            for each in set(self.notice_ids):
                del state.notices[each]
        return {}


ACTIONS: tuple[type[Action[Alarms]], ...] = (
    CreateAlarmNotice,
    DescribeAlarmNotices,
    ModifyAlarmNotice,
    DeleteAlarmNotices,
)


def told(state: Alarms, notice: Notice) -> Answer:
    """A notice, as lists and policies tell it."""
    return {
        "Id": notice.id,
        **notice.asked,
        "UpdatedAt": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(notice.modified)),
        "UpdatedBy": state.cam.uin,
        "IsPreset": 0,
        "PolicyIds": _used(state, notice.id),
        "AMPConsumerId": "",
    }


def _used(state: Alarms, notice: str) -> list[str]:
    return [policy.id for policy in state.policies.values() if notice in policy.asked["NoticeIds"]]
