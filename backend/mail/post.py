"""The way to an SMTP server: one mail in one conversation, and what its answers mean."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from kernel import clock

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a media type such as `application/pdf`."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """`id` becomes the Message-ID, so that a copy is known as a copy."""

    id: str
    recipient: str
    subject: str
    text: str
    html: str | None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused`: never (5xx). `later`: not now (4xx, or no connection); the server certainly does not have it.

    `uncertain`: the whole mail was handed over, and the connection ended before the server said yes or no.
    """

    kind: Literal["sent", "later", "refused", "uncertain"]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PostOffice:
    """`smtp://user:password@host:587?starttls=1`; `smtps://` speaks TLS from the first byte."""

    host: str
    port: int
    user: str | None
    password: str | None
    is_tls: bool
    is_starttls: bool
    sender: str
    timeout_s: float = TIMEOUT_S

    @classmethod
    def at(cls, url: str, sender: str, *, timeout_s: float = TIMEOUT_S) -> PostOffice:
        """Raises: ValueError when the address is not one of an SMTP server."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("SMTP_URL is smtp://[user:password@]host[:port][?starttls=1] or smtps://…")
        if not parseaddr(sender)[1]:
            raise ValueError("MAIL_FROM is the address that mails come from, such as: Shop <shop@example.com>")
        is_tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if is_tls else 25),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            is_tls=is_tls,
            is_starttls=parse_qs(parts.query).get("starttls", ["0"])[0] not in ("0", "false", "no"),
            sender=sender,
            timeout_s=timeout_s,
        )

    def check(self) -> None:
        """Reach the server and sign in. Raises: OSError, smtplib.SMTPException."""
        with self._connect() as server:
            server.noop()

    def post(self, letter: Letter) -> Outcome:
        """Hand the letter over, once."""
        try:
            mail = self._compose(letter)
        except (ValueError, HeaderParseError):
            return Outcome("refused", "this cannot be written as a mail")
        try:
            server = self._connect()
        except smtplib.SMTPResponseException as error:
            return _answered(error.smtp_code, "greeting")
        except smtplib.SMTPNotSupportedError as error:
            return Outcome("refused", str(error)[:200])
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("later", type(error).__name__)
        try:
            return self._hand_over(server, letter.recipient, mail)
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.is_tls:
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            if self.is_starttls:
                server.starttls(context=context)
            if self.user is not None:
                server.login(self.user, self.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, recipient: str, mail: bytes) -> Outcome:
        """MAIL, RCPT, DATA, the text. Source: RFC 5321 §3.3, and §4.5.3.2 on when a mail is whose."""
        is_handed_over = False
        try:
            server.ehlo_or_helo_if_needed()
            answer, _ = server.mail(parseaddr(self.sender)[1])
            if answer != 250:
                return _answered(answer, "MAIL")
            answer, _ = server.rcpt(recipient)
            if answer not in (250, 251):
                return _answered(answer, "RCPT")
            answer, _ = server.docmd("DATA")
            if answer != 354:
                return _answered(answer, "DATA")
            server.send(mail)
            # A server that has not seen the final dot does not have the mail; from here on it may.
            is_handed_over = True
            server.send(b".\r\n")
            answer, _ = server.getreply()
            if answer != 250:
                return _answered(answer, "text")
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("uncertain" if is_handed_over else "later", type(error).__name__)
        return Outcome("sent")

    def _compose(self, letter: Letter) -> bytes:
        """The mail as it travels: lines end in CRLF, and one that begins with a dot gets a second one."""
        message = EmailMessage()
        name, address = parseaddr(self.sender)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(addr_spec=letter.recipient)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(clock.now())
        message["Message-ID"] = f"<{letter.id}@{address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html")
        for each in letter.attachments:
            maintype, _, subtype = each.media_type.partition("/")
            message.add_attachment(each.content, maintype=maintype, subtype=subtype, filename=each.name)
        lines = message.as_bytes(policy=SMTP).split(b"\r\n")
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _answered(code: int, stage: str) -> Outcome:
    return Outcome("later" if 400 <= code < 500 or code < 0 else "refused", f"{code} at {stage}")
