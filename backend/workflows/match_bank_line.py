"""Match a line of a bank statement with the payment it confirms, or with the order it pays."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend.banking import service as banking
from backend.banking.errors import BankLineDiffers, BankLineEnded
from backend.banking.models import BankLine
from backend.banking.service import Imported
from backend.catalog.service import shop
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.payments import transfers
from backend.payments.models import Payment
from backend.workflows.look_at_dues import due_minor
from backend.workflows.record_payment import record_payment

# A transfer is on the statement on its day, or after a weekend.
DAYS_APART = 4
_ORDER_NUMBER = re.compile(r"\bPED[\s-]?0*([1-9]\d{0,11})\b", re.IGNORECASE)


def import_statement(session: Session, account: str, file_name: str, content: str, who: str) -> Imported:
    """Keep a statement whole, and match what explains itself; the rest stays open for a person.

    Records: what `banking.import_statement` and `record_payment` do; the matched lines.
    Raises: BankAccountNotFound, StatementUnreadable.
    """
    imported = banking.import_statement(session, account, file_name, content, who)
    currency = banking.account(session, account).currency
    for line in imported.lines:
        if line.amount_minor > 0:
            _match_by_itself(session, line, currency, who)
    return imported


def _match_by_itself(session: Session, line: BankLine, currency: str, who: str) -> None:
    """By reference and amount; by the order's number and what is due of it; by amount and day, if only one fits."""
    text = f"{line.reference} {line.description}"
    fitting = _unconfirmed(session, line, currency)
    named = transfers.named(fitting, text)
    if len(named) == 1:
        banking.match(session, line, named[0].id, who)
        return
    if named or _pay_named_order(session, line, text, currency, who):
        return
    # Without a name in it only the one payment that it can be.
    if len(fitting) == 1 and fitting[0].reference is None:
        banking.match(session, line, fitting[0].id, who)


def _unconfirmed(session: Session, line: BankLine, currency: str) -> list[Payment]:
    zone = ZoneInfo(shop(session).time_zone)
    day = datetime.combine(line.booked_on, time(), zone)
    around = timedelta(days=DAYS_APART)
    found = transfers.between(session, line.amount_minor, currency, day - around, day + around)
    known = banking.matched_payments(session, [payment.id for payment in found])
    return [payment for payment in found if payment.id not in known]


def _pay_named_order(session: Session, line: BankLine, text: str, currency: str, who: str) -> bool:
    """Whether the line named one order and brought just what is due of it, which it pays."""
    numbers = {f"{orders.NUMBER_PREFIX}{digits}" for digits in _ORDER_NUMBER.findall(text)}
    if len(numbers) != 1:
        return False
    try:
        found = orders.find_any(session, numbers.pop(), lock=True)
    except OrderNotFound:
        return False
    if found.order.currency != currency or due_minor(session, found.order) != line.amount_minor:
        return False
    _pay(session, line, found.order.number, who)
    return True


def match_with_payment(session: Session, line: BankLine, number: str, who: str) -> None:
    """The (locked) line is the bank's word for a payment that was recorded before.

    Raises: PaymentNotFound, BankLineEnded, BankLineDiffers.
    """
    payment = transfers.of_number(session, number)
    if banking.matched_payments(session, [payment.id]):
        raise BankLineEnded(state="matched")
    if payment.captured_minor != line.amount_minor:
        raise BankLineDiffers(amount_minor=line.amount_minor, expected_minor=payment.captured_minor)
    banking.match(session, line, payment.id, who)


def match_with_order(session: Session, line: BankLine, number: str, who: str) -> None:
    """The (locked) line pays an order, in part or more than whole.

    Records: what `record_payment` does; the matched line.
    Raises: OrderNotFound, BankLineEnded, BankLineDiffers for money that went out or is of another currency.
    """
    if line.state != "open":
        raise BankLineEnded(state=line.state)
    found = orders.find_any(session, number, lock=True)
    currency = banking.account(session, line.account_code).currency
    if line.amount_minor <= 0 or found.order.currency != currency:
        raise BankLineDiffers(amount_minor=line.amount_minor, expected_minor=due_minor(session, found.order))
    _pay(session, line, found.order.number, who)


def _pay(session: Session, line: BankLine, number: str, who: str) -> None:
    found = orders.find_any(session, number, lock=True)
    payment = record_payment(
        session,
        found,
        key=f"bank:{line.id}",
        method="bank_transfer",
        amount_minor=line.amount_minor,
        reference=line.reference or line.description[:80],
        who=who,
    )
    banking.match(session, line, payment.id, who)
