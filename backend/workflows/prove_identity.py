"""Prove an identity: a code that was sent to it, a link that was opened on it, or the word of its channel or of the
shop's own site.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.shop import shop
from backend.customers import identities
from backend.customers import service as customers
from backend.customers.identities import Joined
from backend.customers.models import ChannelIdentity, Customer, LinkRequest
from backend.mail import letters
from backend.mail import service as mails
from backend.workflows.link_customers import link_customers
from kernel import clock, codes, phones


@dataclass(frozen=True, slots=True)
class SiteUser:
    """A user of the shop's own site, by their `id` there; `email` and `phone` are proven."""

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None


def ask_code(
    session: Session, customer_id: str, channel: str, address: str, language: str, key: str, fresh: timedelta
) -> LinkRequest:
    """Send a code to the WhatsApp number or e-mail address that a customer says is theirs.

    A number that was silent for `fresh` proves nothing any more.
    Whoever asks learns nothing from it: the answer to a number that nobody has is the same.

    Records: LinkRequest; a Mail, or the event `identity.code_asked`, of which the bot makes the code.
    Raises: LinkTooOften.
    """
    if channel == "email":
        request, may_send = identities.request_code(session, customer_id, channel, address, None)
        if may_send:
            seller = shop(session).name
            letter = letters.code(language, seller, codes.code_of(request.id, key))
            mails.queue(session, f"link:{request.id}", address, letter.subject, letter.text, letter.html)
        return request
    numbers = phones.meant(address, shop(session).country)
    found = identities.with_phone(session, channel, numbers, fresh)
    kept = (found.phone if found else None) or (numbers[0] if numbers else address.strip())
    request, may_send = identities.request_code(session, customer_id, channel, kept, found.id if found else None)
    # Asked for in any case, so that the answer about a number that nobody has takes as long.
    person_id = identities.person_of(session, found.customer_id if found else customer_id)
    fact = {
        "number": request.id,
        "customer_id": person_id if found and may_send else None,
        "channel": channel,
        "external_id": found.external_id if found and may_send else None,
        "expires_at": request.expires_at.isoformat(),
    }
    events.record(session, "identity.code_asked", request.id, fact)
    return request


def confirm_code(session: Session, customer_id: str, request_id: str, code: str, key: str) -> Joined:
    """The person that a customer is by a code. The try was counted before, so that a refusal counts, too.

    Records: as `link_customers`; for an e-mail address, that it is theirs.
    Raises: LinkCodeWrong, LinkRequestOver.
    """
    request = identities.take_code(session, customer_id, request_id, code, key)
    who = f"customer:{customer_id}"
    if request.channel == "email":
        assert request.address is not None, "a code was sent to an address"
        other_id = identities.with_email(session, request.address)
        customer = session.get_one(Customer, identities.person_of(session, customer_id), with_for_update=True)
        customer.email, customer.email_verified_at = request.address, clock.now()
        session.flush()
        return link_customers(session, customer_id, other_id or customer_id, "email", who)
    assert request.identity_id is not None, "only what was sent to someone can be proven"
    identity = session.get_one(ChannelIdentity, request.identity_id)
    return link_customers(session, customer_id, identity.customer_id, "code", who)


def open_link(session: Session, customer_id: str, token: str) -> Joined:
    """The person that a customer is who opened, on the channel it is for, a link that another customer asked for.

    Records: as `link_customers`.
    Raises: LinkRequestOver.
    """
    request = identities.take_token(session, customer_id, token)
    return link_customers(session, request.customer_id, customer_id, "link", f"customer:{customer_id}")


def share_phone(session: Session, channel: str, external_id: str, phone: str, fresh: timedelta) -> Joined:
    """A channel vouches for its customer's own number: whoever has that number on WhatsApp is the same person.

    Records: the number; as `link_customers`.
    """
    number = phones.one_number(phone if phone.startswith("+") else f"+{phone}")
    customer_id = customers.resolve(session, channel, external_id, number)
    same = identities.with_phone(session, "whatsapp", [number], fresh)
    return link_customers(
        session, customer_id, same.customer_id if same else customer_id, "phone", f"channel:{channel}"
    )


def sign_in(session: Session, channel: str, external_id: str, user: SiteUser, fresh: timedelta) -> Joined:
    """The shop's own site vouches for its user: who they are there, and so far as it proved them e-mail and phone.

    Records: the name of who has none yet, the e-mail address; as `link_customers`.
    """
    customer_id = customers.resolve(session, channel, external_id)
    same = [customers.resolve(session, "site", user.id)]
    if user.email and (known := identities.with_email(session, user.email)):
        same.append(known)
    numbers = phones.meant(user.phone, shop(session).country) if user.phone else []
    if found := identities.with_phone(session, "whatsapp", numbers, fresh):
        same.append(found.customer_id)
    joined: tuple[str, ...] = ()
    for other_id in same:
        joined += link_customers(session, customer_id, other_id, "site", "site").customer_ids
    person_id = identities.person_of(session, customer_id)
    person = session.get_one(Customer, person_id, with_for_update=True)
    person.name = person.name or user.name
    if user.email:
        person.email, person.email_verified_at = user.email, clock.now()
    session.flush()
    return Joined(person_id, joined)
