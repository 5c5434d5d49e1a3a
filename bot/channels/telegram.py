"""Telegram by python-telegram-bot: the only file that knows either.

Every kind of update has a turn, or is passed over in silence: docs/channels.md says which.

Source: Telegram, "Bot API" (getting updates, setWebhook, available methods), "Bots FAQ" (how fast a bot may send).
"""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import telegram
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.attachments.errors import LIMIT_BYTES, AttachmentTooLarge
from bot.channels.base import (
    Arrival,
    Health,
    Limits,
    MediaGone,
    News,
    Outcome,
    OutgoingMessage,
    Part,
    Presence,
    Progress,
    SharedContact,
    SignatureWrong,
    Webhook,
    WebhookUnreadable,
    json_object,
    place_in_words,
    storable,
)
from bot.channels.loop_thread import LoopThread
from bot.channels.rendering import beside_buttons, numbered, shortened, split, utf16_units
from kernel import tls
from kernel.config import Settings
from kernel.errors import Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

CHANNEL = "telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
TEXT_MOST = 4_096
BUTTONS_MOST, BUTTON_MOST = 100, 64
# What is longer is cut off by a narrow phone.
BUTTON_SEEN = 30
# What we ask to be told of; of the rest nothing comes.
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
# To no other port does Telegram post.
PORTS = (443, 80, 88, 8443)
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
ASKING_S = 25
_AT_ONCE = 16
_LATER_S, _ALARMED_S = 5.0, 60.0
_LANGUAGES = ("es", "en")
_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*", re.ASCII)
# What happened in a chat, and was not said by the customer.
_EVENTS = frozenset({
    "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
    "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
    "channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id", "migrate_from_chat_id",
    "pinned_message", "successful_payment", "refunded_payment", "users_shared", "chat_shared",
    "connected_website", "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
    "chat_background_set", "checklist_tasks_done", "checklist_tasks_added", "direct_message_price_changed",
    "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "forum_topic_reopened",
    "general_forum_topic_hidden", "general_forum_topic_unhidden", "giveaway_created", "giveaway_completed",
    "managed_bot_created", "paid_message_price_changed", "poll_option_added", "poll_option_deleted",
    "suggested_post_approved", "suggested_post_approval_failed", "suggested_post_declined",
    "suggested_post_paid", "suggested_post_refunded", "video_chat_scheduled", "video_chat_started",
    "video_chat_ended", "video_chat_participants_invited", "web_app_data", "gift", "unique_gift",
    "gift_upgrade_sent",
})  # fmt: skip
# Of a message that Telegram says has no chat: it was never ours, or is gone.
_NO_CHAT = ("chat not found", "user not found", "peer_id_invalid", "user_deactivated", "chat_id is empty")
# What its reader of updates, or whoever uses what it read, raises for one that is otherwise than it knows.
_UNREAD = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, OSError, RecursionError)


