"""The shop's people: they pick, pack, ship, count and receive, take goods back, record money and return it, answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any, TypeVar

from backend.client import BackendClient
from backend.schemas import inventory as stock
from backend.schemas.fulfillment import Fulfillment, PackParcel, Pick
from backend.schemas.payments import NewPayment, NewRefund, PaidOut
from backend.schemas.returns import InspectedLine, InspectReturn, ReceivedLine, ReceiveReturn
from backend.schemas.shipping import NewTrackingEvent
from bench.storm.acting import Actor, World
from bot.client import BotClient
from kernel.errors import ComandaError
from kernel.tokens import Principal

LOCATION = "chapinero"
BIN = "STORM"
CARRIER = "table_rate"


Kind = TypeVar("Kind", bound=Actor)


def member(world: World, name: str, oms: BackendClient, kind: type[Kind], role: str) -> Kind:
    return kind(world, name, oms, Principal("staff", name, name=name, grants=frozenset({f"role:{role}"})))


class Picker(Actor):
    """Takes whatever waits one step on; two of them get into each other's way."""

    async def live(self) -> None:
        while not self.world.is_over:
            with suppress(ComandaError):
                page = await self.oms.fulfillments(status=["pending", "picking", "picked", "packed"])
                ready = [each for each in page.fulfillments if each.partner_id is None]
                if ready:
                    await self._go_on(self.chance.choice(ready[:6]).number)
            await self.pause(0.25)

    async def _go_on(self, number: str) -> None:
        part = await self.oms.fulfillment(number)
        if part.status == "pending":
            await self._step("start", part, lambda key: self.oms.start_picking(number, part.version, key=key))
        elif part.status == "picking":
            # A change of the order, or a customer who goes without, may have left nothing of a line to get.
            left = {line.id: line.quantity - line.picked - line.short for line in part.lines}
            picks = [Pick(line=line, quantity=quantity) for line, quantity in left.items() if quantity > 0]
            await self._step("pick", part, lambda key: self.oms.pick_order(number, part.version, picks, key=key))
        elif part.status == "picked":
            await self._step(
                "pack", part, lambda key: self.oms.pack_order(number, part.version, [PackParcel(lines=[])], key=key)
            )
        elif part.status == "packed":
            shipped = await self._step(
                "ship", part, lambda key: self.oms.ship_order(number, part.version, CARRIER, key=key)
            )
            if shipped is not None and self.chance.random() < 0.7:
                await self._deliver(shipped)

    async def _step(self, kind: str, part: Fulfillment, call: Any) -> Fulfillment | None:
        goods = Counter[str]()
        for line in part.lines:
            goods[line.sku] += line.packed if kind == "ship" else line.quantity
        done: Fulfillment | None = await self.do(
            kind, call, part=part.number, order=part.order_number, version=part.version, goods=dict(goods)
        )
        return done

    async def _deliver(self, part: Fulfillment) -> None:
        await self.pause(0.4)
        for parcel in part.parcels:
            await self._arrives(part.order_number, parcel.number)

    async def _arrives(self, order: str, parcel: str) -> None:
        event = NewTrackingEvent(kind="delivered")
        await self.do(
            "deliver",
            lambda key: self.oms.enter_tracking_event(parcel, event, key=key),
            order=order,
            parcel=parcel,
        )


