"""What the ledger refuses."""

from __future__ import annotations

from kernel.errors import Conflict, Invalid, NotFound


class EntryNotFound(NotFound):
    code, title = "entry_not_found", "There is no such journal entry"


class AlreadyReversed(Conflict):
    code, title = "entry_already_reversed", "The entry was reversed before"


class NotByHand(Conflict):
    """`params`: the `fact`. A document or a payment booked it: what corrects that, corrects its entry."""

    code, title = "entry_not_by_hand", "Only an entry that was posted by hand may be reversed by hand"


class AccountNotFound(Invalid):
    """`params`: the `account` that is not in the chart."""

    code, title = "account_not_found", "There is no such account in the chart"


class AccountKept(Conflict):
    """`params`: the `account`, which is the sum of documents, payments or stock moves, and of nothing else."""

    code, title = "account_kept", "Nothing is posted by hand on an account that documents keep"


class NotBalanced(Invalid):
    """`params`: `debit_minor` and `credit_minor`, which differ or are nothing."""

    code, title = "entry_not_balanced", "Debits and credits are not the same"


class PeriodClosed(Conflict):
    """`params`: `closed_through`, the last closed day."""

    code, title = "period_closed", "The books are closed for that day"


class NothingToClose(Conflict):
    """`params`: `closed_through`. Books close forwards, and never the day that is still running."""

    code, title = "period_not_closable", "The books cannot be closed through that day"
