"""Who is who over HTTP: customers prove that identities are theirs, and take it back; staff see it all."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import AppSettings, Customer, Db, Desk, Service, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.customers import identities
from backend.customers import service as customers
from backend.customers.errors import (
    CustomerNotFound,
    IdentityNotFound,
    IdentityNotLinked,
    LinkCodeWrong,
    LinkRequestOver,
    LinkTooOften,
)
from backend.customers.identities import Joined
from backend.customers.models import ChannelIdentity
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Text
from backend.schemas.customers import IdentityKnown
from backend.schemas.identities import (
    CodeSaid,
    IdentityStep,
    KnownIdentity,
    Link,
    LinkCode,
    Linked,
    LinkOpened,
    LinkPreview,
    LinkReason,
    NewLink,
    NewLinkCode,
    Person,
    PhoneShared,
    SignedIn,
)
from backend.workflows.link_customers import link_customers
from backend.workflows.look_at_link import look_at_link
from backend.workflows.prove_identity import SiteUser, ask_code, confirm_code, open_link, share_phone, sign_in
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Identities"], responses=describe(TokenRefused, WrongRole))
Id = Annotated[Text, Path(max_length=36)]
_ACT = (IdempotencyKeyRequired, IdempotencyConflict, InvalidRequest)
SHOWN = 4


@router.get(
    "/customers/identities",
    summary="The customer behind an identity that is known",
    responses=describe(InvalidRequest, IdentityNotFound),
)
def recognise(
    channel: Annotated[Text, Query(max_length=20)],
    external_id: Annotated[Text, Query(max_length=200)],
    _bot: Service,
    db: Db,
) -> IdentityKnown:
    with db.read() as session:
        known = customers.recognise(session, channel, external_id)
        if known is None:
            raise IdentityNotFound()
        customer_id, is_fresh = known
        everyone = identities.ids_of_person(session, customer_id)
    return IdentityKnown(customer_id=customer_id, is_fresh=is_fresh, customer_ids=everyone)


@router.put(
    "/customers/identities/phone",
    summary="A channel's word for its customer's own number; who has it elsewhere is the same person",
    response_model=Linked,
    responses=describe(*_ACT),
)
def share(shared: PhoneShared, _bot: Service, act: Act, settings: AppSettings) -> Response:
    def work(session: Session) -> Linked:
        fresh = settings.identity_fresh
        return _linked(session, share_phone(session, shared.channel, shared.external_id, shared.phone, fresh))

    return act.once(work)


@router.put(
    "/customers/identities/site",
    summary="The word of the shop's own site for who its user is",
    response_model=Linked,
    responses=describe(*_ACT, ShopNotSetUp),
)
def sign_in_(said: SignedIn, _bot: Service, act: Act, settings: AppSettings) -> Response:
    user = SiteUser(said.site_id, said.name, said.email, said.phone)

    def work(session: Session) -> Linked:
        return _linked(session, sign_in(session, said.channel, said.external_id, user, settings.identity_fresh))

    return act.once(work)


@router.post(
    "/customers/me/link-codes",
    summary="Have a code sent to an address that I say is mine",
    response_model=LinkCode,
    status_code=201,
    responses=describe(*_ACT, CustomerNotFound, LinkTooOften, ShopNotSetUp),
)
def send_code(wish: NewLinkCode, customer: Customer, act: Act, settings: AppSettings) -> Response:
    def work(session: Session) -> LinkCode:
        key = settings.signing_key()
        to, fresh = wish.to, settings.identity_fresh
        request = ask_code(session, customer.subject, to.channel, to.address, wish.language, key, fresh)
        return LinkCode(id=request.id, expires_at=request.expires_at)

    return act.once(work, status=201)


@router.post(
    "/customers/me/link-codes/{request_id}/confirmation",
    summary="Say the code: then I am one person with whom it was sent to",
    response_model=Linked,
    responses=describe(*_ACT, CustomerNotFound, LinkCodeWrong, LinkRequestOver, LinkTooOften),
)
def confirm(request_id: Id, said: CodeSaid, customer: Customer, act: Act, db: Db, settings: AppSettings) -> Response:
    with db.write() as session:
        identities.count_try(session, customer.subject, request_id, act.saying)
    key = settings.signing_key()
    return act.once(
        lambda session: _linked(session, confirm_code(session, customer.subject, request_id, said.code, key))
    )


@router.post(
    "/customers/me/links",
    summary="A link that I shall open on another channel of mine",
    response_model=Link,
    status_code=201,
    responses=describe(*_ACT, CustomerNotFound, LinkTooOften),
)
def make_link(wish: NewLink, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Link:
        request, token = identities.request_link(session, customer.subject, wish.channel)
        return Link(token=token, expires_at=request.expires_at)

    return act.once(work, status=201)


@router.post(
    "/customers/me/links/opened",
    summary="I opened the link: I am one person with who asked for it",
    response_model=Linked,
    responses=describe(*_ACT, CustomerNotFound, LinkRequestOver),
)
def open_(opened: LinkOpened, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: _linked(session, open_link(session, customer.subject, opened.token)))


@router.get("/customers/me/identities", summary="Where the shop knows me", responses=describe(CustomerNotFound))
def mine(customer: Customer, db: Db) -> list[KnownIdentity]:
    with db.read() as session:
        return _known(session, customer.subject)


@router.delete(
    "/customers/me/identities/{identity_id}",
    summary="This is not me any more: it is a customer of its own again",
    response_model=Linked,
    responses=describe(*_ACT, CustomerNotFound, IdentityNotFound, IdentityNotLinked),
)
def leave(identity_id: Id, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Linked:
        identities.part(session, customer.subject, identity_id, f"customer:{customer.subject}")
        return _linked(session, Joined(identities.person_of(session, customer.subject), ()))

    return act.once(work)


@router.get(
    "/staff/customers/{customer_id}/identities",
    summary="Who a customer is, by which proof, and what was done about it",
    tags=["Staff"],
    responses=describe(CustomerNotFound),
)
def of_customer(customer_id: Id, _staff: Staff, db: Db) -> Person:
    with db.read() as session:
        return _person(session, customer_id)


@router.get(
    "/staff/customers/{customer_id}/links/{other_id}",
    summary="What it would do to link two customers; changes nothing",
    tags=["Staff"],
    responses=describe(CustomerNotFound),
)
def look(customer_id: Id, other_id: Id, _desk: Desk, db: Db) -> LinkPreview:
    with db.read() as session:
        return LinkPreview.model_validate(asdict(look_at_link(session, customer_id, other_id)))


@router.post(
    "/staff/customers/{customer_id}/links/{other_id}",
    summary="Link two customers who an agent knows to be one person",
    response_model=Person,
    tags=["Staff"],
    responses=describe(*_ACT, CustomerNotFound),
)
def link(customer_id: Id, other_id: Id, _why: LinkReason, desk: Desk, act: Act) -> Response:
    """The reason stands in the trail. It is undone by taking a linked identity away again."""

    def work(session: Session) -> Person:
        link_customers(session, customer_id, other_id, "agent", f"staff:{desk.subject}")
        return _person(session, customer_id)

    return act.once(work)


@router.delete(
    "/staff/customers/{customer_id}/identities/{identity_id}",
    summary="Undo a link: the identity is a customer of its own again",
    response_model=Person,
    tags=["Staff"],
    responses=describe(*_ACT, CustomerNotFound, IdentityNotFound, IdentityNotLinked),
)
def undo(customer_id: Id, identity_id: Id, desk: Desk, act: Act) -> Response:
    def work(session: Session) -> Person:
        identities.part(session, customer_id, identity_id, f"staff:{desk.subject}")
        return _person(session, customer_id)

    return act.once(work)


def _linked(session: Session, joined: Joined) -> Linked:
    channels = sorted({each.channel for each in identities.of_person(session, joined.person_id)})
    return Linked(customer_id=joined.person_id, is_new=bool(joined.customer_ids), channels=channels)


def _person(session: Session, customer_id: str) -> Person:
    return Person(
        customer_id=identities.person_of(session, customer_id),
        identities=_known(session, customer_id),
        history=[
            IdentityStep(
                act=each.act,
                person_id=each.person_id,
                customer_id=each.customer_id,
                method=each.method,
                who=each.who,
                happened_at=each.happened_at,
            )
            for each in identities.history(session, customer_id)
        ],
    )


def _known(session: Session, customer_id: str) -> list[KnownIdentity]:
    person_id = identities.person_of(session, customer_id)
    return [_identity(each, person_id) for each in identities.of_person(session, customer_id)]


def _identity(identity: ChannelIdentity, person_id: str) -> KnownIdentity:
    """Of the address no more than its end: enough to know one's own, not enough to learn another's."""
    return KnownIdentity(
        id=identity.id,
        channel=identity.channel,
        shown=f"…{(identity.phone or identity.external_id)[-SHOWN:]}",
        has_phone=identity.phone is not None,
        verified_at=identity.verified_at,
        method=identity.method,
        is_own=identity.customer_id == person_id,
    )
