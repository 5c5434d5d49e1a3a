"""Who the customer is to the OMS, and the short-lived proof of it that travels with each turn."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import httpx
from pydantic import BaseModel

from backend.client import BackendClient, ContactPreferences, IdentityKnown
from backend.schemas.carts import Cart
from backend.schemas.orders import Order
from backend.schemas.payments import Balance
from backend.schemas.receivables import OpenInvoices
from backend.schemas.returns import Return
from bot.answering.assistant import Carried
from bot.attachments.models import Attachment
from kernel import tokens, vouchers
from kernel.errors import NotFound
from kernel.phones import phone_of

# Long enough for one turn with its retries, short enough to be worthless in a tracker afterwards.
_TOKEN_LIFETIME = timedelta(minutes=10)
# A question about what a file is for may be answered days later.
_VOUCHER_LIFETIME = timedelta(days=7)
LATEST_ORDERS = 5
RETURNS_OVER = frozenset({"resolved", "rejected", "cancelled"})
_SERVICE_TOKEN_LIFETIME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Person:
    """The customer as whom a person goes on, and all customers that are proven to be this person."""

    customer_id: str
    everyone: frozenset[str]


class Business(BaseModel):
    """What a customer has with the shop: the cart, the latest orders, what is open to pay, returns under way, what of
    theirs the shop has.
    """

    cart: Cart
    orders: list[Order]
    invoices: OpenInvoices
    returns: list[Return]
    balance: Balance


class Customers:
    """The bot's view of the OMS's customers."""

    def __init__(
        self, backend_url: str, signing_key: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = backend_url
        self._key = signing_key
        self._transport = transport

    def whose(self, channel: str, sender: str) -> Person:
        """Whom a sender is, as of now; the OMS makes a customer for a sender it has not seen.

        One read, but once a day: then it is also written down that they are still there.
        Raises: BackendUnavailable.
        """
        return asyncio.run(self._whose(channel, sender))

    async def _whose(self, channel: str, sender: str) -> Person:
        async with BackendClient(self._url, self._proof(), self._transport) as oms:
            known = await self._recognise(oms, channel, sender)
            if known is None or not known.is_fresh:
                await oms.resolve_identity(channel, sender, phone_of(sender))
                known = await oms.recognise_identity(channel, sender)
            return Person(known.customer_id, frozenset(known.customer_ids))

    async def _recognise(self, oms: BackendClient, channel: str, sender: str) -> IdentityKnown | None:
        try:
            return await oms.recognise_identity(channel, sender)
        except NotFound:
            return None

    def share_phone(self, channel: str, sender: str, phone: str, message_id: str) -> None:
        """A channel's word, come with a message, that this number is its customer's own.

        Raises: BackendUnavailable.
        """
        asyncio.run(self._share_phone(channel, sender, phone, message_id))

    async def _share_phone(self, channel: str, sender: str, phone: str, message_id: str) -> None:
        async with BackendClient(self._url, self._proof(), self._transport) as oms:
            await oms.share_phone(channel, sender, phone, key=f"{message_id}:phone")

    def open_link(self, customer_id: str, conversation_id: str, message_id: str, token: str) -> None:
        """They opened a link, and say that it was they who asked for it.

        Raises: BackendUnavailable, and the OMS's refusal of a link that is over.
        """
        asyncio.run(self._open_link(self.mint_token(customer_id, conversation_id, message_id), token, message_id))

    async def _open_link(self, customer_token: str, token: str, message_id: str) -> None:
        async with BackendClient(self._url, customer_token, self._transport) as oms:
            await oms.open_link(token, key=f"{message_id}:open")

    def preferences(self, customer_id: str) -> ContactPreferences:
        """What a customer wants to hear of, and when.

        Raises: BackendUnavailable, and the OMS's refusal of a customer it does not know.
        """
        return asyncio.run(self._preferences(customer_id))

    async def _preferences(self, customer_id: str) -> ContactPreferences:
        async with BackendClient(self._url, self._proof(), self._transport) as oms:
            return await oms.preferences_of(customer_id)

    def business(self, customer_id: str, conversation_id: str) -> Business:
        """What the OMS has of a customer, as they could ask for it here themselves. Raises: BackendUnavailable."""
        return asyncio.run(self._business(self.mint_token(customer_id, conversation_id, "")))

    async def _business(self, token: str) -> Business:
        async with BackendClient(self._url, token, self._transport) as oms:
            cart, orders, invoices, returns, balance = await asyncio.gather(
                oms.cart(), oms.orders(limit=LATEST_ORDERS), oms.open_invoices(), oms.my_returns(), oms.my_balance()
            )
        under_way = [each for each in returns if each.status not in RETURNS_OVER]
        return Business(cart=cart, orders=orders, invoices=invoices, returns=under_way, balance=balance)

    def _proof(self) -> str:
        return tokens.mint(tokens.Principal(role="service", subject="bot"), self._key, _SERVICE_TOKEN_LIFETIME)

    def vouch_for(self, customer_id: str, attachment: Attachment) -> Carried:
        """A file of the customer, with our word for it."""
        file = vouchers.Vouched(attachment.id, customer_id, attachment.hash, attachment.type)
        return Carried(attachment.id, attachment.type, vouchers.vouch(file, self._key, _VOUCHER_LIFETIME))

    def mint_token(self, customer_id: str, conversation_id: str, message_id: str) -> str:
        """The customer's authority for one turn of one conversation: what follows from one message."""
        customer = tokens.Principal(
            role="customer", subject=customer_id, conversation_id=conversation_id, message_id=message_id
        )
        return tokens.mint(customer, self._key, _TOKEN_LIFETIME)
