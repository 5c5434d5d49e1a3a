"""What may be done with discounts: put one up, withdraw it, use it, give a use back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from backend.base import columns_of, table_of
from backend.discounts.errors import DiscountInvalid, DiscountUnknown, DiscountUsedUp
from backend.discounts.models import Discount, DiscountUse
from backend.discounts.terms import Terms
from kernel import clock
from kernel.prepared import Prepared

_discount, _use = table_of(Discount), table_of(DiscountUse)
_mine = (
    select(func.count())
    .where(_use.c.discount_code == _discount.c.code, _use.c.customer_id == bindparam("customer"))
    .scalar_subquery()
)
_on_offer = Prepared(
    select(_discount, _mine.label("mine")).where(
        or_(_discount.c.is_automatic, _discount.c.code == bindparam("code")), _discount.c.withdrawn_at.is_(None)
    )
)


@dataclass(frozen=True, slots=True)
class NewDiscount:
    """See Discount."""

    name_es: str
    name_en: str
    is_automatic: bool
    kind: str
    percent: Decimal | None
    amount_minor: int | None
    sku: str | None
    category: str | None
    minimum_minor: int
    valid_from: datetime | None
    valid_until: datetime | None
    max_uses: int | None
    max_uses_each: int | None


@dataclass(frozen=True, slots=True)
class OnOffer:
    """A discount that a customer may have; `reason` says why not now: `not_yet`, `ended` or `used_up`."""

    terms: Terms
    reason: str | None
    valid_from: datetime | None


def put(session: Session, code: str, given: NewDiscount) -> Discount:
    """Make the discount of this code what is given; one that was withdrawn is there again. Orders keep theirs.

    Records: the Discount.
    Raises: DiscountInvalid.
    """
    code = canonical(code)
    _require_sound(code, given)
    row = session.get(Discount, code, with_for_update=True, populate_existing=True)
    if row is None:
        row = Discount(code=code, uses=0, withdrawn_at=None, **columns_of(given))
        session.add(row)
    elif given.max_uses is not None and given.max_uses < row.uses:
        raise DiscountInvalid(discount=code, reason="used_more_often")
    else:
        for name, value in columns_of(given).items():
            setattr(row, name, value)
        row.withdrawn_at = None
    session.flush()
    return row


def _require_sound(code: str, given: NewDiscount) -> None:
    amount = given.percent if given.kind == "percentage" else given.amount_minor
    other = given.amount_minor if given.kind == "percentage" else given.percent
    if amount is None or other is not None:
        raise DiscountInvalid(discount=code, reason="kind")
    if given.sku is not None and given.category is not None:
        raise DiscountInvalid(discount=code, reason="goods")
    if given.valid_from and given.valid_until and given.valid_until <= given.valid_from:
        raise DiscountInvalid(discount=code, reason="days")


def withdraw(session: Session, code: str) -> Discount:
    """Nobody gets it from now on; orders that have it keep it. Records: the Discount.

    Raises: DiscountUnknown.
    """
    row = session.get(Discount, canonical(code), with_for_update=True, populate_existing=True)
    if row is None:
        raise DiscountUnknown(discount=code)
    row.withdrawn_at = row.withdrawn_at or clock.now()
    session.flush()
    return row


def end_at(session: Session, code: str, until: datetime) -> None:
    """Nobody gets it from that moment on. Records: the Discount."""
    row = session.get_one(Discount, canonical(code), with_for_update=True, populate_existing=True)
    row.valid_until = until
    session.flush()


def every(session: Session, limit: int) -> Sequence[Discount]:
    """Discounts by their codes, withdrawn ones too."""
    return session.scalars(select(Discount).order_by(Discount.code).limit(limit)).all()


def on_offer(session: Session, code: str | None, customer_id: str | None) -> list[OnOffer]:
    """The automatic discounts, and the one of the code that the customer said, if there is such a one."""
    now = clock.now()
    found = _on_offer.rows(session, {"code": code, "customer": customer_id})
    offered = []
    for row in found:
        reason = None
        if row.valid_from is not None and now < row.valid_from:
            reason = "not_yet"
        elif row.valid_until is not None and now >= row.valid_until:
            reason = "ended"
        elif _is_used_up(row.uses, row.max_uses) or _is_used_up(row.mine, row.max_uses_each):
            reason = "used_up"
        terms = Terms(**{name: getattr(row, name) for name in Terms.__slots__})
        offered.append(OnOffer(terms, reason, row.valid_from))
    return offered


def _is_used_up(uses: int, most: int | None) -> bool:
    return most is not None and uses >= most


def use(session: Session, code: str, order_id: str, customer_id: str) -> None:
    """An order has it: of two who want the last use at once, the second is refused.

    Records: a DiscountUse, the count of the Discount.
    Raises: DiscountUsedUp.
    """
    # The row is locked by the count, so that no two see the same uses of a customer.
    counted = session.execute(
        update(Discount)
        .where(Discount.code == code, or_(Discount.max_uses.is_(None), Discount.uses < Discount.max_uses))
        .values(uses=Discount.uses + 1)
        .returning(Discount.max_uses_each)
        .execution_options(synchronize_session=False)
    ).first()
    if counted is None:
        raise DiscountUsedUp(discount=code)
    most = counted.max_uses_each
    mine = select(DiscountUse.nth).where(DiscountUse.discount_code == code, DiscountUse.customer_id == customer_id)
    taken = set(session.scalars(mine))
    nth = next(number for number in range(1, len(taken) + 2) if number not in taken)
    if _is_used_up(len(taken), most):
        raise DiscountUsedUp(discount=code)
    session.add(
        DiscountUse(
            order_id=order_id,
            discount_code=code,
            customer_id=customer_id,
            nth=nth,
            most=most,
            used_at=clock.now(),
        )
    )
    session.flush()


def give_back(session: Session, order_id: str) -> None:
    """The order comes to nothing: its use is another's. Records: the end of its DiscountUse, the count."""
    statement = delete(DiscountUse).where(DiscountUse.order_id == order_id).returning(DiscountUse.discount_code)
    for code in session.scalars(statement.execution_options(synchronize_session=False)).all():
        session.execute(update(Discount).where(Discount.code == code).values(uses=Discount.uses - 1))


def canonical(said: str) -> str:
    """`LECHE10` for "leche10 " or "Leche 10"."""
    return "".join(said.split()).upper()
