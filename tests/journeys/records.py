"""What the product's database says of an order and of the stock, in plain figures."""

from __future__ import annotations

from typing import Any

from tests.journeys.product import Product

Row = tuple[Any, ...]


def orders(product: Product, number_or_status: str) -> list[dict[str, Any]]:
    return product.rows("SELECT * FROM oms_order WHERE number = :it OR status = :it", it=number_or_status)


def order_of(product: Product, number: str) -> dict[str, Any]:
    (order,) = orders(product, number)
    return order


def lines(product: Product, number: str) -> list[Row]:
    """(sku, base units) of the lines that the order has now."""
    return _rows(
        product,
        "SELECT l.sku, l.base_quantity FROM oms_order_line l JOIN oms_order o ON o.id = l.order_id "
        "WHERE o.number = :number AND l.id NOT IN (SELECT order_line_id FROM oms_order_line_end) ORDER BY l.sku",
        number=number,
    )


def promises(product: Product, number: str) -> list[Row]:
    """(sku, location, state, base units) of what stock was promised to an order, whatever became of it."""
    return _rows(
        product,
        "SELECT r.sku, p.code, r.state, CAST(sum(r.quantity) AS INTEGER) FROM oms_reservation r "
        "JOIN oms_order_line l ON l.id = r.order_line_id JOIN oms_order o ON o.id = l.order_id "
        "JOIN oms_location p ON p.id = r.location_id WHERE o.number = :number "
        "GROUP BY r.sku, p.code, r.state ORDER BY r.sku, p.code, r.state",
        number=number,
    )


def reservations(product: Product, order: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Base units by sku and state, of one order."""
    found: dict[str, dict[str, int]] = {}
    for sku, _, state, quantity in promises(product, order["number"]):
        states = found.setdefault(sku, {})
        states[state] = states.get(state, 0) + quantity
    return found


def stock(product: Product) -> dict[str, tuple[int, int]]:
    """(on hand, reserved) of every variant, in base units, over all locations."""
    rows = product.rows(
        "SELECT sku, sum(on_hand) AS on_hand, sum(reserved) AS reserved FROM oms_stock_level GROUP BY sku"
    )
    return {row["sku"]: (row["on_hand"], row["reserved"]) for row in rows}


def last_move(product: Product) -> str:
    """The id of the latest move of stock."""
    return str(product.rows("SELECT max(id) AS id FROM oms_stock_move")[0]["id"])


def moves_since(product: Product, move_id: str) -> list[Row]:
    """(kind, sku, location, base units) of what moved after that move, whatever bins and reservations it came by."""
    return _rows(
        product,
        "SELECT m.kind, m.sku, p.code, sum(m.quantity) FROM oms_stock_move m "
        "JOIN oms_location p ON p.id = m.location_id "
        "WHERE m.id > :id GROUP BY m.kind, m.sku, p.code ORDER BY m.kind, m.sku, p.code",
        id=move_id,
    )


def fulfillments(product: Product, number: str) -> list[Row]:
    """(number, location or partner, status) of each part of an order."""
    return _rows(
        product,
        "SELECT f.number, coalesce(p.code, s.code), f.status FROM oms_fulfillment f "
        "LEFT JOIN oms_location p ON p.id = f.location_id LEFT JOIN oms_partner s ON s.id = f.partner_id "
        "JOIN oms_order o ON o.id = f.order_id WHERE o.number = :number ORDER BY f.number",
        number=number,
    )


def parcels(product: Product, number: str) -> list[Row]:
    """(number, status) of each parcel of an order."""
    return _rows(
        product,
        "SELECT s.number, s.status FROM oms_shipment s JOIN oms_order o ON o.id = s.order_id "
        "WHERE o.number = :number ORDER BY s.number",
        number=number,
    )


def _rows(product: Product, statement: str, **parameters: Any) -> list[Row]:
    return [tuple(row.values()) for row in product.rows(statement, **parameters)]
