"""Count what is bought together: pairs of variants, from the orders of late, in the database itself."""

from __future__ import annotations

from sqlalchemy import delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from backend.base import table_of
from backend.orders.models import Order, OrderLine, OrderLineEnd
from backend.suggestions.models import Pair

# The newest orders that count, so that the work stays the same however old the shop is.
ORDERS_COUNTED = 5_000
# Once is chance.
LEAST_ORDERS = 2


def count_bought_together(session: Session) -> int:
    """Count anew; how many pairs there are now. What was cancelled, or changed away, does not count.

    Records: every `bought_together` Pair.
    """
    newest = (
        select(Order.id)
        .where(Order.status != "cancelled")
        .order_by(Order.id.desc())
        .limit(ORDERS_COUNTED)
        .subquery("newest")
    )
    bought = (
        select(OrderLine.order_id, OrderLine.sku)
        .join(newest, newest.c.id == OrderLine.order_id)
        .outerjoin(OrderLineEnd, OrderLineEnd.order_line_id == OrderLine.id)
        .where(OrderLineEnd.order_line_id.is_(None))
        .distinct()
        .cte("bought")
    )
    one, other = aliased(bought, name="one"), aliased(bought, name="other")
    counted = (
        select(one.c.sku, other.c.sku, literal("bought_together"), func.count())
        .join(other, other.c.order_id == one.c.order_id)
        .where(one.c.sku != other.c.sku)
        .group_by(one.c.sku, other.c.sku)
        .having(func.count() >= LEAST_ORDERS)
        .order_by(one.c.sku, other.c.sku)
    )
    connection = session.connection()
    connection.execute(delete(Pair).where(Pair.source == "bought_together"))
    # Two workers may count at once: the later one overwrites.
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table_of(Pair)).from_select(["sku", "suggested_sku", "source", "score"], counted)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["sku", "suggested_sku", "source"], set_={"score": statement.excluded.score}
        )
    )
    return session.scalar(select(func.count()).where(Pair.source == "bought_together")) or 0
