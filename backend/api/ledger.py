"""The books over HTTP, for finance."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend import trail
from backend.api.access import Db, Finance, WrongRole, doer_of, roles_of
from backend.api.idempotency import Act
from backend.api.pending_acts import MAY_WAIT, to_pending
from backend.api.problems import InvalidRequest, describe
from backend.catalog.service import shop, shop_day
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.ledger import beancount
from backend.ledger import service as ledger
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
from backend.ledger.rules import Leg
from backend.ledger.service import Booked
from backend.schemas.base import Money, Text, Words
from backend.schemas.invoices import (
    AccountBalance,
    BooksClosed,
    CloseBooks,
    JournalEntry,
    JournalPage,
    LedgerAccount,
    NewEntry,
    Posting,
    ReverseEntry,
)
from backend.schemas.staff import PendingAct
from backend.trail import Asked
from backend.workflows.ask_second_person import Wish, do_or_ask
from kernel.ids import new_id
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/ledger", tags=["Ledger"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50
Kind = Literal["asset", "liability", "equity", "income", "expense"]


@router.get("/accounts", summary="The chart of accounts")
def accounts(_staff: Finance, db: Db) -> list[LedgerAccount]:
    with db.read() as session:
        return [
            LedgerAccount(code=row.code, name=Words(es=row.name_es, en=row.name_en), kind=cast(Kind, row.kind))
            for row in ledger.accounts(session)
        ]


@router.get("/trial-balance", summary="Every account that was booked on: debits equal credits, currency by currency")
def trial_balance(_staff: Finance, db: Db, through_on: date | None = None) -> list[AccountBalance]:
    with db.read() as session:
        return [
            AccountBalance(
                code=line.code,
                name=Words(es=line.name_es, en=line.name_en),
                kind=cast(Kind, line.kind),
                debit=Money.of(line.debit_minor, line.currency),
                credit=Money.of(line.credit_minor, line.currency),
                balance=Money.of(line.balance_minor, line.currency),
            )
            for line in ledger.trial_balance(session, through_on)
        ]


@router.get("/journal", summary="What was booked, newest first")
def journal(
    _staff: Finance,
    db: Db,
    subject: Annotated[str | None, Query(max_length=40, examples=["PED-10023"])] = None,
    cursor: Annotated[str | None, Query(max_length=36, description="`next_cursor` of the page before.")] = None,
) -> JournalPage:
    with db.read() as session:
        found = ledger.journal(session, subject=subject, before=cursor, limit=PAGE + 1)
    return JournalPage(
        entries=[_to_entry(each) for each in found[:PAGE]],
        next_cursor=found[PAGE - 1].entry.id if len(found) > PAGE else None,
    )


@router.post(
    "/entries",
    summary="Book what no document tells: cash brought to the bank, a supplier paid, capital",
    response_model=JournalEntry,
    status_code=201,
    responses=MAY_WAIT | describe(*_ACT, AccountNotFound, AccountKept, NotBalanced, PeriodClosed),
)
def post_by_hand(request: NewEntry, staff: Finance, act: Act) -> Response:
    legs = [Leg(side.account, side.debit_minor, side.credit_minor) for side in request.postings]
    who, currency = f"staff:{staff.subject}", request.currency

    def work(session: Session) -> JournalEntry | PendingAct:
        wish = Wish(
            "journal_entry", None, request.model_dump(mode="json"), currency, request.note, who, roles_of(staff)
        )

        def do() -> str:
            return ledger.post_by_hand(session, new_id(), currency, request.occurred_on, legs, who, request.note)

        made = do_or_ask(session, wish, do, lambda _: sum(leg.debit_minor for leg in legs))
        return _to_entry(ledger.entry(session, made)) if isinstance(made, str) else to_pending(session, made)

    return act.once(work, status=201)


@router.post(
    "/entries/{entry_id}/reverse",
    summary="Book the opposite of an entry that was posted by hand, once",
    response_model=JournalEntry,
    status_code=201,
    responses=describe(*_ACT, EntryNotFound, NotByHand, AlreadyReversed, PeriodClosed),
)
def reverse(
    entry_id: Annotated[Text, Path(max_length=36)], request: ReverseEntry, staff: Finance, act: Act
) -> Response:
    def work(session: Session) -> JournalEntry:
        today = shop_day(shop(session))
        made = ledger.reverse(session, entry_id, today, f"staff:{staff.subject}", request.note)
        return _to_entry(ledger.entry(session, made))

    return act.once(work, status=201)


@router.get("/closings", summary="Through which day the books are closed")
def closed(_staff: Finance, db: Db) -> BooksClosed:
    with db.read() as session:
        return BooksClosed(closed_through=ledger.closed_through(session))


@router.post(
    "/closings",
    summary="Close the books through a day that is over",
    response_model=BooksClosed,
    status_code=201,
    responses=describe(*_ACT, NothingToClose),
)
def close(request: CloseBooks, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> BooksClosed:
        ledger.close(session, request.through_on, shop_day(shop(session)), f"staff:{staff.subject}")
        return BooksClosed(closed_through=ledger.closed_through(session))

    return act.once(work, status=201)


@router.get(
    "/journal.beancount",
    summary="The whole journal as a beancount file",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "The file."}},
)
def export(member: Finance, db: Db) -> Response:
    """Who takes the books out of the house is in the trail."""
    with db.read() as session:
        text = "\n".join(beancount.export(session))
    with db.write() as session:
        trail.write(session, doer_of(member), Asked("GET /staff/ledger/journal.beancount"))
    return Response(text, media_type="text/plain")


def _to_entry(booked: Booked) -> JournalEntry:
    entry = booked.entry
    return JournalEntry(
        id=entry.id,
        fact=entry.fact,
        subject=entry.subject,
        customer_id=entry.customer_id,
        currency=entry.currency,
        occurred_on=entry.occurred_on,
        note=entry.note,
        reverses_id=entry.reverses_id,
        who=entry.who,
        posted_at=entry.posted_at,
        postings=[
            Posting(account=row.account_code, debit_minor=row.debit_minor, credit_minor=row.credit_minor)
            for row in booked.postings
        ],
    )
