"""Discount lines: of what a customer may have, the discount that takes most off applies, alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from backend.discounts import service as discounts
from backend.discounts.service import OnOffer
from backend.discounts.terms import Goods, Terms, shares


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the code that was said takes nothing off.

    `unknown`, `not_yet`, `ended`, `used_up`, `below_minimum`, `on_nothing`, or `better`: another takes off more.
    """

    code: str
    reason: str
    minimum_minor: int = 0
    valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Discounted:
    """`off_minor` is what is taken off each line, by `terms`; all zeros without."""

    terms: Terms | None
    off_minor: Sequence[int]
    refused: Refused | None = None


def discount_lines(session: Session, code: str | None, customer_id: str | None, lines: Sequence[Goods]) -> Discounted:
    """What is taken off these lines of a cart, for the code that its customer said or by itself."""
    nothing = [0] * len(lines)
    offered = discounts.on_offer(session, code, customer_id)
    by_code = {each.terms.code: each for each in offered}
    said = by_code.get(code) if code is not None else None
    refused = None
    if code is not None:
        refused = _refused(said, lines) if said is not None else Refused(code, "unknown")
    best = Discounted(None, nothing, refused)
    # What the customer named comes first: of two that take off the same, it is theirs.
    for each in sorted(offered, key=lambda each: (each is not said, each.terms.code)):
        if each.reason is None and sum(off := shares(each.terms, lines)) > sum(best.off_minor):
            best = Discounted(each.terms, off, refused)
    if code is not None and refused is None and best.terms is not None and best.terms.code != code:
        return Discounted(best.terms, best.off_minor, Refused(code, "better"))
    return best


def _refused(said: OnOffer, lines: Sequence[Goods]) -> Refused | None:
    terms = said.terms
    if said.reason is not None:
        return Refused(terms.code, said.reason, valid_from=said.valid_from)
    if sum(line.listed_minor for line in lines) < terms.minimum_minor:
        return Refused(terms.code, "below_minimum", minimum_minor=terms.minimum_minor)
    return None if any(shares(terms, lines)) else Refused(terms.code, "on_nothing")
