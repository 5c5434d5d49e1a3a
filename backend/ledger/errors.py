"""What the ledger refuses."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class EntryNotFound(NotFound):
    code, title = "entry_not_found", "There is no such journal entry"


class AlreadyReversed(Conflict):
    code, title = "entry_already_reversed", "The entry was reversed before"


class NotBalanced(Invalid):
    """`params`: `debit_minor` and `credit_minor`, which differ or are nothing."""

    code, title = "entry_not_balanced", "Debits and credits are not the same"


class PeriodClosed(Conflict):
    """`params`: `closed_through`, the last closed day."""

    code, title = "period_closed", "The books are closed for that day"


class NothingToClose(Conflict):
    """`params`: `closed_through`. Books close forwards, and never the day that is still running."""

    code, title = "period_not_closable", "The books cannot be closed through that day"
