"""Hearing: a voice note becomes words before its turn, where the shop has speech to text; else its turn says that we
cannot listen. What was heard is said back, so that customer and staff see what is acted on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from bot import card_numbers
from bot.channels.base import Channel
from bot.channels.pushed import Channels
from bot.conversations import service as conversations
from bot.conversations.models import Turn
from bot.delivery import Delivery
from bot.listening.inbound import HEAR_WORKFLOW, HEARD, MAX_TEXT_LENGTH
from bot.listening.speech import Speech
from bot.replies import say
from kernel import durable
from kernel.errors import ComandaError, Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

WAITS_S = (1.0, 5.0)
# Some ten minutes of speech as both channels record it.
SOUND_MOST = 2_000_000


class HearHandler:
    """Runs in the conversation's lane, before the turn of the voice note."""

    def __init__(self, delivery: Delivery, channels: Channels, speech: Speech | None) -> None:
        self._delivery, self._channels, self._speech = delivery, channels, speech

    def register(self) -> None:
        self._step: Callable[[str, str, bool], bool] = durable.step("hear")(self._attempt_safely)
        durable.workflow(HEAR_WORKFLOW)(self.handle)

    def handle(self, message_id: str, voice: str) -> None:
        for wait_s in WAITS_S:
            if self._step(message_id, voice, False):
                return
            durable.sleep(wait_s)
        self._step(message_id, voice, True)

    def _attempt_safely(self, message_id: str, voice: str, is_last: bool) -> bool:
        try:
            return self.attempt(message_id, voice, is_last=is_last)
        except Exception:  # the edge: a note may stay unheard, but never its lane with it
            log.exception("hearing_surprised", message_id=message_id)
            return False

    def attempt(self, message_id: str, voice: str, *, is_last: bool = False) -> bool:
        """One try to hear it; False when it is worth another. A turn that is not told otherwise asks for writing."""
        if self._speech is None:
            return True
        with self._delivery.of_message(message_id) as (_session, conversation, _message):
            channel, language = self._channels.get(conversation.channel), conversation.language
        if channel is None:
            return True
        try:
            heard = asyncio.run(_hear(self._speech, channel, voice, language))
        except Unavailable as error:
            log.warning("voice_not_heard", message_id=message_id, reason=error.detail)
            return is_last
        except ComandaError as refusal:
            log.info("voice_refused", message_id=message_id, code=refusal.code)
            return True
        if heard:
            self._keep(message_id, heard)
        return True

    def _keep(self, message_id: str, heard: str) -> None:
        with self._delivery.of_message(message_id) as (session, conversation, _message):
            turn = session.get_one(Turn, message_id)
            if turn.status != "received" or (turn.payload or "").startswith(HEARD):
                return
            turn.payload = f"{HEARD}{heard}"
            words = say("voice_heard", conversation.language).format(words=heard)
            conversations.append(session, conversation, "assistant", words, in_reply_to=message_id)


async def _hear(speech: Speech, channel: Channel, voice: str, language: str) -> str:
    """The words, as if they had been typed. Raises: Unavailable, MediaGone."""
    async with channel.fetch(voice) as chunks:
        sound = await _read(chunks)
    said = await speech.words(sound, language) if sound else ""
    return card_numbers.redact(" ".join(said.split())[:MAX_TEXT_LENGTH]).text


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    """Empty where it is longer than anyone would listen to."""
    sound = bytearray()
    async for chunk in chunks:
        sound += chunk
        if len(sound) > SOUND_MOST:
            return b""
    return bytes(sound)
