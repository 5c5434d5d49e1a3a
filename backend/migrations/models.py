"""Every `oms_` table, imported so that `Base.metadata` is whole."""

from __future__ import annotations

from backend.approvals import models as approvals
from backend.banking import models as banking
from backend.base import Base
from backend.calendar import models as calendar
from backend.carts import models as carts
from backend.catalog import models as catalog
from backend.claims import models as claims
from backend.consents import models as consents
from backend.counters import Counter
from backend.customers import models as customers
from backend.data_requests import models as data_requests
from backend.discounts import models as discounts
from backend.events import Event
from backend.fulfillment import models as fulfillment
from backend.idempotency import IdempotentAct
from backend.inventory import models as inventory
from backend.invoicing import models as invoicing
from backend.ledger import models as ledger
from backend.mail import models as mail
from backend.orders import models as orders
from backend.partners import models as partners
from backend.payment_proofs import models as payment_proofs
from backend.payments import models as payments
from backend.quotes import models as quotes
from backend.reminders import models as reminders
from backend.returns import models as returns
from backend.shipping import models as shipping
from backend.staff import models as staff
from backend.suggestions import models as suggestions
from backend.trail import AuditEntry
from backend.webhooks import models as webhooks

metadata = Base.metadata

__all__ = [
    "AuditEntry",
    "Counter",
    "Event",
    "IdempotentAct",
    "approvals",
    "banking",
    "calendar",
    "carts",
    "catalog",
    "claims",
    "consents",
    "customers",
    "data_requests",
    "discounts",
    "fulfillment",
    "inventory",
    "invoicing",
    "ledger",
    "mail",
    "metadata",
    "orders",
    "partners",
    "payment_proofs",
    "payments",
    "quotes",
    "reminders",
    "returns",
    "shipping",
    "staff",
    "suggestions",
    "webhooks",
]  # fmt: skip
