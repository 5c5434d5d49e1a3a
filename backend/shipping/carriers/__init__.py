"""The carriers there are: every file of this folder is looked into, so one file adds one."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from backend.shipping.carriers.base import Carrier, CarrierEvent, TableRate, registered
from backend.shipping.errors import CarrierNotFound

__all__ = ["Carrier", "CarrierEvent", "TableRate", "carrier_of", "carriers"]

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def carriers() -> list[Carrier]:
    return [registered()[code] for code in sorted(registered())]


def carrier_of(code: str) -> Carrier:
    """Raises: CarrierNotFound."""
    if code not in registered():
        raise CarrierNotFound(carrier=code[:40], carriers=sorted(registered()))
    return registered()[code]
