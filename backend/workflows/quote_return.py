"""Quote a return: what it would come to if it were asked for, and when it could be fetched."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.orders.service import FullOrder
from backend.returns.errors import ExchangeMissing
from backend.returns.policy import policy
from backend.workflows.offer_pickup import Slot, offer_pickup
from backend.workflows.open_exchange import cost_of_exchange
from backend.workflows.request_return import Request, look_at_request


@dataclass(frozen=True, slots=True)
class Quote:
    """Amounts are minor units of the order's currency; see schemas.ReturnQuote."""

    currency: str
    value_minor: int
    charged_minor: int
    exchange_minor: int | None
    is_at_once: bool
    needs_goods: bool
    slots: list[Slot]


def quote_return(session: Session, found: FullOrder, request: Request) -> Quote:
    """What `request_return` and what follows from it would come to today. Writes nothing.

    Raises: what `look_at_request` and `check_exchange` raise, ExchangeMissing.
    """
    if (request.wish == "exchange") != bool(request.exchange_for):
        raise ExchangeMissing(number=found.order.number)
    rules = policy(session)
    asked = look_at_request(session, found, request)
    fee_minor = rules.restocking_fee(asked.theirs_minor)
    if asked.theirs_minor and request.way == "pickup":
        fee_minor += rules.pickup_fee_minor
    is_at_once = asked.value_minor <= rules.accept_up_to_minor
    return Quote(
        currency=found.order.currency,
        value_minor=asked.value_minor,
        charged_minor=min(fee_minor, asked.value_minor) if rules.fee_tax_class else 0,
        exchange_minor=cost_of_exchange(session, found.order, request.exchange_for) if request.exchange_for else None,
        is_at_once=is_at_once,
        needs_goods=request.needs_goods and asked.needs_goods(rules),
        slots=offer_pickup(session, rules, is_at_once=is_at_once),
    )
