"""What may be done with the books: post a fact, reverse an entry, close a period, read balances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.ledger import chart
from backend.ledger.errors import (
    AccountKept,
    AccountNotFound,
    AlreadyReversed,
    EntryNotFound,
    NotBalanced,
    NotByHand,
    NothingToClose,
    PeriodClosed,
)
from backend.ledger.models import Account, Books, BooksClosing, JournalEntry, Posting
from backend.ledger.rules import Leg
from kernel import clock
from kernel.ids import new_id

_THE_ONE = 1
# The fact of an entry that a person posted.
BY_HAND = "by_hand"
_insert_entry, _insert_postings = insert(table_of(JournalEntry)), insert(table_of(Posting))


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, and on which day of the shop. `key` names it for ever: the same fact is booked once."""

    key: str
    name: str
    subject: str
    currency: str
    occurred_on: date
    who: str
    customer_id: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """All that was booked on an account in one currency; `balance_minor` is positive on the account's own side."""

    code: str
    name_es: str
    name_en: str
    kind: str
    currency: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        difference = self.debit_minor - self.credit_minor
        return difference if self.kind in ("asset", "expense") else -difference


def post(session: Session, fact: Fact, legs: Sequence[Leg], *, reverses_id: str | None = None) -> str:
    """Book a fact; the id of its entry. A fact that is booked already is left as it is.

    Two that post the same fact at once are kept apart by what they lock before (the order, the invoice); the key's
    UNIQUE is the last word.

    Records: Posting rows, then their JournalEntry.
    Raises: NotBalanced, PeriodClosed.
    """
    known = session.scalar(select(JournalEntry.id).where(JournalEntry.key == fact.key))
    if known is not None:
        return known
    legs = [leg for leg in legs if leg.debit_minor or leg.credit_minor]
    debits, credits = sum(leg.debit_minor for leg in legs), sum(leg.credit_minor for leg in legs)
    if debits != credits or debits == 0:
        raise NotBalanced(debit_minor=debits, credit_minor=credits)
    _refuse_closed(session, fact.occurred_on)
    entry_id, connection = new_id(), session.connection()
    connection.execute(
        _insert_postings,
        [
            {
                "entry_id": entry_id,
                "position": position,
                "account_code": leg.account,
                "debit_minor": leg.debit_minor,
                "credit_minor": leg.credit_minor,
            }
            for position, leg in enumerate(legs)
        ],
    )
    row = {
        "id": entry_id,
        "key": fact.key,
        "fact": fact.name,
        "subject": fact.subject,
        "customer_id": fact.customer_id,
        "currency": fact.currency,
        "occurred_on": fact.occurred_on,
        "note": fact.note,
        "reverses_id": reverses_id,
        "who": fact.who,
        "posted_at": clock.now(),
    }
    connection.execute(_insert_entry, row)
    return entry_id


def post_by_hand(
    session: Session, key: str, currency: str, occurred_on: date, legs: Sequence[Leg], who: str, note: str
) -> str:
    """Book what a person says, such as cash brought to the bank, a supplier paid, capital; the id of the entry.

    Records: as `post`.
    Raises: AccountNotFound, AccountKept, NotBalanced, PeriodClosed.
    """
    known = {account.code for account in accounts(session)}
    for leg in legs:
        if leg.account not in known:
            raise AccountNotFound(account=leg.account)
        if leg.account in chart.KEPT:
            raise AccountKept(account=leg.account)
    return post(session, Fact(f"{BY_HAND}:{key}"[:120], BY_HAND, "", currency, occurred_on, who, note=note), legs)


def reverse(session: Session, entry_id: str, occurred_on: date, who: str, note: str | None) -> str:
    """Book the opposite of an entry that was posted by hand, once; the id of the new one.

    Records: as `post`.
    Raises: EntryNotFound, NotByHand, AlreadyReversed, PeriodClosed.
    """
    entry = session.scalar(select(JournalEntry).where(JournalEntry.id == entry_id).with_for_update())
    if entry is None:
        raise EntryNotFound()
    if entry.fact != BY_HAND:
        raise NotByHand(fact=entry.fact)
    if session.scalar(select(JournalEntry.id).where(JournalEntry.reverses_id == entry_id)) is not None:
        raise AlreadyReversed()
    postings = session.scalars(select(Posting).where(Posting.entry_id == entry_id).order_by(Posting.position))
    legs = [Leg(posting.account_code, posting.credit_minor, posting.debit_minor) for posting in postings]
    fact = Fact(
        key=f"reversal:{entry_id}",
        name="reversal",
        subject=entry.subject,
        currency=entry.currency,
        occurred_on=occurred_on,
        who=who,
        customer_id=entry.customer_id,
        note=note,
    )
    return post(session, fact, legs, reverses_id=entry_id)


