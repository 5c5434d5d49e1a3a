"""Invoices over HTTP: issuing and correcting them for finance, the customer's own as they were sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Finance, MoneyDesk, Service, Staff, WrongRole, roles_of
from backend.api.idempotency import Act
from backend.api.orders import Number
from backend.api.pending_acts import MAY_WAIT, to_pending
from backend.api.problems import InvalidRequest, describe
from backend.carts.quantity import in_units
from backend.catalog.errors import UnknownTaxClass
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.invoicing import models, proofs, submissions
from backend.invoicing import service as invoicing
from backend.invoicing.errors import (
    InvoiceAnswered,
    InvoiceLinkExpired,
    InvoiceLinkUnknown,
    InvoiceNotFound,
    LineNotInvoiced,
    NotAnInvoice,
    NothingToInvoice,
    RejectionWithoutReason,
    SeriesUsedUp,
    SubmissionNotFailed,
    TooMuchToCredit,
)
from backend.invoicing.models import MEDIA_TYPES
from backend.invoicing.service import FullInvoice
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.schemas import invoices as shapes
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
from backend.schemas.staff import PendingAct
from backend.shipping.errors import ShipmentNotFound
from backend.workflows.ask_second_person import Wish, do_or_ask
from backend.workflows.invoice_shipment import invoice_shipment
from backend.workflows.issue_credit_note import Credit, issue_credit_note
from backend.workflows.issue_debit_note import issue_debit_note
from backend.workflows.link_invoice import link_invoice
from backend.workflows.make_invoice_files import make_invoice_files
from backend.workflows.open_amounts import OWING, open_of
from backend.workflows.open_invoice import BY_LINK, answer_invoice, note_opened, open_invoice
from backend.workflows.send_invoice import send_invoice
from kernel.tokens import Principal, TokenRefused

router = APIRouter(tags=["Invoices"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_ISSUE = (SeriesUsedUp, PeriodClosed)
PAGE = 50

InvoiceNumber = Annotated[Text, Path(max_length=24, examples=["FV-1"])]
Form = Literal["pdf", "xml"]
LinkToken = Annotated[str, Path(max_length=100)]
_LINK = (InvoiceLinkUnknown, InvoiceLinkExpired)
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


@router.get("/staff/invoices", summary="All documents, newest first", responses=describe(OrderNotFound))
def page(
    _staff: Staff,
    db: Db,
    kind: InvoiceKind | None = None,
    order: Annotated[Text | None, Query(max_length=20, description="Those of this order.")] = None,
    since: Annotated[date | None, Query(description="Issued on this day or later.")] = None,
    until: Annotated[date | None, Query(description="Issued on this day or before.")] = None,
    cursor: Annotated[str | None, Query(max_length=24, description="`next_cursor` of the page before.")] = None,
) -> InvoicePage:
    with db.read() as session:
        order_id = orders.find_any(session, order).order.id if order else None
        found = invoicing.page(session, kind, cursor, PAGE + 1, order_id, since, until)
        is_open = open_of(session, [each.id for each in found])
        numbers = orders.numbers_of(session, [each.order_id for each in found])
        shown = [_to_summary(each, numbers[each.order_id], is_open.get(each.id, 0)) for each in found[:PAGE]]
    return InvoicePage(invoices=shown, next_cursor=found[PAGE - 1].number if len(found) > PAGE else None)


def _to_summary(row: models.Invoice, order_number: str, open_minor: int) -> InvoiceSummary:
    return InvoiceSummary(
        number=row.number,
        kind=cast(InvoiceKind, row.kind),
        customer_id=row.customer_id,
        customer=row.buyer["name"],
        order_number=order_number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        total=Money.of(row.total_minor, row.currency),
        open=Money.of(open_minor, row.currency) if row.kind in OWING else None,
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
    responses=MAY_WAIT
    | describe(*_ACT, *_ISSUE, InvoiceNotFound, NotAnInvoice, LineNotInvoiced, TooMuchToCredit, NothingToInvoice),
)
def credit(number: InvoiceNumber, note: NewCreditNote, staff: Finance, act: Act) -> Response:
    credits = [Credit(line.position, line.base_quantity) for line in note.lines]

    def work(session: Session) -> Invoice | PendingAct:
        def issue() -> FullInvoice:
            return issue_credit_note(
                session,
                number,
                credits,
                with_delivery=note.with_delivery,
                reason=note.reason,
                cause=act.name,
                who=f"staff:{staff.subject}",
            )

        return _issue_or_ask(session, _wish(session, "credit_note", number, note, staff), issue)

    return act.once(work, status=201)


@router.post(
    "/staff/invoices/{number}/debit-notes",
    summary="Add to what an invoice charges",
    response_model=Invoice,
    status_code=201,
    responses=MAY_WAIT | describe(*_ACT, *_ISSUE, InvoiceNotFound, NotAnInvoice, UnknownTaxClass),
)
def debit(number: InvoiceNumber, note: NewDebitNote, staff: Finance, act: Act) -> Response:
    given = {"reason": note.reason, "who": f"staff:{staff.subject}"}

    def work(session: Session) -> Invoice | PendingAct:
        def issue() -> FullInvoice:
            return issue_debit_note(session, number, note.amount_minor, note.tax_class, cause=act.name, **given)

        return _issue_or_ask(session, _wish(session, "debit_note", number, note, staff), issue)

    return act.once(work, status=201)


def _wish(session: Session, kind: str, number: str, note: NewCreditNote | NewDebitNote, member: Principal) -> Wish:
    invoice = invoicing.find(session, number).invoice
    return Wish(
        act=kind,
        subject=invoice.number,
        body=note.model_dump(mode="json"),
        currency=invoice.currency,
        reason=note.reason,
        who=f"staff:{member.subject}",
        roles=roles_of(member),
    )


def _issue_or_ask(session: Session, wish: Wish, issue: Callable[[], FullInvoice]) -> Invoice | PendingAct:
    made = do_or_ask(session, wish, issue, lambda issued: issued.invoice.total_minor)
    return _to_invoice(session, made) if isinstance(made, FullInvoice) else to_pending(session, made)


@router.post(
    "/staff/invoices/{number}/sending",
    summary="Send a document to its customer once more: to the chat, and by e-mail with its files",
    response_model=Invoice,
    responses=describe(*_ACT, InvoiceNotFound),
)
def send(number: InvoiceNumber, _staff: MoneyDesk, act: Act) -> Response:
    return act.once(lambda session: _to_invoice(session, send_invoice(session, number)))


@router.get("/orders/{number}/invoices", summary="The documents of an order", responses=describe(OrderNotFound))
def of_order(number: Number, customer: Customer, db: Db) -> list[Invoice]:
    with db.read() as session:
        order = orders.find(session, customer.subject, number).order
        found = [(each, link_invoice(session, each.invoice.id)) for each in invoicing.of_order(session, order.id)]
        return [_to_invoice(session, each).model_copy(update={"url": url}) for each, url in found]


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


@router.get(
    "/staff/invoices/{number}/proof",
    summary="Whether a document arrived, and what its customer says of it",
    responses=describe(InvoiceNotFound),
)
def proof(number: InvoiceNumber, _staff: Staff, db: Db) -> shapes.InvoiceDelivery:
    with db.read() as session:
        return _to_delivery(session, invoicing.find(session, number).invoice)


@router.post(
    "/staff/invoices/{number}/proof",
    summary="Enter what the customer says of a document",
    response_model=shapes.InvoiceDelivery,
    responses=describe(*_ACT, InvoiceNotFound, RejectionWithoutReason),
)
def enter_answer(number: InvoiceNumber, given: shapes.InvoiceAnswer, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> shapes.InvoiceDelivery:
        row = invoicing.find(session, number).invoice
        answer_invoice(session, row, given.answer, given.reason, f"staff:{staff.subject}")
        return _to_delivery(session, row)

    return act.once(work)


@router.post(
    "/staff/invoices/{number}/submission",
    summary="Submit to the e-invoicing provider again what was refused or given up",
    response_model=shapes.InvoiceDelivery,
    responses=describe(*_ACT, InvoiceNotFound, SubmissionNotFailed),
)
def submit(number: InvoiceNumber, _staff: Finance, act: Act) -> Response:
    def work(session: Session) -> shapes.InvoiceDelivery:
        row = invoicing.find(session, number).invoice
        submissions.submit_again(session, row.id)
        return _to_delivery(session, row)

    return act.once(work)


@router.get("/documents/{token}", summary="What the link to a document shows", responses=describe(*_LINK))
def linked(token: LinkToken, _page: Service, db: Db, response: Response) -> shapes.LinkedInvoice:
    response.headers["Cache-Control"] = "no-store"
    with db.read() as session:
        return _to_linked(session, open_invoice(session, token))


@router.get(
    "/documents/{token}/files/{form}",
    summary="A file of the document that a link opens; that it was fetched is noted",
    response_class=Response,
    responses=_FILES | describe(*_LINK),
)
def linked_file(token: LinkToken, form: Form, _page: Service, db: Db) -> Response:
    with db.read() as session:
        number = open_invoice(session, token).number
    made = make_invoice_files(db, number)[form]
    with db.write() as session:
        note_opened(session, open_invoice(session, token))
    return _file(made, number)


@router.post(
    "/documents/{token}/answer",
    summary="The customer accepts or rejects a document, once",
    response_model=shapes.LinkedInvoice,
    responses=describe(*_ACT, *_LINK, RejectionWithoutReason, InvoiceAnswered),
)
def answer(token: LinkToken, given: shapes.InvoiceAnswer, _page: Service, act: Act) -> Response:
    def work(session: Session) -> shapes.LinkedInvoice:
        row = open_invoice(session, token)
        answer_invoice(session, row, given.answer, given.reason, BY_LINK)
        return _to_linked(session, row)

    return act.once(work)


def _to_linked(session: Session, row: models.Invoice) -> shapes.LinkedInvoice:
    known = proofs.answer(session, row.id)
    return shapes.LinkedInvoice(
        number=row.number,
        kind=cast(InvoiceKind, row.kind),
        order_number=orders.by_id(session, row.order_id).order.number,
        seller=row.seller["name"],
        buyer=row.buyer["name"],
        language="en" if row.buyer.get("language") == "en" else "es",
        issued_on=row.issued_on,
        due_on=row.due_on,
        total=Money.of(row.total_minor, row.currency),
        payable=Money.of(row.payable_minor, row.currency),
        answer=cast(Any, known.kind) if known else None,
    )


def _to_delivery(session: Session, row: models.Invoice) -> shapes.InvoiceDelivery:
    submission = submissions.find(session, row.id)
    return shapes.InvoiceDelivery(
        proofs=[
            shapes.InvoiceProof(
                kind=cast(Any, each.kind), reason=each.reason, who=each.who, happened_at=each.happened_at
            )
            for each in proofs.of_invoice(session, row.id)
        ],
        submission=shapes.InvoiceSubmission(
            provider=submission.provider,
            status=cast(Any, submission.status),
            attempts=submission.attempts,
            reference=submission.reference,
            reason=submission.reason,
        )
        if submission
        else None,
    )


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
                discount=money(line.discount_minor),
                net=money(line.net_minor),
                tax=money(line.tax_minor),
                total=money(line.gross_minor),
            )
            for line in full.lines
        ],
    )
