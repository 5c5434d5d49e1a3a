"""A written dialogue: what the customer does, and the facts that must hold after it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from secrets import randbelow
from typing import Any
from uuid import uuid4

import yaml
from sqlalchemy import select

from backend.client import BackendClient
from backend.customers.models import LinkRequest
from backend.events import Event
from backend.schemas.carts import CartChange
from bot.answering.assistant import Assistant as RasaClient
from bot.notices.plan import FEEDBACK
from bot.notices.words import word
from kernel import codes
from kernel.db import Database
from kernel.phones import phone_of
from tests.conversations.shop import Shop
from tests.rasa_server import Assistant, Chat

FOLDER = Path(__file__).parent
TURN_KEYS = {"opens", "user", "photo", "press", "staff", "back", "notice", "says", "never", "asks", "handoff", "again"}
DIALOGUE_KEYS = {
    "name",
    "ability",
    "category",
    "given",
    "turns",
    "cart",
    "orders",
    "language",
    "address",
    "payment",
    "claims",
}


@dataclass(frozen=True)
class Dialogue:
    name: str
    language: str
    script: dict[str, Any]


def dialogues() -> list[Dialogue]:
    """Every dialogue of `es/` and `en/`, named by what the user does."""
    found = []
    for path in sorted(FOLDER.glob("e[sn]/*.yml")):
        for script in yaml.safe_load(path.read_text(encoding="utf-8")):
            unknown = script.keys() - DIALOGUE_KEYS
            assert not unknown, f"{path.name}: {script.get('name')}: {unknown}"
            assert all(turn.keys() <= TURN_KEYS for turn in script["turns"]), f"{path.name}: {script['name']}"
            found.append(Dialogue(script["name"], path.parent.name, script))
    return found


class Play:
    """Plays a dialogue against the assistant. `{order}`, `{order_1}`… stand for the numbers of orders given or made.

    Given is `elsewhere` what the same person did on another channel: on WhatsApp, with the number `{number}`, or on the
    web for who is on WhatsApp themselves (`channel`). `{code}` is the code that was sent last; a turn that `opens`
    comes with the link that was asked for elsewhere. In a turn `back` a person gives the conversation back, in which
    these numbers were spoken of.
    """

    def __init__(self, assistant: Assistant, dialogue: Dialogue) -> None:
        self.assistant = assistant
        self.dialogue = dialogue
        self.transcript: list[str] = []
        self.numbers: list[str] = []
        self.buttons: dict[str, str] = {}
        self.number = f"+57300{randbelow(10**7):07d}"
        self.link = ""

    def run(self) -> None:
        """Raises: AssertionError with the transcript when a fact does not hold."""
        given = self.dialogue.script.get("given") or {}
        channel = given.get("channel", "web")
        self.sender = (channel, str(uuid4()) if channel == "web" else self.number)
        customer_id = asyncio.run(self._whose(*self.sender))
        self.chat = Chat(self.assistant, customer_id, locale=self.dialogue.language, channel=channel)
        try:
            asyncio.run(self._given(self.dialogue.script.get("given") or {}))
            for turn in self.dialogue.script["turns"]:
                self._play(turn)
            asyncio.run(self._facts())
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n--- {self.dialogue.name}\n" + "\n".join(self.transcript)) from None

    async def _whose(self, channel: str, sender: str) -> str:
        async with self.assistant.service() as oms:
            await oms.resolve_identity(channel, sender, phone_of(sender))
            return (await oms.recognise_identity(channel, sender)).customer_id

    async def _given(self, given: dict[str, Any]) -> None:
        """What the customer has done before: placed orders, a cart left behind."""
        if given.get("elsewhere"):
            await self._do_elsewhere(given["elsewhere"])
        orders = given.get("orders") or []
        await Shop(self.assistant, self.numbers).restock({line.split()[2] for lines in orders for line in lines})
        async with self.chat.oms() as oms:
            for number, lines in enumerate(orders):
                await self._order(oms, lines, given, number)
            for number in given.get("cancelled") or []:
                await oms.cancel_order(self.numbers[number], key=f"given-cancelled-{number}")
            if given.get("cart"):
                await self._fill(oms, given["cart"], "given-cart")
            if given.get("checkout"):
                await oms.choose_checkout(
                    address_text="Calle 45 # 12-30", payment_method="cash_on_delivery", key="given-checkout"
                )
        await Shop(self.assistant, self.numbers).does(given.get("staff"))

    async def _order(self, oms: BackendClient, lines: list[str], given: dict[str, Any], number: int) -> None:
        await self._fill(oms, lines, f"given-{number}")
        await oms.choose_checkout(
            address_text=given.get("address", "Calle 45 # 12-30"),
            payment_method=given.get("payment", "cash_on_delivery"),
            key=f"given-checkout-{number}",
        )
        confirmation = await oms.confirm_cart(key=f"given-confirmation-{number}")
        self.numbers.append((await oms.place_order(confirmation.confirmation)).number)

    async def _do_elsewhere(self, given: dict[str, Any]) -> None:
        there = ("web", str(uuid4())) if self.chat.channel != "web" else ("whatsapp", self.number)
        async with self.assistant.customer(await self._whose(*there)) as oms:
            for number, lines in enumerate(given.get("orders") or []):
                await self._order(oms, lines, given, number)
            if given.get("cart"):
                await self._fill(oms, given["cart"], "given-cart")
            self.link = (await oms.make_link("whatsapp", key="given-link")).token

    async def _fill(self, oms: BackendClient, lines: list[str], key: str) -> None:
        changes = []
        for line in lines:
            quantity, unit, sku = line.split()
            changes.append(CartChange(op="add", sku=sku, quantity=quantity, unit=None if unit == "-" else unit))
        await oms.change_cart(changes, key=key)

    def _play(self, turn: dict[str, Any]) -> None:
        if "staff" in turn:
            asyncio.run(Shop(self.assistant, self.numbers).does(turn["staff"]))
            self.transcript.append(f"({turn['staff']})")
            return
        if "notice" in turn:
            self._hear(turn["notice"], _listed(turn.get("says")))
            return
        if "press" in turn:
            assert turn["press"] in self.buttons, f"no button {turn['press']!r} among {list(self.buttons)}"
            items = self.chat.send(self.buttons[turn["press"]], via="button")
            self.transcript.append(f"[{turn['press']}]")
        elif "back" in turn:
            self.transcript.append(f"(a person gives it back: {turn['back']})")
            items = self.chat.give_back([self._filled(number) for number in turn["back"]])
        elif "photo" in turn:
            words = self._filled(turn["photo"] or "")
            self.transcript.append(f"> (photo) {words}")
            items = self.chat.send_photo(words)
        elif "opens" in turn:
            self.transcript.append(f"> (link) {turn['opens']}")
            items = self.chat.send(turn["opens"], start_token=self.link)
        else:
            text = self._filled(turn["user"])
            self.transcript.append(f"> {text}")
            items = self.chat.send(text)
        # As the bot does before each turn.
        self.chat.customer_id = asyncio.run(self._whose(*self.sender))
        assert items, "silence: Rasa answered []"
        said = "\n".join(item["text"] for item in items if "text" in item)
        self.transcript.append(said)
        self.numbers += [number for number in re.findall(r"PED-\d+", said) if number not in self.numbers]
        shown = {button["title"]: button["payload"] for item in items for button in item.get("buttons") or ()}
        self.buttons |= shown
        for fragment in _listed(turn.get("says")):
            assert self._filled(fragment) in said, f"{fragment!r} is not in the reply"
        for fragment in _listed(turn.get("never")):
            assert self._filled(fragment) not in said, f"{fragment!r} is in the reply"
        if "asks" in turn:
            assert self._open_question() == turn["asks"]
        directives = [item["custom"] for item in items if "custom" in item]
        reasons = [directive["handoff"]["reason"] for directive in directives if "handoff" in directive]
        assert reasons == _listed(turn.get("handoff")), f"handoff: {reasons}"

    def _hear(self, what: str, expected: list[str]) -> None:
        """The bot tells the latest fact of that kind, and has the assistant know what it asks."""
        for position, said in enumerate(word(what, self.dialogue.language, self._facts_of(what))):
            self.transcript.append(f"! {said.text}")
            self.buttons |= {button.title: button.payload for button in said.buttons}
            for fragment in expected:
                assert self._filled(fragment) in said.text, f"{fragment!r} is not in the notice"
            if said.question is not None:
                asked = {"kind": said.question.kind, "options": list(said.question.options)}
                asked |= {"context": said.question.context, "id": f"{uuid4()}:{position}"}
                RasaClient(self.assistant.settings.rasa_url).open_question(self.chat.id, asked)

    def _facts_of(self, what: str) -> dict[str, Any]:
        number = self.numbers[-1]
        if what == FEEDBACK:
            return {"number": number}
        database = Database(self.assistant.settings.database_url)
        with database.read() as session:
            latest = select(Event).where(Event.kind == what, Event.subject == number).order_by(Event.id.desc())
            event = session.scalars(latest).first()
        database.dispose()
        assert event is not None, f"nothing of the kind {what} has happened to {number}"
        return event.payload

    def _open_question(self) -> str:
        """The kind of the open question, of a checkout also its step: "checkout.address"."""
        questions = self.chat.slots()["open_questions"] or []
        if not questions:
            return "nothing"
        step = questions[-1]["context"].get("step")
        return f"{questions[-1]['kind']}.{step}" if step else str(questions[-1]["kind"])

    async def _facts(self) -> None:
        script = self.dialogue.script
        async with self.chat.oms() as oms:
            cart, orders = await oms.cart(), await oms.orders()
        if "claims" in script:
            async with self.assistant.staff() as desk:
                claims = [claim.order_number for claim in await desk.staff_claims()]
            assert [number for number in claims if number in self.numbers] == [
                self._filled(number) for number in script["claims"]
            ], f"claims: {claims}"
        if "cart" in script:
            lines = sorted(f"{line.quantity} {line.unit} {line.sku}" for line in cart.lines)
            assert lines == sorted(script["cart"] or []), f"cart: {lines}"
        if "address" in script:
            assert cart.checkout.address == script["address"]
        if "payment" in script:
            assert cart.checkout.payment_method == script["payment"]
        if "orders" in script:
            placed = [
                f"{order.status}: "
                + ", ".join(sorted(f"{line.quantity} {line.unit} {line.sku}" for line in order.lines))
                for order in reversed(orders)
            ]
            assert placed == script["orders"], f"orders: {placed}"
        assert self.chat.slots()["language"] == script.get("language", self.dialogue.language)

    def _filled(self, text: str) -> str:
        text = text.replace("{number}", self.number)
        if "{code}" in text:
            text = text.replace("{code}", self._code())
        for position, number in enumerate(self.numbers, start=1):
            text = text.replace(f"{{order_{position}}}", number)
        return text.replace("{order}", self.numbers[-1] if self.numbers else "{order}")

    def _code(self) -> str:
        """What the bot, or the mail, would have said."""
        database = Database(self.assistant.settings.database_url)
        with database.read() as session:
            mine = LinkRequest.customer_id == self.chat.customer_id
            sent = select(LinkRequest.id).where(mine, LinkRequest.kind == "code").order_by(LinkRequest.id.desc())
            request_id = session.scalars(sent.limit(1)).one()
        database.dispose()
        return codes.code_of(request_id, self.assistant.settings.signing_key())


def _listed(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value
