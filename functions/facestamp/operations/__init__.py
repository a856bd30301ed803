"""The face operations that a route can run: one file each, found by looking.

Adding an operation means adding one file here. It holds a subclass of `Operation`: the parameters as fields (in
Python's case, with Tencent's names as aliases), the permissions that it needs, how it is asked, and what its answer
says about the faces in the photo. Nothing else needs to know that it exists: settings read its parameters, the policy
derives from its permissions, and the pipeline runs it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from facestamp.operations.base import Answer, Desk, Findings, Operation, Photo

__all__ = ["OPERATIONS", "Answer", "Desk", "Findings", "Operation", "Photo"]


def _found() -> Mapping[str, type[Operation]]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return {kind.__name__: kind for kind in sorted(Operation.__subclasses__(), key=lambda kind: kind.__name__)}


OPERATIONS: Mapping[str, type[Operation]] = _found()
"""Tencent's name of the operation -> the class that does it."""
