"""What a deployment that failed has left in the account without the stack knowing it.

The provider makes a resource, and then does the rest: tags, rules, triggers, a look at what became of it. Where any of
that is refused, or the deployment is stopped, the resource is there, and the engine keeps nothing of it: the next
deployment stumbles over its name, and destroying passes it over. Everything that has a name of its own can be found by
that name; what carries the stack's tags and was begun by a deployment that failed (`infra.account.traces`) is removed,
to be made anew, which is what Terraform does with what it calls tainted.

Never removed: what has not the stack's tags; what nothing shows to be left over, for it is live in somebody else's
state; a bucket that holds anything, which COS refuses by itself (436/7732); a log topic, whose lines nobody could bring
back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from qcloud_cos import CosS3Client, CosServiceError

from infra.account import traces
from infra.account.clients import Clients, Refused
from infra.account.traces import NONE, Traces
from infra.settings import stackfile

Known = Mapping[str, Collection[str]]
"""What the stack's state has: the ids of each of Pulumi's types."""
PROJECT: Final = "facestamp"


class Kept(Exception):
    """It was not removed after all; the message is one sentence."""


@dataclass(frozen=True)
class Leftover:
    """One thing in the account that the stack does not know."""

    kind: Kind
    name: str
    id: str
    """As Pulumi's state would have it."""
    ours: bool
    """It carries the tags of this stack."""
    begun: bool
    """A deployment that failed has left it."""

    @property
    def removable(self) -> bool:
        """Whether `remove` may be tried."""
        return self.ours and self.begun and self.kind.remove is not None

    def __str__(self) -> str:
        return f"{self.kind.title} {self.name}"


Seen = Iterator[tuple[str, str, Any, object]]
"""Name, id, tags, and when it was made as the service tells that."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing, how it is found by its name, and removed."""

    title: str
    type: str
    """Pulumi's, without the module."""
    find: Callable[[Clients, str], Seen]
    remove: Callable[[Clients, Leftover], object] | None


def find(config: Mapping[str, Any], stack: str, known: Known, clients: Clients, left: Traces = NONE) -> list[Leftover]:
    """What is in the account by the names of this stack, and not in its state; in the order to remove it in.

    `left` is what the state tells of deployments that failed. Raises `clients.REFUSALS`, and `stackfile.Unready`.
    """
    wanted = {"app": PROJECT, "stack": stack}
    return [
        Leftover(
            kind,
            name,
            id,
            ours=wanted.items() <= _tags(tags).items(),
            begun=left.lead_to(kind.type, name, traces.moments(made)),
        )
        for kind, names in _names(config, stack)
        for asked in names
        for name, id, tags, made in kind.find(clients, asked)
        if name == asked and id not in known.get(kind.type, ())
    ]


def remove(leftover: Leftover, clients: Clients) -> None:
    """Remove it; raises `Kept` if that must not be, and `clients.REFUSALS`."""
    if not leftover.removable or leftover.kind.remove is None:
        raise Kept(f"The {leftover} stays: it is not this stack's to remove.")
    try:
        leftover.kind.remove(clients, leftover)
    except CosServiceError as refused:
        if refused.get_error_code() != "BucketNotEmpty":
            raise
        raise Kept(f"The {leftover} stays, for there is something in it.") from None


def _names(config: Mapping[str, Any], stack: str) -> list[tuple[Kind, list[str]]]:
    whole = f"{PROJECT}-{stack}"
    functions = [f"{whole}-{part}" for part in stackfile.parts(config)]
    made = [bucket for kind, bucket in stackfile.buckets(config).items() if not stackfile.is_adopted(config, kind)]
    logs = stackfile.is_set(config, "logs", default=True)
    return [
        (FUNCTION, functions),
        *(((LOG_ALARM, [f"{whole}-dead-letters"]), (TOPIC, [whole]), (LOG_SET, [whole])) if logs else ()),
        (ROLE, functions),
        (POLICY, functions),
        (BUCKET, made),
    ]


def functions(clients: Clients, name: str) -> Seen:
    """The function of that name, if there is one; raises `clients.REFUSALS`."""
    try:
        told = clients.ask("scf", "GetFunction", FunctionName=name, Namespace="default", ShowCode="FALSE")
    except Refused as refused:
        if not refused.code.startswith("ResourceNotFound"):
            raise
        return
    yield str(told["FunctionName"]), f"default+{told['FunctionName']}", told.get("Tags"), told.get("AddTime")


