"""Entry point of the HTTP API's function; configured as `on_http.main_handler`."""

import gc
from collections.abc import Mapping
from typing import Any

gc.disable()  # What modules make while they load is kept: looking for garbage among it is a tenth of a cold start.

from facestamp.http.adapter import answer  # noqa: E402 -- that is what loads

gc.freeze()  # Nor is it looked through later.
gc.enable()


def main_handler(event: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """SCF calls this for each request to the Function URL, or through the old API gateway."""
    return answer(event, context)
