"""Look at what of an order may be returned, before anything else is asked of its customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from backend.catalog.browse import categories_of
from backend.catalog.service import shop, shop_day
from backend.orders.models import OrderLine
from backend.orders.service import FullOrder
from backend.returns import service as returns
from backend.returns.errors import AlreadyReturned, FinalSale, ReturnNotDelivered, ReturnWindowOver
from backend.returns.policy import policy
from backend.shipping import service as shipping
from kernel.errors import ComandaError

Refusal = Literal["not_delivered", "already_returned", "final_sale", "outside_window"]


@dataclass(frozen=True, slots=True)
class Returnable:
    """`left` base units of a line may be returned until a day; `refusal` says why none may.

    `at_hand` is what was delivered and is in no return, whatever the policy says.
    """

    line: OrderLine
    delivered: int
    at_hand: int
    until: date | None
    refusal: Refusal | None

    @property
    def left(self) -> int:
        return 0 if self.refusal else self.at_hand

    def refused(self) -> ComandaError:
        """The refusal, to be raised."""
        facts = {"sku": self.line.sku, "name": self.line.name}
        match self.refusal:
            case "not_delivered":
                return ReturnNotDelivered(**facts)
            case "already_returned":
                return AlreadyReturned(**facts)
            case "final_sale":
                return FinalSale(**facts)
            case _:
                assert self.until is not None, "what is over ended some day"
                return ReturnWindowOver(**facts, until=self.until.isoformat())


def look_at_returnable(session: Session, found: FullOrder) -> list[Returnable]:
    """Every line of the order, in its order."""
    rules, seller = policy(session), shop(session)
    ids = [line.id for line in found.lines]
    arrived = shipping.delivered_of(session, ids)
    taken = returns.taken_back(session, ids)
    categories = categories_of(session, {line.sku for line in found.lines})
    today = shop_day(seller)
    looked = []
    for line in found.lines:
        category, there = categories[line.sku], arrived.get(line.id)
        if there is None:
            looked.append(Returnable(line, 0, 0, None, "not_delivered"))
            continue
        until = shop_day(seller, there.at) + timedelta(days=rules.window_of(category))
        at_hand = there.quantity - taken[line.id]
        refusal: Refusal | None = None
        if at_hand <= 0:
            refusal = "already_returned"
        elif rules.is_final(line.sku, category):
            refusal = "final_sale"
        elif today > until:
            refusal = "outside_window"
        looked.append(Returnable(line, there.quantity, max(at_hand, 0), until, refusal))
    return looked