class Storekeeper(Actor):
    """Receives goods, writes them off and on, counts a shelf, and looks."""

    async def live(self) -> None:
        while not self.world.is_over:
            sku = self.chance.choice(self.world.skus)
            lot = self.chance.random()
            if lot < 0.4:
                await self.look(sku)
            elif lot < 0.7:
                await self._receive(sku)
            elif lot < 0.85:
                await self._adjust(sku)
            else:
                await self._count(sku)
            await self.pause(0.35)

    async def look(self, sku: str, kind: str = "look at stock") -> None:
        await self.see(kind, lambda: self.oms.staff_stock(sku), sku=sku)

    async def _receive(self, sku: str) -> None:
        quantity = self.chance.randint(1, 5)
        bin_code = self.chance.choice((None, BIN))
        line = stock.ReceivedLine(sku=sku, quantity=quantity, bin=bin_code, cost_minor=quantity * 100_000)
        receipt = stock.StockReceipt(location=LOCATION, lines=[line])
        await self.do("receive", lambda key: self.oms.receive_stock(receipt, key=key), sku=sku, adds=quantity)

    async def _adjust(self, sku: str) -> None:
        difference = self.chance.choice((-2, -1, 1))
        body = stock.StockAdjustment(sku=sku, location=LOCATION, difference=difference, note="storm")
        await self.do("adjust", lambda key: self.oms.adjust_stock(body, key=key), sku=sku, adds=difference)

    async def _count(self, sku: str) -> None:
        with suppress(ComandaError):
            shelf = await self.oms.stock_bin(LOCATION, BIN)
            seen = next((line.quantity for line in shelf.lines if line.sku == sku), 0)
            counted = max(0, seen + self.chance.choice((-1, 0, 0, 1)))
            body = stock.NewStockCount(location=LOCATION, bin=BIN, sku=sku, counted=counted, expected=seen)
            await self.do(
                "count", lambda key: self.oms.count_stock(body, key=key), sku=sku, counted=counted, expected=seen
            )


class Returner(Actor):
    """Takes back what customers send back: accepts it, receives it, looks at it, and makes it good."""

    async def live(self) -> None:
        while not self.world.is_over:
            with suppress(ComandaError):
                page = await self.oms.returns()
                going = [each for each in page.returns if each.status not in ("resolved", "rejected", "cancelled")]
                if going:
                    await self._go_on(self.chance.choice(going).number)
            await self.pause(0.6)

    async def _go_on(self, number: str) -> None:
        rma = await self.oms.return_(number)
        if rma.status == "requested":
            await self.do("accept return", lambda key: self.oms.accept_return(number, key=key), rma=number)
        elif rma.status in ("accepted", "in_transit", "partly_received"):
            came = [
                ReceivedLine(line=line.id, quantity=line.quantity - line.received)
                for line in rma.lines
                if line.quantity > line.received
            ]
            body = ReceiveReturn(location=LOCATION, lines=came, is_last=True)
            await self.do("receive return", lambda key: self.oms.receive_return(number, body, key=key), rma=number)
        elif rma.status == "received":
            what = self.chance.choice(("restock", "restock", "scrap"))
            lines = [InspectedLine(line=line.id, quantity=line.received, disposition=what) for line in rma.lines]
            goods, scrapped = Counter[str](), Counter[str]()
            for line in rma.lines:
                goods[line.sku] += line.received if what == "restock" else 0
                scrapped[line.sku] += line.received if what == "scrap" else 0
            seen = InspectReturn(location=LOCATION, lines=lines)
            await self.do(
                "inspect",
                lambda key: self.oms.inspect_return(number, seen, key=key),
                rma=number,
                goods=dict(goods),
                scrapped=dict(scrapped),
            )
        elif rma.status == "inspected":
            await self.do("resolve return", lambda key: self.oms.resolve_return(number, key=key), rma=number)


