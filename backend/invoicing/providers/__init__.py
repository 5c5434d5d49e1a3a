"""The e-invoicing providers there are: every file of this folder is looked into, so one file adds one."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from backend.invoicing.providers.base import Outcome, Provider, Submission, registered

__all__ = ["LOCAL", "Outcome", "Provider", "Submission", "provider_of"]

LOCAL = "local"
for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def provider_of(code: str) -> Provider:
    return registered()[code]
