"""COS and Cloud Infinite as one service of the local cloud.

A request passes through five rooms: `target` names what it is aimed at, `signature` proves who sent it, CAM (or a
public ACL) says whether he may, the handler of its action does it, and `errors` dresses what was refused. Handlers of
plain storage run under the store's lock, so each is one step; pictures are looked at outside of it. Events leave when
the lock is free again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from werkzeug import Request, Response

from infra.local.cam import Cam
from infra.local.clock import Clock
from infra.local.cos import (
    buckets,
    copying,
    cors,
    errors,
    forms,
    images,
    infinite,
    lifecycle,
    listing,
    multipart,
    objects,
    s3,
    settings,
    signature,
    sigv4,
    target,
)
from infra.local.cos.access import Access
from infra.local.cos.exchange import Exchange, headers_of
from infra.local.cos.images import Eyes
from infra.local.cos.store import Store
from infra.local.cos.target import Target
from infra.local.events import ObjectEvent
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call
from infra.local.readings import Readings

Handler = Callable[[Exchange], Response]

HANDLERS: Final[Mapping[str, Handler]] = {
    "GetService": listing.buckets,
    "PathStyle": buckets.in_path,
    "PutBucket": buckets.create,
    "HeadBucket": buckets.head,
    "DeleteBucket": buckets.delete,
    "GetBucket": listing.objects,
    "GetBucketObjectVersions": listing.versions,
    "GetBucketACL": buckets.get_acl,
    "PutBucketACL": buckets.put_acl,
    "GetBucketLocation": buckets.get_location,
    "GetBucketVersioning": buckets.get_versioning,
    "PutBucketVersioning": buckets.put_versioning,
    "PutBucketCORS": cors.put,
    "PutBucketDomain": buckets.put_domain,
    "PutObject": objects.put,
    "PutObjectCopy": copying.copy,
    "PostObject": forms.post,
    "GetObject": objects.get,
    "HeadObject": objects.head,
    "OptionsObject": cors.preflight,
    "DeleteObject": objects.delete,
    "DeleteMultipleObjects": objects.delete_many,
    "GetObjectACL": objects.get_acl,
    "PutObjectACL": objects.put_acl,
    "GetObjectTagging": objects.get_tagging,
    "PutObjectTagging": objects.put_tagging,
    "DeleteObjectTagging": objects.delete_tagging,
    "InitiateMultipartUpload": multipart.initiate,
    "UploadPart": multipart.upload_part,
    "UploadPartCopy": multipart.copy_part,
    "CompleteMultipartUpload": multipart.complete,
    "AbortMultipartUpload": multipart.abort,
    "ListParts": multipart.list_parts,
    "ListMultipartUploads": multipart.list_uploads,
    "CreateCIBucket": infinite.bind,
    "DeleteCIBucket": infinite.unbind,
    "DescribeCIBuckets": infinite.binding,
    "CreateAiProcessBucket": infinite.enable,
    "DeleteAiProcessBucket": infinite.disable,
    "DescribeAiProcessBucket": infinite.enabled,
}
"""What does each action."""

_SETTINGS: Final[Mapping[str, Handler]] = {
    "GetBucket": settings.get,
    "PutBucket": settings.put,
    "DeleteBucket": settings.delete,
}
_UNCHECKED: Final = ("DeleteMultipleObjects", "DetectFace", "ImageMogr2", "OptionsObject", "PathStyle")
"""Actions whose handlers ask for the permissions themselves, the one that anybody may do, and the one that nobody."""


class Cos:
    """COS and Cloud Infinite; mount it on `infra.local.cos.HOSTS` and `DOMAINS`."""

    def __init__(
        self, clock: Clock, cam: Cam, engine: Eyes, notify: Callable[[ObjectEvent], None], readings: Readings
    ) -> None:
        self.clock, self.cam, self.engine, self.notify, self.readings = clock, cam, engine, notify, readings
        self.store = Store(clock)
        self.access = Access(clock, cam, self.store, readings)

    def close(self) -> None:
        """Forget all objects."""
        self.store.close()

    def lock(self, bucket: str, key: str) -> None:
        """Put an object under object lock: it can then be neither overwritten nor deleted nor copied onto itself."""
        self.store.bucket(bucket).locked.add(key)

    def unlock(self, bucket: str, key: str) -> None:
        """Take an object's lock off."""
        self.store.bucket(bucket).locked.discard(key)

    def sweep(self) -> list[str]:
        """Carry out the buckets' lifecycle rules now, which COS does by itself each day; what went, by name."""
        return lifecycle.sweep(self.store)

    # -- gateway.Service -------------------------------------------------------------------------------------

    def wanted(self, request: Request) -> Wanted:
        """What is asked for; an upload form's key is read from the form."""
        aim = self._aim(request)
        if aim.action == "PostObject":
            form = forms.read(request).fields
            return Wanted(aim.service, aim.action, f"{aim.bucket}/{form.get('key', '')}", form.get("q-ak", ""))
        if aim.action == "OptionsObject":
            return Wanted(aim.service, aim.action, aim.resource)
        authorization = request.headers.get("Authorization", "").strip()
        whose = sigv4.secret_id(authorization) or signature.fields(authorization, aim.query).get("q-ak", "")
        return Wanted(aim.service, aim.action, aim.resource if aim.key else aim.bucket, whose)

    def answer(self, request: Request, call: Call) -> Response:
        """Check who asks and whether he may, do it, and tell the cloud of what was applied."""
        aim = self._aim(request)
        # A browser asks before it sends: the signature in the address is that of the request to come.
        identity = None if aim.action == "OptionsObject" else self.access.caller(request, aim)
        headers = headers_of(request)
        exchange = Exchange(
            request,
            aim,
            s3.understood(headers) if _as_s3(request) else headers,
            identity,
            self.store,
            self.readings,
            self.cam.uin,
            self.cam.appid,
            errors.request_id(request),
            lambda action, resource: self.access.may(identity, aim, action, resource),
        )
        if aim.action not in _UNCHECKED:
            self.access.admit(exchange)
        if aim.service == "ci" and aim.action == "DetectFace":
            response = images.detect_face(exchange, self.engine, call)
        elif aim.service == "ci" and aim.action == "ImageMogr2":
            response = images.thumbnail(exchange)
        else:
            with self.store.lock:
                response = _handler(aim)(exchange)
        for event in exchange.events:
            self.notify(event)
        return self._stamped(response, request)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """COS's Error document; with a status of 200 it is what a copy that failed on its way answers."""
        aim = self._aim(request)
        return self._stamped(errors.dress(refused, request, f"{aim.host}/{aim.key}"), request)

    # -- inside ----------------------------------------------------------------------------------------------

    def _aim(self, request: Request) -> Target:
        return target.read(request, self._owner)

    def _owner(self, domain: str) -> tuple[str, str]:
        with self.store.lock:
            found = [bucket for bucket in self.store.buckets() if domain in buckets.domains(bucket)]
        return (found[0].name, found[0].region) if found else ("", "")

    def _stamped(self, response: Response, request: Request) -> Response:
        response.headers["x-cos-request-id"] = errors.request_id(request)
        origin, aim = request.headers.get("Origin", ""), self._aim(request)
        if origin and aim.action != "OptionsObject":
            response.headers.update(self._cross_origin(origin, request.method, aim))
        response.headers.setdefault("Server", "tencent-cos")
        if _as_s3(request):
            s3.shown(response)
        return response

    def _cross_origin(self, origin: str, method: str, aim: Target) -> dict[str, str]:
        with self.store.lock:
            found = [b for b in self.store.buckets() if b.name == aim.bucket]
            shared = cors.of(found[0]) if found else cors.Cors()
        rule = shared.rule(origin, method)
        return shared.shown(origin, rule) if rule is not None else {}


def _as_s3(request: Request) -> bool:
    return sigv4.is_signed(request.headers.get("Authorization", ""))


def _handler(aim: Target) -> Handler:
    known = HANDLERS.get(aim.action)
    if known is not None:
        return known
    if aim.service == "ci":
        return images.other
    setting = next((h for verb, h in _SETTINGS.items() if aim.action.startswith(verb) and not aim.key), None)
    if setting is None:
        raise Refused("NotImplemented", f"The local cloud has no {aim.action}.", 501)
    return setting
