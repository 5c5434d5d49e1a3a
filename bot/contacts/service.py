"""What may be done with contacts. Every function works in the caller's transaction."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.contacts.models import Contact
from kernel import pseudonyms
from kernel.rows import insert_if_absent

# "cancelar", "fin" and the like are words of an order, and mean no opt-out.
_OUT = frozenset({"stop", "stopall", "unsubscribe", "baja", "alto", "dar de baja", "darme de baja", "no me escriban"})
_IN = frozenset({"start", "unstop", "subscribe", "alta", "dar de alta", "darme de alta"})
_LOCKED = (
    select(Contact)
    .where(Contact.channel == bindparam("channel"), Contact.person.in_(bindparam("people", expanding=True)))
    .order_by(Contact.person)
    .with_for_update()
    .execution_options(populate_existing=True)
)


def meaning(text: str) -> Literal["out", "in"] | None:
    """Does a whole message ask for peace, or to be written to again? In either language, however it is written."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    words = " ".join(re.findall(r"[a-z0-9]+", plain))
    return "out" if words in _OUT else "in" if words in _IN else None


def find(session: Session, channel: str, person: str) -> Contact | None:
    return session.get(Contact, (channel, person), populate_existing=True)


def ensure(session: Session, channel: str, person: str, sender: str) -> Contact:
    """The contact, locked; made of the sender it first came with. Of two who make it at once the second waits."""
    return ensure_all(session, channel, {person: sender})[person]


def ensure_all(session: Session, channel: str, senders: Mapping[str, str]) -> dict[str, Contact]:
    """The same of several people, each with their sender, by person."""
    pseudonym = {person: pseudonyms.of(session, person) for person in senders}
    known = _all_locked(session, channel, [*senders, *filter(None, pseudonym.values())])
    new = [person for person in senders if person not in known]
    if not new:
        return known
    for person in sorted(new):
        insert_if_absent(session, Contact, {"channel": channel, "person": person, "sender": senders[person]})
    made = _all_locked(session, channel, new)
    for person, contact in made.items():
        erased = known.get(pseudonym[person] or "")
        if erased:
            # They were erased, but not that they asked for peace.
            contact.opted_out_at = erased.opted_out_at
    return known | made


def remember_opt_out(session: Session, channel: str, person: str, opted_out_at: datetime | None) -> None:
    """Of a contact that is erased: whether they asked for peace, under a pseudonym.

    Records: at most one Contact, with nothing that names anybody.
    """
    hashed = pseudonyms.of(session, person)
    assert hashed is not None, "who erases carries the key"
    known = _locked(session, channel, hashed)
    if known is None and opted_out_at is not None:
        insert_if_absent(session, Contact, {"channel": channel, "person": hashed, "sender": hashed})
        known = _locked(session, channel, hashed)
    if known is not None:
        known.opted_out_at = opted_out_at


def of_sender(session: Session, channel: str, sender: str) -> Contact | None:
    """The contact that first came as this sender."""
    return session.scalar(select(Contact).where(Contact.channel == channel, Contact.sender == sender).limit(1))


def _all_locked(session: Session, channel: str, people: Sequence[str]) -> dict[str, Contact]:
    found = session.scalars(_LOCKED, {"channel": channel, "people": people})
    return {each.person: each for each in found}


def _locked(session: Session, channel: str, person: str) -> Contact | None:
    return session.get(Contact, (channel, person), with_for_update=True, populate_existing=True)


def hear(contact: Contact, at: datetime, word: Literal["out", "in"] | None) -> None:
    """They wrote: they can be reached, and may have asked for peace or for its end."""
    contact.heard_at = max(contact.heard_at or at, at)
    contact.unreachable = None
    if word == "out":
        contact.opted_out_at = at
    elif word == "in":
        contact.opted_out_at = None
