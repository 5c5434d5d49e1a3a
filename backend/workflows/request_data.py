"""Request what is kept of one person: to look at it, or as a copy to hand out."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from backend.customers import service as customers
from backend.data_requests import service as requests
from backend.data_requests.models import DataRequest


def request_data(session: Session, customer_id: str, kind: Literal["look", "export"], who: str) -> DataRequest:
    """Of all customers that are one person with this one.

    Records: a DataRequest, with the work of it. Raises: CustomerNotFound.
    """
    customers.find(session, customer_id)
    return requests.ask(session, kind, customer_id, who)
