"""Check that lines could be served: the lines of one variant are summed, whatever units they speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from backend.carts.service import Line
from backend.catalog.service import Offer
from backend.inventory import service as inventory
from backend.workflows.available_variants import available_variants
from backend.workflows.offer_choices import out_of_stock


def check_stock(session: Session, lines: Iterable[Line], offered: Mapping[str, Offer], at: str | None = None) -> None:
    """Promise nothing, only look. What is not in `offered` is not sold any more, so there is none of it.

    `at` is the only location that may serve it: where it will be collected.

    Raises: OutOfStock, with what the customer may choose.
    """
    lines = list(lines)
    at_once: dict[str, int] = {}
    for line in lines:
        at_once[line.sku] = at_once.get(line.sku, 0) + (0 if line.may_wait else line.base_quantity)
    available = available_variants(session, sorted(at_once), at)
    if any(available[sku] < quantity for sku, quantity in at_once.items()):
        # Some of it may be held for carts whose time is over.
        inventory.release_expired_holds(session, at_once)
        available = available_variants(session, sorted(at_once), at)
    for sku, count in available.items():
        asked = [line for line in lines if line.sku == sku]
        if sku not in offered:
            raise out_of_stock(session, asked, None, 0, at)
        if at_once[sku] > count or not _come_in_time(session, asked, count, at):
            raise out_of_stock(session, asked, offered[sku], count, at)


def _come_in_time(session: Session, asked: list[Line], available: int, at: str | None) -> bool:
    """Whether there is a day for what must wait; what nobody has announced is not waited for."""
    lacking = sum(line.base_quantity for line in asked) - available
    return lacking <= 0 or inventory.promises(session, {asked[0].sku: lacking}, at)[asked[0].sku] is not None
