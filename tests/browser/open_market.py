"""The real public process with the demo market inside: pages, OMS and bot; only nobody answers the customers.

What the assistant would have said is written into conversations as delivery writes it.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import uvicorn
from sqlalchemy import select

from backend.client import BackendClient
from backend.schemas.carts import CartChange
from backend.schemas.orders import Order
from backend.schemas.payment_proofs import NewPaymentProof, PaymentProof
from bot.attachments.intake import Intake
from bot.client import BotClient
from bot.conversations import service as conversations
from bot.conversations.models import Message, Owner
from bot.conversations.service import Button
from bot.handoff import service as handoffs
from bot.hints import LoopbackHints
from bot.outbox import service as outbox
from bot.outbox.models import Outgoing, Status
from comanda import database as migrations
from comanda.web import create_app
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal, mint
from kernel.vouchers import Vouched, vouch
from tests.browser.scripted_shop import wait_until

Answer = TypeVar("Answer")


class OpenMarket:
    def __init__(self, home: Path) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.settings = Settings.model_validate(
            {"COMANDA_HOME": str(home), "PORT": port, "DATABASE_URL": "", "COMANDA_DEMO_MONTH": False}
        )
        self.url = self.settings.public_url
        migrations.migrate(self.settings)
        migrations.seed_demo_shop(self.settings)
        account = migrations.demo_staff_account(self.settings)
        assert account
        self.email, self.password = account
        self.database = Database(self.settings.database_url)
        # As a worker of ours tells the web process of what it wrote.
        self._hints = LoopbackHints(self.url, self.settings.signing_key())
        config = uvicorn.Config(
            create_app(self.settings), log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        wait_until(lambda: self._server.started, 30)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._listener.close()
        self.database.dispose()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        await self._server.serve(sockets=[self._listener])

    def _do(self, act: Coroutine[Any, Any, Answer]) -> Answer:
        # On the server's own loop: the browser's driver holds that of the test.
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(30)

    def token(self, role: str, subject: str = "tests") -> str:
        grants = frozenset({"role:admin"} if role == "staff" else ())
        principal = Principal(role=role, subject=subject, grants=grants)  # type: ignore[arg-type]
        return mint(principal, self.settings.signing_key(), timedelta(minutes=10))

    def converse(self, *said: tuple[str, str] | tuple[str, str, list[str]], owner: Owner = "assistant") -> str:
        """A conversation of (author, text, choices); returns its id."""
        with self.database.write() as session:
            conversation = conversations.open_for(session, "web", uuid4().hex, "es")
            for author, text, *choices in said:
                buttons = [Button(title, "/affirm") for titles in choices for title in titles]
                conversations.append(session, conversation, author, text, buttons=buttons)  # type: ignore[arg-type]
            if owner == "queued":
                handoffs.ask(session, conversation, "requested")
            elif owner != "assistant":
                conversations.change_owner(conversation, owner, reason=None)
            return conversation.id

    def sends(self, conversation_id: str, text: str) -> str:
        """A message that leaves by the outbox; the id of the part."""
        with self.database.write() as session:
            conversation = conversations.lock(session, conversation_id)
            message = conversations.append(session, conversation, "assistant", text)
            outbox.put(session, conversation, message, [{"text": text}])
            return session.scalars(select(Outgoing.id).where(Outgoing.message_id == message.id)).one()

    def settles(self, outgoing_id: str, status: Status, reason: str | None = None) -> None:
        with self.database.write() as session:
            outgoing = outbox.lock(session, outgoing_id)
            assert outgoing is not None
            outbox.advance(outgoing, status, reason)
            conversation_id = session.get_one(Message, outgoing.message_id).conversation_id
        self._hints.after(conversation_id)

    def add(
        self, conversation_id: str, author: str, text: str, choices: Sequence[str] = (), *, is_hinted: bool = True
    ) -> None:
        buttons = [Button(title, "/affirm") for title in choices]
        with self.database.write() as session:
            conversation = conversations.lock(session, conversation_id)
            conversations.append(session, conversation, author, text, buttons=buttons)  # type: ignore[arg-type]
        if is_hinted:
            self._hints.after(conversation_id)

    def hand_to(self, conversation_id: str, owner: Owner) -> None:
        with self.database.write() as session:
            conversations.change_owner(conversations.lock(session, conversation_id), owner, reason="complaint")
        self._hints.after(conversation_id)

    def claims(self, conversation_id: str, name: str) -> None:
        """A colleague takes it."""
        colleague = Principal(role="staff", subject=uuid4().hex, grants=frozenset({"role:agent"}), name=name)
        token = mint(colleague, self.settings.signing_key(), timedelta(minutes=10))

        async def act() -> None:
            bot = BotClient(self.url, token)
            version = (await bot.conversation(conversation_id)).version
            await bot.claim(conversation_id, version, key=uuid4().hex)
            await bot.close()

        self._do(act())

    def order(self, *lines: tuple[str, str], address: str = "Calle 57 # 9-28, apto 301") -> Order:
        """A new customer's order of (sku, quantity)."""
        return self._do(self._order(lines, address))

    async def _order(self, lines: tuple[tuple[str, str], ...], address: str) -> Order:
        async with BackendClient(self.settings.backend_url, self.token("service")) as service:
            identity = await service.resolve_identity("web", uuid4().hex)
            oms = service.with_token(self.token("customer", identity.customer_id))
            changes = [CartChange(op="add", sku=sku, quantity=quantity) for sku, quantity in lines]
            await oms.change_cart(changes, key=uuid4().hex)
            await oms.choose_checkout(address_text=address, payment_method="nequi", key=uuid4().hex)
            confirmation = await oms.confirm_cart(key=uuid4().hex)
            return await oms.place_order(confirmation.confirmation)

    def send_proof(self, order: Order, picture: bytes, amount_minor: int, reference: str) -> PaymentProof:
        """The order's customer sends a picture of having paid."""
        return self._do(self._send_proof(order, picture, amount_minor, reference))

    async def _send_proof(self, order: Order, picture: bytes, amount_minor: int, reference: str) -> PaymentProof:
        async def chunks() -> AsyncIterator[bytes]:
            yield picture

        conversation_id = self.converse(("customer", "Ya pagué"))
        taken = await Intake(self.settings, self.database).take(conversation_id, "recibo.png", chunks())
        async with BackendClient(self.settings.backend_url, self.token("staff")) as staff:
            customer = (await staff.staff_order(order.number)).customer_id
            word = vouch(
                Vouched(taken.id, customer, taken.hash, taken.type), self.settings.signing_key(), timedelta(minutes=10)
            )
            said = NewPaymentProof(voucher=word, amount_minor=amount_minor, reference=reference)
            oms = staff.with_token(self.token("customer", customer))
            return await oms.send_payment_proof(order.number, said, key=uuid4().hex)

    def staff_sees(self, ask: Callable[[BackendClient], Coroutine[Any, Any, Answer]]) -> Answer:
        async def act() -> Answer:
            async with BackendClient(self.settings.backend_url, self.token("staff")) as staff:
                return await ask(staff)

        return self._do(act())

    def cancel(self, order: Order) -> None:
        async def act() -> None:
            async with BackendClient(self.settings.backend_url, self.token("staff")) as staff:
                customer = (await staff.staff_order(order.number)).customer_id
                await staff.with_token(self.token("customer", customer)).cancel_order(order.number, key=uuid4().hex)

        self._do(act())
