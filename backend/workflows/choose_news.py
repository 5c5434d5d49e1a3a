"""Choose news: what a customer wants to hear of; of advertising the proof is kept, for it needs a yes of its own."""

from __future__ import annotations

from datetime import time

from sqlalchemy.orm import Session

from backend import cause
from backend.consents import service as consents
from backend.customers import service as customers


def choose_news(
    session: Session,
    customer_id: str,
    *,
    order_updates: bool | None,
    marketing: bool | None,
    quiet_hours: tuple[time, time] | None,
    act: str,
) -> None:
    """Records: the Preference; a Consent, when what was said of advertising is new.

    Raises: CustomerNotFound.
    """
    wanted = customers.preference(session, customer_id).marketing
    customers.prefer(session, customer_id, order_updates=order_updates, marketing=marketing, quiet_hours=quiet_hours)
    if marketing is None or marketing == wanted:
        return
    of_message = cause.of(session).message_id
    channel, evidence = ("chat", of_message) if of_message else ("api", act)
    wording = "Publicidad: sí / Advertising: yes" if marketing else "Publicidad: no / Advertising: no"
    said = consents.Said(channel, wording, evidence)
    consents.write_down(session, customer_id, "marketing", said, is_given=marketing)
