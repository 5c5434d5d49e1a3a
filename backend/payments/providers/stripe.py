"""Stripe, by its own SDK: a Checkout Session is the page where the customer pays.

Source: https://docs.stripe.com/api/checkout/sessions, https://docs.stripe.com/webhooks,
https://docs.stripe.com/currencies, https://docs.stripe.com/api/idempotent_requests
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import stripe
from stripe import StripeClient

from backend.payments.errors import PaymentSignatureRefused, UnreadablePaymentEvent
from backend.payments.providers.base import (
    Asked,
    Day,
    Listed,
    Opened,
    Outcome,
    Payout,
    Provider,
    ProviderEvent,
    Seen,
    SeenDispute,
    SeenRefund,
    provider,
)
from kernel import clock
from kernel.config import Settings

CODE = "stripe"
PATIENCE_S = 10.0
PAGE = 100
# How long before or after its making a webhook is taken; of the future the SDK thinks nothing.
TOLERANCE_S = 300
# Stripe counts these in other units than ISO 4217 does; a sum would be a hundred times what was meant.
_OTHER_UNITS = frozenset({"ISK", "MGA", "UGX"})
# Tried too often, or at the same time as another try: nothing was done yet, and the same key may do it later.
_ASK_AGAIN = frozenset({409, 429})
_SERVER_ERROR = 500
_KINDS = {
    "checkout.session.async_payment_succeeded": "captured",
    "checkout.session.async_payment_failed": "failed",
    "checkout.session.expired": "expired",
    "charge.refunded": "refund_succeeded",
    "refund.failed": "refund_failed",
    "charge.dispute.created": "dispute_opened",
}
_REFUNDS: dict[str, Literal["pending", "succeeded", "failed"]] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_NOTHING_TAKEN = frozenset({"warning_needs_response", "warning_under_review", "warning_closed", "prevented"})
_AMOUNTS = {"checkout.session": "amount_total", "charge": "amount_refunded"}
_SIGNED_AT = re.compile(r"t=([0-9]{1,15})(?:,|$)", re.ASCII)
_CHARGE = "payment_intent.latest_charge.balance_transaction"
Answer = TypeVar("Answer")
Item = TypeVar("Item", bound=stripe.StripeObject)


@provider(CODE)
def make(settings: Settings) -> Provider | None:
    key, secret = settings.stripe_api_key.get_secret_value(), settings.stripe_webhook_secret.get_secret_value()
    return Stripe(key, secret, settings.stripe_api_base) if key and secret else None


class Stripe:
    code = CODE

    def __init__(self, api_key: str, webhook_secret: str, api_base: str) -> None:
        # A key is of one account; what can be mixed up is that account's tests and its real money.
        self.merchant = "live" if "_live_" in api_key else "test"
        self._secret = webhook_secret
        # Trying again is ours to do, with the key of the payment, and outlives the process.
        self._client = StripeClient(
            api_key,
            base_addresses={"api": api_base},
            http_client=stripe.RequestsClient(timeout=PATIENCE_S),
            max_network_retries=0,
        )

    def open(self, asked: Asked) -> Opened:
        if asked.currency in _OTHER_UNITS:
            raise Outcome(f"{asked.currency} has other units there", is_known=True)
        named = {"payment": asked.number, "order": asked.order_number or ""}
        session = _call(
            lambda: self._client.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": asked.number,
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": asked.currency.lower(),
                                "unit_amount": asked.amount_minor,
                                "product_data": {"name": asked.description},
                            },
                        }
                    ],
                    # Another currency than was asked would have to go to review.
                    "adaptive_pricing": {"enabled": False},
                    "expires_at": int(asked.expires_at.timestamp()),
                    "success_url": asked.return_url,
                    "cancel_url": asked.return_url,
                    "metadata": named,
                    "payment_intent_data": {"description": asked.description, "metadata": named},
                },
                {"idempotency_key": asked.key},
            )
        )
        if session.url is None:
            raise Outcome("the session has no page (any more)", is_known=True)
        return Opened(session.id, session.url)

    def look(self, provider_ref: str) -> Seen:
        session = _call(lambda: self._client.v1.checkout.sessions.retrieve(provider_ref, {"expand": [_CHARGE]}))
        merchant, number = "live" if session.livemode else "test", session.client_reference_id
        intent = session.payment_intent
        if not isinstance(intent, stripe.PaymentIntent):
            return Seen(_status(session, 0), 0, 0, (session.currency or "").upper(), number, merchant)
        charge, fee = intent.latest_charge, 0
        refunds: tuple[SeenRefund, ...] = ()
        dispute = None
        if isinstance(charge, stripe.Charge):
            refunds, fee = self._refunds(intent.id), _fee(charge)
            if charge.disputed:
                dispute, dispute_fee = self._dispute(intent.id)
                fee += dispute_fee
        return Seen(
            status=_status(session, intent.amount_received),
            captured_minor=intent.amount_received,
            fee_minor=fee,
            currency=intent.currency.upper(),
            number=number,
            merchant=merchant,
            charge_ref=intent.id,
            refunds=refunds,
            dispute=dispute,
        )

    def _refunds(self, intent: str) -> tuple[SeenRefund, ...]:
        """Oldest first; those that failed are here only, not in the charge's sum."""
        listed = _call(
            lambda: list(self._client.v1.refunds.list({"payment_intent": intent, "limit": 100}).auto_paging_iter())
        )
        return tuple(
            SeenRefund(
                refund_ref=refund.id,
                amount_minor=refund.amount,
                status=_REFUNDS.get(refund.status or "", "pending"),
                number=_number(refund),
            )
            for refund in reversed(listed)
        )

    def _dispute(self, intent: str) -> tuple[SeenDispute | None, int]:
        """The dispute that took money, and what Stripe keeps for it. An inquiry takes none."""
        listed = _call(lambda: self._client.v1.disputes.list({"payment_intent": intent})).data
        taken = [dispute for dispute in listed if dispute.status not in _NOTHING_TAKEN]
        if not taken:
            return None, 0
        newest = taken[0]
        fee = sum(each.fee for each in newest.balance_transactions if each.currency == newest.currency)
        decided: Literal["open", "won", "lost"] = "open"
        if newest.status == "won":
            decided = "won"
        elif newest.status == "lost":
            decided = "lost"
        return SeenDispute(newest.amount, decided), fee

    def cancel(self, provider_ref: str) -> None:
        try:
            _call(lambda: self._client.v1.checkout.sessions.expire(provider_ref))
        except Outcome as outcome:
            # It is no longer open: somebody paid, or it expired. `look` tells.
            if not outcome.is_known:
                raise

    def refund(self, provider_ref: str, key: str, number: str, amount_minor: int) -> str:
        session = _call(lambda: self._client.v1.checkout.sessions.retrieve(provider_ref))
        intent = session.payment_intent
        if not isinstance(intent, str):
            raise Outcome("nothing was paid there", is_known=True)
        made = _call(
            lambda: self._client.v1.refunds.create(
                {"payment_intent": intent, "amount": amount_minor, "metadata": {"refund": number}},
                {"idempotency_key": key},
            )
        )
        return made.id

    def day(self, since: datetime, until: datetime) -> Day:
        """Its charges, the charges that refunds of that time are of, and its payouts that did not fail."""
        first, end, v1 = int(since.timestamp()), int(until.timestamp()), self._client.v1
        charges = _all(
            lambda: v1.charges.list(
                {"created": {"gte": first, "lt": end}, "limit": PAGE, "expand": ["data.balance_transaction"]}
            )
        )
        refunds = _all(
            lambda: v1.refunds.list(
                {"created": {"gte": first, "lt": end}, "limit": PAGE, "expand": ["data.charge.balance_transaction"]}
            )
        )
        payouts = _all(lambda: v1.payouts.list({"created": {"gte": first, "lt": end}, "limit": PAGE}))
        refunded = [refund.charge for refund in refunds if isinstance(refund.charge, stripe.Charge)]
        # What was refunded on the day it was paid is listed once.
        paid = {charge.id: charge for charge in (*charges, *refunded) if charge.amount_captured > 0}
        return Day(
            [_listed(charge) for charge in paid.values()],
            [
                Payout(payout.id, payout.amount, payout.currency.upper())
                for payout in payouts
                if payout.status not in ("failed", "canceled")
            ],
        )

    def read(self, headers: Mapping[str, str], body: bytes) -> list[ProviderEvent]:
        signed = headers.get("stripe-signature", "")
        signed_at = _SIGNED_AT.search(signed)
        try:
            written = body.decode()
            stripe.WebhookSignature.verify_header(written, signed, self._secret, TOLERANCE_S)
        except (stripe.SignatureVerificationError, UnicodeDecodeError, TypeError):
            raise PaymentSignatureRefused() from None
        if signed_at is None or int(signed_at[1]) > clock.now().timestamp() + TOLERANCE_S:
            raise PaymentSignatureRefused()
        try:
            return _events(json.loads(written))
        except (ValueError, LookupError, TypeError):
            raise UnreadablePaymentEvent() from None


