"""Buckets: their making and end, their ACL, versioning and domain.

Everything else that a bucket can be set to is in `settings`. Documents: PUT Bucket, COS 436/7738; DELETE Bucket, COS
436/7732; versioning, COS 436/19889; domains, COS international 436/35868.
"""

from __future__ import annotations

import re
from typing import Any, Final

from werkzeug import Response

from infra.local.cos import acl, markup
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.kept import Bucket
from infra.local.cos.markup import Bare

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,48}[a-z0-9]|[a-z0-9]")


def in_path(exchange: Exchange) -> Response:
    """A bucket named in the path, as S3's clients can do: no longer to be had."""
    raise refuse(
        "PathStyleDomainForbidden",
        "The bucket you are attempting to access must be addressed using COS virtual-styled domain.",
    )


def create(exchange: Exchange) -> Response:
    """PUT Bucket: `<name>-<appid>`, lower case; private unless the headers say otherwise."""
    name, _, appid = exchange.target.bucket.rpartition("-")
    if appid != exchange.appid or not _NAME.fullmatch(name) or len(exchange.target.host) > 60:
        raise refuse("InvalidBucketName", f"A bucket's name is lower case and ends in -{exchange.appid}.")
    if exchange.body():
        _check_place(exchange)
    asked = acl.from_headers(exchange.headers) or acl.PRIVATE
    exchange.store.create(exchange.target.bucket, exchange.target.region, _bucket_acl(asked))
    return Bare()


def head(exchange: Exchange) -> Response:
    """HEAD Bucket."""
    return Bare(headers={"x-cos-bucket-region": exchange.bucket().region})


def delete(exchange: Exchange) -> Response:
    """DELETE Bucket, which must be empty, of old versions and unfinished uploads too."""
    exchange.store.drop(exchange.bucket())
    return Bare(status=204)


def get_acl(exchange: Exchange) -> Response:
    """GET Bucket acl."""
    return markup.answer("AccessControlPolicy", acl.to_xml(exchange.bucket().acl, exchange.uin))


def put_acl(exchange: Exchange) -> Response:
    """PUT Bucket acl, by headers or by a document."""
    asked = acl.from_headers(exchange.headers)
    if asked is None:
        asked = acl.from_xml(exchange.body(), exchange.uin) if exchange.body() else acl.PRIVATE
    exchange.bucket().acl = _bucket_acl(asked)
    return Bare()


def get_location(exchange: Exchange) -> Response:
    """GET Bucket location."""
    return Bare(
        b"<?xml version='1.0' encoding='utf-8'?>\n<LocationConstraint>%s</LocationConstraint>"
        % exchange.bucket().region.encode(),
        content_type="application/xml",
    )


def get_versioning(exchange: Exchange) -> Response:
    """GET Bucket versioning: an empty document if it never was on."""
    return markup.answer("VersioningConfiguration", {"Status": exchange.bucket().versioning or None})


def put_versioning(exchange: Exchange) -> Response:
    """PUT Bucket versioning: Enabled or Suspended; never off again."""
    status = markup.read(exchange.body(), "VersioningConfiguration").get("Status")
    if status not in ("Enabled", "Suspended"):
        raise refuse("MalformedXML", "Status is Enabled or Suspended.")
    exchange.bucket().versioning = str(status)
    return Bare()


def put_domain(exchange: Exchange) -> Response:
    """PUT Bucket domain; that somebody owns the name is not verified here, as all names are this machine's."""
    rules = _domain_rules(exchange.body())
    if not all(
        rule.get("Name") and rule.get("Status") in ("ENABLED", "DISABLED") and rule.get("Type") for rule in rules
    ):
        raise refuse("MalformedXML", "A DomainRule has a Name, a Type, and the Status ENABLED or DISABLED.")
    exchange.bucket().settings["domain"] = exchange.body()
    return Bare()


def domains(bucket: Bucket) -> list[str]:
    """The domains under which a bucket's objects are to be had."""
    rules = _domain_rules(bucket.settings["domain"]) if "domain" in bucket.settings else []
    return [str(rule["Name"]) for rule in rules if rule["Status"] == "ENABLED" and rule["Type"] == "REST"]


def _check_place(exchange: Exchange) -> None:
    """S3's clients name the region again in the body; a bucket in several zones at once is not to be had here."""
    asked = markup.read(exchange.body(), "CreateBucketConfiguration")
    asked = {name: value for name, value in asked.items() if not name.startswith("@")}
    if asked.pop("LocationConstraint", exchange.target.region) != exchange.target.region:
        raise refuse("InvalidLocationConstraint", "The region in the body is not that of the host.")
    if asked:
        raise refuse("NotImplemented", f"The local cloud makes no bucket with {', '.join(asked)}.")


def _domain_rules(document: bytes) -> list[dict[str, Any]]:
    rules = markup.read(document, "DomainConfiguration", lists=("DomainRule",)).get("DomainRule") or []
    return [rule or {} for rule in rules]


def _bucket_acl(asked: acl.Acl) -> acl.Acl:
    return acl.Acl("private", asked.grants) if asked.canned == "default" else asked
