"""What the shop and its other customers do while one customer talks: every act is a call of the real OMS."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select

from backend.client import BackendClient
from backend.orders.models import Order
from backend.schemas.carts import CartChange
from backend.schemas.inventory import ReceivedLine, StockReceipt
from backend.schemas.returns import NewReturnFor, ReturnLineFor
from backend.shipping.models import Shipment
from kernel.db import Database
from tests import shop_staff
from tests.rasa_server import Assistant

LEAST = 25


class Shop:
    """Acts by name: `{left: {SKU: 2}}` has someone else buy all but two of it, `{ship: 1}` ships the first order.

    `ship_apart` packs a parcel for each line, `deliver_first` delivers one of them, `out` sends the van round,
    `bounce` has it bring everything back,
    `{miss: {SKU: 2}}` finds all but two of it on the shelf for the latest order. `{return: {SKU: 1}}` asks for a return
    of the latest order at the counter, `{reject: why}` rejects its latest, `{collect: 1}` delivers the first order and
    takes its cash, `{cancel: 1}` cancels it, and `{late: 40}` has all parcels delivered so many days earlier.
    """

    def __init__(self, assistant: Assistant, numbers: list[str]) -> None:
        self._assistant = assistant
        self._numbers = numbers

    async def does(self, acts: dict[str, Any] | None) -> None:
        async with self._assistant.staff() as oms:
            for act, what in (acts or {}).items():
                await getattr(self, f"_{act}")(oms, what)

    async def restock(self, skus: Iterable[str]) -> None:
        """All dialogues buy from one shop: what they find sold out comes in again."""
        async with self._assistant.staff() as oms:
            for sku in sorted(skus):
                levels = (await oms.staff_stock(sku)).levels
                if sum(level.available for level in levels) < LEAST:
                    came = StockReceipt(location=levels[0].location, lines=[ReceivedLine(sku=sku, quantity=LEAST)])
                    await oms.receive_stock(came, key=str(uuid4()))

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

    async def _bounce(self, oms: BackendClient, order: int) -> None:
        await shop_staff.tell(oms, self._numbers[order - 1], "returned_to_origin")

    async def _deliver(self, oms: BackendClient, order: int) -> None:
        await shop_staff.deliver(oms, self._numbers[order - 1])

    async def _collect(self, oms: BackendClient, order: int) -> None:
        number = self._numbers[order - 1]
        total = (await oms.staff_order(number)).total
        await shop_staff.deliver(oms, number, collected_minor=total.amount_minor)

    async def _deliver_first(self, oms: BackendClient, order: int) -> None:
        await shop_staff.deliver(oms, self._numbers[order - 1], most=1)

    async def _cancel(self, oms: BackendClient, order: int) -> None:
        await oms.staff_cancel_order(self._numbers[order - 1], key=str(uuid4()))

    async def _return(self, oms: BackendClient, lines: dict[str, int]) -> None:
        for sku, quantity in lines.items():
            wish = NewReturnFor(lines=[ReturnLineFor(line=sku, quantity=quantity, reason="not_wanted")])
            await oms.request_return_for(self._numbers[-1], wish, key=str(uuid4()))

    async def _reject(self, oms: BackendClient, why: str) -> None:
        asked = (await oms.returns(status="requested")).returns
        [rma] = [each.number for each in asked if each.order_number == self._numbers[-1]]
        await oms.reject_return(rma, why, key=str(uuid4()))

    async def _late(self, _oms: BackendClient, days: int) -> None:
        database = Database(self._assistant.settings.database_url)
        with database.write() as session:
            ids = select(Order.id).where(Order.number.in_(self._numbers))
            for parcel in session.scalars(select(Shipment).where(Shipment.order_id.in_(ids))):
                assert parcel.delivered_at is not None
                parcel.delivered_at -= timedelta(days=days)
        database.dispose()

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
