"""The chat as its customer meets it: by what is seen, read aloud and pressed."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

OPEN = re.compile("^(Abrir el chat|Open the chat)")
# The backoff of a short outage.
RECONNECT_WITHIN_MS = 15_000


class ChatPage:
    def __init__(self, page: Page) -> None:
        self.page = page
        # A dialog for files is kept from opening only some time after somebody begins to listen: so from the start.
        page.on("filechooser", lambda _: None)
        self.launcher = page.locator("comanda-chat .launcher")
        self.dialog = page.get_by_role("dialog")
        self.composer = self.dialog.get_by_role("textbox")
        self.log = self.dialog.get_by_role("log")
        self.bubbles = self.log.locator(".text")
        self.offline_notice = self.dialog.get_by_text(re.compile("Sin conexión|You are offline"))

    def open(self) -> None:
        self.page.get_by_role("button", name=OPEN).click()
        expect(self.dialog).to_be_visible()

    def say(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def row(self, text: str) -> Locator:
        return self.log.locator(".row").filter(has=self.page.locator(".bubble").get_by_text(text, exact=True))

    def choice(self, title: str) -> Locator:
        return self.log.get_by_role("button", name=title)

    def expect_sent(self, *texts: str) -> None:
        for text in texts:
            expect(self.row(text)).to_have_attribute("data-fate", "sent", timeout=RECONNECT_WITHIN_MS)

    def expect_bubbles(self, *texts: str) -> None:
        """Exactly these messages, in this order, each once."""
        expect(self.bubbles).to_have_text(list(texts))


def frames_received(page: Page, word: str) -> list[str]:
    """The frames with `word` that the page's sockets bring from now on; the list grows as they come."""
    received: list[str] = []

    def keep(frame: str | bytes) -> None:
        if word in str(frame):
            received.append(str(frame))

    page.on("websocket", lambda socket: socket.on("framereceived", keep))
    return received
