"""The rules by which orders are held for a person, and the holds themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, insert, select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.orders.errors import ApprovalRuleInvalid, ApprovalRuleNotFound
from backend.orders.models import RULE_KINDS, ApprovalRule, Order, OrderHold
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

MAX_AMOUNT_MINOR = 10**15
MAX_METHOD = 40
# The ways to pay that are the shop's own trust: what is owed on them counts against a customer's limit.
CREDIT_METHODS = frozenset({"customer_credit"})
# No rule: the way it is paid says that the order waits.
AWAITING_PAYMENT = "awaiting_payment"
PAYMENT_DISPUTED = "payment_disputed"
BY_HAND = "by_hand"
# Why an order may wait for a person: a rule, what its money does, or someone who wants to look at it first.
HOLD_REASONS = (*RULE_KINDS, AWAITING_PAYMENT, PAYMENT_DISPUTED, BY_HAND)

_rule, _hold = table_of(ApprovalRule), table_of(OrderHold)
_active = Prepared(
    select(_rule.c.kind, _rule.c.parameters).where(_rule.c.is_active).order_by(_rule.c.position, _rule.c.id)
)
_insert_holds = insert(_hold)


@dataclass(frozen=True, slots=True)
class Rule:
    kind: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """The kind of the rule that holds an order, and the figures it looked at; when it ends the order, if it does."""

    kind: str
    facts: dict[str, Any]
    expires_at: datetime | None = None


def active_rules(session: Session) -> list[Rule]:
    return [Rule(row.kind, row.parameters) for row in _active.rows(session)]


def rules(session: Session) -> list[ApprovalRule]:
    """All rules in their order, those that are switched off too."""
    return list(session.scalars(select(ApprovalRule).order_by(ApprovalRule.position, ApprovalRule.id)))


def add_rule(
    session: Session, kind: str, parameters: Mapping[str, Any], *, is_active: bool, position: int
) -> ApprovalRule:
    """Records: one ApprovalRule. Raises: ApprovalRuleInvalid."""
    row = ApprovalRule(
        id=new_id(), kind=kind, parameters=_checked(kind, parameters), is_active=is_active, position=position
    )
    session.add(row)
    session.flush()
    return row


def change_rule(
    session: Session, rule_id: str, kind: str, parameters: Mapping[str, Any], *, is_active: bool, position: int
) -> ApprovalRule:
    """Raises: ApprovalRuleNotFound, ApprovalRuleInvalid."""
    row = _locked_rule(session, rule_id)
    row.kind, row.parameters = kind, _checked(kind, parameters)
    row.is_active, row.position = is_active, position
    session.flush()
    return row


def remove_rule(session: Session, rule_id: str) -> ApprovalRule:
    """The rule that is no more. Raises: ApprovalRuleNotFound."""
    row = _locked_rule(session, rule_id)
    session.delete(row)
    session.flush()
    return row


def _locked_rule(session: Session, rule_id: str) -> ApprovalRule:
    row = session.get(ApprovalRule, rule_id, with_for_update=True)
    if row is None:
        raise ApprovalRuleNotFound()
    return row


def _is_amount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_AMOUNT_MINOR


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_METHOD and value.isidentifier()


# kind -> its parameters, all of them needed, and what each must be
_PARAMETERS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "new_customer": {},
    "amount_over": {"amount_minor": _is_amount},
    "payment_method": {"payment_method": _is_method},
    "outside_zones": {},
    "credit_limit": {},
}
assert set(_PARAMETERS) == set(RULE_KINDS), "every kind says what it takes"


def _checked(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    wanted = _PARAMETERS.get(kind)
    if wanted is None:
        raise ApprovalRuleInvalid(kind=kind, parameter=None)
    for name in sorted(set(wanted) ^ set(parameters)):
        raise ApprovalRuleInvalid(kind=kind, parameter=name)
    for name, fits in wanted.items():
        if not fits(parameters[name]):
            raise ApprovalRuleInvalid(kind=kind, parameter=name)
    return dict(parameters)


def has_other_orders(session: Session, customer_id: str, order_id: str) -> bool:
    """Whether this customer has an order, besides this one, that was accepted."""
    others = exists().where(
        Order.customer_id == customer_id, Order.id != order_id, Order.status.in_(("confirmed", "closed"))
    )
    return bool(session.scalar(select(others)))


def add_holds(session: Session, order_id: str, reasons: Sequence[Reason]) -> None:
    """Records: an OrderHold for each reason."""
    now = clock.now()
    rows = [
        {"id": new_id(), "order_id": order_id, "reason": each.kind, "facts": each.facts, "held_at": now}
        | {"expires_at": each.expires_at}
        for each in reasons
    ]
    session.connection().execute(_insert_holds, rows)


def end_holds(session: Session, order_id: str, outcome: str, who: str, *, kinds: Collection[str] | None = None) -> None:
    """What holds the (locked) order still, does no longer; of these kinds, if any are given."""
    statement = update(_hold).where(_hold.c.order_id == order_id, _hold.c.outcome.is_(None))
    if kinds is not None:
        statement = statement.where(_hold.c.reason.in_(kinds))
    session.connection().execute(statement.values(outcome=outcome, ended_by=who, ended_at=clock.now()))


def holding(session: Session, order_id: str) -> set[str]:
    """The kinds of what holds the order still."""
    query = select(_hold.c.reason).where(_hold.c.order_id == order_id, _hold.c.outcome.is_(None))
    return set(session.scalars(query))


def pay_by(session: Session, order_ids: Sequence[str]) -> dict[str, datetime]:
    """Of the orders that wait to be paid: until when."""
    query = select(_hold.c.order_id, _hold.c.expires_at).where(
        _hold.c.order_id.in_(order_ids), _hold.c.outcome.is_(None), _hold.c.reason == AWAITING_PAYMENT
    )
    return dict(row._tuple() for row in session.execute(query))


def give_time(session: Session, order_id: str, until: datetime) -> None:
    """The (locked) order, if it waits to be paid, waits at least until then."""
    waiting = (_hold.c.outcome.is_(None), _hold.c.reason == AWAITING_PAYMENT, _hold.c.expires_at < until)
    session.execute(update(_hold).where(_hold.c.order_id == order_id, *waiting).values(expires_at=until))


def unpaid(session: Session, before: datetime, limit: int) -> list[str]:
    """The ids of orders whose time to be paid ended before an instant."""
    query = select(_hold.c.order_id).where(_hold.c.outcome.is_(None), _hold.c.expires_at < before)
    return list(session.scalars(query.order_by(_hold.c.expires_at).limit(limit)))


def holds(session: Session, order_id: str) -> list[OrderHold]:
    """Everything that held the order, or holds it still, oldest first."""
    query = select(OrderHold).where(OrderHold.order_id == order_id).order_by(OrderHold.held_at, OrderHold.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))
