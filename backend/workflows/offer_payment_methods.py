"""Offer payment methods: the ways in which just this customer may pay."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.service import shop
from backend.customers import service as customers


def offer_payment_methods(session: Session, customer_id: str, ready: Collection[str]) -> list[PaymentMethod]:
    """Credit is for those who have a limit, and online only who collects for the shop is `ready`.

    Raises: ShopNotSetUp.
    """
    seller = shop(session)
    has_credit = customers.credit_limit(session, customer_id) is not None
    return [
        method
        for method in seller.payment_methods
        if (method.kind != "credit" or has_credit)
        and (method.kind != "online" or seller.provider_of(method.code) in ready)
    ]
