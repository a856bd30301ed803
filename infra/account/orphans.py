"""What belonged to a function that was deleted outside Pulumi, and keeps its stack from being destroyed.

SCF deletes with a function what is configured of it, and refuses to delete that once more. The provider passes that
over for a function, and for its quota and its retries takes it for a failure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from infra.account import leftovers
from infra.account.clients import Clients

BELONGING: Final = ("ScfReservedConcurrencyConfig", "ScfFunctionEventInvokeConfig")
"""Pulumi's types, without the module."""


def find(resources: Sequence[Mapping[str, Any]], clients: Clients) -> Iterator[tuple[str, list[str]]]:
    """Each function that is gone, of a state's resources, and the URNs of what belonged to it and is still there.

    Raises `clients.REFUSALS`.
    """
    owners: dict[str, list[str]] = {}
    for resource in resources:
        if str(resource["type"]).rpartition(":")[2] in BELONGING:
            owners.setdefault(str(resource["inputs"]["functionName"]), []).append(str(resource["urn"]))
    for function, urns in owners.items():
        if not any(leftovers.functions(clients, function)):
            yield function, urns
