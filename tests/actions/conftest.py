"""The actions at work: the real OMS behind a line that can be cut, and a customer whose words are understood."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import oms, skills
from backend.app import create_app
from backend.client import BackendClient
from backend.schemas.carts import CartChange
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal, mint
from kernel.vouchers import Vouched, vouch
from tests.actions.every_skill import SKILLS

assert SKILLS
SECRET = "a-secret-for-tests-that-is-long-enough"


class Line(httpx.AsyncBaseTransport):
    """The way to the OMS. `fault`: "cut" reaches nothing, "answer_lost" reaches it and hears nothing, "slow" waits.

    `on` limits the fault to one path.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner
        self.fault: str | None = None
        self.on: str = ""
        self.calls: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path}")
        fault = self.fault if self.on in ("", request.url.path) else None
        if fault == "cut":
            raise httpx.ConnectError("cut")
        if fault == "slow":
            await asyncio.sleep(60)
        response = await self.inner.handle_async_request(request)
        if fault == "answer_lost":
            raise httpx.ReadError("lost")
        return response


@pytest.fixture(scope="session")
def shop(demo_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, Any]]:
    """The demo shop; each test has a customer of its own."""
    home = tmp_path_factory.mktemp("shop")
    values = {"COMANDA_HOME": home, "COMANDA_SECRET": SECRET, "DATABASE_URL": f"sqlite:///{home / 'oms.db'}"}
    settings = Settings.model_validate(values)
    shutil.copy(demo_shop, home / "oms.db")
    database = Database(settings.database_url)
    yield settings, create_app(settings, database)
    database.dispose()


