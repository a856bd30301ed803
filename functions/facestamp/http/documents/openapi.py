"""The API's description, OpenAPI 3.1: made of the endpoints, of pydantic's schemas, and of the kinds of problems.

Made when somebody asks for it, and once an instance; no other request imports this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from facestamp.http.documents.schemas import EXAMPLES, REF, example, name_of, unwrapped
from facestamp.http.documents.schemas import schemas as schemas_of
from facestamp.http.endpoint import Endpoint
from facestamp.http.gate.admission import IDEMPOTENCY_KEY
from facestamp.http.replies.problems import KINDS, MEDIA, Kind

_ABOUT: Final = """\
Everything is JSON in snake case, and fields that are not named here are refused. What Tencent documents keeps its
documented shape. A photo is named by `key`, as keys hold slashes and any ending.

A key has scopes: `read` what is known, `analyse` pictures, `enrol` people, and `admin`, which deletes. What goes wrong
is `application/problem+json` (RFC 9457): `detail` says in one sentence what to do, `code` and `request_id` are
Tencent's, and `retry` says whether the same request can do better later."""

_SECURITY: Final[Mapping[str, Mapping[str, str]]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key; the deployment keeps only its hash."},
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": (
            "`FACESTAMP-HMAC-SHA256 Key=…, Timestamp=…, Signature=…`: a signature of the request by a signing key,"
            " which is never sent; good for 300 seconds either way."
        ),
    },
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole description, as OpenAPI 3.1.0 has it."""
    schemas = schemas_of(endpoints)
    queries = {endpoint.query.__name__ for endpoint in endpoints}
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "facestamp",
            "version": "1",
            "summary": "The faces in photos: found, described, enrolled and searched.",
            "description": unwrapped(_ABOUT),
        },
        "servers": [{"url": "/", "description": "This deployment"}],
        "tags": list(_tags(endpoints)),
        "paths": paths,
        "components": {
            "securitySchemes": _SECURITY,
            "parameters": {"IdempotencyKey": _IDEMPOTENCY_KEY},
            "headers": {
                "RequestId": _REQUEST_ID,
                "TencentRequestId": _TENCENT_ID,
                "RetryAfter": _RETRY_AFTER,
                "Replayed": _REPLAYED,
            },
            "responses": {f"Problem{status}": _problem(status) for status in sorted({kind.status for kind in KINDS})},
            "schemas": {name: schema for name, schema in sorted(schemas.items()) if name not in queries}
            | {"Problem": _PROBLEM},
        },
    }


_REQUEST_ID: Final = {
    "description": "The invocation's id, which stands in the function's log.",
    "schema": {"type": "string"},
}
_RETRY_AFTER: Final = {
    "description": "Seconds after which to try again.",
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
}
_TENCENT_ID: Final = {
    "description": "Tencent's id of the call that this comes from, where there was one.",
    "schema": {"type": "string"},
}
_REPLAYED: Final = {
    "description": "That this was answered before, to a request with the same Idempotency-Key.",
    "schema": {"const": "true"},
}
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A new one for each change, and the same each time you send that request: it is then done once, and its answer"
        " is sent again with `Idempotent-Replayed: true`. Needed where the request is signed."
    ),
    "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY.pattern}$"},
    "example": "enrol-ada-2026-11-21",
}
_PROBLEM: Final = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "enum": [f"/docs#{kind.slug}" for kind in KINDS],
            "description": "What kind of problem it is, and where that is described.",
        },
        "title": {"type": "string", "description": "The kind, in words."},
        "status": {"type": "integer", "description": "The answer's status."},
        "detail": {"type": "string", "description": "What happened, and what to do, in one sentence."},
        "code": {"type": "string", "description": "Tencent's error code, where Tencent refused."},
        "request_id": {"type": "string", "description": "Tencent's id of the call that was refused."},
        "retry": {"type": "boolean", "description": "Whether the same request can do better later."},
    },
    "required": ["type", "title", "status", "detail", "retry"],
}


def _tags(endpoints: Sequence[Endpoint]) -> Iterator[dict[str, str]]:
    for name, about in dict.fromkeys(endpoint.heading for endpoint in endpoints):
        yield {"name": name, "description": unwrapped(about).partition("\n\n")[0]}


def _operation(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    told = [unwrapped(endpoint.answer.__doc__ or "")]
    told.append(f"Takes a key with the scope `{endpoint.scope}`." if endpoint.scope else "Open to everybody.")
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "tags": [endpoint.heading.name],
        "summary": endpoint.summary,
        "description": "\n\n".join(filter(None, told)),
        "security": [{scheme: [endpoint.scope]} for scheme in _SECURITY] if endpoint.scope else [],
        "parameters": list(_parameters(endpoint, schemas)),
        "responses": {str(endpoint.status): _success(endpoint, schemas)}
        | {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses(endpoint)},
    }
    if endpoint.body:
        reference = {"$ref": REF + name_of(endpoint.body, schemas, "Input")}
        media = {"schema": reference, "example": example(reference, schemas)}
        operation["requestBody"] = {"required": True, "content": {"application/json": media}}
    return operation


def _parameters(endpoint: Endpoint, schemas: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)", endpoint.path):
        found = endpoint.parameters.get(name)
        schema = {"type": "string", "minLength": 1, **({"pattern": f"^(?:{found.pattern})$"} if found else {})}
        yield {"name": name, "in": "path", "required": True, "schema": schema} | _shown(name)
    query = schemas[name_of(endpoint.query, schemas, "Input")]
    for name, found in query.get("properties", {}).items():
        schema = _not_null(found)
        told = {"description": schema.pop("description")} if "description" in schema else {}
        required = name in query.get("required", ())
        shown = _shown(name) if required else {}
        yield {"name": name, "in": "query", "required": required, **told, "schema": schema} | shown
    if endpoint.changing:
        yield {"$ref": "#/components/parameters/IdempotencyKey"}


def _shown(name: str) -> dict[str, Any]:
    return {"example": EXAMPLES[name]} if name in EXAMPLES else {}


def _not_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a query's value, which is there or not, and never null."""
    kept = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    plain = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    return {**plain, **kept[0]} if len(kept) == 1 else {**plain, **({"anyOf": kept} if kept else {})}


