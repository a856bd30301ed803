"""What the local cloud says about itself, on its plain address: `http://127.0.0.1:9000/`.

| request           | answer                                                                             |
|-------------------|------------------------------------------------------------------------------------|
| `GET /`           | what there is: functions, buckets, the latest invocations; HTML for a browser      |
| `GET /calls`      | the journal: every request that a service answered                                 |
| `GET /logs`       | what the functions and the platform wrote                                          |
| `POST /faults`    | something to go wrong, as JSON: the fields of `infra.local.faults.Fault`           |
| `DELETE /faults`  | nothing goes wrong on purpose any more                                             |

Nothing of it is Tencent's. No answer holds a credential, a signature or a face; `/calls` names objects, and so whom
their keys name. A fault must come as application/json, which no foreign web page can send here.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug import Request, Response

from infra.local.faults import Fault
from infra.local.gateway import Refused, Wanted
from infra.local.journal import Call

if TYPE_CHECKING:
    from infra.local.cloud import LocalCloud

HOST: Final = r"localhost|127\.0\.0\.1"
SERVICE: Final = "local"
"""This page's name in the journal."""
LATEST: Final = 20
_HIDDEN: Final = ("secret_id",)


class AskedFault(BaseModel):
    """A fault that may be asked for over HTTP: all but `run`, which needs code."""

    model_config = ConfigDict(extra="forbid")

    effect: Literal["delay", "fail", "drop", "kill"]
    when: Literal["before", "after"] = "before"
    service: str = ""
    action: str = ""
    resource: str = ""
    by_worker: bool = False
    nth: int = Field(1, ge=1)
    times: int = Field(1, ge=0)
    seconds: float = Field(0.0, ge=0, le=600)
    code: str = "InternalError"
    status: int = Field(500, ge=400, le=599)


class FrontPage:
    """The page as a service at the gateway."""

    def __init__(self, cloud: LocalCloud) -> None:
        self._cloud = cloud

    def wanted(self, request: Request) -> Wanted:
        """Method and path."""
        return Wanted(SERVICE, f"{request.method} {request.path}")

    def answer(self, request: Request, call: Call) -> Response:
        """The page, or `Refused`."""
        match request.method, request.path:
            case "GET", "/":
                about = self._about()
                wants_html = "text/html" in request.headers.get("Accept", "")
                return Response(_html(about), mimetype="text/html") if wants_html else _json(about)
            case "GET", "/calls":
                return _json(self._calls())
            case "GET", "/logs":
                return _json(self._logs())
            case "POST", "/faults":
                return _json(asdict(self._fault(request)))
            case "DELETE", "/faults":
                self._cloud.faults.clear()
                return Response(status=204)
        raise Refused("NotFound", "There are GET /, /calls and /logs, POST /faults and DELETE /faults.", 404)

    def refusal(self, refused: Refused, request: Request, call: Call) -> Response:
        """As JSON."""
        return _json({"code": refused.code, "message": refused.message}, refused.status)

    def _about(self) -> dict[str, Any]:
        cloud = self._cloud
        return {
            "what": "facestamp's local cloud: COS, Cloud Infinite, IAI, SCF and CAM on this machine. Use this address"
            " as the HTTP proxy of any client, and the real host names over http.",
            "functions": [function.name for function in cloud.scf.functions()],
            "buckets": [bucket.name for bucket in cloud.storage.store.buckets()],
            "prefixes": dict(cloud.outputs.get("prefixes", {})),
            "calls": len(self._calls()),
            "paid": len(cloud.journal.paid()),
            "latest": [asdict(invocation) for invocation in reversed(cloud.scf.invocations[-LATEST:])],
            "more": ["/calls", "/logs"],
        }

    def _calls(self) -> list[dict[str, Any]]:
        calls = [call for call in self._cloud.journal.calls() if call.service != SERVICE]
        return [{name: value for name, value in asdict(call).items() if name not in _HIDDEN} for call in calls]

    def _logs(self) -> list[dict[str, Any]]:
        """The lines, less what the API answered: this page asks for no key, and those answers take one."""
        api = self._cloud.outputs.get("apiFunction")
        told = [asdict(line) for line in self._cloud.scf.logs()]
        for line in told:
            if line["function"] == api and line["type"] == "Platform":
                line["text"] = re.sub(r"(?s)(?<= RetMsg:).*", "(not shown here)", line["text"])
        return told

    def _fault(self, request: Request) -> Fault:
        if request.mimetype != "application/json":
            raise Refused("UnsupportedMediaType", "Send the fault as application/json.", 415)
        try:
            asked = AskedFault.model_validate_json(request.get_data())
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "body"
            raise Refused("InvalidParameter", f"{where}: {first['msg']}.") from None
        return self._cloud.faults.add(Fault(**asked.model_dump()))


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content, indent=2, ensure_ascii=False) + "\n", status, mimetype="application/json")


def _html(about: dict[str, Any]) -> str:
    def rows(name: str) -> str:
        return "".join(f"<li>{html.escape(str(item))}</li>" for item in about[name])

    columns = ("function", "source", "attempt", "status", "error", "duration", "memory", "coldstart", "request_id")
    head = "".join(f"<th>{name}</th>" for name in columns)
    latest = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_short(run[name]))}</td>" for name in columns) + "</tr>"
        for run in about["latest"]
    )
    links = " · ".join(f'<a href="{path}">{path}</a>' for path in about["more"])
    return (
        "<!doctype html><meta charset=utf-8><title>facestamp: local cloud</title>"
        "<style>body{font:15px system-ui;margin:2em auto;max-width:70em;padding:0 1em}"
        "td,th{padding:.2em .8em .2em 0;text-align:left}</style>"
        f"<h1>facestamp's local cloud</h1><p>{html.escape(about['what'])}</p>"
        f"<p>{about['calls']} calls, {about['paid']} of them paid. {links}</p>"
        f"<h2>Functions</h2><ul>{rows('functions')}</ul><h2>Buckets</h2><ul>{rows('buckets')}</ul>"
        f"<h2>Latest invocations</h2><table><tr>{head}</tr>{latest}</table>"
    )


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
