"""Fetching: the files of a message that lie with the provider are taken in, before the message's turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from bot.attachments import service as attachments
from bot.attachments.errors import MESSAGE_MOST
from bot.attachments.intake import Intake
from bot.channels.base import Channel
from bot.channels.pushed import Channels
from bot.conversations import service as conversations
from bot.conversations.models import Turn
from bot.delivery import Delivery
from bot.listening.inbound import FETCH_WORKFLOW
from bot.replies import ERROR_CODES, say
from kernel import durable
from kernel.errors import ComandaError, Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

WAITS_S = (1.0, 5.0, 30.0)
# Said of what the provider has no more, or we could not get.
_GONE = "attachment_cut_off"


class FetchHandler:
    """Runs in the conversation's lane, so that the assistant gets a message with its files."""

    def __init__(self, delivery: Delivery, intake: Intake, channels: Channels) -> None:
        self._delivery = delivery
        self._intake = intake
        self._channels = channels

    def register(self) -> None:
        self._step: Callable[[str, list[str], bool], bool] = durable.step("fetch")(self._attempt_safely)
        durable.workflow(FETCH_WORKFLOW)(self.handle)

    def handle(self, message_id: str, media: list[str]) -> None:
        for wait_s in WAITS_S:
            if self._step(message_id, media, False):
                return
            durable.sleep(wait_s)
        self._step(message_id, media, True)

    def _attempt_safely(self, message_id: str, media: list[str], is_last: bool) -> bool:
        try:
            return self.attempt(message_id, media, is_last=is_last)
        except Exception:  # the edge: a file may fail to come, but never its lane with it
            log.exception("fetch_surprised", message_id=message_id)
            return False

    def attempt(self, message_id: str, media: Sequence[str], *, is_last: bool = False) -> bool:
        """One try to take all of them in; False when it is worth another."""
        with self._delivery.of_message(message_id) as (session, conversation, _message):
            if attachments.of_messages(session, [message_id])[message_id]:
                return True
            conversation_id, channel = conversation.id, self._channels.get(conversation.channel)
        taken: list[str] = []
        refused: str | None = "attachments_too_many" if len(media) > MESSAGE_MOST else None
        for each in media[:MESSAGE_MOST]:
            try:
                if channel is None:
                    raise Unavailable
                taken.append(asyncio.run(self._take(channel, conversation_id, each)))
            except Unavailable:
                if not is_last:
                    return False
                refused = _GONE
            except ComandaError as refusal:
                log.info("attachment_refused", code=refusal.code)
                refused = refusal.code if refusal.code in ERROR_CODES else _GONE
        with self._delivery.of_message(message_id) as (session, conversation, message):
            attachments.send_with(session, message, taken)
            if refused:
                words = say(refused, conversation.language)
                conversations.append(session, conversation, "assistant", words, in_reply_to=message_id)
            turn = session.get_one(Turn, message_id)
            if not taken and not message.text.strip() and turn.status == "received":
                conversations.end_turn(turn, "answered")
        return True

    async def _take(self, channel: Channel, conversation_id: str, media: str) -> str:
        async with channel.fetch(media) as chunks:
            return (await self._intake.take(conversation_id, "", chunks)).id
