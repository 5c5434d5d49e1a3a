"""How the shop takes goods back: windows, reasons, fees, when money goes back, what is accepted by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend.returns.errors import DropOffPointUnknown, ReturnPolicyInvalid, ReturnReasonUnknown
from backend.returns.models import REFUND_TIMES, ReturnPolicy
from kernel import clock
from kernel.money import round_half_away

_THE_ONE = 1
_SLOT = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")
OTHERWISE = "default"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something comes back. Where it `is_our_fault` nothing is charged for it."""

    code: str
    name_es: str
    name_en: str
    photo_required: bool = False
    is_our_fault: bool = False


@dataclass(frozen=True, slots=True)
class RefundRule:
    """For returns worth up to `up_to_minor` (None: all) the money is settled `when`.

    With `known_customers` only for who bought something else before.
    """

    when: str
    up_to_minor: int | None = None
    known_customers: bool = False


@dataclass(frozen=True, slots=True)
class DropOffPoint:
    """Where a customer leaves what comes back, for the shop's carrier to bring it; `hours` as people say them."""

    code: str
    name: str
    address: str
    hours_es: str
    hours_en: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Amounts are minor units of the shop's currency, tax included; days by category count from the delivery.

    `window_days` has a `default`; `final_sale` names categories and skus. The fees (restocking in percent of what is
    credited, fetching at the door) are charged where the reason is not our fault, with the tax of `fee_tax_class`.
    Returns worth up to `accept_up_to_minor` are accepted by themselves; of those that are our fault and worth up to
    `keep_goods_up_to_minor` the goods are not wanted back. The other days are working days. `pickup_slots` are the
    hours of a day in which goods are fetched, "09:00-12:00"; without any a customer cannot choose.
    """

    window_days: Mapping[str, int]
    reasons: tuple[Reason, ...]
    refund_when: tuple[RefundRule, ...]
    final_sale: tuple[str, ...] = ()
    restocking_fee_percent: int = 0
    pickup_fee_minor: int = 0
    fee_tax_class: str | None = None
    keep_goods_up_to_minor: int = 0
    accept_up_to_minor: int = 0
    answer_days: int = 2
    send_days: int = 10
    inspect_days: int = 3
    pay_days: int = 5
    drop_off_points: tuple[DropOffPoint, ...] = ()
    pickup_slots: tuple[str, ...] = ()

    def window_of(self, category: str) -> int:
        return self.window_days.get(category, self.window_days[OTHERWISE])

    def is_final(self, sku: str, category: str) -> bool:
        return sku in self.final_sale or category in self.final_sale

    def point(self, code: str) -> DropOffPoint:
        """Raises: DropOffPointUnknown."""
        for each in self.drop_off_points:
            if each.code == code:
                return each
        raise DropOffPointUnknown(point=code)

    def reason(self, code: str) -> Reason:
        """Raises: ReturnReasonUnknown."""
        for each in self.reasons:
            if each.code == code:
                return each
        raise ReturnReasonUnknown(reason=code)

    def time_of(self, value_minor: int, *, is_known: bool) -> str:
        """When the money of a return worth so much is settled, of a customer who is known or not yet.

        The first rule that fits; at the inspection if none does.
        """
        for rule in self.refund_when:
            fits = rule.up_to_minor is None or value_minor <= rule.up_to_minor
            if fits and (is_known or not rule.known_customers):
                return rule.when
        return "inspection"

    def restocking_fee(self, credited_minor: int) -> int:
        return round_half_away(Decimal(credited_minor) * self.restocking_fee_percent / 100)


# A careful shop, until someone says how this one does it.
DEFAULT = Policy(
    window_days={OTHERWISE: 30},
    reasons=(
        Reason("damaged", "Llegó dañado", "It arrived damaged", photo_required=True, is_our_fault=True),
        Reason("wrong_item", "Llegó otra cosa", "Something else arrived", is_our_fault=True),
        Reason("expired", "Está vencido", "It is past its date", photo_required=True, is_our_fault=True),
        Reason("not_wanted", "Ya no lo quiero", "I no longer want it"),
        Reason("other", "Otro motivo", "Another reason"),
    ),
    refund_when=(RefundRule("inspection"),),
)


def policy(session: Session) -> Policy:
    row = session.get(ReturnPolicy, _THE_ONE)
    return DEFAULT if row is None else _read(row.policy)


def is_set(session: Session) -> bool:
    return session.get(ReturnPolicy, _THE_ONE) is not None


def set_policy(session: Session, given: Policy, who: str) -> Policy:
    """From now on goods are taken back like this; what was requested before keeps what it was told.

    Records: the one ReturnPolicy.
    Raises: ReturnPolicyInvalid.
    """
    _check(given)
    given = replace(given, window_days=dict(given.window_days))
    session.merge(ReturnPolicy(id=_THE_ONE, policy=asdict(given), who=who, changed_at=clock.now()))
    session.flush()
    return given


def _check(given: Policy) -> None:
    codes = [reason.code for reason in given.reasons]
    points = [point.code for point in given.drop_off_points]
    has_fees = given.restocking_fee_percent or given.pickup_fee_minor
    wrong = {
        "window_days": OTHERWISE not in given.window_days,
        "reasons": not codes or len(codes) != len(set(codes)),
        "drop_off_points": len(points) != len(set(points)),
        "pickup_slots": not all(is_slot(slot) for slot in given.pickup_slots),
        "refund_when": not all(rule.when in REFUND_TIMES for rule in given.refund_when),
        "fee_tax_class": bool(has_fees) and given.fee_tax_class is None,
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise ReturnPolicyInvalid(field=field)


def is_slot(text: str) -> bool:
    """Hours of one day, the first before the last: "09:00-12:00"."""
    hours = _SLOT.fullmatch(text)
    return hours is not None and hours[1] < hours[2]


def _read(kept: Mapping[str, Any]) -> Policy:
    return Policy(
        **{
            **kept,
            "reasons": tuple(Reason(**reason) for reason in kept["reasons"]),
            "refund_when": tuple(RefundRule(**rule) for rule in kept["refund_when"]),
            "final_sale": tuple(kept["final_sale"]),
            "pickup_slots": tuple(kept.get("pickup_slots", ())),
            # A policy that was kept before there were any has none.
            "drop_off_points": tuple(DropOffPoint(**point) for point in kept.get("drop_off_points", ())),
        }
    )
