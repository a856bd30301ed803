"""Entry point of the HTTP API's function; configured as `on_http.main_handler`."""

from collections.abc import Mapping
from typing import Any

from facestamp import loading

with loading.for_good():
    from facestamp.http.adapter import answer


def main_handler(event: dict[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    """SCF calls this for each request to the Function URL, or through the old API gateway."""
    return answer(event, context)
