"""Invoices over HTTP: issuing and correcting them for finance, the customer's own as they were sent."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Finance, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.orders import Number
from backend.api.problems import InvalidRequest, describe
from backend.carts.quantity import in_units
from backend.catalog.errors import UnknownTaxClass
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.invoicing import models
from backend.invoicing import service as invoicing
from backend.invoicing.errors import (
    InvoiceNotFound,
    LineNotInvoiced,
    NotAnInvoice,
    NothingToInvoice,
    SeriesUsedUp,
    TooMuchToCredit,
)
from backend.invoicing.service import FullInvoice
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.schemas.base import Money, Text, Words
from backend.schemas.invoices import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoicePage,
    InvoiceSummary,
    NewCreditNote,
    NewDebitNote,
)
from backend.shipping.errors import ShipmentNotFound
from backend.workflows.invoice_shipment import invoice_shipment
from backend.workflows.issue_credit_note import Credit, issue_credit_note
from backend.workflows.issue_debit_note import issue_debit_note
from backend.workflows.make_invoice_files import make_invoice_files
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Invoices"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_ISSUE = (SeriesUsedUp, PeriodClosed)
PAGE = 50
MEDIA_TYPES = {"pdf": "application/pdf", "xml": "application/xml"}

InvoiceNumber = Annotated[Text, Path(max_length=24, examples=["FV-1"])]
Form = Literal["pdf", "xml"]
_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()}, "description": "The file."}
}


@router.post(
    "/staff/shipments/{number}/invoice",
    summary="Invoice a parcel that has left; again, the same invoice",
    response_model=Invoice,
    status_code=201,
    responses=describe(*_ACT, *_ISSUE, ShipmentNotFound, NothingToInvoice),
)
def issue(number: Annotated[Text, Path(max_length=28)], staff: Finance, act: Act) -> Response:
    who = f"staff:{staff.subject}"
    return act.once(lambda session: _to_invoice(session, invoice_shipment(session, number, who)), status=201)


@router.get("/staff/invoices", summary="All documents, newest first")
def page(
    _staff: Staff,
    db: Db,
    kind: InvoiceKind | None = None,
    cursor: Annotated[str | None, Query(max_length=24, description="`next_cursor` of the page before.")] = None,
) -> InvoicePage:
    with db.read() as session:
        found = invoicing.page(session, kind, cursor, PAGE + 1)
    return InvoicePage(
        invoices=[
            InvoiceSummary(
                number=each.number,
                kind=cast(InvoiceKind, each.kind),
                customer_id=each.customer_id,
                issued_on=each.issued_on,
                due_on=each.due_on,
                total=Money.of(each.total_minor, each.currency),
            )
            for each in found[:PAGE]
        ],
        next_cursor=found[PAGE - 1].number if len(found) > PAGE else None,
    )


@router.get("/staff/invoices/{number}", summary="One document", responses=describe(InvoiceNotFound))
def one(number: InvoiceNumber, _staff: Staff, db: Db) -> Invoice:
    with db.read() as session:
        return _to_invoice(session, invoicing.find(session, number))


@router.get(
    "/staff/invoices/{number}/files/{form}",
    summary="A document as it is sent: PDF or UBL 2.1",
    response_class=Response,
    responses=_FILES | describe(InvoiceNotFound),
)
def file(number: InvoiceNumber, form: Form, _staff: Staff, db: Db) -> Response:
    return _file(make_invoice_files(db, number)[form], number)


@router.post(
    "/staff/invoices/{number}/credit-notes",
    summary="Take a part of an invoice back, never more than is left of it",
    response_model=Invoice,
    status_code=201,
    responses=describe(
        *_ACT, *_ISSUE, InvoiceNotFound, NotAnInvoice, LineNotInvoiced, TooMuchToCredit, NothingToInvoice
    ),
)
def credit(number: InvoiceNumber, note: NewCreditNote, staff: Finance, act: Act) -> Response:
    credits = [Credit(line.position, line.base_quantity) for line in note.lines]

    def work(session: Session) -> Invoice:
        issued = issue_credit_note(
            session,
            number,
            credits,
            with_delivery=note.with_delivery,
            reason=note.reason,
            cause=act.name,
            who=f"staff:{staff.subject}",
        )
        return _to_invoice(session, issued)

    return act.once(work, status=201)


@router.post(
    "/staff/invoices/{number}/debit-notes",
    summary="Add to what an invoice charges",
    response_model=Invoice,
    status_code=201,
    responses=describe(*_ACT, *_ISSUE, InvoiceNotFound, NotAnInvoice, UnknownTaxClass),
)
def debit(number: InvoiceNumber, note: NewDebitNote, staff: Finance, act: Act) -> Response:
    given = {"reason": note.reason, "who": f"staff:{staff.subject}"}

    def work(session: Session) -> Invoice:
        issued = issue_debit_note(session, number, note.amount_minor, note.tax_class, cause=act.name, **given)
        return _to_invoice(session, issued)

    return act.once(work, status=201)


@router.get("/orders/{number}/invoices", summary="The documents of an order", responses=describe(OrderNotFound))
def of_order(number: Number, customer: Customer, db: Db) -> list[Invoice]:
    with db.read() as session:
        order = orders.find(session, customer.subject, number).order
        return [_to_invoice(session, each) for each in invoicing.of_order(session, order.id)]


@router.get(
    "/invoices/{number}/files/{form}",
    summary="A document of one's own: PDF or UBL 2.1",
    response_class=Response,
    responses=_FILES | describe(InvoiceNotFound),
)
def own_file(number: InvoiceNumber, form: Form, customer: Customer, db: Db) -> Response:
    with db.read() as session:
        invoicing.find(session, number, customer_id=customer.subject)
    return _file(make_invoice_files(db, number)[form], number)


def _file(kept: models.InvoiceFile, number: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{number.upper()}.{kept.format}"', "ETag": kept.sha256}
    return Response(kept.content, media_type=MEDIA_TYPES[kept.format], headers=headers)


def _to_invoice(session: Session, full: FullInvoice) -> Invoice:
    row = full.invoice

    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, row.currency)

    return Invoice(
        number=row.number,
        kind=cast(InvoiceKind, row.kind),
        order_number=orders.by_id(session, row.order_id).order.number,
        corrects=invoicing.by_id(session, row.corrects_id).number if row.corrects_id else None,
        reason=row.reason,
        issued_on=row.issued_on,
        due_on=row.due_on,
        subtotal=money(row.subtotal_minor),
        delivery=money(row.delivery_minor),
        tax=money(row.tax_minor),
        withheld=money(row.withheld_minor),
        total=money(row.total_minor),
        payable=money(row.payable_minor),
        lines=[
            InvoiceLine(
                position=line.position,
                sku=line.sku,
                name=line.name,
                names=Words(es=line.name, en=line.name_en),
                quantity=in_units(line.base_quantity, line.factor),
                unit=line.unit,
                unit_name=Words(es=line.unit_name_es, en=line.unit_name_en),
                base_quantity=line.base_quantity,
                tax_class=line.tax_class,
                net=money(line.net_minor),
                tax=money(line.tax_minor),
                total=money(line.gross_minor),
            )
            for line in full.lines
        ],
    )
