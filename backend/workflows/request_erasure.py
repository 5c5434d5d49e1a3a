"""Request that a person is erased: after a fresh look at what is kept of them, confirmed by its number."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.customers import identities
from backend.customers import service as customers
from backend.data_requests import service as requests
from backend.data_requests.errors import ErasureNotConfirmed, ErasureUnderWay, LookNotFresh, PersonStillOpen
from backend.data_requests.models import ENDED, DataRequest
from kernel import clock

FRESH = timedelta(hours=1)


def is_fresh(session: Session, look: DataRequest) -> bool:
    """Is it a look at a person by which their erasure may be asked for now? Not by one from before they were erased."""
    done_at = look.ended_at if look.kind == "look" and look.status == "done" else None
    if done_at is None or done_at < clock.now() - FRESH:
        return False
    last = requests.last_erasure(session, identities.ids_of_person(session, look.customer_id))
    return last is None or last.status != "done" or last.requested_at < look.requested_at


def request_erasure(session: Session, look_number: str, confirmation: str, reason: str, who: str) -> DataRequest:
    """What stands against it is asked once more when it is done; it is done once.

    Records: a DataRequest, with the work of it.
    Raises: DataRequestNotFound, LookNotFresh, ErasureNotConfirmed, PersonStillOpen, ErasureUnderWay.
    """
    look = requests.find(session, look_number)
    customers.lock(session, look.customer_id)
    if not is_fresh(session, look):
        raise LookNotFresh(number=look.number)
    if confirmation.strip().upper() != look.number:
        raise ErasureNotConfirmed()
    if look.found["stands"]:
        raise PersonStillOpen(open=len(look.found["stands"]))
    last = requests.last_erasure(session, identities.ids_of_person(session, look.customer_id))
    if last is not None and last.status not in ENDED:
        raise ErasureUnderWay(number=last.number)
    return requests.ask(session, "erasure", look.customer_id, who, reason)
