"""What may be done with who is who: find the other identity that is meant, keep requests, join and part customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from backend.customers.errors import (
    CustomerNotFound,
    IdentityNotFound,
    IdentityNotLinked,
    LinkCodeWrong,
    LinkRequestOver,
    LinkTooOften,
)
from backend.customers.models import ChannelIdentity, Customer, IdentityEntry, LinkRequest
from kernel import clock, codes
from kernel.ids import new_id

# How it is known: proven by the customer, or by the word of an agent who knows them.
Method = Literal["code", "email", "link", "phone", "site", "agent"]

REQUEST_LIFETIME = timedelta(minutes=10)
# Of one person, in the lifetime of a request: so many wrong codes, and so many requests.
TRIES_MOST, REQUESTS_MOST = 5, 3
# Nobody is written to oftener than this in a day because others say it is them.
SENT_A_DAY = 5
# Any number that nothing else of ours locks by.
_JOINING = 6_100_023
# On these a customer is known by something that is theirs alone, and not only their browser's.
_PERSONAL = ("whatsapp", "telegram", "site")


@dataclass(frozen=True, slots=True)
class Joined:
    """`person_id` goes on for all of `customer_ids`; empty when they were one person already."""

    person_id: str
    customer_ids: tuple[str, ...]


def person_of(session: Session, customer_id: str) -> str:
    """The customer as whom this one goes on: itself, as a rule.

    Raises: CustomerNotFound.
    """
    found = session.scalar(select(func.coalesce(Customer.person_id, Customer.id)).where(Customer.id == customer_id))
    if found is None:
        raise CustomerNotFound()
    return str(found)


def ids_of_person(session: Session, customer_id: str) -> list[str]:
    """All customers that are one person with this one, the one as whom they go on first."""
    person_id = person_of(session, customer_id)
    joined = select(Customer.id).where(Customer.person_id == person_id).order_by(Customer.id)
    return [person_id, *session.scalars(joined)]


def of_person(session: Session, customer_id: str) -> list[ChannelIdentity]:
    """The identities of a person, oldest first."""
    mine = ChannelIdentity.customer_id.in_(ids_of_person(session, customer_id))
    return list(session.scalars(select(ChannelIdentity).where(mine).order_by(ChannelIdentity.id)))


def with_phone(session: Session, channel: str, numbers: Sequence[str], fresh: timedelta) -> ChannelIdentity | None:
    """The identity on a channel that is one of these numbers; None when several are, for then it is not known which.

    One that was silent for `fresh` is none: the number may be someone else's, and what is proven with it, too.
    """
    known = (ChannelIdentity.channel == channel, ChannelIdentity.phone.in_(numbers))
    query = select(ChannelIdentity).where(*known, ChannelIdentity.seen_at > clock.now() - fresh)
    found = list(session.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None


def with_email(session: Session, email: str) -> str | None:
    """The customer who proved that this address is theirs, the oldest of several."""
    proven = (Customer.email == email, Customer.email_verified_at.is_not(None))
    return session.scalar(select(Customer.id).where(*proven).order_by(Customer.id).limit(1))


def request_code(
    session: Session, customer_id: str, channel: str, address: str, identity_id: str | None
) -> tuple[LinkRequest, bool]:
    """A request to be proven by a code, and whether the code may be sent: it may not when the address had many today.

    Records: LinkRequest.
    Raises: LinkTooOften.
    """
    _count_requests(session, customer_id)
    since = clock.now() - timedelta(days=1)
    asked = (LinkRequest.channel == channel, LinkRequest.address == address, LinkRequest.created_at > since)
    sent = session.scalar(select(func.count()).select_from(LinkRequest).where(*asked)) or 0
    request = _add_request(session, "code", customer_id, channel, address=address, identity_id=identity_id)
    return request, sent < SENT_A_DAY


def request_link(session: Session, customer_id: str, channel: str) -> tuple[LinkRequest, str]:
    """A request to be proven by opening a link on a channel, and the token of it, which nobody keeps.

    Records: LinkRequest.
    Raises: LinkTooOften.
    """
    _count_requests(session, customer_id)
    token = codes.new_token()
    return _add_request(session, "link", customer_id, channel, token_hash=codes.hash_of(token)), token


def _count_requests(session: Session, customer_id: str) -> None:
    asked, wrong = _lately(session, customer_id)
    if asked >= REQUESTS_MOST or wrong >= TRIES_MOST:
        raise LinkTooOften()


def _lately(session: Session, customer_id: str) -> tuple[int, int]:
    """How many requests of a person there were in the last minutes, and how many wrong codes."""
    mine = LinkRequest.customer_id.in_(ids_of_person(session, customer_id))
    since = LinkRequest.created_at > clock.now() - REQUEST_LIFETIME
    asked, wrong = session.execute(
        select(func.count(), func.coalesce(func.sum(LinkRequest.tries), 0)).where(mine, since)
    ).one()
    return int(asked), int(wrong)


def _add_request(
    session: Session,
    kind: str,
    customer_id: str,
    channel: str,
    *,
    address: str | None = None,
    identity_id: str | None = None,
    token_hash: str | None = None,
) -> LinkRequest:
    now = clock.now()
    request = LinkRequest(
        id=new_id(),
        kind=kind,
        customer_id=customer_id,
        channel=channel,
        address=address,
        identity_id=identity_id,
        token_hash=token_hash,
        tries=0,
        last_try=None,
        created_at=now,
        expires_at=now + REQUEST_LIFETIME,
        ended_at=None,
    )
    session.add(request)
    session.flush()
    return request


def count_try(session: Session, customer_id: str, request_id: str, act: str) -> None:
    """Count a code before it is looked at, so that a refusal counts, too.

    `act` names who said which code, and the saying of it: said again because the answer was lost, it counts once.

    Raises: LinkTooOften, when it is one too many.
    """
    mine = (LinkRequest.id == request_id, LinkRequest.customer_id.in_(ids_of_person(session, customer_id)))
    if session.scalar(select(LinkRequest.last_try).where(*mine)) == act:
        return
    _asked, wrong = _lately(session, customer_id)
    if wrong >= TRIES_MOST:
        raise LinkTooOften()
    session.execute(update(LinkRequest).where(*mine).values(tries=LinkRequest.tries + 1, last_try=act))


def take_code(session: Session, customer_id: str, request_id: str, code: str, key: str) -> LinkRequest:
    """The request that a code proves, which is over with that. A request of someone else is as none.

    Raises: LinkCodeWrong, LinkRequestOver.
    """
    is_right = codes.is_code(code, request_id, key)
    request = session.get(LinkRequest, request_id, with_for_update=True, populate_existing=True)
    if request is None or request.kind != "code" or request.customer_id not in ids_of_person(session, customer_id):
        raise LinkRequestOver()
    _check_open(request)
    if not is_right or (request.identity_id is None and request.channel != "email"):
        raise LinkCodeWrong()
    request.ended_at = clock.now()
    return request


def take_token(session: Session, customer_id: str, token: str) -> LinkRequest:
    """The request whose link this customer opened, which is over with that.

    Raises: LinkRequestOver, for a token that never was, and on another channel than it is for, too.
    """
    query = select(LinkRequest).where(LinkRequest.token_hash == codes.hash_of(token)).with_for_update()
    request = session.scalar(query.execution_options(populate_existing=True))
    if request is None or request.channel not in {each.channel for each in of_person(session, customer_id)}:
        raise LinkRequestOver()
    _check_open(request)
    request.ended_at = clock.now()
    return request


def _check_open(request: LinkRequest) -> None:
    if request.ended_at is not None or clock.now() >= request.expires_at:
        raise LinkRequestOver()


def join(session: Session, one_id: str, other_id: str, method: Method, who: str) -> Joined:
    """Two customers are one person from now on; nothing of either is changed but that.

    They go on as the one whom a channel knows by more than a browser, else as the older one.

    Records: their `person_id`, what proved it on their identities, an IdentityEntry for each that was joined.
    """
    _one_at_a_time(session)
    person_id, joined_id = who_goes_on(session, one_id, other_id)
    if joined_id is None:
        return Joined(person_id, ())
    moved = ids_of_person(session, joined_id)
    now = clock.now()
    session.execute(
        update(ChannelIdentity)
        .where(
            ChannelIdentity.customer_id.in_([*moved, *ids_of_person(session, person_id)]),
            ChannelIdentity.verified_at.is_(None),
        )
        .values(verified_at=now, method=method)
    )
    session.execute(update(Customer).where(Customer.id.in_(moved)).values(person_id=person_id))
    for customer_id in moved:
        _enter(session, "linked", person_id, customer_id, method, who, now)
    session.flush()
    session.expire_all()
    return Joined(person_id, tuple(moved))


def who_goes_on(session: Session, one_id: str, other_id: str) -> tuple[str, str | None]:
    """Of two persons the one as whom they go on, and the other; no other when they are one already.

    Raises: CustomerNotFound.
    """
    first, second = sorted((person_of(session, one_id), person_of(session, other_id)))
    if first == second:
        return first, None
    return (second, first) if _rank(session, second) > _rank(session, first) else (first, second)


def _one_at_a_time(session: Session) -> None:
    """Joining is rare, and who is who must not change meanwhile. SQLite has one writer anyway."""
    if session.connection().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_JOINING)))


def _rank(session: Session, customer_id: str) -> int:
    mine = ChannelIdentity.customer_id.in_(ids_of_person(session, customer_id))
    personal = select(func.count()).select_from(ChannelIdentity).where(mine, ChannelIdentity.channel.in_(_PERSONAL))
    return min(session.scalar(personal) or 0, 1)


def part(session: Session, customer_id: str, identity_id: str, who: str) -> str:
    """Undo it for one identity: its customer is alone again, with all that was theirs. The customer's id.

    Records: an IdentityEntry, the customer's `person_id`, the proof on its identities.
    Raises: IdentityNotFound for someone else's, IdentityNotLinked.
    """
    identity = next((each for each in of_person(session, customer_id) if each.id == identity_id), None)
    if identity is None:
        raise IdentityNotFound()
    customer = session.get_one(Customer, identity.customer_id, with_for_update=True, populate_existing=True)
    if customer.person_id is None:
        raise IdentityNotLinked()
    now = clock.now()
    _enter(session, "unlinked", customer.person_id, customer.id, identity.method or "code", who, now)
    customer.person_id = None
    alone = ChannelIdentity.customer_id == customer.id
    session.execute(update(ChannelIdentity).where(alone).values(verified_at=None, method=None))
    session.flush()
    return customer.id


def _enter(session: Session, act: str, person_id: str, customer_id: str, method: str, who: str, at: datetime) -> None:
    session.add(
        IdentityEntry(
            id=new_id(),
            act=act,
            person_id=person_id,
            customer_id=customer_id,
            method=method,
            who=who[:60],
            happened_at=at,
        )
    )
    session.flush()


def renew(session: Session, identity: ChannelIdentity, now: datetime) -> None:
    """The number was silent for so long that it may be someone else's: it is a new customer's, who sees nothing of
    before until they prove who they are.

    Records: a Customer, an IdentityEntry.
    """
    customer = Customer(id=new_id(), name=None, created_at=now)
    session.add(customer)
    session.flush()
    _enter(session, "renewed", customer.id, identity.customer_id, "silence", "system", now)
    identity.customer_id, identity.verified_at, identity.method = customer.id, None, None


def history(session: Session, customer_id: str) -> list[IdentityEntry]:
    """All that was done about who this person is, oldest first."""
    ids = ids_of_person(session, customer_id)
    concerned = or_(IdentityEntry.person_id.in_(ids), IdentityEntry.customer_id.in_(ids))
    return list(session.scalars(select(IdentityEntry).where(concerned).order_by(IdentityEntry.id)))
