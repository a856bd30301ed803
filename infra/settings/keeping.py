"""How a deployment is kept: in whose account, for how long, how much at a time, and who is told if something is wrong.

Plain data, checked as `infra.settings.stack` checks the rest of a stack's settings, which these are part of.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from typing_extensions import Self

TAGS = 10
"""An object carries at most (COS 436/35665), and a log topic is made with at most (CLS 614/56456)."""
OWN_TAGS = ("app", "stack")
"""The keys of the tags that everything carries in any case."""
_TAG = re.compile(r"[\w .:/=+@-]+")
_URL = re.compile(r"https://[!-~]{1,248}")


Metric = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
"""The name of a metric."""


class Settings(BaseModel):
    """Frozen, strict about names, and silent about what was given."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


class Keeping(Settings):
    """What a stack's settings say about its operation."""

    accounts: tuple[str, ...] = ()
    """UINs of the accounts that this stack may be deployed to. Whatever credentials are at hand, no other one is."""
    disposable: bool = False
    """For trying out: `destroy` takes the buckets with all that is in them. Otherwise they are protected."""
    tags: dict[str, str] = {}
    """On everything, beside the project's and the stack's name."""
    unfinished_days: Annotated[int, Field(ge=1, le=365)] = 1
    """Parts of uploads that were never finished go after so long."""
    orphan_days: Annotated[int, Field(ge=7, le=3650)] = 30
    """So do answers that wait for others which never came. An event is tried again for hours at most, so that after
    days nobody comes back for them but by uploading the photo anew."""
    record_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """So do the records; 0 keeps them. Leases and enrolments stay in any case: they are what is paid once."""
    old_version_days: Annotated[int, Field(ge=0, le=3650)] = 30
    """So do photos that another version has replaced, where versions are kept; 0 keeps them all."""
    retries: Annotated[int, Field(ge=0, le=2)] = 2
    """How often an event is tried again after its function failed, a minute apart."""
    event_hours: Annotated[int, Field(ge=1, le=6)] = 6
    """How long the platform keeps an event for which it has no instance."""
    logs: bool = True
    """Write to a log topic of the stack's own, whose fields can be searched."""
    log_days: Annotated[int, Field(ge=1, le=3600)] = 30
    alarms: bool = True
    """Raise an alarm when a function fails or is throttled."""
    alarm_url: str = ""
    """Where alarms are posted to; without that and groups they are only to be seen on the console."""
    alarm_groups: tuple[int, ...] = ()
    """Numbers of the CAM user groups that get them by mail."""
    alarm_type: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_/]{1,63}$")] = "SCF_V2"
    """Cloud Monitor's policy type on functions: the Id that its DescribeAllNamespaces tells. No page names it, and at
    least one deployment has `scf_alias`."""
    alarm_metrics: Annotated[tuple[Metric, ...], Field(min_length=1)] = ("Error", "Throttle", "Http432")
    """That type's metrics of which any raises an alarm: failed runs, calls that were throttled, and those for which no
    instance was left (248/37207). Other types have other names: for `scf_alias`, errors are `13007`."""

    @field_validator("accounts")
    @classmethod
    def _uins(cls, accounts: tuple[str, ...]) -> tuple[str, ...]:
        for account in accounts:
            refuse_placeholder("tencentcloud:allowedAccountIds", account, "the UIN of the account to deploy to")
            if not re.fullmatch(r"\d{5,15}", account):
                raise ValueError(f"{account!r} is not the UIN of an account, which is a number such as 100000000001.")
        return accounts

    @field_validator("tags")
    @classmethod
    def _tags(cls, tags: dict[str, str]) -> dict[str, str]:
        for name, value in tags.items():
            if name in OWN_TAGS:
                raise ValueError(
                    f"The tag {name!r} is the stack's own, by which its things are known: take another key."
                )
            if not _TAG.fullmatch(name) or len(name) > 127 or name.startswith(("qcs", "project", "项目")):
                raise ValueError(f"{name!r} cannot be the key of a tag.")
            if len(value) > 255 or not _TAG.fullmatch(value):
                raise ValueError(f"{value!r} cannot be the value of a tag.")
        return tags

    @field_validator("alarm_metrics")
    @classmethod
    def _each_once(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(metrics)) < len(metrics):
            raise ValueError("alarmMetrics names a metric twice.")
        return metrics

    @model_validator(mode="after")
    def _somebody_to_tell(self) -> Self:
        refuse_placeholder("facestamp:alarmUrl", self.alarm_url, "the https address that alarms are posted to")
        if self.alarm_url and not _URL.fullmatch(self.alarm_url):
            raise ValueError("alarmUrl is an https address of at most 256 characters.")
        if (self.alarm_url or self.alarm_groups) and not self.alarms:
            raise ValueError("There is somebody to tell of alarms, and no alarms: leave out one or the other.")
        return self


def refuse_placeholder(key: str, value: Any, wanted: str) -> None:
    """Raises `ValueError` if an example's `<placeholder>` was left in place."""
    if isinstance(value, str) and value.startswith("<"):
        raise ValueError(f"{key} still holds the example's placeholder: put {wanted} there.")
