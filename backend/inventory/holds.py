"""Holds: stock set aside for a cart whose summary was shown, for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.allocation import Allocated, Point, Short, Wish, allocate, candidates_of
from backend.inventory.decisions import remember_allocation
from backend.inventory.levels import Locked, change, lock
from backend.inventory.models import StockHold
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

HOLD_FOR = timedelta(minutes=15)
# What carts that are not ordered may keep from others, all together: this share of the units that no order has. Of the
# last one nothing, so that whoever orders first gets it.
MAX_HELD_SHARE = 0.5
SWEPT_AT_ONCE = 500

_hold = table_of(StockHold)
_insert = Prepared(insert(_hold))
_is_live = _hold.c.state == "live"
_use = Prepared(
    update(_hold)
    .where(_hold.c.cart_id == bindparam("cart"), _is_live)
    .values(state="used", ended_at=bindparam("now"))
    .returning(_hold.c.sku, _hold.c.location_id, _hold.c.quantity)
)
_skus_of = select(_hold.c.sku).where(_hold.c.cart_id == bindparam("cart"), _is_live)
_release = Prepared(
    update(_hold)
    .where(_hold.c.cart_id == bindparam("cart"), _is_live)
    .values(state="released", ended_at=bindparam("now"))
    .returning(_hold.c.sku, _hold.c.location_id, _hold.c.quantity)
)

# (sku, location) -> base units
Held = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class HeldForCart:
    """What a hold set aside: all wishes until `expires_at`; when that is None some of it was not, or none.

    `lacking` says of which sku how many base units must wait.
    """

    expires_at: datetime | None
    allocated: Allocated
    lacking: Mapping[str, int]


def hold(
    session: Session, cart_id: str, wishes: Sequence[Wish], *, near: Point | None = None, at: str | None = None
) -> HeldForCart:
    """Set aside what the (locked) cart wishes, instead of what was set aside for it before.

    A sku of which carts hold MAX_HELD_SHARE already is shown without a hold: placing competes for it.

    Records: StockHold rows, the end of those before, the levels they sum to; an Allocation when all is held.
    Raises: Short.
    """
    wanted = {wish.sku for wish in wishes}
    locked = lock(session, {*wanted, *session.scalars(_skus_of, {"cart": cart_id})})
    release_over(session, locked)
    before = _ended(_release.rows(session, {"cart": cart_id, "now": clock.now()}))
    needs, lacking = coverable(session, wishes, locked, before, at)
    allocated = allocate(needs, candidates_of(locked, near, before, at), near)
    allowed = _allowed(session, locked, needs, before)
    now = clock.now()
    after = {
        (sku, location_id): quantity
        for sku, parts in allocated.parts.items()
        if sku in allowed
        for location_id, quantity in parts
    }
    rows = [
        {
            "id": new_id(),
            "cart_id": cart_id,
            "sku": sku,
            "location_id": location_id,
            "quantity": quantity,
            "state": "live",
            "held_at": now,
            "expires_at": now + HOLD_FOR,
        }
        for (sku, location_id), quantity in sorted(after.items())
    ]
    change(session, locked, {place: (0, after.get(place, 0) - before.get(place, 0)) for place in {*before, *after}})
    if rows:
        _insert.write(session, rows)
    is_whole = bool(needs) and allowed >= needs.keys()
    if is_whole:
        remember_allocation(session, allocated, cart_id=cart_id)
    return HeldForCart(now + HOLD_FOR if is_whole else None, allocated, lacking)


def _allowed(session: Session, locked: Locked, needs: Mapping[str, int], before: Held) -> set[str]:
    """The skus of which carts may hold so much more. The cart that asks holds nothing at this moment."""
    query = select(_hold.c.sku, func.sum(_hold.c.quantity)).where(_hold.c.sku.in_(list(needs)), _is_live)
    held = {sku: int(total) for sku, total in session.execute(query.group_by(_hold.c.sku))}
    free = _free(locked, before, None)
    return {
        sku
        for sku, need in needs.items()
        if held.get(sku, 0) + need <= int(MAX_HELD_SHARE * (free.get(sku, 0) + held.get(sku, 0)))
    }


def coverable(
    session: Session, wishes: Sequence[Wish], locked: Locked, held: Mapping[tuple[str, str], int], at: str | None
) -> tuple[dict[str, int], dict[str, int]]:
    """Per sku the base units there are of what is wished, and those lacking that may wait.

    When there seems too little, holds that are over are released first.

    Raises: Short.
    """
    wanted: dict[str, int] = {}
    at_once: dict[str, int] = {}
    for wish in wishes:
        wanted[wish.sku] = wanted.get(wish.sku, 0) + wish.quantity
        at_once[wish.sku] = at_once.get(wish.sku, 0) + (0 if wish.may_wait else wish.quantity)
    free = _free(locked, held, at)
    if any(free.get(sku, 0) < quantity for sku, quantity in wanted.items()):
        release_over(session, locked)
        free = _free(locked, held, at)
    for sku, quantity in at_once.items():
        if free.get(sku, 0) < quantity:
            raise Short(sku, free.get(sku, 0))
    needs = {sku: min(quantity, free.get(sku, 0)) for sku, quantity in wanted.items()}
    lacking = {sku: quantity - needs[sku] for sku, quantity in wanted.items() if quantity > needs[sku]}
    return {sku: need for sku, need in needs.items() if need}, lacking


def _free(locked: Locked, held: Mapping[tuple[str, str], int], at: str | None) -> dict[str, int]:
    free: dict[str, int] = {}
    for (sku, location_id), level in locked.items():
        if at in (None, location_id):
            free[sku] = free.get(sku, 0) + level.available + held.get((sku, location_id), 0)
    return free


def use(session: Session, cart_id: str) -> Held:
    """What is held for the (locked) cart goes to the caller, who keeps the levels true.

    Also what is held past its time: as long as it was not released, nobody else was promised it.
    """
    return _ended(_use.rows(session, {"cart": cart_id, "now": clock.now()}))


def release_hold(session: Session, cart_id: str) -> None:
    """Give back what is held for the (locked) cart. Records: the end of its holds."""
    skus = session.scalars(_skus_of, {"cart": cart_id}).all()
    if skus:
        locked = lock(session, skus)
        _give_back(session, locked, _ended(_release.rows(session, _now(cart=cart_id))))


def release_expired_holds(session: Session, skus: Iterable[str] | None = None) -> int:
    """Give back what is held past its time, of some skus or of all; how many holds ended."""
    query = select(_hold.c.sku).where(_is_live, _is_over(clock.now())).limit(SWEPT_AT_ONCE)
    if skus is not None:
        query = query.where(_hold.c.sku.in_(list(skus)))
    found = set(session.scalars(query))
    return release_over(session, lock(session, found)) if found else 0


def release_over(session: Session, locked: Locked) -> int:
    """Give back what is held past its time of the locked skus; how many holds ended.

    A hold that its cart is just turning into an order is passed over: who waited for it could wait for ever, because
    that one may be waiting for our levels.
    """
    now = clock.now()
    skus = sorted({sku for sku, _ in locked})
    over = (
        select(_hold.c.id, _hold.c.sku, _hold.c.location_id, _hold.c.quantity)
        .where(_hold.c.sku.in_(skus), _is_live, _is_over(now))
        .with_for_update(skip_locked=True)
    )
    rows = session.connection().execute(over).all()
    if not rows:
        return 0
    given_back: Held = {}
    for _, sku, location_id, quantity in rows:
        given_back[sku, location_id] = given_back.get((sku, location_id), 0) + quantity
    ended = update(_hold).where(_hold.c.id.in_([row[0] for row in rows])).values(state="released", ended_at=now)
    session.connection().execute(ended)
    _give_back(session, locked, given_back)
    return len(rows)


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Past its time, or from a time that is yet to come: then a clock was wrong, and nobody knows how old it is."""
    return or_(_hold.c.expires_at <= now, _hold.c.held_at > now + HOLD_FOR)


def _give_back(session: Session, locked: Locked, held: Held) -> None:
    change(session, locked, {place: (0, -quantity) for place, quantity in held.items()})


def _now(**given: str) -> dict[str, object]:
    return {**given, "now": clock.now()}


def _ended(rows: Iterable[tuple[str, str, int]]) -> Held:
    return {(sku, location_id): quantity for sku, location_id, quantity in rows}
