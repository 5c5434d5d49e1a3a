"""Drop unsent returns: the day by which the goods were to be sent is over, and nothing came."""

from __future__ import annotations

from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop, shop_day
from backend.returns import service as returns
from backend.returns.errors import ReturnSettled, ReturnStepIllegal
from backend.workflows.reject_return import cancel_return
from kernel.db import Database

SWEPT_AT_ONCE = 100


def drop_unsent_returns(database: Database) -> int:
    """Cancel them, each in a transaction of its own, and have their customers told; how many.

    Whoever sweeps comes again for the rest. Records: what `cancel_return` records.
    """
    with database.read() as session:
        try:
            today = shop_day(shop(session))
        except ShopNotSetUp:
            return 0
        overdue = returns.overdue_to_send(session, today, SWEPT_AT_ONCE)
    dropped = 0
    for number in overdue:
        try:
            with database.write() as session:
                cancel_return(session, number, "system")
        except (ReturnStepIllegal, ReturnSettled):
            # It was sent, or paid, while we looked.
            continue
        dropped += 1
    return dropped
