"""Book goods: what came, left, was lost or found, at what it cost, in the transaction in which it moved."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop, shop_day
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.rules import Leg
from backend.ledger.service import Fact
from kernel.ids import new_id


def goods_came(session: Session, cost_minor: int, subject: str, who: str) -> None:
    """Goods came from a supplier, who is owed what they cost. Records: a JournalEntry, if anyone knows the cost."""
    _book(session, "goods_received", new_id(), rules.goods_received(cost_minor), cost_minor, subject, who)


def goods_left(session: Session, cost_minor: int, parcel: str, subject: str, who: str) -> None:
    """A parcel with goods left for its customer. Records: a JournalEntry, once for each parcel."""
    _book(session, "goods_shipped", parcel, rules.goods_shipped(cost_minor), cost_minor, subject, who)


def partner_sent(session: Session, cost_minor: int, parcel: str, subject: str, who: str) -> None:
    """A partner's parcel left for our customer, at what they take. Records: a JournalEntry, once for each parcel."""
    _book(session, "partner_shipped", parcel, rules.partner_shipped(cost_minor), cost_minor, subject, who)


def goods_came_back(session: Session, cost_minor: int, subject: str, who: str) -> None:
    """What a customer returned lies in the house again. Records: a JournalEntry."""
    _book(session, "goods_restocked", new_id(), rules.goods_restocked(cost_minor), cost_minor, subject, who)


def goods_sent_back(session: Session, cost_minor: int, note: str, subject: str, who: str) -> None:
    """Goods went back to their supplier, as a debit note says. Records: a JournalEntry, once for each note."""
    legs = rules.goods_returned_to_supplier(cost_minor)
    _book(session, "goods_sent_back", note, legs, cost_minor, subject, who)


def goods_counted(session: Session, worth_minor: int, subject: str, who: str) -> None:
    """Goods worth so much turned up; are missing or spoilt, when it is negative. Records: a JournalEntry."""
    fact, rule = ("goods_found", rules.goods_found) if worth_minor > 0 else ("goods_lost", rules.goods_lost)
    _book(session, fact, new_id(), rule(abs(worth_minor)), worth_minor, subject, who)


def _book(session: Session, fact: str, key: str, legs: list[Leg], cost_minor: int, subject: str, who: str) -> None:
    if not cost_minor:
        return
    seller = shop(session)
    named = Fact(
        key=f"{fact}:{key}",
        name=fact,
        subject=subject[:40],
        currency=seller.currency,
        occurred_on=shop_day(seller),
        who=who,
    )
    ledger.post(session, named, legs)
