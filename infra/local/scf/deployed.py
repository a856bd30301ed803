"""What is deployed: functions with their code, and the triggers that wake them.

Whatever is asked for is checked before anything changes, and a function is changed as a whole: `change` puts another
one in its place, under the next revision. That takes `deploying` seconds of the cloud's clock, in which the function is
being created or updated: nothing else can be done to it then, and what was there before goes on running (583/37883).
"""

from __future__ import annotations

import itertools
import re
import secrets
import string
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.local import tags
from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.events import ObjectEvent
from infra.local.gateway import Refused
from infra.local.scf import triggers
from infra.local.scf.function import Function, configured, name_of
from infra.local.scf.packages import Packages, decoded
from infra.local.scf.triggers import Trigger

Fetch = Callable[[str, str], bytes | None]


class Deployed:
    """The functions of one region, and their triggers."""

    def __init__(self, clock: Clock, cam: Cam, workdir: Path, region: str) -> None:
        self.clock, self.cam, self.region = clock, cam, region
        self.fetch: Fetch | None = None
        """Reads a package from COS: full bucket name and key to bytes, or None. The composition sets it."""
        self.has_bucket: Callable[[str], bool] = lambda bucket: True
        """Whether COS has a bucket, by its full name; set likewise."""
        self.has_topic: Callable[[str, str], bool] = lambda logset, topic: True
        """Whether the log service has a topic in a log set; set likewise."""
        self.deploying = 0.0
        """Seconds from a change of a function until it is active."""
        self._functions: dict[str, Function] = {}
        self._triggers: list[Trigger] = []
        self._revisions = itertools.count(1)
        self._packages = Packages(workdir / "packages")
        self._lock = threading.RLock()
        cam.tags.carry("scf", "namespace", lambda id: id in map(_tagged, self._functions), region)

    # -- functions -----------------------------------------------------------------------------------------------

    def create(self, asked: Mapping[str, Any]) -> Function:
        """Make a function as CreateFunction asks for it."""
        name, now, given = name_of(asked), self.clock.now(), tags.pairs(asked.get("Tags") or [])
        with self._lock:
            if name in self._functions:
                raise Refused("ResourceInUse.FunctionName", f"The function {name} exists.")
        known = Function(name, id=_new_id(), revision=next(self._revisions), created=now, modified=now)
        function = configured(known, asked, created=True)
        self._check_others(function)
        code = asked.get("Code")
        if not isinstance(code, dict):
            raise Refused("MissingParameter.Code", "The request is missing a required parameter `Code`.")
        function = replace(self._with_code(function, code), settled=now + self.deploying)
        with self._lock:
            self._functions[name] = function
        self.cam.tags.put("scf", "namespace", _tagged(name), given)
        return function

    def change(
        self, name: str, alter: Callable[[Function], Function], code: str = "FailedOperation.FunctionStatusError"
    ) -> Function:
        """Put an altered function in a function's place; its instances are not used again.

        Raises `Refused` with `code` while it is being created or updated.
        """
        # Outside the lock: altering may read code from COS, which may be about to notify us.
        now, before = self.clock.now(), self.settled(name, code)
        after = replace(alter(before), revision=next(self._revisions), modified=now)
        after = replace(after, settled=now + self.deploying, before=replace(before, before=None))
        self._check_others(after)
        with self._lock:
            self._functions[name] = after
        self._changed(name)
        return after

    def adjust(self, name: str, alter: Callable[[Function], Function], code: str) -> None:
        """Change what is no part of the function itself: its instances go on."""
        with self._lock:
            self._functions[name] = alter(self.settled(name, code))

    def with_code(self, function: Function, asked: Mapping[str, Any]) -> Function:
        """`function` with the code that UpdateFunctionCode names, in `Code` or beside the name."""
        code = asked.get("Code")
        if asked.get("Handler"):
            function = configured(function, {"Handler": asked["Handler"]})
        return self._with_code(function, code if isinstance(code, dict) else asked)

    def delete(self, name: str) -> None:
        """Forget a function, its triggers and what is queued for it."""
        with self._lock:
            self.settled(name, "FailedOperation.FunctionStatusError")
            del self._functions[name]
            self._triggers = [trigger for trigger in self._triggers if trigger.function != name]
        self.cam.tags.drop("scf", "namespace", _tagged(name))
        self._gone(name)

    def function(self, name: str) -> Function:
        """A function by its name; raises `Refused` with ResourceNotFound.Function."""
        with self._lock:
            function = self._functions.get(name)
        if function is None:
            raise Refused("ResourceNotFound.Function", f"There is no function {name}.")
        return function

    def settled(self, name: str, code: str) -> Function:
        """A function that is active; raises `Refused` with `code` while it is being created or updated."""
        function = self.function(name)
        status = function.status(self.clock.now())
        if status != "Active":
            raise Refused(code, f"The function {name} is {status}: try again when it is Active.")
        return function

    def serving(self, name: str) -> Function:
        """What runs under that name; raises `Refused` for what is still being created."""
        function = self.function(name)
        if function.status(self.clock.now()) == "Updating" and function.before:
            return function.before
        return self.settled(name, "FailedOperation.FunctionStatusError")

    def functions(self) -> list[Function]:
        """All functions by name."""
        with self._lock:
            return [self._functions[name] for name in sorted(self._functions)]

    def tags(self, name: str) -> dict[str, str]:
        """A function's tags."""
        return self.cam.tags.of("scf", "namespace", _tagged(name))

    def resource(self, name: str) -> str:
        """A function's name in six segments."""
        return f"qcs::scf:{self.region}:uin/{self.cam.uin}:namespace/default/function/{name}"

    # -- triggers ------------------------------------------------------------------------------------------------

    def triggers(self, function: str | None = None) -> list[Trigger]:
        """The triggers of one function or of all, oldest first."""
        with self._lock:
            return [trigger for trigger in self._triggers if function in (None, trigger.function)]

    def bind(self, trigger: Trigger) -> Trigger:
        """Add a trigger; raises `Refused` if it conflicts."""
        with self._lock:
            self.settled(trigger.function, "FailedOperation.CreateTrigger")
            if trigger.type == "cos" and not self.has_bucket(trigger.bucket):
                raise Refused("ResourceNotFound.Cos", f"There is no bucket {trigger.bucket}.")
            triggers.check(trigger, self._triggers)
            trigger = triggers.addressed(trigger, self.cam.appid, self.region)
            self._triggers.append(trigger)
        return trigger

    def rebind(self, meant: Trigger, alter: Callable[[Trigger], Trigger]) -> None:
        """Put an altered trigger in the place of the one of that function, name, type and version."""
        with self._lock:
            self.settled(meant.function, "FailedOperation.UpdateTrigger")
            place = self._place(meant)
            changed = alter(self._triggers[place])
            self._triggers[place] = triggers.addressed(changed, self.cam.appid, self.region)

    def unbind(self, meant: Trigger) -> None:
        """Take out the trigger of that function, name, type, version and, for COS, description."""
        with self._lock:
            self.function(meant.function)
            del self._triggers[self._place(meant)]

    def _place(self, meant: Trigger) -> int:
        for place, trigger in enumerate(self._triggers):
            if trigger.is_meant_by(meant):
                return place
        raise Refused("ResourceNotFound.Trigger", f"There is no such trigger {meant.name} of {meant.qualifier}.")

    def waking(self, event: ObjectEvent) -> list[Trigger]:
        """The triggers that an object event fires."""
        return [trigger for trigger in self.triggers() if trigger.wants(event)]

    def _changed(self, name: str) -> None:
        """A function is another now; its instances are to be replaced."""

    def _gone(self, name: str) -> None:
        """A function is no more."""

    def _check_others(self, function: Function) -> None:
        if function.role and self.cam.role(function.role) is None:
            raise Refused("ResourceNotFound.Role", f"There is no role {function.role}.")
        logset, topic = (str(function.settings.get(name) or "") for name in ("ClsLogsetId", "ClsTopicId"))
        if bool(logset) != bool(topic) or (topic and not self.has_topic(logset, topic)):
            raise Refused("InvalidParameterValue.Cls", f"There is no topic {topic!r} in a log set {logset!r}.")

    def _with_code(self, function: Function, code: Mapping[str, Any]) -> Function:
        inline, stored = code.get("ZipFile"), code.get("CosBucketName") or code.get("CosObjectName")
        if bool(inline) == bool(stored):
            raise Refused("InvalidParameterValue.Code", "Code has either a ZipFile or an object in COS.")
        content = decoded(inline) if inline else self._fetched(code)
        package, digest = self._packages.unpack(content)
        return replace(function, package=package, code_sha256=digest, code_size=len(content))

    def _fetched(self, code: Mapping[str, Any]) -> bytes:
        bucket, key = str(code.get("CosBucketName") or ""), str(code.get("CosObjectName") or "")
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", bucket):
            raise Refused("InvalidParameterValue.CosBucketName", f"{bucket!r} is no bucket's name.")
        if not key.startswith("/"):
            raise Refused("InvalidParameterValue.CosObjectName", "CosObjectName begins with a slash.")
        if code.get("CosBucketRegion") not in (None, "", self.region):
            raise Refused("InvalidParameterValue.CosBucketRegion", f"The local cloud has {self.region} only.")
        if self.fetch is None:
            raise Refused("ResourceNotFound.Cos", "This platform has no COS to read code from.")
        content = self.fetch(f"{bucket}-{self.cam.appid}", key[1:])
        if content is None:
            raise Refused("ResourceNotFound.CosObject", f"There is no {key} in {bucket}-{self.cam.appid}.")
        return content


def _new_id() -> str:
    return "lam-" + "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))


def _tagged(name: str) -> str:
    """A function, as the tag service names it after `namespace/`."""
    return f"default/function/{name}"
