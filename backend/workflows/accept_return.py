"""Accept a return: the goods may come, and where none are wanted back the money goes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.orders.service import FullOrder
from backend.returns.policy import policy
from backend.returns.service import FullReturn
from backend.returns.states import step
from backend.workflows.link_label import link_label
from backend.workflows.lock_return import lock_return, tell, working_day_in
from backend.workflows.open_exchange import WISHES, open_exchange
from backend.workflows.resolve_return import finish, settle_if_due


def accept_return(session: Session, number: str, who: str) -> FullReturn:
    """The return of this number, accepted.

    Records: as `accept`.
    Raises: ReturnNotFound, ReturnStepIllegal, what `settle_return` raises.
    """
    found, full = lock_return(session, number)
    accept(session, found, full, who)
    return full


def accept(session: Session, found: FullOrder, full: FullReturn, who: str, *, by: str | None = None) -> None:
    """The (locked, or just opened) return is accepted; accepted at once it is so `by` who asked for it.

    Records: the status, days, a ReturnEntry, an OrderEntry, the event `return.accepted`; what goes out for it, as
    `open_exchange` does; what is due of the money.
    Raises: ReturnStepIllegal, what `open_exchange` and `settle_return` raise.
    """
    rma, rules = full.rma, policy(session)
    step(rma, "accepted")
    if rma.needs_goods:
        rma.send_by = working_day_in(session, rules.send_days)
    session.flush()
    send_by = rma.send_by.isoformat() if rma.send_by else None
    told = {"needs_goods": rma.needs_goods, "send_by": send_by, "by": by or who.partition(":")[0]}
    if rma.wish in WISHES:
        open_exchange(session, found, full, who)
    tell(session, found.order, full, "accepted", who, facts=told, links={"label_url": link_label(session, rma)})
    if not rma.needs_goods:
        finish(session, found, full, None, who)
    else:
        settle_if_due(session, found, full, "on_request", who)
