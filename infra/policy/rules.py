"""What every deployment keeps to, as checks over the resources that the program registers.

The program builds it so, and `infra.settings` refuses what would end otherwise; these checks know neither. They read a
resource's type and its inputs as the provider gets them, so they hold for whatever else somebody adds to the stack.
`RULES` look at one resource, `TOGETHER` at all of them; each tells in sentences what is wrong, and nothing if all is
well. `infra/policy` runs them as a Pulumi policy pack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from infra.policy.resources import Resource, listed, named, parsed, statements
from infra.settings.variables import LONGEST, RESERVED, SHORTEST, TOTAL

Rule = Callable[[Resource], Iterator[str]]
RuleTogether = Callable[[tuple[Resource, ...]], Iterator[str]]

ARRIVALS = frozenset(f"cos:ObjectCreated:{event}" for event in ("Put", "Post", "CompleteMultipartUpload"))
"""How a photo arrives. The function writes its stamp with a copy, which must not wake it again."""
PAID_ONCE = ("leases/", "enrolments/", "dead/")
"""What is never deleted by age: what was paid for once, and what somebody has to act on."""
TAGGED = (
    *("CosBucket", "CosBucketObject", "CamRole", "CamPolicy", "ScfFunction"),
    *("ClsLogset", "ClsTopic", "ClsAlarm"),
)
"""The kinds that carry tags in this program."""
TAGS = ("app", "stack")
LISTS = ["cos:GetBucket"]
"""What is allowed on a bucket as a whole: the newest of a lease is found by listing."""
SIGNED = frozenset({"GET", "HEAD", "PUT", "POST"})
"""What a page may do with a signature."""


def private_and_encrypted(bucket: Resource) -> Iterator[str]:
    """Buckets are private, because whoever can read a photo can read its stamp, and encrypted at rest."""
    if bucket.inputs.get("acl") != "private":
        yield "The bucket is not private."
    if bucket.inputs.get("encryptionAlgorithm") != "AES256":
        yield "The bucket is not encrypted with AES256."


def state_without_versions(bucket: Resource) -> Iterator[str]:
    """The state bucket keeps no versions: create-if-absent, on which leases rest, does nothing where they are kept."""
    if bucket.name == "state" and bucket.inputs.get("versioningEnable"):
        yield "The state bucket keeps versions."


def paid_once_stays(bucket: Resource) -> Iterator[str]:
    """Photos never expire but for versions that were replaced, and of the state neither leases, enrolments nor dead
    letters."""
    for rule in bucket.inputs.get("lifecycleRules") or ():
        prefix = rule.get("filterPrefix") or ""
        lost = [room for room in PAID_ONCE if room.startswith(prefix) or prefix.startswith(room)]
        if rule.get("expiration") and (bucket.name != "state" or lost):
            yield f"The rule for {prefix!r} lets expire what has to stay."


def pages_without_credentials(bucket: Resource) -> Iterator[str]:
    """Pages of any origin may send what they hold a signature for: COS gets no credentials, and deletes nothing."""
    for rule in bucket.inputs.get("corsRules") or ():
        if more := set(rule.get("allowedMethods") or ()) - SIGNED:
            yield f"Pages may send {', '.join(sorted(more))}."


def woken_by_arrivals(function: Resource) -> Iterator[str]:
    """Each trigger is one of the three ways in which an object arrives, never a copy, and filters by a prefix."""
    described = [parsed(trigger.get("triggerDesc")) for trigger in function.inputs.get("triggers") or ()]
    if not described:
        return
    if sorted(str(told.get("event")) for told in described) != sorted(ARRIVALS):
        yield f"The triggers are not these three: {', '.join(sorted(ARRIVALS))}."
    prefixes = {str((told.get("filter") or {}).get("Prefix") or "") for told in described}
    if len(prefixes) > 1 or "" in prefixes or any("*" in prefix or prefix.startswith("/") for prefix in prefixes):
        yield "The triggers do not filter by one prefix."
    if any(trigger.get("type") != "cos" for trigger in function.inputs["triggers"]):
        yield "A trigger is not one of COS: others are resources of their own."


def explicit_function(function: Resource) -> Iterator[str]:
    """Functions leave nothing to the platform: name, role, runtime, time, memory, named code, and a way out."""
    given = function.inputs
    yield from (f"The function has no {name}." for name in ("name", "role", "handler") if not given.get(name))
    if not re.fullmatch(r"Python3\.\d+", given.get("runtime") or ""):
        yield "The runtime is not one of Python's."
    if not 15 <= (given.get("timeout") or 0) <= 30:
        yield "The timeout is not 15 to 30 seconds: less has no time for a face call, more outlives its lease."
    if (memory := given.get("memSize")) != 64 and memory not in range(128, 3073, 128):
        yield "The memory is not 64, or 128 to 3072 MB in steps of 128."
    if given.get("enablePublicNet") is not True:
        yield "The function has no way out to COS and the face service."
    if not re.fullmatch(r"/.+-[0-9a-f]{16}\.zip", given.get("cosObjectName") or ""):
        yield "The package's name does not tell its content, so a change of it would not be noticed."
    if bool(given.get("clsLogsetId")) != bool(given.get("clsTopicId")):
        yield "A log topic goes with its log set."


def variables_that_fit(function: Resource) -> Iterator[str]:
    """Variables are such as SCF takes: values of 2 to 64 bytes, 4 KB in all, names that the platform does not keep."""
    told: Mapping[str, str] = function.inputs.get("environment") or {}
    for name, value in told.items():
        if not SHORTEST <= len(value.encode()) <= LONGEST:
            yield f"The value of {name} has not {SHORTEST} to {LONGEST} bytes."
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{1,63}", name) or name.startswith(RESERVED):
            yield f"{name} cannot be the name of a variable."
    if sum(len(name) + len(value.encode()) for name, value in told.items()) > TOTAL:
        yield f"The variables have more than {TOTAL} bytes."


def taken_on_by_scf(role: Resource) -> Iterator[str]:
    """Only SCF takes a role on."""
    for stated in statements(role.inputs.get("document")):
        if stated.get("effect") != "allow" or stated.get("principal") != {"service": ["scf.qcloud.com"]}:
            yield "Somebody else than scf.qcloud.com may take the role on."
        if [action.removeprefix("name/") for action in listed(stated.get("action"))] != ["sts:AssumeRole"]:
            yield "The trust is for something else than sts:AssumeRole."


def granted_by_name(policy: Resource) -> Iterator[str]:
    """A policy names its actions, and its resources down to a prefix; the face service alone takes none but `*`."""
    text = policy.inputs.get("document")
    if len(text or "") > 6144:
        yield "The document is longer than the 6144 characters that CAM takes."
    for stated in statements(text):
        actions, resources = listed(stated.get("action")), listed(stated.get("resource"))
        if stated.get("effect") != "allow" or not actions or not resources:
            yield "A statement does not allow something on something."
        yield from (f"{action} is not the name of one action." for action in actions if not _ACTION.fullmatch(action))
        faces = [action.startswith("iai:") for action in actions]
        for resource in resources:
            if any(faces) and (resource != "*" or not all(faces)):
                yield "The actions of the face service are granted on * and by themselves, or not at all."
            elif not any(faces) and not (_BUCKET if actions == LISTS else _PLACE).fullmatch(resource):
                yield f"{resource} is not one prefix of one bucket."


def known_at_the_door(address: Resource) -> Iterator[str]:
    """An address says whom it lets in, is open to the internet alone, and leaves CORS to the application."""
    told = parsed(address.inputs.get("triggerDesc"))
    if address.inputs.get("type") != "http" or address.inputs.get("enable") != "OPEN":
        yield "The address is not open."
    if told.get("AuthType") not in ("NONE", "CAM"):
        yield "It is not said whom the address lets in: AuthType is NONE or CAM."
    if told.get("NetConfig") != {"EnableExtranet": True, "EnableIntranet": False}:
        yield "The address is not one of the internet alone."
    if (told.get("CorsConfig") or {}).get("Enable") is not False:
        yield "The platform answers CORS beside the application, which knows the origins."


def retried_in_time(retries: Resource) -> Iterator[str]:
    """Events are tried again twice at most, and kept for an hour to six."""
    told = retries.inputs.get("asyncTriggerConfig") or {}
    if [each.get("retryNum") in (0, 1, 2) for each in told.get("retryConfigs") or ()] != [True]:
        yield "It is not said how often an event is tried again."
    if not 3600 <= (told.get("msgTtl") or 0) <= 21600:
        yield "Events are not kept for an hour to six."


def tagged(resource: Resource) -> Iterator[str]:
    """What can carry tags says whose it is."""
    told = resource.inputs.get("tags") or {}
    yield from (f"The tag {name} is missing." for name in TAGS if not told.get(name))


def fitted_together(resources: tuple[Resource, ...]) -> Iterator[str]:
    """Each function has its own role, a quota that its memory divides, and retries and logs where there can be some."""
    roles, kept = named(resources, "CamRole", "name"), named(resources, "ScfFunctionEventInvokeConfig")
    quotas, topics = named(resources, "ScfReservedConcurrencyConfig"), named(resources, "ClsTopic", "topicName")
    functions = named(resources, "ScfFunction", "name")
    for name, function in functions.items():
        if function.get("role") not in roles:
            yield f"The role of {name} is not one of this stack."
        reserved = quotas.get(name, {}).get("reservedConcurrencyMem") or 0
        if reserved < 1 or reserved % (function.get("memSize") or 128):
            yield f"{name} has no quota that is so many times its memory."
        if function.get("triggers") and name not in kept:
            yield f"It is not said how events of {name} are tried again."
    taken = [each.inputs.get("role") for each in resources if each.kind == "ScfFunction"]
    if len(set(taken)) < len(taken):
        yield "Two functions share a role."
    # A topic that is yet to be made has no id before, and a rule goes no further than what cannot be known.
    for name, function in functions.items() if topics else ():
        if not function.get("clsTopicId"):
            yield f"{name} does not write to the log topic."


def apart_from_each_other(resources: tuple[Resource, ...]) -> Iterator[str]:
    """No two functions are woken by the same key, and nothing wakes one in the state bucket."""
    woken: list[tuple[str, str]] = []
    for function in (each for each in resources if each.kind == "ScfFunction"):
        triggers = function.inputs.get("triggers") or ()
        told = {(t.get("name"), (parsed(t.get("triggerDesc")).get("filter") or {}).get("Prefix")) for t in triggers}
        woken += [(str(bucket), str(prefix or "")) for bucket, prefix in told]
    for place, (bucket, prefix) in enumerate(woken):
        if any(bucket == other and prefix.startswith(p) for other, p in (*woken[:place], *woken[place + 1 :])):
            yield f"Two functions are woken by what is under {prefix}."
    state = {str(each.inputs.get("bucket")) for each in resources if (each.kind, each.name) == ("CosBucket", "state")}
    if state & {bucket for bucket, _ in woken}:
        yield "A function is woken by the state bucket, in which it writes."


RULES: Mapping[str, tuple[Rule, ...]] = {
    "CosBucket": (private_and_encrypted, state_without_versions, paid_once_stays, pages_without_credentials),
    "ScfFunction": (woken_by_arrivals, explicit_function, variables_that_fit),
    "ScfTrigger": (known_at_the_door,),
    "ScfFunctionEventInvokeConfig": (retried_in_time,),
    "CamRole": (taken_on_by_scf,),
    "CamPolicy": (granted_by_name,),
}
"""The rules for one resource, by its kind."""
TOGETHER: tuple[RuleTogether, ...] = (fitted_together, apart_from_each_other)


def rules(kind: str) -> tuple[Rule, ...]:
    """All that a resource of this kind keeps to."""
    return (*RULES.get(kind, ()), *((tagged,) if kind in TAGGED else ()))


def broken(resources: Iterable[Resource]) -> list[str]:
    """What is wrong with these resources, a sentence each."""
    every = tuple(resources)
    alone = [f"{r.kind} {r.name}: {said}" for r in every for rule in rules(r.kind) for said in rule(r)]
    return [*alone, *(said for rule in TOGETHER for said in rule(every))]


_ACTION = re.compile(r"(name/)?(cos|ci|iai):[A-Za-z]+")
_PLACE = re.compile(r"qcs::(cos|ci):[a-z0-9-]+:uid/\d+:(bucket/)?[a-z0-9-]+-\d+/[^*]+\*")
_BUCKET = re.compile(r"qcs::cos:[a-z0-9-]+:uid/\d+:[a-z0-9-]+-\d+/\*")
