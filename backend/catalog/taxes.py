"""What is taxed how much."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Session

from backend.catalog.errors import UnknownTaxClass
from backend.catalog.models import TaxClass


def tax_rate(session: Session, code: str) -> Decimal:
    """The rate of a tax class (0.19 is 19 %).

    Raises: UnknownTaxClass.
    """
    found = session.get(TaxClass, code)
    if found is None:
        raise UnknownTaxClass(tax_class=code)
    return found.rate
