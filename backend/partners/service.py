"""What may be done with partners: take them in, say what they supply, promise order lines of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent, table_of
from backend.partners.errors import PartnerNotFound, PartnerTaken, SupplyNotFound, SupplyTaken
from backend.partners.models import Partner, PartnerPromise, PartnerSupply
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

_partner, _supply, _promise = table_of(Partner), table_of(PartnerSupply), table_of(PartnerPromise)
_suppliers = Prepared(
    select(_supply.c.sku, _partner.c.id, _partner.c.code, _partner.c.lead_days)
    .join(_partner, _partner.c.id == _supply.c.partner_id)
    .where(_supply.c.sku.in_(bindparam("skus", expanding=True)), _partner.c.is_active)
)
_insert_promises = insert(_promise)
_live = (
    select(_promise.c.order_line_id, _promise.c.partner_id, _promise.c.sku, _promise.c.quantity)
    .where(_promise.c.order_line_id.in_(bindparam("lines", expanding=True)), _promise.c.state == "live")
    .order_by(_promise.c.order_line_id)
)


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """What the shop says of a partner; see Partner."""

    name: str
    kind: str
    email: str
    language: str
    lead_days: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Supplier:
    """Who ships a variant for us, and after how many working days."""

    partner_id: str
    code: str
    lead_days: int


@dataclass(frozen=True, slots=True)
class Promised:
    """`quantity` base units that a partner ships for an order line."""

    order_line_id: str
    partner_id: str
    sku: str
    quantity: int


def add(session: Session, code: str, facts: PartnerFacts) -> Partner:
    """Records: one Partner. Raises: PartnerTaken."""
    row = {"id": new_id(), "code": code, "token_version": 1} | _columns(facts)
    if not insert_if_absent(session, Partner, row):
        raise PartnerTaken(partner=code)
    return find(session, code)


def change(session: Session, code: str, facts: PartnerFacts) -> Partner:
    """What was sent to them stays with them, also when they are not active any more.

    Raises: PartnerNotFound.
    """
    partner = find(session, code, lock=True)
    for name, value in _columns(facts).items():
        setattr(partner, name, value)
    session.flush()
    return partner


def _columns(facts: PartnerFacts) -> dict[str, object]:
    return {name: getattr(facts, name) for name in facts.__slots__}


def find(session: Session, code: str, *, lock: bool = False) -> Partner:
    """Raises: PartnerNotFound."""
    query = select(Partner).where(Partner.code == code)
    partner = session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if partner is None:
        raise PartnerNotFound()
    return partner


def by_ids(session: Session, partner_ids: Iterable[str]) -> dict[str, Partner]:
    rows = session.scalars(select(Partner).where(Partner.id.in_(sorted(set(partner_ids)))))
    return {partner.id: partner for partner in rows}


def everyone(session: Session) -> list[Partner]:
    return list(session.scalars(select(Partner).order_by(Partner.code)))


def revoke_tokens(session: Session, code: str) -> Partner:
    """No token given out so far speaks for the partner any more.

    Raises: PartnerNotFound.
    """
    partner = find(session, code, lock=True)
    partner.token_version += 1
    session.flush()
    return partner


def supply(session: Session, partner: Partner, sku: str, cost_minor: int) -> PartnerSupply:
    """From now on orders for `sku` go to the partner; said again, at another cost.

    Records: one PartnerSupply.
    Raises: SupplyTaken.
    """
    insert_if_absent(session, PartnerSupply, {"sku": sku, "partner_id": partner.id, "cost_minor": cost_minor})
    row = session.get_one(PartnerSupply, sku, with_for_update=True, populate_existing=True)
    if row.partner_id != partner.id:
        raise SupplyTaken(sku=sku, partner=session.get_one(Partner, row.partner_id).code)
    row.cost_minor = cost_minor
    session.flush()
    return row


def stop_supply(session: Session, partner: Partner, sku: str) -> PartnerSupply:
    """What was promised stays promised; new orders are served from our own stock.

    Raises: SupplyNotFound.
    """
    row = session.get(PartnerSupply, sku, with_for_update=True)
    if row is None or row.partner_id != partner.id:
        raise SupplyNotFound(sku=sku)
    session.execute(delete(PartnerSupply).where(PartnerSupply.sku == sku))
    return row


def supplies(session: Session, partner: Partner) -> list[PartnerSupply]:
    query = select(PartnerSupply).where(PartnerSupply.partner_id == partner.id).order_by(PartnerSupply.sku)
    return list(session.scalars(query))


def suppliers(session: Session, skus: Iterable[str]) -> dict[str, Supplier]:
    """The active partner of each of these skus that has one."""
    rows = _suppliers.rows(session, {"skus": list(skus)})
    return {row.sku: Supplier(row.id, row.code, row.lead_days) for row in rows}


def costs(session: Session, skus: Iterable[str]) -> dict[str, int]:
    """What the partners who supply these take for one base unit, in minor units; nothing of what none supplies."""
    query = select(PartnerSupply.sku, PartnerSupply.cost_minor).where(PartnerSupply.sku.in_(list(skus)))
    return {row.sku: row.cost_minor for row in session.execute(query)}


def promise(session: Session, lines: Sequence[Promised]) -> None:
    """A partner ships these order lines for us. Records: PartnerPromise rows."""
    if not lines:
        return
    now = clock.now()
    rows = [
        {
            "order_line_id": line.order_line_id,
            "partner_id": line.partner_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "state": "live",
            "promised_at": now,
        }
        for line in lines
    ]
    session.connection().execute(_insert_promises, rows)


def promised(session: Session, order_line_ids: Sequence[str]) -> list[Promised]:
    """What partners ship of these order lines."""
    if not order_line_ids:
        return []
    rows = session.connection().execute(_live, {"lines": list(order_line_ids)})
    return [Promised(row.order_line_id, row.partner_id, row.sku, row.quantity) for row in rows]


def shipped(session: Session, order_line_ids: Sequence[str]) -> dict[str, int]:
    """Base units of these order lines that have left the partners who ship them."""
    query = select(PartnerPromise.order_line_id, PartnerPromise.quantity)
    query = query.where(PartnerPromise.order_line_id.in_(order_line_ids), PartnerPromise.state == "shipped")
    return {row.order_line_id: row.quantity for row in session.execute(query)}


def release(session: Session, order_line_ids: Sequence[str], *, state: str = "released") -> None:
    """These (locked) orders' lines are not shipped by a partner after all."""
    if order_line_ids:
        session.connection().execute(
            update(_promise)
            .where(_promise.c.order_line_id.in_(list(order_line_ids)), _promise.c.state == "live")
            .values(state=state, ended_at=clock.now())
        )
