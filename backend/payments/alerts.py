"""What of payments a person must look at: raised once, listed, closed with a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.payments.errors import AlertClosed, AlertNotFound
from backend.payments.models import PaymentAlert
from kernel import clock
from kernel.ids import new_id


def raise_alert(session: Session, key: str, kind: str, provider: str, subject: str, facts: Mapping[str, Any]) -> bool:
    """Whether it is new. Records: one PaymentAlert."""
    row = {
        "id": new_id(),
        "key": f"{kind}:{provider}:{key}"[:300],
        "kind": kind,
        "provider": provider,
        "subject": subject[:120],
        "facts": dict(facts),
        "raised_at": clock.now(),
        "closed_at": None,
        "closed_by": None,
        "note": None,
    }
    return insert_if_absent(session, PaymentAlert, row)


def page(session: Session, *, is_open: bool, before: str | None, limit: int) -> list[PaymentAlert]:
    """Alerts, newest first, from before the id `before`."""
    closed = PaymentAlert.closed_at
    query = select(PaymentAlert).where(closed.is_(None) if is_open else closed.is_not(None))
    if before is not None:
        query = query.where(PaymentAlert.id < before)
    return list(session.scalars(query.order_by(PaymentAlert.id.desc()).limit(limit)))


def close(session: Session, alert_id: str, note: str, who: str) -> PaymentAlert:
    """Raises: AlertNotFound, AlertClosed."""
    alert = session.scalar(select(PaymentAlert).where(PaymentAlert.id == alert_id).with_for_update())
    if alert is None:
        raise AlertNotFound()
    if alert.closed_at is not None:
        raise AlertClosed(closed_by=alert.closed_by)
    alert.closed_at, alert.closed_by, alert.note = clock.now(), who, note
    session.flush()
    return alert
