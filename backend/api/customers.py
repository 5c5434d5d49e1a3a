"""Customers over HTTP: the bot recognises them, they look after themselves."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Service, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.customers import Address, CustomerChange, Identity, IdentityResolved, NewAddress
from backend.schemas.customers import Customer as Person
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Customers"], responses=describe(TokenRefused, WrongRole))
_ACT = (IdempotencyKeyRequired, IdempotencyConflict, InvalidRequest)


@router.put(
    "/customers/identities",
    summary="The customer behind a channel identity, made on first sight",
    response_model=IdentityResolved,
    responses=describe(*_ACT),
)
def resolve(identity: Identity, _bot: Service, act: Act) -> Response:
    return act.once(
        lambda session: IdentityResolved(customer_id=customers.resolve(session, identity.channel, identity.external_id))
    )


@router.get("/customers/me", summary="Who I am here", responses=describe(CustomerNotFound))
def me(customer: Customer, db: Db) -> Person:
    with db.read() as session:
        return _person(session, customer.subject)


@router.patch(
    "/customers/me",
    summary="Tell the shop my name",
    response_model=Person,
    responses=describe(*_ACT, CustomerNotFound),
)
def change(change: CustomerChange, customer: Customer, act: Act) -> Response:
    def work(session: Session) -> Person:
        if change.name is not None:
            customers.rename(session, customer.subject, change.name)
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
    return Person(id=customer_id, name=customers.name(session, customer_id))


def _address(address: customers.Address) -> Address:
    return Address(id=address.id, text=address.text, city=address.city, is_default=address.is_default)
