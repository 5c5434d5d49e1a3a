"""What the shop and its other customers do while one customer talks: every act is a call of the real OMS."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from backend.client import BackendClient
from backend.schemas.carts import CartChange
from tests import shop_staff
from tests.rasa_server import Assistant


class Shop:
    """Acts by name: `{left: {SKU: 2}}` has someone else buy all but two of it, `{ship: 1}` ships the first order.

    `ship_apart` packs a parcel for each line, `deliver_first` delivers one of them, `out` sends the van round,
    `{miss: {SKU: 2}}` finds all but two of it on the shelf for the latest order.
    """

    def __init__(self, assistant: Assistant, numbers: list[str]) -> None:
        self._assistant = assistant
        self._numbers = numbers

    async def does(self, acts: dict[str, Any] | None) -> None:
        async with self._assistant.staff() as oms:
            for act, what in (acts or {}).items():
                await getattr(self, f"_{act}")(oms, what)

    async def _pack(self, oms: BackendClient, order: int) -> None:
        await shop_staff.pack(oms, self._numbers[order - 1])

    async def _miss(self, oms: BackendClient, missing: dict[str, int]) -> None:
        for sku, short in missing.items():
            number = self._numbers[-1]
            [wanted] = [line for line in (await oms.fulfillment(f"{number}-1")).lines if line.sku == sku]
            await shop_staff.miss(oms, number, sku, found=wanted.quantity - short, short=short)

    async def _ship(self, oms: BackendClient, order: int) -> None:
        await shop_staff.ship(oms, self._numbers[order - 1])

    async def _ship_apart(self, oms: BackendClient, order: int) -> None:
        await shop_staff.ship(oms, self._numbers[order - 1], is_apart=True)

    async def _out(self, oms: BackendClient, order: int) -> None:
        await shop_staff.tell(oms, self._numbers[order - 1], "out_for_delivery")

    async def _deliver(self, oms: BackendClient, order: int) -> None:
        await shop_staff.deliver(oms, self._numbers[order - 1])

    async def _deliver_first(self, oms: BackendClient, order: int) -> None:
        await shop_staff.deliver(oms, self._numbers[order - 1], most=1)

    async def _left(self, oms: BackendClient, left: dict[str, int]) -> None:
        for sku, count in left.items():
            available = sum(level.available for level in (await oms.staff_stock(sku)).levels)
            async with self._assistant.service() as service:
                rival = (await service.resolve_identity("web", str(uuid4()))).customer_id
            async with self._assistant.customer(rival) as buyer:
                wanted = CartChange(op="add", sku=sku, quantity=str(available - count))
                await buyer.change_cart([wanted], key="rival")
                await buyer.choose_checkout(
                    address_text="Calle 1 # 2-3", payment_method="cash_on_delivery", key="rival-checkout"
                )
                confirmation = await buyer.confirm_cart(key="rival-confirmation")
                await buyer.place_order(confirmation.confirmation)
