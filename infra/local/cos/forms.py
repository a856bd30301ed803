"""POST Object: an upload by an HTML form, whose policy is what is signed.

The form's fields say what the upload is; the policy limits each of them and names the key pair; the signature is over
the policy alone. Documents: COS 436/14690; what is refused how, COS 436/56215 and 436/39963.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from requests.structures import CaseInsensitiveDict
from werkzeug import Request, Response

from infra.local.cos import facts, objects, signature
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange
from infra.local.cos.markup import Bare

_READ = "infra.local.cos.form"
_RANGE = "content-length-range"
_UNLIMITED = ("file", "policy", "q-signature", "q-key-time", "x-cos-security-token", "signature")

Limit = tuple[str, str, Any]
"""How a field is limited (`eq`, `starts-with`, or a range of lengths), its name in lower case, and to what."""


class Form(NamedTuple):
    """An upload form, read whole."""

    fields: CaseInsensitiveDict[str]
    """With the file's name put into the key; empty if the request is no form."""
    file: bytes | None


def read(request: Request) -> Form:
    """The form in a request; the same one each time it is asked for."""
    known: Form | None = request.environ.get(_READ)
    if known is not None:
        return known
    # The body is kept for the gateway, which counts it; the form is read from what was kept.
    request.get_data(cache=True)
    fields: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in request.form.items():
        fields[name] = value
    file = request.files.get("file")
    if "key" in fields and file is not None:
        fields["key"] = fields["key"].replace("${filename}", file.filename or "").lstrip("/")
    form = request.environ[_READ] = Form(fields, None if file is None else file.read())
    for part in request.files.values():
        part.close()
    return form


def verify(form: Mapping[str, str], secret_key: str, bucket: str, now: float) -> None:
    """Raise `Refused` unless the policy is signed with `secret_key`, in force, and met by the form.

    Each field that the policy limits must be there. A field that it does not limit may be there as well, with any
    value: COS's own examples have such fields, and it only advises to limit all that can be limited.
    """
    policy, expires, limits = _policy(form)
    key_time = form.get("q-key-time", "")
    if not signature.same(signature.sign_policy(secret_key, key_time, policy), form.get("q-signature", "")):
        raise refuse("SignatureDoesNotMatch", "The Signature you specified is invalid.")
    signature.check_time(key_time, now)
    if now > expires:
        raise refuse("AccessDenied", f"You post object request has been expired, expiration time: {expires:.0f}")
    given = {**{name.lower(): value for name, value in form.items()}, "bucket": bucket, "q-sign-time": key_time}
    for how, name, value in limits:
        if how != _RANGE and not _met(how, given.get(name), value):
            raise refuse("AccessDenied", f"Condition key {name} doesn't match the value {value}")


def post(exchange: Exchange) -> Response:
    """POST Object."""
    form, body = read(exchange.request)
    key = form.get("key", "")
    if body is None or not key:
        raise refuse("MalformedPOSTRequest", "An upload form has a key, and ends in a file.")
    _check_length(form, len(body))
    # Header text is Latin-1 of the bytes on the wire; a form's fields are UTF-8.
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict(
        {name: value.encode().decode("latin-1") for name, value in form.items()}
    )
    if form.get("acl"):
        headers["x-cos-acl"] = form["acl"]
    objects.check_md5(headers, body)
    exchange.headers = CaseInsensitiveDict({**exchange.headers, **_object_headers(headers)})
    exchange.writable(key)
    kept = objects.with_default_encryption(exchange, facts.from_headers(headers, exchange.readings.metadata_counts))
    version = exchange.store.put(exchange.bucket(), key, body, kept)
    exchange.applied("ObjectCreated:Post", version, key)
    shown = objects.written(version)
    redirect = form.get("success_action_redirect")
    if redirect:
        query = urlencode({"bucket": exchange.target.bucket, "key": key, "etag": version.etag})
        shown["Location"] = f"{redirect}{'&' if '?' in redirect else '?'}{query}"
        return Bare(status=303, headers=shown)
    shown["Location"] = f"http://{exchange.request.host}/{quote(key)}"
    asked = form.get("success_action_status")
    return Bare(status=int(asked) if asked in ("200", "201") else 204, headers=shown)


def _policy(form: Mapping[str, str]) -> tuple[bytes, float, list[Limit]]:
    """The policy as it is signed, when it ends, and what it limits."""
    try:
        policy = base64.b64decode(form["policy"], validate=True)
        document = json.loads(policy)
        expires = datetime.fromisoformat(document["expiration"].replace("Z", "+00:00")).timestamp()
        limits = [limit for condition in document["conditions"] for limit in _limits(condition)]
    except (KeyError, ValueError, TypeError, AttributeError, binascii.Error):
        raise refuse("InvalidPolicyDocument", "The form's policy is base64 of a JSON policy with conditions.") from None
    if not {"q-sign-algorithm", "q-ak", "q-sign-time"} <= {name for _, name, _ in limits}:
        raise refuse("InvalidPolicyDocument", "A policy limits q-sign-algorithm, q-ak and q-sign-time.")
    return policy, expires, limits


def _limits(condition: Any) -> list[Limit]:
    if isinstance(condition, dict):
        return [("eq", str(name).lower(), value) for name, value in condition.items()]
    how, name, value = condition
    if how == _RANGE:
        return [(_RANGE, _RANGE, (int(name), int(value)))]
    if how not in ("eq", "starts-with"):
        raise ValueError(how)
    return [(how, str(name).lower().removeprefix("$"), value)]


def _met(how: str, given: str | None, value: Any) -> bool:
    if given is None:
        return False
    return given.startswith(str(value)) if how == "starts-with" else given == str(value)


def _check_length(form: Mapping[str, str], size: int) -> None:
    for how, _, value in _policy(form)[2] if form.get("policy") else ():
        if how == _RANGE and size < value[0]:
            raise refuse("EntityTooSmall", "Condition key content-length-range doesn't match the value")
        if how == _RANGE and size > value[1]:
            raise refuse("EntityTooLarge", "Condition key content-length-range doesn't match the value")


def _object_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in headers.items() if name.lower().startswith("x-cos-") and name not in _UNLIMITED
    }
