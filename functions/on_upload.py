"""Entry point of the function that COS uploads trigger; configured as `on_upload.main_handler`."""

from collections.abc import Mapping
from typing import Any

from facestamp import loading

with loading.for_good():
    from facestamp.upload import on_upload


def main_handler(event: object, context: Mapping[str, Any]) -> dict[str, int]:
    """SCF calls this for each event; what is returned is logged, so it holds counts only."""
    return on_upload(event, context)
