"""Orders as the shop's people see them, and their say in them."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.approval import ApproveOrder, RejectOrder
from backend.schemas.fulfillment import ResolveShortage
from backend.schemas.mail import Mail, MailPage
from backend.schemas.orders import CancelOrder, Order, OrderPage, StaffOrder
from backend.schemas.staff import SignIn, StaffSession


class DeskCalls(Wire):
    async def sign_in(self, email: str, password: str) -> StaffSession:
        return await self._send(StaffSession, "POST", "staff/sessions", SignIn(email=email, password=password))

    async def staff_orders(self, status: str | None = None, cursor: str | None = None) -> OrderPage:
        return await self._get(OrderPage, "staff/orders", status=status, cursor=cursor)

    async def staff_order(self, number: str) -> StaffOrder:
        return await self._get(StaffOrder, f"staff/orders/{segment(number)}")

    async def approve_order(self, number: str, decision: ApproveOrder, *, key: str) -> Order:
        return await self._send(Order, "POST", f"staff/orders/{segment(number)}/approve", decision, key=key)

    async def reject_order(self, number: str, decision: RejectOrder, *, key: str) -> Order:
        return await self._send(Order, "POST", f"staff/orders/{segment(number)}/reject", decision, key=key)

    async def staff_resolve_shortage(
        self, number: str, shortage: str, resolution: str, substitute_sku: str | None = None, *, key: str
    ) -> Order:
        body = ResolveShortage.model_validate({"resolution": resolution, "substitute_sku": substitute_sku})
        path = f"staff/orders/{segment(number)}/shortages/{segment(shortage)}"
        return await self._send(Order, "POST", path, body, key=key)

    async def staff_cancel_order(self, number: str, reason: str | None = None, *, key: str) -> Order:
        path = f"staff/orders/{segment(number)}/cancel"
        return await self._send(Order, "POST", path, CancelOrder(reason=reason), key=key)

    async def staff_mails(self, status: str | None = None, cursor: str | None = None) -> MailPage:
        return await self._get(MailPage, "staff/mail", status=status, cursor=cursor)

    async def staff_mail(self, mail_id: str) -> Mail:
        return await self._get(Mail, f"staff/mail/{segment(mail_id)}")
