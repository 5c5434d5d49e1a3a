"""Consent: the privacy policy is shown with the first answer, and whoever writes on after that has accepted it.

It never stands in the way of an order: while the OMS does not say which policy is in force, nothing is shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import httpx

from backend.client import BackendClient
from bot.conversations.models import Conversation
from bot.replies import say
from kernel import tokens
from kernel.errors import ComandaError
from kernel.logging import get_logger

log = get_logger(__name__)

PAGE = "/shop/privacy"
_FRESH_S = 60.0
_TOKEN_LIFETIME = timedelta(minutes=1)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a conversation has seen of the policy, and whether its customer went on after that."""

    version: str | None
    wording: str
    accepted: str | None

    @classmethod
    def of(cls, conversation: Conversation, wording: str) -> Shown:
        return cls(conversation.policy_shown, wording, conversation.policy_accepted)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be shown now, or is accepted now: a version of the policy."""

    show: str | None = None
    accepted: str | None = None


class Consents:
    """The bot's view of who accepted what. Safe to use from several threads."""

    def __init__(
        self,
        backend_url: str,
        signing_key: str,
        public_url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url, self._key, self._public_url, self._transport = backend_url, signing_key, public_url, transport
        self._version, self._read_at = "", float("-inf")

    def wording(self, language: str) -> str:
        return say("policy_shown", language).format(link=f"{self._public_url}{PAGE}?lang={language}")

    def judge(self, shown: Shown, customer_id: Callable[[], str], channel: str, message_id: str) -> Verdict:
        """What follows from a message of a customer for their consent.

        Of a person who accepted it elsewhere nothing is asked; of one who was shown it, this message is the proof.
        """
        try:
            version = self._in_force()
            if shown.accepted == version:
                return Verdict()
            customer = customer_id()
            if self._ask(lambda oms: oms.policy_standing(customer)).is_accepted:
                return Verdict(accepted=version)
            if shown.version != version:
                return Verdict(show=version)
            self._ask(
                lambda oms: oms.accept_policy(
                    customer, version=version, channel=channel, wording=shown.wording, evidence=message_id
                )
            )
            return Verdict(accepted=version)
        except ComandaError as refusal:
            log.info("consent_unknown", code=refusal.code)
            return Verdict()

    def _in_force(self) -> str:
        if time.monotonic() - self._read_at > _FRESH_S:
            self._version = self._ask(lambda oms: oms.privacy_policy()).version
            self._read_at = time.monotonic()
        return self._version

    def _ask(self, question: Callable[[BackendClient], Awaitable[Answer]]) -> Answer:
        async def asking() -> Answer:
            proof = tokens.mint(tokens.Principal(role="service", subject="bot"), self._key, _TOKEN_LIFETIME)
            async with BackendClient(self._url, proof, self._transport) as oms:
                return await question(oms)

        return asyncio.run(asking())
