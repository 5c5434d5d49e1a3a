"""Customers: they order and pay by what the assistant would do for them, and they write on two channels."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from backend.client import BackendClient
from backend.schemas.carts import CartChange
from backend.schemas.orders import Order
from backend.schemas.returns import NewReturn, NewReturnLine
from bench.storm.acting import AGAIN_S, GIVES_UP, Actor, World
from bench.storm.history import end
from kernel.errors import ComandaError
from kernel.tokens import Principal

ACCOUNT, TOKEN, FROM = "AC" + "c" * 32, "a token of a storm", "whatsapp:+14155238886"
WHATSAPP = "/channels/whatsapp"
METHODS = ("cash_on_delivery", "nequi", "online", "online")
ADDRESS = "Calle 45 # 12-30, Bogotá"
LINK_TRIES = 40


class Buyer(Actor):
    """Fills a cart, orders it, pays, cancels, sends goods back; then begins again."""

    async def live(self) -> None:
        while self.principal is None:
            await self._arrive()
        while not self.world.is_over:
            order = await self._buy()
            if order is not None:
                await self._after(order)
            await self.pause(0.3)

    async def _arrive(self) -> None:
        bot = self._oms.with_token(self.world.token(Principal("service", "bot")))
        with suppress(ComandaError):
            known = await bot.resolve_identity("web", f"storm-{self.name}")
            self.principal = Principal("customer", known.customer_id)
            return
        await asyncio.sleep(AGAIN_S)

    async def _buy(self) -> Order | None:
        skus = self.chance.sample(self.world.skus, self.chance.choice((1, 1, 2)))
        changes = [CartChange(op="clear")]
        changes += [CartChange(op="set", sku=sku, quantity=str(self.chance.choice((1, 1, 2, 3)))) for sku in skus]
        cart = await self.do("fill cart", lambda key: self.oms.change_cart(changes, key=key))
        method = self.chance.choice(METHODS)
        if cart is None or await self._choose(method) is None:
            return None
        confirmed = await self.do("confirm cart", lambda key: self.oms.confirm_cart(key=key))
        if confirmed is None:
            return None
        await self.pause(0.2)
        if self.chance.random() < 0.1:
            # Thought better of it: what is held for them is held until its time is over, or the next cart.
            return None
        lines: dict[str, int] = {}
        for line in confirmed.cart.lines:
            lines[line.sku] = lines.get(line.sku, 0) + line.base_quantity
        confirmation = confirmed.confirmation
        return await self.do(
            "place",
            lambda _: self.oms.place_order(confirmation),
            key=f"order:place:{confirmation}",
            lines=lines,
            method=method,
            total_minor=confirmed.cart.total.amount_minor,
        )

    async def _choose(self, method: str) -> object:
        return await self.do(
            "choose",
            lambda key: self.oms.choose_checkout(address_text=ADDRESS, payment_method=method, key=key),
        )

    async def _after(self, order: Order) -> None:
        lot = self.chance.random()
        if order.payment_method == "online" and lot < 0.8:
            await self._pay(order.number)
        if lot < 0.2 or 0.7 < lot < 0.8:
            await self.pause(0.5)
            await self.do("cancel", lambda key: self.oms.cancel_order(order.number, key=key), order=order.number)
        elif lot < 0.45:
            await self._send_back(order)

    async def _pay(self, number: str) -> None:
        key = self.key()
        for _ in range(LINK_TRIES):
            link = await self.do("link", lambda name: self.oms.payment_link(number, key=name), key=key, order=number)
            if link is None:
                return
            if link.url is not None:
                await self._pay_at(number, link.payment, link.url, link.amount.amount_minor)
                return
            # The same link, as it stands now: another act.
            key = self.key()
            await asyncio.sleep(AGAIN_S)

    async def _pay_at(self, order: str, payment: str, url: str, amount_minor: int) -> None:
        """On the provider's page, which says that it is paid; or nobody knows."""
        operation = self.world.history.begin(
            self.name, "pay", payment, order=order, amount_minor=amount_minor, ref=urlsplit(url).path.rpartition("/")[2]
        )
        own = f"http://127.0.0.1:{self.world.settings.port}{urlsplit(url).path}"
        for _ in range(5):
            operation.tries += 1
            with suppress(httpx.HTTPError):
                async with httpx.AsyncClient(trust_env=False, timeout=10) as page:
                    answer = await page.post(own, data={"wish": "captured"})
                if answer.status_code == httpx.codes.OK:
                    end(operation, "ok", {})
                    return
            await asyncio.sleep(AGAIN_S)

    async def _send_back(self, order: Order) -> None:
        """Once it is there: some of it is wrong."""
        for _ in range(12):
            await self.pause(1.5)
            now = await self.see("look at order", lambda: self.oms.order(order.number), order=order.number)
            if self.world.is_over or (now is not None and now.status == "cancelled"):
                return
            if now is not None and now.fulfillment_status == "delivered":
                await self._ask_return(order)
                return

    async def _ask_return(self, order: Order) -> None:
        line = self.chance.choice(order.lines)
        back = NewReturnLine(line=line.sku, quantity=line.base_quantity, reason="wrong_item")
        wish = NewReturn(lines=[back], wish=self.chance.choice(("refund", "store_credit")))
        await self.do(
            "ask return", lambda key: self.oms.request_return(order.number, wish, key=key), order=order.number
        )


