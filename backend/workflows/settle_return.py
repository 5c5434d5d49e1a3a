"""Settle a return: its credit notes, what is charged for it, and what its customer gets, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.customers import service as customers
from backend.invoicing import service as invoicing
from backend.invoicing.errors import TooMuchToCredit
from backend.invoicing.models import Invoice, InvoiceLine
from backend.invoicing.service import FullInvoice
from backend.orders import service as orders
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.payments import service as payments
from backend.payments import settlements
from backend.returns import service as returns
from backend.returns.models import Return, ReturnLine
from backend.returns.policy import policy
from backend.returns.service import FullReturn
from backend.workflows.issue_credit_note import Credit, issue_credit_note
from backend.workflows.issue_debit_note import issue_debit_note
from backend.workflows.lock_return import working_day_in
from backend.workflows.request_refund import CUSTOMER, refund_order
from backend.workflows.settle_invoice import settle_invoice
from kernel import clock

BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class _Left:
    """An invoice's line, and how many base units of it are not credited yet."""

    invoice: Invoice
    line: InvoiceLine
    quantity: int


def settle_return(session: Session, found: FullOrder, full: FullReturn, how: str, who: str) -> None:
    """The money of the (locked) return of the (locked) order, once: `how` is one of the RESOLUTIONS.

    Each line is credited at its exact share of what was billed, tax and discounts with it. The delivery goes back with
    the last of its invoice, where nothing of it is the customer's doing.

    What that gives the customer with us pays what is charged; the rest is their balance, or goes back as a refund, as
    does what an exchange costs less.

    Records: the credit notes, the debit note of what is charged and what settles it, refunds; the return's sums and
    resolution.
    Raises: TooMuchToCredit, SeriesUsedUp, PeriodClosed.
    """
    rma = full.rma
    assert rma.settled_at is None, "it is settled once"
    rma.settled_at, rma.resolution = clock.now(), how
    if how == "none":
        session.flush()
        return
    customers.lock(session, rma.customer_id)
    before = _with_us(session, found.order)
    notes = _credit(session, found, full, who)
    rma.credited_minor = sum(note.invoice.total_minor for _, note in notes)
    charge = _charge(session, full, notes, who)
    if charge is not None:
        rma.charged_minor = charge.invoice.total_minor
        settle_invoice(session, found.order, charge, who)
    given = _with_us(session, found.order) - before
    rma.given_back_minor = max(min(given, rma.credited_minor - rma.charged_minor), 0)
    session.flush()
    most_minor = _to_refund(session, rma, how)
    if most_minor:
        made = refund_order(
            session,
            found.order,
            key=f"return:{rma.number}",
            reason=rma.number,
            who=who,
            roles=CUSTOMER,
            most_minor=most_minor,
            credit_note_id=notes[0][1].invoice.id,
        )
        rma.refunded_minor = sum(refund.amount_minor for refund in made)
        rma.pay_by = working_day_in(session, policy(session).pay_days) if made else None
        session.flush()


def exchange_total(session: Session, rma: Return) -> int:
    """What goes out for the return costs; nothing where its customer cancelled that."""
    if rma.exchange_order_id is None:
        return 0
    order = orders.by_id(session, rma.exchange_order_id).order
    return 0 if order.status == "cancelled" else order.total_minor


def _to_refund(session: Session, rma: Return, how: str) -> int:
    """How much goes back to how it was paid: all that is given back, or what an exchange costs less than that."""
    if how == "refund":
        return rma.given_back_minor
    if how == "exchange" and rma.difference_as == "refund":
        return max(rma.given_back_minor - exchange_total(session, rma), 0)
    return 0


def _with_us(session: Session, order: Order) -> int:
    """What the (locked) customer has with us: what pays nothing yet of the order's payments, and their balance."""
    free = settlements.free_minor(session, payments.of_orders(session, [order.id])[order.id])
    return sum(free.values()) + settlements.balance(session, order.customer_id, order.currency)


