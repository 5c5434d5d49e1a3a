"""Put a discount up: on goods that the shop sells."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.browse import require_category
from backend.catalog.service import require_known
from backend.discounts import service as discounts
from backend.discounts.models import Discount
from backend.discounts.service import NewDiscount


def put_discount(session: Session, code: str, given: NewDiscount) -> Discount:
    """The discount of this code, new or as it is from now on; orders that have it keep what they have.

    Records: the Discount.
    Raises: UnknownSku, UnknownCategory, DiscountInvalid.
    """
    if given.sku is not None:
        require_known(session, [given.sku])
    if given.category is not None:
        require_category(session, given.category)
    return discounts.put(session, code, given)