class Chatter(Actor):
    """Writes in the web chat, and sends again what was not acknowledged."""

    async def live(self) -> None:
        token: str | None = None
        number = 0
        unacknowledged: list[Saying] = []
        while not self.world.is_over:
            with suppress(OSError, WebSocketException, TimeoutError, ValueError):
                async with connect(
                    f"ws://127.0.0.1:{self.world.settings.port}/chat/socket",
                    origin=self.world.settings.public_url,  # type: ignore[arg-type]
                    proxy=None,
                    compression=None,
                    open_timeout=5,
                ) as socket:
                    await socket.send(json.dumps({"type": "hello", "token": token, "last_seq": 0, "locale": "es"}))
                    welcome = json.loads(await asyncio.wait_for(socket.recv(), 5))
                    token = welcome.get("token", token)
                    while not self.world.is_over:
                        if not unacknowledged:
                            number += 1
                            unacknowledged.append(self._think(number, welcome["conversation_id"]))
                        await self._say(socket, unacknowledged)
                        await self.pause(0.8)
            await asyncio.sleep(AGAIN_S)

    def _think(self, number: int, conversation_id: str) -> Saying:
        text = f"{self.name} dice {number}"
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        return Saying(key, text, conversation_id)

    async def _say(self, socket: Any, sayings: list[Saying]) -> None:
        saying = sayings[0]
        if saying.operation is None:
            saying.operation = self.world.history.begin(
                self.name, "say", saying.key, text=saying.text, conversation=saying.conversation_id, channel="web"
            )
        saying.operation.tries += 1
        await socket.send(json.dumps({"type": "message", "client_id": saying.key, "text": saying.text}))
        async with asyncio.timeout(5):
            while True:
                frame = json.loads(await socket.recv())
                if frame.get("client_id") == saying.key and frame["type"] in ("ack", "error"):
                    break
        if frame["type"] == "ack":
            end(saying.operation, "ok", {"seq": frame["seq"]})
            sayings.clear()
        elif frame["code"] not in ("unavailable", "too_fast"):
            end(saying.operation, "fail", {"code": frame["code"]})
            sayings.clear()


@dataclass
class Saying:
    key: str
    text: str
    conversation_id: str
    operation: Any = field(default=None)


class Texter(Actor):
    """Writes on WhatsApp: Twilio posts it, signed, until it is taken; now and then twice."""

    def __init__(self, world: World, name: str, oms: BackendClient, number: int) -> None:
        super().__init__(world, name, oms)
        self.sender = f"whatsapp:+57300{world.seed % 100:02d}{number:05d}"

    async def live(self) -> None:
        number = 0
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.world.settings.port}", trust_env=False, timeout=15
        ) as twilio:
            while not self.world.is_over:
                number += 1
                await self._post(twilio, f"{self.name} dice {number}")
                await self.pause(1.0)

    async def _post(self, twilio: httpx.AsyncClient, text: str) -> None:
        fields = {
            "MessageSid": f"SM{self.chance.getrandbits(128):032x}",
            "AccountSid": ACCOUNT,
            "From": self.sender,
            "To": FROM,
            "NumMedia": "0",
            "Body": text,
        }
        url = f"{self.world.settings.public_url}{WHATSAPP}"
        signature = RequestValidator(TOKEN).compute_signature(url, fields)
        operation = self.world.history.begin(
            self.name, "say", fields["MessageSid"], text=text, conversation=self.sender, channel="whatsapp"
        )
        while True:
            operation.tries += 1
            copies = 2 if self.chance.random() < 0.15 else 1
            sending = [
                twilio.post(WHATSAPP, data=fields, headers={"X-Twilio-Signature": signature}) for _ in range(copies)
            ]
            answers = await asyncio.gather(*sending, return_exceptions=True)
            if any(isinstance(each, httpx.Response) and each.status_code == httpx.codes.OK for each in answers):
                return end(operation, "ok", {})
            if self.chance.random() < GIVES_UP or self.world.is_over:
                return None
            await asyncio.sleep(AGAIN_S)