def close(session: Session, through_on: date, today: date, who: str) -> None:
    """Nothing is booked any more on a day up to `through_on`, which is before `today`.

    Records: the Books' day, a BooksClosing.
    Raises: NothingToClose.
    """
    books = session.get_one(Books, _THE_ONE, with_for_update=True, populate_existing=True)
    if through_on >= today or (books.closed_through is not None and through_on <= books.closed_through):
        raise NothingToClose(closed_through=_iso(books.closed_through))
    books.closed_through = through_on
    session.add(BooksClosing(id=new_id(), through_on=through_on, who=who, closed_at=clock.now()))
    session.flush()


def closed_through(session: Session) -> date | None:
    return session.scalar(select(Books.closed_through))


def _refuse_closed(session: Session, day: date) -> None:
    """The trigger refuses too, and waits for one who is closing; this gives the refusal its words."""
    closed = closed_through(session)
    if closed is not None and day <= closed:
        raise PeriodClosed(closed_through=closed.isoformat())


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def accounts(session: Session) -> list[Account]:
    return list(session.scalars(select(Account).order_by(Account.code)))


def trial_balance(session: Session, through_on: date | None = None) -> list[AccountBalance]:
    """Every account that was booked on, through a day; over all of them debits equal credits, currency by currency."""
    query = (
        select(
            Account.code,
            Account.name_es,
            Account.name_en,
            Account.kind,
            JournalEntry.currency,
            func.sum(Posting.debit_minor),
            func.sum(Posting.credit_minor),
        )
        .join(Posting, Posting.account_code == Account.code)
        .join(JournalEntry, JournalEntry.id == Posting.entry_id)
        .group_by(Account.code, Account.name_es, Account.name_en, Account.kind, JournalEntry.currency)
        .order_by(Account.code, JournalEntry.currency)
    )
    if through_on is not None:
        query = query.where(JournalEntry.occurred_on <= through_on)
    # A sum of BIGINT is a NUMERIC on PostgreSQL.
    return [AccountBalance(*row[:5], int(row[5]), int(row[6])) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry with its postings, in their order."""

    entry: JournalEntry
    postings: Sequence[Posting]


def journal(session: Session, *, subject: str | None, before: str | None, limit: int) -> list[Booked]:
    """Entries, newest first, from before the entry id `before`; of one subject, if given."""
    query = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(JournalEntry.subject == subject)
    if before is not None:
        query = query.where(JournalEntry.id < before)
    return _with_postings(session, session.scalars(query).all())


def entry(session: Session, entry_id: str) -> Booked:
    """Raises: EntryNotFound."""
    found = session.get(JournalEntry, entry_id)
    if found is None:
        raise EntryNotFound()
    return _with_postings(session, [found])[0]


def _with_postings(session: Session, entries: Sequence[JournalEntry]) -> list[Booked]:
    postings: dict[str, list[Posting]] = {entry.id: [] for entry in entries}
    query = select(Posting).where(Posting.entry_id.in_(postings)).order_by(Posting.entry_id, Posting.position)
    for posting in session.scalars(query):
        postings[posting.entry_id].append(posting)
    return [Booked(entry, postings[entry.id]) for entry in entries]


def all_entries(session: Session) -> Iterator[tuple[JournalEntry, Posting]]:
    """Every posting with its entry, by day, in portions: the books may be large."""
    query = (
        select(JournalEntry, Posting)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .order_by(JournalEntry.occurred_on, JournalEntry.id, Posting.position)
        .execution_options(yield_per=1_000)
    )
    for row in session.execute(query):
        yield row._tuple()