class Cashier(Actor):
    """Finance: records transfers and cash, gives money back, and says when it has left."""

    async def live(self) -> None:
        while not self.world.is_over:
            lot = self.chance.random()
            with suppress(ComandaError):
                if lot < 0.5:
                    await self._record()
                elif lot < 0.8:
                    await self._give_back()
                else:
                    await self._pay_out()
            await self.pause(0.4)

    async def _record(self) -> None:
        placed = list(self.world.history.of("place", outcome="ok"))
        if not placed:
            return
        number = self.chance.choice(placed[-12:]).answer["number"]  # type: ignore[index]
        order = await self.oms.staff_order(number)
        due = order.due.amount_minor
        if due <= 0 or order.payment_method == "online" or order.status == "cancelled":
            return
        amount = due if self.chance.random() < 0.8 else max(1, due // 2)
        body = NewPayment(method="bank_transfer", amount_minor=amount, currency=order.due.currency)
        await self.do(
            "record payment",
            lambda key: self.oms.record_payment(number, body, key=key),
            order=number,
            amount_minor=amount,
        )

    async def _give_back(self) -> None:
        page = await self.oms.payments(status="captured")
        if not page.payments:
            return
        payment = self.chance.choice(page.payments[:12])
        left = payment.captured.amount_minor - payment.refunded.amount_minor
        if left <= 0:
            return
        amount = self.chance.choice((left, max(1, left // 3)))
        body = NewRefund(amount_minor=amount, currency=payment.amount.currency, reason="storm")
        await self.do(
            "refund",
            lambda key: self.oms.refund(payment.number, body, key=key),
            payment=payment.number,
            amount_minor=amount,
        )

    async def _pay_out(self) -> None:
        page = await self.oms.refunds()
        by_hand = [each for each in page.refunds if each.status == "approved" and each.way == "manual"]
        asked = [each.number for each in page.refunds if each.status == "requested"]
        if asked:
            number = asked[0]
            await self.do("approve refund", lambda key: self.oms.approve_refund(number, key=key), refund=number)
        elif by_hand:
            refund, paid = by_hand[0], PaidOut(out_of="bank")
            await self.do(
                "pay out",
                lambda key: self.oms.pay_out_refund(refund.number, paid, key=key),
                refund=refund.number,
                amount_minor=refund.amount.amount_minor,
            )


class Agent(Actor):
    """Takes a conversation over, says something, and gives it back."""

    async def live(self) -> None:
        bot = self.bot()
        while not self.world.is_over:
            with suppress(ComandaError):
                views, _, _ = await bot.conversations()
                free = [view for view in views if view.owner in ("assistant", "queued")]
                if free:
                    view = self.chance.choice(free)
                    await self._help(bot, view.id, view.version)
            await bot.close()
            await self.pause(3.0)
            bot = self.bot()
        await bot.close()

    async def _help(self, bot: BotClient, conversation_id: str, version: int) -> None:
        claimed = await self.do(
            "claim", lambda key: bot.claim(conversation_id, version, key=key), conversation=conversation_id
        )
        if claimed is None:
            return
        await self.do(
            "agent says",
            lambda key: bot.say(conversation_id, f"{self.name} atiende", key=key),
            conversation=conversation_id,
        )
        await self.pause(1.0)
        for _ in range(5):
            with suppress(ComandaError):
                if await self._gives_back(bot, conversation_id, (await bot.conversation(conversation_id)).last_seq):
                    return
            await asyncio.sleep(0.3)

    async def _gives_back(self, bot: BotClient, conversation_id: str, seen: int) -> bool:
        done = await self.do(
            "release", lambda key: bot.release(conversation_id, seen, key=key), conversation=conversation_id
        )
        return done is not None


async def set_up(world: World, oms: BackendClient) -> None:
    """A shelf to count, and so little of everything that it runs out."""
    keeper = member(world, "opener", oms, Storekeeper, "admin")
    with suppress(ComandaError):
        await keeper.oms.put_up_bin(LOCATION, stock.NewBin(code=BIN), key="storm-bin")
    for sku in world.skus:
        answer = await keeper.oms.staff_stock(sku)
        for level in answer.levels:
            left = level.available - (12 if level.location == LOCATION else 6)
            if left > 0:
                body = stock.StockAdjustment(sku=sku, location=level.location, difference=-left, note="storm begins")
                await keeper.oms.adjust_stock(body, key=f"storm-{sku}-{level.location}")
        await keeper.look(sku, "opening stock")
