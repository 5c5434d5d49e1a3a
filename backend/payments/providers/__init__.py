"""The payment providers there are: every file of this folder is looked into, so one file adds one."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from importlib import import_module

from backend.payments.errors import ProviderNotFound
from backend.payments.providers.base import (
    Asked,
    Day,
    Listed,
    Opened,
    Outcome,
    Payout,
    Provider,
    ProviderEvent,
    Seen,
    SeenDispute,
    SeenRefund,
    registered,
)
from kernel.config import Settings

__all__ = [
    "Asked",
    "Day",
    "Listed",
    "Opened",
    "Outcome",
    "Payout",
    "Provider",
    "ProviderEvent",
    "Providers",
    "Seen",
    "SeenDispute",
    "SeenRefund",
]

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


class Providers:
    """The providers that these settings have keys for."""

    def __init__(self, ready: Mapping[str, Provider]) -> None:
        self._ready = dict(ready)

    @classmethod
    def of(cls, settings: Settings) -> Providers:
        makers: Mapping[str, Callable[[Settings], Provider | None]] = registered()
        made = {code: maker(settings) for code, maker in makers.items()}
        return cls({code: provider for code, provider in made.items() if provider is not None})

    @property
    def codes(self) -> list[str]:
        return sorted(self._ready)

    def named(self, code: str) -> Provider:
        """Raises: ProviderNotFound."""
        if code not in self._ready:
            raise ProviderNotFound(provider=code[:20], providers=self.codes)
        return self._ready[code]