def _credit(session: Session, found: FullOrder, full: FullReturn, who: str) -> list[tuple[Invoice, FullInvoice]]:
    """The invoices that bill what comes back, each with its note."""
    documents = invoicing.of_order(session, found.order.id)
    left = _left(documents)
    current = {line.id for line in found.lines}
    wanted: dict[str, dict[int, int]] = {}
    for line in full.lines:
        missing = line.taken_back
        for each in _bills(left, line, current):
            parts = wanted.setdefault(each.invoice.number, {})
            part = min(missing, each.quantity - parts.get(each.line.position, 0))
            if part > 0:
                parts[each.line.position] = parts.get(each.line.position, 0) + part
                missing -= part
        if missing:
            raise TooMuchToCredit(sku=line.sku, left=line.taken_back - missing)
    notes = []
    for document in documents:
        parts = {position: count for position, count in wanted.get(document.invoice.number, {}).items() if count}
        if not parts:
            continue
        note = issue_credit_note(
            session,
            document.invoice.number,
            [Credit(position, quantity) for position, quantity in sorted(parts.items())],
            with_delivery=_gives_delivery_back(session, document, documents, left, parts),
            reason=f"Devolución {full.rma.number}",
            cause=f"return:{full.rma.number}:{document.invoice.number}",
            who=who,
        )
        notes.append((document.invoice, note))
    return notes


def _left(documents: Sequence[FullInvoice]) -> list[_Left]:
    credited: dict[tuple[str | None, str | None], int] = {}
    for document in documents:
        if document.invoice.kind == "credit_note":
            for line in document.lines:
                key = (document.invoice.corrects_id, line.order_line_id)
                credited[key] = credited.get(key, 0) + line.base_quantity
    return [
        _Left(document.invoice, line, line.base_quantity - credited.get((document.invoice.id, line.order_line_id), 0))
        for document in documents
        if document.invoice.kind == "invoice"
        for line in document.lines
    ]


def _bills(left: Sequence[_Left], line: ReturnLine, current: set[str]) -> list[_Left]:
    """Where a line was billed; what was billed before the line was changed stands under the line it was then."""
    own = [each for each in left if each.line.order_line_id == line.order_line_id]
    before = [each for each in left if each.line.sku == line.sku and each.line.order_line_id not in current]
    return own + before


def _gives_delivery_back(
    session: Session,
    document: FullInvoice,
    documents: Sequence[FullInvoice],
    left: Sequence[_Left],
    parts: dict[int, int],
) -> bool:
    given = sum(
        note.invoice.delivery_minor
        for note in documents
        if note.invoice.kind == "credit_note" and note.invoice.corrects_id == document.invoice.id
    )
    is_all = all(
        each.quantity == parts.get(each.line.position, 0) for each in left if each.invoice.id == document.invoice.id
    )
    if not is_all or document.invoice.delivery_minor <= given:
        return False
    others = [returns.full(session, rma) for rma in returns.of_order(session, document.invoice.order_id)]
    return not any(_is_customers_doing(session, each, each.lines) for each in others)


def _is_customers_doing(session: Session, full: FullReturn, lines: Sequence[ReturnLine]) -> bool:
    if full.rma.kind == BOUNCED:
        return False
    ours = {reason.code for reason in policy(session).reasons if reason.is_our_fault}
    return any(line.reason not in ours and line.taken_back for line in lines)


def _charge(
    session: Session, full: FullReturn, notes: Sequence[tuple[Invoice, FullInvoice]], who: str
) -> FullInvoice | None:
    """What the customer pays for a return that is their doing; never more than is credited."""
    rules, rma = policy(session), full.rma
    theirs = {line.sku for line in full.lines if _is_customers_doing(session, full, [line])}
    credited = sum(line.gross_minor for _, note in notes for line in note.lines if line.sku in theirs)
    fee_minor = rules.restocking_fee(credited)
    if theirs and rma.way == "pickup":
        fee_minor += rules.pickup_fee_minor
    fee_minor = min(fee_minor, rma.credited_minor)
    if not fee_minor or rules.fee_tax_class is None:
        return None
    return issue_debit_note(
        session,
        notes[0][0].number,
        fee_minor,
        rules.fee_tax_class,
        reason=f"Cargo por la devolución {rma.number}",
        cause=f"return_charge:{rma.number}",
        who=who,
    )