def _success(endpoint: Endpoint, schemas: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(endpoint.gives, str):
        kind = "object" if endpoint.gives.endswith("json") else "string"
        return _response(endpoint.summary, endpoint.gives, {"type": kind})
    about = unwrapped(endpoint.gives.__doc__ or endpoint.summary).partition("\n\n")[0]
    response = _response(about, "application/json", {"$ref": REF + name_of(endpoint.gives, schemas, "Output")})
    if endpoint.permissions:
        response["headers"]["X-Tencent-Request-Id"] = {"$ref": "#/components/headers/TencentRequestId"}
    if endpoint.changing:
        response["headers"]["Idempotent-Replayed"] = {"$ref": "#/components/headers/Replayed"}
    return response


def _response(about: str, media_type: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "description": about,
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {media_type: {"schema": schema}},
    }


def statuses(endpoint: Endpoint) -> list[int]:
    """Every status with which it may refuse."""
    found = {400, 500, *endpoint.problems}
    if endpoint.scope:
        found |= {401, 403, 503}
    if endpoint.body:
        found |= {413, 415}
    if endpoint.changing:
        found |= {409, 502, 504}
    if endpoint.permissions or endpoint.reach:
        found |= {429, 502, 504}
    return sorted(found)


def _problem(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind.status == status]
    response = _response(
        "; or: ".join(f"{kind.title} (`{kind.slug}`)" for kind in kinds), MEDIA, {"$ref": REF + "Problem"}
    )
    response["headers"]["X-Tencent-Request-Id"] = {"$ref": "#/components/headers/TencentRequestId"}
    response["content"][MEDIA]["examples"] = {kind.slug: {"value": problem_example(kind)} for kind in kinds}
    if any(kind.retry for kind in kinds):
        response["headers"]["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return response


def problem_example(kind: Kind) -> dict[str, Any]:
    """A problem of this kind, as it may come."""
    return {
        "type": f"/docs#{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": f"{kind.title}.",
        "retry": kind.retry,
    }
