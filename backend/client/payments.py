"""Paying, and what finance does with payments."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.payments import Balance, NewPayment, OrderPayments, Payment, PaymentLink


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
