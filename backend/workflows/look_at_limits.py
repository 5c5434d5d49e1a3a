"""Look at limits: what a member may do alone of each kind of act."""

from __future__ import annotations

from collections.abc import Mapping, Set

from sqlalchemy.orm import Session

from backend.catalog.errors import ShopNotSetUp
from backend.catalog.shop import Shop, shop
from backend.staff.models import StaffMember

REFUND = "refund"


def limits_of_roles(seller: Shop, act: str) -> Mapping[str, int | None]:
    """What each role may do alone, in minor units (None: all)."""
    return seller.refund_limits if act == REFUND else seller.staff_limits.get(act, {})


def most_alone(session: Session, act: str, who: str, roles: Set[str]) -> int | None:
    """The most that `who` may do alone, in minor units; None for all.

    A member's own limit holds before their role's. Of what a role is not told a limit, it may all; but refunds are
    given only by those who are told how much (and by admins).
    """
    member = session.get(StaffMember, who.removeprefix("staff:")) if who.startswith("staff:") else None
    if member is not None and act in member.limits:
        return member.limits[act]
    try:
        told = limits_of_roles(shop(session), act)
    except ShopNotSetUp:
        # Nobody was told any limit yet.
        told = {}
    untold = None if act != REFUND or "admin" in roles else 0
    if "admin" in roles:
        return told.get("admin", untold)
    mine = [told[role] for role in roles if role in told]
    if not mine:
        return untold
    bounded = [most for most in mine if most is not None]
    return None if len(bounded) < len(mine) else max(bounded)


def is_within(session: Session, act: str, who: str, roles: Set[str], amount_minor: int) -> bool:
    most = most_alone(session, act, who, roles)
    return most is None or amount_minor <= most
