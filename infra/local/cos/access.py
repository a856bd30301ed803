"""Who sent a request, and whether he may do what it asks.

The caller is whoever's key signed the request, and nobody where it is not signed. What everyone may do by an object's
or a bucket's ACL, everyone may; anything else is CAM's to allow. Documents: request signature, COS 436/7778, and S3's,
436/37421; actions and resources in policies, COS 436/31923; ACL, COS international 436/30583; temporary keys, COS
436/14048.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from werkzeug import Request

from infra.local.cam import Cam, Denied, Identity
from infra.local.clock import Clock
from infra.local.cos import forms, signature, sigv4
from infra.local.cos.errors import refuse
from infra.local.cos.exchange import Exchange, headers_of
from infra.local.cos.store import Store
from infra.local.cos.target import Target
from infra.local.gateway import Refused
from infra.local.readings import Readings

_PUBLIC: Final[Mapping[str, str]] = {
    "cos:GetObject": "READ",
    "cos:HeadObject": "READ",
    "cos:GetBucket": "READ",
    "cos:HeadBucket": "READ",
    "cos:PutObject": "WRITE",
    "cos:PostObject": "WRITE",
    "cos:DeleteObject": "WRITE",
}


class Access:
    """The check at the door."""

    def __init__(self, clock: Clock, cam: Cam, store: Store, readings: Readings) -> None:
        self.clock, self.cam, self.store, self.readings = clock, cam, store, readings

    def caller(self, request: Request, aim: Target) -> Identity | None:
        """Whose key signed the request, None for an anonymous one; raises `Refused` where the signature is not good."""
        form = forms.read(request).fields if aim.action == "PostObject" else None
        if form is not None and "q-ak" in form:
            identity = self._identity(form["q-ak"])
            forms.verify(form, identity.secret_key, aim.bucket, self.clock.callers())
            self._check_token(identity, form.get("x-cos-security-token", ""))
            return identity
        if sigv4.is_signed(request.headers.get("Authorization", "")):
            return self._as_s3(request, aim)
        signed = signature.read(request.headers.get("Authorization", ""), aim.query)
        if signed is None:
            return None
        identity = self._identity(signed.secret_id)
        headers = [
            (name, value.encode("latin-1").decode("utf-8", "surrogateescape"))
            for name, value in headers_of(request).items()
        ]
        expected = signature.sign(
            identity.secret_key, signed, request.method, aim.path, list(aim.query.items()), headers
        )
        if not signature.same(expected, signed.signature):
            raise refuse("SignatureDoesNotMatch", "The Signature you specified is invalid.")
        signature.check_time(signed.sign_time, self.clock.callers())
        signature.check_time(signed.key_time, self.clock.callers())
        token = request.headers.get("x-cos-security-token") or aim.value("x-cos-security-token")
        self._check_token(identity, token or request.headers.get("x-ci-security-token", ""))
        return identity

    def _as_s3(self, request: Request, aim: Target) -> Identity:
        signed = sigv4.read(request.headers["Authorization"])
        identity = self._identity(signed.secret_id)
        sigv4.verify(
            signed,
            identity.secret_key,
            request.method,
            aim.path,
            aim.query,
            headers_of(request),
            request.get_data(),
            self.clock.callers(),
        )
        self._check_token(identity, request.headers.get("x-amz-security-token", ""))
        return identity

    def _identity(self, secret_id: str) -> Identity:
        identity = self.cam.identity(secret_id)
        if identity is None:
            raise refuse("InvalidAccessKeyId", "The Access Key Id you provided does not exist in our records.")
        return identity

    def _check_token(self, identity: Identity, token: str) -> None:
        if not signature.same(identity.token, token):
            raise refuse(
                "InvalidAccessKeyId", "A temporary key needs its x-cos-security-token, and no other key has one."
            )
        if identity.expires < self.clock.now():
            raise Refused("ExpiredToken", "The temporary key's token has expired.", 400)

    def admit(self, exchange: Exchange) -> None:
        """Raise `Refused` AccessDenied unless the caller may do the request's action on its own target."""
        aim = exchange.target
        if aim.action == "PutObjectCopy":
            action = f"cos:{self.readings.copy_action}"
        elif aim.action == "UploadPartCopy":
            # The policy guide knows no other name for it.
            action = "cos:UploadPart"
        else:
            action = f"{aim.service}:{aim.action}"
        # What administers Cloud Infinite is authorised as a whole (CI 460/41741).
        resource = "" if aim.service == "ci" else aim.resource
        if aim.action == "PostObject":
            resource = f"{aim.bucket}/{forms.read(exchange.request).fields.get('key', '')}"
        self.may(exchange.identity, aim, action, resource)

    def may(self, identity: Identity | None, aim: Target, action: str, resource: str) -> None:
        """Raise `Refused` AccessDenied unless CAM lets the caller, or an ACL lets everyone."""
        if self._public(action, resource, identity is not None):
            return
        if identity is None:
            raise refuse("AccessDenied", "Access Denied.")
        service = action.partition(":")[0]
        named = f"bucket/{resource}" if service == "ci" else resource
        region = self._region(resource) or aim.region
        arn = f"qcs::{service}:{region}:uid/{self.cam.appid}:{named}" if resource else "*"
        try:
            self.cam.require(identity, action, arn)
        except Denied as denied:
            who = f"The role {identity.role}" if identity.role else "The account"
            raise refuse("AccessDenied", f"{who} is not authorized to perform {action} on resource {arn}.") from denied

    def _region(self, resource: str) -> str:
        with self.store.lock:
            found = [b for b in self.store.buckets() if b.name == resource.partition("/")[0]]
            return found[0].region if found else ""

    def _public(self, action: str, resource: str, signed_in: bool) -> bool:
        permission = _PUBLIC.get(action)
        name, _, key = resource.partition("/")
        with self.store.lock:
            bucket = next((b for b in self.store.buckets() if b.name == name), None)
            if permission is None or bucket is None:
                return False
            version = self.store.find(bucket, key) if key and permission == "READ" else None
            if version is not None and not version.facts.acl.is_default:
                return version.facts.acl.public(permission, signed_in)
            return bucket.acl.public(permission, signed_in)
