"""What may be done with pairs and offers: curate, choose among, offer once a cart, answer."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Literal

from sqlalchemy import case, delete, select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.suggestions.errors import PairInvalid, PairNotFound, SuggestionNotFound, SuggestionOver
from backend.suggestions.models import Offer, Pair
from kernel import clock
from kernel.ids import new_id

# One customer in so many is never offered anything: what they buy anyway is what an offer is measured against.
HELD_OUT_ONE_IN = 10
# More candidates than this are not looked at: the best are among the first.
MAX_CANDIDATES = 200


def curate(session: Session, sku: str, suggested_sku: str, score: int) -> Pair:
    """The shop says that `suggested_sku` goes well with `sku`; said again, with another `score`.

    Records: one curated Pair.
    Raises: PairInvalid.
    """
    if sku == suggested_sku:
        raise PairInvalid(sku=sku)
    row = {"sku": sku, "suggested_sku": suggested_sku, "source": "curated", "score": score}
    insert_if_absent(session, Pair, row)
    pair = session.get_one(Pair, (sku, suggested_sku, "curated"), with_for_update=True, populate_existing=True)
    pair.score = score
    session.flush()
    return pair


def withdraw(session: Session, sku: str, suggested_sku: str) -> Pair:
    """The shop does not say so any more.

    Raises: PairNotFound.
    """
    pair = session.get(Pair, (sku, suggested_sku, "curated"), with_for_update=True)
    if pair is None:
        raise PairNotFound(sku=sku, suggested_sku=suggested_sku)
    session.execute(delete(Pair).where(Pair.sku == sku, Pair.suggested_sku == suggested_sku, Pair.source == "curated"))
    return pair


def pairs(session: Session, sku: str | None, source: str | None, limit: int) -> list[Pair]:
    """Pairs, those of the shop first, the best first."""
    query = select(Pair).order_by(*_BEST_FIRST).limit(limit)
    if sku is not None:
        query = query.where(Pair.sku == sku)
    if source is not None:
        query = query.where(Pair.source == source)
    return list(session.scalars(query))


_BEST_FIRST = (case((Pair.source == "curated", 0), else_=1), Pair.score.desc(), Pair.sku, Pair.suggested_sku)


def candidates(session: Session, customer_id: str, skus: Collection[str]) -> list[Pair]:
    """What goes with what is in a cart (`skus`), the best first: nothing that is in it, nothing ever declined."""
    declined = select(Offer.suggested_sku).where(Offer.customer_id == customer_id, Offer.outcome == "declined")
    query = (
        select(Pair)
        .where(Pair.sku.in_(skus), Pair.suggested_sku.not_in(skus), Pair.suggested_sku.not_in(declined))
        .order_by(*_BEST_FIRST)
        .limit(MAX_CANDIDATES)
    )
    return list(session.scalars(query))


def is_held_out(customer_id: str) -> bool:
    """Whether the customer belongs to the tenth that is never offered anything: always the same tenth."""
    return int.from_bytes(hashlib.sha256(customer_id.encode()).digest()[:8]) % HELD_OUT_ONE_IN == 0


def of_cart(session: Session, cart_id: str) -> Offer | None:
    """The one offer of a cart, withheld or not."""
    return session.scalar(select(Offer).where(Offer.cart_id == cart_id))


def offer(session: Session, customer_id: str, cart_id: str, pair: Pair) -> Offer:
    """Offer `pair` in this cart, or note that it was withheld. Of two at once the first is the offer.

    Records: at most one Offer a cart.
    """
    row = {
        "id": new_id(),
        "customer_id": customer_id,
        "cart_id": cart_id,
        "sku": pair.sku,
        "suggested_sku": pair.suggested_sku,
        "outcome": "withheld" if is_held_out(customer_id) else "offered",
        "offered_at": clock.now(),
        "answered_at": None,
    }
    insert_if_absent(session, Offer, row)
    made = of_cart(session, cart_id)
    assert made is not None, "it was inserted, or there before"
    return made


def find(session: Session, customer_id: str, offer_id: str) -> Offer:
    """What this customer was offered, locked.

    Raises: SuggestionNotFound, also for what was withheld.
    """
    query = select(Offer).where(Offer.id == offer_id, Offer.customer_id == customer_id, Offer.outcome != "withheld")
    found = session.scalar(query.with_for_update())
    if found is None:
        raise SuggestionNotFound()
    return found


def answer(session: Session, made: Offer, outcome: Literal["accepted", "declined"]) -> None:
    """The customer's answer to a (locked) offer; the first one counts.

    Raises: SuggestionOver.
    """
    if made.outcome != "offered":
        raise SuggestionOver(outcome=made.outcome)
    made.outcome, made.answered_at = outcome, clock.now()
    session.flush()
