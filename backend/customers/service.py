"""What may be done with customers: recognise them, name them, keep their addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from backend.base import columns_of, insert_if_absent, table_of
from backend.customers import identities, models
from backend.customers.errors import CustomerNotFound
from backend.customers.models import ChannelIdentity, Customer, Preference
from kernel import clock
from kernel.ids import new_id

MAX_FOLDED = 600

_by_id = select(table_of(Customer).c.id).where(table_of(Customer).c.id == bindparam("customer"))
# Who is one person with others is recognised as that person.
_identified = (
    select(func.coalesce(Customer.person_id, Customer.id))
    .join(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
    .where(ChannelIdentity.channel == bindparam("channel"), ChannelIdentity.external_id == bindparam("external_id"))
)
# A number that was silent for so long may be someone else's by now; a day's silence is worth writing down.
FRESH_DAYS = 180
# A number is looked for by no fewer of its digits.
DIGITS_LEAST = 4
SEEN_EVERY = timedelta(hours=20)
_RECYCLED = ("whatsapp",)


@dataclass(frozen=True, slots=True)
class Address:
    """`text` as the customer wrote it. The default is the one used last."""

    id: str
    text: str
    city: str | None
    is_default: bool


def resolve(
    session: Session, channel: str, external_id: str, phone: str | None = None, *, fresh_days: int = FRESH_DAYS
) -> str:
    """The id of the customer behind a channel identity, made on first sight; of the person whom they are proven to be.

    Of two first sights at once, one makes the customer and the other waits for it. A phone number that was silent for
    `fresh_days` is a new customer's.

    Records: one Customer and one ChannelIdentity, at most once per identity; that it was seen.
    """
    identity = {"channel": channel, "external_id": external_id}
    known = session.scalar(_identified, identity)
    if known is not None:
        return _seen(session, identity, phone, fresh_days) or known
    now, customer_id = clock.now(), new_id()
    insert_if_absent(session, Customer, {"id": customer_id, "name": None, "created_at": now})
    row = {"id": new_id(), "customer_id": customer_id, "created_at": now, "seen_at": now, "phone": phone, **identity}
    if insert_if_absent(session, ChannelIdentity, row):
        return customer_id
    # Someone else was first: their customer is the one, ours never was.
    session.delete(session.get_one(Customer, customer_id))
    session.flush()
    return session.scalars(_identified, identity).one()


def _seen(session: Session, identity: dict[str, str], phone: str | None, fresh_days: int) -> str | None:
    """Write down that an identity is here; the new customer it is, if it was silent for too long."""
    query = select(ChannelIdentity).filter_by(**identity).with_for_update().execution_options(populate_existing=True)
    row, now = session.scalars(query).one(), clock.now()
    is_stale = row.channel in _RECYCLED and now - row.seen_at >= timedelta(days=fresh_days)
    row.seen_at, row.phone = max(now, row.seen_at), phone or row.phone
    if is_stale:
        identities.renew(session, row, now)
    session.flush()
    return row.customer_id if is_stale else None


def recognise(session: Session, channel: str, external_id: str) -> tuple[str, bool] | None:
    """The customer behind an identity that is known, and whether it was seen lately; it changes nothing."""
    known = session.scalar(_identified, {"channel": channel, "external_id": external_id})
    if known is None:
        return None
    seen = select(ChannelIdentity.seen_at).filter_by(channel=channel, external_id=external_id)
    return known, clock.now() - session.scalars(seen).one() < SEEN_EVERY


def exists(session: Session, customer_id: str) -> bool:
    return session.connection().execute(_by_id, {"customer": customer_id}).first() is not None


def name(session: Session, customer_id: str) -> str | None:
    """The customer's name, if they told it.

    Raises: CustomerNotFound.
    """
    return _get(session, customer_id).name


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who invoices go to; without a `tax_id` a final consumer. `withholding_rate` is of the net (0.025 is 2.5 %)."""

    name: str | None
    tax_id: str | None
    email: str | None
    language: str | None
    withholding_rate: Decimal | None


