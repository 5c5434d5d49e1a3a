"""What may be refused about bank statements."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class BankAccountNotFound(NotFound):
    code, title = "bank_account_not_found", "There is no such bank account"


class BankLineNotFound(NotFound):
    code, title = "bank_line_not_found", "There is no such line"


class BankFormatInvalid(Invalid):
    """`params`: the `field` of the format that cannot be."""

    code, title = "bank_format_invalid", "Statements cannot be written like that"


class StatementUnreadable(Invalid):
    """`params`: the `row` (1 is the file's first line) and `column` where reading stopped, the `value` found there.

    Nothing of the file was imported.
    """

    code, title = "statement_unreadable", "The statement cannot be read"


class BankLineEnded(Conflict):
    """`params`: the `state` the line is in."""

    code, title = "bank_line_ended", "That line was matched or ignored already"


class BankLineDiffers(Conflict):
    """`params`: `amount_minor` of the line, `expected_minor` of what it should be."""

    code, title = "bank_line_differs", "The line's amount is another"
