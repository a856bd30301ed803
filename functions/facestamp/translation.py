"""What the COS SDK raises and returns, in our own terms.

Its exceptions hold addresses and keys, so nothing of them is passed on but the code and the request's id. Not every
answer has a code: HEAD's have no body, and a gateway in between may answer with a page of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar
from xml.etree.ElementTree import ParseError

from qcloud_cos import CosClientError, CosServiceError
from requests import RequestException
from urllib3.exceptions import HTTPError

from facestamp.errors import NoAnswer, ServiceError

Result = TypeVar("Result")


def translated(action: str, call: Callable[[Any], Result], client: Any) -> Result:
    """Make the call; the SDK's errors as ours. They hold addresses, so their texts stay behind."""
    service = "ci" if action == "DetectFace" else "cos"
    try:
        answer = call(client)
    except CosServiceError as error:
        code, status = error.get_error_code(), error.get_status_code()
        if code in ("Unknown", "NoSuchResource", "", None):
            code = _code_of(status)
        raise ServiceError(service, action, code, request_id=str(error.get_request_id())) from None
    except (CosClientError, RequestException, HTTPError):
        raise NoAnswer(service, action) from None
    except (ParseError, json.JSONDecodeError, UnicodeDecodeError):
        # A success that broke off, or that was no answer of COS's at all.
        raise NoAnswer(service, action) from None
    if isinstance(answer, dict) and "Code" in answer and "Message" in answer:
        raise ServiceError(service, action, str(answer["Code"]), request_id=str(answer.get("RequestId", "")))
    return answer


def _code_of(status: int) -> str:
    """A code for an answer that came without one, as HEAD's do."""
    if status >= 500:
        return "InternalError"
    return {403: "AccessDenied", 404: "NoSuchKey", 412: "PreconditionFailed"}.get(status, "InvalidRequest")