def _number(refund: stripe.Refund) -> str | None:
    """Ours, if the refund was asked for by us."""
    told = refund.metadata
    return told["refund"] if told is not None and "refund" in told else None


def _call(ask: Callable[[], Answer]) -> Answer:
    """Raises: Outcome."""
    try:
        return ask()
    except stripe.StripeError as error:
        status = error.http_status
        is_known = status is not None and status < _SERVER_ERROR and status not in _ASK_AGAIN
        raise Outcome(f"{type(error).__name__} {error.code or status or ''}".strip(), is_known=is_known) from None


def _all(ask: Callable[[], stripe.ListObject[Item]]) -> list[Item]:
    """Every page of a list. Raises: Outcome."""
    return _call(lambda: list(ask().auto_paging_iter()))


def _listed(charge: stripe.Charge) -> Listed:
    return Listed(
        reference=charge.id,
        # A charge carries what its payment was told when it was opened.
        number=getattr(charge.metadata, "payment", None),
        captured_minor=charge.amount_captured,
        refunded_minor=charge.amount_refunded,
        fee_minor=None if charge.disputed else _fee(charge),
        currency=charge.currency.upper(),
    )


def _status(session: stripe.checkout.Session, captured_minor: int) -> str:
    if captured_minor > 0:
        return "captured"
    if session.status == "expired":
        return "expired"
    intent = session.payment_intent
    # A bank debit or voucher that came to nothing: the page is done with, and the money did not come.
    if session.status == "complete" and isinstance(intent, stripe.PaymentIntent):
        return "failed" if intent.status in ("requires_payment_method", "canceled") else "open"
    return "open"


