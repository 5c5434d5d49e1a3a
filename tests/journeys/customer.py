"""A customer at the shop's page: writes, presses, reads what is answered, and leaves a picture of each step."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.chat_page import ChatPage
from tests.journeys.product import ARTIFACTS

REPLY_TIMEOUT_S = 30
LOCALES = {"es": "es-CO", "en": "en-US"}


class Customer:
    """Every step waits for a reply that matches, and is pictured under `artifacts/journeys/`."""

    def __init__(self, browser: Browser, url: str, language: str, journey: str) -> None:
        self._context = browser.new_context(
            viewport={"width": 1280, "height": 900}, locale=LOCALES[language], reduced_motion="reduce"
        )
        self.page: Page = self._context.new_page()
        self.chat = ChatPage(self.page)
        self._folder = ARTIFACTS / "journeys" / journey
        self._folder.mkdir(parents=True, exist_ok=True)
        for picture in self._folder.glob("*.png"):
            picture.unlink()
        self._steps = 0
        self.page.goto(url)
        self.chat.open()
        self.picture("the shop")

    def says(self, words: str, reply: str) -> str:
        """Write, and read the reply; `reply` is a pattern it must match. Returns the whole reply."""
        before = self._rows_count()
        self.chat.say(words)
        return self._reads(before, reply, words)

    def presses(self, title: str, reply: str) -> str:
        before = self._rows_count()
        button = self.chat.log.get_by_role("button", name=title).last
        expect(button).to_be_enabled()
        button.click()
        return self._reads(before, reply, f"[{title}]")

    def writes(self, words: str) -> None:
        """To a person: nothing has to come back."""
        self.chat.say(words)

    def hears(self, pattern: str) -> str:
        """What the shop says by itself."""
        return self._reads(0, pattern, pattern)

    def picture(self, what: str) -> Path:
        self._steps += 1
        name = re.sub(r"[^a-záéíóúñ0-9]+", "-", what.lower()).strip("-")[:50]
        path = self._folder / f"{self._steps:02d}-{name}.png"
        self.page.screenshot(path=path)
        return path

    def leaves(self) -> None:
        self._context.close()

    def _rows_count(self) -> int:
        return self.chat.log.locator(".row").count()

    def _reads(self, before: int, pattern: str, step: str) -> str:
        """What the shop wrote after the `before` rows that were there."""
        deadline = time.monotonic() + REPLY_TIMEOUT_S
        while True:
            rows = self.chat.log.locator(".row").all()[before:]
            written = [row for row in rows if "customer" not in str(row.get_attribute("class"))]
            # A count is kept on the line of its "×" by a space that does not break.
            reply = "\n".join(row.locator(".text").inner_text() for row in written).replace("\u00a0", " ")
            if re.search(pattern, reply):
                self.page.wait_for_timeout(150)
                self.picture(step)
                return reply
            if time.monotonic() > deadline:
                self.picture(f"{step} unanswered")
                raise AssertionError(f"after {step!r} nothing like {pattern!r} came, but: {reply!r}")
            self.page.wait_for_timeout(100)
