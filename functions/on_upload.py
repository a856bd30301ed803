"""Entry point of the function that COS uploads trigger; configured as `on_upload.main_handler`."""

import gc
from collections.abc import Mapping
from typing import Any

gc.disable()  # What modules make while they load is kept: looking for garbage among it is a tenth of a cold start.

from facestamp.upload import on_upload  # noqa: E402 -- that is what loads

gc.freeze()  # Nor is it looked through later.
gc.enable()


def main_handler(event: object, context: Mapping[str, Any]) -> dict[str, int]:
    """SCF calls this for each event; what is returned is logged, so it holds counts only."""
    return on_upload(event, context)
