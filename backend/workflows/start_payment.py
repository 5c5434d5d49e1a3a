"""Start an online payment: a pay link for what is due of an order, made by the provider after the commit."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.service import shop
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.payments import service as payments
from backend.payments.errors import NoOnlinePayment, NothingDue, ProviderNotFound
from backend.payments.models import Payment
from backend.payments.providers import Asked, Outcome, Providers
from backend.payments.service import NewPayment
from backend.workflows.look_at_dues import due_minor
from kernel import clock, durable
from kernel.db import Database
from kernel.logging import get_logger

QUEUE = "oms_payments"
OPEN_WORKFLOW, CHECK_WORKFLOW = "open_payment", "check_payment"
ONLINE = "online"
LIFETIME = timedelta(minutes=60)
log = get_logger(__name__)


def start_payment(session: Session, found: FullOrder, act: str, who: str) -> Payment:
    """The payment of what is due of the (locked) order: the one that waits already, or a new one.

    A link is bound to its order and amount: when another amount is due, the one that waits is given up.

    Records: Payment; durable work that has the provider make the link.
    Raises: NothingDue, NoOnlinePayment.
    """
    order = found.order
    due = due_minor(session, order)
    if due <= 0 or order.status == "cancelled":
        raise NothingDue(number=order.number)
    provider = shop(session).provider_of(order.payment_method)
    if provider is None:
        raise NoOnlinePayment()
    now = clock.now()
    for waiting in payments.waiting_of(session, order.id):
        if waiting.amount_minor == due and waiting.expires_at is not None and waiting.expires_at > now:
            return waiting
        give_up_payment(session, waiting)
    payment = payments.open_payment(
        session,
        NewPayment(
            key=f"pay:{act}",
            order_id=order.id,
            customer_id=order.customer_id,
            method=ONLINE,
            provider=provider,
            currency=order.currency,
            amount_minor=due,
            who=who,
            expires_at=now + _lifetime(shop(session).payment_method(order.payment_method)),
        ),
    )
    enqueue(session, OPEN_WORKFLOW, payment, "open")
    return payment


def send_payment_link(session: Session, found: FullOrder, act: str, who: str) -> Payment:
    """Someone of the shop sends the customer of the (locked) order the way to pay: the link that waits, said again.

    Records: what `start_payment` records; for a link that is there already the event `payment.link_ready`.
    Raises: NothingDue, NoOnlinePayment.
    """
    payment = start_payment(session, found, act, who)
    if payment.url is not None:
        tell_payment(session, payment, "payment.link_ready", url=payment.url)
    return payment


def _lifetime(method: PaymentMethod | None) -> timedelta:
    """As long as its order waits for it; else for an hour."""
    if method is None or method.expires_minutes is None or method.kind != "online":
        return LIFETIME
    return timedelta(minutes=method.expires_minutes)


def give_up_payment(session: Session, payment: Payment) -> None:
    """Its link is void from now on; the provider is asked to close it, and tells if it was paid all the same.

    Records: when it expires; durable work.
    """
    payment.expires_at = clock.now()
    session.flush()
    enqueue(session, CHECK_WORKFLOW, payment, f"give_up:{payment.expires_at.timestamp()}")


def give_up_links(session: Session, order: Order) -> None:
    """Nothing is to be paid of the (locked) order any more. Records: what `give_up_payment` records."""
    for waiting in payments.waiting_of(session, order.id):
        give_up_payment(session, waiting)


def enqueue(session: Session, workflow: str, payment: Payment, name: str) -> None:
    """Work for a payment: one at a time, in order."""
    durable.enqueue(
        session,
        workflow,
        payment.id,
        queue=QUEUE,
        partition=payment.id,
        workflow_id=f"payment:{payment.id}:{name}",
    )


def open_at_provider(database: Database, providers: Providers, payment_id: str, public_url: str) -> None:
    """Have the provider make the page, with the same key in every try; then tell the customer.

    Records: the payment's link, the event `payment.link_ready`. When nobody knows whether the provider made it the
    payment is `unknown`, until it is tried again; refused, or over its time without a link, it has ended, and that is
    told, too.
    """
    with database.read() as session:
        payment = payments.by_id(session, payment_id)
        asked = _asked(session, payment, public_url)
    if asked is None:
        return
    if asked.expires_at <= clock.now():
        # Nobody was ever given the way to it: it cannot have been paid.
        _end(database, payment, "expired")
        return
    try:
        opened = providers.named(payment.provider).open(asked)
    except ProviderNotFound:
        # The shop names a provider that it has no keys for (a demo's, in production): `comanda doctor` says so.
        log.error("payment_provider_not_ready", payment=payment.number, provider=payment.provider)
        _end(database, payment, "failed")
        return
    except Outcome as outcome:
        log.warning("payment_not_opened", payment=payment.number, reason=outcome.reason, is_known=outcome.is_known)
        if outcome.is_known:
            _end(database, payment, "failed")
        else:
            with database.write() as session:
                payments.locked(session, payment_id).status = "unknown"
        return
    with database.write() as session:
        locked = _lock(session, payment)
        if locked.url is not None:
            return
        locked.provider_ref, locked.url, locked.status = opened.provider_ref, opened.url, "pending"
        session.flush()
        # Given up meanwhile, it is not offered any more.
        if locked.expires_at is not None and locked.expires_at > clock.now():
            tell_payment(session, locked, "payment.link_ready", url=opened.url)


def _asked(session: Session, payment: Payment, public_url: str) -> Asked | None:
    """What the provider is asked; None when there is nothing to ask any more."""
    if payment.url is not None or payment.status not in ("pending", "unknown") or payment.expires_at is None:
        return None
    order = orders.by_id(session, payment.order_id).order if payment.order_id else None
    return Asked(
        key=payment.key,
        number=payment.number,
        order_number=order.number if order else None,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        description=f"{shop(session).name} · {order.number if order else payment.number}",
        expires_at=payment.expires_at,
        return_url=public_url,
    )


def _end(database: Database, payment: Payment, status: str) -> None:
    with database.write() as session:
        locked = _lock(session, payment)
        if locked.status in ("pending", "unknown") and locked.url is None:
            locked.status = status
            session.flush()
            tell_payment(session, locked, f"payment.{status}")


def _lock(session: Session, payment: Payment) -> Payment:
    if payment.order_id is not None:
        orders.by_id(session, payment.order_id, lock=True)
    return payments.locked(session, payment.id)


def tell_payment(session: Session, payment: Payment, kind: str, **more: str) -> None:
    """Records: the event `kind` of the payment's order; of one that expired, whether its order ends with it."""
    if payment.order_id is None:
        return
    order = orders.by_id(session, payment.order_id).order
    amount = {"amount_minor": payment.amount_minor, "currency": payment.currency}
    told = orders.fact(order) | {"payment": payment.number, "amount": amount} | more
    if kind == "payment.expired":
        pay_by = approval.pay_by(session, [order.id]).get(order.id)
        told["ends_order"] = pay_by is not None and pay_by <= clock.now()
    events.record(session, kind, order.number, told)
