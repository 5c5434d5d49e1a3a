"""What whoever talks with a customer has beside them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from backend.schemas.base import Answer
from backend.schemas.carts import Cart
from backend.schemas.orders import Order
from backend.schemas.receivables import OpenInvoices
from backend.schemas.returns import Return


class CustomerName(Answer):
    """What a customer is called: the `name` they told, and the end of the number they write from."""

    customer_id: str
    name: str | None = Field(None, examples=["Ana María"])
    phone: str | None = Field(None, examples=["…2233"])


class CustomerCard(CustomerName):
    """`channels`: where the shop knows them; `orders` are the latest, `returns` those that are under way."""

    email: str | None = None
    since: datetime
    channels: list[str]
    cart: Cart
    orders: list[Order]
    returns: list[Return]
    invoices: OpenInvoices
