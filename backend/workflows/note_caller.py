"""Note a caller: the customer behind a telephone number, made when nobody has it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.customers import service as customers
from backend.customers.errors import PhoneUnreadable
from backend.customers.models import Customer
from kernel.phones import meant


def note_caller(session: Session, said: str, name: str | None = None, email: str | None = None) -> Customer:
    """Who is known by this number keeps the name and the address that are known of them.

    Records: a Customer and a ChannelIdentity, for a number that nobody has.
    Raises: PhoneUnreadable.
    """
    numbers = meant(said, shop(session).country)
    if not numbers:
        raise PhoneUnreadable(phone=said[:40])
    for number in numbers:
        known = customers.known_by_phone(session, number)
        if known is not None:
            return customers.find(session, known)
    return customers.find(session, customers.note_caller(session, numbers[0], name, email))
