"""The shop's profile: who it is and how it sells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.models import ShopProfile
from backend.catalog.payment_methods import PaymentMethod, kept
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

_THE_ONE = 1
Words = dict[str, str]
InvoiceOn = Literal["shipment", "payment"]
# Of a shop that has not said its own: people of finance give back, nobody else.
REFUND_LIMITS: Mapping[str, int | None] = {"finance": None}
ReminderName = Literal["soon", "today", "late", "later", "last"]

_profile = Prepared(select(table_of(ShopProfile)))


@dataclass(frozen=True, slots=True)
class ReminderStage:
    """How friendly a reminder is, and how many days after the due day it is told; before it, below zero."""

    stage: ReminderName
    days: int


@dataclass(frozen=True, slots=True)
class Shop:
    """Words are by language: `{"es": …, "en": …}`.

    The delivery fee is in minor units of `currency`, tax included; it is taken where no rate tells another. Nothing is
    taken for goods worth `free_delivery_from_minor` or more, with their tax and without what a discount takes off.
    `delivery_version` is the OMS's own: it names the zones, rates and calendar as they stand.
    `online_provider` is the code of the provider that makes pay links. `refund_limits` says what each role may give
    back without another's approval, in minor units (None: all); `customer` what a cancelled order or a return may.
    `staff_limits` says the same of other acts, by act and role (`{"write_off": {"finance": 50000000}}`).
    `prices_include_tax` says of all prices whether the tax is in them or comes on top.
    Invoices are issued by `legal_name` with its `tax_id` (NIT, RUC, RFC), `invoice_on` each `shipment`, or, for what is
    paid in full before, the `payment`; what is bought on credit is due `credit_days` later.
    """

    name: str
    country: str
    currency: str
    locale: str
    time_zone: str
    languages: tuple[str, ...]
    address: str
    phone: str
    hours: Words
    delivery: Words
    delivery_fee_minor: int
    payment_methods: tuple[PaymentMethod, ...]
    delivery_version: str | None = None
    prices_include_tax: bool = True
    legal_name: str = ""
    tax_id: str = ""
    credit_days: int = 30
    online_provider: str | None = None
    invoice_on: InvoiceOn = "shipment"
    refund_limits: Mapping[str, int | None] = field(default_factory=lambda: dict(REFUND_LIMITS))
    staff_limits: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    reminder_stages: tuple[ReminderStage, ...] = ()
    free_delivery_from_minor: int | None = None

    def delivery_of(self, goods_minor: int, rate_minor: int) -> int:
        """What is taken for delivering goods worth so much, where delivering them costs a rate."""
        from_minor = self.free_delivery_from_minor
        return 0 if from_minor is not None and goods_minor >= from_minor else rate_minor

    def payment_method(self, code: str | None) -> PaymentMethod | None:
        return next((method for method in self.payment_methods if method.code == code), None)

    def provider_of(self, method_code: str) -> str | None:
        """Who makes the pay link of an order that is paid like that."""
        method = self.payment_method(method_code)
        return (method.provider if method else None) or self.online_provider


def shop(session: Session) -> Shop:
    """The shop.

    Raises: ShopNotSetUp.
    """
    row = _profile.first(session)
    if row is None:
        raise ShopNotSetUp()
    words: dict[str, Any] = row.profile
    return Shop(
        name=row.name,
        country=row.country,
        currency=row.currency,
        locale=row.locale,
        time_zone=row.time_zone,
        languages=tuple(words["languages"]),
        address=words["address"],
        phone=words["phone"],
        hours=words["hours"],
        delivery=words["delivery"],
        delivery_fee_minor=row.delivery_fee_minor,
        payment_methods=tuple(PaymentMethod(**method) for method in words["payment_methods"]),
        delivery_version=row.delivery_version,
        prices_include_tax=row.prices_include_tax,
        legal_name=words.get("legal_name") or row.name,
        tax_id=words.get("tax_id", ""),
        credit_days=words.get("credit_days", 30),
        online_provider=words.get("online_provider"),
        invoice_on=words.get("invoice_on", "shipment"),
        refund_limits=words.get("refund_limits", REFUND_LIMITS),
        staff_limits=words.get("staff_limits", {}),
        reminder_stages=tuple(ReminderStage(**stage) for stage in words.get("reminder_stages", ())),
        free_delivery_from_minor=words.get("free_delivery_from_minor"),
    )


def set_up_shop(session: Session, given: Shop) -> None:
    """Make the shop what is given. Records: the one ShopProfile."""
    profile = {
        "languages": list(given.languages),
        "address": given.address,
        "phone": given.phone,
        "hours": given.hours,
        "delivery": given.delivery,
        "payment_methods": kept(given.payment_methods),
        "legal_name": given.legal_name,
        "tax_id": given.tax_id,
        "credit_days": given.credit_days,
        "online_provider": given.online_provider,
        "invoice_on": given.invoice_on,
        "refund_limits": dict(given.refund_limits),
        "staff_limits": {act: dict(told) for act, told in given.staff_limits.items()},
        "reminder_stages": [asdict(stage) for stage in given.reminder_stages],
        "free_delivery_from_minor": given.free_delivery_from_minor,
    }
    row = ShopProfile(
        id=_THE_ONE,
        name=given.name,
        country=given.country,
        currency=given.currency,
        locale=given.locale,
        time_zone=given.time_zone,
        delivery_fee_minor=given.delivery_fee_minor,
        prices_include_tax=given.prices_include_tax,
        delivery_version=new_id(),
        profile=profile,
    )
    session.merge(row)
    session.flush()


def set_payments(session: Session, methods: Sequence[PaymentMethod], online_provider: str | None) -> None:
    """How the shop is paid from now on. Records: the ShopProfile.

    Raises: ShopNotSetUp.
    """
    _set(session, payment_methods=kept(methods), online_provider=online_provider)


def set_reminders(session: Session, stages: Sequence[ReminderStage]) -> None:
    """When customers are reminded from now on. Records: the ShopProfile.

    Raises: ShopNotSetUp.
    """
    _set(session, reminder_stages=[asdict(stage) for stage in stages])


def set_free_delivery(session: Session, from_minor: int | None) -> None:
    """From which worth of goods on delivery costs nothing; None: from none. Records: the ShopProfile.

    Raises: ShopNotSetUp.
    """
    _set(session, free_delivery_from_minor=from_minor)


def set_prices(session: Session, *, include_tax: bool) -> None:
    """Whether prices have the tax in them from now on; what was ordered before stays as it was agreed.

    Records: the ShopProfile.
    Raises: ShopNotSetUp.
    """
    row = session.get(ShopProfile, _THE_ONE, with_for_update=True, populate_existing=True)
    if row is None:
        raise ShopNotSetUp()
    row.prices_include_tax = include_tax
    session.flush()


def _set(session: Session, **facts: Any) -> None:
    row = session.get(ShopProfile, _THE_ONE, with_for_update=True, populate_existing=True)
    if row is None:
        raise ShopNotSetUp()
    row.profile = row.profile | facts
    session.flush()


def delivery_changed(session: Session) -> None:
    """Zones, rates or the calendar are others now. Records: the shop's next `delivery_version`."""
    # Not a count: one that was rolled back would be given again, for something else.
    session.execute(update(ShopProfile).values(delivery_version=new_id()))


def shop_day(seller: Shop, instant: datetime | None = None) -> date:
    """The day it is (or was at an instant) where the shop is: a document belongs to its issuer's day."""
    return (instant or clock.now()).astimezone(ZoneInfo(seller.time_zone)).date()
