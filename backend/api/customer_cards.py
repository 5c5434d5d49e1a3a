"""Customers over HTTP as those see them who talk with them: what they are called, and what there is of theirs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from backend.api.access import Db, MoneyDesk, Staff, WrongRole
from backend.api.carts import to_cart
from backend.api.orders import look_at_orders
from backend.api.problems import InvalidRequest, describe
from backend.api.receivables import open_invoices
from backend.api.return_parts import to_return
from backend.carts import service as carts
from backend.catalog.errors import ShopNotSetUp
from backend.customers import identities
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.returns import service as returns
from backend.schemas.base import Text
from backend.schemas.customer_cards import CustomerCard, CustomerName
from backend.workflows.price_cart import price_cart
from kernel.tokens import Principal, TokenRefused

router = APIRouter(tags=["Staff"], responses=describe(TokenRefused, WrongRole, InvalidRequest))
NAMES_MOST, ORDERS_SHOWN = 100, 5
# Of a number no more than its end is shown: enough to know who it is, not enough to learn it.
PHONE_SHOWN = 4
_OVER = ("resolved", "rejected", "cancelled")


@router.get("/staff/customer-names", summary="What customers are called, or who is called so")
def names(
    _staff: Staff,
    db: Db,
    id: Annotated[list[str], Query(max_length=NAMES_MOST)] = [],  # noqa: B006  the query's own name
    q: Annotated[Text, Query(max_length=120, description="Of a name, e-mail or number; an order's number.")] = "",
) -> list[CustomerName]:
    with db.read() as session:
        wanted = list(id) or _called(session, q)
        return [
            CustomerName(customer_id=each, name=name, phone=_shown(phone))
            for each, (name, phone) in customers.names(session, wanted).items()
        ]


def _called(session: Session, text: str) -> list[str]:
    if not text.strip():
        return []
    found = customers.called(session, text.strip(), NAMES_MOST)
    try:
        return [orders.find_any(session, text).order.customer_id, *found]
    except OrderNotFound:
        return found


@router.get(
    "/staff/customers/{customer_id}/card",
    summary="A customer as whoever talks with them has them at hand",
    responses=describe(CustomerNotFound, ShopNotSetUp),
)
def card(customer_id: Annotated[Text, Path(max_length=36)], _staff: MoneyDesk, db: Db) -> CustomerCard:
    with db.read() as session:
        person = customers.find(session, customer_id)
        name, phone = customers.names(session, [customer_id])[customer_id]
        under_way = [each for each in returns.of_customer(session, customer_id, 20) if each.status not in _OVER]
        shown = {
            "customer_id": customer_id,
            "name": name,
            "phone": _shown(phone),
            "email": person.email,
            "since": person.created_at,
            "channels": sorted({each.channel for each in identities.of_person(session, customer_id)}),
            "cart": to_cart(price_cart(session, carts.look(session, customer_id))),
            "orders": look_at_orders(session, orders.recent(session, customer_id, ORDERS_SHOWN)),
            "returns": [to_return(session, returns.full(session, rma)) for rma in under_way],
        }
    return CustomerCard(**shown, invoices=open_invoices(Principal("customer", customer_id), db))


def _shown(phone: str | None) -> str | None:
    return f"…{phone[-PHONE_SHOWN:]}" if phone else None