def buyer(session: Session, customer_id: str) -> Buyer:
    """Raises: CustomerNotFound."""
    found = _get(session, customer_id)
    return Buyer(found.legal_name or found.name, found.tax_id, found.email, found.language, found.withholding_rate)


# Fewer digits are no part of a telephone number that means anybody.
LEAST_DIGITS = 6
# How the shop knows who called: not a channel that anything is said on.
TELEPHONE = "telephone"
CHANGEABLE = frozenset({"name", "email", "language", "credit_limit_minor"})


def find(session: Session, customer_id: str) -> Customer:
    """Raises: CustomerNotFound."""
    return _get(session, customer_id)


def change(session: Session, customer_id: str, facts: Mapping[str, str | int | None]) -> Customer:
    """Set what `facts` names, one or more of CHANGEABLE.

    Raises: CustomerNotFound.
    """
    assert facts.keys() <= CHANGEABLE, "only what is changeable changes"
    customer = session.get(Customer, customer_id, with_for_update=True)
    if customer is None:
        raise CustomerNotFound()
    if "email" in facts and facts["email"] != customer.email:
        # What was proven was the other address.
        customer.email_verified_at = None
    for column, value in facts.items():
        setattr(customer, column, value)
    session.flush()
    return customer


def known_by_phone(session: Session, phone: str) -> str | None:
    """The customer who was last seen with this number (in the one form), on whatever channel."""
    query = select(ChannelIdentity.customer_id).where(ChannelIdentity.phone == phone)
    return session.scalar(query.order_by(ChannelIdentity.seen_at.desc()).limit(1))


def note_caller(session: Session, phone: str, name: str | None, email: str | None) -> str:
    """Someone called whom nobody knows: a customer of their own, known by the number they said.

    What is said on the telephone proves nothing: no channel of theirs is linked to it.

    Records: a Customer, a ChannelIdentity.
    """
    customer_id = resolve(session, TELEPHONE, phone, phone)
    change(session, customer_id, {"name": name, "email": email})
    return customer_id


