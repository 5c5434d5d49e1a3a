"""A customer of a journey: writes and presses in the real web chat, and hears what the shop says on its own."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from comanda.web_chat import WebChat, told_on
from tests.journeys.product import Product, wait_until

REPLY_S = 60
NOTICE_S = 60
_CHECKOUT = {
    "es": ["finalizar pedido", "Calle 45 # 12-30", "nequi", "sí, confirmo"],
    "en": ["check out", "Calle 45 # 12-30", "nequi", "yes, confirm it"],
}


@contextmanager
def shopping(product: Product, language: str) -> Iterator[Shopper]:
    """A customer nobody knows yet."""
    with product.chat(language) as chat:
        yield Shopper(product, chat, language)


class Shopper:
    """`says` and `presses` return the reply, which a pattern must match; `hears` waits for what was not asked for."""

    def __init__(self, product: Product, chat: WebChat, language: str) -> None:
        self._product = product
        self._chat = chat
        self._language = language

    @property
    def conversation_id(self) -> str:
        return self._chat.conversation_id

    def says(self, words: str, reply: str = "") -> str:
        return self._reads(words, self._chat.say(words, REPLY_S), reply)

    def presses(self, title: str, reply: str = "") -> str:
        """A button under the latest message that the shop wrote."""
        wait_until(lambda: title in self._choices(), NOTICE_S, f"the button {title!r}")
        return self._reads(f"[{title}]", self._chat.say(title, REPLY_S, choice=self._choices()[title]), reply)

    def orders(self, wish: str) -> str:
        """From the wish to the yes; the number of the order."""
        self.says(wish)
        return self.checks_out()

    def checks_out(self) -> str:
        *steps, confirm = _CHECKOUT[self._language]
        for words in steps:
            self.says(words)
        return re.findall(r"PED-\d+", self.says(confirm, r"PED-\d+"))[0]

    def hears(self, pattern: str) -> str:
        """The first message of the shop that matches, once it is there."""
        wait_until(lambda: self._heard(pattern) != [], NOTICE_S, f"{pattern!r}")
        return self._heard(pattern)[0]

    def was_told(self, pattern: str) -> int:
        """How often by now."""
        return len(self._heard(pattern))

    def _heard(self, pattern: str) -> list[str]:
        rows = self._product.rows(
            "SELECT text FROM bot_message WHERE conversation_id = :id AND author <> 'customer' ORDER BY seq",
            id=self._chat.conversation_id,
        )
        return [row["text"] for row in rows if re.search(pattern, row["text"] or "")]

    def _choices(self) -> dict[str, str]:
        self._chat.listen(0.1)
        return {choice["title"]: choice["token"] for choice in self._chat.visitor.choices}

    def _reads(self, step: str, replies: list[dict[str, Any]], pattern: str) -> str:
        """The reply, with what its buttons say; a busy machine may apologise before it answers."""
        deadline = time.monotonic() + REPLY_S
        while not re.search(pattern, reply := "\n".join(map(_on_screen, replies))):
            assert time.monotonic() < deadline, f"after {step!r} nothing like {pattern!r} came, but: {reply!r}"
            replies += self._chat.listen(0.5)
        return reply


def _on_screen(message: dict[str, Any]) -> str:
    return "\n".join([message["text"], *map(told_on, message["choices"])])
