"""Paying, and what finance does with payments."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.payments import (
    Balance,
    CloseAlert,
    MyRefunds,
    NewPayment,
    NewRefund,
    OrderPayments,
    PaidOut,
    Payment,
    PaymentAlert,
    PaymentAlertPage,
    PaymentLink,
    PaymentPage,
    Refund,
    RefundPage,
    RejectRefund,
)


class PaymentCalls(Wire):
    async def payment_link(self, number: str, *, key: str) -> PaymentLink:
        """The link that waits, or a new one, whose address is told when it is made."""
        return await self._send(PaymentLink, "POST", f"orders/{segment(number)}/payment-link", None, key=key)

    async def my_balance(self) -> Balance:
        return await self._get(Balance, "customers/me/balance")

    async def record_payment(self, number: str, payment: NewPayment, *, key: str) -> Payment:
        return await self._send(Payment, "POST", f"staff/orders/{segment(number)}/payments", payment, key=key)

    async def order_payments(self, number: str) -> OrderPayments:
        return await self._get(OrderPayments, f"staff/orders/{segment(number)}/payments")

    async def my_refunds(self) -> MyRefunds:
        return await self._get(MyRefunds, "refunds")

    async def linked_receipt(self, token: str) -> bytes:
        """The receipt of a refund that a link opens. A PDF."""
        return (await self._ask("GET", f"receipts/{segment(token)}")).content

    async def refund(self, payment: str, refund: NewRefund, *, key: str) -> Refund:
        return await self._send(Refund, "POST", f"staff/payments/{segment(payment)}/refunds", refund, key=key)

    async def refunds(self, status: str | None = None, cursor: str | None = None) -> RefundPage:
        return await self._get(RefundPage, "staff/refunds", status=status, cursor=cursor)

    async def refund_receipt(self, number: str) -> bytes:
        """The receipt of money that went back. A PDF."""
        return (await self._ask("GET", f"staff/refunds/{segment(number)}/receipt")).content

    async def approve_refund(self, number: str, *, key: str) -> Refund:
        return await self._send(Refund, "POST", f"staff/refunds/{segment(number)}/approval", None, key=key)

    async def reject_refund(self, number: str, rejected: RejectRefund, *, key: str) -> Refund:
        return await self._send(Refund, "POST", f"staff/refunds/{segment(number)}/rejection", rejected, key=key)

    async def pay_out_refund(self, number: str, paid: PaidOut, *, key: str) -> Refund:
        return await self._send(Refund, "POST", f"staff/refunds/{segment(number)}/payout", paid, key=key)

    async def payment_alerts(self, state: str = "open") -> PaymentAlertPage:
        return await self._get(PaymentAlertPage, "staff/payment-alerts", state=state)

    async def payments(self, status: str | None = None, cursor: str | None = None) -> PaymentPage:
        """All payments, the newest first; those that are `disputed`, say."""
        return await self._get(PaymentPage, "staff/payments", status=status, cursor=cursor)

    async def close_alert(self, alert_id: str, note: str, *, key: str) -> PaymentAlert:
        path = f"staff/payment-alerts/{segment(alert_id)}/close"
        return await self._send(PaymentAlert, "POST", path, CloseAlert(note=note), key=key)
