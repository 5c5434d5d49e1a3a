"""Every `oms_` table, imported so that `Base.metadata` is whole."""

from __future__ import annotations

from backend.base import Base
from backend.carts import models as carts
from backend.catalog import models as catalog
from backend.customers import models as customers
from backend.events import Event
from backend.idempotency import IdempotentAct
from backend.inventory import models as inventory
from backend.orders import models as orders
from backend.staff import models as staff

metadata = Base.metadata

__all__ = ["Event", "IdempotentAct", "carts", "catalog", "customers", "inventory", "metadata", "orders", "staff"]
