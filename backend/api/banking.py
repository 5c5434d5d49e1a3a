"""Bank statements over HTTP, for finance: accounts, imports, and what explains no line by itself."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Db, Finance, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import BodyTooLarge, InvalidRequest, describe
from backend.banking import models
from backend.banking import service as banking
from backend.banking.errors import (
    BankAccountNotFound,
    BankFormatInvalid,
    BankLineDiffers,
    BankLineEnded,
    BankLineNotFound,
    StatementUnreadable,
)
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.ledger.errors import PeriodClosed
from backend.orders.errors import OrderNotFound
from backend.payments import service as payments
from backend.payments.errors import PaymentNotFound
from backend.schemas.banking import (
    BankAccount,
    BankAccountFacts,
    BankLine,
    BankLinePage,
    BankLineState,
    BankStatement,
    IgnoreBankLine,
    MatchBankLine,
    NewStatement,
    StatementFormat,
)
from backend.schemas.base import Money, Text
from backend.workflows.match_bank_line import import_statement, match_with_order, match_with_payment
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/bank", tags=["Bank"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50
Code = Annotated[Text, Path(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$", examples=["bancolombia"])]
LineId = Annotated[Text, Path(max_length=36)]


@router.get("/accounts", summary="The shop's bank accounts")
def accounts(_staff: Finance, db: Db) -> list[BankAccount]:
    with db.read() as session:
        return [_to_account(account) for account in banking.accounts(session)]


@router.put(
    "/accounts/{code}",
    summary="Add a bank account, or say how its statements are written",
    response_model=BankAccount,
    responses=describe(*_ACT, BankFormatInvalid, ShopNotSetUp),
)
def put_account(code: Code, given: BankAccountFacts, _staff: Finance, act: Act) -> Response:
    def work(session: Session) -> BankAccount:
        written = given.csv_format.model_dump()
        return _to_account(banking.set_account(session, code, given.name, shop(session).currency, written))

    return act.once(work)


@router.get("/statements", summary="The statements that were imported, newest first")
def statements(_staff: Finance, db: Db) -> list[BankStatement]:
    with db.read() as session:
        return [_to_statement(session, each) for each in banking.statements(session, PAGE)]


@router.post(
    "/statements",
    summary="Import a statement, whole or not at all",
    response_model=BankStatement,
    status_code=201,
    responses=describe(*_ACT, BankAccountNotFound, StatementUnreadable, BodyTooLarge, PeriodClosed, ShopNotSetUp),
)
def import_file(given: NewStatement, staff: Finance, act: Act) -> Response:
    """Lines that name a payment, or an order and what is due of it, are matched at once; the rest stays open."""

    def work(session: Session) -> BankStatement:
        who = f"staff:{staff.subject}"
        imported = import_statement(session, given.account, given.file_name, given.content, who)
        return _to_statement(session, imported.statement)

    return act.once(work, status=201)


@router.get("/lines", summary="Lines of all statements: the open ones wait for a person")
def lines(
    _staff: Finance,
    db: Db,
    state: BankLineState | None = None,
    cursor: Annotated[str | None, Query(max_length=36, description="`next_cursor` of the page before.")] = None,
) -> BankLinePage:
    with db.read() as session:
        found = banking.lines(session, state, cursor, PAGE + 1)
        shown = [_to_line(session, line) for line in found[:PAGE]]
    return BankLinePage(lines=shown, next_cursor=shown[-1].id if len(found) > PAGE else None)


@router.post(
    "/lines/{line_id}/match",
    summary="Say which payment a line confirms, or which order it pays",
    response_model=BankLine,
    responses=describe(
        *_ACT,
        BankLineNotFound,
        BankLineEnded,
        BankLineDiffers,
        PaymentNotFound,
        OrderNotFound,
        PeriodClosed,
        ShopNotSetUp,
    ),
)
def match(line_id: LineId, wish: MatchBankLine, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> BankLine:
        who, line = f"staff:{staff.subject}", banking.line(session, line_id)
        if wish.payment is not None:
            match_with_payment(session, line, wish.payment, who)
        else:
            assert wish.order is not None, "the request names one of them"
            match_with_order(session, line, wish.order, who)
        return _to_line(session, line)

    return act.once(work)


@router.post(
    "/lines/{line_id}/ignore",
    summary="Say that a line is no payment of a customer",
    response_model=BankLine,
    responses=describe(*_ACT, BankLineNotFound, BankLineEnded),
)
def ignore(line_id: LineId, given: IgnoreBankLine, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> BankLine:
        line = banking.line(session, line_id)
        banking.ignore(session, line, given.note, f"staff:{staff.subject}")
        return _to_line(session, line)

    return act.once(work)


def _to_account(account: models.BankAccount) -> BankAccount:
    return BankAccount(
        code=account.code,
        name=account.name,
        currency=account.currency,
        csv_format=StatementFormat.model_validate(account.csv_format),
    )


def _to_statement(session: Session, statement: models.BankStatement) -> BankStatement:
    return BankStatement(
        id=statement.id,
        account=statement.account_code,
        file_name=statement.file_name,
        lines=statement.lines_count,
        known=statement.known_count,
        matched=sum(line.state == "matched" for line in banking.lines_of(session, statement.id)),
        imported_at=statement.imported_at,
        who=statement.who,
    )


def _to_line(session: Session, line: models.BankLine) -> BankLine:
    currency = banking.account(session, line.account_code).currency
    payment = payments.by_id(session, line.payment_id) if line.payment_id else None
    return BankLine(
        id=line.id,
        account=line.account_code,
        row=line.row,
        booked_on=line.booked_on,
        amount=Money.of(line.amount_minor, currency),
        reference=line.reference,
        description=line.description,
        state=cast(BankLineState, line.state),
        payment=payment.number if payment else None,
        note=line.note,
        ended_by=line.ended_by,
    )
