"""Who is meant: one person by whatever they are called, with all that names them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.customers import identities
from backend.customers.models import Address, ChannelIdentity, Customer
from backend.orders.models import Order
from comanda.failure import Failure
from comanda.privacy.rules import ERASED
from kernel.phones import one_number

# Shorter ones are words that anybody may write.
_VALUE_LEAST = 5


@dataclass(frozen=True, slots=True)
class Person:
    """All customers that are one person, `senders` (channel, id) they write from, and the `values` that name them."""

    customer_ids: tuple[str, ...]
    senders: tuple[tuple[str, str], ...]
    values: tuple[str, ...]


def find(session: Session, named: str) -> Person:
    """The person meant by a customer's id, an e-mail address, a phone number, an order's number or `channel:id`.

    Raises: Failure, for nobody, and for several.
    """
    named = named.strip()
    found = {identities.person_of(session, each) for each in _customers(session, named)}
    if not found:
        raise Failure(
            f"nobody is known as {named!r}: give a customer's id, e-mail, phone, order number or channel:id; "
            "who was erased is found by the number of an order or their id alone"
        )
    if len(found) > 1:
        raise Failure(f"{named!r} is several people; give the id of one: {', '.join(sorted(found))}")
    return of(session, identities.ids_of_person(session, found.pop()))


def of(session: Session, customer_ids: Iterable[str]) -> Person:
    ids = tuple(customer_ids)
    customers = list(session.scalars(select(Customer).where(Customer.id.in_(ids))))
    known = list(session.scalars(select(ChannelIdentity).where(ChannelIdentity.customer_id.in_(ids))))
    values: list[str | None] = []
    for customer in customers:
        values += [customer.name, customer.email, customer.legal_name, customer.tax_id]
    for identity in known:
        values += [identity.external_id, identity.phone, (identity.phone or "").lstrip("+")]
    values += session.scalars(select(Address.text).where(Address.customer_id.in_(ids)))
    values += session.scalars(select(Order.address).where(Order.customer_id.in_(ids)))
    distinct = {each.strip() for each in values if each and len(each.strip()) >= _VALUE_LEAST} - {ERASED}
    senders = tuple((identity.channel, identity.external_id) for identity in known)
    # The longest first: what is a part of another is not cut out of it.
    return Person(ids, senders, tuple(sorted(distinct, key=lambda value: (-len(value), value))))


def _customers(session: Session, named: str) -> list[str]:
    channel, colon, sender = named.partition(":")
    if colon and channel.isalpha():
        by_sender = select(ChannelIdentity.customer_id).filter_by(channel=channel, external_id=sender)
        return list(session.scalars(by_sender))
    if "@" in named:
        return list(session.scalars(select(Customer.id).where(func.lower(Customer.email) == named.lower())))
    if re.fullmatch(r"[+\d][\d\s().-]{6,24}", named):
        digits = re.sub(r"\D", "", named)
        numbers = {digits, f"+{digits}", one_number(f"+{digits}")}
        by_number = ChannelIdentity.phone.in_(numbers) | ChannelIdentity.external_id.in_(numbers)
        return list(session.scalars(select(ChannelIdentity.customer_id).where(by_number)))
    by_order = select(Order.customer_id).where(Order.number == named.upper())
    by_id = select(Customer.id).where(Customer.id == named)
    return [*session.scalars(by_order), *session.scalars(by_id)]
