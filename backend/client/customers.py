"""The customer: who they are, where they live, what they want to hear of."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.customers import (
    Address,
    ContactPreferences,
    Customer,
    CustomerChange,
    Identity,
    IdentityResolved,
    NewAddress,
    PreferencesChange,
)
from kernel import clock


class CustomerCalls(Wire):
    async def resolve_identity(self, channel: str, external_id: str, phone: str | None = None) -> IdentityResolved:
        """The customer behind a channel identity, made on first sight. Needs a service token.

        Whose it is may change, and that it was seen is written down: an hour later it is another act.
        """
        body = Identity(channel=channel, external_id=external_id, phone=phone)
        key = f"identity:{channel}:{external_id}:{clock.now():%Y%m%d%H}"
        return await self._send(IdentityResolved, "PUT", "customers/identities", body, key=key)

    async def me(self) -> Customer:
        return await self._get(Customer, "customers/me")

    async def change_me(self, name: str | None = None, *, email: str | None = None, key: str) -> Customer:
        return await self._send(Customer, "PATCH", "customers/me", CustomerChange(name=name, email=email), key=key)

    async def addresses(self) -> list[Address]:
        return await self._list(Address, "customers/me/addresses")

    async def add_address(self, text: str, *, key: str) -> Address:
        return await self._send(Address, "POST", "customers/me/addresses", NewAddress(text=text), key=key)

    async def preferences(self) -> ContactPreferences:
        return await self._get(ContactPreferences, "customers/me/preferences")

    async def change_preferences(
        self, *, order_updates: bool | None = None, marketing: bool | None = None, key: str
    ) -> ContactPreferences:
        """What I want to hear of; what is not said stays as it is."""
        body = PreferencesChange(order_updates=order_updates, marketing=marketing)
        return await self._send(ContactPreferences, "PUT", "customers/me/preferences", body, key=key)

    async def preferences_of(self, customer_id: str) -> ContactPreferences:
        """What a customer wants to hear of. Needs a service token."""
        return await self._get(ContactPreferences, f"customers/{segment(customer_id)}/preferences")
