"""Set payments: the ways to pay that the shop takes, and who collects what is paid online."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from backend.catalog import payment_methods
from backend.catalog import shop as catalog
from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.shop import Shop


def set_payments(
    session: Session, methods: Sequence[PaymentMethod], online_provider: str | None, ready: Collection[str]
) -> Shop:
    """Orders that were placed keep the way that was agreed. `ready` are the providers the shop has keys for.

    Records: the ShopProfile.
    Raises: PaymentMethodInvalid, ShopNotSetUp.
    """
    payment_methods.check(methods, online_provider, ready)
    catalog.set_payments(session, methods, online_provider)
    return catalog.shop(session)
