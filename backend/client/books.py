"""The books and the bank, as finance works with them."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.banking import (
    BankAccount,
    BankAccountFacts,
    BankLine,
    BankLinePage,
    BankStatement,
    IgnoreBankLine,
    MatchBankLine,
    NewStatement,
)
from backend.schemas.invoices import (
    AccountBalance,
    BooksClosed,
    CloseBooks,
    JournalEntry,
    JournalPage,
    LedgerAccount,
    NewEntry,
    ReverseEntry,
)
from backend.schemas.staff import PendingAct


class BookCalls(Wire):
    async def accounts(self) -> list[LedgerAccount]:
        """The chart of accounts."""
        return await self._list(LedgerAccount, "staff/ledger/accounts")

    async def trial_balance(self, through_on: str | None = None) -> list[AccountBalance]:
        return await self._list(AccountBalance, "staff/ledger/trial-balance", through_on=through_on)

    async def journal(self, subject: str | None = None, cursor: str | None = None) -> JournalPage:
        """What was booked, the newest first; of one order, if given."""
        return await self._get(JournalPage, "staff/ledger/journal", subject=subject, cursor=cursor)

    async def journal_file(self) -> bytes:
        """The whole journal as a beancount file."""
        return (await self._ask("GET", "staff/ledger/journal.beancount")).content

    async def post_entry(self, entry: NewEntry, *, key: str) -> JournalEntry | PendingAct:
        return await self._send_or_wait(JournalEntry, "POST", "staff/ledger/entries", entry, key=key)

    async def reverse_entry(self, entry_id: str, note: str, *, key: str) -> JournalEntry:
        path = f"staff/ledger/entries/{segment(entry_id)}/reverse"
        return await self._send(JournalEntry, "POST", path, ReverseEntry(note=note), key=key)

    async def books_closed(self) -> BooksClosed:
        """Through which day nothing is booked any more."""
        return await self._get(BooksClosed, "staff/ledger/closings")

    async def close_books(self, closing: CloseBooks, *, key: str) -> BooksClosed:
        return await self._send(BooksClosed, "POST", "staff/ledger/closings", closing, key=key)

    async def bank_accounts(self) -> list[BankAccount]:
        return await self._list(BankAccount, "staff/bank/accounts")

    async def set_bank_account(self, code: str, facts: BankAccountFacts, *, key: str) -> BankAccount:
        return await self._send(BankAccount, "PUT", f"staff/bank/accounts/{segment(code)}", facts, key=key)

    async def bank_statements(self) -> list[BankStatement]:
        """Those that were imported, the newest first."""
        return await self._list(BankStatement, "staff/bank/statements")

    async def import_statement(self, statement: NewStatement, *, key: str) -> BankStatement:
        return await self._send(BankStatement, "POST", "staff/bank/statements", statement, key=key)

    async def bank_lines(self, state: str | None = None, cursor: str | None = None) -> BankLinePage:
        return await self._get(BankLinePage, "staff/bank/lines", state=state, cursor=cursor)

    async def match_bank_line(self, line_id: str, match: MatchBankLine, *, key: str) -> BankLine:
        return await self._send(BankLine, "POST", f"staff/bank/lines/{segment(line_id)}/match", match, key=key)

    async def ignore_bank_line(self, line_id: str, note: str, *, key: str) -> BankLine:
        path = f"staff/bank/lines/{segment(line_id)}/ignore"
        return await self._send(BankLine, "POST", path, IgnoreBankLine(note=note), key=key)
