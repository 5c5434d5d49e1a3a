"""A customer on WhatsApp or Telegram: writes as their provider would tell it, and reads what was sent to them."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
from twilio.request_validator import RequestValidator

from tests.bot.telegram import TOKEN as TELEGRAM_TOKEN
from tests.bot.telegram import Telegram, example
from tests.bot.twilio import ACCOUNT, Twilio
from tests.bot.twilio import TOKEN as TWILIO_TOKEN
from tests.journeys.product import Product, wait_until

REPLY_S = 90
_numbers = itertools.count(1)


class Pushed:
    """`says` returns the replies, once the whole turn is over and all of it has left."""

    channel: str
    sender: str

    def __init__(self, product: Product) -> None:
        self._product = product
        # As they call themselves.
        self.name = "Ana"

    def write(self, words: str) -> str:
        """Have the provider tell of a message; its id in the inbox."""
        raise NotImplementedError

    def sent(self) -> list[str]:
        """All words that the provider was given for them."""
        raise NotImplementedError

    def says(self, words: str, reply: str = "") -> str:
        return self.answered(lambda: self.write(words), words, reply)

    def answered(self, write: Callable[[], str], words: str, reply: str = "") -> str:
        """What came back of what was written, and is called `words` here."""
        before = len(self.sent())
        provider_id = write()
        wait_until(lambda: self.is_over(provider_id), REPLY_S, f"the reply to {words!r}")
        replies = "\n".join(self.sent()[before:])
        assert re.search(reply, replies), f"after {words!r} nothing like {reply!r} came, but: {replies!r}"
        return replies

    def writes(self, words: str) -> None:
        """To a person: nothing has to come back."""
        self.write(words)

    def hears(self, pattern: str) -> str:
        wait_until(lambda: self.was_told(pattern) > 0, REPLY_S, repr(pattern))
        return next(each for each in self.sent() if re.search(pattern, each))

    def was_told(self, pattern: str) -> int:
        return sum(re.search(pattern, each) is not None for each in self.sent())

    def is_over(self, provider_id: str) -> bool:
        """Has the turn of a message ended, and has all left that was said in its conversation?"""
        turn = self._product.rows(
            "SELECT bot_turn.conversation_id AS id FROM bot_turn JOIN bot_message ON bot_message.id = message_id "
            "WHERE provider_message_id = :id AND status <> 'received'",
            id=provider_id,
        )
        left = "SELECT 1 FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id WHERE conversation_id = :id "
        return bool(turn) and not self._product.rows(f"{left} AND status IN ('queued', 'sending')", id=turn[0]["id"])


class OnWhatsApp(Pushed):
    channel = "whatsapp"

    def __init__(self, product: Product, twilio: Twilio, sender: str) -> None:
        super().__init__(product)
        self._twilio, self.sender = twilio, sender

    def write(self, words: str) -> str:
        fields = {"MessageSid": f"SM{next(_numbers):032x}", "AccountSid": ACCOUNT, "NumMedia": "0", "Body": words}
        fields |= {"From": f"whatsapp:{self.sender}", "ProfileName": self.name}
        address = f"{self._product.url}/channels/whatsapp"
        headers = {"X-Twilio-Signature": RequestValidator(TWILIO_TOKEN).compute_signature(address, fields)}
        assert httpx.post(address, data=fields, headers=headers, timeout=30).status_code == 200
        return fields["MessageSid"]

    def sent(self) -> list[str]:
        return [each.get("Body", "") for each in self._twilio.sent if each["To"] == f"whatsapp:{self.sender}"]


class OnTelegram(Pushed):
    channel = "telegram"

    def __init__(self, product: Product, telegram: Telegram, sender: str, language: str = "es") -> None:
        super().__init__(product)
        self._telegram, self.sender, self._language = telegram, sender, language

    def write(self, words: str) -> str:
        return self._send(text=words)

    def shares(self, number: str, owner: str) -> str:
        """What comes back once they handed over a contact: a phone number, and whose account has it."""
        contact = example("Contact", phone_number=number.removeprefix("+"), user_id=int(owner))
        return self.answered(lambda: self._send(contact=contact), f"the contact {number}")

    def _send(self, **what: Any) -> str:
        number = next(_numbers)
        who = {"id": int(self.sender), "is_bot": False, "first_name": self.name, "language_code": self._language}
        said = example("Message", message_id=number, chat={"id": who["id"], "type": "private"}, **what)
        with self._telegram.lock:
            self._telegram.updates.append({"update_id": number, "message": said | {"from": who}})
        return f"{TELEGRAM_TOKEN.partition(':')[0]}:{self.sender}:{number}"

    def sent(self) -> list[str]:
        mine = [each for each in self._telegram.of("sendMessage") if each["chat_id"] == self.sender]
        return ["\n".join([each["text"], *_buttons(each)]) for each in mine]


def _buttons(sent: dict[str, Any]) -> list[str]:
    markup = json.loads(sent.get("reply_markup", "{}"))
    return [button["text"] for row in markup.get("inline_keyboard") or markup.get("keyboard", []) for button in row]
