"""A customer's phone: what they write on WhatsApp comes by Twilio, and what is said to them goes there."""

from __future__ import annotations

import secrets

import httpx
from twilio.request_validator import RequestValidator

from tests.bot.twilio import ACCOUNT, TOKEN
from tests.journeys.product import Product, wait_until

PATH = "/channels/whatsapp"
_WAITING = """
SELECT (SELECT count(*) FROM bot_turn JOIN bot_conversation ON bot_conversation.id = conversation_id
         WHERE sender = :sender AND status = 'received') AS turns,
       (SELECT count(*) FROM bot_outgoing JOIN bot_message ON bot_message.id = message_id
          JOIN bot_conversation ON bot_conversation.id = bot_message.conversation_id
         WHERE sender = :sender AND status IN ('queued', 'sending')) AS parts
"""


class Phone:
    def __init__(self, product: Product) -> None:
        self._product = product
        self.number = f"+57300{secrets.randbelow(10**7):07d}"

    def says(self, words: str, timeout_s: float = 60) -> str:
        """Write, and read what is said to it."""
        before = len(self.heard())
        fields = {"MessageSid": f"SM{secrets.token_hex(16)}", "AccountSid": ACCOUNT, "NumMedia": "0", "Body": words}
        fields |= {"From": f"whatsapp:{self.number}", "To": "whatsapp:+14155238886"}
        signature = RequestValidator(TOKEN).compute_signature(self._product.url + PATH, fields)
        answer = httpx.post(self._product.url + PATH, data=fields, headers={"X-Twilio-Signature": signature})
        assert answer.status_code == 200, answer.text
        return self.reads(before, timeout_s)

    def reads(self, before: int, timeout_s: float = 60) -> str:
        """What came after so many messages, once all of it is there."""
        wait_until(lambda: len(self.heard()) > before and self._is_quiet(), timeout_s, "an answer on WhatsApp")
        return "\n".join(self.heard()[before:])

    def _is_quiet(self) -> bool:
        [waiting] = self._product.rows(_WAITING, sender=self.number)
        return waiting["turns"] + waiting["parts"] == 0

    def heard(self) -> list[str]:
        return [each["Body"] for each in self._product.twilio.sent if each["To"] == f"whatsapp:{self.number}"]
