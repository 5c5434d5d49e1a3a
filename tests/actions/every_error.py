"""The codes of everything the OMS may refuse to a customer, collected from its error classes."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import backend
from kernel.errors import ComandaError


@cache
def every_error_code() -> frozenset[str]:
    """All codes below `ComandaError` but for failures: those are apologised for in one text, whatever their code."""
    for module in pkgutil.walk_packages(backend.__path__, "backend."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    ours = (kind for kind in _below(ComandaError) if kind.__module__.startswith(("backend.", "kernel.")))
    return frozenset(kind.code for kind in ours if kind.status < 500)


def _below(kind: type[ComandaError]) -> set[type[ComandaError]]:
    kinds = set(kind.__subclasses__())
    return kinds.union(*(_below(one) for one in kinds)) if kinds else set()