def search(session: Session, text: str | None, cursor: str | None, limit: int) -> tuple[list[Customer], str | None]:
    """Customers whose name, e-mail or telephone contains a text, newest first, and the cursor of the page after."""
    query = select(Customer).order_by(Customer.id.desc()).limit(limit + 1)
    if text:
        name, email = func.lower(Customer.name), func.lower(Customer.email)
        said = [name.contains(text.lower(), autoescape=True), email.contains(text.lower(), autoescape=True)]
        digits = "".join(character for character in text if character.isdigit())
        if len(digits) >= LEAST_DIGITS:
            theirs = select(ChannelIdentity.customer_id).where(ChannelIdentity.phone.contains(digits, autoescape=True))
            said.append(Customer.id.in_(theirs))
        query = query.where(or_(*said))
    if cursor is not None:
        query = query.where(Customer.id < cursor)
    found = list(session.scalars(query))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def names(session: Session, customer_ids: Sequence[str]) -> dict[str, tuple[str | None, str | None]]:
    """Of each of these customers the name and the number they are known by, if there is one."""
    person = aliased(Customer)
    query = (
        select(Customer.id, func.coalesce(Customer.name, person.name), func.max(ChannelIdentity.phone))
        .outerjoin(person, person.id == Customer.person_id)
        .outerjoin(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
        .where(Customer.id.in_(customer_ids))
        .group_by(Customer.id, Customer.name, person.name)
    )
    return {customer_id: (name, phone) for customer_id, name, phone in session.execute(query)}


def called(session: Session, text: str, limit: int) -> list[str]:
    """Customers with a text in their name or e-mail, or in the number they write from, newest first."""
    folded = text.lower()
    of_name = func.lower(Customer.name).contains(folded, autoescape=True)
    of_email = func.lower(Customer.email).contains(folded, autoescape=True)
    found = [of_name, of_email]
    digits = "".join(each for each in text if each.isdecimal())
    if len(digits) >= DIGITS_LEAST and not any(each.isalpha() for each in text):
        with_number = select(ChannelIdentity.customer_id).where(ChannelIdentity.phone.contains(digits))
        found.append(Customer.id.in_(with_number))
    return list(session.scalars(select(Customer.id).where(or_(*found)).order_by(Customer.id.desc()).limit(limit)))


def lock(session: Session, customer_id: str) -> None:
    """Whoever moves a customer's money waits here for whoever does already; orders are locked before customers."""
    session.execute(select(Customer.id).where(Customer.id == customer_id).with_for_update(key_share=True))


def credit_limit(session: Session, customer_id: str, *, lock: bool = False) -> int | None:
    """What the customer may owe at most, in minor units; None: the shop has set no limit.

    Locked against others who look at it to add to what is owed; nothing else waits for that.
    """
    query = select(Customer.credit_limit_minor).where(Customer.id == customer_id)
    return session.scalar(query.with_for_update(key_share=True) if lock else query)


def _get(session: Session, customer_id: str) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise CustomerNotFound()
    return customer


def addresses(session: Session, customer_id: str) -> list[Address]:
    """The customer's addresses, the one used last first: that one is the default."""
    query = (
        select(models.Address)
        .where(models.Address.customer_id == customer_id)
        .order_by(models.Address.used_at.desc(), models.Address.id.desc())
    )
    return [
        Address(row.id, row.text, row.city, is_default=position == 0)
        for position, row in enumerate(session.scalars(query))
    ]


def address(session: Session, customer_id: str, address_id: str) -> Address | None:
    """One of this customer's own addresses; someone else's is as unknown as none."""
    return next((each for each in addresses(session, customer_id) if each.id == address_id), None)


def add_address(session: Session, customer_id: str, text: str) -> Address:
    """Remember an address; it becomes the default. The same address written again is the one already kept.

    Records: one Address, at most once per customer and address.
    Raises: CustomerNotFound.
    """
    _get(session, customer_id)
    folded, now = _folded(text), clock.now()
    row = {"id": new_id(), "customer_id": customer_id, "text": text, "folded": folded, "city": None, "used_at": now}
    if not insert_if_absent(session, models.Address, row):
        kept = models.Address.customer_id == customer_id, models.Address.folded == folded
        session.scalars(select(models.Address).where(*kept).with_for_update()).one().used_at = now
        session.flush()
    return addresses(session, customer_id)[0]


def _folded(text: str) -> str:
    """An address as it is compared: "Cra. 7 #45-10" and "cra 7 # 45 10" are one."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return (" ".join(re.findall(r"\w+", bare)) or text)[:MAX_FOLDED]


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a customer wants to hear of; quiet hours None: the shop's own."""

    order_updates: bool
    marketing: bool
    quiet_from: time | None
    quiet_until: time | None


UNSAID = Preferences(order_updates=True, marketing=False, quiet_from=None, quiet_until=None)


def preference(session: Session, customer_id: str) -> Preferences:
    """What the person said last they want to hear of; who said nothing hears of their orders, and no advertising."""
    theirs = Preference.customer_id.in_(identities.ids_of_person(session, customer_id))
    row = session.scalar(select(Preference).where(theirs).order_by(Preference.changed_at.desc()).limit(1))
    if row is None:
        return UNSAID
    return Preferences(row.order_updates, row.marketing, row.quiet_from, row.quiet_until)


def prefer(
    session: Session,
    customer_id: str,
    *,
    order_updates: bool | None = None,
    marketing: bool | None = None,
    quiet_hours: tuple[time, time] | None = None,
) -> Preferences:
    """Keep what the customer says; what they say nothing about stays as it is.

    Records: the customer's Preference.
    Raises: CustomerNotFound.
    """
    _get(session, customer_id)
    now = clock.now()
    row = columns_of(preference(session, customer_id)) | {"customer_id": customer_id, "changed_at": now}
    insert_if_absent(session, Preference, row)
    kept = session.get_one(Preference, customer_id, with_for_update=True, populate_existing=True)
    if order_updates is not None:
        kept.order_updates = order_updates
    if marketing is not None:
        kept.marketing = marketing
    if quiet_hours is not None:
        kept.quiet_from, kept.quiet_until = quiet_hours
    kept.changed_at = now
    session.flush()
    return preference(session, customer_id)
