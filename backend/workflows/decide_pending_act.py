"""Decide on a pending act: a second person approves it, and it is done; or refuses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend.approvals import service as approvals
from backend.approvals.models import PendingAct
from backend.ledger import service as ledger
from backend.ledger.rules import Leg
from backend.quotes import service as quotes
from backend.workflows.allocate_payment import write_off
from backend.workflows.ask_second_person import may_decide
from backend.workflows.give_discount import give_discount
from backend.workflows.issue_credit_note import Credit, issue_credit_note
from backend.workflows.issue_debit_note import issue_debit_note


def approve_pending(session: Session, number: str, who: str, roles: Set[str]) -> PendingAct:
    """It is done now, as its member asked for it; what stands against it now is refused, and it waits on.

    Records: what the act records; the decision.
    Raises: PendingActNotFound, PendingActDecided, SamePerson, AboveLimit; what the act raises.
    """
    row = approvals.to_decide(session, number, who)
    may_decide(session, row, who, roles)
    result = _DONE_BY[row.act](session, row, row.body)
    approvals.decide(session, row, "approved", who, None, result)
    return row


def refuse_pending(session: Session, number: str, note: str, who: str) -> PendingAct:
    """Records: the decision. Raises: PendingActNotFound, PendingActDecided, SamePerson."""
    row = approvals.to_decide(session, number, who)
    approvals.decide(session, row, "refused", who, note, None)
    return row


def _credit_note(session: Session, row: PendingAct, body: Mapping[str, Any]) -> str:
    issued = issue_credit_note(
        session,
        str(row.subject),
        [Credit(line["position"], line["base_quantity"]) for line in body["lines"]],
        with_delivery=body["with_delivery"],
        reason=row.reason,
        cause=row.id,
        who=row.requested_by,
    )
    return issued.invoice.number


def _debit_note(session: Session, row: PendingAct, body: Mapping[str, Any]) -> str:
    issued = issue_debit_note(
        session,
        str(row.subject),
        body["amount_minor"],
        body["tax_class"],
        reason=row.reason,
        cause=row.id,
        who=row.requested_by,
    )
    return issued.invoice.number


def _write_off(session: Session, row: PendingAct, body: Mapping[str, Any]) -> str:
    document = write_off(session, str(row.subject), body["amount_minor"], row.reason, row.id, row.requested_by)
    return document.number


def _journal_entry(session: Session, row: PendingAct, body: Mapping[str, Any]) -> str:
    legs = [Leg(side["account"], side["debit_minor"], side["credit_minor"]) for side in body["postings"]]
    on = date.fromisoformat(body["occurred_on"])
    return ledger.post_by_hand(session, row.id, row.currency, on, legs, row.requested_by, row.reason)


def _discount(session: Session, row: PendingAct, body: Mapping[str, Any]) -> str:
    """To the quote as it is now: whoever approves it looks at that."""
    quote = quotes.find(session, str(row.subject), lock=True)
    return give_discount(session, quote, body["amount_minor"], body["sku"]).quote.number


_DONE_BY: Mapping[str, Callable[[Session, PendingAct, Mapping[str, Any]], str]] = {
    "credit_note": _credit_note,
    "debit_note": _debit_note,
    "write_off": _write_off,
    "journal_entry": _journal_entry,
    "discount": _discount,
}