class Telegram:
    name = CHANNEL
    # Telegram's limit is 30 a second for all and one a second for each: what jitters on the way stays below it.
    limits = Limits(text=TEXT_MOST, per_second=28, chat_pause_s=1.0)

    def __init__(self, settings: Settings) -> None:
        token = settings.telegram_bot_token.get_secret_value()
        self._bot_id = token.partition(":")[0]
        self._secret = settings.telegram_secret()
        self._public_url, self._inside_url = settings.public_url, settings.bot_url
        self._is_reachable = _can_be_posted_to(settings.public_url)
        self._requests = _request(TIMEOUT.read or 0.0), _request(ASKING_S + 10.0)
        self._bot = telegram.Bot(
            token,
            base_url=f"{settings.telegram_api_base}/bot",
            base_file_url=f"{settings.telegram_api_base}/file/bot",
            request=self._requests[0],
            get_updates_request=self._requests[1],
        )
        self._background = LoopThread(CHANNEL)
        self._me: Future[telegram.User] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Telegram | None:
        """The channel of a shop that has a bot. Raises: ValueError for a token that cannot be one."""
        token = settings.telegram_bot_token.get_secret_value()
        if not token:
            return None
        if not re.fullmatch(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}", token):
            raise ValueError("TELEGRAM_BOT_TOKEN does not look like a token of BotFather's (123456:ABC…)")
        return cls(settings)

    # in

    def verify(self, webhook: Webhook) -> None:
        told = webhook.headers.get(SECRET_HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(told, self._secret.encode()):
            raise SignatureWrong

    def parse(self, webhook: Webhook) -> Arrival | Presence | None:
        content = json_object(webhook.body)
        try:
            return self._read(content)
        except _UNREAD as error:
            log.warning("update_unreadable", error=type(error).__name__)
            return self._unread(content.get("message"))

    def _read(self, content: dict[str, Any]) -> Arrival | Presence | None:
        """The library takes much for what it should be, and fails only where it is used."""
        update = telegram.Update.de_json(content, None)
        if update.callback_query:
            return self._pressed(update.callback_query)
        if update.my_chat_member:
            return _presence(update.my_chat_member)
        # Edits, posts of channels and what else there is say nothing to a shop.
        if update.message is None or any(content["message"].get(each, False) is not False for each in _EVENTS):
            return None
        return self._said(update.message)

    def _unread(self, message: Any) -> Arrival | None:
        """A message that the library cannot read, being newer than it perhaps: kept as one without words."""
        try:
            who, chat, number = message["from"], message["chat"], message["message_id"]
            if who["is_bot"] is not False or chat["type"] != "private":
                return None
            sender, message_id = str(int(who["id"])), f"{self._bot_id}:{int(chat['id'])}:{int(number)}"
        except _UNREAD:
            return None
        return Arrival(sender, message_id, "", kind="unknown")

    def _said(self, message: telegram.Message) -> Arrival | None:
        who = message.from_user
        if who is None or who.is_bot or message.chat.type != "private":
            return None
        text, start_token = storable(message.text or message.caption or ""), None
        start = _START.fullmatch(text)
        if start:
            # The token proves who they are: it is handed on, and not written down.
            text, start_token = "/start", start[1]
        media: tuple[str, ...] = ()
        kind, contact = None, None
        if message.photo:
            media = (message.photo[-1].file_id,)
        elif message.document and (message.document.mime_type or "").startswith(("image/", "application/pdf")):
            media = (message.document.file_id,)
        elif message.location:
            text, kind = _place(message), "location"
        elif message.contact:
            kind, contact = "contact", _own_number(message.contact, who)
        elif message.voice or message.audio or message.video_note:
            kind = "voice"
        elif message.document or message.video or message.animation:
            kind = "file"
        elif not text.strip():
            kind = "unknown"
        return Arrival(
            sender=str(who.id),
            # Of this bot, and for ever: update ids begin anew after a quiet week.
            provider_message_id=f"{self._bot_id}:{message.chat.id}:{message.message_id}",
            text=text,
            media=media,
            kind=kind,
            language=_language(who),
            is_hello=start is not None,
            start_token=start_token,
            contact=contact,
            voice=_voice(message) if kind == "voice" else None,
        )

    def _pressed(self, query: telegram.CallbackQuery) -> Arrival | None:
        message = query.message
        if query.from_user.is_bot or message is None or message.chat.type != "private":
            return None
        title = _title(message, query.data)
        return Arrival(
            sender=str(query.from_user.id),
            provider_message_id=f"{self._bot_id}:press:{query.id}"[:128],
            text=title,
            choice=query.data,
            kind=None if title else "button",
            language=_language(query.from_user),
            press=query.id,
        )

    def acknowledge(self, arrival: Arrival) -> None:
        if arrival.press is None:
            return
        try:
            self._background.run(self._bot.answer_callback_query(arrival.press))
        except (TelegramError, httpx.HTTPError) as error:
            # Its spinner ends by itself.
            log.info("press_not_answered", error=type(error).__name__)

    def progress(self, webhook: Webhook) -> Progress:
        """Telegram tells nothing of what it took."""
        raise WebhookUnreadable

    def same_person(self, sender: str) -> str:
        return sender

    @asynccontextmanager
    async def fetch(self, media: str) -> AsyncIterator[AsyncIterator[bytes]]:
        try:
            file = await asyncio.wrap_future(self._background.begin(self._bot.get_file(media)))
        except BadRequest as error:
            raise (AttachmentTooLarge if "too big" in error.message.lower() else MediaGone) from error
        except (InvalidToken, Forbidden) as error:
            raise MediaGone from error
        except TelegramError as error:
            raise Unavailable(type(error).__name__) from error
        if not file.file_path or not file.file_path.startswith(self._bot.base_file_url):
            raise MediaGone
        if (file.file_size or 0) > LIMIT_BYTES:
            raise AttachmentTooLarge
        try:
            async with (
                httpx.AsyncClient(timeout=TIMEOUT, verify=tls.context()) as client,
                client.stream("GET", file.file_path) as response,
            ):
                if response.status_code in (400, 401, 403, 404, 410):
                    raise MediaGone
                if response.status_code != httpx.codes.OK:
                    raise Unavailable(f"HTTP {response.status_code}")
                yield response.aiter_bytes()
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from error

    def door(self) -> str | None:
        """Of the bot's name, which Telegram is asked for once and nobody waits for."""
        if self._me is None:
            self._me = self._background.begin(self._bot.get_me())
        if not self._me.done():
            return None
        if self._me.exception() is not None:
            self._me = None
            return None
        return f"https://t.me/{self._me.result().username}?start={{token}}"

    # asked, by a shop that Telegram cannot reach

    def begin(self) -> bool:
        try:
            if self._is_reachable:
                self._background.run(
                    self._bot.set_webhook(
                        f"{self._public_url}/channels/{CHANNEL}", allowed_updates=UPDATES, secret_token=self._secret
                    )
                )
            else:
                # What has come meanwhile is kept.
                self._background.run(self._bot.delete_webhook(drop_pending_updates=False))
        except TelegramError as error:
            raise Unavailable(type(error).__name__) from error
        return self._is_reachable

    def ask(self, after: int | None) -> list[tuple[int, Webhook]]:
        # Not by `get_updates`, which reads what came itself: one that it cannot read would hold up all others for ever.
        asked = {"timeout": ASKING_S, "allowed_updates": json.dumps(UPDATES)}
        asked |= {} if after is None else {"offset": after + 1}
        try:
            updates: Any = self._background.run(
                self._requests[1].post(f"{self._bot.base_url}/getUpdates?{urlencode(asked)}")
            )
        except TelegramError as error:
            raise Unavailable(type(error).__name__) from error
        return [(update["update_id"], Webhook("", {}, json.dumps(update).encode())) for update in updates]

    # out

    def render(self, message: OutgoingMessage) -> list[Part]:
        files: list[Part] = [{"document": {"name": each.name, "url": each.url}} for each in message.enclosures]
        choices = message.choices
        text = beside_buttons(message.text, choices, BUTTON_SEEN)
        if len(choices) > BUTTONS_MOST:
            text = numbered(message.text, choices)
        pieces: list[Part] = [{"text": piece} for piece in split(text, TEXT_MOST, utf16_units) if piece.strip()]
        if pieces and any(choice.asks_contact for choice in choices):
            # Only the keyboard can hand over a number; what else is on it is sent as the words that it says.
            pieces[-1]["keyboard"] = [[shortened(each.title, BUTTON_MOST), each.asks_contact] for each in choices]
        elif pieces and 0 < len(choices) <= BUTTONS_MOST:
            pieces[-1]["choices"] = [[shortened(choice.title, BUTTON_MOST), choice.token] for choice in choices]
        return [*pieces, *files]

    def template(self, news: News) -> Part | None:
        """Telegram has no window, and needs none."""
        return None

    def send(self, address: str, part: Part, callback_path: str) -> Outcome:
        try:
            content = self._own_file(part["document"]["url"]) if "document" in part else None
            sent = self._background.run(self._post(int(address), part, content))
        except MediaGone as error:
            return Outcome("refused", detail=error.code)
        except Unavailable as error:
            return Outcome("later", wait_s=_LATER_S, detail=error.detail)
        except (TelegramError, httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            return _outcome(error)
        return Outcome("sent", f"{self._bot_id}:{sent.message_id}")

    def _own_file(self, url: str) -> bytes:
        """What Telegram gets is handed to it: a shop that it cannot reach sends documents, too."""
        # We fetch for others what is ours, and nothing else.
        if not url.startswith(f"{self._public_url}/"):
            raise MediaGone
        try:
            answer = httpx.get(url.replace(self._public_url, self._inside_url, 1), timeout=TIMEOUT, trust_env=False)
        except httpx.HTTPError as error:
            raise Unavailable(type(error).__name__) from error
        if answer.is_server_error:
            raise Unavailable(f"HTTP {answer.status_code}")
        if answer.status_code != httpx.codes.OK or not answer.content:
            raise MediaGone
        return answer.content

    async def _post(self, chat: int, part: Part, content: bytes | None) -> telegram.Message:
        if content is not None:
            return await self._bot.send_document(chat, InputFile(content, filename=part["document"]["name"]))
        # No parse mode: what a customer or a product is called stays text, whatever signs are in it.
        return await self._bot.send_message(
            chat,
            part["text"],
            reply_markup=_markup(part),
            # Links may open once only, and are nobody's business but the customer's.
            link_preview_options=LinkPreviewOptions(is_disabled=True),
        )

    def health(self) -> Health:
        try:
            me = self._background.run(self._bot.get_me())
            hook = self._background.run(self._bot.get_webhook_info())
        except InvalidToken:
            return Health(False, "Telegram does not know the token", "copy TELEGRAM_BOT_TOKEN from @BotFather again")
        except TelegramError as error:
            says = f"Telegram cannot be reached: {type(error).__name__}"
            return Health(False, says, "check the way to api.telegram.org")
        who = f"@{me.username}"
        if not self._is_reachable:
            if hook.url:
                says = f"{who} posts to {hook.url}"
                return Health(False, says, "set PUBLIC_URL to that https address, or start Comanda here: it takes over")
            return Health(True, f"{who}, asked for news: {hook.pending_update_count} wait")
        wanted = f"{self._public_url}/channels/{CHANNEL}"
        if hook.url != wanted:
            says = f"{who} posts to {hook.url or 'nowhere'}"
            return Health(False, says, f"start Comanda: it has Telegram post to {wanted}")
        if hook.last_error_message and hook.pending_update_count:
            says = f"{who} cannot deliver {hook.pending_update_count}: {hook.last_error_message}"
            return Health(False, says, f"see that {wanted} can be reached from outside")
        return Health(True, f"{who} posts to {wanted}")

    def close(self) -> None:
        self._background.close(*(each.shutdown() for each in self._requests))


def _can_be_posted_to(address: str) -> bool:
    url = httpx.URL(address)
    return url.scheme == "https" and (url.port or PORTS[0]) in PORTS


def _markup(part: Part) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    keys = [[KeyboardButton(title, request_contact=asks or None)] for title, asks in part.get("keyboard", ())]
    if keys:
        return ReplyKeyboardMarkup(keys, resize_keyboard=True, one_time_keyboard=True)
    rows = [[InlineKeyboardButton(title, callback_data=token)] for title, token in part.get("choices", ())]
    return InlineKeyboardMarkup(rows) if rows else None


def _request(read_s: float) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=_AT_ONCE,
        read_timeout=read_s,
        write_timeout=TIMEOUT.write,
        connect_timeout=TIMEOUT.connect,
        pool_timeout=TIMEOUT.pool,
        media_write_timeout=60.0,
    )


def _outcome(error: Exception) -> Outcome:
    """What follows from an error. What Telegram said no to was not sent; what was cut off may have been."""
    detail = type(error).__name__
    if isinstance(error, RetryAfter):
        told = error.retry_after
        return Outcome("throttled", wait_s=told.total_seconds() if isinstance(told, timedelta) else float(told))
    if isinstance(error, InvalidToken):
        return Outcome("bad_credentials", wait_s=_ALARMED_S, detail=detail)
    if isinstance(error, Forbidden):
        return Outcome("blocked", detail="blocked")
    if isinstance(error, BadRequest):
        says = error.message.lower()
        return Outcome("bad_address" if any(each in says for each in _NO_CHAT) else "refused", detail=error.message)
    if isinstance(error, ChatMigrated):
        return Outcome("bad_address", detail=detail)
    if isinstance(error, Conflict):
        return Outcome("later", wait_s=_LATER_S, detail=detail)
    cause = error.__cause__
    if isinstance(error, NetworkError) and cause is None:
        # 5xx in Telegram's own form: an answer, and not a gateway's page.
        return Outcome("later", wait_s=_LATER_S, detail=error.message)
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return Outcome("later", wait_s=_LATER_S, detail=type(cause).__name__)
    return Outcome("unknown", detail=type(cause or error).__name__)


def _presence(change: telegram.ChatMemberUpdated) -> Presence | None:
    if change.chat.type != "private":
        return None
    return Presence(str(change.chat.id), change.new_chat_member.status in ("kicked", "left"))


def _voice(message: telegram.Message) -> str | None:
    sound = message.voice or message.audio
    return sound.file_id if sound else None


def _own_number(contact: telegram.Contact, who: telegram.User) -> SharedContact | None:
    """A number is proof only of who shares their own: anyone may send anyone's."""
    digits = "".join(filter(str.isdecimal, contact.phone_number))
    if contact.user_id != who.id or not 7 <= len(digits) <= 15:
        return None
    return SharedContact(f"+{digits}", str(who.id))


def _place(message: telegram.Message) -> str:
    assert message.location is not None
    told = [message.venue.title, message.venue.address] if message.venue else []
    return storable(place_in_words(told, message.location.latitude, message.location.longitude))


def _title(message: telegram.MaybeInaccessibleMessage, token: str | None) -> str:
    """What the pressed button says, as far as the message is still known."""
    markup = message.reply_markup if isinstance(message, telegram.Message) else None
    if markup is None or token is None:
        return ""
    return next(
        (storable(each.text) for row in markup.inline_keyboard for each in row if each.callback_data == token), ""
    )


def _language(who: telegram.User) -> str | None:
    told = (who.language_code or "").partition("-")[0]
    return told if told in _LANGUAGES else None