def _roles(clients: Clients, name: str) -> Seen:
    try:
        told = clients.ask("cam", "GetRole", RoleName=name)["RoleInfo"]
    except Refused as refused:
        if not refused.code.endswith("RoleNotExist"):
            raise
        return
    yield str(told["RoleName"]), str(told["RoleId"]), told.get("Tags"), told.get("AddTime")


def _policies(clients: Clients, name: str) -> Seen:
    # By a part of the name; a stack's own are a page at most.
    for told in clients.ask("cam", "ListPolicies", Scope="Local", Keyword=name, Rp=200, Page=1)["List"] or ():
        if told["PolicyName"] == name:
            policy = clients.ask("cam", "GetPolicy", PolicyId=told["PolicyId"])
            yield name, str(told["PolicyId"]), policy.get("Tags"), policy.get("AddTime")


def _in_cls(action: str, key: str, things: str, named: str, id: str) -> Callable[[Clients, str], Seen]:
    def found(clients: Clients, name: str) -> Seen:
        told = clients.ask("cls", action, Filters=[{"Key": key, "Values": [name]}], Offset=0, Limit=100)
        for each in told[things] or ():
            yield str(each[named]), str(each[id]), each.get("Tags"), each.get("CreateTime")

    return found


def _buckets(clients: Clients, name: str) -> Seen:
    cos = clients.cos()
    try:
        cos.head_bucket(Bucket=name)
        tags = cos.get_bucket_tagging(Bucket=name)["TagSet"]["Tag"]
    except CosServiceError as refused:
        if refused.get_status_code() != 404:
            raise
        if refused.get_error_code() != "NoSuchTagSet":
            return
        tags = []
    yield name, name, tags, _made(cos, name)


def _made(cos: CosS3Client, bucket: str) -> object:
    """What only the list of all buckets tells (436/8291); nothing where that may not be seen."""
    try:
        told = cos.list_buckets().get("Buckets") or {}
    except CosServiceError as refused:
        if refused.get_status_code() != 403:
            raise
        return None
    return next((each["CreationDate"] for each in told.get("Bucket") or () if each["Name"] == bucket), None)


def _tags(given: Any) -> dict[str, str]:
    """Tags as every service writes them: `Key` and `Value`, or `TagKey` and `TagValue`."""
    pairs = given if isinstance(given, list) else [given] if given else []
    return {
        str(tag.get("Key", tag.get("TagKey"))): str(tag.get("Value", tag.get("TagValue")))
        for tag in pairs
        if isinstance(tag, dict)
    }


FUNCTION: Final = Kind(
    "function",
    "ScfFunction",
    functions,
    lambda clients, it: clients.ask("scf", "DeleteFunction", FunctionName=it.name, Namespace="default"),
)
LOG_ALARM: Final = Kind(
    "log alarm",
    "ClsAlarm",
    _in_cls("DescribeAlarms", "name", "Alarms", "Name", "AlarmId"),
    lambda clients, it: clients.ask("cls", "DeleteAlarm", AlarmId=it.id),
)
TOPIC: Final = Kind(
    "log topic", "ClsTopic", _in_cls("DescribeTopics", "topicName", "Topics", "TopicName", "TopicId"), None
)
LOG_SET: Final = Kind(
    "log set",
    "ClsLogset",
    _in_cls("DescribeLogsets", "logsetName", "Logsets", "LogsetName", "LogsetId"),
    lambda clients, it: clients.ask("cls", "DeleteLogset", LogsetId=it.id),
)
ROLE: Final = Kind("role", "CamRole", _roles, lambda clients, it: clients.ask("cam", "DeleteRole", RoleName=it.name))
POLICY: Final = Kind(
    "policy", "CamPolicy", _policies, lambda clients, it: clients.ask("cam", "DeletePolicy", PolicyId=[int(it.id)])
)
BUCKET: Final = Kind("bucket", "CosBucket", _buckets, lambda clients, it: clients.cos().delete_bucket(Bucket=it.name))
