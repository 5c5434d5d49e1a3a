"""A real SMTP server that takes mails, and refuses, hangs up or dawdles when told to."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class PostBox:
    """`mails` were accepted. `full` are addresses answered with 452; `answers` are given in turn to whole mails.

    An answer is a line of SMTP, `hang up` (after the whole mail), or `dawdle` (accept, but too late to be heard).
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.full: set[str] = set()
        self.unknown: set[str] = set()
        self.answers: list[str] = []
        self.hangs_up_at_data = 0
        self.dawdle_s = 3.0
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.full:
            return "452 the mailbox is full"
        if address in self.unknown:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            server.transport.abort()
            return "421 gone"
        if answer == "dawdle":
            self._take(envelope)
            await asyncio.sleep(self.dawdle_s)
            return "250 OK"
        if answer.startswith("250"):
            self._take(envelope)
        return answer

    def _take(self, envelope: Any) -> None:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd's name
        box = self.event_handler
        if box.hangs_up_at_data:
            box.hangs_up_at_data -= 1
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler)
