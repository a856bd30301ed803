"""CORS: what a bucket lets the pages of other origins do, as browsers ask it and then hold themselves to it.

COS answers a preflight by the first rule that fits, and refuses it where none does. A request itself is never refused
for its origin: a fitting rule only adds the headers without which a browser keeps the answer from its page. Documents:
PUT Bucket cors, COS 436/8279; GET, 436/8274; DELETE, 436/8283; preflight, 436/8288; 436/13318 on what is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from werkzeug import Response

from infra.local.cos import markup
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.kept import Bucket
from infra.local.cos.markup import Bare

RULES: Final = 100
"""How many a bucket can have."""
BYTES: Final = 64 * 1024
"""The longest configuration."""
METHODS: Final = ("PUT", "GET", "POST", "DELETE", "HEAD")

_LISTS: Final = ("CORSRule", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader")


@dataclass(frozen=True)
class Rule:
    """Which origins may send which requests, and read which headers of the answers."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: str
    """Seconds for which a browser need not ask again; empty if the rule does not say."""

    def fits(self, origin: str, method: str, headers: Iterable[str] = ()) -> bool:
        """Whether a page of this origin may send such a request."""
        return (
            any(_matches(pattern, origin) for pattern in self.origins)
            and method in self.methods
            and ("*" in self.headers or {name.lower() for name in headers} <= {name.lower() for name in self.headers})
        )


@dataclass(frozen=True)
class Cors:
    """A bucket's configuration."""

    rules: tuple[Rule, ...] = ()
    vary: bool = False
    """Whether answers say `Vary: Origin`."""

    def rule(self, origin: str, method: str, headers: Iterable[str] = ()) -> Rule | None:
        """The first rule that fits."""
        return next((rule for rule in self.rules if rule.fits(origin, method, headers)), None)

    def shown(self, origin: str, rule: Rule) -> dict[str, str]:
        """What every answer to a page of this origin says of the rule that fitted."""
        headers = {"Access-Control-Allow-Origin": "*"}
        if "*" not in rule.origins:
            headers = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
        told = {
            "Access-Control-Allow-Methods": ",".join(rule.methods),
            "Access-Control-Expose-Headers": ",".join(rule.exposed),
            "Access-Control-Max-Age": rule.max_age,
            "Vary": "Origin" if self.vary else "",
        }
        return headers | {name: value for name, value in told.items() if value}


def read(document: bytes) -> Cors:
    """A configuration; raises `Refused` MalformedXML or InvalidArgument."""
    if len(document) > BYTES:
        raise refuse("MalformedXML", "A CORS configuration has at most 64 KB.")
    content = markup.read(document, "CORSConfiguration", lists=_LISTS)
    rules = content.get("CORSRule") or []
    if not 1 <= len(rules) <= RULES:
        raise refuse("MalformedXML", f"A CORS configuration has 1 to {RULES} rules.")
    return Cors(tuple(_rule(rule or {}) for rule in rules), str(content.get("ResponseVary")).lower() == "true")


def put(exchange: Exchange) -> Response:
    """PUT Bucket cors, in place of what was there."""
    read(exchange.body())
    exchange.bucket().settings["cors"] = exchange.body()
    return Bare()


def preflight(exchange: Exchange) -> Response:
    """OPTIONS on any resource of a bucket; a browser cannot sign it."""
    headers = exchange.headers
    origin, method = headers.get("Origin", ""), headers.get("Access-Control-Request-Method", "")
    asked = [name for name in re.split(r"\s*,\s*", headers.get("Access-Control-Request-Headers", "").strip()) if name]
    cors = of(exchange.bucket())
    if not cors.rules:
        raise refuse("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
    rule = cors.rule(origin, method, asked) if origin and method else None
    if rule is None:
        raise refuse("AccessForbidden", "CORSResponse: no rule of the bucket allows this origin, method and headers.")
    allowed = asked if "*" in rule.headers else [name.lower() for name in rule.headers]
    told = {"Access-Control-Allow-Headers": ",".join(allowed)} if allowed else {}
    return Bare(headers={**cors.shown(origin, rule), **told})


def of(bucket: Bucket) -> Cors:
    """A bucket's configuration, without a rule where it has none."""
    document = bucket.settings.get("cors", b"")
    return read(document) if document else Cors()


def _rule(content: dict[str, Any]) -> Rule:
    listed = {name: tuple(str(value or "") for value in content.get(name) or ()) for name in _LISTS[1:]}
    for name in ("AllowedOrigin", "AllowedMethod"):
        if not listed[name]:
            raise refuse("MalformedXML", f"A CORSRule has an {name}.")
    for origin in listed["AllowedOrigin"]:
        if origin.count("*") > 1 or not ("*" in origin or "://" in origin):
            raise refuse("InvalidArgument", "An AllowedOrigin names its scheme, or has one * for any text.")
    for method in listed["AllowedMethod"]:
        if method not in METHODS:
            raise refuse("InvalidArgument", f"An AllowedMethod is one of {', '.join(METHODS)}.")
    if "*" in listed["ExposeHeader"]:
        raise refuse("InvalidArgument", "An ExposeHeader is the name of one header.")
    age = str(content.get("MaxAgeSeconds") or "")
    if age and not age.isdecimal():
        raise refuse("InvalidArgument", "MaxAgeSeconds is a number.")
    return Rule(listed["AllowedOrigin"], listed["AllowedMethod"], listed["AllowedHeader"], listed["ExposeHeader"], age)


def _matches(pattern: str, origin: str) -> bool:
    before, star, after = pattern.partition("*")
    if not star:
        return pattern == origin
    return len(origin) >= len(before) + len(after) and origin.startswith(before) and origin.endswith(after)
