"""Ask a second person: an act above its member's limit waits, and is done when someone else approves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from backend import trail
from backend.approvals import service as approvals
from backend.approvals.errors import AboveLimit
from backend.approvals.models import PendingAct
from backend.workflows.look_at_limits import is_within, most_alone

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member wants to do: `act` is the kind that limits are told for, `body` what its route was given."""

    act: str
    subject: str | None
    body: Mapping[str, Any]
    currency: str
    reason: str
    who: str
    roles: Set[str]


def do_or_ask(
    session: Session, wish: Wish, do: Callable[[], Done], amount_minor: Callable[[Done], int]
) -> Done | PendingAct:
    """Do it, if what it comes to is within the member's limit; else undo all of it, and let it wait.

    So what could not be done at all is refused at once, and never waits.

    Records: what `do` records; or one PendingAct. Raises: what `do` raises.
    """
    so_far = trail.mark(session)
    savepoint = session.begin_nested()
    try:
        done = do()
        amount = amount_minor(done)
    except BaseException:
        savepoint.rollback()
        raise
    if is_within(session, wish.act, wish.who, wish.roles, amount):
        savepoint.commit()
        return done
    savepoint.rollback()
    trail.forget_since(session, so_far)
    return approvals.ask(session, wish.act, wish.subject, wish.body, amount, wish.currency, wish.reason, wish.who)


def may_decide(session: Session, row: PendingAct, who: str, roles: Set[str]) -> None:
    """Raises: AboveLimit, for whoever could not do it alone either."""
    most = most_alone(session, row.act, who, roles)
    if most is not None and row.amount_minor > most:
        raise AboveLimit(amount_minor=row.amount_minor, limit_minor=most, currency=row.currency)