class Customer:
    """A customer in conversation: `say` is one turn of the actions, with Rasa's memory kept between turns."""

    def __init__(self, settings: Settings, line: Line, client: BackendClient, customer_id: str) -> None:
        self.line = line
        self.settings, self.client, self.customer_id = settings, client, customer_id
        principal = Principal("customer", customer_id)
        self.token = mint(principal, settings.signing_key(), timedelta(hours=1))
        self.oms = client.with_token(self.token)
        self.slots: dict[str, Any] = {"language": "es"}
        self.said = ""
        self.replies: list[dict[str, Any]] = []
        self.buttons: dict[str, str] = {}
        self.directives: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.followups: list[str] = []

    async def say(
        self,
        intent: str,
        text: str = "",
        *,
        id: str | None = None,
        button: bool = False,
        files: tuple[dict[str, str], ...] = (),
        told: dict[str, Any] | None = None,
        wishes: tuple[dict[str, Any], ...] = (),
        **entities: Any,
    ) -> str:
        """One message of that meaning; a list as an entity's value is several of them. Gives the replies' text.

        `told` is what else the bot tells of it; `wishes` (`part`) are what it holds several of.
        """
        found = [
            {"entity": name, "value": one}
            for name, value in entities.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        message = {
            "text": text,
            "intent": {"name": intent},
            "entities": found,
            "wishes": list(wishes),
            "metadata": {
                "message_id": id or str(uuid4()),
                "customer_token": self.token,
                "via": "button" if button else "text" if text else "attachment",
                "attachments": list(files),
                **(told or {}),
            },
        }
        tracker = Tracker("conversation", self.slots, message, self.events, False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        events = await skills.run(dispatcher, tracker, {})
        self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        self.followups = [event["name"] for event in events if event["event"] == "followup"]
        self.replies = dispatcher.messages
        self.said = "\n".join(item["text"] for item in dispatcher.messages if "text" in item)
        # As in the chat: a message with buttons ends those of the message before it.
        shown = next((item["buttons"] for item in reversed(dispatcher.messages) if item.get("buttons")), [])
        self.buttons = {one["title"]: one["payload"] for one in shown}
        self.directives = [item["custom"] for item in dispatcher.messages if "custom" in item]
        return self.said

    def photo(self, looks: str = "a", *, id: str | None = None) -> dict[str, str]:
        """A picture that this customer sent, as the bot tells of it; two of one look are the same picture."""
        attachment_id = id or str(uuid4())
        file = Vouched(attachment_id, self.customer_id, hashlib.sha256(looks.encode()).hexdigest(), "image/jpeg")
        voucher = vouch(file, self.settings.signing_key(), timedelta(days=7))
        return {"id": attachment_id, "type": file.type, "voucher": voucher}

    async def press(self, title: str) -> str:
        """Press the button whose title begins so."""
        payload = next(payload for shown, payload in self.buttons.items() if shown.startswith(title))
        intent, brace, entities = payload.removeprefix("/").partition("{")
        return await self.say(intent, payload, button=True, **json.loads(brace + entities or "{}"))

    @property
    def asked(self) -> list[str]:
        """The kinds of the open questions, the one being asked last."""
        return [question["kind"] for question in self.slots.get("open_questions") or ()]

    @property
    def step(self) -> str | None:
        step: str | None = self.slots["open_questions"][-1]["context"].get("step")
        return step

    async def fill(self, *lines: str) -> None:
        """Put lines like "3 caja LECHE-ENTERA-1L" into the cart, past the actions."""
        changes = []
        for line in lines:
            quantity, unit, sku = line.split()
            changes.append(CartChange(op="add", sku=sku, quantity=quantity, unit=None if unit == "-" else unit))
        await self.oms.change_cart(changes, key=str(uuid4()))

    async def at_the_summary(self) -> str:
        """Fill a cart and walk to the confirmation; gives the confirmation."""
        await self.fill("2 - LECHE-ENTERA-1L")
        await self.oms.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key=str(uuid4()))
        await self.say("checkout_start")
        assert self.step == "confirm"
        confirmation: str = self.slots["open_questions"][-1]["context"]["confirmation"]
        return confirmation

    async def has_ordered(self, *lines: str) -> str:
        """Place an order past the actions; gives its number."""
        await self.fill(*lines or ("1 - LECHE-ENTERA-1L",))
        await self.oms.choose_checkout(address_text="Calle 45 # 12-30", payment_method="nequi", key=str(uuid4()))
        confirmation = await self.oms.confirm_cart(key=str(uuid4()))
        return (await self.oms.place_order(confirmation.confirmation)).number

    async def rival(self) -> Customer:
        """Another customer of the same shop."""
        identity = await self.client.resolve_identity("web", str(uuid4()))
        return Customer(self.settings, self.line, self.client, identity.customer_id)

    def staff(self, role: str = "admin") -> BackendClient:
        """The OMS with the authority of someone who works in the shop."""
        principal = Principal("staff", role, grants=frozenset({f"role:{role}"}))
        return self.client.with_token(mint(principal, self.settings.signing_key(), timedelta(hours=1)))

    async def cart(self) -> list[str]:
        return [f"{line.quantity} {line.unit} {line.sku}" for line in (await self.oms.cart()).lines]


@pytest.fixture
async def customer(shop: tuple[Settings, Any]) -> AsyncIterator[Customer]:
    settings, app = shop
    line = Line(httpx.ASGITransport(app))
    service = mint(Principal("service", "bot"), settings.signing_key(), timedelta(hours=1))
    async with BackendClient("http://oms", service, transport=line) as client:
        identity = await client.resolve_identity("web", str(uuid4()))
        oms.connect(client)
        yield Customer(settings, line, client, identity.customer_id)


def part(intent: str, text: str, **entities: Any) -> dict[str, Any]:
    """One wish of a message of several, as the pipeline writes it."""
    found = [{"entity": name, "value": value} for name, value in entities.items()]
    return {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": found}


def wish(text: str, quantity: str | None = None, unit: str | None = None, **more: Any) -> dict[str, Any]:
    """An `order_line` entity as the pipeline writes it."""
    return {"text": text, "quantity": quantity or "1", "unit": unit, "quantity_given": quantity is not None, **more}
