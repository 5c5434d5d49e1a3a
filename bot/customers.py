"""Who the customer is to the OMS, and the short-lived proof of it that travels with each turn."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx

from backend.client import BackendClient, ContactPreferences
from bot.assistant import Carried
from bot.attachments.models import Attachment
from kernel import tokens, vouchers

# Long enough for one turn with its retries, short enough to be worthless in a tracker afterwards.
_TOKEN_LIFETIME = timedelta(minutes=10)
# A question about what a file is for may be answered days later.
_VOUCHER_LIFETIME = timedelta(days=7)
_SERVICE_TOKEN_LIFETIME = timedelta(minutes=1)


class Customers:
    """The bot's view of the OMS's customers."""

    def __init__(
        self, backend_url: str, signing_key: str, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = backend_url
        self._key = signing_key
        self._transport = transport

    def resolve(self, channel: str, sender: str) -> str:
        """The id of the customer behind a sender; the OMS makes one for a sender it has not seen.

        Raises: BackendUnavailable.
        """
        return asyncio.run(self._resolve(channel, sender))

    async def _resolve(self, channel: str, sender: str) -> str:
        async with BackendClient(self._url, self._proof(), self._transport) as oms:
            return (await oms.resolve_identity(channel, sender)).customer_id

    def preferences(self, customer_id: str) -> ContactPreferences:
        """What a customer wants to hear of, and when.

        Raises: BackendUnavailable, and the OMS's refusal of a customer it does not know.
        """
        return asyncio.run(self._preferences(customer_id))

    async def _preferences(self, customer_id: str) -> ContactPreferences:
        async with BackendClient(self._url, self._proof(), self._transport) as oms:
            return await oms.preferences_of(customer_id)

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
