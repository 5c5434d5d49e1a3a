"""What is refused about e-mail."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class MailNotFound(NotFound):
    code, title = "mail_not_found", "There is no such e-mail"


class MailNotFailed(Conflict):
    code, title = "mail_not_failed", "Only an e-mail that did not arrive for certain is sent again"
