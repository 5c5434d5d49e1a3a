"""Alert finance: something of payments does not fit together, and a person must look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.payments import alerts
from kernel.logging import get_logger

log = get_logger(__name__)


def alert_finance(session: Session, key: str, kind: str, provider: str, subject: str, facts: Mapping[str, Any]) -> bool:
    """Whether it is new: the same `key` of a kind is raised once, and stays until somebody closes it.

    Records: a PaymentAlert, the event `payment.alert`.
    """
    if not alerts.raise_alert(session, key, kind, provider, subject, facts):
        return False
    log.error("payment_alert", kind=kind, provider=provider, subject=subject)
    events.record(
        session, "payment.alert", subject[:40], {"alert": kind, "provider": provider, "about": subject} | dict(facts)
    )
    return True
