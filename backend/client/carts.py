"""The customer's cart, up to its confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from backend.client.wire import Wire
from backend.schemas.carts import (
    Cart,
    CartChange,
    CartChanges,
    CheckoutChoice,
    Confirmation,
    DiscountChoice,
    ShortageChoice,
)
from backend.schemas.shop import PaymentMethod


class CartCalls(Wire):
    async def cart(self) -> Cart:
        return await self._get(Cart, "cart")

    async def payment_methods(self) -> list[PaymentMethod]:
        """The ways in which this customer may pay."""
        return await self._list(PaymentMethod, "cart/payment-methods")

    async def change_cart(self, changes: Sequence[CartChange], *, key: str) -> Cart:
        """All of the changes or none of them."""
        return await self._send(Cart, "POST", "cart/changes", CartChanges(changes=list(changes)), key=key)

    async def choose_checkout(
        self,
        *,
        address_id: str | None = None,
        address_text: str | None = None,
        payment_method: str | None = None,
        pickup_location: str | None = None,
        key: str,
    ) -> Cart:
        body = CheckoutChoice(
            address_id=address_id,
            address_text=address_text,
            payment_method=payment_method,
            pickup_location=pickup_location,
        )
        return await self._send(Cart, "PUT", "cart/checkout", body, key=key)

    async def resolve_cart_shortage(
        self,
        sku: str,
        choice: Literal["wait", "drop", "substitute", "reduce"],
        substitute_sku: str | None = None,
        *,
        key: str,
    ) -> Cart:
        """One of the choices that came with the refusal `out_of_stock`."""
        body = ShortageChoice(sku=sku, choice=choice, substitute_sku=substitute_sku)
        return await self._send(Cart, "PUT", "cart/shortages", body, key=key)

    async def apply_discount(self, code: str, *, key: str) -> Cart:
        return await self._send(Cart, "PUT", "cart/discount", DiscountChoice(code=code), key=key)

    async def remove_discount(self, *, key: str) -> Cart:
        return await self._send(Cart, "DELETE", "cart/discount", None, key=key)

    async def confirm_cart(self, *, key: str) -> Confirmation:
        """A confirmation to show the customer: it stands for this very content."""
        return await self._send(Confirmation, "POST", "cart/confirmation", None, key=key)
