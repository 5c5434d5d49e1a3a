"""The auditor: reads every standing invariant of the OMS and says what does not hold. It changes nothing.

Each file of this folder names what always holds of one part of the business, in its `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from backend.audit import (
    books,
    customers,
    discounts,
    fulfillment,
    orders,
    outboxes,
    partners,
    payments,
    reminders,
    returns,
    stock,
)

_PARTS = (stock, partners, orders, discounts, fulfillment, books, payments, reminders, returns, customers)


@dataclass(frozen=True, slots=True)
class Finding:
    """`invariant` does not hold for `subject`; `facts` are the figures that disagree."""

    invariant: str
    subject: str
    facts: dict[str, Any]


def audit(session: Session, *, has_worker: bool = True) -> list[Finding]:
    """Everything that does not hold; empty when all is well. Without a worker nothing that goes out ends."""
    parts = (*_PARTS, outboxes) if has_worker else _PARTS
    return [
        finding for part in parts for name, query in part.CHECKS.items() for finding in _run(session, name, query())
    ]


def _run(session: Session, invariant: str, query: Executable) -> Iterator[Finding]:
    for row in session.execute(query).mappings():
        facts = dict(row)
        yield Finding(invariant, str(facts.pop("subject")), facts)