def _fee(charge: stripe.Charge) -> int:
    """What Stripe kept; 0 while that is not known, or if the account is kept in another currency."""
    balance = charge.balance_transaction
    if not isinstance(balance, stripe.BalanceTransaction) or balance.currency != charge.currency:
        return 0
    return balance.fee


def _events(told: dict[str, Any]) -> list[ProviderEvent]:
    """What it says of a payment, if anything. Of the customer nothing is kept."""
    what, about = told["type"], told["data"]["object"]
    kind = _kind(what, about)
    if kind is None:
        return []
    is_session = what.startswith("checkout.session.")
    reference = about["id"] if is_session else about["payment_intent"]
    amount, currency = about[_AMOUNTS.get(about["object"], "amount")], about["currency"]
    if not all(isinstance(each, str) for each in (told["id"], reference, currency)) or type(amount) is not int:
        raise ValueError("no event of a payment")
    kept = {"type": what, "livemode": told["livemode"]}
    kept |= {name: about.get(name) for name in ("id", "object", "status", "payment_status", "payment_intent")}
    happened_at = datetime.fromtimestamp(told["created"], UTC)
    return [ProviderEvent(told["id"][:120], reference[:120], kind, amount, currency.upper()[:3], happened_at, kept)]


def _kind(what: str, about: dict[str, Any]) -> str | None:
    if what == "checkout.session.completed":
        return "captured" if about["payment_status"] == "paid" else "unclear"
    if what == "refund.updated":
        return {"succeeded": "refund_succeeded", "failed": "refund_failed"}.get(about["status"], "unclear")
    if what == "charge.dispute.closed":
        return {"won": "dispute_won", "lost": "dispute_lost"}.get(about["status"])
    return _KINDS.get(what)
