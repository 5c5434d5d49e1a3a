"""Keep stock: what time and chance leave behind is put in order, every now and then."""

from __future__ import annotations

from backend.inventory import service as inventory
from backend.workflows.fill_backorders import fill_backorders
from backend.workflows.tell_low_stock import tell_low_stock
from kernel.db import Database


def keep_stock(database: Database) -> None:
    """Give back what carts hold past their time; then serve those who wait, from whatever became free.

    In two transactions: orders are locked before stock, and holds have no order.

    Records: the end of StockHolds; what `fill_backorders` records.
    """
    with database.write() as session:
        inventory.release_expired_holds(session)
    with database.write() as session:
        fill_backorders(session)
        tell_low_stock(session)
