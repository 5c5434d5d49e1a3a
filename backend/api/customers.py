"""Customers over HTTP: the bot recognises them, they look after themselves."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import AppSettings, Customer, Db, Desk, Sales, Service, Staff, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.shop import shop
from backend.customers import identities
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound, PhoneUnreadable
from backend.customers.models import Customer as CustomerRow
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Text
from backend.schemas.customers import (
    Address,
    ContactPreferences,
    CustomerChange,
    CustomerPage,
    Identity,
    IdentityResolved,
    NewAddress,
    NewCaller,
    PreferencesChange,
    StaffCustomer,
    StaffCustomerChange,
)
from backend.schemas.customers import Customer as Person
from backend.workflows.choose_news import choose_news
from backend.workflows.note_caller import note_caller
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Customers"], responses=describe(TokenRefused, WrongRole))
STAFF_PAGE = 50
CustomerId = Annotated[str, Path(max_length=36)]
_ACT = (IdempotencyKeyRequired, IdempotencyConflict, InvalidRequest)


@router.put(
    "/customers/identities",
    summary="The customer behind a channel identity, made on first sight",
    response_model=IdentityResolved,
    responses=describe(*_ACT),
)
def resolve(identity: Identity, _bot: Service, act: Act, settings: AppSettings) -> Response:
    def work(session: Session) -> IdentityResolved:
        known = (identity.channel, identity.external_id, identity.phone)
        return IdentityResolved(customer_id=customers.resolve(session, *known, fresh_days=settings.identity_fresh_days))

    return act.once(work)


@router.get("/customers/me", summary="Who I am here", responses=describe(CustomerNotFound))
def me(customer: Customer, db: Db) -> Person:
    with db.read() as session:
        return _person(session, customer.subject)


@router.patch(
    "/customers/me",
    summary="Tell the shop my name and e-mail address",
    response_model=Person,
    responses=describe(*_ACT, CustomerNotFound),
)
def change(change: CustomerChange, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Person:
        customers.change(session, customer.subject, change.model_dump(exclude_none=True))
        return _person(session, customer.subject)

    return act.once(work)


@router.get("/customers/me/addresses", summary="My addresses, the default one first")
def addresses(customer: Customer, db: Db) -> list[Address]:
    with db.read() as session:
        return [_address(each) for each in customers.addresses(session, customer.subject)]


@router.post(
    "/customers/me/addresses",
    summary="Remember an address; it becomes the default",
    response_model=Address,
    status_code=201,
    responses=describe(*_ACT, CustomerNotFound),
)
def add_address(address: NewAddress, customer: Customer, act: Act) -> Response:
    return act.once(
        lambda session: _address(customers.add_address(session, customer.subject, address.text)), status=201
    )


def _person(session: Session, customer_id: str) -> Person:
    found = customers.find(session, customer_id)
    return Person(id=found.id, name=found.name, email=found.email)


@router.get("/staff/customers", summary="Customers by name or e-mail, newest first", tags=["Staff"])
def search(
    _staff: Staff,
    db: Db,
    q: Annotated[Text, Query(max_length=120, description="A part of the name or e-mail.")] | None = None,
    cursor: Annotated[Text, Query(max_length=36, description="`next_cursor` of the page before.")] | None = None,
) -> CustomerPage:
    with db.read() as session:
        found, next_cursor = customers.search(session, q, cursor, STAFF_PAGE)
        return CustomerPage(customers=[_to_staff(each) for each in found], next_cursor=next_cursor)


@router.post(
    "/staff/customers",
    summary="Who calls: the customer with that telephone number, made when nobody has it",
    response_model=StaffCustomer,
    tags=["Staff"],
    responses=describe(*_ACT, PhoneUnreadable, ShopNotSetUp),
)
def caller(new: NewCaller, _staff: Desk, act: Act) -> Response:
    return act.once(lambda session: _to_staff(note_caller(session, new.phone, new.name, new.email)))


@router.get(
    "/staff/customers/{customer_id}", summary="One customer", tags=["Staff"], responses=describe(CustomerNotFound)
)
def one_for_staff(customer_id: CustomerId, _staff: Staff, db: Db) -> StaffCustomer:
    with db.read() as session:
        return _to_staff(customers.find(session, customer_id))


@router.patch(
    "/staff/customers/{customer_id}",
    summary="Correct what is known of a customer; set what they may owe",
    response_model=StaffCustomer,
    tags=["Staff"],
    responses=describe(*_ACT, CustomerNotFound),
)
def change_for_staff(customer_id: CustomerId, change: StaffCustomerChange, _sales: Sales, act: Act) -> Response:
    return act.once(
        lambda session: _to_staff(customers.change(session, customer_id, change.model_dump(exclude_unset=True)))
    )


def _to_staff(row: CustomerRow) -> StaffCustomer:
    return StaffCustomer(
        id=row.id,
        name=row.name,
        email=row.email,
        language=row.language,
        credit_limit_minor=row.credit_limit_minor,
        created_at=row.created_at,
    )


def _address(address: customers.Address) -> Address:
    return Address(id=address.id, text=address.text, city=address.city, is_default=address.is_default)


@router.get(
    "/customers/me/preferences",
    summary="What I want to hear of, and when",
    responses=describe(CustomerNotFound, ShopNotSetUp),
)
def my_preferences(customer: Customer, db: Db, settings: AppSettings) -> ContactPreferences:
    with db.read() as session:
        return _preferences(session, customer.subject, settings.quiet_between)


@router.put(
    "/customers/me/preferences",
    summary="Say what I want to hear of; what is left out stays as it is",
    response_model=ContactPreferences,
    responses=describe(*_ACT, CustomerNotFound, ShopNotSetUp),
)
def prefer(change: PreferencesChange, customer: Customer, act: Act, settings: AppSettings) -> Response:
    def work(session: Session) -> ContactPreferences:
        hours = change.quiet_hours
        choose_news(
            session,
            customer.subject,
            order_updates=change.order_updates,
            marketing=change.marketing,
            quiet_hours=(hours.start, hours.end) if hours else None,
            act=act.name,
        )
        return _preferences(session, customer.subject, settings.quiet_between)

    return act.once(work)


@router.get(
    "/customers/{customer_id}/preferences",
    summary="What a customer wants to hear of, for the bot",
    responses=describe(CustomerNotFound, ShopNotSetUp),
)
def preferences_of(
    customer_id: Annotated[str, Path(max_length=36)], _bot: Service, db: Db, settings: AppSettings
) -> ContactPreferences:
    with db.read() as session:
        return _preferences(session, customer_id, settings.quiet_between)


def _preferences(session: Session, customer_id: str, quiet: tuple[time, time]) -> ContactPreferences:
    """What was chosen; of what was not, the shop's own `quiet` hours."""
    if not customers.exists(session, customer_id):
        raise CustomerNotFound()
    chosen = customers.preference(session, customer_id)
    start, end = chosen.quiet_from, chosen.quiet_until
    if start is None or end is None:
        start, end = quiet
    return ContactPreferences(
        order_updates=chosen.order_updates,
        marketing=chosen.marketing,
        quiet_from=start,
        quiet_until=end,
        time_zone=shop(session).time_zone,
        customer_ids=identities.ids_of_person(session, customer_id),
    )
